"""The page as a service: which address shows what, for GET only, to programs and browsers of this machine.

No script, nothing from elsewhere, no form but for searching; what a browser may do with it is said in its headers.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from twins.control import refuse_strangers
from twins.controls.answers import ControlError
from twins.http import Request, Response
from twins.keep import Story
from twins.page import shown, views

_HERE = Path(__file__).parent

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}

_VIEWS: Mapping[str, tuple[str, Callable[[views.Visit], Mapping[str, Any]]]] = {
    "": ("overview.html", views.overview),
    "documents": ("documents.html", views.documents),
    "document": ("document.html", views.document),
    "vendors": ("vendors.html", views.vendors),
    "ledger": ("ledger.html", views.ledger),
    "postings": ("postings.html", views.postings),
    "requests": ("requests.html", views.requests),
    "request": ("request.html", views.request),
    "notifications": ("notifications.html", views.notifications),
}

_REFRESH = ("5", "15", "60")


class Page:
    """Shows a story. It reads both twins through their panels, and keeps nothing but what it worked out last."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self._matched = views.Matched()
        self._style = (_HERE / "style.css").read_bytes()
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
            lstrip_blocks=True,
        )  # fmt: skip
        self._templates.filters |= {"amount": shown.amount, "instant": shown.instant, "pretty": shown.pretty}

    def handle(self, request: Request) -> Response:
        """Answer a request with a page."""
        try:
            return self._answer(request)
        except ControlError as error:
            return _html(error.status, self._templates.get_template("error.html").render(error=error))

    def _answer(self, request: Request) -> Response:
        refuse_strangers(request)
        if request.method not in {"GET", "HEAD"}:
            raise ControlError("nothing can be changed here", "the page only shows", status=405)
        if request.path == "/style.css":
            return Response(200, {**HEADERS, "Content-Type": "text/css; charset=utf-8"}, self._style)
        return self._shown(request)

    def _shown(self, request: Request) -> Response:
        found = _VIEWS.get(request.path.strip("/"))
        if found is None:
            raise ControlError("there is no such page", request.path, "go back to the overview", status=404)
        template, view = found
        visit = views.Visit(self._story, request, self._matched)
        content = view(visit)
        return _html(200, self._templates.get_template(template).render(**self._frame(visit), **content))

    def _frame(self, visit: views.Visit) -> dict[str, Any]:
        """What every page shows around its content."""
        refresh = visit.request.parameter("refresh")
        return {
            "clock": views.clock(visit.story),
            "faults": views.faults(visit.story),
            "visit": visit,
            "here": visit.request.path.strip("/"),
            "refresh": refresh if refresh in _REFRESH else "",
            "refreshes": _REFRESH,
        }


def _html(status: int, text: str) -> Response:
    return Response(status, {**HEADERS, "Content-Type": "text/html; charset=utf-8"}, text.encode())
