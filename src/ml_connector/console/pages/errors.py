"""A page for each cause that can hold something: what one sees, why, how it is fixed. The words are those of `error_pages/`."""

import re
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from fastapi import APIRouter, Request
from fastapi.responses import Response
from markdown_it import MarkdownIt
from markdown_it.token import Token

from ml_connector.console.screens import Console
from ml_connector.console.trouble import NotFoundError

INDEX = "README"
_NAME = re.compile(r"[a-z]+(-[a-z]+)*")


class Explained(NamedTuple):
    """A page as HTML of our own: nothing in it comes from either system. `title` is its first heading."""

    title: str
    body: str


@cache
def explained(name: str, base: str) -> Explained | None:
    """The page of a cause, None where there is none. `base`: where the pages are, as a browser has to write it."""
    page = files("ml_connector") / "error_pages" / f"{name}.md"
    if (name != INDEX and not _NAME.fullmatch(name)) or not page.is_file():
        return None
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(page.read_text(encoding="utf-8"))
    heading = next(at for at, token in enumerate(tokens) if token.type == "heading_open")
    title = tokens[heading + 1].content
    rest = tokens[heading + 3 :]
    for token in rest:
        if token.type == "table_open":
            token.attrJoin("class", "table")
        token.children = _linked(token.children, base) if token.children else token.children
    return Explained(title, markdown.renderer.render(rest, markdown.options, {}))


def _linked(tokens: list[Token], base: str) -> list[Token]:
    """Links between the pages lead to our addresses; those to documents that are not shipped are plain words."""
    kept, dropped = list[Token](), 0
    for token in tokens:
        if token.type == "link_open":
            target = _target(str(token.attrGet("href") or ""), base)
            if target is None:
                dropped += 1
                continue
            token.attrSet("href", target)
        elif token.type == "link_close" and dropped:
            dropped -= 1
            continue
        kept.append(token)
    return kept


def _target(link: str, base: str) -> str | None:
    path, _, anchor = link.partition("#")
    if link.startswith("https://"):
        return link
    if not re.fullmatch(r"[A-Za-z-]+\.md", path):
        return None
    page = "" if path == f"{INDEX}.md" else f"/{path.removesuffix('.md')}"
    return f"{base}{page}{'#' + anchor if anchor else ''}"


def router(console: Console) -> APIRouter:
    """GET /errors and /errors/{cause}."""
    routes = APIRouter(include_in_schema=False)

    def page(request: Request, name: str) -> Response:
        console.visitor(request)
        found = explained(name, console.url("/errors"))
        if found is None:
            raise NotFoundError
        return console.page(request, "errors/page.html", explained=found, is_index=name == INDEX)

    @routes.get("/errors")
    def index(request: Request) -> Response:
        """All causes."""
        return page(request, INDEX)

    @routes.get("/errors/{cause}")
    def cause(request: Request, cause: str) -> Response:
        """One cause."""
        return page(request, "" if cause == INDEX else cause)

    return routes
