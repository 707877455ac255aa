"""What needs a person, by cause: one card with everything it holds, and what can be done about all of it at once.

What is decided about one thing alone is done where that thing is: documents, vendors, the mapping. The pages that explain causes
are here too.
"""

from collections.abc import Callable
from typing import Annotated, Any

import msgspec

from ml_connector.console.api.operation import (
    Because,
    Call,
    Name,
    Page,
    Paged,
    Reason,
    counted,
    cursor_at,
    place_of,
    reader,
    sliced,
    writer,
)
from ml_connector.console.api.service import base_of
from ml_connector.console.trouble import NotFoundError
from ml_connector.model.holds import Cause
from ml_connector.model.people import Right
from ml_connector.rules.causes import title_of
from ml_connector.work.accruals.shown import AccrualView
from ml_connector.work.dating import OpenDays
from ml_connector.work.desk import Desk
from ml_connector.work.needs import fixing
from ml_connector.work.needs.cards import Card, Heap, cards, find, heaps_page
from ml_connector.work.needs.choices import SHOWN, Code, GivenTwice, Member, Uncoded, choices
from ml_connector.work.needs.explained import page_text
from ml_connector.work.needs.remedies import RIGHTS, remedy_of
from ml_connector.work.reactivating.shown import InactiveRecord, ReactivationView, reactivation_views

Keys = Annotated[tuple[Name, ...], msgspec.Meta(max_length=10_000)]


