"""The forms in which models write labels: fences, prose, curly quotes, lists that were cut off.

Labels are untrusted and are parsed in the jail only. What stands here looks at characters: it finds where the
list is, and never changes an offset, so that every place still refers to the label column as it stands.
"""

import re
from dataclasses import dataclass, field

from guidex_schema import tokens
from guidex_schema.diagnostic import Edit, Fault, Fix, quoted
from guidex_schema.text import Span

_FENCE = re.compile(r"^[ \t]*(?P<fence>`{3,}|~{3,})[ \t]*(?P<language>[\w+-]*)[ \t]*$", re.MULTILINE)
_ASSIGNMENT = re.compile(r"^[ \t]*[^\W\d]\w*[ \t]*(?::[^=\r\n]*)?=[ \t]*(?:\[|[^\W\d]\w*[ \t]*\()", re.MULTILINE)
_LIST = re.compile(r"\[\s*(?=\]|[^\W\d]\w*\s*\()")
_CURLY = "\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f"
_DOUBLE_CURLY = "\u201c\u201d\u201e\u201f"
_AFTER_STRING = re.compile(r"\s*(?:[,)\]}:=+]|$)")


@dataclass(frozen=True)
class Reading:
    """One way to read labels: what to hand to the jail, and the oddities that were passed over.

    Attributes:
        text: the label column, with single characters replaced where they were mended; offsets are unchanged.
        window: what of the text the labels are.
        ending: what has to be put behind the window, for a list that was cut off.
        items: the spans of the top-level items of the list, as far as characters show them.
    """

    text: str
    window: Span
    ending: str = ""
    items: tuple[Span, ...] = ()
    faults: tuple[Fault, ...] = field(default=())

    @property
    def source(self) -> str:
        """Give what the jail is to read."""
        return self.text[self.window.start : self.window.end] + self.ending


@dataclass(frozen=True)
class _ListShape:
    """Where a list starts, where its items stand and whether it is closed."""

    start: int
    end: int
    items: tuple[Span, ...]
    closed: bool


def recover(text: str, window: Span) -> Reading:
    """Find the list in labels that do not parse as they stand.

    Args:
        text: the label column.
        window: the part of it that holds the labels.

    Returns:
        The list with its oddities as faults; the same window without faults where no list is in sight.
    """
    faults: list[Fault] = []
    fence = _fence(text, window)
    if fence is not None:
        window, fault, outside = fence
        faults += [fault, *outside]
    start = _list_start(text, window)
    if start is None:
        return Reading(text, window, faults=tuple(faults))
    text, curly = _straightened(text, Span(start=start, end=window.end))
    if curly is not None:
        faults.append(curly)
    shape = _shape(text, start, window.end)
    if shape is None:
        return Reading(text, window, faults=tuple(faults))
    around = [Span(start=window.start, end=start)]
    if shape.closed:
        around.append(Span(start=shape.end, end=window.end))
    faults += [_text_around(text, span) for span in around if _is_prose(text, span)]
    if shape.closed:
        # A comment behind the list is Python, and so is code: the jail will say what it thinks of that.
        end = shape.end if _is_prose(text, around[-1]) else window.end
        return Reading(text, Span(start=start, end=end), items=shape.items, faults=tuple(faults))
    faults.append(_truncated(text, shape, window.end))
    cut = shape.items[-1].end if shape.items else _bracket(text, start) + 1
    return Reading(text, Span(start=start, end=cut), "]", shape.items, tuple(faults))


def items(text: str, window: Span) -> tuple[Span, ...]:
    """Give the spans of the top-level items of the list in a window, as far as characters show them."""
    start = _list_start(text, window)
    shape = None if start is None else _shape(text, start, window.end)
    return shape.items if shape is not None else ()


def without_item(reading: Reading, item: Span) -> Reading:
    """Put a ``0`` in the place of a list item that cannot be read, so that the others keep their numbers."""
    gap = "0" + re.sub(r"[^\r\n]", " ", reading.text[item.start + 1 : item.end])
    text = reading.text[: item.start] + gap + reading.text[item.end :]
    return Reading(text, reading.window, reading.ending, reading.items, reading.faults)


def _fence(text: str, window: Span) -> tuple[Span, Fault, list[Fault]] | None:
    """Find the first fenced block that holds a list; the closing fence may be missing."""
    opening = None
    for match in _FENCE.finditer(text, window.start, window.end):
        if opening is None:
            opening = match
            continue
        if match["language"] or match["fence"][0] != opening["fence"][0]:
            continue
        if "[" in text[opening.end() : match.start()]:
            return _fenced(text, window, opening, match)
        opening = None
    if opening is None or (not opening["language"] and "[" not in text[opening.end() : window.end]):
        if opening is None:
            return None
        # Only a closing fence is there: what stands before it is the block.
        inside = Span(start=window.start, end=opening.start())
        return inside, _fence_fault(text, "a closing fence without an opening one", [opening]), []
    return _fenced(text, window, opening, None)


def _fenced(
    text: str, window: Span, opening: re.Match[str], closing: re.Match[str] | None
) -> tuple[Span, Fault, list[Fault]]:
    inside = Span(start=opening.end(), end=closing.start() if closing else window.end)
    outside = [Span(start=window.start, end=opening.start())]
    if closing is not None:
        outside.append(Span(start=closing.end(), end=window.end))
        fault = _fence_fault(text, "a Markdown fence around the list", [opening, closing])
    else:
        fault = _fence_fault(text, "a Markdown fence that is never closed", [opening])
    prose = [_text_around(text, span, safe=True) for span in outside if text[span.start : span.end].strip()]
    return inside, fault, prose


