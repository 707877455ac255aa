"""Everything that waits, as causes: one card for each cause and subject, whatever and however much it holds.

Read only. The database groups and counts; words are made for the cards that are shown and for no others.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec

from ml_connector.model.holds import Cause, Hold
from ml_connector.store import accruals, held
from ml_connector.store.accruals import AccrualRow
from ml_connector.store.database import Tx
from ml_connector.store.held import CauseTotal, Held, card_of
from ml_connector.store.held_sources import HeldIn
from ml_connector.store.schema import AccrualState
from ml_connector.work.accruals.shown import AccrualView, accrual_view
from ml_connector.work.desk import Desk
from ml_connector.work.views import CauseView, cause_view

RULE = "The oldest day first; of one day, the largest amount first."
"""The order of the cards, as people are told it."""

ACCRUALS = "accruals"
_WAITING_ACCRUALS = frozenset({AccrualState.HELD, AccrualState.STANDING})


class Heap(msgspec.Struct, frozen=True, kw_only=True):
    """Everything one cause with one subject holds, without words. `numbers`: how many of each sort; `examples`: the key of one of
    each. `hold` is an example of the hold itself where it was at hand."""

    card: str
    cause: str
    subject: str
    numbers: Mapping[str, int]
    money: Mapping[str, Decimal]
    since: datetime | None
    examples: Mapping[HeldIn, str] = {}
    hold: Hold | None = None

    @property
    def number(self) -> int:
        """How much it holds, of all sorts."""
        return sum(self.numbers.values())


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """One cause in words. `numbers`: how many documents, accruals, vendors, orders, records and payments it holds; `money` by
    currency; `facts` what its words were made of."""

    card: str
    cause: CauseView
    numbers: Mapping[str, int]
    number: int
    money: Mapping[str, Decimal]
    since: datetime | None
    facts: Mapping[str, str] = {}


def heaps(desk: Desk, card: str = "") -> Iterator[Heap]:
    """Everything that waits, in the order of RULE; with a card only what waits for that."""
    return map(_heap_of, _ranked(desk, card))


def heaps_page(desk: Desk, start: int, size: int) -> tuple[list[Heap], int]:
    """So many of these from one on, and how many there are in all."""
    found = _ranked(desk)
    return [_heap_of(one) for one in found[start : start + size]], len(found)


def _ranked(desk: Desk, card: str = "") -> list[CauseTotal | Heap]:
    """The same, as the database counted it where there is one sort of thing only: there may be thousands, and a page shows few."""
    found = list[CauseTotal | Heap]()
    with desk.database.read() as tx:
        for where in HeldIn:
            found += held.totals(tx, desk.connection_id, where, card=card)
        found += [one for one in _accrual_heaps(tx, desk) if card in {"", one.card}]
    together: dict[str, CauseTotal | Heap] = {}
    for one in found:
        known = together.get(one.card)
        together[one.card] = one if known is None else _together(_heap_of(known), _heap_of(one))
    zone = ZoneInfo(desk.settings.schedule.time_zone)
    return sorted(together.values(), key=lambda one: _rank(one, zone))


def _rank(one: CauseTotal | Heap, zone: ZoneInfo) -> tuple[date, Decimal, str]:
    """The day on which the oldest began to wait, then the largest amount."""
    day = one.since.astimezone(zone).date() if one.since else date.max
    return day, -max(map(abs, one.money.values()), default=Decimal(0)), one.card


def _heap_of(one: CauseTotal | Heap) -> Heap:
    if isinstance(one, Heap):
        return one
    return Heap(
        card=one.card, cause=one.cause, subject=one.subject, numbers={one.where.value: one.number}, money=one.money,
        since=one.since, examples={one.where: one.example},
    )  # fmt: skip


def _together(one: Heap, other: Heap) -> Heap:
    money = {
        currency: one.money.get(currency, Decimal(0)) + other.money.get(currency, Decimal(0))
        for currency in {**one.money, **other.money}
    }
    return msgspec.structs.replace(
        one,
        numbers={**one.numbers, **other.numbers},
        money=money,
        since=min((at for at in (one.since, other.since) if at), default=None),
        examples={**one.examples, **other.examples},
        hold=one.hold or other.hold,
    )


def _accrual_heaps(tx: Tx, desk: Desk) -> Iterable[Heap]:
    """Accruals of invoices that are none yet: their amount is inside the entry, and they are few."""
    members: dict[tuple[str, str], list[tuple[AccrualRow, Hold]]] = {}
    for row in accruals.in_state(tx, desk.connection_id, _WAITING_ACCRUALS):
        for hold in {(one.cause, one.subject): one for one in row.holds}.values():
            members.setdefault((hold.cause.value, hold.subject), []).append((row, hold))
    for (cause, subject), rows in members.items():
        money: dict[str, Decimal] = {}
        for view in (accrual_view(row) for row, _ in rows):
            if view.amount is not None:
                money[view.currency] = money.get(view.currency, Decimal(0)) + view.amount
        yield Heap(
            card=card_of(cause, subject), cause=cause, subject=subject, numbers={ACCRUALS: len(rows)}, money=money,
            since=min((row.held_since for row, _ in rows if row.held_since), default=None), hold=rows[0][1],
        )  # fmt: skip


def accruals_shown(desk: Desk, heap: Heap) -> list[AccrualView]:
    """The accruals a heap holds."""
    with desk.database.read() as tx:
        rows = accruals.in_state(tx, desk.connection_id, _WAITING_ACCRUALS)
    return [accrual_view(row) for row in rows if any(card_of(one.cause, one.subject) == heap.card for one in row.holds)]


def accruals_of(desk: Desk, heap: Heap) -> list[str]:
    """The invoices whose accruals a heap holds."""
    return list(dict.fromkeys(one.invoice_id for one in accruals_shown(desk, heap)))


def cards_of(tx: Tx, connection_id: str, cause: Cause) -> dict[str, int]:
    """The cards of one cause, and how much each holds."""
    found: dict[str, int] = {}
    for one in (one for where in HeldIn for one in held.totals(tx, connection_id, where)):
        if one.cause == cause.value:
            found[one.card] = found.get(one.card, 0) + one.number
    return found


def find(desk: Desk, card: str) -> Heap | None:
    """One heap by its card; None when nothing waits for it any more."""
    return next(heaps(desk, card), None) if card else None


def cards(desk: Desk, chosen: Sequence[Heap]) -> list[Card]:
    """Heaps in words."""
    with desk.database.read() as tx:
        known = _examples(tx, desk, chosen)
    return [_card(one, one.hold or _hold(one, known)) for one in chosen]


_Examples = Mapping[HeldIn, Mapping[str, tuple[Hold, ...]]]


def _examples(tx: Tx, desk: Desk, chosen: Sequence[Heap]) -> _Examples:
    keys = {where: [one.examples[where] for one in chosen if where in one.examples] for where in HeldIn}
    return {where: held.holds_of(tx, desk.connection_id, where, some) for where, some in keys.items() if some}


def _hold(heap: Heap, known: _Examples) -> Hold:
    """The hold as one of its members has it; without facts if that moved on between two looks."""
    for where, key in heap.examples.items():
        for hold in known.get(where, {}).get(key, ()):
            if hold.cause.value == heap.cause and card_of(hold.cause, hold.subject) == heap.card:
                return hold
    return Hold(cause=Cause(heap.cause), subject=heap.subject)


def _card(heap: Heap, hold: Hold) -> Card:
    told = hold if heap.number == 1 else of_several(hold)
    return Card(
        card=heap.card, cause=cause_view(told), numbers=heap.numbers, number=heap.number, money=heap.money,
        since=heap.since, facts=hold.facts,
    )  # fmt: skip


def of_several(hold: Hold) -> Hold:
    """The cause without the rows of the one document it was found on."""
    return msgspec.structs.replace(hold, rows=(), facts=hold.facts | {"rows": "some rows"})


def members(desk: Desk, heap: Heap, *, limit: int = 50, offset: int = 0) -> list[Held]:
    """What a heap holds, sort by sort in order of arrival; accruals are listed on their own page."""
    found: list[Held] = []
    with desk.database.read() as tx:
        for where in heap.examples:
            before = sum(number for sort, number in heap.numbers.items() if sort == where.value)
            if offset < before and len(found) < limit:
                found += held.members(
                    tx, desk.connection_id, where, heap.cause, heap.subject, limit=limit - len(found), offset=offset
                )
            offset = max(0, offset - before)
    return found


def holds_in(desk: Desk, heap: Heap, some: Sequence[Held]) -> dict[str, tuple[Hold, ...]]:
    """The holds of these members that are of this heap, by key."""
    found: dict[str, tuple[Hold, ...]] = {}
    with desk.database.read() as tx:
        for where in HeldIn:
            keys = [one.key for one in some if one.where is where]
            for key, holds in held.holds_of(tx, desk.connection_id, where, keys).items():
                found[key] = tuple(one for one in holds if card_of(one.cause, one.subject) == heap.card)
    return found
