"""Sound labels: what most rules ask of labels in which nothing is wrong, told from their characters in one pass.

Nearly all labels are calls by keyword that their constructors would make, of values that fit. Of these nobody asks
where an instance stands or what fills which attribute, so that no value has to be made. Of all others this tells
nothing: they are read in another way, and who asks looks at bindings.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple, assert_never

from guidex_schema.accelerate.labels import (
    DEPTH_LIMIT,
    NAME,
    NUMBER,
    RESERVED,
    STRING,
    plain_bounds,
    plain_labels,
    unescaped,
)
from guidex_schema.instance import ListValue
from guidex_schema.memo import remembered
from guidex_schema.schema import ROOTS, Attribute, AttributeType, EntityType, FactoryDefault, Schema

# A row has five entity types or so, and its neighbours often the same; each counts with its attributes.
_REMEMBERED_TYPES = 2_048
# Rows write most of their annotations alike, and then have the same type for them.
_REMEMBERED_ANNOTATIONS = 1024

# An argument or item with what ends it, if it is a string, another constant, a member, or a list of strings; what
# opens any other; or what closes one. What is not covered is the last alternative, with all that follows: nothing is
# passed over, and nothing read on for what is given up. Whatever is covered here is covered by ``plain_labels``, too.
_TOKEN = re.compile(
    rf"""
    [ \n]*+
    (?:
      (?:({NAME})[ ]*+=[ ]*+)?
      (?:
        (?:
          ({STRING})
        | ({NUMBER}|None|True|False)
        | ({NAME}\.{NAME})
        | (\[[ \n]*+{STRING}(?:[ \n]*+,[ \n]*+{STRING})*(?:[ \n]*+,)?[ \n]*+\])
        )
        [ \n]*+(,|[)\]](?:[ \n]*+,)?)
      | ({NAME})\(
      | (\[)
      )
    | ([)\]](?:[ \n]*+,)?)
    | (.+)
    )
    """,
    re.VERBOSE | re.DOTALL,
)
_STRING = re.compile(STRING)


class SoundLabels(NamedTuple):
    """What is known of labels whose instances are complete and fit.

    Attributes:
        text: the label column.
        start: where the labels begin in it.
        end: where they end.
        schema: what they are instances of.
        used: the names of all classes that they have an instance of; all are declared.
        texts: the characters of every constant whose type does not name it, each once, in source order.
        canonical_texts: the items, each an instance, as ``canonical_text`` writes them.
    """

    text: str
    start: int
    end: int
    schema: Schema
    used: frozenset[str]
    texts: Mapping[str, None]
    canonical_texts: tuple[str, ...]

    def value(self) -> ListValue:
        """Read the values themselves, with their places."""
        value = plain_labels(self.text, self.start, self.end, self.schema)
        assert value is not None, "labels that are sound are plain"
        return value


class _Slot(NamedTuple):
    """What may stand somewhere, as far as it is told here; of all else bindings tell.

    Attributes:
        text: any text.
        named: the texts that the type names itself, so that no document has to.
        integer: an int.
        number: a float.
        boolean: True or False.
        none: None.
        enum: members of the enum of that name.
        entity_type: instances of the entity type of that name, or of what derives from it.
        items: lists of what may stand there.
    """

    text: bool = False
    named: frozenset[str] = frozenset()
    integer: bool = False
    number: bool = False
    boolean: bool = False
    none: bool = False
    enum: str | None = None
    entity_type: str | None = None
    items: "_Slot | None" = None


class _Constructor(NamedTuple):
    """What a call takes, or a list.

    Attributes:
        takes: its arguments by their names, or its items by "": what may stand there, and how the default is written.
        required: the arguments that have to be given.
    """

    takes: Mapping[str, tuple[_Slot, str]]
    required: frozenset[str] = frozenset()


# No constant is written so.
_NO_DEFAULT = ""
# No class is called so: instances of any.
_ANY_CLASS = ""


class _Open:
    """A call or list whose end is not reached yet.

    Attributes:
        class_name: what is called; "" for a list.
        constructor: what it takes.
        argument: the argument that it is the value of; "" for an item.
        default: how the default of that is written.
        given: the arguments so far.
        written: the arguments that repeat no default, or the items, as they are canonical.
    """

    __slots__ = ("argument", "class_name", "constructor", "default", "given", "written")

    def __init__(self, class_name: str, constructor: _Constructor, argument: str, default: str) -> None:
        self.class_name = class_name
        self.constructor = constructor
        self.argument = argument
        self.default = default
        self.given: set[str] = set()
        self.written: list[str] = []

    def ended(self, bracket: str) -> str | None:
        """Write what ends with a bracket; None where that closes another, or an argument lacks."""
        if not self.class_name:
            return f"[{', '.join(self.written)}]" if bracket == "]" else None
        if bracket == "]" or not self.constructor.required <= self.given:
            return None
        self.written.sort()
        return f"{self.class_name}({', '.join(self.written)})"


def sound_labels(text: str, start: int, end: int, schema: Schema) -> SoundLabels | None:
    """Tell of labels that are plain and in which nothing is wrong; None of others, and where in doubt.

    Args:
        text: the label column.
        start: where the labels begin in it.
        end: where they end.
        schema: what declares the entity types, of which each was read completely.
    """
    bounds = plain_bounds(text, start, end)
    if bounds is None:
        return None
    used: set[str] = set()
    texts: dict[str, None] = {}
    outer: list[_Open] = []
    inner = _Open("", _list_of(_Slot(entity_type=_ANY_CLASS)), "", _NO_DEFAULT)
    # Of the innermost one, at hand.
    takes, given, written = inner.constructor.takes, inner.given, inner.written
    # Whether another item may come, and whether the labels have ended.
    expects, is_ended = True, False
    for name, string, constant, member, strings, ending, called, bracket, closing, _ in _TOKEN.findall(text, *bounds):
        if not closing:
            taken = takes.get(name)
            if taken is None or name in given or not expects:
                return None
            slot, default = taken
            if name:
                given.add(name)
            if called or bracket:
                constructor = _of_call(called, slot, schema) if called else slot.items and _list_of(slot.items)
                if constructor is None or len(outer) == DEPTH_LIMIT:
                    return None
                if called:
                    used.add(called)
                outer.append(inner)
                inner = _Open(called, constructor, name, default)
                takes, given, written = constructor.takes, inner.given, inner.written
                continue
            if string:
                value = unescaped(string[1:-1]) if "\\" in string else string[1:-1]
                if slot.text:
                    texts[value] = None
                elif value not in slot.named:
                    return None
                canonical: str | None = repr(value)
            elif strings:
                canonical = _strings(strings, slot.items, texts) if len(outer) < DEPTH_LIMIT else None
            else:
                canonical = _constant(constant, slot, texts) if constant else _member(member, slot, schema)
            if canonical is None:
                return None
            if canonical != default:
                written.append(f"{name}={canonical}" if name else canonical)
            closing = ending
            if closing == ",":
                continue
        expects = closing[-1] == ","
        if not outer:
            if closing != "]" or is_ended:
                return None
            is_ended = True
            continue
        canonical = inner.ended(closing[0])
        if canonical is None:
            return None
        name, default = inner.argument, inner.default
        inner = outer.pop()
        takes, given, written = inner.constructor.takes, inner.given, inner.written
        if canonical != default:
            written.append(f"{name}={canonical}" if name else canonical)
    return SoundLabels(text, start, end, schema, frozenset(used), texts, tuple(written)) if is_ended else None


def _of_call(class_name: str, slot: _Slot, schema: Schema) -> _Constructor | None:
    """Give what a class takes whose instances may stand there; None of any other."""
    entity_type = schema.entity_type(class_name)
    wanted = slot.entity_type
    if entity_type is None or wanted is None or class_name in RESERVED:
        return None
    fits = (
        wanted in (class_name, _ANY_CLASS)
        or schema.descends(class_name, wanted)
        or (schema.entity_type(wanted) is None and entity_type.kind == ROOTS.get(wanted))
    )
    return _constructor(entity_type) if fits else None


def _strings(written: str, slot: _Slot | None, texts: dict[str, None]) -> str | None:
    """Write a list of strings, and add to the texts those that the type does not name; None where one does not fit."""
    if slot is None:
        return None
    values = [one[1:-1] for one in _STRING.findall(written)]
    if "\\" in written:
        values = [unescaped(one) for one in values]
    if slot.text:
        texts.update(dict.fromkeys(values))
    elif not slot.named.issuperset(values):
        return None
    return repr(values)


def _constant(written: str, slot: _Slot, texts: dict[str, None]) -> str | None:
    """Write a constant that is no string, and add it to the texts if it is a number; None where it does not fit."""
    if written == "None":
        return written if slot.none else None
    if written == "True" or written == "False":
        return written if slot.boolean else None
    if "." in written:
        number = float(written)
        texts[repr(number)] = None
        # Zero has no sign that counts.
        return repr(number + 0.0) if slot.number else None
    characters = str(int(written))
    texts[characters] = None
    return characters if slot.integer else None


def _member(written: str, slot: _Slot, schema: Schema) -> str | None:
    """Write the member of an enum; None where it does not fit."""
    enum, _, member = written.partition(".")
    enumeration = schema.enumeration(enum) if enum == slot.enum and enum not in RESERVED else None
    if enumeration is None or member in RESERVED:
        return None
    return written if any(one.name == member for one in enumeration.members) else None


def _list_of(slot: _Slot) -> _Constructor:
    return _Constructor({"": (slot, _NO_DEFAULT)})


@remembered(_REMEMBERED_TYPES, lambda one: 1 + len(one.attributes))
def _constructor(entity_type: EntityType) -> _Constructor:
    taken = [one for one in entity_type.attributes if one.init and one.name not in RESERVED]
    takes = {one.name: (_attribute_slot(one), _default(one)) for one in taken}
    # One that nobody can give lacks for ever.
    required = frozenset([one.name for one in entity_type.attributes if one.init and one.required])
    return _Constructor(takes, required)


def _attribute_slot(attribute: Attribute) -> _Slot:
    """Give what may fill an attribute; a default of None lets None do so."""
    slot = _slot(attribute.type)
    if slot.none or attribute.required or attribute.default is not None:
        return slot
    return slot._replace(none=True)


@remembered(_REMEMBERED_ANNOTATIONS)
def _slot(expected: AttributeType) -> _Slot:
    """Give what fits a type, as far as it is told here.

    It is not told of unions, tuples, sets, mappings, of numbers and bools that a ``Literal`` names, and of what is no
    constant where anything may stand.
    """
    match expected.kind:
        case "text":
            return _Slot(text=True)
        case "integer":
            return _Slot(integer=True)
        case "number":
            return _Slot(integer=True, number=True)
        case "boolean":
            return _Slot(boolean=True)
        case "none":
            return _Slot(none=True)
        case "any" | "unknown":
            return _Slot(text=True, integer=True, number=True, boolean=True, none=True)
        case "literal":
            named = frozenset([one for one in expected.values if isinstance(one, str)])
            return _Slot(named=named, none=None in expected.values)
        case "enum":
            return _Slot(enum=expected.name)
        case "reference":
            return _Slot(entity_type=expected.entity_type)
        case "optional":
            return _slot(expected.of)._replace(none=True)
        case "list":
            return _Slot(items=_slot(expected.of))
        case "set" | "tuple" | "mapping" | "union":
            return _Slot()
        case _:
            assert_never(expected)


def _default(attribute: Attribute) -> str:
    """Write the default of an attribute as it is canonical, if values are told that repeat it."""
    default = attribute.default
    if attribute.required:
        return _NO_DEFAULT
    if isinstance(default, FactoryDefault):
        return "[]" if default.factory == "list" else _NO_DEFAULT
    if isinstance(default, float):
        return repr(default + 0.0)
    return repr(default) if default is None or isinstance(default, bool | int | str) else _NO_DEFAULT
