"""A server that speaks OpenAI's protocol, well or badly, on a free port of this machine."""

import json
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import NamedTuple, Self

Body = Mapping[str, object]


class Reply(NamedTuple):
    """What comes back: a status and a body, late, cut short or not at all."""

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json"),)
    delay: float = 0
    cut: bool = False
    reset: bool = False
    endless: bool = False


def as_json(content: object, status: int = 200, **headers: str) -> Reply:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Reply(status, json.dumps(content).encode(), (("Content-Type", "application/json"), *named))


def chat(text: str | None, finish: str | None = "stop", **message: object) -> dict[str, object]:
    """Give what a server answers."""
    return {
        "model": "tiny-1",
        "choices": [{"message": {"role": "assistant", "content": text, **message}, "finish_reason": finish}],
        "usage": {"prompt_tokens": 7, "completion_tokens": 3},
    }


def last_words(body: Body) -> str:
    messages = body["messages"]
    assert isinstance(messages, list)
    return str(messages[-1]["content"])


def echo(body: Body) -> Reply:
    """Say what was said."""
    return as_json(chat(last_words(body)))


def constraint(body: Body) -> tuple[str, object] | None:
    asked = body.get("structured_outputs")
    assert asked is None or isinstance(asked, dict)
    return None if asked is None else next(iter(asked.items()))


def obeying(*kinds: str) -> Callable[[Body], Reply]:
    """Write what the grammars of the probe demand, in these dialects; refuse others as vLLM does."""

    def answer(body: Body) -> Reply:
        match constraint(body):
            case ("grammar", str(grammar)):
                kind = "ebnf" if "::=" in grammar else "lark"
                if kind not in kinds:
                    return as_json({"error": {"message": f"no {kind} \x1b[31mhere"}}, 400)
                words = re.findall(r'^(first|second|PIECES)\W.*"(\w+)"', grammar, re.MULTILINE)
                if not words:
                    return echo(body)
                return as_json(chat("".join(word for name, word in sorted(words, key=lambda one: one[0] == "second"))))
            case ("json", {"properties": dict(properties)}) if "json-schema" in kinds:
                return as_json(chat(json.dumps({name: one["enum"][0] for name, one in properties.items()})))
            case _:
                return echo(body)

    return answer


class ModelServer:
    """Answer as told.

    Attributes:
        asked: the bodies of all requests for an answer, in the order they came.
        paths: the paths of all requests.
        most: requests for an answer that were there at once, at most.
        written: bytes of answers without an end.
    """

    def __init__(
        self,
        answer: Callable[[Body], Reply] = echo,
        script: Iterable[Reply] = (),
        models: tuple[str, ...] = ("tiny",),
        others: Mapping[str, Callable[[Body], Reply]] | None = None,
        card: Mapping[str, object] | None = None,
        port: int = 0,
    ) -> None:
        self.script = list(script)
        self.asked: list[Body] = []
        self.paths: list[str] = []
        self.headers: list[Mapping[str, str]] = []
        self.most = self.written = 0
        self._answer = answer
        self._now = 0
        self._lock = threading.Lock()
        self._listed = as_json({"data": [{"id": name, **(card or {})} for name in models]})
        self._others = {"/v1/models": lambda body: self._listed, **(others or {})}
        self._open: set[socket.socket] = set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                outer._open.add(self.request)
                super().setup()

            def finish(self) -> None:
                super().finish()
                outer._open.discard(self.request)

            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except OSError:
                    self.close_connection = True

            def do_GET(self) -> None:
                outer._serve(self, {})

            def do_POST(self) -> None:
                outer._serve(self, json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

            def log_request(self, code: object = "-", size: object = "-") -> None:
                """Say nothing."""

        class Threads(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, request: object, client_address: object) -> None:
                """Say nothing: the other side goes away in many tests."""

        self._server = Threads(("127.0.0.1", port), Handler)
        self._thread = threading.Thread(target=lambda: self._server.serve_forever(poll_interval=0.01), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        """Die: nobody listens any more, and what was under way is cut off."""
        self._server.shutdown()
        self._server.server_close()
        for connection in tuple(self._open):
            _reset(connection)
        self._thread.join()

    def _serve(self, handler: BaseHTTPRequestHandler, body: Body) -> None:
        with self._lock:
            self.paths.append(handler.path)
            self.headers.append({name.lower(): value for name, value in handler.headers.items()})
        if handler.path != "/v1/chat/completions":
            other = self._others.get(handler.path)
            reply = as_json({"detail": "Not Found"}, 404) if other is None else other(body)
            time.sleep(reply.delay)
            self._write(handler, reply)
            return
        with self._lock:
            self.asked.append(body)
            self._now += 1
            self.most = max(self.most, self._now)
            scripted = self.script.pop(0) if self.script else None
        reply = scripted or self._answer(body)
        time.sleep(reply.delay)
        with self._lock:
            self._now -= 1
        self._write(handler, reply)

    def _write(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        if reply.reset:
            _reset(handler.connection)
            handler.close_connection = True
            return
        handler.send_response(reply.status)
        for name, value in reply.headers:
            handler.send_header(name, value)
        if reply.endless:
            self._write_on(handler, reply.body)
            return
        # What stood behind a 304 would be read as the next answer (RFC 9110, 15.4.5).
        body = b"" if reply.status == HTTPStatus.NOT_MODIFIED else reply.body
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[: len(body) // 2] if reply.cut else body)
        if reply.cut:
            handler.wfile.flush()
            handler.close_connection = True

    def _write_on(self, handler: BaseHTTPRequestHandler, piece: bytes) -> None:
        """Write until the other side has enough, or the test fails for it."""
        handler.close_connection = True
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        chunk = b"%x\r\n%s\r\n" % (len(piece), piece)
        with suppress(OSError):
            while self.written < 2**30:
                handler.wfile.write(chunk)
                self.written += len(piece)


def _reset(connection: socket.socket) -> None:
    try:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


def closed_port() -> int:
    """Give a port on which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
