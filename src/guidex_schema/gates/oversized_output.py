"""An answer has more than 65,536 characters.

It is as long as guidelines and labels of a row may be. What is longer is not read at all: it is a model that repeats
itself, or an attack.

Source: project decision (SPEC 21).
"""

from collections.abc import Iterator

from guidex_schema.rule import Example, Fault, Severity
from guidex_schema.stage_output import LONGEST_OUTPUT, StageOutput

CODE = "GX610"
NAME = "oversized-output"
SEVERITY = Severity.ERROR

VALID = (Example(output="x" * LONGEST_OUTPUT, stage="summary"),)

INVALID = (
    Example(
        output="x" * (LONGEST_OUTPUT + 1),
        stage="summary",
        part="output",
        message="the answer has 65,537 characters, more than 65,536; write a shorter one",
    ),
)


def gate(output: StageOutput) -> Iterator[Fault]:
    """Measure the answer."""
    if len(output.text) > LONGEST_OUTPUT:
        message = f"the answer has {len(output.text):,} characters, more than {LONGEST_OUTPUT:,}; write a shorter one"
        yield Fault(rule=NAME, message=message, part="output")
