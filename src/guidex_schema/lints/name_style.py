"""A name is not written as Python writes it: classes in CapWords, attributes in snake_case.

Models have read far more code that is written so than otherwise, and labels that mix styles are misspelt more often.
Acronyms are no fault (`GPE`, `DNA_Sequence`, `pH`), nor are scripts without case. Not judged are the names of
enumeration members, and the attributes of a `TypedDict`: they are the keys of somebody's JSON.

The fix renames every use in a guideline file, in `__all__` too. It is unsafe, since labels elsewhere use the old name.

Source: PEP 8, "Class Names" and "Function and Variable Names"; ruff N801 and N815.
"""

import keyword
from collections import Counter
from collections.abc import Iterator
from functools import cached_property

from guidex_schema import classes, imports, name_use
from guidex_schema.diagnostic import Edit, Fix, quoted
from guidex_schema.guideline import Guideline
from guidex_schema.inventory import inventory
from guidex_schema.rule import Example, Fault, Severity, Subject
from guidex_schema.schema import ROOTS
from guidex_schema.syntax import last_name
from guidex_schema.text import Span

CODE = "GX125"
NAME = "name-style"
SEVERITY = Severity.WARNING

VALID = (
    Example(guidelines="class A:\n    LIMIT: ClassVar[int] = 3\n"),
    Example(),
    Example(guidelines="class GPE:\n    x: str\n\nclass DNA_Sequence:\n    pH: str\n    arg_A: str\n    ISBN: str\n"),
    Example(
        guidelines="class OtherLOC:\n    x1: str\n\nclass mRNA:\n    mRNA_ids: str\n\nclass Covid_19:\n    x: str\n"
    ),
    Example(guidelines="class 人物:\n    名前: str\n\nclass شخص:\n    x: str\n"),
    Example(guidelines="class Role(Enum):\n    Head_Of_State = 1\n"),
    Example(guidelines="class Order(TypedDict):\n    itemType: str\n\nclass Beer(Order):\n    kindOfBeer: str\n"),
)

INVALID = (
    Example(
        guidelines="class birth_event:\n    x: 'List[birth_event]'\n\nclass B(birth_event):\n    y: str\n\n"
        "ALL = [birth_event, B]\n",
        origin="file",
        at="birth_event",
        part="guidelines",
        path="birth_event",
        fixed="class BirthEvent:\n    x: 'List[BirthEvent]'\n\nclass B(BirthEvent):\n    y: str\n\n"
        "ALL = [BirthEvent, B]\n",
        message="the class name `birth_event` is not in CapWords; expected `BirthEvent`",
        title="Rename it to `BirthEvent`",
    ),
    Example(
        guidelines="__all__ = ['anyone', \"place\"]\n\nclass place:\n    x: str\n",
        origin="file",
        at="place",
        part="guidelines",
        path="place",
        fixed="__all__ = ['anyone', \"Place\"]\n\nclass Place:\n    x: str\n",
        message="the class name `place` is not in CapWords; expected `Place`",
        title="Rename it to `Place`",
    ),
    Example(
        guidelines="class A:\n    hqLocation: str  # hqLocation\n",
        origin="file",
        at="hqLocation",
        part="guidelines",
        path="A.hqLocation",
        fixed="class A:\n    hq_location: str  # hqLocation\n",
        message="the attribute name `hqLocation` is not in snake_case; expected `hq_location`",
        title="Rename it to `hq_location`",
    ),
    Example(
        guidelines="class A:\n    Name: str\n\nclass B(A):\n    age: str\n",
        labels='[A(Name="x")]',
        at="Name",
        part="guidelines",
        path="A.Name",
        message="the attribute name `Name` is not in snake_case; expected `name`",
    ),
    Example(
        guidelines="class role(Enum):\n    X = 1\n\nclass Role:\n    x: role = role.X\n",
        origin="file",
        at="role",
        part="guidelines",
        path="role",
        message="the class name `role` is not in CapWords; expected `Role`",
    ),
)


def check(subject: Subject) -> Iterator[Fault]:
    """Look at the names of all classes and attributes."""
    guideline = subject.guideline
    found = inventory(guideline)
    if found.declared == found.declared.lower() and not any(
        "_" in name or name[0].islower() for name in found.class_names
    ):
        return
    # A row's labels use the names, too, and no fix reaches them.
    names = _Names(guideline) if subject.origin == "file" and guideline.readable == guideline.source else None
    for node in guideline.classes:
        expected = _in_cap_words(node.name)
        if expected != node.name:
            edits = names.class_renamed(node.name, expected) if names is not None else ()
            span = guideline.name_span(node)
            yield _fault(f"the class name {quoted(node.name)} is not in CapWords", node.name, span, expected, edits)
    typed = {"TypedDict"}
    for _, node in classes.declared(guideline):
        if not typed.isdisjoint(map(last_name, node.bases)):
            typed.add(node.name)
        for declaration in imports.declarations(node) if node.name not in typed else ():
            # What belongs to the class may be a constant, `LIMIT: ClassVar[int]`.
            if not declaration.is_attribute:
                continue
            name = declaration.target.id
            expected = _in_snake_case(name)
            if expected != name:
                edits = names.attribute_renamed(declaration, expected) if names is not None else ()
                span = guideline.span(declaration.target)
                message = f"the attribute name {quoted(name)} is not in snake_case"
                yield _fault(message, declaration.path, span, expected, edits)


