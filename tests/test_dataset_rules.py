"""Rules that compare the rows of a dataset: they hold in any order, over files, and for documents in any spelling."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from command import Folder, codes
from guidex_schema.datasets import Row, read_jsonl
from guidex_schema.diagnostic import Diagnostic, Severity
from guidex_schema.filtering import Filter, row_rules
from guidex_schema.rule import Conclusion, by_name
from guidex_schema.validation import Validator

COMPARING = (
    "duplicate-document",
    "contradicting-annotations",
    "split-leakage",
    "inconsistent-type",
    "near-duplicate-type",
)
GUIDELINES = (
    "class Person:\n    mention: str\n",
    "class Person:\n    mention: str\n    age: int = 0\n",
    "class Persons:\n    mention: str\n",
    "class City:\n    mention: str\n",
)
LABELS = ("[]", "[Person(mention='Ada')]", "[Person('Ada')]", "[Persons('Ada')]", "[Person('Ada'")
DOCUMENTS = ("Ada met Bob.", "ADA  met Bob.", "Ada met Bob!", "Nobody was there.", "…", None)

CONTENTS = st.fixed_dictionaries(
    {
        "guidelines": st.sampled_from(GUIDELINES),
        "labels": st.sampled_from(LABELS),
        "document": st.sampled_from(DOCUMENTS),
        "split": st.sampled_from(("train", "test")),
    }
)


@pytest.fixture(scope="module")
def validator() -> Iterator[Validator]:
    with Validator(rules=[by_name()[name] for name in COMPARING]) as shared:
        yield shared


@pytest.fixture(scope="module")
def plain_validator() -> Iterator[Validator]:
    with Validator(rules=row_rules(())) as shared:
        yield shared


def found_in(validator: Validator, contents: Sequence[object]) -> list[Diagnostic]:
    data = "".join(json.dumps(content) + "\n" for content in contents).encode()
    return [one for report in validator.check_rows(read_jsonl(data, "rows.jsonl")) for one in report.diagnostics]


@given(st.data())
def test_the_order_of_rows_changes_nothing_but_where_it_is_told(validator: Validator, data: st.DataObject) -> None:
    contents = data.draw(st.lists(CONTENTS, max_size=8))
    shuffled = data.draw(st.permutations(contents))
    told = Counter((one.code, one.key) for one in found_in(validator, contents))
    assert Counter((one.code, one.key) for one in found_in(validator, shuffled)) == told
    assert all(key is not None for _, key in told)


@given(st.lists(CONTENTS, max_size=8))
def test_what_the_comparing_rules_leave_is_one_row_of_each_document(
    validator: Validator, contents: list[dict[str, str]]
) -> None:
    """Dropping every row that repeats a document or leaks it leaves each document once."""
    dropped = {
        one.record.index
        for one in found_in(validator, contents)
        if one.code in ("GX501", "GX503") and one.record is not None
    }
    left = [
        " ".join(str(one["document"] or "").lower().split())
        for index, one in enumerate(contents)
        if index not in dropped
    ]
    assert all(count == 1 for document, count in Counter(left).items() if document)
    documents = {" ".join(str(one["document"] or "").lower().split()) for one in contents}
    assert set(left) | {""} == documents | {""}


@given(st.lists(CONTENTS, max_size=8))
def test_filtering_by_these_rules_leaves_nothing_to_filter(
    plain_validator: Validator, contents: list[dict[str, str]]
) -> None:
    rules = [by_name()[name] for name in (*COMPARING[:3], "missing-document")]
    severities = {rule.name: Severity.ERROR for rule in rules}

    def kept(given: list[dict[str, str]]) -> list[dict[str, str]]:
        data = "".join(json.dumps(content) + "\n" for content in given).encode()
        outcomes = Filter(plain_validator, rules, severities=severities).outcomes(read_jsonl(data, "rows.jsonl"))
        return [json.loads(one.kept.raw) for one in outcomes if one.kept is not None and one.kept.raw]

    once = kept(contents)
    if once:
        assert kept(once) == once
    known = [one["document"] for one in once]
    assert None not in known
    assert len(set(known)) == len(known)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("[Person('Ada'), Person('Ada')]", "[Person('Ada')]"),
        ("[Person('Ada'), Person('Bob')]", "[Person(mention='Bob'), Person(mention='Ada')]"),
        ("[Person('Ada')]", "[Person('ADA')]"),
        ("[Person('Ada', tags=[])]", "[Person('Ada')]"),
        ("[Person('Ada', role=None)]", "[Person('Ada')]"),
        ("[Person(Name('Ada'))]", "[Person('Ada')]"),
    ],
)
def test_annotations_that_say_the_same_do_not_contradict(validator: Validator, one: str, other: str) -> None:
    guidelines = (
        "from dataclasses import dataclass, field\n\nclass Name(str):\n    pass\n\n@dataclass\nclass Person:\n"
        "    mention: Name\n    tags: list[str] = field(default_factory=list)\n    role: str = None\n"
    )
    rows = [{"guidelines": guidelines, "labels": labels, "document": "Ada met Bob."} for labels in (one, other)]
    assert [found.code for found in found_in(validator, rows)] == ["GX501"]
    rows[1]["labels"] = "[Person('Bob')]"
    assert sorted(found.code for found in found_in(validator, rows)) == ["GX501", "GX502"]


def test_every_name_is_told_however_many_there_are(validator: Validator) -> None:
    guidelines = "".join(
        f"class Kind{number}:\n    mention: str\n\nclass Kind{number}s:\n    mention: str\n\n" for number in range(60)
    )
    rows = [{"guidelines": guidelines.replace("Kind", f"{chr(97 + part)}Kind"), "labels": "[]"} for part in range(20)]
    names = [found.code for found in found_in(validator, rows)]
    assert names.count("GX510") == 1_200


def test_label_files_that_share_a_text_are_no_duplicates(folder: Folder) -> None:
    folder.write("guidelines.py", GUIDELINES[0])
    folder.write("text.txt", "Ada met Bob.")
    folder.write("one.py", "[Person('Ada')]")
    folder.write("two.py", "[Person('Bob')]")
    named = ("--guidelines", "guidelines.py", "--text", "text.txt", "--select", "GX5")
    done = folder.run("check", "one.py", "two.py", *named, "--output-format", "concise")
    assert "GX501" not in done.stdout
    assert "GX502 contradicting-annotations: the same document is annotated differently in one.py" in done.stdout


def test_splits_are_files_unless_a_column_names_them(folder: Folder) -> None:
    row = {"guidelines": GUIDELINES[0], "labels": "[]", "document": "Ada met Bob."}
    folder.write("train-00000-of-00002.jsonl", row)
    folder.write("train-00001-of-00002.jsonl", row)
    folder.write("test.jsonl", {**row, "id": "t"})
    only = ("--select", "GX501,GX503", "--output-format", "json-lines")
    assert codes(folder.run("check", "train-00000-of-00002.jsonl", "train-00001-of-00002.jsonl", *only).stdout) == [
        "GX501"
    ]
    assert codes(folder.run("check", "train-00000-of-00002.jsonl", "test.jsonl", *only).stdout) == ["GX503"]
    done = folder.run("check", "train-00000-of-00002.jsonl", "test.jsonl", "--select", "GX503")
    assert "the document of this row of `test` stands in `train-00000-of-00002`" not in done.stdout
    assert "stands in `train`, too: row 0 of train-00000-of-00002.jsonl" in done.stdout
    folder.write("guidex.toml", '[columns]\nsplit = "part"\n')
    folder.write("one.jsonl", {**row, "part": "train"}, {**row, "part": "test"})
    assert codes(folder.run("check", "one.jsonl", *only).stdout) == ["GX503"]


def test_names_that_are_no_unicode_are_remembered(validator: Validator) -> None:
    data = json.dumps(
        {"guidelines": GUIDELINES[0], "labels": "[]", "document": "Ada met Bob.", "id": "\ud800"}
    ).encode()

    def rows() -> Iterator[Row]:
        for row in read_jsonl(data, "rows-\udcff.jsonl"):
            yield replace(row, split="\udcff")

    both = [*rows(), *rows()]
    diagnostics = [one for report in validator.check_rows(both) for one in report.diagnostics]
    assert [one.code for one in diagnostics] == ["GX501"]


def test_a_survey_that_breaks_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = by_name()["near-duplicate-type"]
    assert rule.survey is not None
    survey = rule.survey()

    def conclude() -> Iterator[Conclusion]:
        yield from survey.conclude()
        raise ValueError("no more")

    broken = replace(rule, survey=lambda: survey._replace(conclude=conclude))
    with Validator(rules=[broken]) as validator:
        last = found_in(validator, [{"guidelines": "class A:\n    b: str\n", "labels": "[]"}])[-1]
    assert last.code == "GX406"
    assert "the rule GX510 near-duplicate-type broke" in last.message
