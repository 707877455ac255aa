"""Everything that waits, as causes: one card for each cause and subject, whatever and however much it holds.

Read only. The database groups and counts; words are made for the cards that are shown and for no others.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from ml_connector.model.holds import Cause, Hold
from ml_connector.store import accruals, held
from ml_connector.store.accruals import AccrualRow
from ml_connector.store.database import Tx
from ml_connector.store.held import CauseTotal, Held, card_of
from ml_connector.store.held_sources import HeldIn
from ml_connector.store.rows import chunks
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


def heaps(desk: Desk) -> Iterator[Heap]:
    """Everything that waits, in the order of RULE. What has gone while they were read is left out."""
    with desk.database.read() as tx:
        line = _line(tx, desk)
    for some in chunks(line.cards, _AT_ONCE):
        with desk.database.read() as tx:
            found = _heaps(tx, desk, line, some)
        yield from found


def heaps_page(desk: Desk, start: int, size: int) -> tuple[list[Heap], int]:
    """So many of these from one on, and how many there are in all."""
    with desk.database.read() as tx:
        line = _line(tx, desk)
        return _heaps(tx, desk, line, line.cards[start : start + size]), len(line.cards)


_AT_ONCE = 50
"""Heaps that are read together."""


class _Line(NamedTuple):
    """Every card in the order of RULE, and the heaps that are known already: those that hold anything but documents."""

    cards: Sequence[str]
    known: Mapping[str, Heap]


def _line(tx: Tx, desk: Desk) -> _Line:
    """What holds documents only, which may be thousands, is put in order without being counted."""
    waiting = held.ranks(tx, desk.connection_id)
    known = _others(tx, desk)
    both = known.keys() & waiting.keys()
    for total in held.totals(tx, desk.connection_id, HeldIn.DOCUMENTS, cards=both):
        known[total.card] = _together(_heap_of(total), known[total.card])
    found = [(since, largest, card) for card, (since, largest) in waiting.items() if card not in both]
    found += [(one.since, _largest(one), one.card) for one in known.values()]
    return _Line(in_order(found, ZoneInfo(desk.time_zone)), known)


def in_order(found: Sequence[tuple[datetime | None, Decimal, str]], zone: ZoneInfo) -> list[str]:
    """Cards by the day on which the oldest began to wait, then by the largest amount. Where days begin is looked up once."""
    begins = _beginnings([since for since, _, _ in found if since is not None], zone)
    never = len(begins) + 1
    order = [
        (never if since is None else bisect_right(begins, since), -largest, card) for since, largest, card in found
    ]
    return [card for _, _, card in sorted(order)]


def _beginnings(moments: Sequence[datetime], zone: ZoneInfo) -> list[datetime]:
    """When each day in the zone began, from that of the first of these moments to that of the last."""
    if not moments:
        return []
    first, last = (at.astimezone(zone).date() for at in (min(moments), max(moments)))
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [datetime.combine(day, time.min, zone).astimezone(UTC) for day in days]


def _others(tx: Tx, desk: Desk, cards: Collection[str] | None = None) -> dict[str, Heap]:
    """What holds anything but documents, by card: all of it, or these cards."""
    sorts = (where for where in HeldIn if where is not HeldIn.DOCUMENTS)
    found = [_heap_of(one) for where in sorts for one in held.totals(tx, desk.connection_id, where, cards=cards)]
    found += [one for one in _accrual_heaps(tx, desk) if cards is None or one.card in cards]
    return _by_card(found)


def _by_card(found: Iterable[Heap]) -> dict[str, Heap]:
    together: dict[str, Heap] = {}
    for one in found:
        known = together.get(one.card)
        together[one.card] = one if known is None else _together(known, one)
    return together


def _heaps(tx: Tx, desk: Desk, line: _Line, cards: Sequence[str]) -> list[Heap]:
    """These heaps, in this order, without those that are gone."""
    missing = [card for card in cards if card not in line.known]
    counted = {one.card: _heap_of(one) for one in held.totals(tx, desk.connection_id, HeldIn.DOCUMENTS, cards=missing)}
    found = (line.known.get(card) or counted.get(card) for card in cards)
    return [one for one in found if one is not None]


def _largest(one: Heap) -> Decimal:
    return max(map(abs, one.money.values()), default=Decimal(0))


def _heap_of(one: CauseTotal) -> Heap:
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
    with desk.database.read() as tx:
        holding = [_heap_of(one) for one in held.totals(tx, desk.connection_id, HeldIn.DOCUMENTS, cards=[card])]
        others = _others(tx, desk, [card])
    return _by_card([*holding, *others.values()]).get(card)


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
