"""README and the pages in docs show what the command and the library really print."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXTS = {page: page.read_text(encoding="utf-8") for page in PAGES}
CONSOLE = [
    pytest.param(command, output, id=f"{page.name}-{command}")
    for page, text in TEXTS.items()
    for command, output in re.findall(r"^```console\n\$ (guidex [^\n]+)\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
]
PYTHON = [
    example
    for text in TEXTS.values()
    for example in re.findall(
        r"^```python\n(.*?)^```\n\nIt prints:\n\n^```text\n(.*?)^```", text, re.DOTALL | re.MULTILINE
    )
]
LINKS = [
    pytest.param(page.parent / target, id=f"{page.name}-{target}")
    for page, text in TEXTS.items()
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", text)
]


def run(*arguments: str) -> str:
    finished = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, encoding="utf-8", check=False, timeout=60
    )
    assert finished.stderr == ""
    return finished.stdout


def test_the_pages_have_examples_of_both_kinds() -> None:
    assert len(CONSOLE) >= 6
    assert PYTHON


@pytest.mark.parametrize(("command", "output"), CONSOLE)
def test_command_prints_what_the_pages_show(command: str, output: str) -> None:
    assert run("-m", "guidex_schema", *shlex.split(command)[1:]).rstrip() == output.rstrip()


@pytest.mark.parametrize(("program", "output"), PYTHON)
def test_library_prints_what_the_pages_show(program: str, output: str) -> None:
    assert run("-c", program) == output


@pytest.mark.parametrize("target", LINKS)
def test_links_of_the_pages_lead_somewhere(target: Path) -> None:
    assert target.exists()
