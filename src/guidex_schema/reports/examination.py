"""The page of `guidex doctor`: what the jail of this system is made of, and what it withstands."""

from guidex_schema.doctor import Examination

_MEGABYTE = 1024 * 1024


def render_examination(examination: Examination) -> str:
    """Write an examination for people: plain text, one attempt a line, one column for each layer alone and for all."""
    system, isolation = examination.system, examination.isolation
    limits = (
        f"{system.cpu_seconds} s of CPU time, {examination.wall_seconds:g} s in all, "
        f"{system.memory_bytes // _MEGABYTE} MiB of memory"
    )
    lines = [
        ", ".join(f"{name} {version}" for name, version in examination.versions.items()),
        f"{system.system} on {system.machine}, {_landlock(system.landlock_abi)}",
        f"limits of a row: {limits}",
        "",
        f"isolation level: {isolation.level}{' (all there is)' if isolation.is_full else ''}",
        *(f"  missing: {gap}" for gap in isolation.gaps),
        "",
        *_table(examination),
        "",
        _verdict(examination),
    ]
    return "\n".join(lines) + "\n"


def _landlock(abi: int | None) -> str:
    return "no Landlock" if abi is None else f"Landlock ABI {abi}"


def _table(examination: Examination) -> list[str]:
    columns = list(dict.fromkeys(one.layers for one in examination.attempts))
    outcomes = {(one.name, one.layers): one.outcome for one in examination.attempts}
    names = list(dict.fromkeys(one.name for one in examination.attempts))
    heads = ["attempt", *(_head(layers) for layers in columns)]
    rows = [heads, *([name, *(outcomes[name, layers] for layers in columns)] for name in names)]
    widths = [max(len(row[index]) for row in rows) for index in range(len(heads))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _head(layers: tuple[str, ...]) -> str:
    match layers:
        case []:
            return "no layer"
        case [layer]:
            return layer
        case _:
            return "together"


def _verdict(examination: Examination) -> str:
    broken = [f"{one.name} ({_head(one.layers)})" for one in examination.broken]
    if broken:
        return f"A layer does not hold: {', '.join(broken)}. Do not read labels that you do not trust here."
    if not examination.isolation.layers:
        return "No layer is in place: labels are kept by what reads them alone."
    return "Every layer that is in place stopped what it is there to stop, alone and together with the others."
