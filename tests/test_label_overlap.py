"""Label overlap: what counts as the same label, which files are label sets, and what `guidex stats --against` says."""

import json
import string
import unicodedata
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from command import Folder
from guidex_schema.error import UsageError
from guidex_schema.grounding.lexicon import IRREGULAR
from guidex_schema.rule import GUIDELINES
from guidex_schema.statistics import LabelSet, label_overlap, label_sets
from guidex_schema.vocabulary import name_key, singular, spelled

ROW = {"guidelines": GUIDELINES, "labels": "[Person('Ada'), Birth_Place('Rome')]", "document": "Ada, Rome"}
OTHER = {"guidelines": GUIDELINES.replace("Person", "ProgrammingLanguages"), "labels": "[]"}

words_strategy = st.lists(
    st.text(string.ascii_lowercase, min_size=2, max_size=7).filter(
        lambda word: word not in IRREGULAR and singular(f"some{word}") == f"some{singular(word)}"
    ),
    min_size=1,
    max_size=4,
)
labels_strategy = st.text(st.sampled_from("aBcS_- sé7山کি"), max_size=6)


@given(words_strategy)
@example(["baaa", "bise"])
@example(["ba", "em", "aa"])
def test_all_ways_to_write_words_are_one(words: list[str]) -> None:
    # A British ending is told by the end of its word, which nothing shows in words written as one.
    assume(all(spelled(word) == word for word in words[:-1]))
    capitals = "".join(map(str.capitalize, words))
    written = [separator.join(words) for separator in ("_", "-", " ", "", ".", "/", ":")]
    written += [capitals, capitals[0].lower() + capitals[1:], "_".join(words).upper(), f" {'__'.join(words)}_"]
    assert len({name_key(one) for one in written}) == 1


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Symptoms", "symptom", True),
        ("SideEffects", "side_effect", True),
        ("Diseases", "Disease", True),
        ("Countries", "COUNTRY", True),
        ("StreetChildren", "street child", True),
        ("HTTPServer", "http-server", True),
        ("ＰＥＲＳＯＮ", "Person", True),
        ("Straße", "STRASSE", True),
        ("state-of-the-art", "StateOfTheArt", True),
        ("Person", "Persona", False),
        ("News", "Newt", False),
        ("C++", "C#", False),
        ("की", "का", False),
        ("Größe", "Grosse", False),
        ("Class1", "Class2", False),
        ("Analysis", "Analyses", True),
        ("user_id", "UserIDs", True),
        ("colour_name", "ColorName", True),
        ("colour_name", "colourname", False),
    ],
)
def test_the_same_label(one: str, other: str, same: bool) -> None:
    assert (name_key(one) == name_key(other)) == same


@given(labels_strategy)
def test_normalising_is_about_characters_only(label: str) -> None:
    assert name_key(unicodedata.normalize("NFD", label)) == name_key(label)
    assert name_key(f" {label}__") == name_key(label)


def test_what_has_no_word_is_nothing_but_itself() -> None:
    found = label_overlap([LabelSet.of("a", ["_", " ", ""])], ["__"], ["_"])
    (only,) = found.sets
    assert (only.declared.normalised, only.used.verbatim, only.used.normalised) == (0, 1, 1)


@given(
    st.dictionaries(st.text(max_size=2), st.lists(labels_strategy, max_size=6), max_size=4),
    st.frozensets(labels_strategy, max_size=6),
    st.frozensets(labels_strategy, max_size=6),
)
def test_shares_are_those_of_plain_sets(
    sets: dict[str, list[str]], declared: frozenset[str], used: frozenset[str]
) -> None:
    found = label_overlap([LabelSet.of(name, labels) for name, labels in sets.items()], declared, used)
    everything = {label for labels in sets.values() for label in labels}
    forms = {name_key(name) for name in declared} - {""}
    for one, labels in zip((*found.sets, found.total), (*map(set, sets.values()), everything), strict=True):
        near = {label for label in labels if label in declared or name_key(label) in forms}
        assert one.labels == len(labels)
        assert one.declared.verbatim == len(labels & declared)
        assert one.declared.normalised == len(near) >= one.declared.verbatim
        assert one.used.verbatim == len(labels & used)
        assert set(one.missing) == labels - near
        assert one.share(one.declared.verbatim) == (len(labels & declared) / len(labels) if labels else None)
    assert [one.name for one in found.sets] == list(sets)
    assert found.total.name is None


