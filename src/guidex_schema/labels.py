"""The forms in which models write labels: fences, prose, curly quotes, lists that were cut off.

Labels are untrusted and are parsed in the jail only. What stands here looks at characters: it finds where the
list is, and never changes an offset, so that every place still refers to the label column as it stands.
"""

import bisect
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from guidex_schema import tokens
from guidex_schema.diagnostic import Edit, Fault, Fix, quoted
from guidex_schema.text import Span

# Alone on its line, or closing right behind the list. Labels come with any line end, where ``^`` knows one only.
_FENCE = re.compile(
    r"(?:^|(?<=[\r\n\]]))[ \t]*(?P<fence>`{3,}|~{3,})[ \t]*(?P<language>[\w+-]*)[ \t]*(?=[\r\n]|\Z)", re.MULTILINE
)
_ASSIGNMENT = re.compile(
    r"(?:^|(?<=[\r\n]))[ \t]*[^\W\d]\w*[ \t]*(?::[^=\r\n]*)?=[ \t]*(?:\[|[^\W\d]\w*[ \t]*\()", re.MULTILINE
)
# A few comments may stand before the first item; more would let a hostile line be searched again and again.
_LIST = re.compile(r"\[(?:\s*+\#[^\r\n]{0,200}+(?=[\r\n])){0,8}\s*+(?=\]|[^\W\d]\w*\s*\()")
_BLANK_OR_COMMENTS = frozenset(("space", "comment"))
_DOUBLE_CURLY = "\u201c\u201d\u201e\u201f"
_LINE_END = re.compile(r"\r\n|\r|\n")
# A quote closes a string where a delimiter follows; an apostrophe inside a word does not.
_CLOSING_DOUBLE = re.compile(rf"[{_DOUBLE_CURLY}\"](?=\s*+(?:[,)\]}}:=+]|$))")
_CLOSING_SINGLE = re.compile(r"[\u2018-\u201b'](?=\s*+(?:[,)\]}:=+]|$))")
# Where the next argument starts with a string, the one before has ended.
_ARGUMENT = re.compile(r"[(,]\s*+[^\W\d]\w*+\s*+=\s*+[\"'\u2018-\u201f]")
# Behind a quote that opens no string on its line: there was something else to read.
_MORE = re.compile(r"[\r\n]|\]\s*$")


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
    faults: tuple[Fault, ...] = ()

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
    straight, edits = _straightened(text, Span(start=start, end=window.end))
    shape = _shape(straight, start, window.end)
    if shape is None:
        return Reading(text, window, faults=tuple(faults))
    last = shape.items[-1].end if shape.items else _bracket(text, start) + 1
    kept = _pairs_before(edits, shape.end if shape.closed else last)
    if kept:
        faults.append(_curly_fault(kept))
    around = [Span(start=window.start, end=start)]
    if shape.closed:
        around.append(Span(start=shape.end, end=window.end))
    faults += [_text_around(text, span) for span in around if _is_prose(text, span)]
    if shape.closed:
        # A comment behind the list is Python, and so is code: the jail will say what it thinks of that.
        end = shape.end if _is_prose(text, around[-1]) else window.end
        return Reading(straight, Span(start=start, end=end), items=shape.items, faults=tuple(faults))
    faults.append(_truncated(shape, Span(start=last, end=window.end)))
    return Reading(straight, Span(start=start, end=last), "]", shape.items, tuple(faults))


def items(text: str, window: Span) -> tuple[Span, ...]:
    """Give the spans of the top-level items of the list in a window, as far as characters show them."""
    start = _list_start(text, window)
    shape = None if start is None else _shape(text, start, window.end)
    return shape.items if shape is not None else ()


def without_items(reading: Reading, gone: Iterable[Span]) -> Reading:
    """Put a ``0`` in the place of list items that cannot be read, so that the others keep their numbers."""
    pieces: list[str] = []
    end = 0
    for item in sorted(gone, key=lambda one: one.start):
        gap = "0" + re.sub(r"[^\r\n]", " ", reading.text[item.start + 1 : item.end])
        pieces += [reading.text[end : item.start], gap]
        end = item.end
    return replace(reading, text="".join([*pieces, reading.text[end:]]))


