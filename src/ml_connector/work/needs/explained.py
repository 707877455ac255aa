"""The pages that tell the longer story of each cause, as they are shipped with the program: Markdown, read and never written."""

import re
from importlib.resources import files

INDEX = "README"
"""The page that lists all others."""
_NAME = re.compile(r"(?=.{1,60}\Z)[a-z]+(-[a-z]+)*")


def page_text(name: str) -> str | None:
    """The page of a cause, or INDEX; None where there is none of that name."""
    page = files("ml_connector") / "error_pages" / f"{name}.md"
    if (name != INDEX and not _NAME.fullmatch(name)) or not page.is_file():
        return None
    return page.read_text(encoding="utf-8")
