"""Causes as the command line shows them, each with everything it holds: documents, and accruals of invoices that are none yet."""

from datetime import datetime
from decimal import Decimal

import msgspec

from ml_connector.store import accruals, held
from ml_connector.store.database import Tx
from ml_connector.store.held import card_of
from ml_connector.store.held_sources import HeldIn
from ml_connector.store.schema import AccrualState
from ml_connector.work.desk import Desk
from ml_connector.work.needs.cards import ACCRUALS, Heap, cards, heaps
from ml_connector.work.views import CauseView


class HoldGroup(msgspec.Struct, frozen=True, kw_only=True):
    """One cause with all the documents it holds. `money` is what they come to, by currency, credit notes negative."""

    cause: CauseView
    documents: tuple[str, ...]
    invoice_ids: tuple[str, ...]
    money: dict[str, Decimal]
    oldest: datetime | None


def hold_groups(desk: Desk) -> list[HoldGroup]:
    """Causes, each with everything it holds: most money first, then the oldest. Documents given back to Basware are not held."""
    wanted = {HeldIn.DOCUMENTS.value, ACCRUALS}
    found = [one for one in heaps(desk) if wanted & one.numbers.keys()]
    shown = cards(desk, [_only(one) for one in found])
    groups = list[HoldGroup]()
    with desk.database.read() as tx:
        waiting = _accruals(tx, desk)
        for heap, card in zip(found, shown, strict=True):
            members = held.members(tx, desk.connection_id, HeldIn.DOCUMENTS, heap.cause, heap.subject)
            names = [(one.key, one.number or one.key) for one in members] + waiting.get(heap.card, [])
            groups.append(
                HoldGroup(
                    cause=card.cause, documents=tuple(name for _, name in names), invoice_ids=tuple(id_ for id_, _ in names),
                    money=dict(heap.money), oldest=heap.since,
                )
            )  # fmt: skip
    return sorted(groups, key=lambda group: -sum(abs(amount) for amount in group.money.values()))


def _only(heap: Heap) -> Heap:
    """A heap without vendors, orders and the like that wait for the same."""
    numbers = {sort: number for sort, number in heap.numbers.items() if sort in {HeldIn.DOCUMENTS.value, ACCRUALS}}
    return msgspec.structs.replace(heap, numbers=numbers)


def _accruals(tx: Tx, desk: Desk) -> dict[str, list[tuple[str, str]]]:
    """Accruals that wait, by card: invoice id and what they are called."""
    found: dict[str, list[tuple[str, str]]] = {}
    for row in accruals.in_state(tx, desk.connection_id, {AccrualState.HELD, AccrualState.STANDING}):
        for card in {card_of(hold.cause, hold.subject) for hold in row.holds}:
            found.setdefault(card, []).append((row.invoice_id, f"{row.invoice_number or row.invoice_id} (accrual)"))
    return found
