"""An answer was cut off: it had no more tokens.

What stands there is a part of an answer, even where it can be read. Asked again, the model is told to write less; a
larger `engine.max-tokens` leaves it more room.

Source: GuideX, arXiv:2506.00649, Table 5 (1,024 new tokens a step), by which long guidelines were cut.
"""

from collections.abc import Iterator

from guidex_schema.rule import Example, Fault, Severity
from guidex_schema.stage_output import StageOutput

CODE = "GX604"
NAME = "token-limit"
SEVERITY = Severity.ERROR

_WORDS = "the answer was cut off, it had no more tokens; write a shorter one"

VALID = (Example(output="- Ada wrote notes", stage="summary"),)

INVALID = (Example(output="- Ada wrote no", stage="summary", is_cut=True, part="output", message=_WORDS),)


def gate(output: StageOutput) -> Iterator[Fault]:
    """Ask how the answer ended."""
    if output.is_cut:
        yield Fault(rule=NAME, message=_WORDS, part="output")
