"""The jailed process died or answered something that is no verdict.

The row is tried once more in a process of its own, and reported when that fails, too: it is never taken for good. The
process is replaced, and the next row is read as if alone.

Source: project decision (DESIGN, section 6).
"""

from guidex_schema.rule import Example, Reported, Severity

CODE = "GX405"
NAME = "jail-died"
SEVERITY = Severity.ERROR

VALID = (Example(labels='[Person(mention="Ada")]'),)

INVALID = (Example(trouble="jail-died"),)

check = Reported(NAME)
