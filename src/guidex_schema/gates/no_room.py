"""A document, or a prompt with what earlier stages have said of it, leaves no room for an answer.

A prompt and its answer share the context of the model. A prompt is measured with the model's own tokenizer before it is
sent; nothing is ever cut silently. `generation.long-documents` cuts long documents into windows that are documents of
their own.

Source: GuideX, arXiv:2506.00649, Table 5 (8,192 tokens of context), whose published pipeline leaves
no room for answers.
"""

from collections.abc import Iterator

from guidex_schema.rule import Example, Fault, Severity
from guidex_schema.stage_output import StageOutput

CODE = "GX606"
NAME = "no-room"
SEVERITY = Severity.ERROR

_WORDS = "the prompt has 9,000 tokens and the answer may have 1,024, more than the 8,192 of the model"

VALID = (Example(output="- Ada wrote notes", stage="summary"),)

INVALID = (Example(output="", told=_WORDS, part="output", message=_WORDS),)


def gate(output: StageOutput) -> Iterator[Fault]:
    """Give what the run has found."""
    return output.reported(NAME)
