"""Connections as cards, and one of them: whether it works line by line, connecting, disconnecting, pausing, help with webhooks.

Decides nothing: the sign-in is `work/sign_in/`, pausing is `work/schedule.py`, the report `work/ping.py`.
"""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from ml_connector.app import set_up
from ml_connector.console.formats import Formats
from ml_connector.console.pages.came_back import words_of
from ml_connector.console.screens import Console
from ml_connector.model.people import Right
from ml_connector.store.connections import ConnectionRow
from ml_connector.work.connection_cards import card_of, detail_of
from ml_connector.work.people.directory import administers_everything
from ml_connector.work.ping import Check
from ml_connector.work.schedule import pause, resume
from ml_connector.work.settings import MissingSecretError
from ml_connector.work.sign_in.links import CALLBACK, Link
from ml_connector.work.sign_in.outcomes import Outcome
from ml_connector.work.webhook_setup import quickbooks as quickbooks_webhooks
from ml_connector.work.webhook_setup.office import WebhookSetupError
from ml_connector.work.webhook_setup.quickbooks import QuickBooksWebhook


def router(console: Console) -> APIRouter:
    """GET /connections and everything under /c/{connection}/connection."""
    routes, screen = APIRouter(include_in_schema=False), _Screen(console)
    routes.get("/connections")(screen.list_all)
    routes.get("/c/{connection}/connection")(screen.show)
    routes.post("/c/{connection}/connection/check")(screen.check)
    routes.post("/c/{connection}/connection/connect")(screen.connect)
    routes.post("/c/{connection}/connection/disconnect")(screen.disconnect)
    routes.post("/c/{connection}/connection/pause")(screen.pause)
    routes.post("/c/{connection}/connection/resume")(screen.resume)
    return routes


class _Screen:
    def __init__(self, console: Console) -> None:
        self._console, self._app = console, console.app

    def list_all(self, request: Request, format: str = "") -> Response:  # noqa: A002 - the name in the address
        """Every connection the visitor has a role in, as a card."""
        visitor = self._console.visitor(request)
        with self._app.database.read() as tx:
            cards = [card_of(tx, row) for row in self._console.visible(visitor)]
        if format == "csv":
            header = ("Connection", "Company", "Basware companies", "Status", "Reason", "Last run", "Alerts")
            rows = [
                (one.name, one.company, ", ".join(one.company_codes), one.status, one.reason, one.last_run or "", one.alerts)
                for one in cards
            ]  # fmt: skip
            return self._console.csv("connections.csv", header, rows)
        return self._console.page(
            request, "connections/list.html", cards=cards, may_add=administers_everything(visitor),
            moment=lambda card: Formats(country=card.country, time_zone=card.time_zone, zone_told=True).moment(card.last_run),
        )  # fmt: skip

    def show(self, request: Request, connection: str, outcome: str = "") -> Response:
        """One connection; for somebody who has come back from Intuit with what came of it."""
        return self._shown(request, self._console.connection(request, connection), outcome=outcome)

    def check(self, request: Request, connection: str) -> Response:
        """Ask both systems whether it works, and show each answer. Like a run it spends of the budgets, so a look is not enough."""
        row = self._console.connection(request, connection, Right.DECIDE)
        return self._shown(request, row, checks=set_up.check(self._app, row, self._console.visitor(request)))

    def connect(self, request: Request, connection: str, then: Annotated[str, Form()] = "connect") -> Response:
        """Off to Intuit; or a link for whoever administers the QuickBooks company."""
        row = self._console.connection(request, connection, Right.ADMINISTER)
        link = link_for(self._console, request, row)
        if then == "link":
            return self._shown(request, row, link=link)
        return to_intuit(self._console, request, row, link)

    def disconnect(self, request: Request, connection: str, reason: Annotated[str, Form()] = "") -> Response:
        """Give the sign-in back to Intuit."""
        row = self._console.connection(request, connection, Right.ADMINISTER)
        told = set_up.disconnect(self._app, row, reason=reason, actor=self._console.visitor(request).actor)
        return self._done(request, row, f"{row.name} is disconnected from QuickBooks: {told}. What waits is kept.")

    def pause(self, request: Request, connection: str, reason: Annotated[str, Form()] = "") -> Response:
        """Let nothing of it start by itself."""
        row = self._console.connection(request, connection, Right.DECIDE)
        actor, now = self._console.visitor(request).actor, self._app.clock.now()
        pause(self._app.database, row, None, reason=reason, actor=actor, now=now)
        return self._done(request, row, f"{row.name} is paused. What waits is kept; the sign-in is kept alive.")

    def resume(self, request: Request, connection: str) -> Response:
        """Let it go on."""
        row = self._console.connection(request, connection, Right.DECIDE)
        actor, now = self._console.visitor(request).actor, self._app.clock.now()
        still = resume(self._app.database, row, None, reason="", actor=actor, now=now)
        left = f" Still paused by themselves: {', '.join(still)}." if still else ""
        return self._done(request, row, f"{row.name} goes on.{left}")

    def _done(self, request: Request, row: ConnectionRow, words: str) -> Response:
        return self._console.done(request, words, to=f"/c/{row.name}/connection")

    def _shown(
        self, request: Request, row: ConnectionRow, *, checks: Sequence[Check] | None = None, link: Link | None = None,
        outcome: str = "",
    ) -> Response:  # fmt: skip
        with self._app.database.read() as tx:
            detail = detail_of(tx, row)
        webhooks, no_webhooks = self._webhooks(row)
        return self._console.page(
            request, "connections/show.html", connection=row.name, detail=detail, webhooks=webhooks,
            no_webhooks=no_webhooks, redirect_uri=f"{public_url(self._console, request)}{CALLBACK}", checks=checks, link=link,
            came_back=words_of(outcome), connected=outcome == Outcome.CONNECTED,
        )  # fmt: skip

    def _webhooks(self, row: ConnectionRow) -> tuple[QuickBooksWebhook | None, str]:
        """How QuickBooks' webhooks are set up, or why they cannot be yet."""
        try:
            with self._app.webhook_office(row) as office:
                return quickbooks_webhooks.state_of(office), ""
        except (WebhookSetupError, MissingSecretError) as error:
            return None, str(error)


def public_url(console: Console, request: Request) -> str:
    """Where browsers reach this installation: as it was set, else on this very machine. Empty where nobody said.

    What a request calls us is believed of loopback only: anybody can write anything there.
    """
    here = request.base_url
    return console.app.public_url or (str(here).rstrip("/") if here.hostname in {"localhost", "127.0.0.1"} else "")


def to_intuit(console: Console, request: Request, row: ConnectionRow, link: Link) -> Response:
    """A page of ours that goes on to Intuit by itself.

    Not a redirect: this answers a form, and browsers hold the redirects of a form to the policy's form-action, which names nobody
    but ourselves.
    """
    return console.page(request, "connections/onward.html", connection=row.name, link=link)


def link_for(console: Console, request: Request, row: ConnectionRow) -> Link:
    """A link to connect QuickBooks, asked for by this visitor. Raises SettingsError without the app's keys or our own address."""
    where, actor = public_url(console, request), console.visitor(request).actor
    return set_up.link_to_connect(console.app, row, where, actor=actor)
