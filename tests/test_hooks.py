"""What pre-commit and editors are given: each names a command line that is one."""

import json
import re
import shlex
import tomllib
from pathlib import Path

import pytest
import yaml

from command import Folder
from guidex_schema.datasets import SUFFIXES, read_jsonl
from guidex_schema.datasets.writing import writer_for

ROOT = Path(__file__).parent.parent
HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))}
FAULTY = "from dataclasses import dataclass, field\n\n\n@dataclass\nclass A:\n    x: list = []\n"
CLEAN = FAULTY.replace("[]", "field(default_factory=list)")
ROW = {"guidelines": CLEAN, "labels": "result = [A(x=[])]"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    monkeypatch.chdir(tmp_path)
    folder = Folder(tmp_path)
    folder.write("guidex.toml", "select = ['GX0', 'GX106', 'GX2']\n")
    return folder


def arguments(command_line: str) -> list[str]:
    command, *rest = shlex.split(command_line)
    assert command == "guidex"
    return rest


def test_the_hooks_are_those_that_are_promised() -> None:
    assert list(HOOKS) == ["guidex-lint", "guidex-lint-fix", "guidex-check"]


@pytest.mark.parametrize("hook", HOOKS.values(), ids=HOOKS)
def test_a_hook_has_all_that_pre_commit_asks_for(hook: dict[str, object], folder: Folder) -> None:
    known = {"id", "name", "description", "entry", "language", "types", "files", "require_serial"}
    assert set(hook) <= known | {"minimum_pre_commit_version"}
    assert {"id", "name", "entry", "language"} <= set(hook)
    # One process for all files: it says once what it has found.
    assert (hook["language"], hook["require_serial"]) == ("python", True)
    assert folder.run(*arguments(str(hook["entry"])), "--help").returncode == 0


def test_the_lint_hook_fails_on_a_finding(folder: Folder) -> None:
    folder.write("faulty.py", FAULTY)
    folder.write("clean.py", CLEAN)
    entry = arguments(HOOKS["guidex-lint"]["entry"])
    assert folder.run(*entry, "faulty.py", "clean.py").returncode == 1
    assert folder.run(*entry, "clean.py").returncode == 0


def test_the_fix_hook_mends_the_file(folder: Folder) -> None:
    folder.write("faulty.py", FAULTY)
    assert folder.run(*arguments(HOOKS["guidex-lint-fix"]["entry"]), "faulty.py").returncode == 0
    assert (folder.path / "faulty.py").read_text("utf-8") == CLEAN


def test_the_check_hook_takes_every_format_of_datasets(folder: Folder) -> None:
    names = [f"data{suffix}" for suffix in SUFFIXES]
    assert all(re.search(HOOKS["guidex-check"]["files"], name) for name in names)
    (row,) = read_jsonl(json.dumps(ROW).encode(), "rows.jsonl")
    for name in names:
        writer = writer_for(folder.path / name)
        writer.write(row)
        writer.finish()
        writer.publish()
    assert folder.run(*arguments(HOOKS["guidex-check"]["entry"]), *names).returncode == 0
    folder.write("data.jsonl", ROW | {"labels": "result = [B()]"})
    assert folder.run(*arguments(HOOKS["guidex-check"]["entry"]), *names).returncode == 1


def test_every_editor_starts_the_server(folder: Folder) -> None:
    editors = ROOT / "editors"
    helix = tomllib.loads((editors / "helix" / "languages.toml").read_text("utf-8"))
    server = helix["language-server"]["guidex"]
    assert [server["command"], *server["args"]] == ["guidex", "server"]
    assert "guidex" in helix["language"][0]["language-servers"]
    assert '{ "guidex", "server" }' in (editors / "neovim" / "guidex.lua").read_text("utf-8")
    code = json.loads((editors / "vscode" / "package.json").read_text("utf-8"))
    assert code["contributes"]["configuration"]["properties"]["guidex.command"]["default"] == "guidex"
    assert 'args: ["server"]' in (editors / "vscode" / code["main"]).read_text("utf-8")
    assert folder.run("server", "--help").returncode == 0
