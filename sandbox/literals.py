"""A literal interpreter: the facts of plain labels, read from their characters, without a tree and without running.

It stands beside the policy, which is the authority. It gives what the policy would give, places included, or declines:
whatever is not plainly covered here is left to the policy. Without this module everything is read as it is with it.
"""

import keyword
import re
from collections.abc import Collection

import facts
from frames import Json
from limits import DEPTH_LIMIT, NODE_LIMIT

# Nothing that is covered has more nodes than characters, a few around the list aside.
_LENGTH_LIMIT = NODE_LIMIT - 100
# With room to spare: whatever comes near a limit is the policy's.
_DEPTH_LIMIT = DEPTH_LIMIT - 4
# What no class and no argument can be called, whoever declares it.
_RESERVED = frozenset((*keyword.kwlist, "__debug__"))
_CONSTANTS: dict[str, Json] = {"None": None, "True": True, "False": False}

_NAME = r"[A-Za-z][A-Za-z0-9_]*+"
_ODD = r"\\\x00-\x08\x0a-\x1f\x7f\ud800-\udfff"
# Code points that are half of a pair are refused, whatever spells them.
_ESCAPE = r"""\\(?:[\\'"ntr]|x[0-9a-fA-F]{2}|u(?![dD][89a-fA-F])[0-9a-fA-F]{4})"""
_ESCAPED = {"\\\\": "\\", "\\'": "'", '\\"': '"', "\\n": "\n", "\\t": "\t", "\\r": "\r"}
_ESCAPES = re.compile(r"\\(?:x(..)|u(....)|.)")
_START = re.compile(r"\n*(?:(?:result|result_instances) *= *)?\[")
_REST = re.compile(r"[ \n]*\Z")
# A scalar with the comma or bracket behind it, what opens a call or list, or a comma or closing bracket. What is not
# covered is the last alternative, so that no character is passed over.
_TOKEN = re.compile(
    rf"""
    [ \n]*+
    (?:
      (?:({_NAME})[ ]*+=[ ]*+)?
      (?:
        (?:
          ("[^"{_ODD}]*+(?:{_ESCAPE}[^"{_ODD}]*+)*"|'[^'{_ODD}]*+(?:{_ESCAPE}[^'{_ODD}]*+)*')
        | (-?(?:0|[1-9][0-9]{{0,17}}+)(?:\.[0-9]{{1,18}}+)?)
        | (None|True|False)
        | ({_NAME})\.({_NAME})
        )
        [ \n]*+[,)\]]
      | ({_NAME})\(
      | (\[)
      )
    | ([,)\]])
    | (.)
    )
    """,
    re.VERBOSE | re.DOTALL,
)
# The groups of that pattern.
_TEXT, _NUMBER, _CONSTANT, _ENUM, _MEMBER, _CALL, _LIST, _END = range(2, 10)


class _Open:
    """A call or list whose end is not reached yet.

    Attributes:
        start: offset of its first character.
        called: the class; None for a list.
        name: the argument that it is the value of, if it is one.
        name_start: offset of that argument.
        names: of its own keyword arguments.
        values: its own, positional ones first.
        places: of what is in it, as they travel.
    """

    __slots__ = ("called", "name", "name_start", "names", "places", "start", "values")

    def __init__(self, start: int, called: str | None, name: str | None, name_start: int) -> None:
        self.start = start
        self.called = called
        self.name = name
        self.name_start = name_start
        self.names: list[str] = []
        self.values: list[Json] = []
        self.places: list[int] = []


def read(source: str, classes: Collection[str], enums: Collection[str]) -> dict[str, Json] | None:
    """Read labels that are one list of literals, members and calls of the row's classes.

    Args:
        source: as for ``policy.read``.
        classes: as for ``policy.read``.
        enums: as for ``policy.read``.

    Returns:
        What ``policy.read`` gives; None where this interpreter does not cover the labels.
    """
    begin = _START.match(source)
    if begin is None or len(source) > _LENGTH_LIMIT:
        return None
    instances: list[Json] = []
    places: list[int] = []
    outer: list[_Open] = []
    inner = _Open(begin.end() - 1, None, None, 0)
    # Those of the innermost one, at hand.
    names, values, stands = inner.names, inner.values, inner.places
    # Whether an item may come next: it may not behind another one.
    expects = True
    for match in _TOKEN.finditer(source, begin.end()):
        kind = match.lastindex or 0
        end = match.end()
        if kind != _END:
            name = match[1]
            if not expects or (names if name is None else inner.called is None):
                return None
            value: Json
            start, stop = match.span(kind)
            if kind == _TEXT:
                value = source[start + 1 : stop - 1]
                if "\\" in value:
                    value = _ESCAPES.sub(_unescaped, value)
            elif kind == _NUMBER:
                value = float(match[kind]) if "." in match[kind] else int(match[kind])
            elif kind == _CONSTANT:
                value = _CONSTANTS[match[kind]]
            elif kind == _MEMBER:
                enum, member = match[_ENUM], match[_MEMBER]
                if enum not in enums or enum in _RESERVED or member in _RESERVED:
                    return None
                value = ["member", enum, member]
                start = match.start(_ENUM)
            elif kind in (_CALL, _LIST):
                called = match[_CALL]
                if called is not None and (called not in classes or called in _RESERVED):
                    return None
                if len(outer) == _DEPTH_LIMIT:
                    return None
                outer.append(inner)
                inner = _Open(start, called, name, match.start(1))
                names, values, stands = inner.names, inner.values, inner.places
                continue
            else:
                return None
            values.append(value)
            if name is None:
                stands += (start, stop)
            else:
                names.append(name)
                stands += (start, stop, match.start(1), stop)
        ending = source[end - 1]
        if ending == ",":
            if kind == _END and expects:
                return None
            expects = True
            continue
        if ending != ("]" if inner.called is None else ")"):
            return None
        expects = False
        fact: Json
        if inner.called is None:
            fact = ["list", *values]
            stands += (inner.start, end)
        elif len(set(names)) < len(names) or not _RESERVED.isdisjoint(names):
            return None
        else:
            fact = ["reference", len(instances)]
            instances.append([inner.called, [*names], values])
            places += (*stands, inner.start, end)
            stands.clear()
        if not outer:
            return facts.read(fact, instances, places + stands) if _REST.match(source, end) else None
        done, inner = inner, outer.pop()
        names, values, stands = inner.names, inner.values, inner.places
        values.append(fact)
        stands += done.places
        if done.name is not None:
            names.append(done.name)
            stands += (done.name_start, end)
    return None


def _unescaped(escape: re.Match[str]) -> str:
    return _ESCAPED.get(escape[0]) or chr(int(escape[1] or escape[2], 16))
