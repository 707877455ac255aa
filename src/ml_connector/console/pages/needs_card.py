"""The page of one cause: its forms, what it holds, and what becomes of a form that was sent.

What can be done is a table in `work/needs/remedies.py`; the forms' own meaning is in `needs_you.py`.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import Response

from ml_connector.console.paging import Number
from ml_connector.console.screens import Console
from ml_connector.console.trouble import NotFoundError
from ml_connector.model.holds import Cause
from ml_connector.model.people import Right
from ml_connector.work.decisions import DecisionError
from ml_connector.work.deep_links import list_page
from ml_connector.work.desk import Desk
from ml_connector.work.mapping_tables import MappingTableError
from ml_connector.work.needs import fixing
from ml_connector.work.needs.cards import Heap, cards, find
from ml_connector.work.needs.choices import choices
from ml_connector.work.needs.remedies import RIGHTS, remedy_of
from ml_connector.work.schedule import ScheduleError
from ml_connector.work.settings import SettingsError
from ml_connector.work.settings_views import setting_views

_CARD = re.compile(r"[0-9a-f]{24}")

Do = Callable[[Desk, Heap, str], str]
"""Does something about a cause for a person, whose name for the audit comes last; says what came of it."""


class CardPage:
    """GET of one card, and what every form on it has in common."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def card(self, request: Request, connection: str, card: str, *, offset: Number = 0) -> Response:
        """One cause: its forms and what it holds. As a part of the list, only the forms."""
        with self._console.desk(request, connection) as desk:
            heap = find(desk, card)
            if heap is None:
                return self._over(request, connection, card)
            return self.shown(request, connection, desk, heap, offset=offset)

    def shown(
        self, request: Request, connection: str, desk: Desk, heap: Heap, *, offset: int = 0, problem: str = "",
        entered: Mapping[str, str] | None = None,
    ) -> Response:  # fmt: skip
        [shown] = cards(desk, [heap])
        remedy = remedy_of(Cause(heap.cause))
        values: dict[str, Any] = {
            "card": shown,
            "remedy": remedy,
            "choices": choices(desk, heap, shown, remedy, offset=offset),
            "acts": {act.name.lower() for act in remedy.acts},
            "rights": {act.name.lower(): right.value for act, right in RIGHTS.items()},
            "quickbooks": list_page(desk.settings.quickbooks, remedy.page),
            "settings": setting_views(desk.settings, remedy.settings) if remedy.settings else {},
            "offset": offset,
            "problem": problem,
            "entered": entered or {},
        }
        if request.headers.get("HX-Request") == "true":
            return self._console.part(request, "needs/fix.html", connection=connection, **values)
        status = 422 if problem else 200
        return self._console.page(request, "needs/card.html", connection=connection, status=status, **values)

    def do(  # noqa: PLR0917
        self, request: Request, connection: str, card: str, right: Right, do: Do,
        now: str = "", entered: Mapping[str, str] | None = None,
    ) -> Response:  # fmt: skip
        """Do something about a cause. What cannot be done comes back on its page, with what was typed still there."""
        with self._console.desk(request, connection, right) as desk:
            heap = find(desk, card)
            if heap is None:
                return self._over(request, connection, card)
            try:
                words = do(desk, heap, self._actor(request))
            except (DecisionError, MappingTableError, SettingsError) as error:
                return self.shown(request, connection, desk, heap, problem=str(error), entered=entered)
        return self._done(request, connection, heap, words, now)

    def _over(self, request: Request, connection: str, card: str) -> Response:
        """The cause is gone: somebody put it right, or everything it held went on."""
        if not _CARD.fullmatch(card):
            raise NotFoundError
        words = (
            "Nothing waits for that cause any more: somebody has put it right meanwhile, or what it held went on by itself. "
            "Nothing was changed."
        )
        return self._console.done(request, words, to=f"/c/{quote(connection)}/needs-you")

    def _actor(self, request: Request) -> str:
        return self._console.visitor(request).actor

    def _done(self, request: Request, connection: str, heap: Heap, words: str, now: str = "") -> Response:
        """Back to the list with the words. `now`: the person wants the next run at once."""
        if now:
            row = self._console.connection(request, connection, Right.DECIDE)
            app = self._console.app
            try:
                fixing.run_now(app.database, row, fixing.jobs_of(heap), actor=self._actor(request), now=app.clock.now())
                words += " It runs now."
            except ScheduleError as error:  # what was decided stays decided
                words += f" {error}"
        return self._console.done(request, words, to=f"/c/{quote(connection)}/needs-you")
