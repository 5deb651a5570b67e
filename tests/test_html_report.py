"""The page of `guidex report` as a file: nothing is lost, and nothing in it runs but its own script."""

import base64
import json
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from command import Folder
from guidex_schema.datasets import read_jsonl, source_files
from guidex_schema.diagnostic import Diagnostic, Report, Severity, visible
from guidex_schema.html_report import Collection, pieces, template
from guidex_schema.html_report.record_view import Facets, RecordView
from guidex_schema.html_report.segment import Mark, Units, segments
from guidex_schema.html_report.shortlist import Shortlist
from guidex_schema.rule import default_rules, discover
from guidex_schema.text import Span
from guidex_schema.validation import Validator
from guidex_schema.work import Begun, Judging
from guidex_schema.works.report import ReportWork, Viewed, gather

REAL_ROWS = Path(__file__).parents[2] / "shared" / "data" / "guidex" / "rows.jsonl"

GUIDELINES = '''from dataclasses import dataclass
from typing import List, Union


@dataclass
class Person:
    """A person named in the text, with what is said of them there."""

    name: str  # the name exactly as it is written
    others: List[Union[str, int]]  # other names of the same person
'''

WORK = ReportWork(Judging(tuple(rule.name for rule in default_rules("row"))))

NOTHING: Facets = {
    "id": None,
    "index": None,
    "line": None,
    "file": None,
    "split": None,
    "verdict": "kept",
    "severities": [0, 0, 0],
    "codes": [],
    "types": [],
    "statuses": [],
    "preview": "",
}

texts = st.text(st.characters(), max_size=40) | st.text(
    st.sampled_from("ab \n\r\t<>&\"'😀𝔘\u202e\ud83d\ude00é日ا"), max_size=40
)


