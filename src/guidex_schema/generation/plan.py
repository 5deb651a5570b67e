"""The plan of a run: what is asked about each document, of whom, and within which bounds."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256

from guidex_schema.error import EngineError
from guidex_schema.generation.documents import SourceDocument
from guidex_schema.generation.engine import Constraint, Dialect, Engine
from guidex_schema.generation.engines.replay import RECORDED_PROMPTS, RECORDED_SEED, ReplayEngine
from guidex_schema.generation.gate import Material
from guidex_schema.generation.grammar import DOCUMENT_LIMITS, Bounds, ebnf, fitting, lark, structure_schema
from guidex_schema.generation.judgement import judgement
from guidex_schema.generation.probe import enforced_dialect, enforces_schema
from guidex_schema.generation.provenance import Origin
from guidex_schema.generation.room import Room
from guidex_schema.generation.stage import Stage, stages
from guidex_schema.generation.template import Prompts
from guidex_schema.generation.waiting import Waiting
from guidex_schema.generation_settings import EngineSettings, GenerationSettings
from guidex_schema.guideline import parse_guideline
from guidex_schema.settings import Settings
from guidex_schema.worker import Worker

_SEEDS = 2**31


@dataclass(frozen=True)
class Plan:
    """What a run does with every document.

    Attributes:
        stages: in their order.
        sampling: the settings of the engine.
        seed: of the run.
        dialect: the kind of grammar that instances are written under; None leaves decoding free.
        has_schema: structures are written under a JSON Schema.
        abstractive: patterns of attributes whose values need not stand in the document.
        guidelines: the user's own; None has them written for each document.
        judged: what answers are held to, as settings name it.
        waiting: whether the engine is waited for.
    """

    engine: Engine
    stages: tuple[Stage, ...]
    prompts: Prompts
    sampling: EngineSettings
    settings: GenerationSettings
    seed: int
    dialect: Dialect | None = None
    has_schema: bool = False
    abstractive: tuple[str, ...] = ()
    guidelines: str | None = None
    judged: Mapping[str, object] = field(default_factory=dict)
    waiting: Waiting = field(default_factory=Waiting)

    @property
    def decoding(self) -> str:
        """Name how answers are decoded: ``grounded-lark``, ``grounded-ebnf``, ``free`` or ``replayed``."""
        if self.engine.name == "replay":
            return "replayed"
        return "free" if self.dialect is None else f"grounded-{self.dialect}"

    @property
    def origin(self) -> Origin:
        """Give what all records come from; what was recorded has the seed and the prompts of its own run."""
        seed: int | None = self.seed
        prompts: str | None = self.prompts.digest
        if isinstance(self.engine, ReplayEngine):
            seed, prompts = self.engine.seed, self.engine.prompts
        return Origin(self.engine.name, self.decoding, seed, prompts)

    @cached_property
    def room(self) -> Room:
        """Give what measures documents and prompts.

        Raises:
            EngineError: the engine cannot be reached.
        """
        characters = None if self.dialect is None else DOCUMENT_LIMITS[self.dialect]
        return Room(self.engine, self.stages, self.guidelines, self.sampling.max_tokens, characters, self.waiting)

    @cached_property
    def identity(self) -> dict[str, str]:
        """Give all that answers depend on, by what it is called: a run that goes on has to have the same.

        How many requests are under way, which machines answer them and how often they are asked is no part of it, nor
        which documents there are.
        """
        sampled = self.sampling.model_dump(include={"temperature", "top_p", "max_tokens", "dtype"})
        asked = self.settings.model_dump(exclude={"decoding"})
        own = self.guidelines
        return {
            "engine": self.engine.name,
            # Whose answers were recorded stands with each.
            "model": self.engine.model if self.engine.name != "replay" else "as recorded",
            "decoding": self.decoding,
            "JSON Schema of structures": "enforced" if self.has_schema else "none",
            "prompts": self.prompts.digest,
            "seed": str(self.seed),
            "first stage": self.stages[0].name,
            "guidelines": "written for each document" if own is None else _digest(own),
            "engine arguments": _digest(json.dumps(dict(self.sampling.arguments), sort_keys=True)),
            # What servers allow besides may differ from one to the next.
            "context": str(self.sampling.context),
            **{name: json.dumps(value, sort_keys=True) for name, value in self.judged.items()},
            **self._recorded,
            **{name.replace("_", "-"): str(value) for name, value in {**sampled, **asked}.items()},
        }

    @property
    def _recorded(self) -> dict[str, str]:
        if not isinstance(self.engine, ReplayEngine):
            return {}
        return {RECORDED_SEED: json.dumps(self.engine.seed), RECORDED_PROMPTS: json.dumps(self.engine.prompts)}

    def material(self, document: SourceDocument) -> Material:
        """Give what the first stage is made from."""
        return Material(
            document=document.text,
            summary=None,
            structure=None,
            guidelines=self.guidelines,
            is_fixed=self.guidelines is not None,
        )

    def seed_of(self, document: SourceDocument, stage: Stage, attempt: int) -> int:
        """Give the seed of a request, 0 to 2³¹ - 1: the same in every run with the same seed."""
        named = f"{self.seed} {document.digest} {stage.name} {attempt}"
        return int.from_bytes(sha256(named.encode("ascii")).digest()[:8], "big") % _SEEDS

    def constraint(self, stage: Stage, material: Material, tokens: int | None = None) -> Constraint | None:
        """Give what the answer of a stage has to be a sentence of; None leaves it free.

        Args:
            stage: what is asked for.
            material: what it is made from.
            tokens: how many the sentences have to fit, as far as that can be: the last answer was cut off.

        Raises:
            UsageError: no grammar can be made: no instance can be written.
        """
        if stage.name == "structure" and self.has_schema:
            return self._structure
        if stage.name != "instances" or self.dialect is None:
            return None
        schema = parse_guideline(material.guidelines or "").schema
        grammar = lark if self.dialect == "lark" else ebnf
        bounds = self._bounds
        if tokens is not None:
            bounds = fitting(schema, material.document, tokens, bounds, self.abstractive)
        # With guidelines that were written for the document, an empty list says that they do not fit it.
        text = grammar(schema, material.document, bounds, self.abstractive, may_be_empty=material.is_fixed)
        return Constraint(kind=self.dialect, text=text)

    @cached_property
    def _bounds(self) -> Bounds:
        return Bounds.model_validate({name: getattr(self.settings, name) for name in Bounds.model_fields})

    @cached_property
    def _structure(self) -> Constraint:
        return Constraint(kind="json-schema", text=json.dumps(structure_schema(self._bounds)))


def planned(
    engine: Engine,
    settings: Settings,
    prompts: Prompts,
    worker: Worker,
    *,
    seed: int = 0,
    guidelines: str | None = None,
    is_asking: bool = True,
) -> Plan:
    """Plan a run, and see to it that grammars are enforced where that is asked for.

    Args:
        engine: with nothing under way; replayed answers are taken as they are.
        settings: what is asked for, and what answers are held to.
        prompts: in whose words.
        worker: the jail that labels run in.
        seed: of the run.
        guidelines: the user's own, for which only instances are written; None has guidelines written, too.
        is_asking: try whether grammars are enforced; else that is taken for granted.

    Raises:
        EngineError: the engine cannot be reached, or ignores grammars.
        UsageError: the settings name what there is not.
    """
    dialect, has_schema = None, False
    if settings.generation.decoding == "grounded" and engine.name != "replay":
        dialect = enforced_dialect(engine, seed) if is_asking else next(iter(engine.dialects), None)
        if dialect is None and is_asking:
            raise EngineError(
                f"{engine.name} ignores grammars, or refuses them, so that nothing keeps values that do not stand in "
                "the document out of its answers; use `--decoding free`, which checks them afterwards"
            )
        has_schema = is_asking and guidelines is None and enforces_schema(engine, seed)
    every = stages(prompts, settings, worker)
    return Plan(
        engine=engine,
        stages=every if guidelines is None else tuple(one for one in every if one.name == "instances"),
        prompts=prompts,
        sampling=settings.engine,
        settings=settings.generation,
        seed=seed,
        dialect=dialect,
        has_schema=has_schema,
        abstractive=settings.abstractive,
        guidelines=guidelines,
        judged=judgement(settings),
    )


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
