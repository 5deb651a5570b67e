"""A `{placeholder}` is left in a definition or a description.

GoLLIE's guideline files are templates: a sampler fills `{ace_person}` with one of several wordings. In a row of a
dataset nothing fills it any more, and the model is shown the name of the placeholder. In guideline files, which are
written with placeholders, the rule is off unless it is selected. Sets, JSON and TeX are no placeholders.

Source: GoLLIE, arXiv:2310.03668, section 4 (paraphrased definitions, sampled examples), and its guideline files.
"""

from collections.abc import Iterator

from guidex_schema.definitions import place, prose, texts
from guidex_schema.diagnostic import quoted
from guidex_schema.guideline import Guideline
from guidex_schema.rule import Example, Fault, Severity
from guidex_schema.subject import Origin
from guidex_schema.vocabulary import PLACEHOLDER

CODE = "GX115"
NAME = "unfilled-placeholder"
SEVERITY = Severity.ERROR
BY_DEFAULT: tuple[Origin, ...] = ("row",)

VALID = (
    Example(),
    Example(
        guidelines='class A:\n    r"""A set {} or {1, 2} or {x}, JSON {"a": 1}, TeX x_{max} and \\frac{ab}{cd}, a '
        '{{b}} and https://x.org/{id}/."""\n    x: str\n'
    ),
    Example(guidelines='class A:\n    x: str = "{none}"\n'),
)

INVALID = (
    Example(
        guidelines='class Person:\n    """{ace_person} Names only, one per {ace_person}."""\n    mention: str\n',
        at="{ace_person}",
        part="guidelines",
        path="Person",
        message="the placeholder `{ace_person}` is not filled",
    ),
    Example(
        guidelines="class Person:\n    mention: str  # Such as: {ace_person_examples}\n",
        at="{ace_person_examples}",
        part="guidelines",
        path="Person.mention",
        message="the placeholder `{ace_person_examples}` is not filled",
    ),
    Example(
        guidelines="class Person:\n    # as in {город}\n    mention: str\n",
        at="{город}",
        part="guidelines",
        path="Person.mention",
        message="the placeholder `{город}` is not filled",
    ),
)


def lint(guideline: Guideline) -> Iterator[Fault]:
    """Look for placeholders in all that is said of types and attributes."""
    if "{" not in guideline.source or not any(map(PLACEHOLDER.search, texts(guideline))):
        return
    for said in prose(guideline):
        for placeholder in dict.fromkeys(found[0] for found in PLACEHOLDER.finditer(said.text)):
            yield Fault(
                rule=NAME,
                message=f"the placeholder {quoted(placeholder)} is not filled",
                part="guidelines",
                span=place(guideline, placeholder, said),
                path=said.path,
            )
