"""Rows that a page has to show right, and rows that try to break it."""

import json

GUIDELINES = '''from dataclasses import dataclass, field
from typing import List, Optional


@dataclass
class Person:
    """A person named in the text, with what is said of them there."""

    name: str  # the name exactly as it is written
    aliases: List[str] = field(default_factory=list)  # other names of the same person
    home: Optional["Place"] = None  # where the person lives


@dataclass
class Place:
    """A place named in the text, such as a town or a country."""

    name: str  # the name exactly as it is written


@dataclass
class Work:
    """A text or a machine that a person of the text has made."""

    title: str  # the title exactly as it is written
    author: Person  # who made it
    year: Optional[int] = None  # the year in which it was made
'''

CROSSING = {
    "id": "crossing",
    "guidelines": GUIDELINES,
    "document": "In 1843 Ada Lovelace King Noel of London wrote the Notes on the Analytical Engine; Ada was 27.",
    "labels": """[
    Work(title="Notes on the Analytical Engine", year=1843, author=Person(
        name="Ada Lovelace King Noel", aliases=["Ada Lovelace", "Lovelace King", "Ada"], home=Place(name="London"))),
]""",
}
ARABIC = {
    "id": "arabic",
    "guidelines": GUIDELINES,
    "document": "ولدت آدا لوفليس في لندن سنة 1815، وكتبت ملاحظات عن المحرك التحليلي.\nThe second line is English.",
    "labels": '[Person(name="آدا لوفليس", home=Place(name="لندن")), Place(name="English")]',
}
ASTRAL = {
    "id": "astral 😀",
    "guidelines": GUIDELINES,
    "document": "😀 𝔄da wrote 👩‍🚀 to Grace 🏴󠁧󠁢󠁥󠁮󠁧󠁿 Hopper in New York 🗽.",
    "labels": '[Person(name="Grace 🏴󠁧󠁢󠁥󠁮󠁧󠁿 Hopper", aliases=["𝔄da"], home=Place(name="New York"))]',
}
HIDDEN = {
    "id": "hidden\u202ecod.exe",
    "guidelines": GUIDELINES,
    "document": "Ada\u00a0Lovelace \u202eneddih si sihT\u202c and \x1b[31mthis\x1b[0m,\r\nand a null \x00 too. "
    "Ada\u200bbelle.\u2028End",
    "labels": '[Person(name="Lovelace")]',
}
ABSENT = {
    "id": "absent",
    "guidelines": GUIDELINES,
    "document": "The first program was written by Lovelace, Ada, who lived in London and in Marylebone.",
    "labels": '[Person(name="Ada Lovelace", home=Place(name="Paris")), Persn(name="Ada"), Place(nam="London")]',
}
KEPT = {
    "id": "kept",
    "guidelines": GUIDELINES,
    "document": "Grace Hopper lived in Arlington.",
    "labels": '[Person(name="Grace Hopper", home=Place(name="Arlington"))]',
}
BROKEN_LABELS = {"id": "broken", "guidelines": GUIDELINES, "document": "Ada.", "labels": '[Person(name="Ada"'}
# Half a pair is no UTF-8; in JSON it can be written as an escape.
SURROGATE = (
    json.dumps(
        {
            "id": "surrogate",
            "guidelines": GUIDELINES,
            "document": "half \ud83d Ada \ude00 a pair",
            "labels": '[Person(name="Ada")]',
        }
    )
    + "\n"
)
UNREADABLE = '{"id": "cut off", "guidelines": "class A\n'

HONEST = (CROSSING, ARABIC, ASTRAL, HIDDEN, ABSENT, KEPT, BROKEN_LABELS)

PAYLOADS = (
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(2)</script>",
    '"><svg onload=alert(3)>',
    "javascript:alert(4)",
    "{{ 7*7 }}{% raw %}",
    "<!--<script>",
    "]]><iframe src=//example.org>",
    "' onmouseover='alert(5)",
    "</style><style>*{display:none}</style>",
    "\\u003cimg src=x onerror=alert(6)\\u003e",
)


def hostile(payload: str) -> list[dict[str, object]]:
    """Give rows with the payload wherever a row holds text."""
    quoted = json.dumps(payload)
    guidelines = (
        f"{GUIDELINES}\n\n@dataclass\nclass Odd:\n    {json.dumps('About ' + payload)}\n    x: str  # {payload}\n"
    )
    return [
        {
            "id": payload,
            "split": payload,
            "guidelines": guidelines,
            "document": f"Before {payload} and after {payload}",
            "labels": f"[Person(name={quoted}), Odd(x={quoted}), Place(name='absent ' + {quoted})]",
        },
        {"id": payload, "guidelines": payload, "document": payload, "labels": payload},
        {"id": payload, payload: payload},
    ]
