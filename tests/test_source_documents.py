"""Documents to generate from: every input is a document, or says why it is none."""

import gzip
import io
import json
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidex_schema.datasets import COLUMNS, Columns
from guidex_schema.generation.documents import SourceDocument, Unread, number_of, read

TEXT = "Ada wrote.\r\n“Ñandú” 日本 🙂\n"


def found(*paths: Path, columns: Columns = COLUMNS) -> tuple[list[SourceDocument], list[Unread], list[str]]:
    told: list[str] = []
    every = list(read(paths, columns, told.append))
    documents = [one for one in every if isinstance(one, SourceDocument)]
    return documents, [one for one in every if isinstance(one, Unread)], told


def codes(unread: list[Unread]) -> list[list[str]]:
    return [[one.name for one in each.diagnostics] for each in unread]


rows = st.one_of(
    st.fixed_dictionaries({"text": st.text(min_size=1)}),
    st.fixed_dictionaries({"document": st.text(), "id": st.text() | st.integers(), "unlabelled_sentence": st.text()}),
    st.dictionaries(st.sampled_from(["id", "text", "document", "x"]), st.none() | st.integers() | st.text()),
    st.none() | st.integers() | st.lists(st.integers(), max_size=2),
)
lines = st.one_of(
    rows.map(lambda row: json.dumps(row).encode()), st.binary(max_size=8).filter(lambda it: b"\n" not in it)
)


@given(st.lists(lines, max_size=6))
def test_every_line_is_a_document_or_says_why_it_is_none(content: list[bytes]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "in.jsonl"
        path.write_bytes(b"".join(line + b"\n" for line in content))
        documents, unread, _ = found(path)
    filled = sum(bool(line.strip()) for line in content)
    marked = bool(content) and content[0].startswith((b"\xff\xfe", b"\xfe\xff"))
    of_rows = [one for one in unread if one.reference is not None]
    assert marked or len(documents) + len(of_rows) == filled
    assert all(one.diagnostics for one in unread)
    for one in documents:
        assert one.text.strip()
        assert one.digest == sha256(one.text.encode("utf-8")).hexdigest()
        assert one.id.encode("utf-8")


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.jsonl.gz", "a.json.gz", "a.parquet"])
def test_rows_are_read_in_every_format(tmp_path: Path, name: str) -> None:
    content = [{"id": "one", "text": TEXT}, {"id": "two", "text": "Bob."}]
    path = tmp_path / name
    if name.endswith(".parquet"):
        pq.write_table(pa.Table.from_pylist(content), path)
    else:
        text = json.dumps(content) if ".jsonl" not in name else "".join(json.dumps(row) + "\n" for row in content)
        path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    documents, unread, _ = found(path)
    assert [(one.id, one.text, one.file, one.row) for one in documents] == [
        ("one", TEXT, name, 0),
        ("two", "Bob.", name, 1),
    ]
    assert not unread


def test_the_columns_of_other_datasets_are_known(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    content = (
        {"document": "native", "text": "other"},
        {"text": "class A: pass\n\ntext = 'x'", "unlabelled_sentence": "of a GuideX row"},
        {"body": "renamed"},
    )
    path.write_text("".join(json.dumps(row) + "\n" for row in content))
    documents, unread, _ = found(path)
    assert [one.text for one in documents] == ["native", "of a GuideX row"]
    assert codes(unread) == [["missing-column"]]
    documents, *_ = found(path, columns=Columns(document="body"))
    assert documents[-1].text == "renamed"
    # What has no id is called by its digest.
    assert documents[-1].id == sha256(b"renamed").hexdigest()


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b'{"text": "cut', "unreadable-row"),
        (b"\xff\xff", "invalid-utf-8"),
        (b'{"text": " \\n "}', "unreadable-row"),
        (b'{"text": "\\ud800"}', "invalid-character"),
        (b'{"text": 3}', "column-type"),
        (b'{"texts": "Ada"}', "missing-column"),
        (b"[1]", "unreadable-row"),
    ],
)
def test_what_is_no_document_says_why(tmp_path: Path, line: bytes, code: str) -> None:
    path = tmp_path / "in.jsonl"
    path.write_bytes(b'{"text": "Ada."}\n' + line + b'\n{"text": "Bob."}\n')
    documents, unread, _ = found(path)
    assert [one.text for one in documents] == ["Ada.", "Bob."]
    assert codes(unread) == [[code]]
    assert unread[0].reference is not None
    assert (unread[0].reference.line, unread[0].file) == (2, "in.jsonl")
    assert unread[0].row.raw is not None or unread[0].row.content is not None


