"""Where the vendors' files are: beside this project, or where ML_CONNECTOR_SHARED says."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class MissingSourceError(Exception):
    """A vendor's file is not there, so that nothing can be checked against it. The message says which, and what to set."""


def shared() -> Path:
    """The folder with the vendors' files."""
    return Path(os.environ.get("ML_CONNECTOR_SHARED", ROOT.parent / "shared"))


def vendor_file(*parts: str) -> Path:
    """One of the vendors' files. Raises MissingSourceError."""
    found = shared().joinpath("specs", *parts)
    if not found.is_file():
        raise MissingSourceError(
            f"{'/'.join(parts)} is not at {found}; set ML_CONNECTOR_SHARED to the folder that has it"
        )
    return found
