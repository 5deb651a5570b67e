"""The engine will never answer this request.

It says that the request is wrong, and not that it is busy or out of order: asked again, it would say so again. What it
says is told, and the document is rejected. An engine that does not answer now leaves its documents pending.

Source: RFC 9110, section 15.5 (client errors).
"""

from collections.abc import Iterator

from guidex_schema.rule import Example, Fault, Severity
from guidex_schema.stage_output import StageOutput

CODE = "GX607"
NAME = "engine-refused"
SEVERITY = Severity.ERROR

_WORDS = "the server refused the request (400): the grammar is too complex"

VALID = (Example(output="- Ada wrote notes", stage="summary"),)

INVALID = (Example(output="", told=_WORDS, part="output", message=_WORDS),)


def gate(output: StageOutput) -> Iterator[Fault]:
    """Give what the run has found."""
    return output.reported(NAME)
