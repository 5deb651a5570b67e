"""What is counted of a dataset equals what plain Python, pandas and the other commands count of it."""

import json
import random
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import recount
from command import Folder
from guidex_schema.datasets import read_jsonl
from guidex_schema.rule import GUIDELINES
from guidex_schema.statistics import DatasetStatistics, Distribution
from guidex_schema.subject import Subject
from guidex_schema.validation import Validator

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
VALID = sorted(FIXTURES.glob("datasets/*/valid/*.json*"))
REAL = Path(__file__).parent.parent.parent / "shared" / "data" / "guidex" / "rows.jsonl"
DOCUMENT = "Ada met Bob Lee, a baker, in Rome."
ROW = {"guidelines": GUIDELINES, "document": DOCUMENT}
STATUSES = ("exact", "normalised", "variant", "absent", "not_applicable")

real = pytest.mark.skipif(not REAL.exists(), reason="the real rows stand beside a checkout only, in shared/data")


@pytest.fixture(scope="module")
def validator() -> Iterator[Validator]:
    with Validator() as one:
        yield one


def counted(validator: Validator, *datasets: Iterable[Mapping[str, object]]) -> DatasetStatistics:
    found = DatasetStatistics()
    for rows in datasets:
        data = "".join(json.dumps(row) + "\n" for row in rows).encode()
        for _, _, report in validator.read_rows(read_jsonl(data, "rows.jsonl"), {"the statistics": found.add}):
            found.add_report(report)
    return found


def facts(folder: Folder, *arguments: str) -> dict[str, Any]:
    done = folder.run("stats", *arguments, "--output-format", "json")
    # Of some fixtures a whole file cannot be read, which is told and makes it 1.
    assert done.returncode in (0, 1), done.stderr
    return dict(json.loads(done.stdout))


def described(numbers: Iterable[int]) -> dict[str, float]:
    """Describe numbers as pandas does."""
    series = pd.Series(list(numbers))
    return {
        "rows": len(series),
        "total": int(series.sum()),
        "mean": float(series.mean()),
        "minimum": int(series.min()),
        "first_quartile": float(series.quantile(0.25)),
        "median": float(series.quantile(0.5)),
        "third_quartile": float(series.quantile(0.75)),
        "maximum": int(series.max()),
    }


@given(st.lists(st.integers(0, 10**6), min_size=2, max_size=60))
def test_a_distribution_is_what_the_standard_library_says(numbers: list[int]) -> None:
    found = Distribution.of(Counter(numbers))
    assert found is not None
    quartiles = [found.first_quartile, found.median, found.third_quartile]
    assert quartiles == statistics.quantiles(numbers, n=4, method="inclusive")
    assert found.median == statistics.median(numbers)
    assert (found.minimum, found.maximum) == (min(numbers), max(numbers))
    assert (found.rows, found.total) == (len(numbers), sum(numbers))
    assert found.mean == pytest.approx(statistics.fmean(numbers))


def test_a_distribution_of_one_number_and_of_none() -> None:
    one = Distribution.of({7: 1, 3: 0})
    assert one is not None
    assert {*one.model_dump().values()} == {1, 7}
    assert Distribution.of({}) is None


