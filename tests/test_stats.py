"""`guidex stats`: what is counted, and what is proposed."""

import json
import random
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from command import Done, Folder
from guidex_schema.grounding import Grounding, GroundingStatus
from guidex_schema.instance import Mention, TextValue
from guidex_schema.statistics import AttributeStatistics, share
from guidex_schema.subject import GroundedValue
from guidex_schema.text import Span

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
GUIDELINES = '''from dataclasses import dataclass

@dataclass
class Place:
    """A place."""
    name: str  # its name
    note: str = ""  # a remark

@dataclass
class Finding:
    """What was found."""
    note: str  # a remark
    count: int = 0  # how many
    is_new: bool = False  # whether it is new
'''
ROW = {"guidelines": GUIDELINES, "document": "Six wells stand in Rome, and Rome is old."}


def value(
    entity_type: str, attribute: str | None, status: GroundingStatus, *, checked: bool = True, abstractive: bool = False
) -> GroundedValue:
    mention = Mention(path="result[0]", value=TextValue(value="x", span=Span(start=0, end=3)))
    return GroundedValue(
        mention, entity_type, attribute, Grounding(status=status), is_checked=checked, is_abstractive=abstractive
    )


def of(entity_type: str, attribute: str, found: int, absent: int, *, abstractive: bool = False) -> list[GroundedValue]:
    return [
        *[value(entity_type, attribute, "exact", abstractive=abstractive)] * found,
        *[value(entity_type, attribute, "absent", abstractive=abstractive)] * absent,
    ]


@pytest.mark.parametrize(
    ("values", "proposal"),
    [
        ([], ()),
        (of("A", "x", 3, 3), ("*.x",)),
        (of("A", "x", 4, 3), ()),
        (of("A", "x", 0, 4), ()),
        (of("A", "x", 0, 5) + of("B", "y", 1, 4), ("*.x", "*.y")),
        # Both types lack values: the name is at fault. The one type lacks them: that type is.
        (of("A", "x", 1, 5) + of("B", "x", 2, 1), ("*.x",)),
        (of("A", "x", 1, 5) + of("B", "x", 2, 0), ("A.x",)),
        (of("A", "x", 1, 5) + of("B", "x", 99, 0), ("A.x",)),
        (of("A", "x", 0, 4) + of("B", "x", 1, 0), ()),
        # A stray miss of another type does not hide the one.
        (of("A", "x", 1, 5) + of("B", "x", 98, 1), ("A.x",)),
        # What the settings let off is proposed no more.
        (of("A", "x", 0, 9, abstractive=True), ()),
        (of("A", "x", 0, 9, abstractive=True) + of("B", "x", 0, 9), ("*.x",)),
    ],
)
def test_proposals(values: list[GroundedValue], proposal: tuple[str, ...]) -> None:
    assert AttributeStatistics(values).proposal(0.5, 5) == proposal


def test_threshold_and_least() -> None:
    statistics = AttributeStatistics(of("A", "x", 2, 1) + of("A", "y", 9, 0))
    assert statistics.proposal(0.3, 3) == ("*.x",)
    assert statistics.proposal(0.34, 3) == ()
    assert statistics.proposal(0.3, 4) == ()
    # An attribute whose values all stand in the text is never proposed.
    assert statistics.proposal(0, 1) == ("*.x",)


statuses: list[GroundingStatus] = ["exact", "normalised", "variant", "absent", "not-applicable"]
values_strategy = st.lists(
    st.builds(
        value,
        st.sampled_from("AB"),
        st.sampled_from(["x", "y", None]),
        st.sampled_from(statuses),
        checked=st.booleans(),
        abstractive=st.booleans(),
    )
)


@given(values_strategy, st.randoms(use_true_random=False))
def test_every_value_that_has_to_stand_in_the_text_is_counted_once(
    values: list[GroundedValue], chance: random.Random
) -> None:
    statistics = AttributeStatistics(values)
    counted = [one for one in values if one.is_checked and one.attribute and one.grounding.status != "not-applicable"]
    assert sum(one.values for one in statistics.attributes) == len(counted)
    assert {one.attribute for one in statistics.attributes} == {one.attribute for one in counted}
    for one in statistics.attributes:
        own = [value for value in counted if value.attribute == one.attribute]
        for status in statuses[:-1]:
            assert getattr(one, status) == sum(value.grounding.status == status for value in own)
        assert one.abstractive == sum(value.is_abstractive for value in own)
        assert one.share_absent == one.absent / len(own)
    shares = [one.share_absent for one in statistics.attributes]
    assert shares == sorted(shares, reverse=True)
    shuffled = AttributeStatistics(chance.sample(values, len(values)))
    assert shuffled.attributes == statistics.attributes
    assert shuffled.proposal(0.5, 1) == statistics.proposal(0.5, 1)


@given(st.integers(0, 300), st.integers(1, 300))
@settings(max_examples=50)
def test_a_share_says_none_and_all_only_where_it_is_so(part: int, whole: int) -> None:
    written = share(min(part, whole) / whole)
    assert (written == "0 %") == (part == 0)
    assert (written == "100 %") == (part >= whole)


