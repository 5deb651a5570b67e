"""What each command loads, by name: nothing heavy at import, and no package that the work at hand does not need."""

import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GUIDEX = ("-m", "guidex_schema")
GUIDELINES = "fixtures/guidelines/sky_catalogue.py"
# Every value of this row stands in the document as it is written.
ROWS = "fixtures/datasets/native/valid/astronomy.jsonl"

# What typer brings along, and what it takes to read a command's options.
TYPER = frozenset({"annotated_doc", "click", "shellingham", "typer", "typing_extensions"})
PYDANTIC = frozenset({"annotated_types", "pydantic", "pydantic_core", "typing_extensions", "typing_inspection"})
STEMMING = frozenset({"Stemmer"})
MARKDOWN = frozenset({"linkify_it", "markdown_it", "mdurl", "pygments"})

# Of the standard library: what a command loads only if it does what that is for.
STANDARD = frozenset(
    {"asyncio", "concurrent", "http", "logging", "multiprocessing", "sqlite3", "ssl", "unittest", "xml"}
)
# Loaded where a cache is asked for.
CACHE = frozenset({"guidex_schema.cache", "guidex_schema.works.history", "guidex_schema.works.remembering"})
# pydantic loads this, which takes as long as Python's own start.
METADATA = frozenset({"email", "importlib.metadata"})


@cache
def loaded(*arguments: str) -> frozenset[str]:
    """Name every module that Python loads for a program, but for those that it loads for any."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments], cwd=ROOT, capture_output=True, encoding="utf-8", check=True
    )
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    names = frozenset(line.rpartition("|")[2].strip() for line in lines)
    return names if arguments == ("-c", "pass") else names - loaded("-c", "pass")


def packages(*arguments: str) -> frozenset[str]:
    """Name the packages of others that a program loads."""
    names = {name.partition(".")[0] for name in loaded(*arguments)}
    # How Python was built stands in a module with a name of its own; `org` is of Jython, which some packages ask for,
    # and `_wmi` of Windows, which Python itself asks for.
    own = {"guidex_schema", "org", "_wmi", *(name for name in names if name.startswith("_sysconfigdata"))}
    return frozenset(names - own - sys.stdlib_module_names)


def test_importing_the_package_loads_nothing_else() -> None:
    names = loaded("-c", "import guidex_schema")
    assert {name for name in names if name.startswith("guidex_schema")} == {"guidex_schema"}
    assert not packages("-c", "import guidex_schema")
    assert not names & (STANDARD | METADATA)


@pytest.mark.parametrize(
    ("arguments", "allowed"),
    [
        (("--help",), TYPER),
        (("check", "--help"), TYPER | PYDANTIC),
        (("server", "--help"), TYPER | PYDANTIC),
        (("check", ROWS), TYPER | PYDANTIC | STEMMING | {"rich", "stop_words"}),
        (("check", ROWS, "--no-lint"), TYPER | PYDANTIC | {"rich", "stop_words"}),
        (("check", ROWS, "--output-format", "json-lines", "--no-lint"), TYPER | PYDANTIC | {"stop_words"}),
        (("lint", GUIDELINES), TYPER | PYDANTIC | STEMMING | {"libcst", "libcst_native", "rich"}),
        (("lint", GUIDELINES, "--output-format", "concise"), TYPER | PYDANTIC | STEMMING | {"libcst", "libcst_native"}),
        (("schema", GUIDELINES), TYPER | PYDANTIC | {"libcst", "libcst_native"}),
        (("ground", ROWS), TYPER | PYDANTIC),
        (("rule", "GX201"), TYPER | PYDANTIC | MARKDOWN | {"rich"}),
        (("config",), TYPER | PYDANTIC),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else "",
)
def test_a_command_loads_the_packages_that_it_needs(arguments: tuple[str, ...], allowed: frozenset[str]) -> None:
    assert packages(*GUIDEX, *arguments) <= allowed


@pytest.mark.parametrize(
    ("arguments", "modules"),
    [
        (("--help",), STANDARD | METADATA | {"guidex_schema.rule", "guidex_schema.diagnostic"}),
        (("check", ROWS, "--no-lint"), STANDARD - {"sqlite3"} | CACHE | {"rich.console", "rich.text"}),
        (("lint", GUIDELINES), STANDARD | {"guidex_schema.grounding.document", "rich.console"}),
        (("rule", "GX201"), STANDARD - {"logging"} | {"guidex_schema.grounding.document"}),
        (("schema", GUIDELINES), STANDARD),
        (("ground", ROWS), STANDARD - {"sqlite3"}),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else "",
)
def test_a_command_loads_no_module_of_other_work(arguments: tuple[str, ...], modules: frozenset[str]) -> None:
    assert not loaded(*GUIDEX, *arguments) & modules