def _fence_fault(text: str, what: str, fences: list[re.Match[str]]) -> Fault:
    edits = tuple(Edit(start=one.start(), end=_line_end(text, one.end()), replacement="") for one in fences)
    return Fault(
        rule="markdown-fence",
        message=f"{what}: labels are a bare list",
        part="labels",
        span=Span(start=fences[0].start(), end=fences[0].end()),
        fix=Fix(title="Remove the fence", safe=True, edits=edits),
    )


def _line_end(text: str, offset: int) -> int:
    match = re.compile(r"\r\n|\r|\n").match(text, offset)
    return match.end() if match else offset


def _text_around(text: str, span: Span, *, safe: bool = False) -> Fault:
    stripped = text[span.start : span.end].strip()
    start = text.index(stripped, span.start)
    return Fault(
        rule="text-around-list",
        message=f"text stands beside the list: {quoted(stripped)}",
        part="labels",
        span=Span(start=start, end=start + len(stripped)),
        fix=Fix(title="Remove the text", safe=safe, edits=(Edit(start=span.start, end=span.end, replacement=""),)),
    )


def _is_prose(text: str, span: Span) -> bool:
    """Say whether something stands there that is neither white space nor comment."""
    return any(token.kind not in ("space", "comment") for token in tokens.scan(text[span.start : span.end]))


def _list_start(text: str, window: Span) -> int | None:
    """Give where the labels start: at the first assignment of a call or list, else at the list itself."""
    found = [
        match.end() - len(match.group().lstrip())
        for match in (
            _ASSIGNMENT.search(text, window.start, window.end),
            _LIST.search(text, window.start, window.end),
        )
        if match is not None
    ]
    return min(found) if found else None


def _bracket(text: str, start: int) -> int:
    """Give the offset of the list's opening bracket."""
    depth = 0
    for token in tokens.scan(text, start):
        if token.kind == "open":
            if token.text == "[" and depth == 0:
                return token.start
            depth += 1
        elif token.kind == "close":
            depth = max(depth - 1, 0)
    return -1


def _shape(text: str, start: int, end: int) -> _ListShape | None:
    """Follow the brackets from a list's start to its end, in one pass."""
    opening = _bracket(text, start)
    if opening < 0 or opening >= end:
        return None
    found: list[Span] = []
    depth = 1
    item_start: int | None = None
    item_end = opening + 1
    whole = False
    for token in tokens.scan(text[:end], opening + 1):
        if token.kind in ("space", "comment"):
            continue
        if token.kind == "comma" and depth == 1:
            if item_start is not None:
                found.append(Span(start=item_start, end=item_end))
            item_start, whole = None, False
            continue
        if token.kind == "unclosed" and not re.search(r"[\r\n]|\]\s*$", text[token.end : end]):
            # The text was cut inside a string: nothing behind the quote is structure.
            item_start = token.start if item_start is None else item_start
            whole = False
            break
        if token.kind == "open":
            depth += 1
        elif token.kind == "close":
            depth -= 1
            if depth == 0:
                if item_start is not None:
                    found.append(Span(start=item_start, end=item_end))
                return _ListShape(start, token.end, tuple(found), closed=True)
            whole = depth == 1
        if item_start is None:
            item_start = token.start
        item_end = token.end
    if item_start is not None and whole:
        found.append(Span(start=item_start, end=item_end))
    return _ListShape(start, end, tuple(found), closed=False)


def _truncated(text: str, shape: _ListShape, end: int) -> Fault:
    cut = shape.items[-1].end if shape.items else _bracket(text, shape.start) + 1
    count = len(shape.items)
    whole = "1 item is whole" if count == 1 else f"{count} items are whole"
    return Fault(
        rule="truncated-output",
        message=f"the list is cut off here; {whole} and checked, what follows is lost: raise the token budget",
        part="labels",
        span=Span(start=min(cut, end), end=end),
        fix=Fix(
            title="Close the list behind its last whole item",
            safe=False,
            edits=(Edit(start=min(cut, end), end=end, replacement="]"),),
        ),
    )


def _straightened(text: str, window: Span) -> tuple[str, Fault | None]:
    """Replace curly quotes that delimit strings by straight ones; those inside strings stay."""
    edits: list[Edit] = []
    position = window.start
    while position < window.end:
        opening = next((token for token in tokens.scan(text, position) if token.kind in ("curly", "unclosed")), None)
        if opening is None or opening.start >= window.end:
            break
        position = opening.end
        if opening.kind == "unclosed":
            continue
        closing = _closing_quote(text, opening, window.end)
        if closing is None:
            continue
        inside = text[opening.end : closing]
        straight = next((quote for quote in ('"', "'") if quote not in inside), None)
        if straight is None or "\n" in inside or "\\" in inside:
            continue
        edits += [
            Edit(start=opening.start, end=opening.end, replacement=straight),
            Edit(start=closing, end=closing + 1, replacement=straight),
        ]
        position = closing + 1
    if not edits:
        return text, None
    fix = Fix(title="Write straight quotes", safe=True, edits=tuple(edits))
    fault = Fault(
        rule="curly-quotes",
        message=f"{len(edits) // 2} string(s) delimited by curly quotes, which Python does not read",
        part="labels",
        span=Span(start=edits[0].start, end=edits[1].end),
        fix=fix,
    )
    return fix.apply(text), fault


def _closing_quote(text: str, opening: tokens.Token, end: int) -> int | None:
    """Give the offset of the quote that closes a curly string: the next of its kind before a delimiter."""
    double = opening.text in _DOUBLE_CURLY
    closers = _DOUBLE_CURLY + '"' if double else "".join(set(_CURLY) - set(_DOUBLE_CURLY)) + "'"
    for offset in range(opening.end, end):
        if text[offset] in "\r\n":
            return None
        if text[offset] in closers and _AFTER_STRING.match(text, offset + 1, end):
            return offset
    return None
