"""Guidelines of one row and labels that conform to them, made up from a seed, before anything is wrong with them."""

import json
import keyword
import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import cycle
from typing import NamedTuple, TypeAlias

from prose import FUNCTION_WORDS, Quote, draw, invented_word

CLASSES = 5
ATTRIBUTES = 5
# How a class may be declared besides its first attribute, which is a str that every instance has.
PLAIN = ("str", "List[str]", "Optional[str]", "Optional[List[str]]", "int", "Optional[int]", "Literal")
HEADER = "from dataclasses import dataclass\nfrom typing import List, Literal, Optional\n"


class Attribute(NamedTuple):
    """An attribute of a class.

    Attributes:
        name: its name.
        type: what it takes: one of PLAIN, or the name of a class behind ``List`` or ``Optional``.
        choices: what a Literal allows.
    """

    name: str
    type: str
    choices: tuple[str, ...] = ()

    @property
    def is_optional(self) -> bool:
        """Say whether None is its default."""
        return self.type.startswith("Optional")

    @property
    def reference(self) -> str:
        """Give the class that its values are instances of, or ""."""
        inner = self.type.rpartition("[")[2].rstrip("]")
        return inner if inner[0].isupper() and "[" in self.type else ""


@dataclass
class Instance:
    """An instance as it is going to be written; a positional argument has "" for a name."""

    name: str
    arguments: list[tuple[str, "Value"]] = field(default_factory=list)


class Source(str):
    """What is written as it stands."""

    __slots__ = ()


Value: TypeAlias = "str | int | Instance | list[Value] | None"
Classes = dict[str, list[Attribute]]


def classes_of(chance: random.Random) -> Classes:
    """Make up classes, of which the first holds instances of two others; no name ever occurs in another row."""
    names = [f"{name.title()}{invented_word(chance, 6).title()}" for name in _names(chance, CLASSES)]
    classes = {}
    for place, name in enumerate(names):
        types = ["str", *chance.choices(PLAIN, k=ATTRIBUTES - 1)]
        if place == 0:
            types[-2:] = [f"List[{names[1]}]", f"Optional[{names[2]}]"]
        elif place == 1:
            types[1] = "Literal"
        elif place == 3:
            types[-1] = f"Optional[{names[4]}]"
        attributes = [
            Attribute(one, kind, tuple(_names(chance, 3)) if kind == "Literal" else ())
            for one, kind in zip(_names(chance, ATTRIBUTES), types, strict=True)
        ]
        classes[name] = sorted(attributes, key=lambda attribute: attribute.is_optional)
    return classes


def _names(chance: random.Random, count: int) -> list[str]:
    """Draw different words that may be names."""
    found: dict[str, None] = {}
    while len(found) < count:
        [word] = draw(chance, 1)
        if len(word) > 3 and word not in FUNCTION_WORDS and not keyword.iskeyword(word):
            found.setdefault(word)
    return list(found)


def guidelines_of(classes: Classes, chance: random.Random) -> str:
    """Write the classes as GuideX does, with docstrings; or with what an attribute means in a comment behind it."""
    commented = chance.random() < 0.3
    lines = [HEADER]
    for name, attributes in classes.items():
        lines += ["", "@dataclass", f"class {name}:", f'    """{sentence(chance, chance.randint(10, 24))}"""', ""]
        for attribute in attributes:
            text = sentence(chance, chance.randint(4, 8) if commented else chance.randint(5, 12))
            declared = f"    {attribute.name}: {_annotation(attribute)}"
            lines += [f"{declared}  # {text}"] if commented else [declared, f'    """{text}"""']
        lines.append("")
    return "\n".join(lines)


def sentence(chance: random.Random, length: int) -> str:
    """Make up a sentence of that many words."""
    return " ".join(draw(chance, length)).capitalize() + "."


