"""How often each code was found."""

from collections.abc import Iterator

from guidex_schema.reports.summary import Summary


def statistics(summary: Summary) -> Iterator[str]:
    """Write a line per code, the most frequent first."""
    for (code, name), count in sorted(summary.codes.items(), key=lambda item: (-item[1], item[0])):
        yield f"{count:>8,}  {code}  {name}\n"
