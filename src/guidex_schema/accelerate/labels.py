"""A literal interpreter: the values of plain labels, read from their characters, without a tree and without running.

It stands beside the jail, which is the authority and reads all other labels. It gives what the jail's answer comes to,
places included, or declines: whatever is not plainly covered here is left to the jail. Nothing is compiled and nothing
runs, so that labels that would have to run never do so in this process.
"""

import builtins
import keyword
import re

from guidex_schema.instance import (
    Argument,
    BooleanValue,
    Instance,
    IntegerValue,
    ListValue,
    MemberValue,
    NoneValue,
    NumberValue,
    Place,
    TextValue,
    Value,
    maker,
)
from guidex_schema.schema import Schema

# Below what the jail refuses (sandbox/limits.py): nothing that is covered has more syntax nodes than characters, a few
# around the list aside, and whatever nests nearly as deep as it may is the jail's.
_LENGTH_LIMIT = 19_900
DEPTH_LIMIT = 20
# What no class and no argument can be called, whoever declares it.
RESERVED = frozenset((*keyword.kwlist, "__debug__"))
# What is no class unless the row declares it. Of newer Pythons' names the jail knows some that this one lacks.
_BUILTINS = frozenset((*dir(builtins), *"copyright credits exit help license quit PythonFinalizationError".split()))
_BOOLEANS = {"True": True, "False": False}

NAME = r"[A-Za-z][A-Za-z0-9_]*+"
_ODD = r"\\\x00-\x08\x0a-\x1f\x7f\ud800-\udfff"
# Code points that are half of a pair are refused, whatever spells them.
_ESCAPE = r"""\\(?:[\\'"ntr]|x[0-9a-fA-F]{2}|u(?![dD][89a-fA-F])[0-9a-fA-F]{4})"""
STRING = rf"""(?:"[^"{_ODD}]*+(?:{_ESCAPE}[^"{_ODD}]*+)*"|'[^'{_ODD}]*+(?:{_ESCAPE}[^'{_ODD}]*+)*')"""
NUMBER = r"-?(?:0|[1-9][0-9]{0,17}+)(?:\.[0-9]{1,18}+)?"
_ESCAPED = {"\\\\": "\\", "\\'": "'", '\\"': '"', "\\n": "\n", "\\t": "\t", "\\r": "\r"}
_ESCAPES = re.compile(r"\\(?:x(..)|u(....)|.)")
_START = re.compile(r"\n*(?:(?:result|result_instances) *= *)?\[")
_BLANKS = " \n"
# A scalar with the comma or bracket behind it, what opens a call or list, or a comma or closing bracket. What is not
# covered is the last alternative, so that no character is passed over.
_TOKEN = re.compile(
    rf"""
    [ \n]*+
    (?:
      (?:({NAME})[ ]*+=[ ]*+)?
      (?:
        (?:
          ({STRING})
        | ({NUMBER})
        | (None)
        | (True|False)
        | ({NAME})\.({NAME})
        )
        [ \n]*+[,)\]]
      | ({NAME})\(
      | (\[)
      )
    | ([,)\]])
    | (.)
    )
    """,
    re.VERBOSE | re.DOTALL,
)
# The groups of that pattern.
_TEXT, _NUMBER, _NONE, _BOOLEAN, _ENUM, _MEMBER, _CALL, _LIST, _END = range(2, 11)

_argument = maker(Argument, "name", "value")
_boolean = maker(BooleanValue, "value")
_instance = maker(Instance, "class_name", "positional", "keyword")
_integer = maker(IntegerValue, "value")
_list = maker(ListValue, "items")
_member = maker(MemberValue, "enum", "member")
_none = maker(NoneValue)
_number = maker(NumberValue, "value")
_text = maker(TextValue, "value")


class _Open:
    """A call or list whose end is not reached yet.

    Attributes:
        start: offset of its first character.
        called: the class; None for a list.
        name: the argument that it is the value of, if it is one.
        name_start: offset of that argument.
        items: its positional arguments, or what the list holds.
        keyword: its keyword arguments.
    """

    __slots__ = ("called", "items", "keyword", "name", "name_start", "start")

    def __init__(self, start: int, called: str | None, name: str | None, name_start: int) -> None:
        self.start = start
        self.called = called
        self.name = name
        self.name_start = name_start
        self.items: list[Value] = []
        self.keyword: list[Argument] = []

    def ended(self, end: int) -> Value | None:
        """Give what it is when it ends there; None where no Python calls so."""
        place = (self.start, end)
        if self.called is None:
            return _list(place, tuple(self.items))
        names = [one.name for one in self.keyword]
        if len(set(names)) < len(names) or not RESERVED.isdisjoint(names):
            return None
        return _instance(place, self.called, tuple(self.items), tuple(self.keyword))


