"""Whether the books are current, in a sentence, and what it is made of: flows, documents, runs to come, how the connection stands.

Read only; everything is counted by the database.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec

from ml_connector.model.drift import DriftState
from ml_connector.model.holds import Cause
from ml_connector.rules.calendar import local_date, start_of_day
from ml_connector.store import (
    alerts,
    connections,
    document_lists,
    drift_cases,
    held,
    history,
    notices,
    token_chains,
)
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Tx
from ml_connector.store.schema import ChainState, ConnectionState, DocumentState, System
from ml_connector.store.token_chains import TokenChainRow
from ml_connector.work.budget_view import BudgetView, budget_view
from ml_connector.work.desk import Desk
from ml_connector.work.feeds.shown import FeedLine, feed_lines
from ml_connector.work.jobs import Job

DAYS = 30
"""Days of history that are shown."""
LATE = timedelta(hours=1)
"""What is known of approved invoices may be this old before the books no longer count as current."""

_ON_THE_WAY = (
    DocumentState.RECEIVED,
    DocumentState.VENDOR_PENDING,
    DocumentState.POSTING,
    DocumentState.WITHDRAWING,
)
_OF_PEOPLE = (DocumentState.PLANNED, DocumentState.HELD)
_REFUSED = frozenset({Cause.QUICKBOOKS_REFUSED.value, Cause.ANSWER_REFUSED.value})


class Amount(msgspec.Struct, frozen=True, kw_only=True):
    """How many documents, and what they come to by currency."""

    documents: int = 0
    money: Mapping[str, Decimal] = {}


class HistoryDay(msgspec.Struct, frozen=True, kw_only=True):
    """One day in the company's time zone. `held`: documents that began to wait on it and did not begin to wait again since."""

    day: date
    posted: int
    held: int


class SignIn(msgspec.Struct, frozen=True, kw_only=True):
    """The QuickBooks sign-in. `days_left`: until somebody has to sign in again, None where nobody knows."""

    state: str
    days_left: int | None
    ends_at: datetime | None
    problem: str


class Webhooks(msgspec.Struct, frozen=True, kw_only=True):
    """What the other systems announced: how much waits to be read, and when something came last."""

    waiting: Mapping[str, int]
    last: Mapping[str, datetime | None]


class TodayView(msgspec.Struct, frozen=True, kw_only=True):
    """The screen of today. `current`: yes, yes but, or no; `sentence` says it with its reason. `needs`: causes and differences in
    QuickBooks that wait for a person; `alerts` is told beside them. `planned`: under review, what is posted once a person has
    released it. `failed` is a part of `held`. `day`: today in the company's time zone, the day of `posted_today`."""

    day: date
    current: str
    sentence: str
    needs: int
    waiting: Amount
    planned: Amount
    held: Amount
    failed: Amount
    posted_today: Amount
    flows: tuple[FeedLine, ...]
    sign_in: SignIn | None
    webhooks: Webhooks
    budget: BudgetView
    alerts: tuple[str, ...]


def today_view(desk: Desk) -> TodayView:
    """Everything on the screen but the history."""
    now, zone = desk.clock.now(), desk.time_zone
    day = local_date(now, zone)
    flows = tuple(feed_lines(desk))
    with desk.database.read() as tx:
        row = connections.get(tx, desk.connection_id)
        counts = document_lists.counts(tx, desk.connection_id, states=(*_ON_THE_WAY, *_OF_PEOPLE))
        number, money = history.posted_since(tx, desk.connection_id, start_of_day(day, zone))
        open_alerts = alerts.listing(tx, desk.connection_id, limit=1000)
        causes = held.cards(tx, desk.connection_id)
        needs = causes + drift_cases.count(tx, desk.connection_id, DriftState.OPEN)
        failed = held.of_causes(tx, desk.connection_id, _REFUSED)
        chain = token_chains.get(tx, desk.connection_id)
        webhooks = _webhooks(tx, desk.connection_id)
        budget = budget_view(tx, row, now)
    waiting = _sum([counts[state] for state in _ON_THE_WAY if state in counts])
    planned, held_now = (_sum([counts[state]] if state in counts else []) for state in _OF_PEOPLE)
    why_not = _why_not_current(row, flows, waiting, now, zone)
    current, sentence = _verdict(why_not, needs, held_now, planned)
    return TodayView(
        day=day, current=current, sentence=sentence, needs=needs, waiting=waiting, planned=planned, held=held_now,
        failed=Amount(documents=failed[0], money=failed[1]), posted_today=Amount(documents=number, money=money),
        flows=flows, sign_in=_sign_in(chain, now), webhooks=webhooks, budget=budget,
        alerts=tuple(one.message for one in open_alerts),
    )  # fmt: skip


