"""Whether an engine really enforces a grammar: servers that know of none ignore it in silence."""

import json
from hashlib import sha256
from string import ascii_lowercase

from guidex_schema.error import EngineError
from guidex_schema.generation.engine import Completion, Constraint, Dialect, Engine, Failure, Kind, Message, Request

# The sentence that is demanded stands in no prompt, so that a server that repeats what it is told is found out.
_QUESTION = (Message(role="user", content="Reply with one word."),)

_LETTERS = 8

# A model that thinks aloud first needs room for it.
_TOKENS = 1_024


def enforced_dialect(engine: Engine, seed: int) -> Dialect | None:
    """Find the first of the engine's dialects in which it enforces a grammar.

    It is asked in one after another with a grammar whose only sentence no model would write of itself.

    Args:
        engine: an engine with nothing under way.
        seed: of the run; the sentence depends on it.

    Returns:
        The dialect, or None where there is none, or where grammars are ignored.

    Raises:
        EngineError: the engine answered nothing at all, so that it cannot be known, or it says why it enforces none.
    """
    answers = []
    # One after another: vLLM on `auto` goes on with the backend that reads the first grammar it is ever given.
    for dialect in engine.dialects:
        answers.append(_answer(engine, dialect, seed))
        if is_met(answers[-1], dialect, seed):
            return dialect
    _assert_answered(answers)
    if reasons := dict.fromkeys(one.reason for one in answers if isinstance(one, Failure)):
        raise EngineError(
            f"{'; '.join(reasons)}: so nothing keeps values that do not stand in the document out of the answers; use"
            " `--decoding free`, which checks them afterwards"
        )
    return None


def enforces_schema(engine: Engine, seed: int) -> bool:
    """Say whether the engine enforces a JSON Schema.

    Args:
        engine: an engine with nothing under way.
        seed: of the run; what the schema demands depends on it.

    Raises:
        EngineError: the engine did not answer, so that it cannot be known.
    """
    if not engine.dialects:
        return False
    answer = _answer(engine, "json-schema", seed)
    _assert_answered([answer])
    return is_met(answer, "json-schema", seed)


def demand(kind: Kind, seed: int, context: int) -> Request:
    """Give a request whose only answer under its constraint is one that no model would write of itself.

    Args:
        kind: of the constraint.
        seed: what is demanded depends on it.
        context: tokens that the engine has for a prompt and its answer.
    """
    return Request(
        document="",
        stage="probe",
        attempt=0,
        messages=_QUESTION,
        seed=seed % 2**31,
        max_tokens=max(1, min(_TOKENS, context // 2)),
        constraint=_constraint(kind, seed % 2**31),
    )


def is_met(answer: Completion | Failure, kind: Kind, seed: int) -> bool:
    """Say whether an answer is what was demanded."""
    if isinstance(answer, Failure):
        return False
    first, second = _halves(seed % 2**31)
    if kind != "json-schema":
        return answer.text.strip() == first + second
    try:
        return bool(json.loads(answer.text) == {first: second})
    except (ValueError, RecursionError):
        return False


def _answer(engine: Engine, kind: Kind, seed: int) -> Completion | Failure:
    engine.submit(demand(kind, seed, engine.context))
    ((_, answer),) = engine.collect()
    return answer


def _assert_answered(answers: list[Completion | Failure]) -> None:
    silent = [one for one in answers if isinstance(one, Failure) and one.kind == "unavailable"]
    if answers and len(silent) == len(answers):
        raise EngineError(f"whether grammars are enforced cannot be found out: {silent[0].reason}")


def _constraint(kind: Kind, seed: int) -> Constraint:
    first, second = _halves(seed)
    match kind:
        case "lark":
            # vLLM turns plain Lark into EBNF for backends that read no other; what only llguidance reads it cannot.
            text = f'''start: FIRST second
second: "{second}"
FIRST: PIECES & /[a-z]+/ & ~/[0-9]*/
PIECES: %regex {{"substring_chunks": ["{first}"]}}
'''
            return Constraint(kind="lark", text=text)
        case "ebnf":
            return Constraint(kind="ebnf", text=f'root ::= first second\nsecond ::= "{second}"\nfirst ::= "{first}"\n')
        case "json-schema":
            properties = {first: {"enum": [second]}}
            schema = {"type": "object", "properties": properties, "required": [first], "additionalProperties": False}
            return Constraint(kind="json-schema", text=json.dumps(schema))


def _halves(seed: int) -> tuple[str, str]:
    """Give two words that are none, so that what is demanded does not stand in the grammar as one piece either."""
    digest = sha256(f"probe {seed}".encode()).digest()
    letters = "".join(ascii_lowercase[byte % len(ascii_lowercase)] for byte in digest)
    return letters[:_LETTERS], letters[_LETTERS : 2 * _LETTERS]
