"""A summary is no list of key ideas, or holds characters that no prompt should carry on.

What stands in a summary goes into the prompts behind it. Control characters, bidirectional controls and half pairs of
surrogates hide what is said there; the fix takes them out. A refusal, a JSON object or running prose is no list: there
has to be a line that begins with a dash, another bullet, or a number.

Source: GuideX, arXiv:2506.00649, section 3 (key ideas as a list); CVE-2021-42574 (Trojan Source).
"""

import re
from collections.abc import Iterator

from guidex_schema.diagnostic import Edit, Fix, visible
from guidex_schema.quantity import quantity
from guidex_schema.rule import Example, Fault, Severity
from guidex_schema.screening import INVALID_CHARACTER
from guidex_schema.stage_output import StageOutput
from guidex_schema.text import Span

CODE = "GX615"
NAME = "malformed-summary"
SEVERITY = Severity.ERROR

_TITLE = "Take out the characters that cannot be seen"
_BULLET = re.compile(r"^[ \t]*+(?:[-*+•‣–—]|\d{1,3}+[.)])[ \t]++\S", re.MULTILINE)

VALID = (
    Example(output="Key ideas:\n\n- Ada wrote notes\r\n- in 1843", stage="summary"),
    Example(output="1. Ada wrote notes", stage="summary"),
    Example(output='{"a": "\\u0000"}', document=""),
)

INVALID = (
    Example(
        output="I cannot help with that.",
        stage="summary",
        part="output",
        message="the summary is no list; write each key idea on a line of its own that begins with `- `",
    ),
    Example(
        output="- Ada \x1b[31mwrote\u202e",
        stage="summary",
        at="\x1b",
        part="output",
        fixed="- Ada [31mwrote",
        safe=True,
        title=_TITLE,
        message="the summary holds 2 characters that cannot be seen, the first `\\x1b`",
    ),
)


def gate(output: StageOutput) -> Iterator[Fault]:
    """Look for hidden characters, and for a line that is an idea."""
    if output.stage != "summary" or not output.is_read:
        return
    hidden = list(INVALID_CHARACTER.finditer(output.text))
    if hidden:
        edits = tuple(Edit(start=one.start(), end=one.end(), replacement="") for one in hidden)
        yield Fault(
            rule=NAME,
            message=f"the summary holds {quantity(len(hidden), 'character')} that cannot be seen, the first "
            f"`{visible(hidden[0][0])}`",
            part="output",
            span=Span(start=hidden[0].start(), end=hidden[0].end()),
            fix=Fix(title=_TITLE, safe=True, edits=edits),
        )
    if not _BULLET.search(output.text):
        message = "the summary is no list; write each key idea on a line of its own that begins with `- `"
        yield Fault(rule=NAME, message=message, part="output")
