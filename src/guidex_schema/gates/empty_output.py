"""A stage has answered nothing.

What is made from an empty answer is made from nothing, and so is all that follows. A model that answers nothing has
mostly no room left for an answer, or has ended within what it thinks aloud.

Source: GuideX, arXiv:2506.00649, section 3, whose published pipeline hands empty answers on to the next stage.
"""

from collections.abc import Iterator

from guidex_schema.rule import Example, Fault, Severity
from guidex_schema.stage_output import StageOutput

CODE = "GX601"
NAME = "empty-output"
SEVERITY = Severity.ERROR

VALID = (Example(output="- Ada wrote notes", stage="summary"), Example(output="{", stage="structure"))

INVALID = (
    Example(
        output=" \n",
        stage="summary",
        part="output",
        message="there was no answer; give the whole of it",
    ),
)


def gate(output: StageOutput) -> Iterator[Fault]:
    """Look for anything at all."""
    if not output.text.strip():
        yield Fault(rule=NAME, message="there was no answer; give the whole of it", part="output")
