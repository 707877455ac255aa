"""The sentence behind every setting, read from the page that explains them: docs/connect.md is their only place.

The page's tables are checked against the program, so that whatever is found here belongs to a setting there is. `handbook/` has the
page: a link to it in the source tree, a copy in an installed package.
"""

import re
from functools import cache
from pathlib import Path

import msgspec

_PAGE = Path(__file__).parents[1] / "handbook" / "connect.md"
_HEADING = re.compile(r"^### `\[+([a-z_.<>]+)\]+`\n(.*?)(?=^#|\Z)", re.MULTILINE | re.DOTALL)
_ROW = re.compile(r"^\| `([^`]+)` \| (.+?) \| (.+?) \|$", re.MULTILINE)
_SECRETS = re.compile(r"^### Secrets\n(.*?)(?=^#)", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A section of a connection file: what it is about, and the sentence of each setting, in the page's order."""

    intro: str
    sentences: dict[str, str]


class PageMissingError(Exception):
    """The page with the texts is not installed beside the program."""

    def __init__(self) -> None:
        super().__init__(
            "The page connect.md, which explains every setting, is not beside the program (ml_connector/handbook). "
            "Install ml-connector again, with its documents."
        )


@cache
def sections() -> dict[str, Section]:
    """Every section by its name, such as `quickbooks.limits`. Raises PageMissingError."""
    return {name: _section(body) for name, body in _HEADING.findall(_page())}


@cache
def secret_sentences() -> dict[str, str]:
    """What each secret is, by its field, such as `basware.client_secret`. Raises PageMissingError."""
    found = _SECRETS.search(_page())
    rows = _ROW.findall(found[1]) if found else []
    return {f"{part.strip('`[]')}.{name}": plain(told) for name, part, told in rows}


def plain(text: str) -> str:
    """Markdown as a sentence: links by their words, names without marks, the first letter a capital."""
    words = _LINK.sub(r"\1", text).replace("`", "").replace("**", "").strip()
    return words[:1].upper() + words[1:]


def _section(body: str) -> Section:
    before, _, table = body.partition("\n| ")
    paragraphs = [" ".join(one.split()) for one in before.split("\n\n") if one.strip()]
    return Section(
        intro=plain(paragraphs[0]) if paragraphs else "",
        sentences={name: plain(told) for name, _, told in _ROW.findall(f"\n| {table}")},
    )


def _page() -> str:
    try:
        return _PAGE.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise PageMissingError from error
