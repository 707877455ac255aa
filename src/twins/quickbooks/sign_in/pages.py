"""The pages a person sees: the question for consent, and what went wrong. No script, and not to be framed."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined

from twins.http import Response
from twins.quickbooks.sign_in.people import Person
from twins.quickbooks.sign_in.scopes import SCOPES


@dataclass(frozen=True)
class Question:
    """What the consent page shows, and the ticket its answer carries."""

    app: str
    person: Person
    scopes: frozenset[str]
    for_company: bool
    companies: Mapping[str, str]
    chosen: str
    ticket: str
    redirect_uri: str


def consent(question: Question) -> Response:
    """The consent page."""
    rights = [text for scope, text in SCOPES.items() if scope in question.scopes]
    return _page(200, "consent.html", question.redirect_uri, question=question, rights=rights)


def problem(text: str) -> Response:
    """A request that can't be sent back anywhere."""
    return _page(400, "problem.html", "", text=text)


def _page(status: int, template: str, redirect_uri: str, **content: object) -> Response:
    """A page whose form may lead to the redirect address, which browsers count as part of the form's action."""
    target = urlsplit(redirect_uri)
    allowed = f" {target.scheme}://{target.netloc}" if redirect_uri else ""
    policy = (
        f"default-src 'none'; style-src 'sha256-{_style_hash()}'; form-action 'self'{allowed}; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
    headers = {
        "Content-Type": "text/html;charset=utf-8",
        "Content-Security-Policy": policy,
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
    text = _environment().get_template(template).render(style=_style(), **content)
    return Response(status, headers, text.encode())


@cache
def _environment() -> Environment:
    loader = PackageLoader("twins.quickbooks.sign_in", "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined)


@cache
def _style() -> str:
    return _environment().get_template("style.css").render().strip()


@cache
def _style_hash() -> str:
    return base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
