"""Guidelines declare no class that anything could be annotated with.

Python without a class is an answer, but none to the question: a list of instances has nothing to be made of.

Source: GuideX, arXiv:2506.00649, section 3 (guidelines are dataclasses).
"""

from collections.abc import Iterator

from guidex_schema.rule import Example, Fault, Severity
from guidex_schema.stage_output import StageOutput

CODE = "GX611"
NAME = "nothing-declared"
SEVERITY = Severity.ERROR

_WORDS = "the guidelines declare no dataclass; write one for each kind of thing in the structure"

VALID = (Example(output="- Ada wrote notes", stage="summary"),)

INVALID = (Example(output="", told=_WORDS, part="output", message=_WORDS),)


def gate(output: StageOutput) -> Iterator[Fault]:
    """Give what the run has found."""
    return output.reported(NAME)
