"""Reading the labels took more time than one row may.

The jailed process is killed and replaced, the row tried once more in a process of its own, and the next row read as if
alone. The grammar of labels leaves nothing that could loop or grow, so this points at a defect of the jail or an
overloaded machine.

Source: project decision (DESIGN, section 6).
"""

from guidex_schema.rule import Example, Reported, Severity

CODE = "GX402"
NAME = "time-limit"
SEVERITY = Severity.ERROR

VALID = (Example(labels='[Person(mention="Ada")]'),)

INVALID = (Example(trouble="time-limit"),)

check = Reported(NAME)