def test_shares_are_rounded_in_between() -> None:
    assert [share(part / 300) for part in (1, 2, 100, 298, 299)] == ["< 1 %", "1 %", "33 %", "99 %", "> 99 %"]


def labels() -> Iterator[str]:
    yield "[Place('Rome', 'an old town'), Finding('six wells', 6, True)]"
    for number in range(5):
        yield f"[Finding('wells that people of Rome dug {number}'), Place('Rome', note='is old')]"


def test_the_page(folder: Folder) -> None:
    folder.write("rows.jsonl", *[ROW | {"labels": one} for one in labels()])
    done = folder.run("stats", "rows.jsonl", "--select", "GX1,GX3")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == PAGE
    assert folder.run("stats", "rows.jsonl", "--select", "GX1,GX3", "--output-file", "page.txt") == Done(0, "", "")
    assert (folder.path / "page.txt").read_text(encoding="utf-8") == PAGE


PAGE = """\
rows          0 kept, 6 rejected
documents     6, 1 different; 54 words
entity types  2 declared, 2 used
annotations   12, 12 at the top level
value types   20 values: 90 % text, 5 % boolean, 5 % integer
grounding     20 values: 55 % exact, 5 % normalised, 5 % variant, 30 % absent, 5 %
              not-applicable

per document                  mean  least  25 %  median  75 %  most
words                            9      9     9       9     9     9
entity types declared            2      2     2       2     2     2
entity types used                2      2     2       2     2     2
annotations                      2      2     2       2     2     2
annotations at the top level     2      2     2       2     2     2

entity type  annotations  used in rows  declared in  grounded
Finding                6             6            6      29 %
Place                  6             6            6      92 %

seldom filled   instances  filled  share filled  grounded
Finding.count           6       1          17 %     100 %
Finding.is_new          6       1          17 %         -
3 of 5 attributes of the entity types used are always filled.

finding                severity  findings  rows
GX102 thin-definition   warning        12     6
GX301 value-absent        error         6     6
GX302 near-match        warning         1     1

attribute  values  exact  normalised  variant  absent  share absent
note           12      5           1        0       6          50 %
name            6      6           0        0       0           0 %
1 more attribute with fewer than 5 values: 0 of 1 value absent

Most values of some attributes do not stand in the text. Where that is what an attribute is for, as a summary or a
description is, say so in the settings (in guidex.toml without the first line):

[tool.guidex]
abstractive = ["*.note"]

Absent may also mean invented: look at the values before you decide.
"""


def test_attributes_with_few_values_share_a_line(folder: Folder) -> None:
    folder.write("rows.jsonl", ROW | {"labels": "[Place('Rome', 'a town'), Finding('six wells', 7), Place('Ostia')]"})
    few = "3 attributes with fewer than 5 values: 3 of 5 values absent\n"
    assert folder.run("stats", "rows.jsonl").stdout.endswith(f"\n\n{few}")
    *_, last = folder.run("stats", "rows.jsonl", "--least", "2", "--threshold", "1").stdout.splitlines()
    assert last == "1 more attribute with fewer than 2 values: 1 of 1 value absent"
    assert "more" not in folder.run("stats", "rows.jsonl", "--least", "1").stdout
    whole = json.loads(folder.run("stats", "rows.jsonl", "--output-format", "json").stdout)
    assert len(whole["attributes"]) == 3


def test_what_is_proposed_can_be_pasted_and_is_then_settled(folder: Folder) -> None:
    rows = [ROW | {"labels": one} for one in labels()]
    folder.write("rows.jsonl", *rows[1:])
    (folder.path / "guidex.toml").write_text('abstractive = ["Old.thing"]\n', encoding="utf-8")
    page = folder.run("stats", "rows.jsonl").stdout
    pasted = page[page.index("[tool.guidex]") : page.index("Absent may")]
    assert tomllib.loads(pasted) == {"tool": {"guidex": {"abstractive": ["Old.thing", "Finding.note"]}}}
    (folder.path / "guidex.toml").unlink()
    (folder.path / "pyproject.toml").write_text(pasted, encoding="utf-8")
    settled = folder.run("stats", "rows.jsonl").stdout
    assert "abstractive =" not in settled
    assert "note (partly abstractive)" in settled
    assert folder.run("check", "rows.jsonl", "--select", "GX301", "-q").returncode == 0


def test_json_has_the_same_facts(folder: Folder) -> None:
    folder.write("rows.jsonl", *[ROW | {"labels": one} for one in labels()], "{\n")
    done = folder.run("stats", "rows.jsonl", "--output-format", "json")
    assert done.returncode == 0
    assert done.stderr.startswith("rows.jsonl:7: error GX002 ")
    whole = json.loads(done.stdout)
    assert set(whole) == {
        "attributes", "proposal", "rows", "documents", "per_document", "types", "entity_types", "fill", "value_types",
        "grounding", "codes",
    }  # fmt: skip
    assert whole["attributes"][0] == {
        "attribute": "note", "values": 12, "exact": 5, "normalised": 1, "variant": 0, "absent": 6,
        "share_absent": 0.5, "abstractive": 0,
    }  # fmt: skip
    assert whole["proposal"] == ["*.note"]
    assert whole["rows"] == {"whole": 6, "part": 0, "skipped": 1, "kept": 0, "rejected": 6, "unread": 1}
    page = folder.run("stats", "rows.jsonl").stdout
    assert "Not all was read: 1 row or file skipped.\n" in page