class TestRecount:
    """Rows that people and models wrote, read by `ast` and counted by pandas."""

    @pytest.fixture(params=[pytest.param(REAL, marks=real), *VALID], ids=lambda path: path.stem)
    def path(self, request: pytest.FixtureRequest) -> Path:
        return Path(request.param)

    @pytest.fixture
    def rows(self, path: Path) -> list[recount.Row]:
        found = [recount.Row.of(content) for content in recount.rows(path) if parses(content)]
        assert found
        return found

    @pytest.fixture
    def found(self, validator: Validator, path: Path) -> DatasetStatistics:
        return counted(validator, [content for content in recount.rows(path) if parses(content)])

    def test_documents_and_words(self, found: DatasetStatistics, rows: list[recount.Row]) -> None:
        assert (found.documents, found.unique_documents) == (len(rows), len({row.document for row in rows}))
        words = found.per_document["words"]
        if not any(is_spaceless(row.document) for row in rows):
            assert words is not None
            assert words.model_dump() == pytest.approx(described(row.words for row in rows))
            assert found.words == sum(row.words for row in rows)

    def test_entity_types(self, found: DatasetStatistics, rows: list[recount.Row]) -> None:
        assert found.declared == Counter(name for row in rows for name in row.classes)
        assert found.entity_types == Counter(name for row in rows for name, _ in row.calls())
        assert list(found.entity_types.values()) == sorted(found.entity_types.values(), reverse=True)
        names = {name for row in rows for name in row.classes}
        assert {one.entity_type for one in found.types} >= names
        for one in found.types:
            assert one.rows == sum(one.entity_type in row.classes for row in rows)
            assert one.used_in == sum(any(name == one.entity_type for name, _ in row.calls()) for row in rows)

    def test_types_and_annotations_per_document(self, found: DatasetStatistics, rows: list[recount.Row]) -> None:
        expected = {
            "types_declared": [len(row.classes) for row in rows],
            "types_used": [len({name for name, _ in row.calls()}) for row in rows],
            "annotations": [len(list(row.calls())) for row in rows],
            "top_level": [len(row.items()) for row in rows],
        }
        per_document = {str(measure): one for measure, one in found.per_document.items()}
        for measure, numbers in expected.items():
            one = per_document[measure]
            assert one is not None
            assert one.model_dump() == pytest.approx(described(numbers)), measure

    def test_fill_rates(self, found: DatasetStatistics, rows: list[recount.Row]) -> None:
        calls = [(name, row, call) for row in rows for name, call in row.calls() if name in row.classes]
        table = pd.DataFrame(
            [
                (name, attribute, recount.is_filled(filled[attribute]) if attribute in filled else False)
                for name, row, call in calls
                for filled in [row.arguments(name, call)]
                for attribute in row.classes[name]
            ],
            columns=["entity_type", "attribute", "filled"],
        )
        grouped = table.groupby(["entity_type", "attribute"])["filled"]
        instances, filled, shares = grouped.size().to_dict(), grouped.sum().to_dict(), grouped.mean().to_dict()
        declared = {(one.entity_type, one.attribute): one for one in found.fill if one.instances}
        assert {key: one.instances for key, one in declared.items()} == instances
        assert {key: one.filled for key, one in declared.items()} == filled
        assert {key: one.share_filled for key, one in declared.items()} == pytest.approx(shares)

    def test_value_types(self, found: DatasetStatistics, rows: list[recount.Row]) -> None:
        expected: Counter[str] = Counter()
        for row in rows:
            expected += row.kinds()
        assert found.value_types == expected


def parses(content: dict[str, Any]) -> bool:
    try:
        recount.Row.of(content)
    except SyntaxError:
        return False
    return True


def is_spaceless(text: str) -> bool:
    return any("\u0e00" <= one <= "\u0e7f" or "\u3040" <= one <= "\u9fff" for one in text)


def test_most_fixtures_are_recounted() -> None:
    contents = [content for path in VALID for content in recount.rows(path)]
    assert sum(map(parses, contents)) > 0.9 * len(contents) > 30


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("It's a well-known café, isn’t it?", 7),
        ("曹操率军南下。", 3),
        ("ยิงประตูชัย", 3),
        ("3.14 🎶 -- _", 2),
        ("की पहली लड़ाई", 3),
        ("", 0),
        ("한빛은행 새벽증권", 2),
    ],
)
def test_words(validator: Validator, document: str, words: int) -> None:
    found = counted(validator, [ROW | {"document": document, "labels": "[]"}])
    assert found.words == words


