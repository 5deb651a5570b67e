"""Outputs for machines: read by the schemas and parsers of others, whatever documents, labels and names hold."""

import json
import os
import re
import subprocess
import tracemalloc
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from functools import cache
from itertools import repeat
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from junitparser import JUnitXml

from command import Folder
from guidex_schema.diagnostic import Diagnostic, Edit, Fix, Part, RecordReference, Report, Severity, visible
from guidex_schema.display import display, json_text
from guidex_schema.isolation import Isolation
from guidex_schema.linting import Linter
from guidex_schema.reports import ENCODINGS, Style, Summary, junit, report_format, sarif
from guidex_schema.rule import GUIDELINES, discover
from guidex_schema.source_root import SourceRoot
from guidex_schema.text import Document, Span
from guidex_schema.validation import Validator

ROOT = Path(__file__).parent.parent
FIXTURES = ROOT / "fixtures"
DATASETS = [
    path
    for path in sorted([*FIXTURES.glob("datasets/**/*.json*"), *FIXTURES.glob("attacks/*.jsonl")])
    if not path.name.endswith(".expect.json")
]
GUIDELINE_FILES = sorted(FIXTURES.glob("guidelines/**/*.py"))
MULTITOOL = "SARIF_MULTITOOL"

GOOD = {"id": "good", "guidelines": GUIDELINES, "labels": "[Person(mention='Ada')]", "document": "Ada"}
BAD = GOOD | {"id": "bad", "labels": "[Persn(mention='Ada')]", "document": "Ada Lovelace"}


@cache
def sarif_schema() -> Draft202012Validator:
    schema = json.loads((ROOT / "tests" / "schemas" / "sarif-2.1.0.json").read_text("utf-8"))
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def written(output_format: str, found: list[Report], style: Style | None = None) -> str:
    return "".join(report_format(output_format)(found, Summary(isolation=Isolation()), style or Style()))


def sarif_run(text: str) -> dict[str, Any]:
    log = json.loads(text)
    sarif_schema().validate(log)
    (run,) = log["runs"]
    return dict(run)


def finding(**changes: object) -> Diagnostic:
    plain = Diagnostic(
        code="GX201",
        name="undefined-class",
        severity=Severity.ERROR,
        message="m",
        file="rows.jsonl",
        record=RecordReference(index=0, id="r", line=1),
        part="labels",
    )
    return plain.model_copy(update=changes)


# What could deceive: commands of CI services, ANSI, bidi controls, lone surrogates, markup, ends of lines.
HOSTILE = [
    "::error file=a::b", " ::add-mask::x", "\n::stop-commands::x", "##[add-mask]x", "###[error]", "##teamcity[x]",
    "##vso[task.complete]x", "\x1b[31m", "\x9b31m", "\u202e", "\u2066x\u2069", "\u2028", "\x00", "\x07", "\ufffe",
    "\uffff", "\ud800", "\U000e0041", "]]>", "<!--", "</testsuites>", "&#x1b;", '"><x y="', "%0A::error::x",
    "a,title=x:y", "\r",
]  # fmt: skip
texts = st.lists(st.one_of(st.text(max_size=12), st.sampled_from(HOSTILE)), max_size=4).map("".join)
# Names of files are what the system gives for bytes.
names = st.one_of(
    st.lists(st.sampled_from([one for one in HOSTILE if "\x00" not in one and one != "\ud800"]), max_size=3).map(
        "".join
    ),
    st.binary(max_size=8).map(lambda data: os.fsdecode(data.replace(b"\0", b""))),
    st.sampled_from(["rows.jsonl", "data/rows.jsonl", "/elsewhere/rows.jsonl", "../rows.jsonl", "a:b.py", "<stdin>"]),
).filter(bool)