def test_exit_codes(folder: Folder) -> None:
    folder.write("rows.jsonl", ROW | {"labels": "[]"}, "{\n")
    folder.write("broken.jsonl", "{\n")
    assert folder.run("stats", "rows.jsonl").stdout.count("\nNo text or number fills an attribute.\n") == 1
    assert folder.run("stats", "rows.jsonl", "--max-rejected", "10%").returncode == 1
    for arguments in (["broken.jsonl"], ["none.jsonl"], [], ["rows.jsonl", "--threshold", "2"], ["-", "-"]):
        assert folder.run("stats", *arguments).returncode == 2
    (folder.path / "guidex.toml").write_text('abstractive = ["description"]\n', encoding="utf-8")
    assert "names no attribute" in folder.run("stats", "rows.jsonl").stderr


@pytest.mark.parametrize("output_format", ["text", "json"])
def test_names_of_any_script_and_length_are_shown_in_columns(folder: Folder, output_format: str) -> None:
    names = ["地点", "description_" * 12, "e\u0301tat"]
    declared = "".join(f"    {name}: str\n" for name in names)
    guidelines = f"from dataclasses import dataclass\n\n@dataclass\nclass A:\n{declared}"
    folder.write("rows.jsonl", ROW | {"guidelines": guidelines, "labels": "[A('Rome', 'Rome', 'Rome')]"})
    done = folder.run("stats", "rows.jsonl", "--least", "1", "--output-format", output_format)
    assert done.returncode == 0
    assert "地点" in done.stdout
    assert output_format == "json" or all(len(line) < 120 for line in done.stdout.splitlines())


@pytest.mark.parametrize("name", ["datasets", "attacks"])
@pytest.mark.parametrize("output_format", ["text", "json"])
def test_all_fixtures_are_counted(folder: Folder, name: str, output_format: str) -> None:
    done = folder.run("stats", str(FIXTURES / name), "--output-format", output_format)
    # Among the datasets there are files that cannot be read.
    assert done.returncode == (1 if name == "datasets" else 0)
    assert not set(done.stdout) & set("\x1b\u202e")
    page = done.stdout.partition("Most values of some")[0]
    assert page
    assert output_format == "json" or max(map(cell_len, page.splitlines())) <= 100


def test_top_cuts_every_table_and_says_so(folder: Folder) -> None:
    names = [f"Type{number:02}" for number in range(30)]
    declared = "".join(
        f"@dataclass\nclass {name}:\n    'A {name} in a text.'\n    {name.lower()}: str\n    note: str = ''\n"
        for name in names
    )
    guidelines = f"from dataclasses import dataclass\n\n{declared}"
    # The first type has one instance, the last but one has 29, and the last has none.
    calls = [f"{name}('Rome {number}')" for number, name in enumerate(names[:-1]) for _ in range(number + 1)]
    folder.write("rows.jsonl", ROW | {"guidelines": guidelines, "labels": f"[{', '.join(calls)}]"})
    page = folder.run("stats", "rows.jsonl", "--top", "3").stdout
    sections = page.split("\n\n")
    types = next(section for section in sections if section.startswith("entity type ")).splitlines()
    assert [line.split()[0] for line in types] == [
        "entity", "Type28", "Type27", "Type26", "…", "Type02", "Type01", "Type00", "1",
    ]  # fmt: skip
    assert types[4] == "… 23 more, down to the least frequent …"
    assert types[-1] == "1 entity type is declared and never used."
    seldom = next(section for section in sections if section.startswith("seldom filled")).splitlines()
    assert len(seldom) == 1 + 3 + 1
    codes = json.loads(folder.run("stats", "rows.jsonl", "--output-format", "json").stdout)["codes"]
    findings = sum(one["findings"] for one in codes[1:])
    assert "22 more attributes with 5 values or more: " in page
    page = folder.run("stats", "rows.jsonl", "--top", "1").stdout
    assert f"\n{len(codes) - 1} more code" in page
    assert f" with {findings:,} finding" in page
    assert len(json.loads(folder.run("stats", "rows.jsonl", "--output-format", "json").stdout)["entity_types"]) == 30
    assert "… " not in folder.run("stats", "rows.jsonl", "--top", "15").stdout


def test_rows_with_errors_count_for_max_rejected(folder: Folder) -> None:
    row = {"guidelines": "class Person:\n    mention: str\n", "document": "Ada wrote the first program."}
    folder.write("rows.jsonl", row | {"labels": "[Person('Ada')]"}, row | {"labels": "[Person('Bob')]"})
    assert folder.run("stats", "rows.jsonl", "--max-rejected", "50%").returncode == 0
    assert folder.run("stats", "rows.jsonl", "--max-rejected", "40%").returncode == 1
