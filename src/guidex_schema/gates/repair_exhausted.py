"""An answer still has errors after it was asked for as often as settings allow.

The document is rejected, with all that was found in the last answer; what was answered before stands in the journal.
`generation.repairs` says how often a stage is asked again.

Source: project decision; retries without an end cost more than the documents that they save.
"""

from collections.abc import Iterator

from guidex_schema.rule import Example, Fault, Severity
from guidex_schema.stage_output import StageOutput

CODE = "GX605"
NAME = "repair-exhausted"
SEVERITY = Severity.ERROR

_WORDS = "errors were left after the stage was asked 3 times"

VALID = (Example(output="- Ada wrote notes", stage="summary"),)

INVALID = (Example(output="", told=_WORDS, part="output", message=_WORDS),)


def gate(output: StageOutput) -> Iterator[Fault]:
    """Give what the run has found."""
    return output.reported(NAME)