@st.composite
def diagnostics(draw: st.DrawFn, file: str) -> tuple[Diagnostic, dict[Part, str]]:
    source = draw(texts)
    start = draw(st.integers(0, len(source)))
    span = Span(start=start, end=draw(st.integers(start, len(source))))
    record = draw(
        st.none()
        | st.builds(RecordReference, index=st.integers(0, 9), id=st.none() | texts, line=st.none() | st.integers(1, 9))
    )
    part: Part = draw(st.sampled_from(["guidelines", "labels", "document", "file"]))
    fix = Fix(
        title=draw(texts),
        safe=draw(st.booleans()),
        edits=(Edit(start=span.start, end=span.end, replacement=draw(texts)),),
    )
    is_placed = part != "file" and draw(st.booleans())
    code, name = draw(st.sampled_from([(rule.code, rule.name) for rule in discover()[::9]]))
    found = Diagnostic(
        code=code,
        name=name,
        severity=draw(st.sampled_from(Severity)),
        # Rules make messages visible.
        message=visible(draw(texts)),
        file=file,
        record=record,
        path=draw(st.none() | texts),
        part=part,
        location=Document(source).location(span) if is_placed else None,
        span=span if is_placed else None,
        fix=fix if is_placed and draw(st.booleans()) else None,
        key=draw(st.none() | texts),
    )
    return found, {part: source}


@st.composite
def found_reports(draw: st.DrawFn) -> list[Report]:
    found = []
    for _ in range(draw(st.integers(0, 3))):
        file = draw(names)
        drawn = draw(st.lists(diagnostics(file), max_size=3))
        sources = {part: source for _, one in drawn for part, source in one.items()}
        # The place of a finding is in the source of its part, so each part has one.
        kept = tuple(one for one, own in drawn if all(sources[part] == source for part, source in own.items()))
        record = next((one.record for one in kept), None)
        found.append(
            Report(
                diagnostics=kept,
                sources=sources,
                checked=draw(st.booleans()),
                unread=draw(st.booleans()),
                identity=draw(texts),
                file=file,
                record=record,
            )
        )
    return found


def is_command(line: str) -> bool:
    """Say whether a service would act on a line (actions/runner, ActionCommand.cs; Azure Pipelines; TeamCity)."""
    return line.lstrip().startswith("::") or re.search(r"##(\[|vso\[|teamcity\[)", line) is not None


@given(found=found_reports(), statistics=st.booleans())
def test_nothing_that_was_found_reaches_an_output_raw(found: list[Report], statistics: bool) -> None:
    for output_format in ENCODINGS:
        text = written(output_format, found, Style(statistics=statistics))
        text.encode("utf-8")
        assert all(one.isprintable() or one in "\n\u200c\u200d\u00a0\u3000" for one in text), output_format
        commands = [line for line in re.split("[\n\r]", text) if is_command(line)]
        if output_format == "github":
            assert len(commands) == sum(min(10, count) for count in by_severity(found))
            assert all(re.match("::(error|warning|notice) ", line) for line in commands)
            assert not any(re.search(r"##\w*\[", line) for line in commands)
        else:
            assert not commands, output_format


def test_no_line_begins_with_what_an_identifier_or_a_file_is_called() -> None:
    for line in (None, 1):
        record = RecordReference(index=0, id="::error::x", line=line)
        found = [Report(diagnostics=(finding(record=record, file="::add-mask::x.jsonl"),))]
        for output_format in ("full", "concise", "grouped", "junit"):
            assert not [one for one in written(output_format, found).split("\n") if is_command(one)]


def by_severity(found: list[Report]) -> list[int]:
    return [sum(one.severity is severity for report in found for one in report.diagnostics) for severity in Severity]


@given(st.recursive(texts, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3)))
def test_json_text_means_what_json_means(value: object) -> None:
    assert json.loads(json_text(value)) == json.loads(json.dumps(value))


@given(texts)
def test_display_shows_all_and_does_nothing(text: str) -> None:
    assert not re.search(r"##\w{0,30}\[", display(text))
    assert display(display(text)) == display(text)
    assert display(text).replace(r"\x23", "#") == visible(text) or r"\x23" in text


# SARIF


@settings(max_examples=30)
@given(found_reports())
def test_sarif_is_valid_and_complete_whatever_was_found(found: list[Report]) -> None:
    run = sarif_run(written("sarif", found))
    rules = run["tool"]["driver"]["rules"]
    told = [one for report in found for one in report.diagnostics]
    assert len(run["results"]) == len(told)
    assert sorted(one["ruleId"] for one in run["results"]) == sorted(one.code for one in told)
    marks = [one["partialFingerprints"]["primaryLocationLineHash"] for one in run["results"]]
    assert len(set(marks)) == len(marks)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        (location,) = result["locations"]
        uri = location["physicalLocation"]["artifactLocation"]["uri"]
        assert uri.isascii()
        assert urlsplit(uri).scheme == (
            "" if "uriBaseId" in location["physicalLocation"]["artifactLocation"] else "file"
        )
        if "record" in result["properties"]:
            line = result["properties"]["record"]["line"]
            assert location["physicalLocation"].get("region") == (None if line is None else {"startLine": line})
            assert "fixes" not in result


