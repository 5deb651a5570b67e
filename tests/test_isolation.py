"""The level is as high as the layers reach without a hole, what is missing is said, and strict takes nothing less."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lockdown
from guidex_schema.error import GuidexError, IsolationError, JailError
from guidex_schema.isolation import LAYERS, Isolation, Layer, reported

FULL = Isolation(layers=LAYERS)

some_layers = st.lists(st.sampled_from(LAYERS), unique=True).map(tuple)


def test_host_and_jail_name_the_same_layers() -> None:
    assert LAYERS == lockdown.LAYERS


@pytest.mark.parametrize(
    ("layers", "level"),
    [
        ((), "none"),
        (("process",), "process"),
        (("process", "landlock"), "landlock"),
        (("process", "landlock", "seccomp"), "seccomp"),
        (("landlock",), "none"),
        (("seccomp",), "none"),
        (("landlock", "seccomp"), "none"),
        (("process", "seccomp"), "process"),
    ],
)
def test_a_hole_ends_the_level(layers: tuple[Layer, ...], level: str) -> None:
    assert Isolation(layers=layers).level == level


@given(layers=some_layers, gaps=st.lists(st.text(max_size=20)).map(tuple))
def test_only_all_layers_are_full_and_only_then_nothing_falls_short(
    layers: tuple[Layer, ...], gaps: tuple[str, ...]
) -> None:
    isolation = Isolation(layers=layers, gaps=gaps)
    assert isolation.is_full == (set(layers) == set(LAYERS)) == (isolation.level == "seccomp")
    assert bool(isolation.shortfall) == (not isolation.is_full)
    assert "\n" not in Isolation(layers=layers).shortfall
    assert Isolation.model_validate_json(isolation.model_dump_json()) == isolation


def test_the_shortfall_says_the_gaps() -> None:
    gaps = ("landlock: no Landlock: it is switched off at boot", "seccomp: the kernel refuses the filter")
    assert Isolation(layers=("process",), gaps=gaps).shortfall == (
        "labels are isolated at level 'process' and not 'seccomp' (landlock: no Landlock: it is switched off at boot; "
        "seccomp: the kernel refuses the filter)"
    )


def test_without_a_reason_the_shortfall_names_the_missing_layers() -> None:
    assert Isolation().shortfall == (
        "labels are isolated at level 'none' and not 'seccomp' (process, landlock, seccomp)"
    )
    assert Isolation(layers=("process", "seccomp")).shortfall.endswith("(landlock)")
    assert FULL.shortfall == ""


@given(layers=some_layers)
def test_strict_takes_all_layers_and_best_effort_takes_any(layers: tuple[Layer, ...]) -> None:
    isolation = Isolation(layers=layers, gaps=("seccomp: no",))
    isolation.require("best-effort")
    if isolation.is_full:
        isolation.require("strict")
        return
    with pytest.raises(IsolationError) as error:
        isolation.require("strict")
    assert str(error.value).startswith(isolation.shortfall)
    assert "--isolation best-effort" in str(error.value)
    assert isinstance(error.value, JailError)
    assert isinstance(error.value, GuidexError)


def test_what_a_jail_reports_is_read() -> None:
    assert reported({"status": "ready", "layers": [*LAYERS], "gaps": []}) == FULL
    assert reported({"layers": [], "gaps": ["process: no"]}) == Isolation(gaps=("process: no",))


@given(layers=st.permutations(LAYERS), more=st.lists(st.sampled_from(LAYERS)))
def test_layers_are_read_in_their_own_order_and_once(layers: list[str], more: list[str]) -> None:
    assert reported({"layers": [*layers, *more], "gaps": []}) == FULL


@pytest.mark.parametrize("layers", [["vault"], ["Process"], [1, None, ["process"], {"process": 1}], [["seccomp"]]])
def test_layers_that_are_not_known_are_none(layers: list[object]) -> None:
    assert reported({"layers": layers, "gaps": []}) == Isolation()


@pytest.mark.parametrize(
    "ready",
    [
        {},
        {"layers": []},
        {"gaps": []},
        {"level": ["RLIMIT_AS"]},
        {"layers": "process landlock seccomp", "gaps": []},
        {"layers": {"process": 1, "landlock": 1, "seccomp": 1}, "gaps": []},
        {"layers": None, "gaps": []},
        {"layers": 3, "gaps": []},
        {"layers": [*LAYERS], "gaps": None},
        {"layers": [*LAYERS], "gaps": ""},
        {"layers": [*LAYERS], "gaps": {}},
    ],
)
def test_a_jail_that_does_not_say_how_far_it_is_closed_is_an_error(ready: dict[str, object]) -> None:
    with pytest.raises(JailError, match="install guidex-schema again"):
        reported({"status": "ready", **ready})


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.sampled_from(LAYERS)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(), inner, max_size=4)),
    max_leaves=8,
)


@given(ready=st.fixed_dictionaries({}, optional={"layers": json_values, "gaps": json_values}))
def test_whatever_is_reported_is_an_isolation_or_an_error(ready: dict[str, object]) -> None:
    try:
        isolation = reported(ready)
    except JailError:
        return
    assert all(str(one) in isolation.gaps for one in list(ready["gaps"]))  # type: ignore[call-overload]
    assert isolation.is_full <= all(one in list(ready["layers"]) for one in LAYERS)  # type: ignore[call-overload]
