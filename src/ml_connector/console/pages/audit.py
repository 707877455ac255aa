"""The audit: who did what, when and why; searched by what it was about, by person, action and day."""

from datetime import date
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from ml_connector.console.paging import Number
from ml_connector.console.screens import Console
from ml_connector.work.audit_views import AuditFilter, AuditLine, audit_page, shown_change, whole_audit
from ml_connector.work.company import company_of
from ml_connector.work.desk import Desk

_CSV = ("at", "who", "what", "about", "invoice", "reason", "before", "after", "request id", "reference")


def router(console: Console) -> APIRouter:
    """GET /c/{connection}/audit."""
    routes = APIRouter(include_in_schema=False)
    routes.get("/c/{connection}/audit")(_Screen(console).list_)
    return routes


class _Screen:
    def __init__(self, console: Console) -> None:
        self._console = console

    def list_(  # noqa: PLR0917
        self,
        request: Request,
        connection: str,
        text: str = "",
        person: str = "",
        action: str = "",
        since: str = "",
        until: str = "",
        before: Number | None = None,
        format: str = "",  # noqa: A002
    ) -> Response:
        """A page of entries; as CSV all that fit."""
        days = {"since": _day(since), "until": _day(until)}
        wanted = AuditFilter(subject=text.strip(), actor=person, action=action, **days)
        if format == "csv":
            return self._console.table(
                request,
                connection,
                "audit.csv",
                _CSV,
                lambda desk: map(_csv_row, whole_audit(desk, wanted, _zone(desk))),
            )
        with self._console.desk(request, connection) as desk:
            zone = _zone(desk)
            page = audit_page(desk, wanted, zone, before_id=before)
        asked = {"text": text, "person": person, "action": action, "since": since, "until": until}
        values: dict[str, Any] = {
            "shown": page,
            "asked": asked,
            "unreadable": [name for name, value in days.items() if asked[name] and value is None],
            "place": f"/c/{quote(connection)}/audit",
            "documents": f"/c/{quote(connection)}/documents",
            "shown_text": shown_change,
            "older": "?"
            + urlencode({name: value for name, value in asked.items() if value} | {"before": page.older or 0}),
        }
        return self._console.page(request, "audit/list.html", connection=connection, **values)


def _zone(desk: Desk) -> str:
    with desk.database.read() as tx:
        return company_of(tx, desk.connection_id, desk.settings).time_zone


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _csv_row(line: AuditLine) -> tuple[object, ...]:
    return (
        line.at, line.actor, line.action, line.subject, line.invoice_number, line.reason,
        shown_change(line.before), shown_change(line.after),
        line.request_id, line.trace,
    )  # fmt: skip
