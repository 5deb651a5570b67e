"""Under these guidelines nothing could be written that stands in the document.

In grounded decoding the list is a sentence of a grammar that is made of the guidelines and the document. Where every
class requires what the document does not have, such as a number, there is no such sentence but the empty list.

Source: project decision (SPEC 29).
"""

from collections.abc import Iterator

from guidex_schema.rule import Example, Fault, Severity
from guidex_schema.stage_output import StageOutput

CODE = "GX612"
NAME = "no-grammar"
SEVERITY = Severity.ERROR

_WORDS = "no instance of the guidelines can be written with what stands in the document"

VALID = (Example(output="- Ada wrote notes", stage="summary"),)

INVALID = (Example(output="", told=_WORDS, part="output", message=_WORDS),)


def gate(output: StageOutput) -> Iterator[Fault]:
    """Give what the run has found."""
    return output.reported(NAME)
