"""A suppression stands where nothing is suppressed.

The fault is gone, or never was there; whoever reads the comment looks for it, and a new fault of that kind would pass
unseen. Only codes that are applied are judged. The fix removes the code, or the comment with its last one.

Source: ruff RUF100 (unused-noqa); flake8-noqa NQA102.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Sequence

from guidex_schema.diagnostic import Fix, quoted
from guidex_schema.rule import Example, Fault, Findings, Severity, Subject, discover
from guidex_schema.suppression import Selector, Suppression, removal

CODE = "GX131"
NAME = "unused-suppression"
SEVERITY = Severity.WARNING
IS_SUPPRESSIBLE = False

_SHADOWING = "class list:{comment}\n    x: str  # what x is\n"

VALID = (
    Example(
        guidelines=_SHADOWING.format(comment="  # guidex: ignore[GX121]"), origin="file", beside=("shadowed-name",)
    ),
    Example(guidelines=_SHADOWING.format(comment="  # guidex: ignore[GX121]"), origin="file"),
    Example(
        guidelines="# guidex: ignore[shadowed-name] on purpose\n\n" + _SHADOWING.format(comment=""),
        origin="file",
        beside=("shadowed-name",),
    ),
    Example(
        guidelines="# guidex: ignore[GX121]\n@dataclass\n" + _SHADOWING.format(comment=""),
        origin="file",
        beside=("shadowed-name",),
    ),
    Example(guidelines="class A:\n    x: str  # guidex: ignore[GX121]\n", beside=("shadowed-name",)),
)

INVALID = (
    Example(
        guidelines="class A:  # guidex: ignore[GX121]\n    x: str\n",
        origin="file",
        beside=("shadowed-name",),
        at="GX121",
        part="guidelines",
        fixed="class A:\n    x: str\n",
        safe=True,
        message="`GX121` suppresses nothing here",
        title="Remove the suppression",
    ),
    Example(
        guidelines="class list:\n    x: str  # what x is  # guidex: ignore[GX121] no more\n",
        origin="file",
        beside=("shadowed-name",),
        at="GX121",
        part="guidelines",
        fixed="class list:\n    x: str  # what x is\n",
        safe=True,
        message="`GX121` suppresses nothing here",
        title="Remove the suppression",
    ),
    Example(
        guidelines=_SHADOWING.format(comment="  # guidex: ignore[GX121, GX119]"),
        origin="file",
        beside=("shadowed-name", "reserved-name"),
        at="GX119",
        part="guidelines",
        fixed=_SHADOWING.format(comment="  # guidex: ignore[GX121]"),
        safe=True,
        message="`GX119` suppresses nothing here",
        title="Remove the suppression",
    ),
    Example(
        guidelines="# guidex: ignore[reserved-name]\nimport typing\n\nclass A:\n    x: str\n",
        origin="file",
        beside=("reserved-name",),
        at="reserved-name",
        part="guidelines",
        fixed="import typing\n\nclass A:\n    x: str\n",
        safe=True,
        message="`reserved-name` suppresses nothing here",
        title="Remove the suppression",
    ),
)


def review(subject: Subject, findings: Findings) -> Iterator[Fault]:
    """Hold every suppression against what was found before it was suppressed."""
    if not subject.suppressions.found:
        return
    document = subject.guideline.document
    found: dict[str, list[int]] = {}
    for rule, fault in findings.found:
        if fault.part == "guidelines":
            line = 0 if fault.span is None else document.position(fault.span.start).line
            insort(found.setdefault(rule.code, []), line)
    rules = {key: rule for rule in discover() if rule.is_suppressible for key in (rule.code.lower(), rule.name)}
    for suppression in subject.suppressions.found:
        for selector in suppression.selectors or ():
            known = rules.get(selector.text.lower())
            if known is None or known.code not in findings.applied:
                continue
            if not _is_used(suppression, found.get(known.code, ())):
                yield _unused(subject, suppression, selector)


def _is_used(suppression: Suppression, lines: Sequence[int]) -> bool:
    """Say whether a finding starts on a line that the suppression holds for; 0 is the line of none."""
    if suppression.lines is None:
        return bool(lines)
    behind = bisect_right(lines, suppression.lines.last)
    return behind > bisect_left(lines, suppression.lines.first)


def _unused(subject: Subject, suppression: Suppression, selector: Selector) -> Fault:
    edit = removal(subject.guideline, suppression, selector)
    return Fault(
        rule=NAME,
        message=f"{quoted(selector.text)} suppresses nothing here",
        part="guidelines",
        span=selector.span,
        fix=Fix(title="Remove the suppression", safe=True, edits=(edit,)),
    )
