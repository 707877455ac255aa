"""Which value of a vendor's field stands: the one written last, field by field, measured against what both sides agreed on last.

Pure. Moments come in by our own clock already; what a side can hold of a value is asked of it, so that a shortened value is not
taken for a change somebody made.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta

import msgspec

from ml_connector.model.vendors import FIELDS, Side, Stamped, Values

Fit = Callable[[str, str], str | None]
"""What a side holds of a value of a field; None when it cannot hold it at all."""


class SideNow(msgspec.Struct, frozen=True, kw_only=True):
    """One side of a vendor. `values`: what it says now; `seen`: what it said when we looked last, or took from us since; `at`: when
    its record was changed last. `blind`: fields it takes and never shows."""

    side: Side
    values: Values
    seen: Values
    at: datetime
    fit: Fit
    blind: Collection[str] = ()


class Overruled(msgspec.Struct, frozen=True, kw_only=True):
    """A change that does not stand because the other side's is newer."""

    field: str
    lost: Stamped
    stands: Stamped


class Merged(msgspec.Struct, frozen=True, kw_only=True):
    """What both sides are to say from now on, what each has to be told for that, and what was overruled on the way.

    `unheld` are fields whose value the side named cannot hold: it keeps what it has.
    """

    agreed: dict[str, Stamped]
    to_quickbooks: dict[str, str]
    to_basware: dict[str, str]
    overruled: tuple[Overruled, ...] = ()
    unheld: tuple[tuple[str, Side], ...] = ()


def merge(
    agreed: Mapping[str, Stamped], quickbooks: SideNow, basware: SideNow, tolerance: timedelta = timedelta(0)
) -> Merged:
    """Merge one vendor. Moments that differ by no more than `tolerance` cannot be told apart: QuickBooks' value stands then.

    Whoever merges the same again gets the same: nothing to tell, nothing overruled, once both sides hold what was agreed.
    """
    kept, told = dict[str, Stamped](), {Side.QUICKBOOKS: dict[str, str](), Side.BASWARE: dict[str, str]()}
    overruled, unheld = list[Overruled](), list[tuple[str, Side]]()
    for field in FIELDS:
        before = agreed.get(field)
        changes = {one.side: change for one in (quickbooks, basware) if (change := _change(field, before, one))}
        if before is None and len(changes) > 1:
            changes = _first_meeting(field, quickbooks, basware, changes)
        stands = _newest(before, changes, tolerance)
        if stands is None:
            continue
        kept[field] = stands
        overruled += [
            Overruled(field=field, lost=change, stands=stands)
            for change in changes.values()
            if change != stands and change.value != stands.value and (change.value or before is not None)
        ]
        for one in (quickbooks, basware):
            wanted = one.fit(field, stands.value)
            if wanted is None:
                unheld.append((field, one.side))
            elif _must_be_told(field, wanted, one):
                told[one.side][field] = wanted
    return Merged(
        agreed=kept,
        to_quickbooks=told[Side.QUICKBOOKS],
        to_basware=told[Side.BASWARE],
        overruled=tuple(overruled),
        unheld=tuple(unheld),
    )


def _change(field: str, agreed: Stamped | None, one: SideNow) -> Stamped | None:
    """The value a side wrote since; None when it says what was agreed, or still what it said before it was told."""
    value = one.values.get(field)
    if value is None:
        return None
    if agreed is not None and (value == one.fit(field, agreed.value) or value == one.seen.get(field)):
        return None
    return Stamped(value=value, at=one.at, side=one.side)


def _first_meeting(
    field: str, quickbooks: SideNow, basware: SideNow, changes: dict[Side, Stamped]
) -> dict[Side, Stamped]:
    """Where nothing was agreed yet: a side that has nothing never empties the other, and a value that one side could hold only in
    part is no other value."""
    filled = {side: change for side, change in changes.items() if change.value}
    if len(filled) == 1:
        return filled
    ours, theirs = changes[Side.QUICKBOOKS], changes[Side.BASWARE]
    if ours.value != theirs.value and quickbooks.fit(field, theirs.value) == ours.value:
        return {Side.BASWARE: theirs}
    if ours.value != theirs.value and basware.fit(field, ours.value) == theirs.value:
        return {Side.QUICKBOOKS: ours}
    return changes


def _newest(agreed: Stamped | None, changes: Mapping[Side, Stamped], tolerance: timedelta) -> Stamped | None:
    """The value that stands."""
    best = dict(changes)
    if agreed is not None:
        best.setdefault(
            agreed.side, agreed
        )  # what a side writes later replaces what it wrote before, whatever its clock says
    ours, theirs = best.get(Side.QUICKBOOKS), best.get(Side.BASWARE)
    if ours is None or theirs is None:
        return ours or theirs
    return theirs if theirs.at - ours.at > tolerance else ours


def _must_be_told(field: str, wanted: str, one: SideNow) -> bool:
    if field in one.blind:
        return bool(wanted) and wanted != one.seen.get(field)
    return field in one.values and one.values[field] != wanted


def by_our_clock(moment: datetime, ahead: timedelta) -> datetime:
    """A moment of a side whose clock is `ahead` of ours, by our clock."""
    return moment - ahead


def median(samples: Collection[timedelta]) -> timedelta:
    """How far a clock is ahead, from several measurements: a slow answer must not move it. Zero when nothing was measured."""
    ordered = sorted(samples)
    return ordered[len(ordered) // 2] if ordered else timedelta(0)
