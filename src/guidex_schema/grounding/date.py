"""Dates as texts write them, in the order of several languages."""

import re
from typing import NamedTuple

from guidex_schema.grounding.lexicon import MONTHS
from guidex_schema.grounding.pattern import END, any_of


class Date(NamedTuple):
    """A date of the Gregorian calendar, with the places of its day and month and of its year."""

    year: int | None
    month: int
    day: int | None
    start: int
    end: int
    day_and_month: tuple[int, int]
    year_place: tuple[int, int] | None


_MONTH = rf"(?:{any_of(MONTHS)})(?:\.(?=[ \d]))?{END}"
# Mars 5 is no date.
_SURE_MONTH = _MONTH.replace("|mars|", "|")
_OF = "(?:of |de |del |di |d'|ב)?"
_DAY_FIRST = (
    rf"(?P<both>(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|\.)?[ -]?{_OF}(?P<month>{_MONTH}))"
    rf"(?:(?:,? {_OF}|-)(?P<year>\d{{4}})(?!\d))?"
)
_MONTH_FIRST = (
    rf"(?P<both>(?P<month>{_SURE_MONTH})[ -](?P<day>\d{{1,2}})(?:st|nd|rd|th)?{END}(?![:.,]\d))"
    r"(?:(?:,? |-)(?P<year>\d{4})(?!\d))?"
)
_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        _DAY_FIRST,
        _MONTH_FIRST,
        rf"(?P<both>(?P<month>{_SURE_MONTH}))(?P<day>)(?:,? {_OF}|-)(?P<year>\d{{4}})(?!\d)",
        r"(?P<year>\d{4})(?P<mark>[-/.])(?P<both>(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2}))(?!\d)",
        r"(?P<year>\d{4}) ?年[ -]?(?P<both>(?P<month>\d{1,2}) ?月(?:[ -]?(?P<day>\d{1,2}) ?日)?)",
        r"(?P<year>\d{4})년 ?(?P<both>(?P<month>\d{1,2})월(?: ?(?P<day>\d{1,2})일)?)",
        r"(?P<both>(?P<day>\d{1,2})\.(?P<month>\d{1,2}))\.(?P<year>\d{4})(?!\d)",
        # Between slashes only a number above twelve tells the day from the month.
        r"(?P<both>(?P<day>1[3-9]|2\d|3[01])(?P<mark>[-/])(?P<month>\d{1,2}))(?P=mark)(?P<year>\d{4})(?!\d)",
        r"(?P<both>(?P<month>\d{1,2})(?P<mark>[-/])(?P<day>1[3-9]|2\d|3[01]))(?P=mark)(?P<year>\d{4})(?!\d)",
    )
)


def date_at(text: str, start: int, end: int) -> Date | None:
    """Read the date that a stretch begins with, if it does."""
    for pattern in _DATES:
        if match := pattern.match(text, start, end):
            name = match["month"].rstrip(".")
            month = int(name) if name.isdecimal() else MONTHS[name]
            day = int(match["day"]) if match["day"] else None
            year = int(match["year"]) if match["year"] else None
            if 1 <= month <= 12 and (day is None or 1 <= day <= 31):
                return Date(
                    year,
                    month,
                    day,
                    match.start(),
                    match.end(),
                    match.span("both"),
                    match.span("year") if year else None,
                )
    return None
