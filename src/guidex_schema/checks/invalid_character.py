"""A character stands in guidelines, labels or the document that can deceive readers or break tools.

NUL and other control characters, lone surrogates, bidirectional controls (which make source look like what it
is not), and names that Python reads as other names. Inside a string an escape says the same visibly.

Source: CVE-2021-42574 (Trojan Source); PEP 672; PEP 3131 (names are NFKC-normalised).
"""

from guidex_schema.rule import Example, Reported, Severity

CODE = "GX009"
NAME = "invalid-character"
SEVERITY = Severity.ERROR

VALID = (Example(labels='[Person(mention="caf\u00e9")]'),)

INVALID = (
    Example(labels='[Person(mention="A\u202eda")]', at="\u202e"),
    Example(labels='[Person(mention="A\x00da")]', at="\x00"),
    Example(guidelines='"""A\x1b[2Jda"""\n', at="\x1b", part="guidelines"),
    Example(guidelines="import ｏｓ\n", at="ｏｓ", part="guidelines"),
    Example(file=b'{"guidelines": "", "labels": "[]", "document": "\\ud800"}\n', at="\ud800", part="document"),
)

check = Reported(NAME)
