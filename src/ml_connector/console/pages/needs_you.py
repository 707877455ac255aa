"""What needs somebody: a card for each cause with everything it holds, and the way out right there.

What can be done is a table in `work/needs/remedies.py`, doing it is `work/needs/fixing.py`; here are only the forms.
"""

from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from ml_connector.console.screens import Console
from ml_connector.console.trouble import NotFoundError
from ml_connector.model.holds import Cause
from ml_connector.model.mapping import Dimension
from ml_connector.model.people import Right
from ml_connector.work.alerts import put_away
from ml_connector.work.decisions import Choice
from ml_connector.work.deep_links import list_page
from ml_connector.work.desk import Desk
from ml_connector.work.needs import fixing
from ml_connector.work.needs.cards import RULE, Card, Heap, cards, find, heaps
from ml_connector.work.needs.choices import choices
from ml_connector.work.needs.others import others
from ml_connector.work.needs.remedies import RIGHTS, remedy_of
from ml_connector.work.needs.targets import targets
from ml_connector.work.schedule import ScheduleError
from ml_connector.work.vendors import decisions as vendor_decisions

PAGE = 25
"""Cards on one page."""

Text = Annotated[str, Form()]
Keys = Annotated[list[str] | None, Form()]


class _Screen:
    """The addresses below /c/{connection}/needs-you."""

    def __init__(self, console: Console) -> None:
        self._console = console

    # what is shown

    def list_(self, request: Request, connection: str, page: int = 0, format: str = "") -> Response:  # noqa: A002
        """All causes, a page of cards at a time; as CSV one row for each."""
        with self._console.desk(request, connection) as desk:
            found = heaps(desk)
            shown = cards(desk, found if format == "csv" else found[page * PAGE : (page + 1) * PAGE])
            more = others(desk) if format != "csv" else None
        if format == "csv":
            return self._csv(shown)
        whole: dict[str, Any] = {
            "shown": shown,
            "rule": RULE,
            "total": len(found),
            "number": page,
            "size": PAGE,
            "others": more,
        }
        return self._console.page(request, "needs/page.html", connection=connection, **whole)

    def _csv(self, shown: Sequence[Card]) -> Response:
        header = ("cause", "title", "why", "who", "waiting", "currency", "amount", "since")
        rows = [
            (
                one.cause.cause, one.cause.title, one.cause.why, one.cause.who, one.number, currency,
                str(amount) if amount is not None else "", one.since.isoformat() if one.since else "",
            )
            for one in shown
            for currency, amount in (one.money.items() or [("", None)])
        ]  # fmt: skip
        return self._console.csv("needs-you.csv", header, rows)

    def card(self, request: Request, connection: str, card: str, *, offset: int = 0) -> Response:
        """One cause: its forms and what it holds. As a part of the list, only the forms."""
        with self._console.desk(request, connection) as desk:
            heap = self._heap(desk, card)
            [shown] = cards(desk, [heap])
            remedy = remedy_of(Cause(heap.cause))
            values: dict[str, Any] = {
                "card": shown,
                "remedy": remedy,
                "choices": choices(desk, heap, shown, remedy, offset=offset),
                "acts": {act.name.lower() for act in remedy.acts},
                "rights": {act.name.lower(): right.value for act, right in RIGHTS.items()},
                "quickbooks": list_page(desk.settings.quickbooks, remedy.page),
                "policy": desk.settings.policy,
                "offset": offset,
            }
        if request.headers.get("HX-Request") == "true":
            return self._console.part(request, "needs/fix.html", connection=connection, **values)
        return self._console.page(request, "needs/card.html", connection=connection, **values)

    def targets(self, request: Request, connection: str, dimension: Dimension, target: str = "") -> Response:
        """The records a code may become, as far as it is typed: what a field offers."""
        with self._console.desk(request, connection) as desk:
            found = targets(desk, dimension, target) if target.strip() else []
        return self._console.part(request, "needs/targets.html", connection=connection, found=found)

    # what people do

    def map(
        self, request: Request, connection: str, card: str, *, dimension: Annotated[Dimension, Form()], code: Text,
        target: Text = "", now: Text = "",
    ) -> Response:  # fmt: skip
        """Let a code become a record of QuickBooks."""
        with self._console.desk(request, connection, Right.MAP) as desk:
            heap = self._heap(desk, card)
            words = fixing.map_code(desk, dimension, code, target, actor=self._actor(request))
            words += f" {_planned_again(heap)}"
        return self._done(request, connection, heap, words, now)

    def again(self, request: Request, connection: str, card: str, *, keys: Keys = None, now: Text = "") -> Response:
        """Look again, whatever has changed."""
        with self._console.desk(request, connection, Right.DECIDE) as desk:
            heap = self._heap(desk, card)
            words = fixing.again(desk, heap, keys or (), actor=self._actor(request))
        return self._done(request, connection, heap, words, now)

    def ignore(self, request: Request, connection: str, card: str, *, reason: Text = "", keys: Keys = None) -> Response:
        """Handled elsewhere."""
        with self._console.desk(request, connection, Right.DECIDE) as desk:
            heap = self._heap(desk, card)
            words = fixing.ignore(desk, heap, keys or (), reason=reason, actor=self._actor(request))
        return self._done(request, connection, heap, words)

    def reject(
        self, request: Request, connection: str, card: str, *, reason: Text = "", keys: Keys = None, now: Text = ""
    ) -> Response:
        """Back to Basware."""
        with self._console.desk(request, connection, Right.DECIDE) as desk:
            heap = self._heap(desk, card)
            words = fixing.reject(desk, heap, keys or (), reason=reason, actor=self._actor(request))
        return self._done(request, connection, heap, words, now)

    def decide(
        self, request: Request, connection: str, card: str, *, key: Text, choice: Annotated[Choice, Form()],
        link_to: Text = "", reason: Text = "", now: Text = "",
    ) -> Response:  # fmt: skip
        """One document whose number is taken, or that Basware takes back."""
        with self._console.desk(request, connection, Right.DECIDE) as desk:
            heap = self._heap(desk, card)
            words = fixing.decide(
                desk, key, choice, link_to=link_to if choice is Choice.LINK else "", reason=reason,
                actor=self._actor(request),
            )  # fmt: skip
        return self._done(request, connection, heap, words, now)

    def vendor(
        self, request: Request, connection: str, card: str, *, key: Text, act: Text, quickbooks_id: Text = "",
        now: Text = "",
    ) -> Response:  # fmt: skip
        """Who a vendor of both systems is: one there is, or a new one."""
        with self._console.desk(request, connection, Right.MAP) as desk:
            heap, actor = self._heap(desk, card), self._actor(request)
            if act == "create":
                pair = vendor_decisions.create(desk, key, actor=actor)
                words = f"{pair.name} will be created in QuickBooks in the next run."
            else:
                pair = vendor_decisions.link(desk, key, quickbooks_id, actor=actor)
                words = f"{pair.name} is vendor {quickbooks_id} of QuickBooks."
        return self._done(request, connection, heap, words, now)

    def bank(
        self, request: Request, connection: str, card: str, *, key: Text, act: Text, reason: Text = "", now: Text = ""
    ) -> Response:
        """New bank details: right or wrong."""
        with self._console.desk(request, connection, Right.DECIDE) as desk:
            heap, actor = self._heap(desk, card), self._actor(request)
            decide = vendor_decisions.approve_bank if act == "approve" else vendor_decisions.reject_bank
            pair = decide(desk, key, reason=reason, actor=actor)
        told = "approved" if act == "approve" else "rejected: the approved ones are put back"
        return self._done(request, connection, heap, f"The bank details of {pair.name} are {told}.", now)

    def first_open_day(
        self, request: Request, connection: str, card: str, *, reason: Text = "", now: Text = ""
    ) -> Response:
        """Closed books: post on the first open day."""
        with self._console.desk(request, connection, Right.ADMINISTER) as desk:
            heap = self._heap(desk, card)
            words = fixing.first_open_day(desk, reason=reason, actor=self._actor(request))
            words += f" {_planned_again(heap)}"
        return self._done(request, connection, heap, words, now)

    def put_away(self, request: Request, connection: str, number: int, reason: Text = "") -> Response:
        """An alert is dealt with."""
        row, app = self._console.connection(request, connection, Right.DECIDE), self._console.app
        put_away(app.database, row, number, reason=reason, actor=self._actor(request), now=app.clock.now())
        return self._console.done(request, "Put away.", to=f"/c/{quote(connection)}/needs-you")

    # shared

    @staticmethod
    def _heap(desk: Desk, card: str) -> Heap:
        found = find(desk, card)
        if found is None:
            raise NotFoundError
        return found

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


def _planned_again(heap: Heap) -> str:
    if heap.number == 1:
        return "What it held will be planned again by itself."
    return f"All {heap.number} that it held will be planned again by themselves."


def router(console: Console) -> APIRouter:
    """GET /c/{connection}/needs-you and the cards below it, and what people do there."""
    routes, screen = APIRouter(include_in_schema=False), _Screen(console)
    here = "/c/{connection}/needs-you"
    routes.get(here)(screen.list_)
    routes.get(f"{here}/targets")(screen.targets)
    routes.get(f"{here}/{{card}}")(screen.card)
    routes.post(f"{here}/alerts/{{number}}")(screen.put_away)
    for act, does in (
        ("map", screen.map), ("again", screen.again), ("ignore", screen.ignore), ("reject", screen.reject),
        ("decide", screen.decide), ("vendor", screen.vendor), ("bank", screen.bank),
        ("first-open-day", screen.first_open_day),
    ):  # fmt: skip
        routes.post(f"{here}/{{card}}/{act}")(does)
    return routes