def _sum(parts: Sequence[tuple[int, Mapping[str, Decimal]]]) -> Amount:
    money: dict[str, Decimal] = {}
    for _, some in parts:
        for currency, amount in some.items():
            money[currency] = money.get(currency, Decimal(0)) + amount
    return Amount(documents=sum(number for number, _ in parts), money=money)


def _why_not_current(row: ConnectionRow, flows: Sequence[FeedLine], waiting: Amount, now: datetime, zone: str) -> str:
    """Why the books may be behind, in a sentence; empty when they are not."""
    invoices = next(one for one in flows if one.job == Job.INVOICES)
    return _why_resting(row, invoices) or _why_behind(invoices, waiting, now, zone)


def _why_resting(row: ConnectionRow, invoices: FeedLine) -> str:
    if row.state is ConnectionState.SIGN_IN_NEEDED:
        return row.state_reason or "somebody has to sign in again."
    if row.paused_at is not None or invoices.state == "paused":
        return f"posting is paused{': ' + row.pause_reason if row.pause_reason else ''}."
    if row.state is ConnectionState.PAUSED:
        return f"the connection rests: {row.state_reason}"
    return ""


def _why_behind(invoices: FeedLine, waiting: Amount, now: datetime, zone: str) -> str:
    if invoices.current_to is None:
        return (
            f"Basware was not looked at yet{'; the last try failed: ' + invoices.problem if invoices.problem else '.'}"
        )
    if now - invoices.current_to > LATE:
        failing = f" {invoices.problem}" if invoices.failures else ""
        return f"Basware was looked at last {_at(invoices.current_to, now, zone)}.{failing}"
    if waiting.documents:
        on = "bill is" if waiting.documents == 1 else "bills are"
        return f"{waiting.documents} {on} on the way to QuickBooks or waiting for the next run."
    return ""


def _at(moment: datetime, now: datetime, zone: str) -> str:
    local = moment.astimezone(ZoneInfo(zone))
    if local_date(moment, zone) == local_date(now, zone):
        return f"at {local:%H:%M}"
    return f"on {local:%d %B} at {local:%H:%M}"


def _verdict(why_not: str, needs: int, held_now: Amount, planned: Amount) -> tuple[str, str]:
    if why_not:
        return "no", f"No: {why_not}"
    if not needs and not planned.documents:
        return "yes", "Yes. Every approved bill that Basware has is in QuickBooks."
    said = []
    if needs:
        said.append("1 thing needs you" if needs == 1 else f"{needs} things need you")
    if planned.documents:
        said.append(f"{_bills(planned)} for a release")
    waits = f" {_bills(held_now)} for {'it' if needs == 1 else 'them'}." if held_now.documents else ""
    return "yes but", f"Yes, but {' and '.join(said)}.{waits}"


def _bills(some: Amount) -> str:
    return "1 bill waits" if some.documents == 1 else f"{some.documents} bills wait"


def _sign_in(chain: TokenChainRow | None, now: datetime) -> SignIn | None:
    if chain is None:
        return None
    limits = [at for at in (chain.refresh_expires_at, chain.hard_expires_at) if at is not None]
    ends = min(limits, default=None)
    living = chain.state is ChainState.LIVING
    return SignIn(
        state="signed in" if living else chain.state.value,
        days_left=max((ends - now).days, 0) if ends is not None and living else None,
        ends_at=ends, problem=chain.problem,
    )  # fmt: skip


def _webhooks(tx: Tx, connection_id: str) -> Webhooks:
    return Webhooks(
        waiting={system.value: notices.waiting_count(tx, connection_id, system) for system in System},
        last={system.value: notices.last_received(tx, connection_id, system) for system in System},
    )


def history_view(desk: Desk, number: int = DAYS) -> list[HistoryDay]:
    """The last days in the company's time zone, today last: what was posted, and what began to wait."""
    zone = desk.time_zone
    last = desk.today()
    first = last - timedelta(days=number - 1)
    days = [first + timedelta(days=at) for at in range(number + 1)]
    with desk.database.read() as tx:
        found = history.days(tx, desk.connection_id, [start_of_day(day, zone) for day in days])
    return [HistoryDay(day=day, posted=one.posted, held=one.held) for day, one in zip(days, found, strict=False)]
