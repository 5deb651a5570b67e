"""The benchmarks run, and that of grounding finds no changed digit; their times are for people to read."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_grounding_is_measured(tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    finished = subprocess.run(
        [sys.executable, "benchmarks/grounding.py", "--quick", "--json", str(figures)],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=300,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert json.loads(figures.read_text("utf-8"))
    assert "0 found (goal 0)" in finished.stdout


def test_the_start_of_the_linter_is_measured(tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    linters = ["python -c pass", "guidex"]
    finished = subprocess.run(
        [sys.executable, "benchmarks/lint_start.py", "--rounds", "1", "--json", str(figures), "--linters", *linters],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=300,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    medians = json.loads(figures.read_text("utf-8"))
    assert 0 < medians["python -c pass"] < medians["guidex"]


def test_the_making_of_a_page_is_measured(tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    options = ["--rows", "5", "--rounds", "1", "--unopened", "--json", str(figures)]
    finished = subprocess.run(
        [sys.executable, "benchmarks/report_page.py", *options],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=300,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert json.loads(figures.read_text("utf-8"))["bytes"] > 50_000
