"""README and the pages in docs show what the command and the library really print."""

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from command import Folder
from guidex_schema.generation_settings import EngineSettings, GenerationSettings

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
# What writes files is run in a folder with the fixtures, one command after another.
SESSION = re.compile(r"^```text\n(\$ guidex generate .*?)^```", re.DOTALL | re.MULTILINE)
SESSIONS = [
    pytest.param(re.findall(r"^\$ ([^\n]+)\n((?:(?!\$ ).*\n)*)", session, re.MULTILINE), id=f"{page.name}-{number}")
    for page, text in TEXTS.items()
    for number, session in enumerate(SESSION.findall(text))
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
    assert len(SESSIONS) >= 2


@pytest.mark.parametrize(("command", "output"), CONSOLE)
def test_command_prints_what_the_pages_show(command: str, output: str) -> None:
    assert run("-m", "guidex_schema", *shlex.split(command)[1:]).rstrip() == output.rstrip()


@pytest.mark.parametrize(("program", "output"), PYTHON)
def test_library_prints_what_the_pages_show(program: str, output: str) -> None:
    assert run("-c", program) == output


@pytest.mark.parametrize("session", SESSIONS)
def test_commands_that_write_print_what_the_pages_show(folder: Folder, session: list[tuple[str, str]]) -> None:
    shutil.copytree(ROOT / "fixtures" / "documents", folder.path / "fixtures" / "documents")
    for command, output in session:
        done = folder.shell(f"{command} 2>&1")
        assert (done.stdout.rstrip(), done.returncode) == (output.rstrip(), 0)


def test_the_settings_of_generation_are_shown_with_their_defaults() -> None:
    text = (ROOT / "docs" / "generation.md").read_text(encoding="utf-8")
    shown = tomllib.loads(re.findall(r"^```toml\n(.*?)^```", text, re.DOTALL | re.MULTILINE)[0])
    engine, generation = EngineSettings(), GenerationSettings()
    # What is all devices unless given has no default to show.
    assert shown["engine"] == engine.model_dump(mode="json", by_alias=True, exclude={"tensor_parallel"})
    assert "# tensor-parallel = " in text
    assert shown["generation"] == generation.model_dump(mode="json", by_alias=True)


@pytest.mark.parametrize("target", LINKS)
def test_links_of_the_pages_lead_somewhere(target: Path) -> None:
    assert target.exists()
