"""What of a row's labels is dropped for which fault, so that the rest can stay."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, assert_never

from guidex_schema.binding import positional_names
from guidex_schema.diagnostic import Diagnostic
from guidex_schema.instance import (
    Argument,
    BooleanValue,
    Instance,
    IntegerValue,
    ListValue,
    MappingValue,
    MemberValue,
    Mention,
    NoneValue,
    NumberValue,
    SetValue,
    TextValue,
    TupleValue,
    Value,
    children,
)
from guidex_schema.label_rendering import render_labels, render_value
from guidex_schema.leaf import arguments
from guidex_schema.schema import Schema
from guidex_schema.subject import Subject
from guidex_schema.text import Span

Granularity = Literal["record", "instance", "value"]


@dataclass(frozen=True)
class Dropped:
    """An instance or a value that was taken out of labels.

    Attributes:
        path: where it stood.
        entity_type: the class of an instance; of a value, the class of the instance that held it, if one did.
        attribute: the attribute that it stood for, declared or not; None where nothing names it.
        source: itself as Python.
        codes: of the faults for which it was dropped, ascending.
        is_instance: it is an instance, with all that stands in it.
    """

    path: str
    entity_type: str | None
    attribute: str | None
    source: str
    codes: tuple[str, ...]
    is_instance: bool


@dataclass(frozen=True)
class Remainder:
    """What is left of labels.

    Attributes:
        labels: as Python, a bare list.
        dropped: what is not, in source order, the outermost only.
    """

    labels: str
    dropped: tuple[Dropped, ...]


def remainder(
    subject: Subject, faults: Sequence[Diagnostic], granularity: Literal["instance", "value"]
) -> Remainder | None:
    """Take out of labels what is at fault.

    A value leaves its list, set or mapping, or the argument that it is goes; where the schema requires that, its
    instance goes in its place, and so on up to the top-level list, which may become empty. Items of a tuple and the
    last item of a set take it along.

    Args:
        subject: a row whose labels were read as a whole.
        faults: found in it; what is to go.
        granularity: take the innermost instance around each fault, or only the value at fault.

    Returns:
        None where no value carries a fault: it stands in the guidelines or in the document, or in labels as a whole.
    """
    schema = subject.guideline.schema
    top = [_Node(mention, schema) for mention in subject.mentions]
    by_path: dict[str, list[_Node]] = {}
    for node in _nodes(top):
        by_path.setdefault(node.mention.path, []).append(node)
    gone: dict[_Node, set[str]] = {}
    for fault in faults:
        culprits = _culprits(fault, by_path)
        if not culprits:
            return None
        for culprit in culprits:
            taken = culprit if granularity == "value" else culprit.instance
            gone.setdefault(taken.lifted, set()).add(fault.code)
    _lift_sets(gone)
    dropped = tuple(_dropped(node, gone) for node in _outermost(top, gone))
    return Remainder(render_labels(node.left(gone) for node in top if node not in gone), dropped)


@dataclass(eq=False)
class _Node:
    """A value of the labels, with its place among the others; a call that is no instance has nothing in it.

    Attributes:
        parent: the value that it stands in; None at the top.
        holder: the class of the innermost instance around it.
        attribute: the attribute that it stands for.
        takes_parent: its parent cannot be without it.
        spans: where it stands: itself, and the argument or the key that it has.
    """

    mention: Mention
    schema: Schema
    parent: "_Node | None" = None
    holder: str | None = None
    attribute: str | None = None
    takes_parent: bool = False
    spans: tuple[Span, ...] = ()
    children: "list[_Node]" = field(default_factory=list)

    def __post_init__(self) -> None:
        self.spans = (self.mention.value.span, *self.spans)
        if not self._is_call_of_value:
            self.children = list(self._children())

    @property
    def _is_call_of_value(self) -> bool:
        value = self.mention.value
        if self.parent is None or not isinstance(value, Instance):
            return False
        name = value.class_name
        return self.schema.text_subclass(name) is not None or self.schema.enumeration(name) is not None

    @property
    def is_instance(self) -> bool:
        return isinstance(self.mention.value, Instance) and not self._is_call_of_value

    @property
    def instance(self) -> "_Node":
        """Give the innermost instance that holds it, or itself; at the top, whatever stands there."""
        return self if self.is_instance or self.parent is None else self.parent.instance

    @property
    def lifted(self) -> "_Node":
        """Give what has to go where it goes."""
        return self.parent.lifted if self.takes_parent and self.parent is not None else self

    def left(self, gone: "Mapping[_Node, object]") -> Value:
        """Give the value without what is gone."""
        value = self.mention.value
        left = {number: child.left(gone) for number, child in enumerate(self.children) if child not in gone}
        match value:
            case ListValue() | TupleValue() | SetValue():
                return replace(value, items=tuple(left.values()))
            case MappingValue(entries=entries):
                kept = (replace(entries[number], value=one) for number, one in left.items())
                return replace(value, entries=tuple(kept))
            case Instance() if self.children:
                return self._call(value, left)
            case (
                Instance() | TextValue() | IntegerValue() | NumberValue() | BooleanValue() | NoneValue() | MemberValue()
            ):
                return value
            case _:
                assert_never(value)

    def _call(self, value: Instance, left: Mapping[int, Value]) -> Instance:
        """Give the call with what is left of its arguments; behind a gap, positional ones are named."""
        positional: list[Value] = []
        keyword: list[Argument] = []
        for number, one in left.items():
            name = self.children[number].attribute
            if number < len(value.positional):
                if name is None or number == len(positional):
                    positional.append(one)
                else:
                    keyword.append(Argument(name=name, value=one, span=one.span))
            else:
                argument = value.keyword[number - len(value.positional)]
                keyword.append(replace(argument, value=one))
        return replace(value, positional=tuple(positional), keyword=tuple(keyword))

    def _children(self) -> "Iterator[_Node]":
        value = self.mention.value
        if isinstance(value, Instance):
            yield from self._arguments(value)
            return
        keys = [(entry.key.span,) for entry in value.entries] if isinstance(value, MappingValue) else None
        for number, child in enumerate(children(self.mention)):
            yield _Node(
                child,
                self.schema,
                self,
                self.holder,
                self.attribute,
                takes_parent=isinstance(value, TupleValue),
                spans=keys[number] if keys is not None else (),
            )

    def _arguments(self, value: Instance) -> "Iterator[_Node]":
        names = positional_names(self.schema.entity_type(value.class_name))
        # Without one that has a name, those that have none would be read as others.
        is_overfull = 0 < len(names) < len(value.positional)
        spans = [*(() for _ in value.positional), *((argument.span,) for argument in value.keyword)]
        found = arguments(self.mention.path, value, self.schema)
        for number, ((child, attribute, declared), around) in enumerate(zip(found, spans, strict=True)):
            required = declared is not None and declared.required
            yield _Node(
                child,
                self.schema,
                self,
                value.class_name,
                attribute,
                takes_parent=required or (is_overfull and number < len(names)),
                spans=around,
            )


def _nodes(nodes: Iterable[_Node]) -> Iterator[_Node]:
    for node in nodes:
        yield node
        yield from _nodes(node.children)


def _culprits(fault: Diagnostic, by_path: Mapping[str, list[_Node]]) -> list[_Node]:
    """Give what is at fault: what stands at the path and has the span, or what in it has."""
    if fault.part != "labels" or fault.path is None:
        return []
    found = by_path.get(fault.path)
    if found is None:
        # An attribute that is missing has no value: the instance that lacks it is at fault.
        return by_path.get(fault.path.rpartition(".")[0], [])
    span = fault.span
    if span is None:
        return found
    inside = [child for node in found for child in node.children]
    return (
        [node for node in found if any(_holds(span, one) for one in node.spans)]
        or [node for node in inside if any(_holds(span, one) for one in node.spans)]
        or [node for node in found if any(_meets(span, one) for one in node.spans)]
        or found
    )


def _holds(outer: Span, inner: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _meets(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _lift_sets(gone: dict[_Node, set[str]]) -> None:
    """Let sets that would be empty go, too: labels cannot say an empty set."""
    pending = list(gone)
    while pending:
        parent = pending.pop().parent
        if (
            parent is not None
            and isinstance(parent.mention.value, SetValue)
            and parent not in gone
            and all(child in gone for child in parent.children)
        ):
            taken = parent.lifted
            gone.setdefault(parent, set())
            gone.setdefault(taken, set())
            pending.append(taken)


def _outermost(nodes: Iterable[_Node], gone: Mapping[_Node, object]) -> Iterator[_Node]:
    for node in nodes:
        if node in gone:
            yield node
        else:
            yield from _outermost(node.children, gone)


def _dropped(node: _Node, gone: Mapping[_Node, set[str]]) -> Dropped:
    codes = set().union(*(gone.get(one, set()) for one in _nodes([node])))
    value = node.mention.value
    return Dropped(
        path=node.mention.path,
        entity_type=value.class_name if isinstance(value, Instance) and node.is_instance else node.holder,
        attribute=node.attribute,
        source=render_value(value),
        codes=tuple(sorted(codes)),
        is_instance=node.is_instance,
    )
