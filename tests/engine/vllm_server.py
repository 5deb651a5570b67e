"""vLLM's own server, started by a test and ended with it."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from model_server import closed_port

# What lets vLLM run on a small machine without a GPU, and keeps it off the network.
ENVIRONMENT: Mapping[str, str] = {
    "VLLM_CPU_KVCACHE_SPACE": "1",
    "HF_HUB_OFFLINE": "1",
    "VLLM_LOGGING_LEVEL": "ERROR",
    "VLLM_NO_USAGE_STATS": "1",
}

CONTEXT = 8_192

_START_SECONDS = 300


@contextmanager
def serving(model: Path, backend: str) -> Iterator[tuple[str, int]]:
    """Serve a model with a backend for structured outputs; give the base URL and the number of the process group."""
    port = closed_port()
    command = [sys.executable, "-m", "vllm.entrypoints.openai.api_server", "--model", str(model)]
    command += ["--served-model-name", "tiny", "--host", "127.0.0.1", "--port", str(port), "--dtype", "float32"]
    command += ["--max-model-len", str(CONTEXT), "--max-num-seqs", "16", "--enforce-eager"]
    # On the CPU vLLM 0.32 dies of a prompt that it reads in parts if the sampling has a seed.
    command += ["--no-enable-chunked-prefill"]
    command += ["--structured-outputs-config", json.dumps({"backend": backend})]
    log = model.with_name(f"server-{port}.log")
    with log.open("wb") as output:
        # A session of its own, so that all of its processes can be killed at once.
        process = subprocess.Popen(
            command, stdout=output, stderr=output, env=os.environ | ENVIRONMENT, start_new_session=True
        )
    try:
        _await(f"http://127.0.0.1:{port}/health", process, log)
        yield f"http://127.0.0.1:{port}/v1", process.pid
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            kill(process.pid)
            process.wait()


def kill(group: int) -> None:
    """Kill a server and all that it started, without warning."""
    os.killpg(group, signal.SIGKILL)


def _await(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text(encoding="utf-8", errors="replace")[-4_000:]
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.5)
    raise AssertionError(log.read_text(encoding="utf-8", errors="replace")[-4_000:])
