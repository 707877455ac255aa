"""What needs somebody: a card for each cause with everything it holds, and the way out right there.

What can be done is a table in `work/needs/remedies.py`, doing it is `work/needs/fixing.py`; here are only the forms.
"""

from collections.abc import Iterator
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from ml_connector.console.forms import Fields, day_of
from ml_connector.console.pages.needs_card import CardPage
from ml_connector.console.pages.settings import save_settings
from ml_connector.console.paging import Number
from ml_connector.console.screens import Console
from ml_connector.model.holds import Cause
from ml_connector.model.mapping import Dimension
from ml_connector.model.people import Right
from ml_connector.store.rows import chunks
from ml_connector.work.alerts import put_away
from ml_connector.work.decisions import Choice
from ml_connector.work.desk import Desk
from ml_connector.work.mapping_tables import MappingTableError, find_target
from ml_connector.work.needs import fixing
from ml_connector.work.needs.cards import RULE, Heap, cards, heaps, heaps_page
from ml_connector.work.needs.others import others
from ml_connector.work.needs.remedies import remedy_of
from ml_connector.work.needs.targets import one_list, targets
from ml_connector.work.vendors import decisions as vendor_decisions

PAGE = 25
"""Cards on one page."""

Text = Annotated[str, Form()]
Keys = Annotated[list[str] | None, Form()]


_CSV = ("cause", "title", "why", "who", "waiting", "currency", "amount", "since")


def _csv_rows(desk: Desk) -> Iterator[tuple[object, ...]]:
    for some in chunks(heaps(desk), PAGE):
        for one in cards(desk, some):
            for currency, amount in one.money.items() or [("", None)]:
                yield (
                    one.cause.cause, one.cause.title, one.cause.why, one.cause.who, one.number, currency,
                    str(amount) if amount is not None else "", one.since.isoformat() if one.since else "",
                )  # fmt: skip


