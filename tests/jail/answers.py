"""Jailed programs that lack layers of the real one; a generated ``__main__.py`` starts them.

What answers is honest: it runs the row and says what came of it. Only the layers that a test leaves on stand between
the row and the machine. Modules that attacks need are loaded beforehand, so that no attack fails for a reason that is
no layer.
"""

import ast
import importlib
import os
import resource
import sys
from collections.abc import Callable, Iterable, Sequence

# By names of its own, so that what a row does to the module is not done to the witness.
from json import dumps, loads

import lockdown
import service

_LOADED = (
    "_posixsubprocess atexit base64 builtins code copyreg ctypes dataclasses encodings.idna encodings.latin_1 enum gc "
    "glob inspect io json operator pickle pty random re resource shutil signal socket string subprocess tempfile "
    "threading time types typing unicodedata warnings webbrowser"
)
_RESULT_LENGTH = 100_000
# So that a test without the layer that bounds memory does not take the machine's.
_MEMORY_BYTES = 1 << 30

Namespace = dict[str, object]
Execute = Callable[[str, Namespace], None]


def main(kind: str, layers: Sequence[str]) -> None:
    """Be a jailed program.

    Args:
        kind: ``raw`` executes guidelines and labels with all that Python has, ``restricted`` leaves the two to
            RestrictedPython, ``allow-list`` is the real policy with plain execution behind the allow-list.
        layers: of the process's isolation.
    """
    site, mode = sys.argv[1:3]
    sys.path.append(site)
    answer = {"raw": _raw, "restricted": _restricted, "allow-list": _allow_list}[kind]()
    sys.path.remove(site)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    host = service.claim_pipes()
    serve = service.serve_persistent if mode == "persistent" else service.serve_forked
    serve(answer, host, layers)
    os._exit(0)


def _raw() -> service.Answer:
    for name in _LOADED.split():
        importlib.import_module(name)

    def execute(source: str, namespace: Namespace) -> None:
        exec(compile(_with_result(source), "<row>", "exec"), namespace)

    # What a row could find out by trying; where the filter is closed a wrong try costs its life.
    close = lockdown.close
    known: Namespace = {"__name__": "row"}

    def noting(layers: Iterable[str], *, source: int, sink: int) -> lockdown.Isolation:
        known["sink"] = sink
        return close(layers, source=source, sink=sink)

    vars(lockdown)["close"] = noting
    return _answer(execute, lambda names: {**known})


def _restricted() -> service.Answer:
    compile_restricted_exec = importlib.import_module("RestrictedPython").compile_restricted_exec

    def execute(source: str, namespace: Namespace) -> None:
        compiled = compile_restricted_exec(_with_result(source))
        if compiled.code is None:
            raise SyntaxError(compiled.errors)
        exec(compiled.code, namespace)

    def namespace(names: list[str]) -> Namespace:
        return {"__builtins__": {}, **{name: _Recorder(name) for name in names}}

    return _answer(execute, namespace)


def _allow_list() -> service.Answer:
    policy, reading = importlib.import_module("policy"), importlib.import_module("reading")

    def execute(tree: ast.Module, namespace: Namespace) -> None:
        # Without the key Python puts its own builtins there, all of them.
        exec(compile(tree, "<labels>", "exec"), namespace)

    vars(policy)["execute"] = execute
    reading.warm_up()
    answer: service.Answer = reading.answer
    return answer


class _Recorder:
    """Stand for a class, and remember what it was called with."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, *arguments: object, **keywords: object) -> tuple[object, ...]:
        return (self._name, arguments, keywords)


def _answer(execute: Execute, namespace: Callable[[list[str]], Namespace]) -> service.Answer:
    def answer(body: bytes) -> bytes:
        request = loads(body)
        said = {"row": request["row"], "status": "ran", "result": ""}
        names = namespace(request["classes"])
        for source in (request["guidelines"], request["labels"]):
            try:
                execute(source, names)
                said["result"] = repr(names.get("result"))[:_RESULT_LENGTH]
            except BaseException as error:  # noqa: BLE001  rows raise what they like
                said["status"] = "raised"
                said["result"] = _told(error)
        return dumps(said).encode("ascii")

    return answer


def _told(error: BaseException) -> str:
    """Say what was raised; what it says of itself is the row's, too."""
    try:
        return repr(error)[:_RESULT_LENGTH]
    except BaseException as another:  # noqa: BLE001  it is the row's own class
        return type(another).__name__


def _with_result(source: str) -> ast.Module:
    """Parse a program; an expression at its end is its result."""
    tree = ast.parse(source)
    match tree.body:
        case [*_, ast.Expr(value=value) as last]:
            name = ast.copy_location(ast.Name("result", ast.Store()), value)
            tree.body[-1] = ast.copy_location(ast.Assign([name], value), last)
        case _:
            pass
    return ast.fix_missing_locations(tree)
