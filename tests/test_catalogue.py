"""The pages of the rules are whole, safe to print and good Markdown."""

import re

import pytest

from guidex_schema.catalogue import rule_line, rule_page, rules_page
from guidex_schema.rule import Example, Rule, Severity, discover


@pytest.mark.parametrize("rule", discover(), ids=lambda rule: rule.code)
def test_a_page_says_all_there_is_and_closes_its_blocks(rule: Rule) -> None:
    page = rule_page(rule)
    assert page.startswith(f"# {rule.code} {rule.name}\n")
    assert rule.explanation in page
    assert f"Severity: {rule.severity}" in page
    assert page.endswith("\n")
    fence = ""
    for found in re.findall(r"^(?:```|~~~~)", page, re.MULTILINE):
        fence = "" if found == fence else fence or found
    assert not fence
    assert all(one.isprintable() or one in "\n\u3000\u00a0\u200c\u200d" for one in page)


def test_the_pages_of_all_rules_link_to_each() -> None:
    page = rules_page(discover())
    anchors = {line[3:].lower().replace(" ", "-") for line in page.splitlines() if line.startswith("## GX")}
    links = set(re.findall(r"\]\(#([^)]+)\)", page))
    assert links == {f"{rule.code.lower()}-{rule.name}" for rule in discover()}
    assert links <= anchors


def test_a_rule_has_a_line_in_the_list() -> None:
    for rule in discover():
        line = rule_line(rule)
        assert line.startswith(f"{rule.code}  {rule.severity}")
        assert rule.name in line
        assert "\n" not in line


def test_long_and_odd_examples_are_shown_in_short_and_escaped() -> None:
    rule = Rule(
        code="GX999",
        name="odd",
        severity=Severity.ERROR,
        explanation="Odd.",
        valid=(Example(labels="x" * 5_000),),
        invalid=(Example(file=b"\xff\x1b[31m\n"), Example(labels="```\n[]\n```"), Example(trouble="time-limit")),
        check=lambda subject: (),
        watch=None,
    )
    page = rule_page(rule)
    assert "(5,000 characters)" in page
    assert "\x1b" not in page
    assert r"\xff\x1b[31m" in page
    assert "~~~~" in page
    assert "time-limit" in page