class _Screen(CardPage):
    """The addresses below /c/{connection}/needs-you."""

    # what is shown

    def list_(self, request: Request, connection: str, page: Number = 0, format: str = "") -> Response:  # noqa: A002
        """All causes, a page of cards at a time; as CSV one row for each."""
        if format == "csv":
            return self._console.table(request, connection, "needs-you.csv", _CSV, _csv_rows)
        with self._console.desk(request, connection) as desk:
            page = max(page, 0)
            found, total = heaps_page(desk, page * PAGE, PAGE)
            shown, more = cards(desk, found), others(desk)
        whole: dict[str, Any] = {
            "shown": shown,
            "rule": RULE,
            "total": total,
            "number": page,
            "size": PAGE,
            "others": more,
        }
        return self._console.page(request, "needs/page.html", connection=connection, **whole)

    def targets(self, request: Request, connection: str, dimension: Dimension, target: str = "") -> Response:
        """The records a code may become, as far as it is typed: what a field offers."""
        fields = {name: text for name, text in request.query_params.items() if name not in {"dimension", "target"}}
        typed = (target or next(iter(fields.values()), "")).strip()
        with self._console.desk(request, connection) as desk:
            found = targets(desk, dimension, typed) if typed else []
        return self._console.part(request, "needs/targets.html", connection=connection, found=found)

    # what people do

    def map(  # noqa: PLR0917
        self, request: Request, connection: str, card: str, dimension: Annotated[Dimension, Form()], code: Text = "",
        target: Text = "", now: Text = "",
    ) -> Response:  # fmt: skip
        """Let a code become a record of QuickBooks."""

        def do(desk: Desk, heap: Heap, actor: str) -> str:
            if not code.strip():
                raise MappingTableError("Type the code that Basware has for it: without one nothing can be mapped.")
            return f"{fixing.map_code(desk, dimension, code.strip(), target, actor=actor)} {_planned_again(heap)}"

        entered = {"act": "map", "key": code, "code": code, "target": target}
        return self.do(request, connection, card, Right.MAP, do, now, entered)

    def default(  # noqa: PLR0917
        self, request: Request, connection: str, card: str, dimension: Annotated[Dimension, Form()],
        target: Text = "", now: Text = "",
    ) -> Response:  # fmt: skip
        """Let rows without a code become a record of QuickBooks."""

        def do(desk: Desk, heap: Heap, actor: str) -> str:
            return f"{fixing.map_default(desk, dimension, target, actor=actor)} {_planned_again(heap)}"

        return self.do(request, connection, card, Right.MAP, do, now, {"act": "default", "target": target})

    def given_code(  # noqa: PLR0917
        self, request: Request, connection: str, card: str, kind: Text, record: Text, code: Text = "",
        same: Text = "", now: Text = "",
    ) -> Response:  # fmt: skip
        """One code, two records."""

        def do(desk: Desk, _heap: Heap, actor: str) -> str:
            return fixing.give_code(desk, kind, record, code.strip(), same=bool(same), actor=actor)

        entered = {"act": "given-code", "key": record, "code": "" if same else code}
        return self.do(request, connection, card, Right.MAP, do, now, entered)

    def reactivate(  # noqa: PLR0917
        self, request: Request, connection: str, card: str, record: Text, reason: Text = "", now: Text = ""
    ) -> Response:
        """Have an inactive record of QuickBooks made active again."""

        def do(desk: Desk, heap: Heap, actor: str) -> str:
            return fixing.make_active(desk, heap, record, reason=reason, actor=actor)

        entered = {"act": "reactivate", "key": record, "reason": reason}
        return self.do(request, connection, card, Right.MAP, do, now, entered)

    def again(self, request: Request, connection: str, card: str, *, keys: Keys = None, now: Text = "") -> Response:
        """Look again, whatever has changed."""

        def do(desk: Desk, heap: Heap, actor: str) -> str:
            return fixing.again(desk, heap, keys or (), actor=actor)

        return self.do(request, connection, card, Right.DECIDE, do, now)

    def ignore(self, request: Request, connection: str, card: str, *, reason: Text = "", keys: Keys = None) -> Response:
        """Handled elsewhere."""

        def do(desk: Desk, heap: Heap, actor: str) -> str:
            return fixing.ignore(desk, heap, keys or (), reason=reason, actor=actor)

        return self.do(request, connection, card, Right.DECIDE, do, entered={"act": "ignore", "reason": reason})

    def reject(
        self, request: Request, connection: str, card: str, *, reason: Text = "", keys: Keys = None, now: Text = ""
    ) -> Response:
        """Back to Basware."""

        def do(desk: Desk, heap: Heap, actor: str) -> str:
            return fixing.reject(desk, heap, keys or (), reason=reason, actor=actor)

        return self.do(request, connection, card, Right.DECIDE, do, now, {"act": "reject", "reason": reason})

    def decide(  # noqa: PLR0917
        self, request: Request, connection: str, card: str, key: Text, choice: Annotated[Choice, Form()],
        link_to: Text = "", reason: Text = "", now: Text = "",
    ) -> Response:  # fmt: skip
        """One document whose number is taken, that Basware takes back, or that is to be posted anew."""

        def do(desk: Desk, _heap: Heap, actor: str) -> str:
            link = link_to if choice is Choice.LINK else ""
            return fixing.decide(desk, key, choice, link_to=link, reason=reason, actor=actor)

        entered = {"act": "decide", "key": key, "reason": reason}
        return self.do(request, connection, card, Right.DECIDE, do, now, entered)

    def let_go(  # noqa: PLR0917
        self, request: Request, connection: str, card: str, key: Text, reason: Text = "", now: Text = ""
    ) -> Response:
        """End a person's hold."""

        def do(desk: Desk, _heap: Heap, actor: str) -> str:
            return fixing.let_go(desk, key, reason=reason, actor=actor)

        entered = {"act": "let-go", "key": key, "reason": reason}
        return self.do(request, connection, card, Right.DECIDE, do, now, entered)

    def vendor(  # noqa: PLR0917
        self, request: Request, connection: str, card: str, key: Text, act: Text, quickbooks_id: Text = "",
        now: Text = "",
    ) -> Response:  # fmt: skip
        """Who a vendor of both systems is: one there is, or a new one."""

        def do(desk: Desk, _heap: Heap, actor: str) -> str:
            if act == "create":
                return f"{vendor_decisions.create(desk, key, actor=actor).name} will be created in QuickBooks in the next run."
            there = find_target(one_list(desk, Dimension.VENDOR), Dimension.VENDOR, quickbooks_id)
            pair = vendor_decisions.link(desk, key, there.id, actor=actor)
            return f"{pair.name} is {there.label} in QuickBooks."

        entered = {"act": "vendor", "key": key, "target": quickbooks_id}
        return self.do(request, connection, card, Right.MAP, do, now, entered)

    def bank(  # noqa: PLR0917
        self, request: Request, connection: str, card: str, key: Text, act: Text, reason: Text = "", now: Text = "",
        seen: Text = "",
    ) -> Response:  # fmt: skip
        """New bank details: right or wrong."""

        def do(desk: Desk, _heap: Heap, actor: str) -> str:
            approved = act == "approve"
            if approved:
                pair = vendor_decisions.approve_bank(desk, key, reason=reason, actor=actor, seen=seen)
            else:
                pair = vendor_decisions.reject_bank(desk, key, reason=reason, actor=actor)
            told = "approved" if approved else "rejected: the approved ones are put back"
            return f"The bank details of {pair.name} are {told}."

        entered = {"act": "bank", "key": key, "reason": reason}
        return self.do(request, connection, card, Right.DECIDE, do, now, entered)

    def change_date(  # noqa: PLR0917
        self, request: Request, connection: str, card: str, day: Text = "", reason: Text = "", keys: Keys = None,
        now: Text = "",
    ) -> Response:  # fmt: skip
        """Another posting date, for all documents or the chosen ones."""

        def do(desk: Desk, heap: Heap, actor: str) -> str:
            return fixing.change_date(desk, heap, keys or (), day_of(day), reason=reason, actor=actor)

        entered = {"act": "change-date", "day": day, "reason": reason, "keys": "\n".join(keys or ())}
        return self.do(request, connection, card, Right.DECIDE, do, now, entered)

    def first_open_day(
        self, request: Request, connection: str, card: str, *, reason: Text = "", now: Text = ""
    ) -> Response:
        """Closed books: post on the first open day."""

        def do(desk: Desk, heap: Heap, actor: str) -> str:
            return f"{fixing.first_open_day(desk, reason=reason, actor=actor)} {_planned_again(heap)}"

        entered = {"act": "first-open-day", "reason": reason}
        return self.do(request, connection, card, Right.ADMINISTER, do, now, entered)

    def rule(self, request: Request, connection: str, card: str, fields: Fields) -> Response:
        """Change what the settings say about such documents; only those the cause depends on."""

        def do(desk: Desk, heap: Heap, _actor: str) -> str:
            able = remedy_of(Cause(heap.cause)).settings
            given = {name: fields[f"set:{name}"] for name in able if f"set:{name}" in fields}
            row = self._console.connection(request, connection, Right.ADMINISTER)
            wanted = {name: _account_id(desk, name, text) for name, text in given.items()}
            changed = save_settings(self._console, request, row, wanted, reason=fields.get("reason", ""))
            if not changed:
                return "Nothing was different, so nothing was changed."
            return f"The rule is changed. {_planned_again(heap)}"

        entered = {"act": "rule", **{name.removeprefix("set:"): text for name, text in fields.items()}}
        return self.do(request, connection, card, Right.ADMINISTER, do, fields.get("now", ""), entered)

    def put_away(self, request: Request, connection: str, number: Number, reason: Text = "") -> Response:
        """An alert is dealt with."""
        row, app = self._console.connection(request, connection, Right.DECIDE), self._console.app
        put_away(app.database, row, number, reason=reason, actor=self._actor(request), now=app.clock.now())
        return self._console.done(request, "Put away.", to=f"/c/{quote(connection)}/needs-you")


def _account_id(desk: Desk, name: str, text: str) -> str:
    """An account may be named as people know it; settings keep its id. Raises MappingTableError."""
    if not name.endswith("_account_id") or not text.strip():
        return text
    return find_target(one_list(desk, Dimension.ACCOUNT), Dimension.ACCOUNT, text).id


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
        ("decide", screen.decide), ("vendor", screen.vendor), ("bank", screen.bank), ("change-date", screen.change_date),
        ("first-open-day", screen.first_open_day), ("rule", screen.rule), ("default", screen.default),
        ("given-code", screen.given_code), ("let-go", screen.let_go), ("reactivate", screen.reactivate),
    ):  # fmt: skip
        routes.post(f"{here}/{{card}}/{act}")(does)
    return routes