@pytest.mark.parametrize("path", DATASETS, ids=lambda path: path.name)
def test_sarif_of_every_dataset_is_valid(path: Path, validator: Validator) -> None:
    found = list(validator.check_file(path))
    run = sarif_run(written("sarif", found))
    assert len(run["results"]) == sum(len(report.diagnostics) for report in found)


@pytest.fixture(scope="module")
def validator() -> Iterator[Validator]:
    with Validator() as shared:
        yield shared


@pytest.mark.parametrize("path", GUIDELINE_FILES, ids=lambda path: path.name)
def test_sarif_of_every_guideline_file_is_valid_and_its_fixes_are_ours(path: Path) -> None:
    source = path.read_text("utf-8")
    report = Linter().lint(source, file=str(path))
    run = sarif_run(written("sarif", [report], Style(root=SourceRoot(str(ROOT)))))
    fixed = [one for one in report.diagnostics if one.fix is not None]
    results = [one for one in run["results"] if "fixes" in one]
    assert len(results) == len(fixed)
    by_place = {(one["ruleId"], one["message"]["text"], json.dumps(one["properties"]["span"])): one for one in results}
    for one in fixed:
        assert one.fix is not None
        assert one.span is not None
        result = by_place[
            one.code,
            display(one.message) + (f" ({one.path})" if one.path else ""),
            json.dumps(asdict(one.span)),
        ]
        ((change,),) = (fix["artifactChanges"] for fix in result["fixes"])
        assert unquote(change["artifactLocation"]["uri"]) == str(path.relative_to(ROOT))
        assert apply(source, change["replacements"]) == one.fix.apply(source)


def apply(source: str, replacements: list[dict[str, Any]]) -> str:
    """Make the replacements of a SARIF fix, as its specification says (3.57), counting lines by ourselves."""
    starts = [0, *(match.end() for match in re.finditer(r"\r\n|\n|\r", source))]
    for one in reversed(replacements):
        region = one["deletedRegion"]
        start = starts[region["startLine"] - 1] + region["startColumn"] - 1
        end = starts[region["endLine"] - 1] + region["endColumn"] - 1
        source = source[:start] + one["insertedContent"]["text"] + source[end:]
    return source


def test_sarif_describes_every_rule_as_code_scanning_asks() -> None:
    driver = sarif_run(written("sarif", []))["tool"]["driver"]
    assert [one["id"] for one in driver["rules"]] == [rule.code for rule in discover()]
    assert {"name", "informationUri", "semanticVersion"} <= set(driver)
    for one in driver["rules"]:
        assert 0 < len(one["shortDescription"]["text"]) <= len(one["fullDescription"]["text"]) <= 1024
        assert one["help"]["text"]
        assert one["help"]["markdown"]
        assert one["properties"]["precision"] in ("very-high", "high", "medium", "low")
        assert one["properties"]["problem.severity"] in ("error", "warning", "recommendation")
        assert one["defaultConfiguration"]["level"] in ("error", "warning", "note")


def peak(output_format: str, reports: Iterable[Report]) -> int:
    """Give the most memory that a report takes, in bytes."""
    tracemalloc.start()
    for piece in report_format(output_format)(reports, Summary(), Style()):
        assert len(piece) < 500_000
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def test_sarif_is_cut_by_severity_in_bounded_memory_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sarif._MOST == 5_000
    monkeypatch.setattr(sarif, "_MOST", 50)

    def flood(count: int) -> Iterator[Report]:
        for number in range(count):
            severity = [Severity.INFO, Severity.WARNING, Severity.ERROR, Severity.INFO][number % 4]
            record = RecordReference(index=number, line=number + 1)
            one = finding(severity=severity, record=record, message=f"number `{number}`")
            yield Report(diagnostics=(one,), identity=str(number))

    run = sarif_run("".join(report_format("sarif")(flood(240), Summary(), Style())))
    levels = [one["level"] for one in run["results"]]
    assert levels == ["error"] * 50
    lines = [one["locations"][0]["physicalLocation"]["region"]["startLine"] for one in run["results"]]
    assert lines == [3 + 4 * number for number in range(50)]
    told = [one["message"]["text"] for one in run["invocations"][0]["toolExecutionNotifications"]]
    assert told[0] == (
        "Of 240 findings the worst 50 are given; cut were 10 of severity error, 60 of severity warning, "
        "120 of severity info."
    )
    one = Report(diagnostics=(finding(),))
    assert peak("sarif", repeat(one, 4_000)) < 1.1 * peak("sarif", repeat(one, 1_000))