def _annotation(attribute: Attribute) -> str:
    if attribute.type == "Literal":
        return f"Literal[{', '.join(map(json.dumps, attribute.choices))}]"
    reference = attribute.reference
    # The classes that are referred to stand further down.
    text = attribute.type.replace(reference, f"'{reference}'") if reference else attribute.type
    return f"{text} = None" if attribute.is_optional else text


class Supply:
    """What the values of one row are taken from: its quotes in order, and the numbers of its document.

    Args:
        quotes: in the order of the labels.
        document: a text in which at least one number stands as a word of its own.
    """

    def __init__(self, quotes: Iterable[Quote], document: str) -> None:
        self._quotes = [quote.text for quote in quotes][::-1]
        self._last = ""
        self._numbers = cycle(map(int, re.findall(r"(?<!\S)[1-9]\d{1,3}(?=[.,]?(?:\s|$))", document)))

    def __bool__(self) -> bool:
        return bool(self._quotes)

    def text(self) -> str:
        """Give the next quote, or the last again if none is left."""
        if self._quotes:
            self._last = self._quotes.pop()
        return self._last

    def texts(self, most: int) -> list[str]:
        """Give up to so many of the quotes that are left."""
        return [self.text() for _ in range(min(most, len(self._quotes)))]

    def number(self) -> int:
        """Give the next number, or the first again."""
        return next(self._numbers)


def instances_of(classes: Classes, supply: Supply, chance: random.Random) -> list[Instance]:
    """Write instances until they hold all quotes; those that no other class holds come more often."""
    held = {attribute.reference for attributes in classes.values() for attribute in attributes}
    order = [*classes, *(name for name in classes if name not in held)]
    made: list[Instance] = []
    while supply:
        name = order[len(made) % len(order)]
        made.append(_instance(name, classes, supply, chance))
    return made


def _instance(name: str, classes: Classes, supply: Supply, chance: random.Random) -> Instance:
    made = Instance(name)
    for attribute in classes[name]:
        if not attribute.is_optional or (supply and chance.random() < 0.7):
            made.arguments.append((attribute.name, _value(attribute, classes, supply, chance)))
        elif chance.random() < 0.5:
            made.arguments.append((attribute.name, None))
    return made


def _value(attribute: Attribute, classes: Classes, supply: Supply, chance: random.Random) -> Value:
    if reference := attribute.reference:
        count = chance.randint(1, 3) if attribute.type.startswith("List") else 1
        held = [_instance(reference, classes, supply, chance) for _ in range(count if supply else 0)]
        return list[Value](held) if attribute.type.startswith("List") else next(iter(held), None)
    if attribute.type == "Literal":
        return chance.choice(attribute.choices)
    if "List" in attribute.type:
        return list[Value](supply.texts(chance.randint(1, 4)))
    return supply.number() if "int" in attribute.type else supply.text()


def labels_of(instances: Iterable[Instance], chance: random.Random) -> str:
    """Write the list of instances, each on a line of its own."""
    return "[\n    " + ",\n    ".join(written(one, chance) for one in instances) + "\n]"


def written(value: Value, chance: random.Random) -> str:
    """Write a value with either kind of quotes, and now and then with escapes."""
    match value:
        case Instance(name, arguments):
            parts = [f"{one}={written(inner, chance)}" if one else written(inner, chance) for one, inner in arguments]
            return f"{name}({', '.join(parts)})"
        case list():
            return f"[{', '.join(written(item, chance) for item in value)}]"
        case Source():
            return str(value)
        case str() if chance.random() < 0.4:
            return repr(value)
        case str():
            return json.dumps(value, ensure_ascii=chance.random() < 0.2)
        case int() | None:
            return repr(value)


def paths(value: Value, path: str) -> Iterator[tuple[str, Value]]:
    """Give a value and all that is inside it, each with its path."""
    yield path, value
    match value:
        case Instance():
            for name, inner in value.arguments:
                yield from paths(inner, f"{path}.{name}")
        case list():
            for place, item in enumerate(value):
                yield from paths(item, f"{path}[{place}]")
        case _:
            return
