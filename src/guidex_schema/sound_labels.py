"""Sound labels: what most rules ask of labels in which nothing is wrong, told in one pass.

Nearly all labels are calls by keyword that their constructors would make, of values that fit. Of these nobody asks
where an instance stands or what fills which attribute; of all others this tells nothing: who asks looks at bindings.
"""

from collections.abc import Mapping
from typing import NamedTuple

from guidex_schema.binding import parameters
from guidex_schema.canonical import canonical_text, is_default
from guidex_schema.conformance import is_closed
from guidex_schema.instance import Value
from guidex_schema.schema import AttributeType, Schema


class SoundLabels(NamedTuple):
    """What is known of labels whose instances are complete and fit.

    Attributes:
        used: the names of all classes that they have an instance of; all are declared.
        texts: the characters of every constant whose type does not name it, each once, in source order.
        canonical_texts: the top-level items by their number, as ``canonical_text`` writes them.
    """

    used: frozenset[str]
    texts: Mapping[str, None]
    canonical_texts: Mapping[int, str]


def sound_labels(items: Mapping[int, Value], schema: Schema) -> SoundLabels | None:
    """Tell of labels in which nothing is wrong; None where something is, or may be.

    Args:
        items: the top-level items by their number.
        schema: what declares the entity types, of which each was read completely.
    """
    walk = _Walk(schema)
    try:
        canonical_texts = {number: walk.instance(item) for number, item in items.items()}
    except _Unusual:
        return None
    return SoundLabels(frozenset(walk.used), walk.texts, canonical_texts)


class _Unusual(Exception):
    """Say that something has to be looked at in another way."""


class _Walk:
    """Go through the values of one row's labels, and write each as it is canonical."""

    def __init__(self, schema: Schema) -> None:
        self.used: set[str] = set()
        self.texts: dict[str, None] = {}
        self._schema = schema

    def instance(self, value: Value) -> str:
        """Write an instance.

        Raises:
            _Unusual: it is none that is called by keyword, or not one that its constructor would make of such values.
        """
        if value.kind != "instance" or value.positional:
            raise _Unusual
        schema, name = self._schema, value.class_name
        entity_type = schema.entity_type(name)
        if entity_type is None:
            raise _Unusual
        self.used.add(name)
        _, by_name, required = parameters(entity_type)
        given = set()
        lacking = len(required)
        written = []
        for argument in value.keyword:
            given.add(argument.name)
            parameter = by_name.get(argument.name)
            if parameter is None:
                raise _Unusual
            held = argument.value
            if held.kind == "text" and held.value in parameter.named:
                text = repr(held.value)
            elif held.kind in parameter.kinds or parameter.fits(held, schema):
                text = self._value(held, parameter.closing)
            else:
                raise _Unusual
            if parameter.is_required:
                lacking -= 1
            elif is_default(held, parameter.attribute):
                continue
            written.append(f"{argument.name}={text}")
        if lacking or len(given) < len(value.keyword):
            raise _Unusual
        written.sort()
        return f"{name}({', '.join(written)})"

    def _value(self, value: Value, closing: AttributeType | None) -> str:
        """Write a value of an attribute, whose type is only given where it may name some."""
        if value.kind == "text" or value.kind == "integer":
            characters = str(value.value)
            if closing is None or not is_closed(value, closing):
                self.texts[characters] = None
            return repr(value.value)
        if value.kind == "instance":
            return self.instance(value)
        if value.kind == "list":
            if closing is None:
                texts = [one.value for one in value.items if one.kind == "text"]
                if len(texts) == len(value.items):
                    self.texts.update(dict.fromkeys(texts))
                    return repr(texts)
            return f"[{', '.join([self._value(item, closing) for item in value.items])}]"
        if value.kind == "number":
            if closing is None or not is_closed(value, closing):
                self.texts[repr(value.value)] = None
        elif value.kind == "tuple" or value.kind == "set" or value.kind == "mapping":
            raise _Unusual
        return canonical_text(value, None)
