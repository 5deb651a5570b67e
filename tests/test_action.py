"""The GitHub action: valid, pinned, deaf to what a pull request says about its own gate. Its steps are run for real."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest
import yaml

from command import Folder
from guidex_schema.rule import GUIDELINES
from test_machine_reports import sarif_run

ROOT = Path(__file__).parent.parent
ACTION = ROOT / "action.yml"
WORKFLOW = ROOT / "fixtures" / "example" / "workflow.yml"
STEPS: list[dict[str, Any]] = yaml.safe_load(ACTION.read_text("utf-8"))["runs"]["steps"]
INPUTS: dict[str, dict[str, Any]] = yaml.safe_load(ACTION.read_text("utf-8"))["inputs"]
GIT = [
    "git",
    "-c",
    "user.name=a",
    "-c",
    "user.email=a@b.c",
    "-c",
    "init.defaultBranch=main",
    "-c",
    "commit.gpgsign=false",
]

GOOD = {"id": "good", "guidelines": GUIDELINES, "labels": "[Person(mention='Ada')]", "document": "Ada"}
OLD = GOOD | {"id": "old", "labels": "[Persn(mention='Bob')]", "document": "Bob"}
NEW = GOOD | {"id": "new", "labels": "[Person(mention='Eve')]", "document": "Nobody"}


@pytest.mark.parametrize(("schema", "path"), [("vendor.github-actions", ACTION), ("vendor.github-workflows", WORKFLOW)])
def test_the_schemas_of_github_accept_it(schema: str, path: Path) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_what_others_wrote_is_pinned_to_a_commit() -> None:
    uses = re.findall(r"uses: (\S+)(.*)", ACTION.read_text("utf-8") + WORKFLOW.read_text("utf-8"))
    others = [(name, comment) for name, comment in uses if not name.startswith("OWNER/guidex-schema@")]
    assert len(others) == 3
    for name, comment in others:
        assert re.fullmatch(r"[\w-]+/[\w/-]+@[0-9a-f]{40}", name)
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment)


def test_no_script_is_put_together_from_inputs() -> None:
    scripts = [step["run"] for step in STEPS if "run" in step]
    assert len(scripts) == 3
    for script in scripts:
        assert "${{" not in script
        assert script.startswith("set -euo pipefail\n")


def test_the_workflow_gives_inputs_that_there_are() -> None:
    workflow = yaml.safe_load(WORKFLOW.read_text("utf-8"))
    (given,) = (step["with"] for step in workflow["jobs"]["check"]["steps"] if "with" in step)
    assert set(given) <= set(INPUTS)
    assert workflow["permissions"] == {"contents": "read"}


class Repository:
    """A clone as a workflow has it: what the pull request brings is checked out, one commit deep."""

    def __init__(self, folder: Folder) -> None:
        self.temporary = folder.path / "temporary"
        self.temporary.mkdir()
        self.upstream = Folder(folder.path / "upstream")
        self.upstream.path.mkdir()
        self.git(self.upstream.path, "init", "--quiet")
        self.clone = Folder(folder.path / "clone")

    def git(self, path: Path, *arguments: str) -> None:
        subprocess.run([*GIT, *arguments], cwd=path, check=True, capture_output=True)

    def commit(self, branch: str) -> None:
        self.git(self.upstream.path, "checkout", "--quiet", "-B", branch)
        self.git(self.upstream.path, "add", "--all")
        self.git(self.upstream.path, "commit", "--quiet", "--allow-empty", "--message", branch)

    def write_baseline(self) -> None:
        with chdir(self.upstream.path):
            assert self.upstream.run("check", "data", "--write-baseline", "known.jsonl").returncode == 0

    def check_out(self, branch: str) -> None:
        source = f"file://{self.upstream.path}"
        self.git(self.temporary, "clone", "--quiet", "--depth=1", "--branch", branch, source, str(self.clone.path))

    def run(self, **inputs: str) -> tuple[int, str, dict[str, str]]:
        """Run the steps of the action that are scripts, as the runner does; the command is installed already."""
        given = {name: str(one.get("default", "")) for name, one in INPUTS.items()} | {"base": ""}
        given |= {name.replace("_", "-"): value for name, value in inputs.items()}
        values = {f"inputs.{name}": value for name, value in given.items()}
        values |= {"runner.temp": str(self.temporary), "github.workspace": str(self.clone.path)}
        output = ""
        for step in STEPS:
            if step.get("id") not in ("policy", "check"):
                continue
            status, said, outputs = self._step(step, values)
            output += said
            values |= {f"steps.{step['id']}.outputs.{name}": value for name, value in outputs.items()}
            if status:
                return status, output, outputs
        return 0, output, outputs

    def _step(self, step: Mapping[str, Any], values: Mapping[str, str]) -> tuple[int, str, dict[str, str]]:
        def filled(text: str) -> str:
            return re.sub(r"\$\{\{ (\S+) \}\}", lambda found: values[found[1]], text)

        written = self.temporary / "output"
        written.write_text("", "utf-8")
        environment = {name: filled(value) for name, value in step["env"].items()}
        if "GUIDEX" in environment:
            environment["GUIDEX"] = str(Path(sys.executable).with_name("guidex"))
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]],
            cwd=self.clone.path / filled(step.get("working-directory", ".")),
            env=os.environ | environment | {"GITHUB_OUTPUT": str(written), "GITHUB_WORKSPACE": str(self.clone.path)},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        outputs = dict(line.split("=", 1) for line in written.read_text("utf-8").splitlines())
        return done.returncode, done.stdout + done.stderr, outputs


@pytest.fixture
def repository(folder: Folder) -> Repository:
    """Give a repository whose main branch knows one finding."""
    repository = Repository(folder)
    upstream = repository.upstream
    upstream.write("data/rows.jsonl", GOOD, OLD)
    upstream.write("guidex.toml", '[severity]\nduplicate-instance = "error"\n')
    repository.write_baseline()
    repository.commit("main")
    return repository


def test_what_the_base_branch_knows_passes_and_what_is_new_fails(repository: Repository) -> None:
    repository.upstream.write("data/rows.jsonl", OLD, GOOD)
    repository.commit("pull")
    repository.check_out("pull")
    status, said, outputs = repository.run(paths="data", baseline="known.jsonl", base="main")
    assert (status, outputs) == (0, {"exit-code": "0"}), said
    repository.clone.write("data/rows.jsonl", OLD, GOOD, NEW)
    status, said, outputs = repository.run(paths="data", baseline="known.jsonl", base="main")
    assert (status, outputs) == (1, {"exit-code": "1"})
    assert "::error file=data/rows.jsonl,line=3,title=GX301 value-absent::" in said


def test_a_pull_request_cannot_relax_its_own_gate(repository: Repository) -> None:
    upstream, canary = repository.upstream, repository.temporary / "canary"
    twice = GOOD | {"id": "twice", "document": "Ada, Ada", "labels": "[Person(mention='Ada'), Person(mention='Ada')]"}
    upstream.write("data/rows.jsonl", GOOD, OLD, NEW, twice)
    repository.write_baseline()
    upstream.write("guidex.toml", 'ignore = ["GX2", "GX3"]\n')
    upstream.write("data/guidex.toml", 'ignore = ["GX2", "GX3"]\n')
    upstream.write("pyproject.toml", '[tool.guidex]\nignore = ["GX2", "GX3"]\n')
    for name in ("guidex_schema.py", "typer.py", "sitecustomize.py", "usercustomize.py", "data/typer.py"):
        upstream.write(name, f"open({str(canary)!r}, 'w')\nraise SystemExit(0)\n")
    repository.commit("pull")
    repository.check_out("pull")
    for folder, paths in ((".", "data"), ("data", "rows.jsonl")):
        inputs = {"paths": paths, "baseline": "known.jsonl", "working_directory": folder}
        status, said, _ = repository.run(**inputs, base="main")
        assert status == 1
        assert re.findall(r"::(\w+) file=data/rows.jsonl,line=(\d),title=(\w+)", said) == [
            ("error", "3", "GX301"),
            ("error", "4", "GX207"),
        ]
    assert repository.run(**inputs)[0] == 0, "what is checked out is believed where there is no base branch"
    assert not canary.exists()


def test_settings_in_pyproject_of_the_base_branch_hold_and_their_patterns_start_where_the_files_are(
    repository: Repository,
) -> None:
    (repository.upstream.path / "guidex.toml").unlink()
    table = '[tool.guidex.per-file-ignores]\n"data/r*.jsonl" = ["GX301"]\n'
    repository.upstream.write("pyproject.toml", f'[project]\nname = "x"\n{table}')
    repository.commit("main")
    repository.upstream.write("data/rows.jsonl", GOOD, OLD, NEW)
    repository.commit("pull")
    repository.check_out("pull")
    status, said, _ = repository.run(paths="data", baseline="known.jsonl", base="main")
    assert status == 0, said


def test_without_settings_and_baseline_in_the_base_branch_those_of_the_pull_request_are_not_taken(
    repository: Repository,
) -> None:
    (repository.upstream.path / "guidex.toml").unlink()
    known = (repository.upstream.path / "known.jsonl").read_text("utf-8")
    (repository.upstream.path / "known.jsonl").unlink()
    repository.commit("main")
    repository.upstream.write("known.jsonl", known)
    repository.upstream.write("guidex.toml", 'ignore = ["GX2"]\n')
    repository.commit("pull")
    repository.check_out("pull")
    status, said, _ = repository.run(paths="data", baseline="known.jsonl", base="main")
    assert (status, "GX201" in said) == (1, True)


@pytest.mark.parametrize(
    "inputs",
    [
        {"base": "none"},
        {"base": "--upload-pack=touch canary #"},
        {"base": "main", "config": "none.toml"},
        {"base": "main", "paths": "data\n--exit-zero"},
        {"base": "main", "paths": "$(touch canary)\n`touch canary`\n; touch canary"},
        {"base": "main", "arguments": "--select=$(touch canary)"},
        {"base": "main", "baseline": "data/rows.jsonl"},
    ],
)
def test_what_cannot_be_fails_and_runs_nothing(repository: Repository, inputs: dict[str, str]) -> None:
    repository.check_out("main")
    status, said, _ = repository.run(**{"paths": "data", "baseline": "known.jsonl"} | inputs)
    assert status != 0, said
    assert not list(repository.clone.path.rglob("canary"))
    assert not (repository.temporary / "canary").exists()


def test_arguments_and_paths_stand_on_lines(repository: Repository) -> None:
    repository.check_out("main")
    repository.clone.write("a b.jsonl", NEW)
    arguments = "--select\nGX301\n\n--quiet\n"
    status, said, _ = repository.run(paths="data\na b.jsonl\n", arguments=arguments, fail_on="warning")
    assert status == 1
    assert said.count("\n") == said.count("::error file=a b.jsonl,line=1,title=GX301") == 1


def test_sarif_is_written_for_the_upload(repository: Repository) -> None:
    repository.check_out("main")
    status, _, outputs = repository.run(paths="data", sarif="true")
    assert (status, outputs["exit-code"]) == (1, "1")
    text = Path(outputs["sarif-file"]).read_text("utf-8")
    (result,) = sarif_run(text)["results"]
    assert result["ruleId"] == "GX201"
    upload = STEPS[-1]
    assert upload["with"]["sarif_file"] == "${{ steps.check.outputs.sarif-file }}"
    assert json.dumps(upload["if"]).count("cancelled()") == 1
