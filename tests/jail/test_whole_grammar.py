"""Programs of the whole Python grammar as labels: the same verdict in both modes, and nothing runs."""

import ast
import inspect
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

import python_grammar as grammar
from guidex_schema.instance import Record
from guidex_schema.validation import Validation, Validator
from guidex_schema.worker import Worker

SECRET = "correct-horse-battery-staple"
GUIDELINES = '''from dataclasses import dataclass
from enum import Enum


class Role(Enum):
    """What a person does."""

    WRITER = "writer"


@dataclass
class Person:
    """A person."""

    mention: str  # The name
    role: Role = None  # The role


@dataclass
class Event:
    """An event."""

    people: list[Person]  # Who was there
    year: int = None  # When it was
'''
# What a row can be given up for. No program of this size needs so much, and none may do what is forbidden.
TROUBLES = {"GX402", "GX403", "GX404", "GX405"}


class Jails(NamedTuple):
    """Both modes, the processes they began with, and what no row may touch."""

    validators: tuple[Validator, Validator]
    workers: tuple[Worker, Worker]
    processes: tuple[int, int]
    canary: Path
    folder: Path


def process(worker: Worker) -> int:
    assert worker.isolation.level is not None
    assert worker._process is not None
    return worker._process.pid


@pytest.fixture(scope="module")
def jails(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jails]:
    folder = tmp_path_factory.mktemp("witness")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(grammar.SECRET_NAME, SECRET)
        patched.chdir(folder)
        with Worker(mode="persistent") as persistent, Worker(mode="fork-per-row") as forked:
            workers = (persistent, forked)
            yield Jails(
                (Validator(persistent, accelerate=False), Validator(forked, accelerate=False)),
                workers,
                (process(persistent), process(forked)),
                folder / "canary",
                folder,
            )


def verdict(validation: Validation) -> list[tuple[str, str, object]]:
    return [(one.code, one.message, one.span) for one in validation.diagnostics]


def judge(jails: Jails, source: str) -> Validation:
    """Judge labels in both modes and see that it makes no difference to anything."""
    labels = source.replace(grammar.CANARY, str(jails.canary))
    record = Record(guidelines=GUIDELINES, labels=labels, document="Ada met Bo.")
    persistent, forked = (validator.validate(record) for validator in jails.validators)
    assert verdict(persistent) == verdict(forked)
    assert persistent.instances == forked.instances
    assert not TROUBLES & {one.code for one in persistent.diagnostics}
    assert not os.path.lexists(jails.canary)
    assert not list(jails.folder.iterdir())
    said = "".join(one.model_dump_json() for one in persistent.diagnostics) + repr(persistent.instances)
    assert SECRET not in said
    assert tuple(process(worker) for worker in jails.workers) == jails.processes
    return persistent


SETTINGS = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much], deadline=None)


@SETTINGS
@given(source=grammar.programs)
def test_any_program_has_one_verdict_and_no_effect(jails: Jails, source: str) -> None:
    judge(jails, source)


@SETTINGS
@given(source=grammar.grafted_labels())
def test_labels_with_something_else_in_them_are_kept_only_where_they_are_values_after_all(
    jails: Jails, source: str
) -> None:
    """What is kept is made of the nodes that labels are made of, whatever was grafted."""
    validation = judge(jails, source)
    if validation.kept:
        allowed = (
            *(ast.Module, ast.Expr, ast.Assign, ast.AnnAssign, ast.List, ast.Tuple, ast.Set, ast.Dict, ast.Call),
            *(ast.keyword, ast.Name, ast.Attribute, ast.Constant, ast.UnaryOp, ast.USub, ast.UAdd, ast.BinOp, ast.Add),
            *(ast.Load, ast.Store),
        )
        assert all(isinstance(node, allowed) for node in ast.walk(ast.parse(source)))


@SETTINGS
@given(source=grammar.mutated_texts())
def test_broken_text_has_one_verdict_and_no_effect(jails: Jails, source: str) -> None:
    judge(jails, source)


@SETTINGS
@given(source=st.sampled_from(grammar.STATEMENTS).flatmap(grammar.programs_with))
def test_what_stands_beside_the_list_is_no_value(jails: Jails, source: str) -> None:
    """The list itself is good, and is read; the statement before it is run by nobody."""
    judge(jails, source)