def _fence(text: str, window: Span) -> tuple[Span, Fault, list[Fault]] | None:
    """Find the fenced block that holds a list; the opening or the closing fence may be missing."""
    blocks: list[tuple[re.Match[str], re.Match[str] | None]] = []
    opening = None
    for match in _FENCE.finditer(text, window.start, window.end):
        if opening is None:
            opening = match
        elif not match["language"] and match["fence"].startswith(opening["fence"]):
            blocks.append((opening, match))
            opening = None
    if opening is not None:
        blocks.append((opening, None))
    spans = [_block_span(text, window, *block) for block in blocks]
    for looks in (_LIST.search, _ASSIGNMENT.search):
        for block, inside in zip(blocks, spans, strict=True):
            if looks(text, inside.start, inside.end):
                return _fenced(text, window, inside, *block)
    if opening is None:
        # A block may hold something else than a list of instances; a list outside the blocks is more likely meant.
        if not blocks or _list_start(text, window) is not None:
            return None
        return _fenced(text, window, spans[0], *blocks[0])
    inside = spans[-1]
    if not opening["language"]:
        # Only a closing fence is there: what stands before it is the block.
        inside = Span(start=window.start, end=opening.start())
        behind = _prose(text, Span(start=_line_end(text, opening.end()), end=window.end))
        return inside, _fence_fault(text, "a closing fence without an opening one", [opening]), behind
    return _fenced(text, window, inside, opening, None)


def _block_span(text: str, window: Span, opening: re.Match[str], closing: re.Match[str] | None) -> Span:
    return Span(start=_line_end(text, opening.end()), end=closing.start() if closing else window.end)


def _fenced(
    text: str, window: Span, inside: Span, opening: re.Match[str], closing: re.Match[str] | None
) -> tuple[Span, Fault, list[Fault]]:
    outside = _prose(text, Span(start=window.start, end=opening.start()))
    if closing is None:
        return inside, _fence_fault(text, "a Markdown fence that is never closed", [opening]), outside
    outside += _prose(text, Span(start=_line_end(text, closing.end()), end=window.end))
    return inside, _fence_fault(text, "a Markdown fence around the list", [opening, closing]), outside


def _prose(text: str, span: Span) -> list[Fault]:
    """Name text outside the fence; it may go unless there is another list in it."""
    if not text[span.start : span.end].strip():
        return []
    return [_text_around(text, span, safe=_LIST.search(text, span.start, span.end) is None)]


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
    match = _LINE_END.match(text, offset)
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
    return any(token.kind not in _BLANK_OR_COMMENTS for token in tokens.scan(text[span.start : span.end]))


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
    """Give the offset of the list's opening bracket; one behind a name is that of an annotation."""
    depth = 0
    behind_name = False
    for token in tokens.scan(text, start):
        if token.kind == "open":
            if token.text == "[" and depth == 0 and not behind_name:
                return token.start
            depth += 1
        elif token.kind == "close":
            depth = max(depth - 1, 0)
        if token.kind != "space" or _LINE_END.search(token.text):
            behind_name = token.kind == "name"
    return -1


