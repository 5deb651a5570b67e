"""Twelve ways to break a row, each with what has to be said of it."""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

from annotation import Classes, Instance, Source, Supply, Value, guidelines_of, labels_of, paths
from digit_edits import numbers_of, readings
from prose import invented_word


class Known(NamedTuple):
    """A finding that must be there.

    Attributes:
        code: its code.
        path: the path that it names; None if it has none.
    """

    code: str
    path: str | None = None


@dataclass
class Draft:
    """A row before it is written, and changes to what is written."""

    chance: random.Random
    classes: Classes
    instances: list[Instance]
    document: str
    change_guidelines: Callable[[str], str] = field(default=str)
    change_labels: Callable[[str], str] = field(default=str)

    def guidelines(self) -> str:
        """Write the guidelines."""
        return self.change_guidelines(guidelines_of(self.classes, self.chance))

    def labels(self) -> str:
        """Write the labels."""
        return self.change_labels(labels_of(self.instances, self.chance))

    def values(self) -> Iterator[tuple[str, Value]]:
        """Give every value of the labels with its path."""
        return chain.from_iterable(paths(one, f"result[{place}]") for place, one in enumerate(self.instances))

    def number(self) -> int:
        """Give a number of the document."""
        return Supply((), self.document).number()

    def instance(self, name: str = "") -> tuple[str, Instance]:
        """Choose an instance, of that class if one is named, with its path."""
        found = [(path, one) for path, one in self.values() if isinstance(one, Instance) and name in ("", one.name)]
        return self.chance.choice(found)

    def fill(self, value: Value) -> str:
        """Put a value into the first attribute of an instance, which is a str, and give the path of it."""
        path, instance = self.instance()
        name = instance.arguments[0][0]
        instance.arguments[0] = (name, value)
        return f"{path}.{name}"


Fault = Callable[[Draft], Known]


def undefined_class(draft: Draft) -> Known:
    """Name a class that the guidelines lack; the second one is named in every row, and holds no others."""
    path, instance = draft.instance(list(draft.classes)[1])
    instance.name = invented_word(draft.chance, 6).title()
    return Known("GX201", path)


def unexpected_attribute(draft: Draft) -> Known:
    """Give an attribute that the class lacks."""
    path, instance = draft.instance()
    name = invented_word(draft.chance, 6)
    instance.arguments.append((name, instance.arguments[0][1]))
    return Known("GX202", f"{path}.{name}")


def missing_attribute(draft: Draft) -> Known:
    """Leave out the first attribute, which has no default."""
    path, instance = draft.instance()
    name, _ = instance.arguments.pop(0)
    return Known("GX203", f"{path}.{name}")


def type_mismatch(draft: Draft) -> Known:
    """Fill a str with a number of the document."""
    return Known("GX204", draft.fill(draft.number()))


def literal_violation(draft: Draft) -> Known:
    """Fill a Literal with what it does not allow."""
    [(name, attribute), *_] = [
        (name, one) for name, attributes in draft.classes.items() for one in attributes if one.choices
    ]
    path, instance = draft.instance(name)
    [(_, value), *_] = instance.arguments
    instance.arguments = [(given, value if given == attribute.name else held) for given, held in instance.arguments]
    return Known("GX205", f"{path}.{attribute.name}")


def too_many_positionals(draft: Draft) -> Known:
    """Give all arguments by position, and one more."""
    path, instance = draft.instance()
    given = dict(instance.arguments)
    values = [given.get(attribute.name) for attribute in draft.classes[instance.name]]
    instance.arguments = [("", value) for value in (*values, values[0])]
    return Known("GX206", path)


def value_absent(draft: Draft) -> Known:
    """Fill a str with what the document does not say."""
    return Known("GX301", draft.fill(f"{invented_word(draft.chance)} {invented_word(draft.chance)}".title()))


def changed_digits(draft: Draft) -> Known:
    """Fill a str with a number of the document in which one digit was changed, so that it stands nowhere."""
    held = numbers_of(draft.document)
    digits = str(draft.number())
    changed = [f"{digits[:place]}{digit}{digits[place + 1 :]}" for place in range(len(digits)) for digit in "123456789"]
    # Where the document has every other number of its length, a longer one is changed.
    absent = [one for one in (*changed, f"{digits}7{digits}") if held.isdisjoint(readings(one))]
    return Known("GX301", draft.fill(draft.chance.choice(absent)))


def label_syntax(draft: Draft) -> Known:
    """Leave out a comma between two arguments of the last instance, or its only `=`, so that all others can be read."""

    def change(text: str) -> str:
        last = text.rindex("\n    ")
        commas = [found.span() for found in re.compile(r", (?=\w+=)").finditer(text, last)]
        equals = text.find("=", last)
        start, end = draft.chance.choice(commas or [(equals, equals + 1)])
        return f"{text[:start]} {text[end:]}"

    draft.change_labels = change
    return Known("GX012")


def truncated_list(draft: Draft) -> Known:
    """Break off in the second half of the labels."""

    def change(text: str) -> str:
        return text[: draft.chance.randint(len(text) // 2, len(text) - 3)]

    draft.change_labels = change
    return Known("GX013")


def refused_construct(draft: Draft) -> Known:
    """Call a method of a string in the last instance, so that all others can be read."""
    last = draft.instances[-1]
    last.arguments[0] = (last.arguments[0][0], Source('"word".upper()'))
    return Known("GX401")


def guideline_syntax(draft: Draft) -> Known:
    """Leave out the colon behind the name of a class."""

    def change(text: str) -> str:
        name = draft.chance.choice(list(draft.classes))
        return text.replace(f"class {name}:", f"class {name}")

    draft.change_guidelines = change
    return Known("GX011")


FAULTS: tuple[Fault, ...] = (
    undefined_class,
    unexpected_attribute,
    missing_attribute,
    type_mismatch,
    literal_violation,
    too_many_positionals,
    value_absent,
    changed_digits,
    label_syntax,
    truncated_list,
    refused_construct,
    guideline_syntax,
)
