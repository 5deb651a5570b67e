"""The wheel, made through the sdist as an index would serve it, works where there is no checkout."""

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GUIDELINES = '''from dataclasses import dataclass


@dataclass
class Person:
    """A human being whom the document names."""

    name: str  # the full name, as the document gives it
'''
GOOD = {
    "id": "good",
    "guidelines": GUIDELINES,
    "labels": '[Person(name="Ada Lovelace")]',
    "document": "Ada Lovelace wrote the first programme.",
}
BAD = GOOD | {"id": "bad", "labels": '[Persn(name="Ada Lovelace")]'}


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, encoding="utf-8")


def checked(*command: str | Path, cwd: Path) -> None:
    done = run(*command, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # `build` makes the sdist of the source folder, and the wheel of that sdist.
    folder = tmp_path_factory.mktemp("dist")
    checked(sys.executable, "-m", "build", "--outdir", folder, ROOT, cwd=folder)
    assert len(list(folder.glob("*.tar.gz"))) == 1
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def scripts(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=True)
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    checked(scripts / "python", "-m", "pip", "install", "-c", ROOT / "constraints.txt", wheel, cwd=folder)
    return scripts


def test_the_wheel_carries_the_jail_and_the_prompts(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {"guidex_schema/py.typed", "guidex_schema/sandbox/policy.py"} <= set(names)
    assert [name for name in names if name.startswith("guidex_schema/prompts/")]
    assert [name for name in names if name.endswith(".dist-info/licenses/LICENSE")]


@pytest.mark.parametrize(("row", "code"), [(GOOD, 0), (BAD, 1)], ids=["good", "bad"])
def test_the_installed_command_checks_a_row(row: dict[str, str], code: int, scripts: Path, tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text(json.dumps(row) + "\n", "utf-8")
    done = run(scripts / "guidex", "check", "rows.jsonl", cwd=tmp_path)
    assert done.returncode == code, done.stdout + done.stderr
    assert ("GX201" in done.stdout) == bool(code)


def test_the_installed_command_generates_without_a_model(scripts: Path, tmp_path: Path) -> None:
    documents = ROOT / "fixtures" / "documents"
    done = run(scripts / "guidex", "generate", documents, "-o", "out", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len((tmp_path / "out/data/train.jsonl").read_text("utf-8").splitlines()) == 39
    done = run(scripts / "guidex", "check", "out", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