def test_a_folder_of_texts_is_read_by_name(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "one.md").write_text("# Bob", encoding="utf-8")
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbf" + TEXT.encode())
    (tmp_path / "empty.txt").write_text(" \n")
    (tmp_path / "latin.txt").write_bytes(b"Ada\n\xe9")
    (tmp_path / ".hidden.txt").write_text("Ada")
    documents, unread, _ = found(tmp_path)
    assert [(one.id, one.text) for one in documents] == [("a.txt", TEXT), ("b/one.md", "# Bob")]
    assert [(one.file, codes([one])[0]) for one in unread] == [
        ("empty.txt", ["unreadable-row"]),
        ("latin.txt", ["invalid-utf-8"]),
    ]


def test_texts_beside_datasets_are_told_of(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# Data")
    (tmp_path / "notes.txt").write_text("Ada")
    (tmp_path / "in.jsonl").write_text('{"text": "Ada."}\n')
    documents, _, told = found(tmp_path)
    assert [one.text for one in documents] == ["Ada."]
    assert len(told) == 1
    assert "1 text file" in told[0]


def test_what_cannot_be_opened_is_a_file_that_was_not_read(tmp_path: Path) -> None:
    (tmp_path / "other.docx").write_bytes(b"PK")
    documents, unread, _ = found(tmp_path / "missing.jsonl", tmp_path / "missing.txt", tmp_path / "other.docx")
    assert not documents
    assert [one.reference for one in unread] == [None, None, None]
    assert codes(unread) == [["unreadable-file"]] * 3


def test_no_place_on_a_machine_is_told(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"text": "Ada."}\nx\n')
    documents, unread, _ = found(tmp_path / "in.jsonl", tmp_path / "missing.txt")
    assert documents[0].file == "in.jsonl"
    assert [one.file for one in unread] == ["in.jsonl", "missing.txt"]
    assert str(tmp_path) not in "".join(one.model_dump_json() for each in unread for one in each.diagnostics)


def test_a_byte_order_mark_is_told_and_is_no_document(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(b'\xef\xbb\xbf{"text": "Ada."}\n')
    documents, unread, told = found(tmp_path / "in.jsonl")
    assert [one.text for one in documents] == ["Ada."]
    assert not unread
    assert "byte order mark" in told[0]


def test_standard_input_is_jsonl() -> None:
    every = list(read([Path("-")], COLUMNS, standard_input=lambda: io.BytesIO(b'{"text": "Ada.", "id": 7}\n')))
    assert [(one.id, one.file) for one in every if isinstance(one, SourceDocument)] == [("7", "<stdin>")]


@pytest.mark.parametrize("limit", [None, 1, 9])
def test_how_many_documents_there_are_is_known_of_text_files_alone(tmp_path: Path, limit: int | None) -> None:
    for name in ("a.txt", "b.md", "in/c.txt", "in/.hidden.txt", "in/d.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("Ada.")
    named = [tmp_path, tmp_path / "a.txt", tmp_path / "a.txt", tmp_path / "missing.txt"]
    count = len(list(read(named, COLUMNS)))
    assert number_of(named, limit) == min(count, limit or count)
    (tmp_path / "in/e.jsonl").write_text("")
    assert number_of(named, limit) is None
