"""How far the jail is closed: what the jailed process reports of itself before it reads a row."""

from typing import Literal

from guidex_schema.error import IsolationError, JailError
from guidex_schema.frozen import Frozen

Layer = Literal["process", "landlock", "seccomp"]
Level = Literal["none", "process", "landlock", "seccomp"]
Demand = Literal["strict", "best-effort"]

LAYERS: tuple[Layer, ...] = ("process", "landlock", "seccomp")


class Isolation(Frozen):
    """How far the doors of the jail are closed.

    Attributes:
        layers: the layers that are in place, from the lowest.
        gaps: what is not in place and why, each as ``layer: reason``.
    """

    layers: tuple[Layer, ...] = ()
    gaps: tuple[str, ...] = ()

    @property
    def level(self) -> Level:
        """Give the highest layer that is in place with all those below it."""
        level: Level = "none"
        for layer in LAYERS:
            if layer not in self.layers:
                break
            level = layer
        return level

    @property
    def is_full(self) -> bool:
        """Say whether every layer is in place."""
        return self.level == LAYERS[-1]

    @property
    def shortfall(self) -> str:
        """Say in a line what is missing; empty where nothing is."""
        if self.is_full:
            return ""
        missing = "; ".join(self.gaps) or ", ".join(one for one in LAYERS if one not in self.layers)
        return f"labels are isolated at level {self.level!r} and not 'seccomp' ({missing})"

    def require(self, demand: Demand) -> None:
        """Refuse what is less than demanded.

        Raises:
            IsolationError: the demand is strict, and a layer is missing.
        """
        if demand == "strict" and not self.is_full:
            raise IsolationError(
                f"{self.shortfall}; --isolation strict does not run below the full level. Run it on a system that has "
                "all of it (`guidex doctor` tells), or with --isolation best-effort"
            )


def reported(ready: dict[str, object]) -> Isolation:
    """Read what a jailed process says when it is ready.

    Raises:
        JailError: it does not say how far its doors are closed.
    """
    layers, gaps = ready.get("layers"), ready.get("gaps")
    if not isinstance(layers, list) or not isinstance(gaps, list):
        raise JailError("the jail does not say how far it is closed; install guidex-schema again")
    return Isolation(layers=tuple(one for one in LAYERS if one in layers), gaps=tuple(map(str, gaps)))