def test_sarif_of_nothing_read_is_no_success(folder: Folder) -> None:
    done = folder.run("check", "none.jsonl", "--output-format", "sarif")
    (invocation,) = sarif_run(done.stdout)["invocations"]
    assert not invocation["executionSuccessful"]
    assert [one["level"] for one in invocation["toolExecutionNotifications"]][-1] == "warning"


def test_sarif_names_files_from_the_root_of_the_repository(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.write("data/ü %#.jsonl", BAD)
    (folder.path / "data").rename(folder.path / "da ta")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(folder.path))
    monkeypatch.chdir(folder.path / "da ta")
    done = folder.run("check", "ü %#.jsonl", "--output-format", "sarif")
    (result,) = sarif_run(done.stdout)["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place == {
        "artifactLocation": {"uri": "da%20ta/%C3%BC%20%25%23.jsonl", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 1},
    }
    assert result["locations"][0]["logicalLocations"] == [{"fullyQualifiedName": "result[0]"}]
    monkeypatch.setenv("GITHUB_WORKSPACE", str(folder.path / "elsewhere"))
    assert folder.run("check", "ü %#.jsonl", "--output-format", "github").stdout.startswith(
        "::error file=ü %25#.jsonl,line=1,"
    )


@given(names)
def test_a_uri_names_its_file(file: str) -> None:
    uri = SourceRoot().uri(file)
    path = os.fsdecode(unquote_to_bytes(uri.removeprefix("file://")))
    assert os.path.normpath(Path.cwd() / path) == os.path.normpath(Path.cwd() / file)


def unquote_to_bytes(text: str) -> bytes:
    return re.sub(rb"%([0-9A-F]{2})", lambda found: bytes.fromhex(found[1].decode()), text.encode("ascii"))


# GitHub


def test_annotations_are_limited_and_the_rest_stands_in_the_log(folder: Folder) -> None:
    folder.write("rows.jsonl", *[BAD | {"id": str(number), "document": f"Ada {number}"} for number in range(13)])
    done = folder.run("check", "rows.jsonl", "--output-format", "github")
    lines = done.stdout.splitlines()
    assert len([line for line in lines if line.startswith("::error ")]) == 10
    assert [line for line in lines if line.startswith("rows.jsonl:1")] == [
        f"rows.jsonl:{number + 1} {number} labels:1:2: error GX201 undefined-class: result[0]: "
        "the guidelines define no class `Persn`; did you mean `Person`? [fix]"
        for number in (10, 11, 12)
    ]
    assert "3 more of severity error stand here only: GitHub shows 10 annotations of each" in lines
    assert lines[-1] == "13 records checked, 0 kept: 13 errors"


@given(texts, texts, st.integers(1, 9))
def test_an_annotation_is_read_as_it_was_meant(message: str, path: str, line: int) -> None:
    one = finding(message=visible(message), path=path, record=RecordReference(index=0, id="r", line=line))
    command, _ = written("github", [Report(diagnostics=(one,))]).split("\n", 1)
    name, properties, data = parsed_command(command)
    assert name == "error"
    assert properties == {"file": "rows.jsonl", "line": str(line), "title": "GX201 undefined-class"}
    assert data.startswith(display(visible(message)))


def parsed_command(line: str) -> tuple[str, dict[str, str], str]:
    """Read a workflow command as the runner does (actions/runner, ActionCommand.cs, TryParseV2)."""

    def unescaped(text: str, *escapes: str) -> str:
        for escape in (*escapes, "%0D", "%0A", "%25"):
            text = text.replace(escape, chr(int(escape[1:], 16)))
        return text

    head, data = line[2:].split("::", 1)
    name, _, listed = head.partition(" ")
    pairs = (one.split("=", 1) for one in listed.split(",") if one)
    return name, {key: unescaped(value, "%3A", "%2C") for key, value in pairs}, unescaped(data)


