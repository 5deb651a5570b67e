"""The documented command with vLLM in its own process: on a GPU, and the same on the CPU of any machine."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from command import GUIDEX
from tiny_model import make
from vllm_server import CONTEXT, ENVIRONMENT

FIXTURES = Path(__file__).parents[2] / "fixtures"
DOCUMENTS = 8

# The libraries that load the tiny model warn of their own future.
pytestmark = pytest.mark.filterwarnings("ignore")

# One device, as so small a model cannot be split; a model that has learnt nothing writes until the grammar ends it.
SETTINGS = """
[engine]
context = {context}
max-tokens = 3000
tensor-parallel = 1
dtype = "{dtype}"

[engine.arguments]
enforce_eager = {is_eager}

[generation]
instances = 3
items = 2
depth = 2
span-characters = 40
"""


@pytest.mark.gpu
def test_the_command_generates_on_a_gpu(tmp_path: Path) -> None:
    assert_generated(tmp_path, {"HF_HUB_OFFLINE": "1"}, dtype="bfloat16", is_eager="false")


@pytest.mark.engine
def test_the_command_generates_on_the_cpu(tmp_path: Path) -> None:
    assert_generated(tmp_path, ENVIRONMENT, dtype="float32", is_eager="true")


def assert_generated(folder: Path, environment: Mapping[str, str], **settings: str) -> None:
    """Write instances for guidelines of the fixtures, hold them to what is promised, and print how fast it went."""
    model = make(folder / "tiny", context=CONTEXT)
    (folder / "guidex.toml").write_text(SETTINGS.format(context=CONTEXT, **settings))
    (folder / "documents").mkdir()
    for document in sorted((FIXTURES / "documents").glob("*.txt"))[:DOCUMENTS]:
        (folder / "documents" / document.name).write_bytes(document.read_bytes())
    asked = ["generate", "documents", "-o", "out", "--engine", "vllm", "--model", str(model)]
    asked += ["--from", "structure", "--guidelines", str(FIXTURES / "example" / "guidelines.py")]
    times = [time.monotonic()]
    # All that a run does before it asks for anything.
    command(folder, environment, *asked, "--dry-run")
    times.append(time.monotonic())
    told = command(folder, environment, *asked)
    times.append(time.monotonic())
    counts = f"guidex: {DOCUMENTS} documents: {DOCUMENTS} kept, 0 rejected, 0 duplicates, 0 pending"
    assert counts in told.splitlines(), told
    rows = [json.loads(line) for line in (folder / "out" / "data" / "train.jsonl").read_text("utf-8").splitlines()]
    assert len(rows) == DOCUMENTS
    for row in rows:
        origin = row["provenance"]
        assert (origin["engine"], origin["model"]) == ("vllm", str(model))
        assert (origin["decoding"], origin["seed"]) == ("grounded-lark", 0)
    command(folder, environment, "check", "out")
    written = re.search(r"([\d,]+) tokens? written", told)
    assert written is not None, told
    tokens = int(written[1].replace(",", ""))
    start, both = times[1] - times[0], times[2] - times[1]
    seconds = max(both - start, 0.001)
    sys.stdout.write(
        f"{DOCUMENTS / seconds:.2f} documents/s, {tokens / seconds:,.0f} tokens/s; {start:.0f} s to start\n"
    )


def command(folder: Path, environment: Mapping[str, str], *arguments: str) -> str:
    """Run the command as a process of its own; give what it said on standard error, without what vLLM says there."""
    done = subprocess.run(
        [*GUIDEX, *arguments], cwd=folder, env=os.environ | environment, capture_output=True, timeout=540, check=False
    )
    said = done.stderr.decode("utf-8", "replace")
    assert done.returncode == 0, (done.stdout[-2_000:], said[-4_000:])
    return said
