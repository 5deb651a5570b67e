"""Docstrings in parts: what they say of the class, and which attributes their sections describe."""

from functools import cache

import pytest

from cost import assert_linear
from guidex_schema.docstring import described, summary


@pytest.mark.parametrize(
    ("docstring", "expected"),
    [
        ("What is taken.", "What is taken."),
        ("What is taken.\n\nAttributes:\n    unit: that of the number\n", "What is taken."),
        ("What is taken.\n\nParameters\n----------\nunit : str\n    That of the number.", "What is taken."),
        ("What is taken.\n\n:param unit: that of the number", "What is taken."),
        ("What is taken.\n\n**Fields:**\n- unit: that of the number", "What is taken."),
        ("被服用的东西。\n\n属性：\n    单位：数的单位", "被服用的东西。"),
        ("Args:\n    unit: that of the number", ""),
        ("Attributes for doses.", "Attributes for doses."),
        ("A thing with\nparameters\nand more.", "A thing with\nparameters\nand more."),
        ("Description: What is taken.", "What is taken."),
        ("Description:\n    What is taken.\n    Examples: 3 mg", "What is taken.\n    Examples: 3 mg"),
        ("Description: \nExamples: 3 mg", ""),
        ("Description:", ""),
        ("Examples: 3 mg", "Examples: 3 mg"),
        ("", ""),
    ],
)
def test_what_is_said_of_the_class_stands_before_the_sections(docstring: str, expected: str) -> None:
    assert summary(docstring) == expected


@pytest.mark.parametrize(
    "section",
    [
        "Attributes:\n    unit: that of the number",
        "Attributes:\n    unit (str): that of the number",
        "Attributes:\n    unit (Optional[Dict[str, int]]):\tthat of the number",
        "Attributes:\n    unit (str):\n        that of the number",
        "Attributes:\n    unit: str\n        that of the number",
        "Args:\n    unit (Callable[(int), str]): that of the number",
        "Fields:\nunit: that of the number",
        "Fields:\n- `unit`: that of the number",
        "Fields:\n* **unit** -- that of the number",
        "Fields:\n• unit – that of the number",
        "ATTRIBUTES:\n\n    amount, unit: number and name",
        "Parameters\n----------\nunit : str\n    That of the number.",
        "Parameters\n==========\namount, unit\n\n    That of the number.",
        "@param unit: that of the number",
        ":ivar unit: that of the number",
        ":param Optional[str] unit: that of the number",
        "Felder:\n    unit: die der Zahl",
        "属性：\n    unit：数的单位",
    ],
)
def test_sections_describe_attributes(section: str) -> None:
    assert "unit" in set(described(f"What is taken.\n\n{section}\n"))


@pytest.mark.parametrize(
    "docstring",
    [
        "What is taken.\n\nAttributes:\n    unit:\n    amount: the number",
        "What is taken.\n\nAttributes:\n    unit (str): ...\n    amount: the number",
        "What is taken.\n\nAttributes:\n    unit: Optional[str]",
        "What is taken.\n\nAttributes:\n    unit: str | None, optional",
        "What is taken.\n\nAttributes:\n    unit: tbd",
        "What is taken.\n\nAttributes:\n    unit_of_mass: that of the number",
        "What is taken.\n\nParameters\n----------\nunit : str\namount : str\n    The number.",
        "What is taken.\n\n:type unit: str",
        "What is taken.\n\nExample:\n    unit: mg",
        "unit: that of the number",
        "",
    ],
)
def test_what_describes_no_attribute(docstring: str) -> None:
    assert "unit" not in set(described(docstring))


@pytest.mark.parametrize(
    "piece", ["Attributes:\n", "unit (", "unit ((a)", ":param a ", "*", "a, ", " ", "- ", "str[]|", "("]
)
def test_long_docstrings_take_linear_time(piece: str) -> None:
    @cache
    def written(count: int) -> tuple[str, str]:
        """Make the texts once: for long ones the system is asked for memory, which is no reading."""
        return piece * count, f"Attributes:\n{piece * count}"

    def read(count: int) -> None:
        text, attributes = written(count)
        summary(text)
        list(described(attributes))

    assert_linear(read, 10_000)
