"""Vendors: both sides in a list, who may be who, which value stands and why, new bank details that wait for approval.

What is shown is read by `work/vendors/views.py`, what is done is done by `work/vendors/decisions.py`.
"""

from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from ml_connector.console.paging import Number, listed
from ml_connector.console.screens import Console
from ml_connector.console.sorting import chosen, headings
from ml_connector.console.trouble import NotFoundError
from ml_connector.model.mapping import Dimension
from ml_connector.model.people import Right
from ml_connector.store import books, vendor_pairs
from ml_connector.store.schema import VendorState
from ml_connector.store.vendor_pairs import VendorPair, VendorSort
from ml_connector.work.deep_links import record_page
from ml_connector.work.desk import Desk
from ml_connector.work.listing import Listing
from ml_connector.work.reactivating.shown import inactive_records
from ml_connector.work.vendors import decisions
from ml_connector.work.vendors.bank_in_full import BankInFull, show_bank
from ml_connector.work.vendors.views import VendorLine, review_list, vendor_list, vendor_view

RIGHTS = {
    "link": Right.MAP, "unlink": Right.MAP, "create": Right.MAP, "reactivate": Right.MAP, "retry": Right.DECIDE,
    "approve": Right.DECIDE, "reject": Right.DECIDE,
}  # fmt: skip
"""What each act needs."""

_DONE = {
    "link": "{} is linked. Its fields are compared with the next run.",
    "unlink": "{} is linked no more. It stands under Unsure until somebody says who it is.",
    "create": "{} is created in QuickBooks with the next run.",
    "reactivate": "{} is made active in QuickBooks with the next run, and what waited for it goes again by itself.",
    "retry": "{} is sent again with the next run.",
    "approve": "The new bank details of {} are approved.",
    "reject": "The bank details of {} that were approved last are put back with the next run.",
}
_CSV = (
    "code",
    "name",
    "status",
    "id in QuickBooks",
    "key in Basware",
    "record in Basware",
    "waits for",
    "matched because",
)


def router(console: Console) -> APIRouter:
    """The addresses below /c/{connection}/vendors."""
    routes = APIRouter(prefix="/c/{connection}/vendors", include_in_schema=False)
    screen = _Screen(console)
    routes.get("")(screen.list_)
    routes.get("/unsure")(screen.review)
    routes.get("/{code}")(screen.show)
    routes.post("/{code}/bank")(screen.bank)
    routes.post("/{code}/{act}")(screen.act)
    return routes