def test_the_share_of_the_paper() -> None:
    labels = [f"Label{number}" for number in range(243)]
    sets = [LabelSet.of("a", labels[:150]), LabelSet.of("b", labels[100:])]
    facts: Any = label_overlap(sets, labels[:103], ()).facts()
    assert facts["total"]["labels"] == 243
    assert facts["total"]["declared"] == {
        "verbatim": 103, "normalised": 103, "share_verbatim": 0.4239, "share_normalised": 0.4239,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "sets"),
    [
        ('{"a": ["x", "y", "x"], "b": []}', [("a", ("x", "y"), ("x",)), ("b", (), ())]),
        ('[{"name": "a", "labels": ["x"]}, {"labels": ["y", "y", "y"], "name": ""}]',
         [("a", ("x",), ()), ("", ("y",), ("y",))]),
        ('\ufeff{"a": ["\\ud800"]}', [("a", ("\ud800",), ())]),
    ],
)  # fmt: skip
def test_label_sets_are_read(content: str, sets: list[tuple[str, tuple[str, ...], tuple[str, ...]]]) -> None:
    assert label_sets(content.encode(), "labels.json") == tuple(LabelSet(*one) for one in sets)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the label sets labels.json are no JSON"),
        (b"{", "the label sets labels.json are no JSON"),
        (b"\xff\xfe", "the label sets labels.json are no JSON"),
        (b"[" * 100_000, "the label sets labels.json are no JSON"),
        (b'"x"', "labels.json holds no label sets; it should be an object"),
        (b"3", "labels.json holds no label sets"),
        (b"{}", "labels.json holds no label set;"),
        (b"[]", "labels.json holds no label set;"),
        (b'["Person", "Place"]', "item 0 of labels.json is no label set; it should be"),
        (b'[{"name": "a"}]', "item 0 of labels.json is no label set"),
        (b'[{"name": "a", "labels": [], "x": 1}]', "item 0 of labels.json is no label set"),
        (b'[{"name": 3, "labels": []}]', "a label set of labels.json has a name that is no string: `3`"),
        (b'{"a": "Person"}', "the label set `a` of labels.json is no list of labels"),
        (b'{"a": {"Person": 1}}', "the label set `a` of labels.json is no list of labels"),
        (b'{"a": ["x", 3]}', "label 1 of `a` in labels.json is no string but `3`"),
        (b'{"a": [null]}', "label 0 of `a` in labels.json is no string but `null`"),
        (b'{"a": [{"x": 1}]}', "label 0 of `a` in labels.json is no string but an object"),
        (b'{"a": [[["x", {}]]]}', "label 0 of `a` in labels.json is no string but"),
        (b'{"a": ["x"], "a": ["y"]}', "labels.json has two label sets that are called `a`"),
        (b'{"\\u001b[31m": 3}', "the label set `\\x1b[31m` of labels.json is no list"),
    ],
)
def test_what_is_no_label_sets_is_said(folder: Folder, content: bytes, message: str) -> None:
    with pytest.raises(UsageError) as refused:
        label_sets(content, "labels.json")
    assert str(refused.value).startswith(message)
    folder.write("rows.jsonl", ROW)
    (folder.path / "labels.json").write_bytes(content)
    done = folder.run("stats", "rows.jsonl", "--against", "labels.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"guidex: {message}")
    assert done.stderr.count("\n") == 1


def test_too_large_a_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("guidex_schema.statistics.label_set.SIZE_LIMIT", 8)
    with pytest.raises(UsageError, match="larger than"):
        label_sets(b'{"a": []}', "labels.json")


def test_the_command_compares_declared_and_used_types(folder: Folder) -> None:
    folder.write("rows.jsonl", ROW, OTHER)
    sets = {
        "names": ["Person", "person", "BirthPlace"],
        "other": ["Person", "programming_language", "Town", "Town"],
        "none": [],
    }
    (folder.path / "labels.json").write_text(json.dumps(sets), encoding="utf-8")
    done = folder.run("stats", "rows.jsonl", "--against", "labels.json", "--output-format", "json")
    assert done.returncode == 0
    assert "guidex: labels.json: `other` repeats 1 label, as `Town`; each counts once\n" in done.stderr
    overlap = json.loads(done.stdout)["overlap"]
    assert overlap["sets"][0] == {
        "name": "names",
        "labels": 3,
        "declared": {"verbatim": 1, "normalised": 2, "share_verbatim": 0.3333, "share_normalised": 0.6667},
        "used": {"verbatim": 1, "normalised": 3, "share_verbatim": 0.3333, "share_normalised": 1.0},
        "missing": ["BirthPlace"],
        "repeated": [],
    }
    assert overlap["sets"][1]["missing"] == overlap["sets"][1]["repeated"] == ["Town"]
    assert overlap["sets"][2]["declared"]["share_verbatim"] is None
    assert (overlap["total"]["labels"], overlap["total"]["missing"]) == (5, ["BirthPlace", "Town"])
    page = folder.run("stats", "rows.jsonl", "--against", "labels.json").stdout
    assert (
        "label set             labels  declared  normalised      used  normalised\n"
        "names                      3  1 (33 %)    2 (67 %)  1 (33 %)   3 (100 %)\n"
        "other                      3  1 (33 %)    2 (67 %)  1 (33 %)    1 (33 %)\n"
        "none                       0         -           -         -           -\n"
        "all different labels       5  1 (20 %)    3 (60 %)  1 (20 %)    3 (60 %)\n"
        "Not declared: BirthPlace, Town\n"
    ) in page


def test_label_sets_come_from_standard_input_and_are_never_written_over(folder: Folder) -> None:
    folder.write("rows.jsonl", ROW)
    folder.write("labels.json", '{"a": ["Person"]}')
    read = folder.run("stats", "rows.jsonl", "--against", "-", "--output-format", "json", stdin='{"a": ["Person"]}')
    assert json.loads(read.stdout)["overlap"]["total"]["declared"]["verbatim"] == 1
    for arguments in (
        ["-", "--against", "-"],
        ["rows.jsonl", "--against", "none.json"],
        ["rows.jsonl", "--against", "."],
    ):
        assert folder.run("stats", *arguments).returncode == 2
    done = folder.run("stats", "rows.jsonl", "--against", "labels.json", "-o", "labels.json")
    assert done.returncode == 2
    assert (folder.path / "labels.json").read_text(encoding="utf-8") == '{"a": ["Person"]}'


def test_hostile_labels_and_names_stay_on_their_line(folder: Folder) -> None:
    folder.write("rows.jsonl", ROW)
    hostile = ["\x1b[31mred", "a\nb", "::error::x", "##[error]x", "\u202eabc", "\ud800", "x" * 500, "山" * 200]
    folder.write("labels.json", json.dumps({**dict.fromkeys(hostile, hostile), " ::warning::": ["::error::y"]}))
    done = folder.run("stats", "rows.jsonl", "--against", "labels.json")
    assert done.returncode == 0
    assert not {"\x1b", "\u202e", "\ud800"} & set(done.stdout)
    lines = done.stdout.splitlines()
    assert "##[" not in done.stdout
    assert not [line for line in lines if line.lstrip().startswith("::")]
    table = lines[next(number for number, line in enumerate(lines) if line.startswith("label set")) :]
    assert len({cell_len(line) for line in table[: len(hostile) + 3]}) == 1
    (missing,) = [line for line in lines if line.startswith("Not declared: ")]
    assert cell_len(missing) <= 110
    assert missing.endswith(" more")
