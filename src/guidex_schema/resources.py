"""Find the folders that stand at the top of the project and travel inside the wheel."""

from pathlib import Path
from typing import Literal

from guidex_schema.error import GuidexError


def folder(name: Literal["prompts", "sandbox"]) -> Path:
    """Give the folder: inside the package where it is installed, beside ``src`` in a checkout.

    Raises:
        GuidexError: the installation lacks it.
    """
    package = Path(__file__).resolve().parent
    for place in (package / name, package.parent.parent / name):
        if place.is_dir():
            return place
    raise GuidexError(f"the folder `{name}` is missing from this installation; install guidex-schema again")
