"""Causes as people are shown them, each with everything it holds: documents, and accruals of invoices that are none yet."""

from datetime import datetime
from decimal import Decimal

import msgspec

from ml_connector.model.holds import Hold
from ml_connector.store import accruals, documents
from ml_connector.store.accruals import AccrualRow
from ml_connector.store.documents import DocumentRow
from ml_connector.store.schema import AccrualState, DocumentState
from ml_connector.work.accruals.shown import accrual_view
from ml_connector.work.desk import Desk
from ml_connector.work.views import CauseView, cause_view


class HoldGroup(msgspec.Struct, frozen=True, kw_only=True):
    """One cause with all the documents it holds. `money` is what they come to, by currency, credit notes negative."""

    cause: CauseView
    documents: tuple[str, ...]
    invoice_ids: tuple[str, ...]
    money: dict[str, Decimal]
    oldest: datetime | None


class _Held(msgspec.Struct, frozen=True, kw_only=True):
    """What a cause holds: a document, or the accrual of an invoice that is none yet."""

    invoice_id: str
    number: str
    total: Decimal | None
    currency: str
    since: datetime | None


def hold_groups(desk: Desk) -> list[HoldGroup]:
    """Causes, each with everything it holds: most money first, then the oldest. Documents given back to Basware are not held."""
    groups: dict[tuple[str, str], list[tuple[_Held, Hold]]] = {}
    with desk.database.read() as tx:
        held = [
            (_held_document(row), row.holds) for row in documents.in_state(tx, desk.connection_id, {DocumentState.HELD})
        ]
        waiting = accruals.in_state(tx, desk.connection_id, {AccrualState.HELD, AccrualState.STANDING})
        held += [(_held_accrual(row), row.holds) for row in waiting]
    for one, holds in held:
        for hold in holds:
            groups.setdefault((hold.cause.value, hold.subject), []).append((one, hold))
    found = [_hold_group(members) for members in groups.values()]
    return sorted(found, key=lambda group: -sum(abs(amount) for amount in group.money.values()))


def _held_document(row: DocumentRow) -> _Held:
    return _Held(
        invoice_id=row.invoice_id, number=row.invoice_number, total=row.total, currency=row.currency,
        since=row.held_since,
    )  # fmt: skip


def _held_accrual(row: AccrualRow) -> _Held:
    shown = accrual_view(row)
    return _Held(
        invoice_id=row.invoice_id, number=f"{row.invoice_number or row.invoice_id} (accrual)", total=shown.amount,
        currency=shown.currency, since=row.held_since,
    )  # fmt: skip


def _hold_group(members: list[tuple[_Held, Hold]]) -> HoldGroup:
    money: dict[str, Decimal] = {}
    held = list({(one.invoice_id, one.number): one for one, _ in members}.values())
    for one in held:
        if one.total is not None:
            money[one.currency] = money.get(one.currency, Decimal(0)) + one.total
    return HoldGroup(
        cause=cause_view(members[0][1] if len(held) == 1 else _of_several(members[0][1])),
        documents=tuple(one.number or one.invoice_id for one in held),
        invoice_ids=tuple(one.invoice_id for one in held),
        money=money,
        oldest=min((one.since for one in held if one.since), default=None),
    )


def _of_several(hold: Hold) -> Hold:
    """The cause without the rows of the one document it was found on."""
    return msgspec.structs.replace(hold, rows=(), facts=hold.facts | {"rows": "some rows"})
