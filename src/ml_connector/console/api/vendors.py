"""Vendors in both systems: who is who, what waits, and what people decide about them."""

from collections.abc import Callable
from typing import Any

import msgspec

from ml_connector.console.api.operation import Because, Call, Name, Page, Paged, Reason, Text, listed, reader, writer
from ml_connector.model.people import Right
from ml_connector.store.schema import VendorState
from ml_connector.store.vendor_pairs import VendorPair, VendorSort
from ml_connector.work.desk import Desk
from ml_connector.work.vendors import decisions
from ml_connector.work.vendors.bank_in_full import BankInFull, show_bank
from ml_connector.work.vendors.views import (
    ReviewLine,
    VendorLine,
    VendorView,
    review_list,
    vendor_line,
    vendor_list,
    vendor_view,
)


class VendorQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which vendors: in some states, with a text in codes, ids or names, only those that wait for something; `sort`: in which
    order."""

    state: tuple[VendorState, ...] = ()
    text: Text = ""
    waiting: bool = False
    sort: VendorSort = VendorSort.NAME


class BankApproved(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How it is known that they are right. `seen`: the `bank_waiting_digest` of the vendor as it was looked at; details that came
    since are not approved."""

    reason: Reason
    seen: Name


class LinkTo(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The vendor's id in QuickBooks."""

    quickbooks_id: Name


def _listed(call: Call) -> Page[VendorLine]:
    query: VendorQuery = call.query
    with call.desk() as desk:
        return listed(
            query,
            vendor_list(desk, states=query.state, text=query.text, waiting=query.waiting, order=query.sort),
        )


def _review(call: Call) -> Page[ReviewLine]:
    with call.desk() as desk:
        return listed(call.query, review_list(desk))


def _one(call: Call) -> VendorView:
    with call.desk() as desk:
        return vendor_view(desk, decisions.named(desk, call.given["vendor"]))


def _decided(decide: Callable[[Desk, Call], VendorPair]) -> Callable[[Call], VendorLine]:
    def run(call: Call) -> VendorLine:
        with call.desk() as desk:
            return vendor_line(desk, decide(desk, call))

    return run


def _link(desk: Desk, call: Call) -> VendorPair:
    return decisions.link(desk, call.given["vendor"], call.body.quickbooks_id, actor=call.visitor.actor)


def _create(desk: Desk, call: Call) -> VendorPair:
    return decisions.create(desk, call.given["vendor"], actor=call.visitor.actor)


def _retry(desk: Desk, call: Call) -> VendorPair:
    return decisions.retry(desk, call.given["vendor"], actor=call.visitor.actor)


def _approve(desk: Desk, call: Call) -> VendorPair:
    body: BankApproved = call.body
    return decisions.approve_bank(
        desk, call.given["vendor"], reason=body.reason, actor=call.visitor.actor, seen=body.seen
    )


def _because(decide: Callable[..., VendorPair]) -> Callable[[Call], VendorLine]:
    def run(desk: Desk, call: Call) -> VendorPair:
        return decide(desk, call.given["vendor"], reason=call.body.reason, actor=call.visitor.actor)

    return _decided(run)


def _bank(call: Call) -> BankInFull:
    with call.desk() as desk:
        return show_bank(desk, call.given["vendor"], actor=call.visitor.actor)


_TAG, _ALL = "vendors", "/connections/{connection}/vendors"
_ONE = f"{_ALL}/{{vendor}}"
_MAP: dict[str, Any] = {"right": Right.MAP}
_DECIDE: dict[str, Any] = {"right": Right.DECIDE, "body": Because}
OPERATIONS = (
    reader(_TAG, _ALL, "Vendors by name, with both sides", Page[VendorLine], _listed, query=VendorQuery),
    reader(
        _TAG,
        "/connections/{connection}/vendor-reviews",
        "Vendors whose counterpart a person has to name",
        Page[ReviewLine],
        _review,
        query=Paged,
    ),
    reader(_TAG, _ONE, "One vendor: fields, who wrote each, candidates, bank details", VendorView, _one),
    writer(_TAG, f"{_ONE}/link", "It is this vendor of QuickBooks", VendorLine, _decided(_link), body=LinkTo, **_MAP),
    writer(
        _TAG,
        f"{_ONE}/unlink",
        "It is not the vendor it is linked to",
        VendorLine,
        _because(decisions.unlink),
        body=Because,
        **_MAP,
    ),
    writer(
        _TAG, f"{_ONE}/create", "QuickBooks does not have it; create it there", VendorLine, _decided(_create), **_MAP
    ),
    writer(
        _TAG,
        f"{_ONE}/reactivate",
        "Make it active in QuickBooks again",
        VendorLine,
        _because(decisions.reactivate),
        body=Because,
        **_MAP,
    ),
    writer(_TAG, f"{_ONE}/retry", "Send what was refused once more", VendorLine, _decided(_retry), right=Right.DECIDE),
    writer(
        _TAG,
        f"{_ONE}/bank/show",
        "Bank details that wait, and those approved last, in full",
        BankInFull,
        _bank,
        right=Right.DECIDE,
        once=("approved", "waiting"),
        note="To compare them with a paper. Each look is kept in the audit.",
    ),
    writer(
        _TAG,
        f"{_ONE}/bank/approve",
        "The new bank details are right",
        VendorLine,
        _decided(_approve),
        right=Right.DECIDE,
        body=BankApproved,
    ),
    writer(
        _TAG,
        f"{_ONE}/bank/reject",
        "The new bank details are wrong",
        VendorLine,
        _because(decisions.reject_bank),
        **_DECIDE,
    ),
)