@pytest.mark.parametrize(
    "path",
    [FIXTURES / "datasets", FIXTURES / "attacks", FIXTURES / "example" / "dig.jsonl", pytest.param(REAL, marks=real)],
    ids=lambda path: path.stem,
)
def test_figures_equal_those_of_ground_and_check(folder: Folder, path: Path) -> None:
    whole = facts(folder, str(path))
    values = [json.loads(line) for line in folder.run("ground", str(path), "-q").stdout.splitlines()]
    table = pd.DataFrame(values)
    table["status"] = table["status"].str.replace("-", "_")

    def statuses(of: pd.DataFrame) -> dict[str, int]:
        return {status: int((of["status"] == status).sum()) for status in STATUSES}

    def numbers(counts: Mapping[str, Any]) -> dict[str, int]:
        return {status: counts[status] for status in STATUSES}

    assert numbers(whole["grounding"]) == statuses(table)
    by_type = {name: statuses(of) for name, of in table.groupby("entity_type")}
    found = {one["entity_type"]: numbers(one["grounding"]) for one in whole["entity_types"]}
    assert {name: counts for name, counts in found.items() if any(counts.values())} == by_type
    by_attribute = {key: statuses(of) for key, of in table.groupby(["entity_type", "attribute"])}
    found = {(one["entity_type"], one["attribute"]): numbers(one["grounding"]) for one in whole["fill"]}
    assert {key: counts for key, counts in found.items() if any(counts.values())} == by_attribute
    for one in (whole["grounding"], *(one["grounding"] for one in whole["fill"])):
        sought = sum(one[status] for status in STATUSES[:-1])
        share = None if not sought else pytest.approx((sought - one["absent"]) / sought, abs=1e-4)
        assert one["share_grounded"] == share

    findings = findings_of_check(folder, str(path))
    assert codes(whole) == Counter((one["code"], one["name"], one["severity"]) for one in findings)
    rows = Counter(
        {(one["code"], one["name"], one["severity"], one["file"], json.dumps(one["record"])) for one in findings}
    )
    by_code = Counter(key[:3] for key in rows)
    for one in whole["codes"]:
        # Findings about whole files and the dataset have no row.
        assert 1 <= one["rows"] <= one["findings"]
        if one["code"].startswith(("GX2", "GX3")):
            assert one["rows"] == by_code[one["code"], one["name"], one["severity"]]
    summary = json.loads(folder.run("check", str(path), "--output-format", "json").stdout)["summary"]
    assert (whole["rows"]["kept"], whole["rows"]["unread"]) == (summary["kept"], summary["unread"])
    assert whole["rows"]["kept"] + whole["rows"]["rejected"] == summary["checked"]


def findings_of_check(folder: Folder, *arguments: str) -> list[dict[str, Any]]:
    output = folder.run("check", *arguments, "--output-format", "json-lines", "-q").stdout
    return [json.loads(line) for line in output.splitlines()]


def codes(whole: Mapping[str, Any]) -> Counter[tuple[str, str, str]]:
    return Counter({(one["code"], one["name"], one["severity"]): one["findings"] for one in whole["codes"]})


@pytest.mark.parametrize(
    "arguments",
    [
        ["--select", "GX201,GX3"],
        ["--no-lint", "--ignore", "GX301"],
        ["--extend-select", "legacy-typing", "--ignore", "GX0"],
    ],
    ids=" ".join,
)
def test_codes_are_those_of_check_with_the_same_settings(folder: Folder, arguments: list[str]) -> None:
    path = str(FIXTURES / "datasets" / "native" / "invalid")
    (folder.path / "guidex.toml").write_text(
        '[severity]\nGX101 = "error"\nGX3 = "info"\n[per-file-ignores]\n"grounding.jsonl" = ["GX2", "GX301"]\n',
        encoding="utf-8",
    )
    whole, findings = facts(folder, path, *arguments), findings_of_check(folder, path, *arguments)
    assert findings
    assert codes(whole) == Counter((one["code"], one["name"], one["severity"]) for one in findings)
    summary = json.loads(folder.run("check", path, *arguments, "--output-format", "json").stdout)["summary"]
    assert whole["rows"]["kept"] == summary["kept"]


LABELS = (
    "[]", "[Person('Ada')]", "[Person('Ada', role=None), Person('Bob Lee', 'baker')]", "[Person('Eve', children=[])]",
    "[Person('Ada', children=[Person('Bob Lee'), Person('')])]", "[Town('Rome')]", "[Person(", "Ada", "",
    "[Person('Ada', job='baker', role=3.5)]", "[Person('Ada', 'baker', [], 'too many')]", "[Person(name='Ada')]",
)  # fmt: skip
rows_strategy = st.lists(
    st.builds(
        lambda labels, bare, typo: {
            **(ROW | {"guidelines": GUIDELINES.replace("Person", "Human")} if typo else ROW),
            "document": None if bare else DOCUMENT,
            "labels": labels,
        },
        st.sampled_from(LABELS),
        st.booleans(),
        st.booleans(),
    ),
    max_size=8,
)


def shares(of: object) -> Iterator[object]:
    """Give all shares in facts, however deep."""
    if isinstance(of, dict):
        for name, value in of.items():
            if name.startswith("share"):
                yield value
            else:
                yield from shares(value)
    elif isinstance(of, list):
        for one in of:
            yield from shares(one)


