"""How a share is written."""


def share(part: float) -> str:
    """Write a share so that neither a few nor all but a few vanish by rounding."""
    rounded = round(part * 100)
    if rounded == 0 and part > 0:
        return "< 1 %"
    return "> 99 %" if rounded == 100 and part < 1 else f"{rounded} %"
