"""What engines make of the words of models and servers, none of which is trusted."""

from guidex_schema.diagnostic import visible

_LENGTH = 300


def said(text: str) -> str:
    """Give what a server or a library says for a message: on one line, visible, shortened to 300 characters."""
    shown = " ".join(text[: 4 * _LENGTH].split())
    if len(shown) > _LENGTH:
        shown = shown[: _LENGTH - 1].rstrip() + "…"
    return visible(shown)


def whole(text: str) -> str:
    """Give the text with halves of surrogate pairs joined, and those that stand alone replaced by U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
