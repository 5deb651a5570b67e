"""What labels hold: instances and values, as facts, and the record they belong to."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, TypeAlias, TypeVar, assert_never, cast

from pydantic import ConfigDict, Field

from guidex_schema.frozen import Frozen
from guidex_schema.text import Span

# Start and end of a span that is not made yet.
Place: TypeAlias = tuple[int, int]


class _Placed:
    """Stand somewhere in the labels; the span is made when it is asked for, which it seldom is."""

    __slots__ = ("_place",)
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    _place: Place

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Span:
            """Give the span of what ``maker`` has made: only then is its own slot still empty."""
            if name != "span":
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)
            start, end = self._place
            span = Span(start=start, end=end)
            object.__setattr__(self, "span", span)
            return span


@dataclass(frozen=True, slots=True, kw_only=True)
class TextValue(_Placed):
    """A string."""

    kind: Literal["text"] = "text"
    value: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegerValue(_Placed):
    """An int of at most 256 bits, exact."""

    kind: Literal["integer"] = "integer"
    value: int
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberValue(_Placed):
    """A finite float."""

    kind: Literal["number"] = "number"
    value: float
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class BooleanValue(_Placed):
    """True or False, never 1 or 0."""

    kind: Literal["boolean"] = "boolean"
    value: bool
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class NoneValue(_Placed):
    """None."""

    kind: Literal["none"] = "none"
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberValue(_Placed):
    """``Role.WRITER``: the member that the labels name, whether or not the enum has it."""

    kind: Literal["member"] = "member"
    enum: str
    member: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class ListValue(_Placed):
    """A list display."""

    kind: Literal["list"] = "list"
    items: "tuple[Value, ...]"
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class TupleValue(_Placed):
    """A tuple display."""

    kind: Literal["tuple"] = "tuple"
    items: "tuple[Value, ...]"
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class SetValue(_Placed):
    """A set display: its items in source order, repeated ones too."""

    kind: Literal["set"] = "set"
    items: "tuple[Value, ...]"
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One key and its value."""

    key: "Value"
    value: "Value"
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingValue(_Placed):
    """A dict display: its entries in source order, repeated keys too."""

    kind: Literal["mapping"] = "mapping"
    entries: tuple[Entry, ...]
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument(_Placed):
    """A keyword argument; ``span`` covers the name, the equals sign and the value."""

    name: str
    value: "Value"
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance(_Placed):
    """A call that the labels make: nothing is built, it is only recorded.

    Attributes:
        class_name: the callee as Python reads it.
        span: the whole call, in code points of the label column.
    """

    kind: Literal["instance"] = "instance"
    class_name: str
    positional: "tuple[Value, ...]" = ()
    keyword: tuple[Argument, ...] = ()
    span: Span

    @property
    def name_span(self) -> Span:
        """Give the span of the callee's name, which always starts the call."""
        return Span(start=self.span.start, end=self.span.start + len(self.class_name))


Value = Annotated[
    TextValue
    | IntegerValue
    | NumberValue
    | BooleanValue
    | NoneValue
    | MemberValue
    | ListValue
    | TupleValue
    | SetValue
    | MappingValue
    | Instance,
    Field(discriminator="kind"),
]


_Made = TypeVar("_Made", bound=_Placed)


def maker(kind: type[_Made], *names: str) -> Callable[..., _Made]:
    """Give a function that makes values of a kind, in a third of the time, from facts that are known to be right.

    Args:
        kind: the class.
        names: of the fields that the function takes behind the place. What they hold is not looked at.
    """
    setters = [_setter(kind, name) for name in names]
    constants = [(_setter(kind, one.name), one.default) for one in fields(cast("Any", kind)) if one.name == "kind"]
    new, set_place = object.__new__, _setter(kind, "_place")

    def make(place: Place, *facts: object) -> _Made:
        made = new(kind)
        for set_constant, constant in constants:
            set_constant(made, constant)
        for set_field, fact in zip(setters, facts, strict=True):
            set_field(made, fact)
        set_place(made, place)
        return made

    # Nearly all that labels hold has one of these two shapes.
    match constants, setters:
        case [(set_kind, name)], [set_value]:

            def make_value(place: Place, fact: object) -> _Made:
                made = new(kind)
                set_kind(made, name)
                set_value(made, fact)
                set_place(made, place)
                return made

            return make_value
        case [], [set_first, set_second]:

            def make_pair(place: Place, first: object, second: object) -> _Made:
                made = new(kind)
                set_first(made, first)
                set_second(made, second)
                set_place(made, place)
                return made

            return make_pair
        case _:
            return make


