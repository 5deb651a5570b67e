"""Docstrings in parts: what is said of the class, and the sections that describe attributes.

Sections are read as Google, NumPy and Sphinx write them.
"""

import re
from collections.abc import Iterator
from itertools import zip_longest

from guidex_schema.vocabulary import is_unwritten

_HEADINGS = (
    r"attributes?|arguments|args|fields|parameters|params|properties|keyword arg(?:ument)?s"
    r"|attribut[es]?|attributi|atributos|felder|champs|campos|campi|arguments|argumentos"
    r"|атрибуты|поля|параметры|属性|字段|参数|フィールド|속성|필드"
)
_FIELD_KINDS = r"(?:param(?:eter)?|arg(?:ument)?|key(?:word)?|attr(?:ibute)?|[ic]?var|field)"
_SECTION = re.compile(
    rf"^[ \t#*]*(?:{_HEADINGS})[ \t*]*(?:[:：][ \t*]*$|\n[ \t]*[-=]{{3,}}[ \t]*$)|^[ \t]*[:@]{_FIELD_KINDS}[ \t]",
    re.IGNORECASE | re.MULTILINE,
)
# A section has one of them; to look for each takes less time than to look for any.
_SECTION_MARKS = (":", "：", "@", "--", "==", "-=", "=-")
# The label of a definition, with the examples behind it where it holds nothing else.
_LABEL = re.compile(r"(?:description|definition)[ \t]*[:：]\s*(?:examples?[ \t]*[:：].*)?", re.IGNORECASE | re.DOTALL)

_FIELD = re.compile(rf"[ \t]*[:@]{_FIELD_KINDS}[ \t](?:[^:\n]*[ \t])?(?P<names>\w+)[ \t]*:(?P<text>.*)")
_NAMES = r"[ \t]*(?:[-*+•][ \t]+)?[`*]*+(?P<names>\w+(?:[`*]*+,[ \t]*[`*]*+\w+)*)[`*]*+"
_ENTRY = re.compile(
    rf"{_NAMES}(?:[ \t]*\((?:[^()]|\([^()]*\))*\))?[`*]*+[ \t]*(?:[:：–—]|(?<=[ \t])--?[ \t])(?P<text>.*)"
)
_NUMPY_ENTRY = re.compile(rf"{_NAMES}[ \t]*(?::.*)?(?P<text>)")
_UNDERLINE = re.compile(r"[ \t]*[-=]{3,}[ \t]*")
_TYPE = re.compile(
    r"[ \t]*(?:str|int|float|bool|(?:[Oo]ptional|[Ll]ist|[Dd]ict|[Ss]et|[Tt]uple|Union|Literal)\[.*\])[ \t]*"
    r"(?:\|.*)?(?:,[ \t]*optional)?[ \t]*"
)


def summary(docstring: str) -> str:
    """Give what a docstring says before it describes attributes, without a label in front."""
    section = _section(docstring)
    said = docstring if section is None else docstring[: section.start()]
    label = _LABEL.match(said)
    return (said if label is None else said[label.end() :]).strip()


def described(docstring: str) -> Iterator[str]:
    """Give the names that the sections of a docstring describe; one with a type and no text is not described."""
    section = _section(docstring)
    lines = [line for line in docstring[section.start() :].split("\n") if line.strip()] if section is not None else []
    entry = _ENTRY
    for line, following in zip_longest(lines, lines[1:], fillvalue=""):
        if _UNDERLINE.fullmatch(line):
            # As NumPy has it, what stands behind the colon is the type.
            entry = _NUMPY_ENTRY
        found = _FIELD.match(line) or entry.fullmatch(line)
        if found is not None:
            text = "" if _TYPE.fullmatch(found["text"]) else found["text"]
            below = following if _indentation(following) > _indentation(line) else ""
            if not is_unwritten(f"{text}\n{below}"):
                yield from re.findall(r"\w+", found["names"])


def _section(docstring: str) -> re.Match[str] | None:
    """Find the first section; one needs a colon, an underline or an at sign."""
    return _SECTION.search(docstring) if any(map(docstring.__contains__, _SECTION_MARKS)) else None


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip())