def _fault(message: str, path: str, span: Span, expected: str, edits: tuple[Edit, ...]) -> Fault:
    return Fault(
        rule=NAME,
        message=f"{message}; expected {quoted(expected)}",
        part="guidelines",
        span=span,
        path=path,
        fix=Fix(title=f"Rename it to `{expected}`", safe=False, edits=edits) if edits else None,
    )


def _in_cap_words(name: str) -> str:
    """Give the name that a class should have: the one it has, where that is no fault."""
    words = name.strip("_").split("_")
    is_term = name[1:2].isupper()
    is_plain = len(words) == 1 or any((len(word) > 1 and word.isupper()) or word[:1].isdigit() for word in words)
    if name.startswith("_") or (is_plain and (is_term or not name[0].islower())):
        return name
    return "".join(word[:1].upper() + word[1:] for word in words)


def _in_snake_case(name: str) -> str:
    """Give the name that an attribute should have: the one it has, where that is no fault."""
    if name.startswith("_") or all(map(_is_word, name.split("_"))):
        return name
    pieces = []
    for before, letter, after in zip(f"_{name}", name, f"{name[1:]}_", strict=False):
        starts_word = letter.isupper() and (
            before.islower() or before.isdigit() or (before.isupper() and after.islower())
        )
        pieces.append(f"_{letter}" if starts_word else letter)
    return "".join(pieces).lower()


def _is_word(word: str) -> bool:
    """Say whether a word is in lower case or an acronym: ``pH``, ``ISBN``, ``IDs``."""
    return word == word.lower() or word.isupper() or word[1:].isupper() or (len(word) > 2 and word[:-1].isupper())


def _eldest(kin: dict[str, str], name: str) -> str:
    while kin[name] != name:
        kin[name] = kin[kin[name]]
        name = kin[name]
    return name


class _Names:
    """All names of a guideline file, to tell where a name stands and whether another one is free."""

    def __init__(self, guideline: Guideline) -> None:
        self.guideline = guideline

    @cached_property
    def uses(self) -> dict[str, list[Span | None]]:
        found: dict[str, list[Span | None]] = {}
        for use in name_use.uses(self.guideline):
            found.setdefault(use.name, []).append(use.span)
        return found

    @cached_property
    def exports(self) -> dict[str, list[Span | None]]:
        found: dict[str, list[Span | None]] = {}
        for use in name_use.exports(self.guideline):
            found.setdefault(use.name, []).append(use.span)
        return found

    @cached_property
    def bound(self) -> frozenset[str]:
        attributes = {one.target.id for one in imports.all_declarations(self.guideline)}
        known = imports.BUILTINS | imports.MODULES.keys() | ROOTS.keys() | attributes | self.uses.keys()
        return imports.bound_names(self.guideline) | known

    @cached_property
    def definitions(self) -> dict[str, list[Span]]:
        found: dict[str, list[Span]] = {}
        for node in self.guideline.classes:
            found.setdefault(node.name, []).append(self.guideline.name_span(node))
        return found

    @cached_property
    def kin(self) -> dict[str, str]:
        """Lead from each class to one that it is related to by bases, and at last to the one that stands for all."""
        kin: dict[str, str] = {}
        for node in self.guideline.classes:
            kin.setdefault(node.name, node.name)
            for base in map(last_name, node.bases):
                if base in kin:
                    kin[_eldest(kin, base)] = _eldest(kin, node.name)
        return kin

    @cached_property
    def attributes(self) -> Counter[tuple[str, str]]:
        """Count how often a family declares an attribute."""
        return Counter(
            (_eldest(self.kin, one.owner.name), one.target.id) for one in imports.all_declarations(self.guideline)
        )

    def class_renamed(self, old: str, new: str) -> tuple[Edit, ...]:
        """Rename a class and all its uses; no edits where that cannot be trusted."""
        spans = [*self.definitions[old], *self.uses.get(old, ()), *self.exports.get(old, ())]
        is_taken = new in self.bound or keyword.iskeyword(new) or not new.isidentifier()
        if is_taken or len(self.definitions[old]) > 1 or _in_cap_words(new) != new:
            return ()
        return self._edits(spans, old, new)

    def attribute_renamed(self, declaration: imports.Declaration, new: str) -> tuple[Edit, ...]:
        """Rename an attribute that no relative of its class declares too."""
        old = declaration.target.id
        family = _eldest(self.kin, declaration.owner.name)
        is_taken = (family, new) in self.attributes or new in self.uses or keyword.iskeyword(new)
        if is_taken or self.attributes[family, old] > 1 or old in self.uses or _in_snake_case(new) != new:
            return ()
        return self._edits([self.guideline.span(declaration.target)], old, new)

    def _edits(self, spans: list[Span | None], old: str, new: str) -> tuple[Edit, ...]:
        known = sorted((span for span in spans if span is not None), key=lambda span: span.start)
        if len(known) < len(spans) or any(self.guideline.source[one.start : one.end] != old for one in known):
            return ()
        return tuple(Edit(start=span.start, end=span.end, replacement=new) for span in known)