class Acting(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that can be done about a cause, and the right it needs."""

    act: str
    right: str


class CauseCard(msgspec.Struct, frozen=True, kw_only=True):
    """One cause: what can be done about it, the likeliest first; codes to be matched, records without a code or with one that is
    another's; inactive records that it waits for; days its documents can be posted on; settings that decide about it; a page of
    what it holds. `explained` is the page about it."""

    card: Card
    explained: str
    acts: tuple[Acting, ...]
    codes: tuple[Code, ...]
    uncoded: tuple[Uncoded, ...]
    given_twice: tuple[GivenTwice, ...]
    inactive: tuple[InactiveRecord, ...]
    accruals: tuple[AccrualView, ...]
    days: OpenDays | None
    settings: tuple[str, ...]
    items: tuple[Member, ...]
    next: str


class CardQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which page of what the cause holds; a page has 50."""

    cursor: Annotated[str, msgspec.Meta(max_length=200, pattern=r"^[A-Za-z0-9_-]*$")] = ""


class Chosen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which of what the cause holds, by key; all of it without any."""

    keys: Keys = ()


class ChosenBecause(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which of what the cause holds, by key, all of it without any; and why."""

    reason: Reason
    keys: Keys = ()


class MadeActive(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which of the `inactive` records of the cause, by its id in QuickBooks; and why."""

    quickbooks_id: Name
    reason: Reason


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What was done, in words."""

    told: str


class ExplainedLine(msgspec.Struct, frozen=True, kw_only=True):
    """A cause that can hold something. `page` is where people read about it."""

    cause: str
    title: str
    page: str


class ExplainedCause(msgspec.Struct, frozen=True, kw_only=True):
    """What a cause is, why, and how it is fixed. `text` is Markdown."""

    cause: str
    title: str
    page: str
    text: str


def _causes(call: Call) -> Page[Card]:
    with call.desk() as desk:
        found = counted(call.query, lambda start, size: heaps_page(desk, start, size)[0])
        return Page(items=cards(desk, list(found.items)), next=found.next)


def _card(call: Call) -> CauseCard:
    offset = place_of(call.query.cursor) or 0
    with call.desk() as desk:
        heap = _heap(desk, call)
        [card] = cards(desk, [heap])
        remedy = remedy_of(Cause(heap.cause))
        offered = choices(desk, heap, card, remedy, offset=offset)
    return CauseCard(
        card=card,
        explained=_page(call, heap.cause),
        acts=tuple(Acting(act=act.value, right=RIGHTS[act].value) for act in remedy.acts),
        codes=offered.codes,
        uncoded=offered.uncoded,
        given_twice=offered.given_twice,
        inactive=offered.inactive,
        accruals=offered.accruals,
        days=offered.days,
        settings=tuple(remedy.settings),
        items=offered.members,
        next=cursor_at(offset + SHOWN) if offered.more else "",
    )


def _heap(desk: Desk, call: Call) -> Heap:
    found = find(desk, call.given["card"])
    if found is None:
        raise NotFoundError
    return found


def _done(act: Callable[[Desk, Heap, Call], str]) -> Callable[[Call], Told]:
    """Does something with everything that a cause holds, or the part of it that was chosen."""

    def run(call: Call) -> Told:
        with call.desk() as desk:
            return Told(told=act(desk, _heap(desk, call), call))

    return run


def _again(desk: Desk, heap: Heap, call: Call) -> str:
    return fixing.again(desk, heap, call.body.keys, actor=call.visitor.actor)


def _ignored(desk: Desk, heap: Heap, call: Call) -> str:
    return fixing.ignore(desk, heap, call.body.keys, reason=call.body.reason, actor=call.visitor.actor)


def _rejected(desk: Desk, heap: Heap, call: Call) -> str:
    return fixing.reject(desk, heap, call.body.keys, reason=call.body.reason, actor=call.visitor.actor)


def _first_open_day(desk: Desk, _heap: Heap, call: Call) -> str:
    return fixing.first_open_day(desk, reason=call.body.reason, actor=call.visitor.actor)


def _made_active(desk: Desk, heap: Heap, call: Call) -> str:
    body: MadeActive = call.body
    return fixing.make_active(desk, heap, body.quickbooks_id, reason=body.reason, actor=call.visitor.actor)


def _reactivations(call: Call) -> Page[ReactivationView]:
    with call.desk() as desk:
        return counted(call.query, lambda offset, limit: reactivation_views(desk, limit=limit, offset=offset))


def _explained(call: Call) -> Page[ExplainedLine]:
    found = [ExplainedLine(cause=one.value, title=title_of(one.value), page=_page(call, one.value)) for one in Cause]
    return sliced(call.query, found)


def _explained_one(call: Call) -> ExplainedCause:
    cause: Cause = call.given["cause"]
    return ExplainedCause(
        cause=cause.value, title=title_of(cause.value), page=_page(call, cause.value), text=page_text(cause.value) or ""
    )


def _page(call: Call, cause: str) -> str:
    return f"{base_of(call.console)}/errors/{cause}"


_TAG, _ALL = "causes", "/connections/{connection}/causes"
_ONE = f"{_ALL}/{{card}}"
_WHY: dict[str, Any] = {"right": Right.DECIDE, "body": ChosenBecause}
OPERATIONS = (
    reader(_TAG, _ALL, "What needs a person, by cause, with count and money", Page[Card], _causes, query=Paged),
    reader(_TAG, _ONE, "One cause: what it holds, what can be done, what there is to choose", CauseCard, _card, query=CardQuery),
    writer(_TAG, f"{_ONE}/retry", "What it holds goes again", Told, _done(_again), right=Right.DECIDE, body=Chosen),
    writer(_TAG, f"{_ONE}/ignore", "Ignore what it holds", Told, _done(_ignored), **_WHY),
    writer(_TAG, f"{_ONE}/reject", "Give what it holds back to Basware", Told, _done(_rejected), **_WHY),
    writer(
        _TAG, f"{_ONE}/first-open-day", "Post what falls into closed books on the first open day", Told,
        _done(_first_open_day), right=Right.ADMINISTER, body=Because,
    ),
    writer(
        _TAG, f"{_ONE}/reactivate", "Make an inactive record that it waits for active in QuickBooks", Told,
        _done(_made_active), right=Right.MAP, body=MadeActive,
    ),
    reader(
        _TAG, "/connections/{connection}/reactivations", "Records that people wanted active again, the latest first",
        Page[ReactivationView], _reactivations, query=Paged,
    ),
    reader(_TAG, "/errors", "Every cause there can be, each with its page", Page[ExplainedLine], _explained, query=Paged),
    reader(_TAG, "/errors/{cause}", "The page of one cause", ExplainedCause, _explained_one, given={"cause": Cause}),
)  # fmt: skip
