"""Prompts: Markdown with named fields, written ``{{document}}``, in files that anybody can replace."""

import re
from collections.abc import Iterator
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from guidex_schema import resources
from guidex_schema.diagnostic import quoted
from guidex_schema.error import UsageError
from guidex_schema.frozen import Frozen
from guidex_schema.suggestion import nearest

_FIELD = re.compile(r"\{\{([^{}\n]*)\}\}")
# What is left of a field that was written wrong: it would be sent as it stands, and its value lost without a word.
_TORN = re.compile(r"\{\{|\}\}")
_IN_SINGLE_BRACES = re.compile(r"\{[ \t]*+(\w++)[ \t]*+\}")


class _Form(NamedTuple):
    """What a template has to have, and what else it may."""

    file: str
    required: frozenset[str]
    allowed: frozenset[str]


def _form(file: str, required: str, optional: str = "") -> _Form:
    return _Form(file, frozenset(required.split()), frozenset(f"{required} {optional}".split()))


_FORMS = {
    "summary": _form("1_summary.md", "document"),
    "structure": _form("2_structure.md", "document", "summary"),
    "guideline": _form("3_guideline.md", "structure", "summary document"),
    "instances": _form("4_instances.md", "guidelines document"),
    "repair": _form("repair.md", "findings", "wanted output"),
}


class Template(Frozen):
    """A text with fields.

    Attributes:
        name: ``summary``, ``structure``, ``guideline``, ``instances`` or ``repair``.
        source: the text as its file has it.
    """

    name: str
    source: str

    @cached_property
    def fields(self) -> frozenset[str]:
        """Give the names of its fields."""
        return frozenset(found[1].strip() for found in _FIELD.finditer(self.source))

    def render(self, **values: str) -> str:
        """Put values into the fields, in one pass: what looks like a field in a value stays as it is.

        Args:
            values: by the name of the field; what the template does not ask for is left out.

        Raises:
            KeyError: a field has no value.
        """
        return _FIELD.sub(lambda found: values[found[1].strip()], self.source)


class Prompts(Frozen):
    """The templates of the four stages, and of what is said to an answer that has errors."""

    summary: Template
    structure: Template
    guideline: Template
    instances: Template
    repair: Template

    @cached_property
    def digest(self) -> str:
        """Give what tells these prompts from others: 64 hexadecimal digits over all of them (SHA-256)."""
        return sha256(self.model_dump_json().encode("utf-8")).hexdigest()


def load(folder: Path | None = None) -> Prompts:
    """Read the prompts.

    Args:
        folder: a folder with all five files; the prompts that come with the package unless given.

    Raises:
        UsageError: a file is missing or no text, a template lacks a field that it needs, or has one that there is not.
            Braces that are left over count: a field in single braces, and two braces that are none of a field.
            All that is wrong is said at once.
    """
    source = resources.folder("prompts") if folder is None else folder
    if not source.is_dir():
        raise UsageError(f"the folder of prompts {source} does not exist or is no folder")
    found = {name: _read(source / form.file, name) for name, form in _FORMS.items()}
    faults = [fault for one in found.values() for fault in ([one] if isinstance(one, str) else _faults(one, source))]
    if faults:
        raise UsageError("\n".join(faults))
    return Prompts.model_validate({name: one for name, one in found.items() if isinstance(one, Template)})


def _read(file: Path, name: str) -> Template | str:
    """Give a template, or what is wrong with its file."""
    try:
        return Template(name=name, source=file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        near = nearest(file.name, [one.name for one in file.parent.iterdir()])
        return f"the prompt {file} is missing" + (f"; is it {quoted(near)}?" if near is not None else "")
    except OSError as error:
        return f"the prompt {file} cannot be read: {error.strerror or error}"
    except UnicodeDecodeError as error:
        return f"the prompt {file} is not UTF-8 (byte {error.start + 1})"


def _faults(template: Template, folder: Path) -> Iterator[str]:
    form = _FORMS[template.name]
    file = folder / form.file
    for name in sorted(template.fields - form.allowed):
        near = nearest(name, form.allowed)
        known = f"did you mean {_shown(near)}?" if near else f"there are {', '.join(map(_shown, sorted(form.allowed)))}"
        yield f"the prompt {file} has an unknown field {_shown(name)}; {known}"
    for name in sorted(form.required - template.fields):
        yield f"the prompt {file} lacks the field {_shown(name)}"
    # No value stands in for a field, so that nothing on its sides comes together.
    left = _FIELD.sub(lambda found: " " * len(found[0]), template.source)
    for found in _IN_SINGLE_BRACES.finditer(left):
        if found[1] in form.allowed:
            yield f"the prompt {file} has {quoted(found[0])} in line {_line(left, found)}; write {_shown(found[1])}"
    torn = _TORN.search(left)
    if torn is not None:
        words = "a field is written `{{name}}`, and what is none needs a space between its braces"
        yield f"the prompt {file} has {quoted(torn[0])} outside of a field in line {_line(left, torn)}; {words}"


def _line(text: str, found: re.Match[str]) -> int:
    return text.count("\n", 0, found.start()) + 1


def _shown(field: str) -> str:
    return quoted(f"{{{{{field}}}}}")
