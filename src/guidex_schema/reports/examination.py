"""The page of `guidex doctor`: what the jail of this system is made of, and what it withstands."""

from guidex_schema.doctor import Examination

_MEGABYTE = 1024 * 1024


def render_examination(examination: Examination) -> str:
    """Write an examination for people: plain text, one attempt a line, one column for each layer alone and for all."""
    system, isolation = examination.system, examination.isolation
    landlock = "no Landlock" if system.landlock_abi is None else f"Landlock ABI {system.landlock_abi}"
    seccomp = "seccomp filters" if system.seccomp else "no seccomp filters"
    limits = (f"{name.removeprefix('RLIMIT_').lower()} {_amount(limit)}" for name, limit in system.limits.items())
    lines = [
        ", ".join(f"{name} {version}" for name, version in examination.versions.items()),
        f"{system.system} on {system.machine}, {landlock}, {seccomp}",
        f"a row has {examination.wall_seconds:g} s, and {_amount(examination.reply_bytes)} for its reply",
        f"its process is limited to {', '.join(limits)} s",
        "",
        f"isolation level: {isolation.level}{' (all there is)' if isolation.is_full else ''}",
        *(f"  missing: {gap}" for gap in isolation.gaps),
        "",
        *_table(examination),
        "",
        _verdict(examination),
    ]
    return "\n".join(lines) + "\n"


def _amount(number: int) -> str:
    return f"{number // _MEGABYTE} MiB" if number >= _MEGABYTE else str(number)


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
    if examination.unshown:
        unshown = ", ".join(examination.unshown)
        return f"No layer let anything through that it is there to stop. Not shown on this system: {unshown}."
    return "Every layer that is in place stopped what it is there to stop, alone and together with the others."
