"""Numbers of things in words."""


def quantity(number: int, one: str, many: str | None = None) -> str:
    """Say how many there are, as in ``1 row`` and ``2,000 rows``.

    Args:
        number: how many, at least 0.
        one: the word for one of them.
        many: the word for any other number of them; ``one`` with an s behind it unless given.
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"
