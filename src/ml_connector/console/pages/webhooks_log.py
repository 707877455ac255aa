"""The log of webhook calls as far as they concern one connection: searched, shown, read once more. No body is ever shown here:
one may speak of several companies."""

from datetime import datetime
from typing import Annotated
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from ml_connector.console import wording
from ml_connector.console.paging import Number, everything_before
from ml_connector.console.screens import Console
from ml_connector.console.trouble import NotFoundError
from ml_connector.model.announcements import instant_of
from ml_connector.model.people import Right
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.deliveries import DeliveryFilter
from ml_connector.store.schema import DeliveryOutcome, System
from ml_connector.work import webhook_log
from ml_connector.work.decisions import DecisionError
from ml_connector.work.settings import decode_settings
from ml_connector.work.webhook_log import DeliveryLine

PAGE = 50
"""Deliveries on one page."""
_CSV = ("number", "came", "times", "system", "outcome", "events", "notices", "problem")


class _Screen:
    """The addresses below /c/{connection}/webhooks."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def list_(
        self, request: Request, connection: str, *, system: str = "", outcome: str = "", text: str = "", since: str = "",
        before: Number = 0, format: str = "",  # noqa: A002
    ) -> Response:  # fmt: skip
        """A page of deliveries, newest first; as CSV all that fit.

        `text` is a record's id, or a kind of record and its id such as "Bill 145".
        """
        row, app = self._console.connection(request, connection), self._console.app
        entity, _, entity_id = text.strip().rpartition(" ")
        wanted = DeliveryFilter(
            system=System(system) if system in set(System) else None,
            outcome=DeliveryOutcome(outcome) if outcome in set(DeliveryOutcome) else None,
            connection_id=row.id, entity=entity, entity_id=entity_id, since=_moment(since, row),
        )  # fmt: skip
        if format == "csv":

            def read(before: int, limit: int) -> list[DeliveryLine]:
                return webhook_log.lines(app.database, wanted, limit=limit, before=before or None)

            rows = map(_csv_row, everything_before(read, lambda one: one.id))
            return self._console.streamed("webhooks.csv", _CSV, rows)
        found = webhook_log.lines(app.database, wanted, limit=PAGE + 1, before=before or None)
        lines = found[:PAGE]
        unreadable = bool(since.strip()) and wanted.since is None
        filters = {"system": system, "outcome": outcome, "text": text, "since": since}
        older = f"?{urlencode(filters | {'before': lines[-1].id})}" if len(found) > PAGE else ""
        return self._console.page(
            request, "operation/webhooks.html", connection=connection, lines=lines, filters=filters, older=older,
            outcomes=list(DeliveryOutcome), unreadable=unreadable,
        )  # fmt: skip

    def show(self, request: Request, connection: str, number: Number) -> Response:
        """One delivery: what it announced to this connection and what became of it."""
        row, app = self._console.connection(request, connection), self._console.app
        found = webhook_log.view(app.database, app.vault, number, connection_id=row.id)
        if found is None:
            raise NotFoundError
        return self._console.page(request, "operation/delivery.html", connection=connection, found=found)

    def replay(self, request: Request, connection: str, number: Number) -> Response:
        """Read what one call announced once more."""
        row, app = self._console.connection(request, connection, Right.DECIDE), self._console.app
        actor = self._console.visitor(request).actor
        came = webhook_log.replay_one(
            app.database, app.vault, number, app.clock.now(), actor=actor, connection_id=row.id
        )
        if came is None:
            raise NotFoundError
        return self._done(
            request, connection, f"{_counted(came.waiting, 'announcement')} will be read once more.", f"/{number}"
        )

    def replay_since(self, request: Request, connection: str, since: Annotated[str, Form()]) -> Response:
        """Read everything once more that came since a moment."""
        row, app = self._console.connection(request, connection, Right.DECIDE), self._console.app
        moment, actor = _moment(since, row), self._console.visitor(request).actor
        if moment is None:
            raise DecisionError(
                "Say from which day or moment on, such as 2026-11-28 or 2026-11-28T09:30. Nothing was changed."
            )
        came = webhook_log.replay_since(
            app.database, app.vault, moment, app.clock.now(), actor=actor, connection_id=row.id
        )
        words = (
            f"{_counted(came.waiting, 'announcement')} of {_counted(came.deliveries, 'call')} will be read once more."
        )
        return self._done(request, connection, words)

    def _done(self, request: Request, connection: str, words: str, more: str = "") -> Response:
        return self._console.done(request, words, to=f"/c/{quote(connection)}/webhooks{more}")


def _moment(text: str, row: ConnectionRow) -> datetime | None:
    """A moment as a person wrote it: in the company's time zone, as all times on a page, unless it names another."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(decode_settings(row.settings).schedule.time_zone))
    return instant_of(moment.isoformat())


def _csv_row(one: DeliveryLine) -> tuple[object, ...]:
    told = wording.notices(one.notices)
    return one.id, one.received_at, one.times, one.system, one.outcome, one.events, told, one.problem


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def router(console: Console) -> APIRouter:
    """GET /c/{connection}/webhooks and one delivery below it; POST to read again."""
    routes, screen = APIRouter(include_in_schema=False), _Screen(console)
    here = "/c/{connection}/webhooks"
    routes.get(here)(screen.list_)
    routes.post(f"{here}/replay")(screen.replay_since)
    routes.get(f"{here}/{{number}}")(screen.show)
    routes.post(f"{here}/{{number}}/replay")(screen.replay)
    return routes
