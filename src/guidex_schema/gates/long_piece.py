"""A string of the structure is no short piece of the document: it is more than a sentence, or too long.

Strings have as many characters as `generation.span-characters` says. A structure that holds the text as a whole names
nothing in it: the guidelines that are made of it have one attribute for everything, and instances copy passages.

Source: GuideX, arXiv:2506.00649, section 3 (exact, concise pieces of the text).
"""

from collections.abc import Iterator

from guidex_schema.diagnostic import quoted
from guidex_schema.rule import Example, Fault, Severity
from guidex_schema.sentence import excess
from guidex_schema.stage_output import StageOutput

CODE = "GX616"
NAME = "long-piece"
SEVERITY = Severity.ERROR

_TEXT = "She met Dr. C. Babbage. He built engines."

VALID = (
    Example(output='{"met": "Dr. C. Babbage", "number": 3}', document="She met Dr. C. Babbage 3 times"),
    Example(output=f"- {_TEXT}", stage="summary"),
)

INVALID = (
    Example(
        output=f'{{"text": "{_TEXT}"}}',
        document=_TEXT,
        at=f'"{_TEXT}"',
        part="output",
        path="structure.text",
        message=f"the str `{_TEXT}` is more than one sentence; write the shortest pieces that say it",
    ),
)


def gate(output: StageOutput) -> Iterator[Fault]:
    """Measure every string."""
    if output.stage != "structure" or not output.is_read:
        return
    for leaf in output.leaves:
        what = excess(leaf.value, output.longest) if isinstance(leaf.value, str) else ""
        if what:
            message = f"the str {quoted(str(leaf.value))} {what}; write the shortest pieces that say it"
            yield Fault(rule=NAME, message=message, part="output", span=leaf.span, path=leaf.path)
