"""What is set aside is gone once another stands in its place, and put back, or at least left, where none does."""

from pathlib import Path

import pytest

from guidex_schema.unfinished import set_aside


@pytest.fixture(params=["file", "folder"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Give an older file, or a folder with one."""
    # As long in bytes as a name may be.
    path = tmp_path / ("ä" * 127)
    if request.param == "folder":
        path.mkdir()
        (path / "rows").write_text("older", "utf-8")
    else:
        path.write_text("older", "utf-8")
    return path


def held(path: Path) -> str:
    return (path / "rows" if path.is_dir() else path).read_text("utf-8")


def test_what_is_replaced_is_removed(target: Path) -> None:
    with set_aside(target):
        assert not target.exists()
        target.write_text("newer", "utf-8")
    assert [held(path) for path in target.parent.iterdir()] == ["newer"]


def test_what_is_not_replaced_is_put_back(target: Path) -> None:
    with pytest.raises(KeyboardInterrupt), set_aside(target):
        raise KeyboardInterrupt
    assert [held(path) for path in target.parent.iterdir()] == ["older"]


def test_what_cannot_be_put_back_stays_where_it_is(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    def fill_the_disk() -> None:
        monkeypatch.setattr(Path, "rename", refuse)
        raise ValueError("full")

    with pytest.raises(ValueError, match="full"), set_aside(target):
        fill_the_disk()
    (aside,) = target.parent.iterdir()
    assert aside.suffix == ".old"
    assert held(aside / target.name) == "older"


def test_where_nothing_stands_nothing_is_done(tmp_path: Path) -> None:
    with set_aside(tmp_path / "new"):
        assert list(tmp_path.iterdir()) == []
