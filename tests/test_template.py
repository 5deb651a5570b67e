"""Prompts: templates whose fields are checked before anything is generated."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidex_schema import resources
from guidex_schema.error import UsageError
from guidex_schema.generation import template
from guidex_schema.generation.stage import Material, stages
from guidex_schema.generation.template import Template, load
from guidex_schema.instance import Record
from guidex_schema.linting import Linter
from guidex_schema.settings import Settings
from guidex_schema.validation import validate
from guidex_schema.worker import Worker


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Give a folder with prompts of one's own."""
    return Path(shutil.copytree(resources.folder("prompts"), tmp_path / "own"))


def refusal(folder: Path) -> str:
    with pytest.raises(UsageError) as error:
        load(folder)
    return str(error.value)


@given(st.text(), st.text())
def test_a_template_renders_any_value_as_it_is(document: str, summary: str) -> None:
    one = Template(name="structure", source="A {{summary}}\n{{ document }}{{document}} {}")
    assert one.render(document=document, summary=summary) == f"A {summary}\n{document}{document} {{}}"


@pytest.mark.parametrize("value", ["{{summary}}", "{{document}}", r"\1 \g<0>", "{{", "}}{{x}}", "{document}"])
def test_what_looks_like_a_field_in_a_value_is_none(value: str) -> None:
    one = Template(name="structure", source="{{document}}|{{summary}}")
    assert one.render(document=value, summary="s") == f"{value}|s"


def test_the_prompts_that_come_along_are_whole() -> None:
    prompts = load()
    assert prompts == load(resources.folder("prompts"))
    assert prompts.summary.fields == {"document"}
    assert prompts.instances.fields == {"guidelines", "document"}
    # Instructions come first, so that an engine keeps what all prompts share.
    for one in (prompts.summary, prompts.structure, prompts.guideline, prompts.instances):
        assert one.source.rstrip().endswith("{{document}}")


def test_a_prompt_of_ones_own_changes_the_digest(own: Path) -> None:
    before = load(own)
    assert before.digest == load().digest
    assert re.fullmatch("[0-9a-f]{64}", before.digest)
    for file in sorted(own.iterdir()):
        text = file.read_text("utf-8")
        file.write_text(text + "\nBe kind.\n", encoding="utf-8")
        assert load(own).digest != before.digest, file
        file.write_text(text, encoding="utf-8")


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    assert "does not exist" in refusal(tmp_path / "nowhere")


def test_all_that_is_wrong_is_said_at_once(own: Path) -> None:
    (own / "1_summary.md").rename(own / "1_sumary.md")
    (own / "2_structure.md").write_text("{{documnt}}", encoding="utf-8")
    (own / "3_guideline.md").write_bytes(b"\xff")
    (own / "repair.md").write_text("{{findings}} {{weather}}", encoding="utf-8")
    lines = refusal(own).splitlines()
    assert len(lines) == 5
    assert "1_summary.md is missing; is it `1_sumary.md`?" in lines[0]
    assert "unknown field `{{documnt}}`; did you mean `{{document}}`?" in lines[1]
    assert "lacks the field `{{document}}`" in lines[2]
    assert "3_guideline.md is not UTF-8 (byte 1)" in lines[3]
    assert "unknown field `{{weather}}`; there are `{{findings}}`, `{{output}}`, `{{wanted}}`" in lines[4]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("{{sumary}", "has `{{` outside of a field in line 1"),
        ("\n{summary}", "has `{summary}` in line 2; write `{{summary}}`"),
        ("{ document }", "has `{ document }` in line 1; write `{{document}}`"),
        ('{"a": {"b": 1}}', "has `}}` outside of a field in line 1"),
        ("{{\ndocument\n}}", "has `{{` outside of a field in line 1"),
    ],
)
def test_a_field_that_is_written_wrong_is_not_lost(own: Path, wrong: str, words: str) -> None:
    (own / "2_structure.md").write_text(f"{wrong}\n{{{{document}}}}", encoding="utf-8")
    assert words in refusal(own)


def test_braces_that_are_none_of_a_field_stay(own: Path) -> None:
    (own / "2_structure.md").write_text('{"a": {"b": {}} }{x} {{document}}'.replace("}} }", "} } }"), encoding="utf-8")
    assert load(own).structure.render(document="d") == '{"a": {"b": {} } }{x} d'


def test_a_file_that_cannot_be_read_is_refused(own: Path) -> None:
    (own / "repair.md").unlink()
    (own / "repair.md").mkdir()
    assert "repair.md cannot be read" in refusal(own)


def block(text: str, language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def example_list() -> str:
    found = re.search(r"like this:\n\n(\[.*?^\])", load().instances.source, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def test_the_example_guidelines_are_clean() -> None:
    source = block(load().guideline.source, "python")
    assert Linter().lint(source).diagnostics == ()


def test_the_example_of_the_fourth_prompt_agrees_with_that_of_the_third() -> None:
    third, fourth = load().guideline.source, load().instances.source
    assert block(third, "python") == block(fourth, "python")
    document = " ".join(block(fourth, "text").split())
    assert document in " ".join(load().structure.source.split())
    found = validate(Record(guidelines=block(third, "python"), labels=example_list(), document=document))
    assert found.diagnostics == ()
    # The example shows every class that the guidelines have.
    assert {one.name for one in found.schema.entity_types} == set(re.findall(r"([A-Z]\w+)\(", example_list()))


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker() as one:
        yield one


def test_the_examples_pass_the_gates_that_they_are_examples_for(worker: Worker) -> None:
    prompts = load()
    document = " ".join(block(prompts.instances.source, "text").split())
    material = Material(document=document, guidelines=block(prompts.guideline.source, "python"))
    answers = ["- ideas", block(prompts.structure.source, "json"), material.guidelines or "", example_list()]
    for stage, answer in zip(stages(prompts, Settings(), worker), answers, strict=True):
        gated = stage.gate(answer, False, material)
        assert (gated.diagnostics, gated.passed, gated.fixed) == ((), True, ()), stage.name


def test_every_stage_says_that_the_document_is_data() -> None:
    for one in (load().summary, load().structure, load().guideline, load().instances):
        assert "data" in one.source
        assert "=== DOCUMENT ===\n{{document}}" in one.source
    assert template._FORMS.keys() == {"summary", "structure", "guideline", "instances", "repair"}
