"""What engines make of the words of models and servers, none of which is trusted."""

from guidex_schema.diagnostic import visible

_LENGTH = 300

_OPENED, _CLOSED = "<think>", "</think>"


def said(text: str) -> str:
    """Give what a server or a library says for a message: on one line, visible, shortened to 300 characters."""
    shown = " ".join(text[: 4 * _LENGTH].split())
    if len(shown) > _LENGTH:
        shown = shown[: _LENGTH - 1].rstrip() + "…"
    return visible(shown)


def spoken(text: str) -> str:
    """Give an answer without what the model thought aloud before it.

    The thoughts end at the first ``</think>``. Many chat templates write the ``<think>`` themselves, so that the answer
    begins within them; thoughts that never end are all there is, and nothing is left.
    """
    begun = text.lstrip()
    thoughts, closed, rest = begun.partition(_CLOSED)
    if begun.startswith(_OPENED):
        return rest.lstrip()
    return rest.lstrip() if closed and _OPENED not in thoughts else text


def whole(text: str) -> str:
    """Give the text with halves of surrogate pairs joined, and those that stand alone replaced by U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
