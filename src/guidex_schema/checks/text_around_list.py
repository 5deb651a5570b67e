"""Prose stands before or behind the list.

Text outside a fence is removed by a safe fix. Without a fence the fix is unsafe: what looks like prose may be an
instance that went wrong.

Source: project decision (SPEC 8), after rows that GuideX published.
"""

from guidex_schema.rule import Example, Reported, Severity

CODE = "GX015"
NAME = "text-around-list"
SEVERITY = Severity.ERROR

VALID = (Example(labels='# Two people\n[Person(mention="Ada")]  # and no more'),)

INVALID = (
    Example(
        labels='Here you are: [Person(mention="Ada")]',
        at="Here you are:",
        fixed='[Person(mention="Ada")]',
        title="Remove the text",
    ),
    Example(
        labels='[Person(mention="Ada")]\nI hope this helps!',
        at="I hope this helps!",
        fixed='[Person(mention="Ada")]',
        title="Remove the text",
    ),
    Example(
        labels='Here:\n```python\n[Person(mention="Ada")]\n```',
        at="Here:",
        fixed='```python\n[Person(mention="Ada")]\n```',
        safe=True,
        title="Remove the text",
    ),
)

check = Reported(NAME)