def _setter(kind: type, name: str) -> Callable[[object, object], None]:
    """Give what fills a slot; the class itself lets nobody."""
    found: Callable[[object, object], None] = getattr(kind, name).__set__
    return found


class Mention(Frozen):
    """A value with the path that leads to it, as in ``result[2].author.name``."""

    path: str
    value: Value


class Record(Frozen):
    """One row: guidelines, labels and the document they annotate.

    Attributes:
        guidelines: Python source that declares the entity types.
        labels: the label column as it stands in the row.
        labels_start: offset in ``labels`` where the labels begin (GuideX rows without a label column keep them
            behind ``result =`` in their text).
        document: the annotated text, or None: then nothing is grounded.
        index: 0-based position in the dataset.
        line: 1-based line in the file, or None.
    """

    id: str | None = None
    guidelines: str
    labels: str
    labels_start: int = Field(default=0, ge=0)
    document: str | None = None
    index: int = Field(default=0, ge=0)
    line: int | None = None


def children(mention: Mention, names: tuple[str, ...] = ()) -> Iterator[Mention]:
    """Give the values directly inside a value, each with its path.

    Args:
        mention: the value to look into.
        names: for an instance, the attribute names that its positional arguments fill, in order; a positional
            argument without one is named by its position, as in ``result[0](2)``.
    """
    path, value = mention.path, mention.value
    match value:
        case ListValue(items=items) | TupleValue(items=items) | SetValue(items=items):
            for index, item in enumerate(items):
                yield Mention(path=f"{path}[{index}]", value=item)
        case MappingValue(entries=entries):
            for entry in entries:
                yield Mention(path=f"{path}[{key_text(entry.key)}]", value=entry.value)
        case Instance(positional=positional, keyword=keyword):
            for index, item in enumerate(positional):
                step = f".{names[index]}" if index < len(names) else f"({index})"
                yield Mention(path=path + step, value=item)
            for argument in keyword:
                yield Mention(path=f"{path}.{argument.name}", value=argument.value)
        case TextValue() | IntegerValue() | NumberValue() | BooleanValue() | NoneValue() | MemberValue():
            return
        case _:
            assert_never(value)


def key_text(key: Value) -> str:
    """Write a mapping key as it stands in a path."""
    match key:
        case TextValue(value=text):
            return repr(text)
        case IntegerValue(value=number):
            return str(number)
        case BooleanValue(value=truth):
            return str(truth)
        case NumberValue(value=real):
            return repr(real)
        case NoneValue():
            return "None"
        case _:
            return f"<{key.kind}>"


def same(one: Value, other: Value) -> bool:
    """Say whether two values mean the same, wherever they stand; ``True`` is not ``1``."""
    return signature(one) == signature(other)


def signature(value: Value) -> tuple[object, ...]:
    """Give a hashable key that two values share exactly when they mean the same.

    The order of keyword arguments, set items and mapping entries does not matter.
    """
    match value:
        case TextValue() | IntegerValue() | NumberValue() | BooleanValue():
            return (value.kind, value.value)
        case NoneValue():
            return (value.kind,)
        case MemberValue():
            return (value.kind, value.enum, value.member)
        case ListValue() | TupleValue():
            return (value.kind, *(signature(item) for item in value.items))
        case SetValue():
            return (value.kind, frozenset(signature(item) for item in value.items))
        case MappingValue():
            return (value.kind, frozenset((signature(one.key), signature(one.value)) for one in value.entries))
        case Instance():
            return (
                value.kind,
                value.class_name,
                tuple(signature(item) for item in value.positional),
                frozenset((argument.name, signature(argument.value)) for argument in value.keyword),
            )
        case _:
            assert_never(value)
