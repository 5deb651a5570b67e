"""Text as it may be shown, whoever wrote it: to people, in the log of a CI service, inside JSON."""

import json
import re
from collections.abc import Iterator

from guidex_schema.diagnostic import visible

# Runners of CI services read commands in what a program prints: `##[add-mask]` of GitHub Actions, `##vso[...]` of Azure
# Pipelines, `##teamcity[...]`, wherever they stand in a line.
COMMAND_LENGTH = 40
_COMMAND = re.compile(rf"#(?=#\w{{0,{COMMAND_LENGTH - 3}}}\[)")


def display(text: str) -> str:
    """Give the text visible, and with nothing left that a CI service takes as a command inside a line.

    Source:
        The runner of GitHub Actions, `ActionCommand.TryParse`, which looks for ``##[`` in the whole line.
    """
    return without_commands(visible(text), r"\x23")


def without_commands(text: str, escape: str) -> str:
    """Break what a CI service takes as a command inside a line.

    Args:
        text: what is printed.
        escape: how ``#`` is written where it is read again: ``&#35;`` in XML.
    """
    return _COMMAND.sub(lambda _: escape, text)


def command_starts(text: str) -> Iterator[int]:
    """Give where in a text such commands begin; to see one that begins in it, ``COMMAND_LENGTH`` more are needed."""
    return (found.start() for found in _COMMAND.finditer(text))


def json_text(value: object, indent: int | None = None) -> str:
    """Write JSON in which every character that could deceive is an escape; read again it is the same.

    Args:
        value: what ``json.dumps`` takes.
        indent: spaces for each level; None writes one line.
    """
    # No JSON string holds a line break, so those that are there are its layout.
    return "\n".join(map(_safe_json, json.dumps(value, ensure_ascii=False, indent=indent).split("\n")))


def _safe_json(line: str) -> str:
    if not line.isprintable():
        line = "".join(one if visible(one) == one else _escaped(one) for one in line)
    return without_commands(line, r"\u0023")


def _escaped(character: str) -> str:
    """Write a character as JSON does, beyond U+FFFF as two surrogates (RFC 8259, section 7)."""
    return json.dumps(character)[1:-1]
