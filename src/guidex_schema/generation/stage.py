"""Stages: what is asked of a model, and what has to be true of its answer before anything is made of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from guidex_schema.diagnostic import Diagnostic, Fault, Severity
from guidex_schema.display import display
from guidex_schema.generation import answer
from guidex_schema.generation.answer import Parser
from guidex_schema.generation.engine import Conversation, Message
from guidex_schema.generation.gate import Gated, Gates, Material
from guidex_schema.generation.template import Prompts, Template
from guidex_schema.rule import by_name
from guidex_schema.settings import Settings
from guidex_schema.stage_output import StageName, StageOutput
from guidex_schema.worker import Worker

__all__ = ["Gated", "Material", "Stage", "finding", "prompt", "repair", "stages"]

# Longer ones are judged as they are: they are too long in any case, and mostly the same over and over.
_LONGEST_SAID = 1_048_576
# As many as a model can work through at once.
_TOLD = 25
# Half of a surrogate pair is no Unicode, and no engine takes it.
_SURROGATE = re.compile("[\ud800-\udfff]")
# Lines between equals signs part a prompt. The document is its end; what stands before it must not look like them.
_DELIMITER = re.compile(r"(?<!=)={3,}+([^=\r\n]++)={3,}+")

# What the answer is called when it is asked for again.
_WANTED: dict[StageName, str] = {
    "summary": "list of key ideas",
    "structure": "JSON object",
    "guideline": "Python source",
    "instances": "Python list",
}
_PARSERS: dict[StageName, Parser] = {
    "summary": answer.summary,
    "structure": answer.structure,
    "guideline": answer.guideline,
    "instances": answer.instances,
}


@dataclass(frozen=True)
class Stage:
    """One step from a document to a record.

    Attributes:
        template: what is asked.
        parse: gives the answer in what a model says; it never raises.
        gates: what judges the answer.
    """

    name: StageName
    template: Template
    parse: Parser
    gates: Gates

    def gate(self, output: str, is_cut: bool, material: Material) -> Gated:
        """Say what becomes of what a model has said.

        Args:
            output: all that it has said; any text is accepted.
            is_cut: it ended because it had no more tokens.
            material: what it was asked with.

        Raises:
            JailError: no jail can be started on this machine.
        """
        text = self.parse(output) if len(output) <= _LONGEST_SAID else output
        return self.gates.gated(StageOutput(self.name, text, material.document, is_cut), material)


def stages(prompts: Prompts, settings: Settings, worker: Worker) -> tuple[Stage, ...]:
    """Give the four stages in their order: summary, structure, guideline, instances.

    Args:
        prompts: what is asked.
        settings: what answers are held to.
        worker: the jail that labels run in; closing it is for whoever has made it.

    Raises:
        UsageError: a selector names no rule, or a pattern no attribute.

    Source:
        GuideX, arXiv:2506.00649, section 3.
    """
    gates = Gates(settings, worker)
    return tuple(Stage(name, getattr(prompts, name), parse, gates) for name, parse in _PARSERS.items())


def prompt(stage: Stage, material: Material) -> Conversation:
    """Give what is asked of the model.

    What models have said is written so that no line of it can pass for one that parts the prompt.

    Raises:
        ValueError: the material lacks what the stage asks for.
    """
    values = {
        name: text if name == "document" else _DELIMITER.sub(r"==\1==", text)
        for name, text in material
        if isinstance(text, str)
    }
    missing = stage.template.fields - values.keys()
    if missing:
        raise ValueError(f"the stage {stage.name} cannot be asked without {', '.join(sorted(missing))}")
    return (_message("user", stage.template.render(**values)),)


def repair(stage: Stage, prompts: Prompts, conversation: Conversation, output: str, gated: Gated) -> Conversation:
    """Give what is asked of the model when its answer has errors.

    Of the conversation only the first prompt stays: what was answered before was worse or the same. An answer that is
    mended in part stands there as it was mended, since places refer to it. After no answer the prompt is given again
    behind what is wrong, for there must be no empty turn in a conversation, and the document ends the prompt.

    Args:
        stage: what was asked for.
        prompts: the templates.
        conversation: with which the answer was asked for.
        output: what the model has said.
        gated: what became of it.
    """
    first = conversation[0]
    given = gated.value.strip() or output.strip()
    said = prompts.repair.render(findings="\n".join(_told(gated)), wanted=_WANTED[stage.name], output=given)
    if not given:
        return (_message("user", f"{said.rstrip()}\n\n{first.content}"),)
    return (first, _message("assistant", given), _message("user", said))


def finding(rule: str, message: str, stage: StageName) -> Diagnostic:
    """Give what only a run can know, such as that an engine refuses a request.

    Args:
        rule: the name of the rule whose finding it is.
        message: in words, with what to do.
        stage: where the run was.

    Raises:
        KeyError: there is no such rule.
    """
    told = Fault(rule=rule, message=message, part="output")
    one = by_name()[rule]
    gate = one.gate or (lambda _: ())
    fault = next(iter(gate(StageOutput(stage, "", "", faults=(told,)))), told)
    return one.diagnostic(fault, document=None, record=None, severity=one.severity)


def _message(role: str, content: str) -> Message:
    return Message.model_validate({"role": role, "content": _SURROGATE.sub("\ufffd", content)})


def _told(gated: Gated) -> Iterator[str]:
    """Write the findings, errors first: a line each, with code, place and what was expected."""
    errors = [one for one in gated.diagnostics if one.severity is Severity.ERROR]
    found = errors + [one for one in gated.diagnostics if one.severity is Severity.WARNING]
    yield from map(_line, islice(found, _TOLD))
    if len(found) > _TOLD:
        yield f"- and {len(found) - _TOLD:,} more"


def _line(found: Diagnostic) -> str:
    at = [f"`{display(found.path)}`"] if found.path else []
    if found.location is not None:
        start = found.location.start
        at.append(f"line {start.line}, column {start.column + 1}")
    place = f" at {', '.join(at)}" if at else ""
    return f"- {found.code} {found.name} ({found.severity}){place}: {display(found.message)}"
