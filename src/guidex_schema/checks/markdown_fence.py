"""A Markdown fence stands around the labels.

Chat models wrap code in fences; labels are a bare list. The fix removes the fence and nothing else.

Source: CommonMark 0.31, section 4.5 (fenced code blocks).
"""

from guidex_schema.rule import Example, Reported, Severity

CODE = "GX014"
NAME = "markdown-fence"
SEVERITY = Severity.ERROR

VALID = (Example(labels='[Person(mention="Ada ``` Bob")]'),)

INVALID = (
    Example(
        labels='```python\n[Person(mention="Ada")]\n```\n',
        at="```python",
        fixed='[Person(mention="Ada")]\n',
        safe=True,
        title="Remove the fence",
    ),
    Example(
        labels='```\n[Person(mention="Ada")]',
        at="```",
        fixed='[Person(mention="Ada")]',
        safe=True,
        title="Remove the fence",
    ),
    Example(
        labels='[Person(mention="Ada")]\n```',
        at="```",
        fixed='[Person(mention="Ada")]\n',
        safe=True,
        title="Remove the fence",
    ),
)

check = Reported(NAME)
