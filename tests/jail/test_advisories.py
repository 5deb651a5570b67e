"""Every advisory of RestrictedPython as an attack: against the policy, and against RestrictedPython by itself.

The second is run in a process of its own, where neither allow-list nor kernel would hold it, so that only
RestrictedPython stands between the attack and its witnesses. The same process runs each attack without
RestrictedPython first: an attack that does nothing even then would show nothing.
"""

import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

import pytest

from guidex_schema.execution import Execution, execute
from guidex_schema.guideline import parse_guideline
from guidex_schema.instance import Record
from guidex_schema.worker import Mode, Worker

SANDBOX = Path(__file__).parent.parent.parent / "sandbox"
SECRET = "correct-horse-battery-staple"
SCHEMA = parse_guideline(
    '@dataclass\nclass Person:\n    """A person."""\n\n    mention: str  # The name\n    role: str = None  # The role\n'
).schema
LABELS = '[Person(mention="Ada", role="writer")]'

# What an attack does where nothing holds it: it makes a file, tells the host's secret, changes a module that all
# programs share, walks through what may not be walked through, or crashes the process.
Effect = Literal["canary", "secret", "poison", "iteration", "crash", "syntax"]


class Advisory(NamedTuple):
    """An attack.

    Attributes:
        name: of the advisory, and of the variant where there are several.
        source: the attack; ``CANARY`` is the path that it tries to make.
        effect: what it does where nothing holds it; ``syntax`` where this Python cannot even read it.
        refused: what the policy calls one of the things that it refuses in it; empty where it is no Python of 3.11.
    """

    name: str
    source: str
    effect: Effect
    refused: str


