"""Fenced blocks of an answer, as models write them: of any kind, nested, indented, or never closed."""

import re
from collections.abc import Iterator
from typing import NamedTuple

# A language, and what else may stand behind it: ```` ```python title="a.py" ````.
_FENCE = re.compile(
    r"(?:^|(?<=\r))(?P<indent>[ \t]*+)(?P<fence>`{3,}+|~{3,}+)[^\S\r\n]*+(?P<info>[^`\r\n]*+)(?P<end>\r\n|\r|\n|\Z)",
    re.MULTILINE,
)
# A closing fence may stand this much further in than its opening one.
_FURTHER = 3


class Block(NamedTuple):
    """A fenced block.

    Attributes:
        start: where its opening fence begins, in code points of the text.
        end: where its closing fence ends, with the line end behind it.
        info: what stands behind the opening fence, such as a language.
        content: what stands between the fences, without the indentation of the opening one.
        is_closed: there is a closing fence.
    """

    start: int
    end: int
    info: str
    content: str
    is_closed: bool


def blocks(text: str) -> Iterator[Block]:
    """Give the fenced blocks of a text in their order; one that is never closed goes to the end.

    Source:
        CommonMark 0.31, section 4.5 (fenced code blocks).
    """
    opening: re.Match[str] | None = None
    for fence in _FENCE.finditer(text):
        if opening is None:
            opening = fence
        elif _closes(fence, opening):
            yield _block(text, opening, fence)
            opening = None
    if opening is not None:
        yield _block(text, opening, None)


def _closes(fence: re.Match[str], opening: re.Match[str]) -> bool:
    return (
        fence["fence"].startswith(opening["fence"])
        and not fence["info"].strip()
        and len(fence["indent"]) <= len(opening["indent"]) + _FURTHER
    )


def _block(text: str, opening: re.Match[str], closing: re.Match[str] | None) -> Block:
    if closing is None:
        content, end = text[opening.end() :], len(text)
    else:
        # The line end before the closing fence is that of the opening one.
        content, end = text[opening.end() : closing.start()].removesuffix(opening["end"]), closing.end()
    indent = len(opening["indent"])
    if indent:
        content = re.sub(rf"(?:^|(?<=\r))[ \t]{{1,{indent}}}", "", content, flags=re.MULTILINE)
    return Block(opening.start(), end, opening["info"].strip(), content, is_closed=closing is not None)
