"""String literals: text as it is written in labels."""

import re

from guidex_schema.diagnostic import visible

_OPENING = re.compile(r"[(\s]*+[rRuU]?(\"|')")
_SURROGATE = re.compile("[\ud800-\udfff]")


def rewritten(source: str, text: str) -> str | None:
    """Write a string in place of another, in the quotes that its author uses where that needs no escape.

    Args:
        source: the expression that it replaces: a literal, several side by side, or a sum of them.
        text: what the string holds.

    Returns:
        A literal without any character that labels may not hold or that nobody sees; None where the source does not
        start as a string, or where no literal of labels can hold the text.
    """
    opening = _OPENING.match(source)
    if opening is None or _SURROGATE.search(text):
        return None
    quote = opening[1]
    other = "'" if quote == '"' else '"'
    if quote in text and other not in text:
        quote = other
    escaped = text.replace("\\", "\\\\").replace(quote, f"\\{quote}")
    return f"{quote}{visible(escaped)}{quote}"