def plain_labels(text: str, start: int, end: int, schema: Schema) -> ListValue | None:
    """Read labels that are one list of literals, members and calls, declared or not, of no builtins.

    Args:
        text: the label column.
        start: where the labels begin in it.
        end: where they end.
        schema: says which names the row's guidelines declare, and which of them are enums.

    Returns:
        What ``facts.value`` gives for the jail's answer; None where this interpreter does not cover the labels.
    """
    bounds = plain_bounds(text, start, end)
    if bounds is None:
        return None
    first, last = bounds
    classes = frozenset(schema.class_names)
    enums = frozenset([one.name for one in schema.enumerations])
    outer: list[_Open] = []
    inner = _Open(first - 1, None, None, 0)
    # Those of the innermost one, at hand.
    items, arguments, is_call = inner.items, inner.keyword, False
    # Whether an item may come next: it may not behind another one.
    expects = True
    for match in _TOKEN.finditer(text, first, last):
        kind = match.lastindex
        stop = match.end()
        if kind != _END:
            name = match[1]
            if not expects or (arguments if name is None else not is_call):
                return None
            place: Place
            value: Value
            if kind == _TEXT:
                place = match.span(_TEXT)
                written = text[place[0] + 1 : place[1] - 1]
                value = _text(place, unescaped(written) if "\\" in written else written)
            elif kind in (_CALL, _LIST):
                called = match[_CALL]
                if called is not None and ((called in _BUILTINS and called not in classes) or called in RESERVED):
                    return None
                if len(outer) == DEPTH_LIMIT:
                    return None
                outer.append(inner)
                inner = _Open(match.start(kind), called, name, match.start(1))
                items, arguments, is_call = inner.items, inner.keyword, called is not None
                continue
            elif kind == _NUMBER:
                place = match.span(_NUMBER)
                number = match[_NUMBER]
                value = _number(place, float(number)) if "." in number else _integer(place, int(number))
            elif kind == _NONE:
                place = match.span(_NONE)
                value = _none(place)
            elif kind == _BOOLEAN:
                place = match.span(_BOOLEAN)
                value = _boolean(place, _BOOLEANS[match[_BOOLEAN]])
            elif kind == _MEMBER:
                enum, member = match[_ENUM], match[_MEMBER]
                if enum not in enums or enum in RESERVED or member in RESERVED:
                    return None
                place = (match.start(_ENUM), match.end(_MEMBER))
                value = _member(place, enum, member)
            else:
                return None
            if name is None:
                items.append(value)
            else:
                arguments.append(_argument((match.start(1), place[1]), name, value))
        ending = text[stop - 1]
        if ending == ",":
            if kind == _END and expects:
                return None
            expects = True
            continue
        if ending != (")" if is_call else "]"):
            return None
        expects = False
        ended = inner.ended(stop)
        if not outer:
            return ended if isinstance(ended, ListValue) and stop == last else None
        if ended is None:
            return None
        name, name_start = inner.name, inner.name_start
        inner = outer.pop()
        items, arguments, is_call = inner.items, inner.keyword, inner.called is not None
        if name is None:
            items.append(ended)
        else:
            arguments.append(_argument((name_start, stop), name, ended))
    return None


def plain_bounds(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Give the offsets behind the opening bracket and the last character of labels that may be plain; None of others.

    Behind the last character there are blanks only, each of which a pattern would try to start at.
    """
    begin = _START.match(text, start, end)
    if begin is None or end - start > _LENGTH_LIMIT:
        return None
    return begin.end(), len(text[:end].rstrip(_BLANKS))


def unescaped(written: str) -> str:
    """Give what is meant by the characters between the quotes of a plain string."""
    return _ESCAPES.sub(_meant, written)


def _meant(escape: re.Match[str]) -> str:
    return _ESCAPED.get(escape[0]) or chr(int(escape[1] or escape[2], 16))
