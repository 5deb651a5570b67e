"""JUnit XML: a suite for each file, and a test case for each record."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import IO
from xml.sax.saxutils import escape, quoteattr

from guidex_schema.diagnostic import Report
from guidex_schema.display import display, without_commands
from guidex_schema.reports.concise import line
from guidex_schema.reports.place import record_name, told
from guidex_schema.reports.style import Style
from guidex_schema.reports.summary import Summary

_MEMORY = 1024 * 1024
_BLOCK = 64 * 1024


@dataclass
class _Suite:
    """What is known of one file.

    Attributes:
        places: where blocks of its test cases stand in what is kept on disk: starts and lengths in bytes.
    """

    places: list[tuple[int, int]] = field(default_factory=list)
    tests: int = 0
    failures: int = 0
    errors: int = 0
    checked: int = 0
    kept: int = 0
    unread: int = 0

    def place(self, start: int, length: int) -> None:
        """Remember a test case; a block takes up those that follow each other."""
        if self.places and sum(self.places[-1]) == start and self.places[-1][1] < _BLOCK:
            start, before = self.places.pop()
            length += before
        self.places.append((start, length))


def render(reports: Iterable[Report], summary: Summary, style: Style) -> Iterator[str]:
    """Write a test case for every record: it fails by findings as severe as make the run fail, and has the others.

    A record without a finding is a test that passed; a row or file that could not be read is an error. Test cases are
    kept on disk until their numbers are known, which stand before them.

    Source:
        The schema of JUnit that Jenkins publishes (xunit-plugin, junit-10.xsd).
    """
    suites: dict[str, _Suite] = {}
    with SpooledTemporaryFile(max_size=_MEMORY) as cases:
        for report in summary.counting(reports):
            if not (report.checked or report.unread or report.diagnostics):
                continue
            file = _file(report)
            suite = suites.setdefault(file, _Suite())
            case = _case(report, suite, style, style.root.name(file)).encode()
            suite.place(cases.tell(), len(case))
            cases.write(case)
        totals = {name: sum(getattr(one, name) for one in suites.values()) for name in ("tests", "failures", "errors")}
        yield f'<?xml version="1.0" encoding="utf-8"?>\n<testsuites name="guidex"{_attributes(totals)}>\n'
        for file, suite in suites.items():
            yield from _suite(style.root.name(file), suite, summary, cases)
        yield "</testsuites>\n"


def _file(report: Report) -> str:
    named = (one.file for one in report.diagnostics if one.file is not None)
    return report.file if report.file is not None else next(named, "<record>")


def _case(report: Report, suite: _Suite, style: Style, file: str) -> str:
    """Write the test case of one report, and count it."""
    record = report.record or next((one.record for one in report.diagnostics if one.record is not None), None)
    name = display(file) if record is None else record_name(record)
    failing = [one for one in report.diagnostics if one.severity in style.failing]
    remarks = [one for one in report.diagnostics if one.severity not in style.failing]
    suite.tests += 1
    suite.checked += report.checked
    suite.kept += report.kept
    suite.unread += report.unread
    suite.errors += report.unread
    suite.failures += bool(failing) and not report.unread
    element = "error" if report.unread else "failure"
    inside = [
        f"      <{element} type={_quoted(f'{one.code} {one.name}')} message={_quoted(told(one))}>"
        f"{_text(line(one))}</{element}>\n"
        for one in failing
    ]
    if report.unread and not failing:
        inside.append('      <error type="unread" message="it could not be read"/>\n')
    if remarks:
        inside.append(f"      <system-out>{_text(chr(10).join(map(line, remarks)))}</system-out>\n")
    start = f"    <testcase classname={_quoted(display(file))} name={_quoted(name)}"
    return f"{start}>\n{''.join(inside)}    </testcase>\n" if inside else f"{start}/>\n"


def _suite(file: str, suite: _Suite, summary: Summary, cases: IO[bytes]) -> Iterator[str]:
    counts = {"tests": suite.tests, "failures": suite.failures, "errors": suite.errors}
    facts: dict[str, object] = {"checked": suite.checked, "kept": suite.kept, "unread": suite.unread}
    if summary.isolation is not None:
        facts["isolation"] = summary.isolation.level
    yield f"  <testsuite name={_quoted(display(file))}{_attributes(counts)}>\n    <properties>\n"
    yield from (f"      <property name={_quoted(key)} value={_quoted(str(value))}/>\n" for key, value in facts.items())
    yield "    </properties>\n"
    for start, length in suite.places:
        cases.seek(start)
        yield cases.read(length).decode()
    yield "  </testsuite>\n"


def _attributes(counts: dict[str, int]) -> str:
    return "".join(f' {name}="{count}"' for name, count in counts.items())


def _quoted(text: str) -> str:
    return without_commands(quoteattr(text), "&#35;")


def _text(text: str) -> str:
    return without_commands(escape(text), "&#35;")
