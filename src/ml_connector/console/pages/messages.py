"""Who is told outside the console: addresses of a connection, added, tried out and removed, and what they were sent last.

An address holds secrets: it is sealed at once and never comes back to a page.
"""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from ml_connector.app.messenger import TargetError
from ml_connector.console.paging import everything_before
from ml_connector.console.screens import Console
from ml_connector.console.trouble import NotFoundError
from ml_connector.model.people import Right
from ml_connector.store import messages
from ml_connector.store.messages import MessageRow
from ml_connector.work.messages.courier import TRIAL, DeliveryError
from ml_connector.work.messages.noticing import settings_of
from ml_connector.work.messages.targets import NotifyError, add_target, note_trial, remove_target, target_lines

_SHOWN = 50
_CSV = ("stored at", "target", "title", "status", "tries", "sent at", "problem")


def router(console: Console) -> APIRouter:
    """The addresses below /c/{connection}/messages."""
    routes = APIRouter(prefix="/c/{connection}/messages", include_in_schema=False)
    screen = _Screen(console)
    routes.get("")(screen.show)
    routes.post("")(screen.add)
    routes.post("/{target}/remove")(screen.remove)
    routes.post("/{target}/test")(screen.test)
    return routes


class _Screen:
    def __init__(self, console: Console) -> None:
        self._console, self._app = console, console.app

    def show(self, request: Request, connection: str, format: str = "") -> Response:  # noqa: A002
        """Targets, and the last messages; as CSV all messages."""
        row = self._console.connection(request, connection, Right.ADMINISTER)
        lines = target_lines(self._app.database, row)
        names = {line.id: line.target for line in lines}

        def read(before: int, limit: int) -> list[MessageRow]:
            with self._app.database.read() as tx:
                return messages.listing(tx, row.id, limit=limit, before=before or None)

        if format == "csv":
            rows = (
                (
                    one.created_at, names.get(one.target_id, one.target_id), one.title, one.state, one.tries,
                    one.sent_at or "", one.problem,
                )
                for one in everything_before(read, lambda one: one.id)
            )  # fmt: skip
            return self._console.streamed("messages.csv", _CSV, rows)
        sent = read(0, _SHOWN)
        settings = settings_of(row)
        return self._console.page(
            request, "messages/targets.html", connection=connection, place=self._place(connection), lines=lines, sent=sent,
            names=names, wishes=settings.messages if settings else None,
        )  # fmt: skip

    def add(self, request: Request, connection: str, address: Annotated[str, Form()] = "") -> Response:
        """Have an address told of this connection."""
        row = self._console.connection(request, connection, Right.ADMINISTER)
        try:
            line = add_target(
                self._app.database, self._app.vault, row, address.strip(),
                shown=self._app.messenger.shown(address.strip()), target_id=self._app.new_id().hex[:8],
                actor=self._console.visitor(request).actor, now=self._app.clock.now(),
            )  # fmt: skip
        except TargetError as error:
            raise NotifyError(str(error)) from error
        words = f"{line.target} is told from now on. Send a trial to see whether it arrives."
        return self._console.done(request, words, to=self._place(connection))

    def remove(self, request: Request, connection: str, target: str) -> Response:
        """Tell an address nothing more."""
        row = self._console.connection(request, connection, Right.ADMINISTER)
        actor, now = self._console.visitor(request).actor, self._app.clock.now()
        gone = remove_target(self._app.database, row, target, actor=actor, now=now)
        return self._console.done(request, f"{gone.shown} is told nothing more.", to=self._place(connection))

    def test(self, request: Request, connection: str, target: str) -> Response:
        """Send a trial now."""
        row = self._console.connection(request, connection, Right.ADMINISTER)
        if target not in {one.id for one in target_lines(self._app.database, row)}:
            raise NotFoundError
        with self._app.database.read() as tx:
            address = messages.address(tx, self._app.vault, target)
        if address is None:
            raise NotFoundError
        actor, now, told = self._console.visitor(request).actor, self._app.clock.now(), "taken"
        try:
            self._app.messenger.deliver(address.reveal(), TRIAL.title, TRIAL.body)
        except DeliveryError as error:
            told = f"not sent: {error}"
            raise NotifyError(f"The trial was not sent: {error}.") from error
        finally:
            note_trial(self._app.database, row, target, actor=actor, now=now, told=told)
        words = "The trial was taken. Look whether it arrived."
        return self._console.done(request, words, to=self._place(connection))

    @staticmethod
    def _place(connection: str) -> str:
        return f"/c/{quote(connection)}/messages"
