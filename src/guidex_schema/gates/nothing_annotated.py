"""The list is empty, though the guidelines were made from this very document.

Classes that were made for what a document tells have instances in it: an empty list is an answer that was given up. For
guidelines of a user an empty list is a good answer, since not every document tells of everything.

Source: GuideX, arXiv:2506.00649, section 3 (guidelines are made for one document each).
"""

from collections.abc import Iterator

from guidex_schema.rule import Example, Fault, Severity
from guidex_schema.stage_output import StageOutput

CODE = "GX609"
NAME = "nothing-annotated"
SEVERITY = Severity.ERROR

_WORDS = "there is no instance, but the guidelines were made from this document; annotate what it says"

VALID = (Example(output="- Ada wrote notes", stage="summary"),)

INVALID = (Example(output="", told=_WORDS, part="output", message=_WORDS),)


def gate(output: StageOutput) -> Iterator[Fault]:
    """Give what the run has found."""
    return output.reported(NAME)
