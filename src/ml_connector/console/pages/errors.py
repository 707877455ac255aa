"""A page for each cause that can hold something: what one sees, why, how it is fixed. The words are those of `error_pages/`.

And one for each kind of error of the API, whose problems link to it; those are for anybody, as the API's own document is.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response
from markdown_it import MarkdownIt
from markdown_it.token import Token

from ml_connector.console.api.problems import ABOUT, Kind
from ml_connector.console.screens import Console
from ml_connector.console.trouble import NotFoundError
from ml_connector.model.holds import Cause
from ml_connector.model.people import Right
from ml_connector.work.needs.cards import cards_of
from ml_connector.work.needs.explained import INDEX, page_text
from ml_connector.work.needs.remedies import WORDS, remedy_of

_MOST = 25
"""Connections whose own pages are named."""


class Explained(NamedTuple):
    """A page as HTML of our own: nothing in it comes from either system. `title` is its first heading."""

    title: str
    body: str


@cache
def explained(name: str, base: str) -> Explained | None:
    """The page of a cause, None where there is none. `base`: where the pages are, as a browser has to write it."""
    text = page_text(name)
    if text is None:
        return None
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(text)
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


class Place(NamedTuple):
    """Where a cause can be put right in one connection: its cards with how much each holds, and the pages of the settings that
    decide about it."""

    connection: str
    cards: Mapping[str, int]
    settings: tuple[tuple[str, str], ...]


class Here(NamedTuple):
    """The console's own way out of a cause."""

    acts: tuple[str, ...]
    places: tuple[Place, ...]


def _here(console: Console, request: Request, cause: Cause) -> Here:
    visitor, remedy = console.visitor(request), remedy_of(cause)
    places = []
    with console.app.database.read() as tx:
        for row in console.visible(visitor)[:_MOST]:
            able = Right.ADMINISTER in visitor.rights(row.id)
            settings = tuple((_label(one), _address(row.name, one)) for one in remedy.settings) if able else ()
            places.append(Place(row.name, cards_of(tx, row.id, cause), settings))
    acts = tuple(dict.fromkeys(WORDS[act] for act in remedy.acts))
    return Here(acts, tuple(one for one in places if one.cards or one.settings))


def _label(setting: str) -> str:
    return setting.rpartition(".")[2].replace("_", " ").capitalize()


def _address(connection: str, setting: str) -> str:
    subject = setting.rpartition(".")[0]
    return f"/c/{quote(connection)}/settings?subject={subject}#set-{setting.replace('.', '-')}"


def router(console: Console) -> APIRouter:
    """GET /errors and /errors/{cause}, GET /errors/api and /errors/api/{kind}."""
    routes = APIRouter(include_in_schema=False)

    def page(request: Request, name: str) -> Response:
        console.visitor(request)
        found = explained(name, console.url("/errors"))
        if found is None:
            raise NotFoundError
        here = None if name == INDEX else _here(console, request, Cause(name))
        return console.page(request, "errors/page.html", explained=found, is_index=name == INDEX, here=here)

    @routes.get("/errors")
    def index(request: Request) -> Response:
        """All causes."""
        return page(request, INDEX)

    @routes.get("/errors/api")
    def kinds(request: Request) -> Response:
        """All kinds of errors of the API."""
        return console.page(request, "errors/api.html", kinds=ABOUT, title="Errors of the API")

    @routes.get("/errors/api/{kind}")
    def kind(request: Request, kind: str) -> Response:
        """One kind."""
        if kind not in set(Kind):
            raise NotFoundError
        about = ABOUT[Kind(kind)]
        return console.page(request, "errors/api.html", kinds={Kind(kind): about}, title=about.title)

    @routes.get("/errors/{cause}")
    def cause(request: Request, cause: str) -> Response:
        """One cause."""
        return page(request, "" if cause == INDEX else cause)

    return routes
