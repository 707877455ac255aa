"""Accruals as people and programs see them, and what a person may ask for."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial

import msgspec

from ml_connector.model.postings import Posting
from ml_connector.rules.causes import describe
from ml_connector.store import accruals, audit
from ml_connector.store.accruals import AccrualKey, AccrualRow
from ml_connector.store.schema import AccrualState
from ml_connector.work.desk import Desk
from ml_connector.work.listing import Listing


class AccrualView(msgspec.Struct, frozen=True, kw_only=True):
    """One accrual of a prebooked invoice. `number` counts those of the invoice.

    `amount` is positive, in `currency`, None while it could not be planned. `ending` says why it has to end or did, `why` why it
    waits, both in words, empty where there is nothing to say.
    """

    invoice_id: str
    invoice_number: str
    supplier: str
    number: int
    state: str
    entry: str
    entry_number: str
    day: date | None
    amount: Decimal | None
    currency: str
    reversed_by: str
    reversed_on: str
    ending: str
    why: str
    causes: tuple[str, ...]
    held_since: datetime | None
    noted_at: datetime


def accrual_list(
    desk: Desk, *, states: Collection[AccrualState] = (), text: str = ""
) -> Listing[AccrualKey, AccrualView]:
    """Accruals, newest first; `text` is searched in invoice numbers, ids and suppliers."""
    found = accruals.ordered(desk.connection_id, states=states, text=text)
    return Listing(desk.database, found, partial(_views, desk))


def _views(desk: Desk, keys: Sequence[AccrualKey]) -> list[AccrualView]:
    with desk.database.read() as tx:
        return [accrual_view(row) for row in accruals.these(tx, desk.connection_id, keys)]


def accrual_view(row: AccrualRow) -> AccrualView:
    """One accrual as people see it."""
    posting = msgspec.json.decode(row.posting, type=Posting) if row.posting else None
    return AccrualView(
        invoice_id=row.invoice_id,
        invoice_number=row.invoice_number,
        supplier=row.supplier,
        number=row.number,
        state=row.state.value,
        entry=row.quickbooks_id,
        entry_number=posting.doc_number if posting else "",
        day=posting.txn_date if posting else None,
        amount=posting.total if posting else None,
        currency=posting.currency if posting else "",
        reversed_by=row.reversal_id,
        reversed_on=row.reversal_date if row.reversal_id else "",
        ending=row.ending,
        why="; ".join([*(describe(hold).sentence for hold in row.holds), *filter(None, [row.note])]),
        causes=tuple(dict.fromkeys(hold.cause.value for hold in row.holds)),
        held_since=row.held_since,
        noted_at=row.noted_at,
    )


def try_again(desk: Desk, invoice: str, *, actor: str) -> int:
    """Have the held accruals of an invoice, by number or id, looked at again in the next run; how many."""
    now = desk.clock.now()
    with desk.write() as tx:
        held = [row for row in _held(accruals.in_state(tx, desk.connection_id, _MAY_WAIT)) if invoice in _names(row)]
        for row in held:
            state = AccrualState.WAITING if row.state is AccrualState.HELD else row.state
            accruals.move(tx, desk.connection_id, row, state, now, expected=row.state, fingerprint="", tries=0)
            audit.record(
                tx, desk.connection_id, at=now, actor=actor, action="accrual: retry asked for", subject=row.invoice_id
            )
    return len(held)


_MAY_WAIT = frozenset({AccrualState.HELD, AccrualState.STANDING})


def _held(rows: Sequence[AccrualRow]) -> list[AccrualRow]:
    return [row for row in rows if row.holds]


def _names(row: AccrualRow) -> set[str]:
    return {row.invoice_id, row.invoice_number} - {""}
