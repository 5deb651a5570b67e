"""Strings are delimited by curly quotes.

Word processors and some models write “…” where Python wants "…". The fix writes straight quotes; curly ones inside
strings stay.

Source: Python language reference, section 2.4.1 (string literals).
"""

from guidex_schema.rule import Example, Reported, Severity

CODE = "GX016"
NAME = "curly-quotes"
SEVERITY = Severity.ERROR

VALID = (Example(labels='[Person(mention="“Ada”")]'),)

INVALID = (
    Example(
        labels="[Person(mention=“Ada”)]",
        at="“Ada”",
        fixed='[Person(mention="Ada")]',
        safe=True,
        title="Write straight quotes",
    ),
    Example(
        labels="[Person(mention=‘the “x”’)]",
        at="‘the “x”’",
        fixed='[Person(mention="the “x”")]',
        safe=True,
        title="Write straight quotes",
    ),
)

check = Reported(NAME)
