"""What authors write about their types: docstrings and comments, as the text that they mean."""

import re
from typing import Annotated

from pydantic import AfterValidator

_LINE_END = re.compile(r"\r\n|\r|\n")


def clean(text: str) -> str:
    """Give a text without white space at its ends and the ends of its lines; what is clean stays as it is."""
    stripped = text.strip()
    if "\n" not in stripped and "\r" not in stripped:
        return stripped
    return "\n".join(line.rstrip() for line in _LINE_END.split(stripped))


def dedented(docstring: str) -> str:
    """Give a docstring as its author meant it (PEP 257, "Handling Docstring Indentation", but tabs stay as they are).

    Args:
        docstring: the value of the literal, with the indentation of the code around it in all lines but the first.
    """
    stripped = docstring.strip()
    if "\n" not in stripped and "\r" not in stripped:
        # Whatever its indentation is, it goes.
        return stripped
    first, *rest = _LINE_END.split(docstring)
    margin = common_indentation(rest)
    return clean("\n".join([first, *(line.removeprefix(margin) for line in rest)]))


def common_indentation(lines: list[str]) -> str:
    """Give the white space with which all lines start that are not blank; "" if there is none."""
    margin: str | None = None
    for line in lines:
        if line.strip():
            indent = line[: len(line) - len(line.lstrip(" \t"))]
            margin = indent if margin is None else _common_prefix(margin, indent)
    return margin or ""


def _common_prefix(one: str, other: str) -> str:
    length = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        length += 1
    return one[:length]


CleanText = Annotated[str, AfterValidator(clean)]
