"""The list of instances is cut off.

A model that runs out of tokens stops in the middle. The instances that are whole are checked and reported, but the
record is incomplete. The fix closes the list behind the last whole instance; it is unsafe, because what was lost
stays lost.

Source: GuideX, arXiv:2506.00649, Table 5 (1,024 new tokens a step).
"""

from guidex_schema.rule import Example, Reported, Severity

CODE = "GX013"
NAME = "truncated-output"
SEVERITY = Severity.ERROR

VALID = (Example(labels='[Person(mention="Ada")]'),)

INVALID = (
    Example(
        labels='[Person(mention="Ada"), Person(mention="Bob", ro',
        at=', Person(mention="Bob", ro',
        fixed='[Person(mention="Ada")]',
        title="Close the list behind its last whole item",
    ),
    Example(
        labels='result = [Person(mention="Ad',
        at='Person(mention="Ad',
        fixed="result = []",
        title="Close the list behind its last whole item",
    ),
    Example(
        labels='[Person(mention="Ada")',
        at="",
        fixed='[Person(mention="Ada")]',
        title="Close the list behind its last whole item",
    ),
)

check = Reported(NAME)
