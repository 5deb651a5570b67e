"""SARIF 2.1.0, which code scanning of GitHub and editors read."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import version
from typing import NamedTuple

from guidex_schema.diagnostic import Diagnostic, Fix, Report, Severity
from guidex_schema.display import display, json_text
from guidex_schema.fingerprint import Fingerprints, fingerprint
from guidex_schema.reports.json_lines import finding
from guidex_schema.reports.place import told
from guidex_schema.reports.style import Style
from guidex_schema.reports.summary import Summary
from guidex_schema.reports.worst import Worst
from guidex_schema.rule import Rule, discover
from guidex_schema.text import Document, Span

# Code scanning shows so many results of a run, the most severe first, and refuses more than 25,000 (GitHub Docs,
# *SARIF support for code scanning*, "Validating your SARIF file").
_MOST = 5_000

# There it cuts a rule's descriptions.
_DESCRIPTION_LENGTH = 1024

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ABOUT = "https://arxiv.org/abs/2506.00649"
_PAPER = re.compile(r"arXiv:(\d{4}\.\d{5})")
_PEP = re.compile(r"\bPEP (\d+)")
_SEMANTIC_VERSION = re.compile(r"\d+\.\d+\.\d+")

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_PROBLEMS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "recommendation"}

# What a rule judges, by the beginning of its code, and how often it is right. Parsers and types leave no doubt.
_FAMILIES = {
    "GX0": ("unreadable", "very-high"),
    "GX1": ("guidelines", "high"),
    "GX2": ("schema", "very-high"),
    "GX3": ("grounding", "high"),
    "GX4": ("execution", "very-high"),
    "GX5": ("dataset", "high"),
}


class _Found(NamedTuple):
    """A finding that is kept, ready but for its number among equal ones."""

    result: dict[str, object]
    known_by: bytes


def render(reports: Iterable[Report], summary: Summary, style: Style) -> Iterator[str]:
    """Write one run with the worst 5,000 findings, the worst first; a notification says how many were cut.

    Columns count code points. A finding in a row points at the line of the row, and its path is a logical location;
    where the part is a file by itself, it points into the file, and fixes are given.

    Source:
        OASIS, *Static Analysis Results Interchange Format (SARIF) Version 2.1.0*.
    """
    kept: Worst[_Found] = Worst(_MOST)
    for report in summary.counting(reports):
        for one in report.diagnostics:
            if kept.makes_room(one.severity):
                file = style.root.name(one.file) if one.file is not None else ""
                known_by = fingerprint(one, report.identity, file)
                kept.add(one.severity, _Found(_result(one, report, summary, style), known_by))
    run = {
        "tool": {"driver": _driver()},
        "columnKind": "unicodeCodePoints",
        "newlineSequences": ["\r\n", "\n", "\r"],
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The root of the repository."}}},
        "invocations": [
            {
                "executionSuccessful": summary.checked > 0 or not summary.unread,
                "toolExecutionNotifications": [*_notifications(summary, kept)],
            }
        ],
    }
    yield f'{{"$schema": "{_SCHEMA}", "version": "2.1.0", "runs": [{json_text(run)[:-1]}, "results": ['
    fingerprints = Fingerprints()
    separator = "\n"
    for found in kept:
        number = fingerprints.numbered(found.known_by)
        # Code scanning goes by the first name only.
        named = {"primaryLocationLineHash": number, "guidexFingerprint/v1": number}
        yield separator + json_text(found.result | {"partialFingerprints": named})
        separator = ",\n"
    yield "\n]}]}\n"


@cache
def _rules() -> dict[str, tuple[int, Rule]]:
    return {rule.code: (index, rule) for index, rule in enumerate(discover())}


def _driver() -> dict[str, object]:
    number = version("guidex-schema")
    driver: dict[str, object] = {"name": "guidex-schema", "informationUri": _ABOUT, "version": number}
    if _SEMANTIC_VERSION.fullmatch(number):
        driver["semanticVersion"] = number
    return driver | {"rules": [_descriptor(rule) for _, rule in _rules().values()]}


def _descriptor(rule: Rule) -> dict[str, object]:
    paragraphs = [" ".join(one.split()) for one in rule.explanation.split("\n\n")]
    whole = " ".join(one for one in paragraphs if not one.startswith("Source:"))
    tag, precision = _FAMILIES.get(rule.code[:3], ("guidex", "high"))
    return {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": paragraphs[0][:_DESCRIPTION_LENGTH]},
        "fullDescription": {"text": whole[:_DESCRIPTION_LENGTH]},
        "help": {
            "text": f"{rule.code} {rule.name}\n\n{rule.explanation}",
            "markdown": f"# {rule.code} {rule.name}\n\n{rule.explanation}\n\n`guidex rule {rule.code}` shows examples.",
        },
        **_help_uri(rule),
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": [tag], "precision": precision, "problem.severity": _PROBLEMS[rule.severity]},
    }


def _help_uri(rule: Rule) -> dict[str, str]:
    """Give the page that a rule names as its source, if that is a paper or a PEP."""
    if paper := _PAPER.search(rule.explanation):
        return {"helpUri": f"https://arxiv.org/abs/{paper[1]}"}
    if pep := _PEP.search(rule.explanation):
        return {"helpUri": f"https://peps.python.org/pep-{pep[1]:0>4}/"}
    return {}


def _notifications(summary: Summary, kept: Worst[_Found]) -> Iterator[dict[str, object]]:
    if kept.cut.total():
        numbers = ", ".join(f"{kept.cut[one]:,} of severity {one}" for one in Severity if kept.cut[one])
        text = f"Of {kept.cut.total() + _MOST:,} findings the worst {_MOST:,} are given; cut were {numbers}."
        yield _notification("cut", "warning", text)
    if summary.isolation is not None:
        text = f"Labels were read at isolation level {summary.isolation.level}."
        yield _notification("isolation", "note" if summary.isolation.is_full else "warning", text)
    yield _notification("summary", "warning" if summary.unread else "note", f"{summary.sentence()}.")


def _notification(name: str, level: str, text: str) -> dict[str, object]:
    return {"descriptor": {"id": name}, "level": level, "message": {"text": text}}


def _result(diagnostic: Diagnostic, report: Report, summary: Summary, style: Style) -> dict[str, object]:
    rule = _rules().get(diagnostic.code)
    location: dict[str, object] = {}
    if diagnostic.file is not None:
        location["physicalLocation"] = {"artifactLocation": _artifact(diagnostic.file, style), **_region(diagnostic)}
    if diagnostic.path:
        location["logicalLocations"] = [{"fullyQualifiedName": display(diagnostic.path)}]
    details = finding(diagnostic, summary.isolation)
    named = {key: details[key] for key in ("record", "part", "path", "location", "span")}
    result: dict[str, object] = {
        "ruleId": diagnostic.code,
        **({"ruleIndex": rule[0]} if rule is not None else {}),
        "level": _LEVELS[diagnostic.severity],
        "message": {"text": told(diagnostic)},
        "locations": [location] if location else [],
        "properties": {key: value for key, value in named.items() if value is not None},
    }
    source = report.source_of(diagnostic)
    if diagnostic.fix is not None and diagnostic.record is None and diagnostic.file is not None and source is not None:
        result["fixes"] = [_fix(diagnostic.fix, source, _artifact(diagnostic.file, style))]
    return result


def _artifact(file: str, style: Style) -> dict[str, str]:
    uri = style.root.uri(file)
    return {"uri": uri} if uri.startswith("file:") else {"uri": uri, "uriBaseId": "%SRCROOT%"}


def _region(diagnostic: Diagnostic) -> dict[str, object]:
    """Give the place in the file, if the file has lines."""
    if diagnostic.record is not None:
        line = diagnostic.record.line
        return {} if line is None else {"region": {"startLine": line}}
    if diagnostic.location is None:
        return {}
    start, end = diagnostic.location.start, diagnostic.location.end
    columns = {"startColumn": start.column + 1, "endColumn": end.column + 1}
    return {"region": {"startLine": start.line, "endLine": end.line, **columns}}


def _fix(fix: Fix, source: Document, artifact: dict[str, str]) -> dict[str, object]:
    replacements = []
    for edit in fix.edits:
        place = source.location(Span(start=edit.start, end=edit.end))
        region = {
            "startLine": place.start.line,
            "startColumn": place.start.column + 1,
            "endLine": place.end.line,
            "endColumn": place.end.column + 1,
        }
        replacements.append({"deletedRegion": region, "insertedContent": {"text": edit.replacement}})
    safety = "safe" if fix.safe else "unsafe"
    return {
        "description": {"text": f"{display(fix.title)} ({safety})"},
        "artifactChanges": [{"artifactLocation": artifact, "replacements": replacements}],
    }
