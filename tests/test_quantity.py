"""Numbers of things in words."""

import pytest

from guidex_schema.quantity import quantity


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (1_000, "1,000 rows"), (2_000_001, "2,000,001 rows")],
)
def test_things_are_counted(number: int, said: str) -> None:
    assert quantity(number, "row") == said
    assert quantity(number, "row", "rows of a table") == (said if number == 1 else f"{said} of a table")