def test_an_annotation_of_a_file_has_its_columns(folder: Folder) -> None:
    folder.write(
        "g,1.py", 'from dataclasses import dataclass\n\n\n@dataclass\nclass A:\n    """An a."""\n\n    x: Strin\n'
    )
    done = folder.run("lint", "g,1.py", "--output-format", "github", "--select", "undefined-type")
    name, properties, data = parsed_command(done.stdout.splitlines()[0])
    assert (name, properties["file"], properties["line"], properties["col"]) == ("error", "g,1.py", "8", "8")
    assert properties["endColumn"] == "12"
    assert "Strin" in data


# GitLab

# A transcription of "Code Quality report format" in GitLab's documentation, not a schema of GitLab's.
GITLAB = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "minLength": 1, "not": {"pattern": "^\\./"}},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}


@given(found_reports())
def test_code_quality_follows_our_transcription_of_the_documentation_of_gitlab(found: list[Report]) -> None:
    violations = json.loads(written("gitlab", found))
    Draft202012Validator(GITLAB).validate(violations)
    assert len(violations) == sum(len(report.diagnostics) for report in found)
    assert len({one["fingerprint"] for one in violations}) == len(violations)


def test_code_quality_by_example(folder: Folder) -> None:
    folder.write("rows.jsonl", GOOD, BAD)
    (violation,) = json.loads(folder.run("check", "./rows.jsonl", "--output-format", "gitlab").stdout)
    assert re.fullmatch(r"[0-9a-f]{32}:1", violation.pop("fingerprint"))
    assert violation == {
        "description": "GX201 the guidelines define no class `Persn`; did you mean `Person`? "
        "(bad labels:1:2 result[0])",
        "check_name": "undefined-class",
        "severity": "major",
        "location": {"path": "rows.jsonl", "lines": {"begin": 2}},
    }


# JUnit


@given(found_reports())
def test_junit_counts_every_record(found: list[Report]) -> None:
    text = written("junit", found)
    whole = JUnitXml.fromstring(text.encode())
    cases = [case for suite in whole for case in suite]
    told = [one for one in found if one.checked or one.unread or one.diagnostics]
    assert len(cases) == sum(suite.tests for suite in whole) == len(told)
    assert len({suite.name for suite in whole}) == len(whole) <= len(told)
    failing = [any(one.severity is Severity.ERROR for one in report.diagnostics) for report in told]
    assert sum(suite.errors for suite in whole) == sum(one.unread for one in told)
    assert sum(suite.failures for suite in whole) == sum(
        fails and not one.unread for one, fails in zip(told, failing, strict=True)
    )
    root = ElementTree.fromstring(text)
    assert root.get("tests") == str(len(told))
    elements = [one for case in root.iter("testcase") for one in case if one.tag in ("failure", "error")]
    assert len([one for one in elements if one.get("type") != "unread"]) == by_severity(found)[0]


def test_junit_by_example(folder: Folder) -> None:
    folder.write("rows.jsonl", GOOD, BAD, "{\n", GOOD | {"id": "twice"})
    done = folder.run("check", "rows.jsonl", "--output-format", "junit", "--fail-on", "warning")
    whole = JUnitXml.fromstring(done.stdout.encode())
    (suite,) = whole
    assert (suite.name, suite.tests, suite.failures, suite.errors) == ("rows.jsonl", 4, 2, 1)
    assert [(case.classname, case.name, [type(one).__name__ for one in case.result]) for case in suite] == [
        ("rows.jsonl", "good", []),
        ("rows.jsonl", "bad", ["Failure"]),
        ("rows.jsonl", "row 2", ["Error"]),
        ("rows.jsonl", "twice", ["Failure"]),
    ]
    properties = ElementTree.fromstring(done.stdout).iter("property")
    facts = {one.get("name"): one.get("value") for one in properties}
    assert (facts["checked"], facts["kept"], facts["unread"]) == ("3", "2", "1")
    assert facts["isolation"] in ("none", "process", "landlock", "seccomp")


def test_junit_has_a_suite_for_each_file_even_if_they_take_turns() -> None:
    found = [
        Report(diagnostics=(finding(file=file),), file=file, record=RecordReference(index=number, id=str(number)))
        for number, file in enumerate(["a", "a", "b", "a"])
    ]
    whole = JUnitXml.fromstring(written("junit", found).encode())
    assert [(suite.name, [case.name for case in suite]) for suite in whole] == [("a", ["0", "1", "3"]), ("b", ["2"])]