class _Screen:
    def __init__(self, console: Console) -> None:
        self._console = console

    def list_(  # noqa: PLR0917 - the framework reads the filters off the signature
        self, request: Request, connection: str, text: str = "", state: str = "", waiting: str = "", sort: str = "",
        start: Number = 0, format: str = "",  # noqa: A002
    ) -> Response:  # fmt: skip
        """A page of vendors, by name unless another order is asked for; as CSV all that fit."""
        states = (VendorState(state),) if state in set(VendorState) else ()
        order = chosen(VendorSort, sort)

        def found(desk: Desk) -> Listing[str, VendorLine]:
            return vendor_list(desk, states=states, text=text[:200], waiting=bool(waiting), order=order)

        if format == "csv":
            return self._console.table(
                request, connection, "vendors.csv", _CSV, lambda desk: map(_csv_row, found(desk).everything())
            )
        with self._console.desk(request, connection) as desk:
            shown = listed(found(desk).page, start, text=text, state=state, waiting=waiting, sort=sort)
            with desk.database.read() as tx:
                counts = vendor_pairs.counts(tx, desk.connection_id)
            values = self._values(desk, connection) | {
                "shown": shown, "text": text, "state": state, "waiting": waiting, "sort": sort,
                "headings": headings(order, text=text, state=state, waiting=waiting), "states": list(VendorState),
                "counts": {one.value: number for one, number in counts.items()}, "on": desk.settings.vendors.enabled,
            }  # fmt: skip
        return self._console.page(request, "vendors/list.html", connection=connection, **values)

    def review(self, request: Request, connection: str, start: Number = 0) -> Response:
        """Vendors whose counterpart a person has to name, each with those it may be."""
        with self._console.desk(request, connection) as desk:
            values = self._values(desk, connection) | {
                "shown": listed(review_list(desk).page, start),
                "creates": desk.settings.vendors.to_quickbooks,
            }
        return self._console.page(request, "vendors/unsure.html", connection=connection, **values)

    def show(self, request: Request, connection: str, code: str) -> Response:
        """One vendor, field by field."""
        with self._console.desk(request, connection) as desk:
            return self._shown(request, desk, connection, code, None)

    def bank(self, request: Request, connection: str, code: str) -> Response:
        """The same once with the bank accounts whole, for who compares them with a paper. It leaves an entry in the audit."""
        actor = self._console.visitor(request).actor
        with self._console.desk(request, connection, Right.DECIDE) as desk:
            in_full = show_bank(desk, _find(desk, code).code, actor=actor)
            return self._shown(request, desk, connection, code, in_full)

    def _shown(self, request: Request, desk: Desk, connection: str, code: str, in_full: BankInFull | None) -> Response:
        view = vendor_view(desk, _find(desk, code))
        values = self._values(desk, connection) | {
            "view": view,
            "in_full": in_full,
            "creates": desk.settings.vendors.to_quickbooks,
            "valued": _valued(desk),
            "inactive": inactive_records(desk, Dimension.VENDOR, filter(None, [view.vendor.quickbooks_id])),
        }
        return self._console.page(request, "vendors/vendor.html", connection=connection, **values)

    def act(  # noqa: PLR0917
        self,
        request: Request,
        connection: str,
        code: str,
        act: str,
        reason: Annotated[str, Form()] = "",
        quickbooks_id: Annotated[str, Form()] = "",
        back: Annotated[str, Form()] = "",
        seen: Annotated[str, Form()] = "",
    ) -> Response:
        """Decide something about one vendor."""
        if act not in RIGHTS:
            raise NotFoundError
        actor = self._console.visitor(request).actor
        with self._console.desk(request, connection, RIGHTS[act]) as desk:
            code = _find(desk, code).code
            match act:
                case "link":
                    made = decisions.link(desk, code, quickbooks_id.strip(), actor=actor)
                case "unlink":
                    made = decisions.unlink(desk, code, reason=reason, actor=actor)
                case "create":
                    made = decisions.create(desk, code, actor=actor)
                case "reactivate":
                    made = decisions.reactivate(desk, code, reason=reason, actor=actor)
                case "retry":
                    made = decisions.retry(desk, code, actor=actor)
                case "approve":
                    made = decisions.approve_bank(desk, code, reason=reason, actor=actor, seen=seen)
                case _:
                    made = decisions.reject_bank(desk, code, reason=reason, actor=actor)
        place = f"/c/{quote(connection)}/vendors"
        to = f"{place}/unsure" if back == "unsure" else f"{place}/{quote(code, safe='')}"
        return self._console.done(request, _DONE[act].format(made.name or made.code), to=to)

    @staticmethod
    def _values(desk: Desk, connection: str) -> dict[str, Any]:
        settings = desk.settings.quickbooks
        return {
            "place": f"/c/{quote(connection)}/vendors",
            "quickbooks": lambda quickbooks_id: record_page(settings, "Vendor", quickbooks_id),
        }


def _find(desk: Desk, code: str) -> VendorPair:
    with desk.database.read() as tx:
        pair = vendor_pairs.get(tx, desk.connection_id, code)
    if pair is None:
        raise NotFoundError
    return pair


def _csv_row(one: VendorLine) -> tuple[object, ...]:
    waits = "; ".join(cause.title for cause in one.causes)
    return one.code, one.name, one.state, one.quickbooks_id, one.external_code, one.basware, waits, one.why


def _valued(desk: Desk) -> Callable[[str, str], str]:
    """What a field's value is to people: a payment term by its name, a switch as yes or no."""
    with desk.database.read() as tx:
        terms = {one.quickbooks_id: one.name for one in books.all_of(tx, desk.connection_id, "Term")}

    def valued(field: str, value: str) -> str:
        if field == "active":
            return {"true": "yes", "false": "no"}.get(value, value)
        return terms.get(value, value) if field == "term" else value

    return valued