ADVISORIES = (
    # Whoever resumes a generator is behind it: from frame to frame out of the restricted program.
    Advisory(
        "CVE-2023-37271 GHSA-wqc8-x2pr-7jqh, a generator that looks at itself",
        """
walkers = []
def climb():
    walker = (one.gi_frame.f_back for one in walkers)
    walkers.append(walker)
    for frame in walker:
        while frame.f_back:
            frame = frame.f_back
        return frame.f_builtins
climb()["open"](CANARY, "w").close()
""",
        "canary",
        "a function",
    ),
    Advisory(
        "CVE-2023-37271 GHSA-wqc8-x2pr-7jqh, a suspended generator",
        """
def steps():
    yield 1
steps().gi_frame.f_builtins["open"](CANARY, "w").close()
""",
        "canary",
        "a function",
    ),
    Advisory(
        "CVE-2023-37271 GHSA-wqc8-x2pr-7jqh, a traceback",
        """
try:
    raise ValueError("x")
except ValueError as error:
    frame = error.__traceback__.tb_frame
while frame.f_back:
    frame = frame.f_back
frame.f_builtins["open"](CANARY, "w").close()
""",
        "canary",
        "a try statement",
    ),
    # A format reads attributes that no guard is asked about.
    Advisory(
        "CVE-2023-41039 GHSA-xjw2-6jm9-rf67, str.format",
        'found = "{0.__init__.__globals__[SECRET]}".format(Person)',
        "secret",
        "an assignment",
    ),
    Advisory(
        "CVE-2023-41039 GHSA-xjw2-6jm9-rf67, str.format_map",
        'found = "{who.__init__.__globals__[SECRET]}".format_map({"who": Person})',
        "secret",
        "an assignment",
    ),
    Advisory(
        "CVE-2023-41039 GHSA-xjw2-6jm9-rf67, str.format as a value",
        """
write = str.format
found = write("{0.__init__.__globals__[SECRET]}", Person)
""",
        "secret",
        "an assignment",
    ),
    Advisory(
        "CVE-2023-41039 GHSA-xjw2-6jm9-rf67, string.Formatter",
        'found = string.Formatter().format("{0.__init__.__globals__[SECRET]}", Person)',
        "secret",
        "an assignment",
    ),
    # The error about an attribute that a wrapped module lacks brings the module itself along.
    Advisory(
        "CVE-2024-47532, the module in an AttributeError",
        """
try:
    string.no_such_thing
except AttributeError as error:
    whole = error.obj
reach = whole.Formatter().get_field
reach("0.__globals__[__builtins__][open]", (whole.capwords,), {})[0](CANARY, "w").close()
""",
        "canary",
        "a try statement",
    ),
    # `except*` trusts what a group's own `split` gives it (CPython before 3.13.2).
    Advisory(
        "CVE-2025-22153 GHSA-gmj9-h825-chq2, a number for a pair",
        """
class Group(ExceptionGroup):
    def split(self, kind):
        return 7
try:
    raise Group("x", [ValueError()])
except* ValueError:
    pass
""",
        "crash",
        "a class",
    ),
    Advisory(
        "CVE-2025-22153 GHSA-gmj9-h825-chq2, a pair of no exceptions",
        """
class Group(ExceptionGroup):
    def split(self, kind):
        return (Person, "rest")
try:
    raise Group("x", [ValueError()])
except* ValueError as caught:
    found = caught
""",
        "crash",
        "a class",
    ),
    # A parameter that is called like a guard is the guard, in its function.
    Advisory(
        "CVE-2026-55830 GHSA-ffg3-p8fm-mjx2, the guard of writing",
        """
def poison(_write_, /):
    math.pi = 3
poison(lambda target: target)
""",
        "poison",
        "a function",
    ),
    Advisory(
        "CVE-2026-55830 GHSA-ffg3-p8fm-mjx2, the guard of writing by default",
        """
def poison(_write_=lambda target: target, /):
    del math.pi
[poison() for once in "1"]
""",
        "poison",
        "a function",
    ),
    Advisory(
        "CVE-2026-55830 GHSA-ffg3-p8fm-mjx2, the guard of iteration",
        """
def walk(_getiter_, /):
    return [one for one in vault]
walk(lambda target: target)
""",
        "iteration",
        "a function",
    ),
    Advisory(
        "CVE-2026-55830 GHSA-ffg3-p8fm-mjx2, the guard of iteration in a lambda",
        "(lambda _getiter_, /: [one for one in vault])(lambda target: target)",
        "iteration",
        "a call of something that is no name",
    ),
    # The parts of string.Formatter reach as far as its whole.
    Advisory(
        "CVE-2026-76825 GHSA-hp3v-5vw7-fx9w, get_field of an imported string",
        """
import string
two = chr(95) * 2
path = "0." + two + "globals" + two + "[" + two + "builtins" + two + "][open]"
string.Formatter().get_field(path, (string.capwords,), {})[0](CANARY, "w").close()
""",
        "canary",
        "an import",
    ),
    Advisory(
        "CVE-2026-76825 GHSA-hp3v-5vw7-fx9w, a class of its own",
        """
from string import Formatter, capwords
class Reader(Formatter):
    pass
reach = Reader().get_field("0.__globals__[__builtins__]", (capwords,), {})[0]
reach["open"](CANARY, "w").close()
""",
        "canary",
        "an import",
    ),
    Advisory(
        "CVE-2026-76825 GHSA-hp3v-5vw7-fx9w, vformat",
        """
import string
found = string.Formatter().vformat("{0.__init__.__globals__[SECRET]}", (Person,), {})
""",
        "secret",
        "an import",
    ),
    # Hardened without an advisory.
    Advisory(
        "8.5, the frame of an asynchronous generator",
        """
async def steps():
    yield 1
steps().ag_frame.f_builtins["open"](CANARY, "w").close()
""",
        "canary",
        "a function",
    ),
    Advisory(
        "8.5, a lazy import",
        'lazy import os\nos.mkdir(CANARY)\n',
        "syntax",
        "",
    ),
    Advisory(
        "8.5, unpacking in a comprehension",
        "[*one for one in [vault]]",
        "syntax",
        "",
    ),
    Advisory("9.0, sorted asks no guard", "found = sorted(vault)", "iteration", "an assignment"),
    Advisory("9.0, tuple asks no guard", "found = tuple(vault)", "iteration", "an assignment"),
    Advisory("9.0, zip asks no guard", "for pair in zip([1, 2, 3], vault):\n    pass", "iteration", "a loop"),
    Advisory("9.0, bytes asks no guard", "found = bytes(vault)", "iteration", "an assignment"),
)  # fmt: skip

