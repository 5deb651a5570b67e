"""Guidelines or labels are larger or nest deeper than anything that annotates a document.

At most 64 KiB and 20,000 syntax nodes a row, 24 levels deep, integers of 256 bits, 64 strings added. Beyond
that, parsers can be stalled or crashed by a few hundred bytes.

Source: LibCST issues 619, 980 and 1000; project measurements.
"""

from guidex_schema.rule import Example, Reported, Severity

CODE = "GX010"
NAME = "source-limit"
SEVERITY = Severity.ERROR

VALID = (Example(labels='[Person(mention="Ada")]'),)

INVALID = (
    Example(labels="[Person(mention=" + "[" * 30 + "]" * 30 + ")]", at="Person(mention=" + "[" * 30 + "]" * 30 + ")"),
    Example(labels=f"[Person(mention={2**256})]", at=str(2**256)),
    Example(labels="[" + " " * 70_000 + "]"),
    Example(guidelines="x = " + "[" * 40 + "]" * 40 + "\n", at="x = " + "[" * 40 + "]" * 40, part="guidelines"),
)

check = Reported(NAME)