class Parsed(HTMLParser):
    """The elements of a page, the text in each, and what it holds."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.attributes: list[tuple[str, dict[str, str | None]]] = []
        self.content: list[tuple[str, dict[str, str | None], str]] = []
        self._open: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.feed(page)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes.append((tag, dict(attrs)))
        if tag not in ("meta", "input", "rect"):
            self._open.append((tag, dict(attrs), []))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        opened, attributes, text = self._open.pop()
        assert opened == tag
        self.content.append((tag, attributes, "".join(text)))

    def handle_data(self, data: str) -> None:
        if self._open:
            self._open[-1][2].append(data)

    def text(self, tag: str, **wanted: str) -> str:
        """Give the text of the one element of that kind."""
        (found,) = [
            text
            for name, attributes, text in self.content
            if name == tag and all(attributes.get(key) == value for key, value in wanted.items())
        ]
        return found

    @property
    def index(self) -> Any:
        return json.loads(zlib.decompress(base64.b64decode(self.text("script", id="index"))))

    @property
    def contents(self) -> list[Any]:
        lines = self.text("script", id="contents").split()
        return [json.loads(zlib.decompress(base64.b64decode(line))) for line in lines]


@pytest.fixture(scope="module")
def validator() -> Iterator[Validator]:
    with Validator() as one:
        yield one


@pytest.fixture(scope="module")
def begun() -> Iterator[Begun]:
    with WORK.begin() as one:
        yield one


def page_of(begun: Begun, rows: Sequence[object], limit: int = 2_000, title: str = "rows") -> Parsed:
    collection = Collection(limit)
    lines = "".join(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows)
    found = cast(Iterator[Viewed], begun.results(read_jsonl(lines.encode(), "rows.jsonl")))
    gather(found, collection, WORK.judging.comparison())
    page = "".join(pieces(template(), collection, title))
    page.encode("utf-8")
    return Parsed(page)


def units(text: str) -> bytes:
    return text.encode("utf-16-le", "surrogatepass")


def cut(text: str, start: int, end: int) -> bytes:
    """Give what JavaScript gives for ``text.slice(start, end)``."""
    return units(text)[2 * start : 2 * end]


@given(texts, st.data())
def test_offsets_are_those_of_javascript(text: str, data: st.DataObject) -> None:
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(text))] * 2)))
    mark = Units(text).mark(Span(start=start, end=end))
    assert cut(text, *mark) == units(text[start:end])


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)).map(lambda ends: Mark(*sorted(ends))), max_size=12))
def test_every_place_knows_all_marks_that_cover_it(marks: list[Mark]) -> None:
    found = segments(marks)
    assert [one.start for one in found] == sorted(one.start for one in found)
    assert all(one.start < one.end for one in found)
    covering = {place: one.marks for one in found for place in range(one.start, one.end)}
    assert sum(one.end - one.start for one in found) == len(covering)
    for place in range(31):
        wanted = {number for number, mark in enumerate(marks) if mark.start <= place < mark.end}
        inside = covering.get(place, ())
        assert set(inside) == wanted
        lengths = [marks[number].end - marks[number].start for number in inside]
        assert lengths == sorted(lengths, reverse=True)


@given(st.lists(st.sampled_from([*Severity, None]), max_size=30), st.integers(1, 12))
def test_the_worst_are_kept_in_order(found: list[Severity | None], limit: int) -> None:
    shortlist = Shortlist(limit)
    for number, severity in enumerate(found):
        told = Diagnostic(code="GX000", name="odd", severity=severity or Severity.INFO, message="", part="file")
        report = Report(diagnostics=() if severity is None else (told,))
        if shortlist.takes(report):
            shortlist.add(report, RecordView({**NOTHING, "index": number}, {}))
        assert len(list(shortlist)) <= limit
    ranks = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2, None: 2}
    wanted = sorted(range(len(found)), key=lambda number: ranks[found[number]])[:limit]
    assert [one.number for one in shortlist] == [one.facets["index"] for one in shortlist] == wanted
    assert shortlist.left_out == len(found) - len(wanted)


names = st.text("ab 😀é\u202e", max_size=6)
rows = st.fixed_dictionaries(
    {
        "id": texts,
        "guidelines": st.just(GUIDELINES) | texts,
        "document": texts,
        "labels": st.lists(
            st.builds(
                lambda name, others: f"Person(name={name!a}, others={others!a})",
                names,
                st.lists(names | st.integers(-3, 9), max_size=3),
            ),
            max_size=3,
        ).map(lambda calls: f"[{', '.join(calls)}]")
        | texts,
    }
)


@settings(max_examples=60)
@given(st.lists(rows, min_size=1, max_size=3))
def test_everything_of_a_row_is_on_the_page(begun: Begun, validator: Validator, made_up: list[dict[str, str]]) -> None:
    page = page_of(begun, made_up)
    shown = {one["number"]: (one, content) for one, content in zip(page.index["records"], page.contents, strict=True)}
    assert len(shown) == len(made_up)
    lines = "".join(json.dumps(row) + "\n" for row in made_up).encode()
    examined = [
        one for one in validator.read_rows(read_jsonl(lines, "rows.jsonl")) if one[0].record or one[0].is_unread
    ]
    for number, (row, subject, report) in enumerate(examined):
        facets, content = shown[number]
        # Halves that stand side by side are one character in JSON; a blank id is none.
        read = json.loads(json.dumps(made_up[number]["id"]))
        assert facets["id"] == (read if read.strip() else None)
        assert facets["verdict"] == ("kept" if report.kept else "rejected")
        assert set(facets["codes"]) == {one.code for one in report.diagnostics}
        assert row.record is not None
        parts = content["parts"]
        assert {part: one["text"] for part, one in parts.items()} == {
            "document": row.record.document,
            "labels": row.record.labels,
            "guidelines": row.record.guidelines,
        }
        assert [one["message"] for one in content["findings"]] == [one.message for one in report.diagnostics]
        for finding in content["findings"]:
            if finding["path"] is not None and finding["value"] is not None:
                assert finding["path"].startswith(content["values"][finding["value"]]["path"])
        document = row.record.document or ""
        values = [one for one in content["values"] if "status" in one]
        assert [one["path"] for one in values] == [one.mention.path for one in subject.grounded]
        assert [one["status"] for one in values] == [one.grounding.status for one in subject.grounded]
        leaves = iter(subject.grounded)
        places: dict[int, list[bytes]] = {}
        for start, end, kind, owner in parts["document"]["marks"]:
            if kind == "value":
                places.setdefault(owner, []).append(cut(document, start, end))
        for owner, value in enumerate(content["values"]):
            if "status" in value:
                spans = next(leaves).grounding.spans
                assert sorted(places.get(owner, [])) == sorted(units(document[one.start : one.end]) for one in spans)
        for part, one in parts.items():
            told_spans = [told.span for told in report.diagnostics if told.part == part and told.span is not None]
            marks = [mark for mark in one["marks"] if mark[2] == "finding"]
            assert [cut(one["text"], *mark[:2]) for mark in marks] == [
                units(one["text"][span.start : span.end]) for span in told_spans
            ]


@given(st.lists(rows, max_size=2), texts)
@settings(max_examples=25)
def test_the_page_holds_nothing_but_its_own_elements(begun: Begun, made_up: list[dict[str, str]], title: str) -> None:
    page = page_of(begun, made_up, title=title)
    plain = page_of(begun, [{"guidelines": GUIDELINES, "document": "", "labels": "[]"}], title="x")
    assert {tag for tag, _ in page.attributes} <= {tag for tag, _ in plain.attributes} | {"svg", "rect", "figcaption"}
    assert page.text("title") == visible(title)
    names = {name for _, attributes in page.attributes for name in attributes}
    assert not [name for name in names if name.startswith("on") or name in ("src", "style", "action")]
    links = [attributes["href"] for _, attributes in page.attributes if "href" in attributes]
    assert all(link is not None and link.startswith("#") for link in links)


def test_the_policy_allows_the_script_and_the_style_of_the_page_only(begun: Begun) -> None:
    page = page_of(begun, [])
    (policy,) = [one["content"] for tag, one in page.attributes if one.get("http-equiv") == "Content-Security-Policy"]
    directives = dict(one.strip().split(" ", 1) for one in (policy or "").split(";"))

    def hashed(text: str) -> str:
        return f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"

    (script,) = [text for tag, attributes, text in page.content if tag == "script" and not attributes]
    assert directives == {
        "default-src": "'none'",
        "script-src": hashed(script),
        "style-src": hashed(page.text("style")),
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_the_script_writes_text_only() -> None:
    assets = files("guidex_schema.html_report") / "assets"
    source = "\n".join(one.read_text("utf-8") for one in assets.iterdir() if one.name.endswith(".js"))
    assert "textContent" in source
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|fetch|XMLHttp|import\("
    assert not re.search(forbidden, source)


def test_what_is_no_record_is_shown_too(begun: Begun) -> None:
    row = {"guidelines": GUIDELINES, "document": "Ada", "labels": "[]"}
    page = page_of(begun, [row, '{"cut off\n', "[1]\n"])
    verdicts = {one["line"]: one["verdict"] for one in page.index["records"]}
    assert verdicts == {1: "kept", 2: "unread", 3: "unread"}
    raw = {one["line"]: content["raw"] for one, content in zip(page.index["records"], page.contents, strict=True)}
    assert raw == {1: None, 2: '{"cut off\n', 3: "[1]\n"}


def test_a_row_that_breaks_the_grounding_is_shown_with_all_else(begun: Begun, monkeypatch: pytest.MonkeyPatch) -> None:
    from guidex_schema.grounding import GroundedDocument

    search = GroundedDocument.ground

    def broken(document: GroundedDocument, value: Any) -> Any:
        if "broken" in getattr(value, "value", ""):
            raise RuntimeError("on purpose")
        return search(document, value)

    monkeypatch.setattr(GroundedDocument, "ground", broken)
    labels = ['[Person(name="broken", others=[])]', '[Person(name="Ada", others=[])]']
    page = page_of(begun, [{"guidelines": GUIDELINES, "document": "Ada", "labels": one} for one in labels])
    first, second = page.contents
    assert any(one["name"] == "rule-failed" for one in first["findings"])
    assert [one["text"] for one in first["values"] if "text" in one] == ["broken"]
    assert second["values"][1]["status"] == "exact"


def test_a_row_that_ends_whoever_reads_it_is_shown_with_its_texts() -> None:
    line = json.dumps({"id": "odd", "guidelines": GUIDELINES, "document": "Ada", "labels": "[]"})
    (row,) = read_jsonl(line.encode(), "rows.jsonl")
    collection = Collection(10)
    gather(WORK.failed(row, "the process ended"), collection, WORK.judging.comparison())
    page = Parsed("".join(pieces(template(), collection, "rows")))
    (content,) = page.contents
    assert {"id": "odd"} | {part: one["text"] for part, one in content["parts"].items()} == json.loads(line)
    assert [one["name"] for one in content["findings"]] == ["rule-failed"]
    assert [(one["id"], one["verdict"], one["preview"]) for one in page.index["records"]] == [
        ("odd", "rejected", "Ada")
    ]


def test_what_is_found_in_all_rows_together_is_told_apart_from_records(begun: Begun) -> None:
    row = {"document": "Ada", "labels": '[Person(name="Ada", others=[])]'}
    other = GUIDELINES.replace("name: str", "name: int")
    page = page_of(begun, [row | {"guidelines": one} for one in (GUIDELINES, GUIDELINES, other)])
    (found,) = page.index["remarks"]
    assert found["name"] == "inconsistent-type"
    assert "Person" in found["message"]
    assert len(page.index["records"]) == 3
    assert not any(found["code"] in one["codes"] for one in page.index["records"])


def test_a_finding_says_in_which_file_it_stands_where_that_is_not_the_row(tmp_path: Path) -> None:
    work = ReportWork(replace(WORK.judging, origin="file"))
    labels, guidelines = tmp_path / "labels.py", tmp_path / "guidelines.py"
    labels.write_text('[Person(name="Ada", others=[]), Nobody()]')
    guidelines.write_text(GUIDELINES + "    other: NoSuchType\n")
    row = source_files.read(guidelines, labels, None, Path.read_bytes, 0)
    collection = Collection(10)
    with work.begin() as begun:
        gather(cast(Iterator[Viewed], begun.results([row])), collection, work.judging.comparison())
    (content,) = Parsed("".join(pieces(template(), collection, "rows"))).contents
    files = {one["part"]: one["file"] for one in content["findings"]}
    assert files == {"labels": None, "guidelines": str(guidelines), "document": None}
    marked = [mark[2] for mark in content["parts"]["labels"]["marks"]]
    assert marked == ["finding"] * len(marked) != []


def test_the_same_value_twice_and_an_instance_used_twice_have_places_of_their_own(begun: Begun) -> None:
    labels = 'p = Person(name="Ada", others=[1])\nresult = [p, p, Person(name="Ada", others=["Ada", "Ada"])]'
    page = page_of(begun, [{"guidelines": GUIDELINES, "document": "Ada and Ada", "labels": labels}])
    (content,) = page.contents
    leaves = [one["path"] for one in content["values"] if "status" in one]
    assert len(leaves) == len(set(leaves)) == 7
    owners = {mark[3] for mark in content["parts"]["document"]["marks"]}
    assert len(owners) == 5


def contrast(one: str, other: str) -> float:
    """Give the contrast ratio of two colours (WCAG 2.2, relative luminance)."""

    def luminance(colour: str) -> float:
        channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
        linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
        return sum(weight * one for weight, one in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_all_colours_can_be_told_from_what_they_stand_on() -> None:
    style = (files("guidex_schema.html_report") / "assets" / "page.css").read_text("utf-8")
    pairs = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", style)
    for theme in (1, 2):
        colour = {pair[0]: pair[theme] for pair in pairs}
        grounds = ["paper", "panel", "raised", "chosen"]
        tints = [f"tint-{number}" for number in range(10)]
        # Text: 4.5 to 1 (WCAG 2.2, 1.4.3, AA).
        for ground in [*grounds, "error-tint", "warning-tint", "info-tint", *tints]:
            assert contrast(colour["ink"], colour[ground]) >= 4.5, ground
        for text in ("quiet", "accent", "error", "warning", "info", "kept"):
            for ground in ("paper", "panel", "raised"):
                assert contrast(colour[text], colour[ground]) >= 4.5, (text, ground)
        for text in ("error", "warning", "info"):
            assert contrast(colour[text], colour[f"{text}-tint"]) >= 4.5, text
        # Signs and the borders of fields: 3 to 1 (1.4.11, AA).
        for sign in ("edge", "bar", *(f"line-{number}" for number in range(10))):
            assert contrast(colour[sign], colour["panel"]) >= 3, sign
        for number in range(10):
            assert contrast(colour[f"line-{number}"], colour[f"tint-{number}"]) >= 3, number


ROW = {"id": "a", "guidelines": GUIDELINES, "document": "Ada wrote.", "labels": '[Person(name="Ada", others=["Ada"])]'}
BAD = ROW | {"id": "b", "labels": '[Person(name="Bob")]'}


def test_the_command_writes_one_file_and_a_line(folder: Folder) -> None:
    folder.write("rows.jsonl", ROW, BAD)
    done = folder.run("report", "rows.jsonl", "-o", "page.html", "--title", "Rows & more")
    assert done.returncode == 0
    assert done.stdout == ""
    assert re.fullmatch(r"guidex: 2 records checked, 1 kept: .*\n", done.stderr)
    page = Parsed((folder.path / "page.html").read_text("utf-8"))
    assert page.text("title") == "Rows & more"
    assert [one["id"] for one in page.index["records"]] == ["b", "a"]
    assert sorted(one.name for one in folder.path.iterdir()) == ["page.html", "rows.jsonl"]


@pytest.mark.parametrize(("share", "code"), [("50%", 0), ("0.4", 1), ("0%", 1)])
def test_too_many_rejected_rows_are_exit_code_1(folder: Folder, share: str, code: int) -> None:
    folder.write("rows.jsonl", ROW, BAD)
    assert folder.run("report", "rows.jsonl", "-o", "page.html", "--max-rejected", share).returncode == code
    assert (folder.path / "page.html").exists()


def test_standard_input_and_output_are_taken(folder: Folder) -> None:
    done = folder.run("report", "-", "-o", "-", stdin=json.dumps(ROW))
    assert done.returncode == 0
    assert Parsed(done.stdout).index["records"][0]["file"] == "<stdin>"


def test_what_was_there_stays_where_the_page_is_not_finished(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.write("rows.jsonl", ROW)
    folder.write("page.html", "older")

    def stop(*_: object) -> Iterator[str]:
        yield "half a page"
        raise KeyboardInterrupt

    monkeypatch.setattr("guidex_schema.html_report.pieces", stop)
    assert folder.run("report", "rows.jsonl", "-o", "page.html").returncode == 130
    assert (folder.path / "page.html").read_text("utf-8") == "older"
    assert sorted(one.name for one in folder.path.iterdir()) == ["page.html", "rows.jsonl"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["rows.jsonl", "-o", "rows.jsonl"], "is one of the files to read"),
        (["rows.jsonl", "-o", "missing/page.html"], "cannot be written"),
        (["missing.jsonl", "-o", "page.html"], "1 row or file could not be read"),
        (["rows.jsonl", "-o", "page.html", "--select", "GX999"], "GX999"),
        (["-o", "page.html"], "name a dataset"),
    ],
)
def test_what_cannot_be_done_is_exit_code_2(folder: Folder, arguments: list[str], said: str) -> None:
    folder.write("rows.jsonl", ROW)
    done = folder.run("report", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert json.loads((folder.path / "rows.jsonl").read_text("utf-8")) == ROW


def test_shortcuts_change_nothing(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.write("rows.jsonl", ROW, BAD)
    assert folder.run("report", "rows.jsonl", "-o", "page.html").returncode == 0
    found: list[bool] = []
    original = Validator.__init__

    def made(self: Validator, *arguments: Any, accelerate: bool = True, **options: Any) -> None:
        found.append(accelerate)
        original(self, *arguments, accelerate=accelerate, **options)

    monkeypatch.setattr(Validator, "__init__", made)
    assert folder.run("report", "rows.jsonl", "-o", "plain.html", "--no-accelerate").returncode == 0
    assert found == [False]
    assert (folder.path / "plain.html").read_bytes() == (folder.path / "page.html").read_bytes()


def test_without_jinja2_it_says_what_to_install(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.write("rows.jsonl", ROW)
    monkeypatch.setitem(__import__("sys").modules, "jinja2", None)
    done = folder.run("report", "rows.jsonl", "-o", "page.html")
    assert done.returncode == 2
    assert "pip install 'guidex-schema[report]'" in done.stderr
    assert not (folder.path / "page.html").exists()


def test_what_is_selected_is_shown(folder: Folder) -> None:
    folder.write("rows.jsonl", BAD)
    folder.write("guidex.toml", '[per-file-ignores]\n"*.jsonl" = ["GX203"]\n')
    assert folder.run("report", "rows.jsonl", "-o", "page.html", "--no-lint").returncode == 0
    page = Parsed((folder.path / "page.html").read_text("utf-8"))
    assert page.index["records"][0]["codes"] == ["GX301"]


def test_the_overview_has_the_figures_of_all_records(folder: Folder) -> None:
    folder.write("rows.jsonl", *[ROW | {"id": str(number)} for number in range(4)], BAD)
    done = folder.run("report", "rows.jsonl", "-o", "page.html", "--limit", "2")
    assert done.stderr.endswith("; the page shows the 2 worst\n")
    page = Parsed((folder.path / "page.html").read_text("utf-8"))
    checked = [text for tag, _, text in page.content if tag == "dd"][:3]
    assert checked == ["5", "4", "1"]
    assert [one["id"] for one in page.index["records"]] == ["b", "1"]
    assert "3 are left out" in page.text("p", id="left-out")
    stats = json.loads(folder.run("stats", "rows.jsonl", "--output-format", "json").stdout)
    figures = [text for tag, attributes, text in page.content if tag == "td" and attributes.get("class") == "number"]
    assert str(stats["grounding"]["exact"]) in figures
    assert stats["grounding"]["exact"] == 8


@pytest.mark.skipif(not REAL_ROWS.exists(), reason="the real rows stand beside a checkout only, in shared/data")
def test_the_real_rows_are_shown(begun: Begun) -> None:
    page = page_of(begun, [REAL_ROWS.read_text("utf-8")])
    assert [one["line"] for one in page.index["records"]] == [1, 2, 3, 4, 5]
    assert sum(len(content["findings"]) for content in page.contents) == sum(
        sum(one["severities"]) for one in page.index["records"]
    )
    known = {rule.code for rule in discover()}
    assert set(page.index["names"]) <= known