# RestrictedPython as its documentation has it set up, without allow-list and without a lock on any door.
PROGRAM = f"""
import json, math, os, string, sys
sys.path[:0] = [{str(SANDBOX)!r}, sys.argv[1]]
import service
from frames import encoded
from RestrictedPython import compile_restricted, safe_builtins, utility_builtins
from RestrictedPython import Guards
from RestrictedPython.Eval import default_guarded_getitem, default_guarded_getiter

SECRET = {SECRET!r}
PI = math.pi

class Person:
    def __init__(self, mention=None, role=None):
        pass

class Vault:
    walked = False
    def __iter__(self):
        Vault.walked = True
        yield from [1, 2, 3]

vault = Vault()

def getiter(target):
    if target is vault:
        raise TypeError("it may not be walked through")
    return default_guarded_getiter(target)

def load(name, *rest):
    if name != "string":
        raise ImportError(name)
    return string

def restricted():
    builtins = dict(safe_builtins, __import__=load, ExceptionGroup=ExceptionGroup)
    return dict(
        __builtins__=builtins, __metaclass__=type, __name__="labels", _getattr_=Guards.safer_getattr,
        _getitem_=default_guarded_getitem, _getiter_=getiter, _write_=Guards.full_write_guard,
        _iter_unpack_sequence_=Guards.guarded_iter_unpack_sequence, _unpack_sequence_=Guards.guarded_unpack_sequence,
        Person=Person, vault=vault, math=math, getattr_=Guards.safer_getattr, string=utility_builtins["string"],
    )

def raw():
    return dict(__name__="labels", Person=Person, vault=vault, math=math, string=string)

def answer(body):
    request = json.loads(body)
    Vault.walked, math.pi = False, PI
    came = "ran"
    namespace = dict(restricted() if request["restricted"] else raw())
    try:
        if request["restricted"]:
            code = compile_restricted(request["source"], "<labels>", "exec")
        else:
            code = compile(request["source"], "<labels>", "exec")
    except SyntaxError as error:
        came = "refused: " + str(error)
    else:
        try:
            exec(code, namespace)
        except BaseException as error:
            came = "raised: " + repr(error)
    return encoded({{
        "status": "ok", "came": came, "result": repr(namespace.get("found")), "walked": Vault.walked,
        "poisoned": getattr(math, "pi", None) != PI,
    }})

host = service.claim_pipes()
service.serve_persistent(answer, host, layers=())
os._exit(0)
"""

every_advisory = pytest.mark.parametrize("advisory", ADVISORIES, ids=lambda one: one.name.replace(" ", "-"))


class Came(NamedTuple):
    """What came of an attack: how it ended, and which effects it had."""

    how: str
    effects: set[Effect]


class Laboratory(NamedTuple):
    """A process that runs attacks, and the file that they try to make."""

    worker: Worker
    canary: Path

    def run(self, source: str, *, restricted: bool) -> Came:
        written = source.replace("CANARY", repr(str(self.canary)))
        reply = self.worker.request({"source": written, "restricted": restricted})
        effects: set[Effect] = set()
        if os.path.lexists(self.canary):
            effects.add("canary")
            self.canary.rmdir() if self.canary.is_dir() else self.canary.unlink()
        if reply.content is None:
            assert reply.trouble == "jail-died"
            return Came(reply.detail, {*effects, "crash"})
        said = reply.content
        how = str(said["came"])
        found: dict[Effect, bool] = {
            "secret": SECRET in repr(said),
            "iteration": said["walked"] is True,
            "poison": said["poisoned"] is True,
            "syntax": how.startswith("refused: ") and not restricted,
        }
        return Came(how, effects | {effect for effect, there in found.items() if there})


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    folder = tmp_path_factory.mktemp("laboratory")
    (folder / "__main__.py").write_text(PROGRAM, "utf-8")
    with Worker(folder, wall_seconds=20) as worker:
        yield Laboratory(worker, folder / "canary")


@pytest.fixture(scope="module", params=["persistent", "fork-per-row"])
def jail(request: pytest.FixtureRequest) -> Iterator[Worker]:
    mode: Mode = request.param
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("GUIDEX_SECRET", SECRET)
        with Worker(mode=mode) as worker:
            yield worker


@every_advisory
def test_the_attack_would_work_if_nothing_held_it(advisory: Advisory, laboratory: Laboratory) -> None:
    came = laboratory.run(advisory.source, restricted=False)
    if advisory.effect == "crash":
        # Releases that are mended raise a proper error.
        mended = came.how.startswith("raised: TypeError")
        assert mended or came.effects == {"crash"}, came.how
        assert mended or sys.version_info < (3, 13, 2)
    elif advisory.effect == "syntax" and sys.version_info >= (3, 15):
        assert came.how == "ran"
    else:
        assert came.effects == {advisory.effect}, came.how


