"""A rule broke on this row, or the grounding of its values did, so what it would have said is not known.

The other rules are applied all the same, and the row is not taken for good. This is found whatever rules are selected.

Source: project decision (DESIGN, section 5: never clean by accident).
"""

from guidex_schema.rule import Example, Reported, Severity

CODE = "GX406"
NAME = "rule-failed"
SEVERITY = Severity.ERROR

VALID = (Example(labels='[Person(mention="Ada")]'),)

INVALID = (
    Example(
        labels='[Person(mention="Ada")]',
        breaks=True,
        message="the rule GX201 undefined-class broke: ZeroDivisionError('by zero'); please report it",
    ),
)

check = Reported(NAME)
