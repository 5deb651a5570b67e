"""Mending by fixes, round by round, as long as what is mended is better than before."""

from bisect import bisect_right, insort
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

from guidex_schema.diagnostic import Diagnostic, Fix, Part, Report

# Each round makes all fixes that do not touch each other; a dozen imports of one module take a dozen rounds.
_ROUNDS = 200

# What one finding is known by from one round to the next; its place moves.
_Key = tuple[str, str | None, str]


class Draft(Protocol):
    """Something that fixes change; the sources of its report tell it from others."""

    @property
    def report(self) -> Report:
        """Give what is found in it."""


_Draft = TypeVar("_Draft", bound=Draft)


def mend(
    draft: _Draft,
    made: Callable[[_Draft, Sequence[Diagnostic]], _Draft | None],
    *,
    is_fixable: Callable[[Diagnostic], bool],
    is_better: Callable[[Report, Report, Sequence[Diagnostic]], bool],
) -> tuple[_Draft, tuple[Diagnostic, ...]]:
    """Make fixes until there is nothing left to mend.

    Args:
        draft: what is mended.
        made: gives a draft with the fixes of these findings made, which do not touch each other; None where they
            cannot be.
        is_fixable: whether a finding has a fix that may be made.
        is_better: whether fixes are left made, by what was found before, what is found after, and what was mended.

    Returns:
        The last draft, and the findings that are gone, as they were found, in the order in which they were mended.
    """
    fixed: list[Diagnostic] = []
    refused: set[_Key] = set()
    earlier = [draft.report.sources]
    for _ in range(_ROUNDS):
        candidates = (one for one in draft.report.diagnostics if is_fixable(one) and known_as(one) not in refused)
        chosen = _together(candidates)
        while chosen:
            after = made(draft, chosen)
            is_new = after is not None and after.report.sources not in earlier
            if after is not None and is_new and is_better(draft.report, after.report, chosen):
                draft = after
                earlier.append(draft.report.sources)
                fixed += chosen
                break
            if len(chosen) == 1:
                refused.add(known_as(chosen[0]))
                break
            chosen = chosen[: len(chosen) // 2]
        else:
            break
    return draft, tuple(fixed)


def known_as(found: Diagnostic) -> _Key:
    """Give what a finding is known by, wherever it stands."""
    return found.code, found.path, found.message


def with_fixes(source: str, findings: Iterable[Diagnostic], part: Part | None = None) -> str:
    """Give a text with the fixes of findings made that do not touch each other.

    Args:
        source: the decoded part that the fixes were made for.
        findings: those that have no fix, or stand in another part where one is named, are passed over.
        part: the only part that is mended.
    """
    fixes = (one.fix for one in findings if one.fix is not None and part in (None, one.part))
    edits = sorted((edit for fix in fixes for edit in fix.edits), key=lambda edit: edit.start)
    return Fix(title="", safe=False, edits=tuple(edits)).apply(source)


def are_gone(mended: Sequence[Diagnostic], before: Report, after: Report) -> bool:
    """Say whether the findings that were mended are gone."""
    # A message may name a line, which moves: that as many findings of the code are gone is asked, too.
    was, now = _counted(before.diagnostics), _counted(after.diagnostics)
    return all(now[known] <= was[known] - count for known, count in _counted(mended).items())


def _together(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Give the findings whose fixes do not touch each other, the earlier before the later."""
    chosen: list[Diagnostic] = []
    taken: dict[Part, list[tuple[int, int]]] = {}
    for one in findings:
        spans = [(edit.start, edit.end) for edit in one.fix.edits] if one.fix is not None else []
        of_part = taken.setdefault(one.part, [])
        if not any(_touches(span, of_part) for span in spans):
            for span in spans:
                insort(of_part, span)
            chosen.append(one)
    return chosen


def _touches(span: tuple[int, int], taken: Sequence[tuple[int, int]]) -> bool:
    """Say whether a span shares a place with one of those that are taken; these share none and are in order."""
    behind = bisect_right(taken, span)
    return any(span[0] <= end and start <= span[1] for start, end in taken[max(behind - 1, 0) : behind + 1])


def _counted(findings: Iterable[Diagnostic]) -> Counter[_Key | str]:
    """Count findings, each by itself and by its code."""
    counts: Counter[_Key | str] = Counter()
    for one in findings:
        counts.update((known_as(one), one.code))
    return counts