@pytest.mark.skipif(platform.python_implementation() != "CPython", reason="it supports no other Python")
@every_advisory
def test_restricted_python_alone_stops_the_attack(advisory: Advisory, laboratory: Laboratory) -> None:
    came = laboratory.run(advisory.source, restricted=True)
    assert not came.effects, came.how
    assert came.how.startswith(("refused: ", "raised: "))


@every_advisory
@pytest.mark.parametrize("frame", ["{attack}\n{labels}", "{labels}\n{attack}"], ids=["before", "behind"])
def test_the_policy_refuses_the_attack_by_name(advisory: Advisory, frame: str, jail: Worker, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    attack = advisory.source.replace("CANARY", repr(str(canary)))
    labels = frame.format(attack=attack.strip("\n"), labels=LABELS)
    execution = judged(jail, labels)
    assert not os.path.lexists(canary)
    assert SECRET not in repr(execution)
    if advisory.refused:
        refused = [fault.message for fault in execution.faults if fault.rule == "refused-construct"]
        # A call that is assigned before the list may be a value, and so it is the value that is refused.
        called = ("a call of something that is no name", "a call of the builtin")
        assert any(message.startswith((advisory.refused, *called)) for message in refused), execution.faults
    else:
        # The allow-list reads Python 3.11 whatever Python it runs on; what is no Python is text around the list.
        assert {fault.rule for fault in execution.faults} & {"label-syntax", "text-around-list"}


@every_advisory
def test_the_policy_refuses_the_attack_as_a_value(advisory: Advisory, jail: Worker, tmp_path: Path) -> None:
    """Inside a list there are expressions only; the attack's last line is one of them or no Python."""
    canary = tmp_path / "canary"
    last = advisory.source.replace("CANARY", repr(str(canary))).strip().split("\n")[-1].strip().removeprefix("found = ")
    execution = judged(jail, f'[Person(mention="Ada", role={last})]')
    assert not os.path.lexists(canary)
    assert SECRET not in repr(execution)
    assert {fault.rule for fault in execution.faults} & {"label-syntax", "refused-construct"}
    assert not execution.instances


@pytest.mark.parametrize(
    "hook", ["_getattr_", "_getitem_", "_getiter_", "_write_", "_print_", "_inplacevar_", "_apply_"]
)
def test_no_parameter_is_called_like_a_guard(hook: str, laboratory: Laboratory, jail: Worker) -> None:
    """CVE-2026-55830: positional-only parameters were not looked at; all others were."""
    for parameters in (f"{hook}, /", f"a, {hook}, /, b", f"{hook}=1, /", hook, f"*, {hook}", f"*{hook}", f"**{hook}"):
        for source in (f"def f({parameters}):\n    pass", f"f = lambda {parameters}: 1"):
            came = laboratory.run(source, restricted=True)
            assert came.how.startswith("refused: ")
            assert hook in came.how
            assert {fault.rule for fault in judged(jail, f"{source}\n{LABELS}").faults} == {"refused-construct"}


@pytest.mark.parametrize("name", ["ag_await", "ag_frame", "ag_code", "gi_frame", "gi_code", "cr_frame", "tb_frame"])
def test_no_attribute_leads_to_a_frame(name: str, laboratory: Laboratory, jail: Worker) -> None:
    """CVE-2023-37271 and its followers: the attributes are closed by name, in the source and behind `getattr`."""
    assert name in laboratory.run(f"Person.{name}", restricted=True).how
    assert name in laboratory.run(f"getattr_(Person, {name!r})", restricted=True).how
    assert {fault.rule for fault in judged(jail, f"[Person.{name}]").faults} == {"refused-construct"}


def test_the_process_that_ran_the_attacks_is_the_host_of_honest_rows(laboratory: Laboratory) -> None:
    assert laboratory.run("found = Person('Ada')", restricted=True).how == "ran"


def judged(jail: Worker, labels: str) -> Execution:
    """Judge labels, and see that the next row is unharmed."""
    execution = execute(Record(guidelines="", labels=labels), SCHEMA, jail, accelerate=False)
    honest = execute(Record(guidelines="", labels=LABELS), SCHEMA, jail, accelerate=False)
    assert not honest.faults
    assert len(honest.instances) == 1
    return execution
