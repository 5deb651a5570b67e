"""The engine that runs vLLM in this process, on a small machine; as a program it is killed while it writes.

``python in_process.py MODEL core`` kills vLLM's own process, ``worker`` the one under that, and tells what followed.
"""

import json
import os
import signal
import sys
from multiprocessing import active_children
from pathlib import Path
from time import monotonic

from grounded import asking
from guidex_schema.error import EngineError
from guidex_schema.generation.engines.in_process import InProcessEngine
from guidex_schema.generation_settings import EngineSettings
from vllm_server import CONTEXT


def loaded(model: Path, **arguments: object) -> InProcessEngine:
    settings = {"name": "vllm", "model": str(model), "dtype": "float32", "context": CONTEXT, "batch": 16}
    return InProcessEngine(
        EngineSettings.model_validate({**settings, "arguments": {"enforce_eager": True, **arguments}})
    )


def _killed(model: Path, victim: str) -> dict[str, object]:
    engine = loaded(model)
    (core,) = (one.pid for one in active_children() if one.pid is not None)
    processes = {"core": core, "worker": _child(core)}
    for number in range(12):
        engine.submit(asking(number, max_tokens=4_000))
    answers = len(engine.collect())
    os.kill(processes[victim], signal.SIGKILL)
    start = monotonic()
    faults = []
    try:
        while some := engine.collect():
            answers += len(some)
    except EngineError as error:
        faults.append(str(error))
    try:
        engine.submit(asking(12))
        engine.collect()
    except EngineError as error:
        faults.append(str(error))
    raised = monotonic()
    engine.close()
    closed = monotonic()
    return {"answers": answers, "faults": faults, "seconds": raised - start, "closing": closed - raised}


def _child(process: int) -> int:
    threads = Path(f"/proc/{process}/task").iterdir()
    (child,) = (int(one) for thread in threads for one in (thread / "children").read_text().split())
    return child


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_killed(Path(sys.argv[1]), sys.argv[2])))