def _shape(text: str, start: int, end: int) -> _ListShape | None:
    """Follow the brackets from a list's start to its end, in one pass."""
    opening = _bracket(text, start)
    if opening < 0 or opening >= end:
        return None
    found: list[Span] = []
    open_brackets = ["["]
    item_start: int | None = None
    item_end = opening + 1
    whole = False
    for token in tokens.scan(text[:end], opening + 1):
        if token.kind in _BLANK_OR_COMMENTS:
            continue
        if token.kind == "comma" and len(open_brackets) == 1:
            if item_start is not None:
                found.append(Span(start=item_start, end=item_end))
            item_start, whole = None, False
            continue
        if token.kind == "unclosed" and (len(token.text) >= 3 or not _MORE.search(text, token.end, end)):
            # The text was cut inside a string: nothing behind the quote is structure.
            whole = False
            break
        if token.kind == "open":
            open_brackets.append(token.text)
        elif token.kind == "close":
            closed = open_brackets.pop()
            # A bracket that was forgotten inside an item does not hide that the last one ends the list.
            if token.text == "]" and closed != "[" and text.find("]", token.end, end) < 0:
                open_brackets.clear()
            if not open_brackets:
                if item_start is not None:
                    found.append(Span(start=item_start, end=item_end))
                return _ListShape(start, token.end, tuple(found), closed=True)
        whole = token.kind == "close" and len(open_brackets) == 1
        if item_start is None:
            item_start = token.start
        item_end = token.end
    if item_start is not None and whole:
        found.append(Span(start=item_start, end=item_end))
    return _ListShape(start, end, tuple(found), closed=False)


def _truncated(shape: _ListShape, lost: Span) -> Fault:
    count = len(shape.items)
    whole = "1 item is whole" if count == 1 else f"{count} items are whole"
    return Fault(
        rule="truncated-output",
        message=f"the list is cut off here; {whole} and checked, what follows is lost: raise the token budget",
        part="labels",
        span=lost,
        fix=Fix(
            title="Close the list behind its last whole item",
            safe=False,
            edits=(Edit(start=lost.start, end=lost.end, replacement="]"),),
        ),
    )


def _straightened(text: str, window: Span) -> tuple[str, list[Edit]]:
    """Replace curly quotes that delimit strings by straight ones; those inside strings stay."""
    double = [match.start() for match in _CLOSING_DOUBLE.finditer(text, window.start, window.end)]
    single = [match.start() for match in _CLOSING_SINGLE.finditer(text, window.start, window.end)]
    # A string ends on its line and before the next argument.
    bounds = sorted(
        match.start()
        for pattern in (_LINE_END, _ARGUMENT)
        for match in pattern.finditer(text, window.start, window.end)
    )
    edits: list[Edit] = []
    position = window.start
    while position < window.end:
        opening = next((token for token in tokens.scan(text, position) if token.kind in ("curly", "unclosed")), None)
        if opening is None or opening.start >= window.end:
            break
        position = opening.end
        if opening.kind == "unclosed":
            continue
        closing = _next(double if opening.text in _DOUBLE_CURLY else single, opening.end)
        if closing is None or closing > (_next(bounds, opening.end) or window.end):
            continue
        if text[closing] in "\"'" and text.find(text[closing], opening.end) != closing:
            # A straight quote closes a curly one only where it can belong to nothing else.
            continue
        position = closing + 1
        inside = text[opening.end : closing]
        straight = next((quote for quote in ('"', "'") if quote not in inside), None)
        if straight is None or "\\" in inside:
            continue
        edits += [
            Edit(start=opening.start, end=opening.end, replacement=straight),
            Edit(start=closing, end=closing + 1, replacement=straight),
        ]
    characters = list(text)
    for edit in edits:
        characters[edit.start] = edit.replacement
    return "".join(characters), edits


def _pairs_before(edits: list[Edit], end: int) -> list[Edit]:
    """Give the edits whose opening and closing quote both stand in the list that is kept."""
    pairs = zip(edits[::2], edits[1::2], strict=True)
    return [edit for opening, closing in pairs if closing.end <= end for edit in (opening, closing)]


def _curly_fault(edits: list[Edit]) -> Fault:
    return Fault(
        rule="curly-quotes",
        message=f"{len(edits) // 2} string(s) delimited by curly quotes, which Python does not read",
        part="labels",
        span=Span(start=edits[0].start, end=edits[1].end),
        fix=Fix(title="Write straight quotes", safe=True, edits=tuple(edits)),
    )


def _next(offsets: list[int], start: int) -> int | None:
    """Give the first of these ascending offsets from a start on."""
    index = bisect.bisect_left(offsets, start)
    return offsets[index] if index < len(offsets) else None
