"""A Ray cluster in front of vLLM's own server with a tiny model of ours: what one process would have generated."""

import os
import subprocess
import sys

import pytest

from command import Folder
from scripted import GUIDELINES, tree
from tiny_model import make
from vllm_server import CONTEXT, serving

# The libraries that load the tiny model warn of their own future.
pytestmark = [pytest.mark.engine, pytest.mark.filterwarnings("ignore")]

DOCUMENTS = 6


def test_records_are_those_of_one_process(folder: Folder, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder.write("in.jsonl", *({"text": f"Ada wrote letter {number} to Charles."} for number in range(DOCUMENTS)))
    folder.write("people.py", GUIDELINES)
    folder.write("guidex.toml", f"[engine]\nmax-tokens = 200\ncontext = {CONTEXT}\nbatch = 4\n")
    model = make(tmp_path_factory.mktemp("model") / "tiny", context=CONTEXT)
    with serving(model, "guidance") as (url, _):
        for engine in ("openai", "ray"):
            command = ["generate", "in.jsonl", "-o", engine, "--engine", engine, "--base-url", url]
            command += ["--from", "structure", "--guidelines", "people.py"]
            done = subprocess.run(
                [sys.executable, "-m", "guidex_schema", *command],
                cwd=folder.path,
                env=os.environ | {"RAY_USAGE_STATS_ENABLED": "0"},
                capture_output=True,
                encoding="utf-8",
                timeout=400,
                check=False,
            )
            assert done.returncode == 0, done.stderr
            assert f"{DOCUMENTS} documents: " in done.stderr
            assert done.stdout == ""
    assert b"grounded-lark" in (folder.path / "ray" / "data" / "train.jsonl").read_bytes()
    assert tree(folder.path / "ray") == tree(folder.path / "openai")
