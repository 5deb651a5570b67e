"""What can write answers: recorded transcripts, servers that speak OpenAI's protocol, and vLLM in this process."""

from typing import assert_never

from guidex_schema.generation.engine import Engine
from guidex_schema.generation_settings import EngineSettings


def start(settings: EngineSettings) -> Engine:
    """Start the engine that the settings name; who starts one closes it.

    Raises:
        UsageError: the settings cannot be: no model, no server, an extra that is not installed, damaged transcripts.
        EngineError: the server cannot be reached, refuses the key or lacks the model, or vLLM cannot load it.
    """
    match settings.name:
        case "replay":
            from guidex_schema.generation.engines.replay import replay

            return replay(settings)
        case "openai" | "ray":
            # On a cluster every node asks servers as this process does.
            from guidex_schema.generation.engines.server import ServerEngine

            return ServerEngine(settings)
        case "vllm":
            from guidex_schema.generation.engines.in_process import InProcessEngine

            return InProcessEngine(settings)
        case _:
            assert_never(settings.name)
