"""What people are shown of payments: how far each document is paid, by what, and what Basware was told. Read only.

The shapes are those of `--json`. Amounts have the sign of Basware's total and are in `currency`.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial

import msgspec

from ml_connector.model.money import ZERO
from ml_connector.model.payments import Picture
from ml_connector.store import intents, outcomes, payments
from ml_connector.store.database import Tx
from ml_connector.store.documents import DocumentRow
from ml_connector.store.intents import IntentRow
from ml_connector.store.payments import PaymentLineRow, PaymentRow, PaymentSort
from ml_connector.store.schema import DocumentState, Operation, PaymentState
from ml_connector.work.desk import Desk
from ml_connector.work.listing import Listing
from ml_connector.work.payments.facts import Facts, accounts_in, facts_of
from ml_connector.work.views import CauseView, cause_view


class PaymentLine(msgspec.Struct, frozen=True, kw_only=True):
    """One document in a list. `paid` counts all payments, without `discount`; `day` and `method` are of the newest. `told_at`: when
    Basware was told last, None if never. `try_again_at`: when a refused response is sent again by itself."""

    invoice_id: str
    invoice_number: str
    supplier: str
    state: str
    total: Decimal | None
    paid: Decimal
    discount: Decimal
    open: Decimal | None
    currency: str
    day: date | None
    method: str
    payments: tuple[str, ...]
    reversed: tuple[str, ...]
    told_at: datetime | None
    causes: tuple[CauseView, ...]
    try_again_at: datetime | None


class SettledPart(msgspec.Struct, frozen=True, kw_only=True):
    """One transaction of a document, with what is still open of it; None where QuickBooks keeps no such figure."""

    type: str
    id: str
    total: Decimal
    open: Decimal | None


class PayingLine(msgspec.Struct, frozen=True, kw_only=True):
    """One bill payment with what it settles of this document (`amount`) and all the money in it (`money`)."""

    id: str
    number: str
    day: date | None
    method: str
    amount: Decimal
    money: Decimal


class ResponseLine(msgspec.Struct, frozen=True, kw_only=True):
    """One payment response. `state` is that of the sending; `outcome` what P2P made of it, empty until it was taken."""

    external_code: str
    state: str
    outcome: str
    problem: str
    made_at: datetime
    body: str


class PaymentView(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about the payments of one document. `unreadable` says why QuickBooks' records of it make no sense, if so."""

    document: PaymentLine
    parts: tuple[SettledPart, ...]
    payments: tuple[PayingLine, ...]
    unexplained: Decimal
    responses: tuple[ResponseLine, ...]
    unreadable: str


def payment_list(
    desk: Desk,
    *,
    states: Collection[PaymentState] = (),
    text: str = "",
    order: PaymentSort = PaymentSort.CHANGED_DOWN,
) -> Listing[str, PaymentLine]:
    """Documents that are paid in any way, those last changed first unless told otherwise."""
    found = payments.ordered(desk.connection_id, states=states, text=text, order=order)
    return Listing(desk.database, found, partial(_lines, desk))


def _lines(desk: Desk, invoice_ids: Sequence[str]) -> list[PaymentLine]:
    with desk.database.read() as tx:
        found = payments.these(tx, desk.connection_id, invoice_ids)
    return [_line(row, row.invoice_number, row.supplier_name, withdrawn=row.withdrawn) for row in found]


def payment_view(desk: Desk, document: DocumentRow) -> PaymentView:
    """One document's payments in full, from the copies as they are now."""
    with desk.database.read() as tx:
        row = payments.get(tx, desk.connection_id, document.invoice_id)
        found = facts_of(tx, desk, [document.invoice_id], accounts_in(tx, desk)).get(document.invoice_id, "")
        made = intents.for_subject(tx, desk.connection_id, Operation.PAYMENT_RESPONSE, document.invoice_id)
        responses = tuple(_response(tx, desk, intent) for intent in made)
    facts = found if isinstance(found, Facts) else None
    picture = _picture(row)
    return PaymentView(
        document=_line(row, document.invoice_number, document.supplier_name, withdrawn=_is_withdrawn(document))
        if row
        else _untouched(document),
        parts=tuple(
            SettledPart(type=part.target[0], id=part.target[1], total=part.total, open=part.open)
            for part in (facts.parts if facts else ())
        ),
        payments=tuple(_paying(facts)) if facts else (),
        unexplained=picture.unexplained if picture else ZERO,
        responses=responses,
        unreadable="" if facts else str(found),
    )


def _paying(facts: Facts) -> list[PayingLine]:
    targets = {part.target for part in facts.parts}
    return [
        PayingLine(
            id=one.id, number=one.number, day=one.day, method=one.method, money=one.money,
            amount=sum((line.amount for line in one.lines if line.target in targets), ZERO),
        )
        for one in facts.payments
        if any(line.target in targets for line in one.lines)
    ]  # fmt: skip


def _response(tx: Tx, desk: Desk, intent: IntentRow) -> ResponseLine:
    heard = next(iter(outcomes.known(tx, desk.connection_id, [], [intent.id])), None)
    return ResponseLine(
        external_code=intent.request_id,
        state=intent.state.value,
        outcome=heard.state.value if heard else "",
        problem=(heard.problem if heard else "") or intent.fault,
        made_at=intent.created_at,
        body=intent.body,
    )


def _picture(row: PaymentRow | None) -> Picture | None:
    return msgspec.json.decode(row.picture, type=Picture) if row is not None and row.picture else None


def _is_withdrawn(document: DocumentRow) -> bool:
    return document.state is DocumentState.WITHDRAWN


def _line(row: PaymentRow | PaymentLineRow, number: str, supplier: str, *, withdrawn: bool) -> PaymentLine:
    picture = _picture(row)
    left = picture.open if picture else None
    return PaymentLine(
        invoice_id=row.invoice_id,
        invoice_number=number,
        supplier=supplier,
        state=row.state.value,
        total=picture.total if picture else None,
        paid=picture.paid if picture else ZERO,
        discount=picture.discount if picture else ZERO,
        open=ZERO if withdrawn else left,
        currency=picture.currency if picture else "",
        day=picture.day if picture else None,
        method=picture.method if picture and not picture.is_empty else "",
        payments=picture.payments if picture else (),
        reversed=picture.reversed if picture else (),
        told_at=row.told_at,
        causes=tuple(cause_view(hold) for hold in row.holds),
        try_again_at=row.next_at,
    )


def _untouched(document: DocumentRow) -> PaymentLine:
    left = ZERO if _is_withdrawn(document) else document.total
    return PaymentLine(
        invoice_id=document.invoice_id, invoice_number=document.invoice_number, supplier=document.supplier_name,
        state=PaymentState.NOTHING.value, total=document.total, paid=ZERO, discount=ZERO, open=left,
        currency=document.currency, day=None, method="", payments=(), reversed=(), told_at=None, causes=(),
        try_again_at=None,
    )  # fmt: skip