def test_junit_keeps_its_memory_flat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(junit, "_MEMORY", 4096)
    monkeypatch.setattr(junit, "_BLOCK", 4096)
    one = Report(diagnostics=(), file="rows.jsonl", record=RecordReference(index=0, id="x" * 200))
    assert peak("junit", repeat(one, 4_000)) < 100_000 < 4_000 * 200


# Grouped, statistics


def test_grouped_names_files_and_rows_once(folder: Folder) -> None:
    folder.write("a.jsonl", BAD | {"labels": "[Persn(mention='Ada'), Person(nam='Ada')]"}, GOOD)
    folder.write("b.jsonl", "7\n")
    done = folder.run("check", "a.jsonl", "b.jsonl", "--output-format", "grouped")
    assert done.stdout == (
        "a.jsonl\n"
        "  line 1: bad\n"
        "    labels:1:2  error GX201 undefined-class: result[0]: the guidelines define no class `Persn`; "
        "did you mean `Person`? [fix]\n"
        "    labels:1:24  error GX203 missing-attribute: result[1].mention: `Person` lacks the required attribute "
        "`mention`\n"
        "    labels:1:31  error GX202 unexpected-attribute: result[1].nam: `Person` has no attribute `nam`\n"
        "\n"
        "b.jsonl\n"
        "  line 1: row 0\n"
        "    error GX002 unreadable-row: the row is no JSON object but a number\n"
        "\n"
        "2 records checked, 1 kept, 1 row or file could not be read: 4 errors\n"
    )


def test_statistics_go_with_every_format_for_people(folder: Folder) -> None:
    folder.write("rows.jsonl", BAD)
    for name in ("full", "concise", "grouped"):
        done = folder.run("check", "rows.jsonl", "--output-format", name, "--statistics", "--quiet")
        assert done.stdout == "       1  GX201  undefined-class\n"


@pytest.mark.parametrize("output_format", ["grouped", "sarif", "github", "gitlab", "junit"])
def test_a_file_holds_what_would_be_shown(folder: Folder, output_format: str) -> None:
    folder.write("rows.jsonl", GOOD, BAD | {"id": "ü\u202e"})
    arguments = ["check", "rows.jsonl", "--output-format", output_format]
    shown = folder.run(*arguments)
    filed = folder.run(*arguments, "--output-file", "report")
    assert (folder.path / "report").read_text("utf-8") == shown.stdout
    assert shown.returncode == filed.returncode == 1
    assert filed.stderr.endswith("2 records checked, 1 kept: 1 error\n")


@pytest.mark.sarif
def test_the_sarif_validator_finds_no_error_by_the_rules_of_github(folder: Folder) -> None:
    """Run Microsoft's validator, which exits 0 whatever it finds: its own log is read."""
    tool = os.environ[MULTITOOL]
    logs = {
        "datasets.sarif": ["check", *map(str, DATASETS)],
        "guidelines.sarif": ["lint", str(FIXTURES / "guidelines")],
        "files.sarif": [
            "check", "--guidelines", str(FIXTURES / "example/guidelines.py"),
            "--text", str(FIXTURES / "example/document.txt"), str(FIXTURES / "example/labels.py"),
        ],
    }  # fmt: skip
    for name, arguments in logs.items():
        assert folder.run(*arguments, "--output-format", "sarif", "--output-file", name).returncode == 1
    broken = json.loads((folder.path / "files.sarif").read_text("utf-8"))
    broken["runs"][0]["results"][0]["locations"] = []
    (folder.path / "broken.sarif").write_text(json.dumps(broken), "utf-8")
    assert "GH1015" in validated(tool, folder.path / "broken.sarif"), "the rules of GitHub are applied"
    for name in logs:
        assert validated(tool, folder.path / name) <= {"SARIF2017"}, name


def validated(tool: str, path: Path) -> set[str]:
    """Give the rules of the validator that find an error or a warning."""
    log = path.with_suffix(".log")
    arguments = ["validate", str(path), "--rule-kind", "Sarif;Ghas", "--level", "Error;Warning", "--output", str(log)]
    subprocess.run([tool, *arguments], check=True, capture_output=True, timeout=120)
    (run,) = json.loads(log.read_text("utf-8-sig"))["runs"]
    assert run["invocations"][0]["executionSuccessful"]
    return {one["ruleId"] for one in run["results"]}
