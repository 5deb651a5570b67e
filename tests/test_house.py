"""The habits of this house that a test can keep; CONTRIBUTING.md says the others."""

import ast
import csv
import fnmatch
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "guidex_schema"
MODULES = sorted([*SOURCE.rglob("*.py"), *(ROOT / "sandbox").rglob("*.py")])
LINES_LIMIT = 400
DRAWERS = {"utils", "helpers", "common", "base", "manager"}

each_module = pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.relative_to(ROOT)))


def tree(module: Path) -> ast.Module:
    return ast.parse(module.read_text("utf-8"))


def prints(module: Path) -> bool:
    return not {SOURCE / "cli", SOURCE / "reports"}.isdisjoint(module.parents)


def imported(module: Path) -> Iterator[str]:
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def kept_files(folder: Path, ignored: list[str]) -> Iterator[Path]:
    """List what .gitignore does not ignore; git itself need not be there."""
    for entry in folder.iterdir():
        if any(fnmatch.fnmatch(entry.name, pattern) for pattern in ignored):
            continue
        if entry.is_dir():
            yield from kept_files(entry, ignored)
        else:
            yield entry


@each_module
def test_a_module_is_short(module: Path) -> None:
    assert len(module.read_text("utf-8").splitlines()) <= LINES_LIMIT


@each_module
def test_a_module_is_no_drawer(module: Path) -> None:
    assert DRAWERS.isdisjoint(part.removesuffix(".py") for part in module.relative_to(ROOT).parts)


@each_module
def test_what_is_public_has_a_docstring(module: Path) -> None:
    nodes: list[ast.Module | ast.stmt] = [tree(module)]
    nodes += [node for node in tree(module).body if not getattr(node, "name", "_").startswith("_")]
    bare = [
        getattr(node, "name", "the module")
        for node in nodes
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and not ast.get_docstring(node)
    ]
    assert not bare


@each_module
def test_nothing_is_left_undone(module: Path) -> None:
    assert not re.search(r"\b(NotImplementedError|TODO|FIXME|XXX)\b", module.read_text("utf-8"))


@each_module
def test_only_the_command_line_and_reports_print(module: Path) -> None:
    calls = [node.func for node in ast.walk(tree(module)) if isinstance(node, ast.Call)]
    assert prints(module) or not [call for call in calls if isinstance(call, ast.Name) and call.id == "print"]


@each_module
def test_restricted_python_is_imported_in_the_jail_only(module: Path) -> None:
    assert SOURCE not in module.parents or not [name for name in imported(module) if name.startswith("Restricted")]


def test_no_file_names_a_place_on_a_machine() -> None:
    # Attacks try to reach such places: that is their purpose.
    attacks = ROOT / "fixtures" / "attacks"
    place = re.compile(
        rb"(?<![\w./:-])(/home/\w|/Users/\w|/root/|[A-Z]:\\+Users\\|%s/)" % re.escape(str(ROOT)).encode()
    )
    ignored = [".git", *(line.rstrip("/") for line in (ROOT / ".gitignore").read_text("utf-8").splitlines())]
    found = [
        str(file.relative_to(ROOT))
        for file in kept_files(ROOT, ignored)
        if file != Path(__file__) and attacks not in file.parents and place.search(file.read_bytes())
    ]
    assert not found


def test_the_changelog_has_room_for_the_next_change() -> None:
    assert re.search(r"^## \[?Unreleased\]?$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)


def test_every_public_name_can_be_imported_and_is_explained() -> None:
    import guidex_schema

    readme = (ROOT / "README.md").read_text("utf-8")
    assert len(set(guidex_schema.__all__)) == len(guidex_schema.__all__) > 0
    for name in guidex_schema.__all__:
        public = getattr(guidex_schema, name)
        assert name == "__version__" or public.__doc__, f"{name} has no docstring"
        assert re.search(rf"\b{name}\b", readme), f"README.md does not name {name}"


def test_the_table_of_codes_is_the_rules_there_are() -> None:
    from guidex_schema.rule import discover

    with (ROOT / "tests" / "codes.tsv").open(encoding="utf-8", newline="") as table:
        expected = [(row["code"], row["name"], row["severity"]) for row in csv.DictReader(table, delimiter="\t")]
    assert expected == sorted(expected)
    assert sorted((rule.code, rule.name, str(rule.severity)) for rule in discover()) == expected


def test_the_rules_page_is_fresh() -> None:
    from guidex_schema.catalogue import rules_page
    from guidex_schema.rule import discover

    assert (ROOT / "RULES.md").read_text(encoding="utf-8") == rules_page(discover()), "run `make rules`"