@given(rows_strategy, st.randoms(use_true_random=False))
@settings(max_examples=25)
def test_the_order_of_rows_makes_no_difference(
    validator: Validator, rows: list[dict[str, object]], chance: random.Random
) -> None:
    found = counted(validator, rows).facts()
    assert counted(validator, chance.sample(rows, len(rows))).facts() == found
    for share in shares(found):
        assert share is None or (isinstance(share, float) and 0 <= share <= 1)
    json.dumps(found)


@given(rows_strategy, rows_strategy)
@settings(max_examples=25)
def test_what_is_counted_of_two_datasets_is_the_sum(
    validator: Validator, one: list[dict[str, object]], other: list[dict[str, object]]
) -> None:
    together, first, second = counted(validator, one, other), counted(validator, one), counted(validator, other)
    assert together.documents == first.documents + second.documents
    assert together.words == first.words + second.words
    assert together.entity_types == first.entity_types + second.entity_types
    assert together.declared == first.declared + second.declared
    assert together.value_types == first.value_types + second.value_types
    assert together.rows == {fate: first.rows[fate] + second.rows[fate] for fate in first.rows}
    for field in STATUSES:
        numbers = [getattr(found.statuses, field) for found in (together, first, second)]
        assert numbers[0] == numbers[1] + numbers[2]
    findings = [Counter({(a.code, a.severity): a.findings for a in found.codes}) for found in (together, first, second)]
    assert findings[0] == findings[1] + findings[2]
    filled = [Counter({(a.entity_type, a.attribute): a.filled for a in x.fill}) for x in (together, first, second)]
    assert filled[0] == filled[1] + filled[2]
    # As one dataset, in one file, rows hold no more and no less; only rules that compare rows find more.
    joined = counted(validator, one + other).facts() | {"codes": None, "rows": None}
    assert joined == together.facts() | {"codes": None, "rows": None}


def test_classes_that_no_guidelines_declare_are_counted_as_such(validator: Validator) -> None:
    found = counted(validator, [ROW | {"labels": "[Town('Rome'), Person('Ada', town=Town('Rome'), job='baker')]"}])
    town = next(one for one in found.types if one.entity_type == "Town")
    assert (town.rows, town.used_in, town.annotations, town.undeclared) == (0, 1, 2, 2)
    assert found.facts()["types"] == {"declared": 1, "used": 2, "undeclared": 1}
    (job,) = [one for one in found.fill if one.attribute == "job"]
    assert (job.instances, job.share_filled, job.grounding.exact) == (0, None, 1)


@pytest.mark.parametrize(
    ("role", "is_filled"),
    [("'baker'", True), ("' '", False), ("None", False), ("[None, '']", False), ("{}", False), ("{'a': ''}", False),
     ("['', 'x']", True), ("{'a': 'x'}", True), ("0", True), ("False", True), ("Person('')", True), ("Name('')", False),
     ("Name('x')", True)],
)  # fmt: skip
def test_what_fills_an_attribute(validator: Validator, role: str, is_filled: bool) -> None:
    guidelines = f'{GUIDELINES}\nclass Name(str):\n    """A name."""\n'
    found = counted(validator, [{"guidelines": guidelines, "labels": f"[Person('Ada', role={role})]"}])
    (filled,) = [one.filled for one in found.fill if one.entity_type == "Person" and one.attribute == "role"]
    assert filled == is_filled


def test_a_row_that_breaks_the_counting_is_a_finding_and_is_not_counted(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    grounded = vars(Subject)["grounded"].func

    def breaking(subject: Subject) -> object:
        if "Eve" in subject.record.labels:
            raise ZeroDivisionError
        return grounded(subject)

    monkeypatch.setattr(Subject, "grounded", property(breaking))
    folder.write("rows.jsonl", ROW | {"labels": "[Person('Ada')]"}, ROW | {"labels": "[Person('Eve'), Town('Eve')]"})
    done = folder.run("stats", "rows.jsonl", "--select", "GX2", "--output-format", "json")
    assert done.returncode == 0
    assert (
        "rows.jsonl:2 row 1 labels: error GX406 rule-failed: the statistics broke: ZeroDivisionError()" in done.stderr
    )
    whole = json.loads(done.stdout)
    assert whole["rows"] == {"whole": 1, "part": 0, "skipped": 1, "kept": 1, "rejected": 1, "unread": 0}
    assert (whole["documents"]["documents"], whole["types"]["used"]) == (1, 1)
    assert {one["code"] for one in whole["codes"]} == {"GX201", "GX406"}
