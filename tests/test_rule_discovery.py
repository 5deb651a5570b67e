"""Discovery: a rule file that is no rule stops the program and is named."""

import itertools
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from guidex_schema import rule
from guidex_schema.error import RuleError
from guidex_schema.rule import by_name, discover

GOOD = '''"""Find nothing."""
from guidex_schema.rule import Example, Severity
CODE = "{code}"
NAME = "{name}"
SEVERITY = Severity.ERROR
VALID = (Example(),)
INVALID = (Example(),)

def check(subject):
    """Give nothing."""
    return ()
'''

numbers = itertools.count()


class Rules:
    """A package of rule files in place of the real ones."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        (folder / "__init__.py").touch()

    def add(self, name: str, source: str) -> None:
        (self.folder / f"{name}.py").write_text(source, encoding="utf-8")


@pytest.fixture
def rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rules]:
    name = f"rules_of_test_{next(numbers)}"
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(rule, "_PACKAGES", (name,))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    discover.cache_clear()
    by_name.cache_clear()
    yield Rules(tmp_path / name)
    discover.cache_clear()
    by_name.cache_clear()
    for module in [one for one in sys.modules if one.partition(".")[0] == name]:
        del sys.modules[module]


def refusal() -> str:
    with pytest.raises(RuleError) as error:
        discover()
    return str(error.value)


def test_rules_are_found_by_file_and_sorted_by_code(rules: Rules) -> None:
    rules.add("first", GOOD.format(code="GX902", name="b-b"))
    rules.add("second", GOOD.format(code="GX901", name="a-a"))
    assert [one.code for one in discover()] == ["GX901", "GX902"]
    assert set(by_name()) == {"a-a", "b-b"}
    assert discover()[0].explanation == "Find nothing."
    assert not discover()[0].has_fix


@pytest.mark.parametrize("source", ["import no_such_module_anywhere", "1 / 0", "def check(:", "raise SystemError('x')"])
def test_a_file_that_does_not_import_is_named(rules: Rules, source: str) -> None:
    rules.add("broken", source)
    assert "broken.py" in refusal()
    assert "does not import" in refusal()


@pytest.mark.parametrize("name", ["CODE", "NAME", "SEVERITY", "VALID", "INVALID"])
def test_what_is_missing_is_named(rules: Rules, name: str) -> None:
    rules.add("partial", GOOD.format(code="GX901", name="a").replace(f"{name} =", f"OTHER_{name} ="))
    assert "partial" in refusal()
    assert f"lacks {name}" in refusal()


def test_a_rule_without_a_docstring_or_with_no_examples_is_none(rules: Rules) -> None:
    source = GOOD.format(code="GX901", name="a").replace('"""Find nothing."""', "")
    rules.add("bare", source.replace("(Example(),)", "()"))
    assert "lacks __doc__, VALID, INVALID" in refusal()


@pytest.mark.parametrize(
    ("change", "other"),
    [("def check", "def inspect"), ("def check", "def watch(): ...\ndef check")],
    ids=["neither", "both"],
)
def test_a_rule_has_one_function(rules: Rules, change: str, other: str) -> None:
    rules.add("confused", GOOD.format(code="GX901", name="a").replace(change, other))
    assert "needs one function: lint, check, watch, survey, review or gate" in refusal()


@pytest.mark.parametrize(("code", "name"), [("GX91", "a"), ("XX901", "a"), ("GX901", "A_b"), ("GX901", "a--b")])
def test_a_rule_has_a_code_and_a_kebab_case_name(rules: Rules, code: str, name: str) -> None:
    rules.add("odd", GOOD.format(code=code, name=name))
    assert f"{code} {name} is no code" in refusal()


@pytest.mark.parametrize(
    ("other", "kind"), [(("GX901", "b"), "code GX901"), (("GX902", "a"), "name a")], ids=["code", "name"]
)
def test_codes_and_names_are_never_used_twice(rules: Rules, other: tuple[str, str], kind: str) -> None:
    rules.add("first", GOOD.format(code="GX901", name="a"))
    rules.add("second", GOOD.format(code=other[0], name=other[1]))
    assert f"two rules have the {kind}" in refusal()


@pytest.mark.parametrize("left_out", ["sketch", "meeting"])
def test_a_rule_across_rows_says_what_of_them_meets(rules: Rules, left_out: str) -> None:
    functions = {"watch": "def watch(): ...", "sketch": "def sketch(_): ...", "meeting": "def meeting(_, __): ..."}
    whole = GOOD.format(code="GX901", name="a").replace("def check", "\n".join(functions.values()) + "\ndef other")
    rules.add("across", whole.replace(functions[left_out], ""))
    assert "needs sketch and meeting with watch or survey, and with nothing else" in refusal()
