"""All answers about one document together have used up what it may cost.

`generation.token-budget` bounds what repairs can cost for a document that no answer fits.

Source: project decision; users of other pipelines report jobs whose retries cost more than all that was kept.
"""

from collections.abc import Iterator

from guidex_schema.rule import Example, Fault, Severity
from guidex_schema.stage_output import StageOutput

CODE = "GX608"
NAME = "over-budget"
SEVERITY = Severity.ERROR

_WORDS = "the answers about the document have 17,004 tokens, and may have 16,384"

VALID = (Example(output="- Ada wrote notes", stage="summary"),)

INVALID = (Example(output="", told=_WORDS, part="output", message=_WORDS),)


def gate(output: StageOutput) -> Iterator[Fault]:
    """Give what the run has found."""
    return output.reported(NAME)
