"""Labels, or one item of the list, are not Python.

The item is reported and the others are checked: one bad instance does not lose the rest.

Source: Python language reference; GoLLIE, arXiv:2310.03668, whose parser drops every instance of such an output.
"""

from guidex_schema.rule import Example, Reported, Severity

CODE = "GX012"
NAME = "label-syntax"
SEVERITY = Severity.ERROR

VALID = (Example(labels='[Person(mention="Ada")]'),)

INVALID = (
    Example(labels='[Person(mention="Ada"), Person(mention=[), Person(mention="Bob")]', at=")"),
    Example(labels="I found nobody.", at="f"),
)

check = Reported(NAME)