@pytest.mark.parametrize("source", grammar.VALID)
def test_the_labels_that_are_grafted_into_are_read(source: str, jails: Jails) -> None:
    validation = judge(jails, source)
    assert validation.instances
    assert not {"GX401", "GX201"} & {one.code for one in validation.diagnostics}


@pytest.mark.parametrize("source", [*grammar.ATTACKS, *grammar.LEAKS])
def test_what_is_grafted_is_refused_wherever_it_stands(source: str, jails: Jails) -> None:
    for labels in (
        f"[{source}]",
        f"[Person(mention={source})]",
        f"[Person({source})]",
        f"[Event(people=[{source}])]",
        f"{source}\n[Person(mention='Ada')]",
        f"[Person(mention='Ada')]\n{source}",
        f"ada = {source}\n[ada]",
    ):
        assert "GX401" in {one.code for one in judge(jails, labels).diagnostics}


@pytest.mark.parametrize("attack", grammar.ATTACKS)
def test_what_is_grafted_would_touch_the_canary_if_anything_ran_it(attack: str, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    # The warning is of the file that nobody closes.
    command = [sys.executable, "-W", "ignore", "-c", attack.replace(grammar.CANARY, str(canary))]
    subprocess.run(command, check=True, capture_output=True)
    assert canary.exists()


# The strategies themselves


def classes(base: type[ast.AST]) -> set[str]:
    """Name the classes below one that have syntax of their own; the others are names of bygone days."""
    return {
        one.__name__
        for one in vars(ast).values()
        if inspect.isclass(one) and one.__bases__ == (base,) and "Deprecated" not in (one.__doc__ or "")
    }


def test_the_grammar_is_that_of_the_running_python() -> None:
    assert set(grammar.EXPRESSIONS) == classes(ast.expr)
    assert set(grammar.STATEMENTS) == classes(ast.stmt)
    assert set(grammar.KINDS["pattern"]) == classes(ast.pattern)
    for kind, members in grammar.KINDS.items():
        assert set(members) <= set(grammar.FIELDS), kind
    for name, fields in grammar.FIELDS.items():
        assert tuple(field.name for field in fields) == getattr(ast, name)._fields


def classes_in(source: str) -> set[str]:
    return {type(node).__name__ for node in ast.walk(ast.parse(source))}


# What is drawn once has been shown; there is no need for the smallest.
ONCE = settings(SETTINGS, max_examples=2_000, database=None, phases=[Phase.generate])


@pytest.mark.parametrize("name", [*grammar.EXPRESSIONS, *grammar.STATEMENTS])
def test_every_expression_and_statement_can_be_drawn(name: str) -> None:
    find(grammar.programs_with(name), lambda source: name in classes_in(source), settings=ONCE)


def test_everything_that_stands_in_expressions_and_statements_is_drawn() -> None:
    """Patterns, arguments, handlers and the like are drawn in their hosts."""
    roots = {"Module", "Expression", "Interactive", "FunctionType", "TypeIgnore"}
    # Contexts are the parser's own.
    wanted = set(grammar.FIELDS) - roots - set(grammar.KINDS["expr_context"])
    wanted -= {*grammar.EXPRESSIONS, *grammar.STATEMENTS}
    seen: set[str] = set()

    def is_everything(source: str) -> bool:
        seen.update(classes_in(source))
        return wanted <= seen

    # Operators are many, and patterns and the parameters of classes stand deep.
    shallow = ["AugAssign", "BoolOp", "Compare", "Compare", "Import", "Lambda", "Call", "ListComp", "UnaryOp", "With"]
    hosts = st.sampled_from([("Match", 3), ("ClassDef", 3), ("Try", 1), *((name, 1) for name in shallow * 2)])
    many = settings(ONCE, max_examples=10_000)
    find(hosts.flatmap(lambda host: grammar.programs_with(*host)), is_everything, settings=many)


def test_programs_speak_of_what_an_attack_speaks_of() -> None:
    wanted = [grammar.CANARY, grammar.SECRET_NAME, "__import__", "__globals__", "__debug__", "gi_frame", "open("]
    seen: set[str] = set()

    def is_everything(source: str) -> bool:
        seen.update(word for word in wanted if word in source)
        return len(seen) == len(wanted)

    find(grammar.programs, is_everything, settings=ONCE)
