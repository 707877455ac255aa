"""How the work goes: feeds, budgets, calls, what became of requests, alerts, the audit."""

from collections.abc import Sequence
from typing import Any

import msgspec

from ml_connector.console.api.operation import (
    Because,
    Call,
    Number,
    Page,
    Paged,
    Text,
    counted,
    cursor_at,
    keyed,
    listed,
    place_of,
    reader,
    sliced,
    writer,
)
from ml_connector.model.people import Right
from ml_connector.store import alerts, audit, calls
from ml_connector.store.alerts import AlertRow
from ml_connector.store.audit import AuditRow
from ml_connector.store.calls import CallRow
from ml_connector.store.schema import RequestState
from ml_connector.work.alerts import put_away
from ml_connector.work.audit_views import shown_change
from ml_connector.work.budget_view import BudgetDay, BudgetView, budget_history, budget_view
from ml_connector.work.feeds.outcome_views import OutcomeLine, outcome_lines
from ml_connector.work.feeds.shown import FeedLine, feed_lines
from ml_connector.work.jobs import Job
from ml_connector.work.listing import Listing
from ml_connector.work.runs import RunLine, run_lines


class OutcomeQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which requests: in some states, with a text in numbers, ids and reasons."""

    state: tuple[RequestState, ...] = ()
    text: Text = ""


class CallQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`failed`: only calls that were not answered with success."""

    failed: bool = False


class AlertQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`over`: also those whose cause is over."""

    over: bool = False


class AuditQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Only entries about a subject, of an action, or by somebody."""

    subject: Text = ""
    action: Text = ""
    actor: Text = ""


class RunQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which runs: of a job; `failed`: only those that failed."""

    job: Job | None = None
    failed: bool = False


def _feeds(call: Call) -> Page[FeedLine]:
    with call.desk() as desk:
        return sliced(call.query, feed_lines(desk))


def _runs(call: Call) -> Page[RunLine]:
    query: RunQuery = call.query
    before = place_of(query.cursor) or 0
    with call.desk() as desk:
        lines, older = run_lines(
            desk, job=query.job.value if query.job else "", failed=query.failed, before=before, size=query.limit
        )
    return Page(items=lines, next=cursor_at(older) if older else "")


def _budget_days(call: Call) -> Page[BudgetDay]:
    with call.app.database.read() as tx:
        return sliced(call.query, budget_history(tx, call.connection, call.now))


def _budget(call: Call) -> BudgetView:
    with call.app.database.read() as tx:
        return budget_view(tx, call.connection, call.now)


def _calls(call: Call) -> Page[CallRow]:
    query: CallQuery = call.query
    database, connection_id = call.app.database, call.connection.id

    def lines(numbers: Sequence[int]) -> list[CallRow]:
        with database.read() as tx:
            return calls.these(tx, connection_id, numbers)

    return listed(query, Listing(database, calls.ordered(connection_id, failed_only=query.failed), lines))


def _outcomes(call: Call) -> Page[OutcomeLine]:
    query: OutcomeQuery = call.query
    with call.desk() as desk:

        def read(offset: int, limit: int) -> Sequence[OutcomeLine]:
            return outcome_lines(desk, states=list(query.state), text=query.text, limit=limit, offset=offset)

        return counted(query, read)


def _alerts(call: Call) -> Page[AlertRow]:
    query: AlertQuery = call.query
    with call.app.database.read() as tx:

        def read(before: int | None, limit: int) -> Sequence[AlertRow]:
            return alerts.listing(tx, call.connection.id, open_only=not query.over, limit=limit, before=before)

        return keyed(query, read, lambda one: one.id)


def _put_away(call: Call) -> AlertRow:
    body: Because = call.body
    return put_away(
        call.app.database,
        call.connection,
        call.given["number"],
        reason=body.reason,
        actor=call.visitor.actor,
        now=call.now,
    )


def _audit(call: Call) -> Page[AuditRow]:
    query: AuditQuery = call.query
    with call.app.database.read() as tx:

        def read(before: int | None, limit: int) -> Sequence[AuditRow]:
            found = audit.listing(
                tx, call.connection.id, subject=query.subject or None, action=query.action or None,
                actor=query.actor or None, limit=limit, before_id=before,
            )  # fmt: skip
            return [
                msgspec.structs.replace(one, before=shown_change(one.before), after=shown_change(one.after))
                for one in found
            ]

        return keyed(query, read, lambda one: one.id)


_TAG, _ONE = "operation", "/connections/{connection}"
_NUMBER: dict[str, Any] = {"given": {"number": Number}}
OPERATIONS = (
    reader(
        _TAG,
        f"{_ONE}/feeds",
        "Every job: how current it is, and what waits",
        Page[FeedLine],
        _feeds,
        query=Paged,
    ),
    reader(_TAG, f"{_ONE}/runs", "What ran, newest first", Page[RunLine], _runs, query=RunQuery),
    reader(
        _TAG,
        f"{_ONE}/budget/days",
        "The month's calls, day by day",
        Page[BudgetDay],
        _budget_days,
        query=Paged,
    ),
    reader(_TAG, f"{_ONE}/budget", "Requests of the last minute, metered reads of the month", BudgetView, _budget),
    reader(_TAG, f"{_ONE}/calls", "Calls to both systems, newest first", Page[CallRow], _calls, query=CallQuery),
    reader(
        _TAG,
        f"{_ONE}/outcomes",
        "What became of what Basware was sent",
        Page[OutcomeLine],
        _outcomes,
        query=OutcomeQuery,
    ),
    reader(_TAG, f"{_ONE}/alerts", "What needs a person now, newest first", Page[AlertRow], _alerts, query=AlertQuery),
    writer(
        _TAG,
        f"{_ONE}/alerts/{{number}}/put-away",
        "End an alert that was dealt with",
        AlertRow,
        _put_away,
        right=Right.DECIDE,
        body=Because,
        **_NUMBER,
    ),
    reader(_TAG, f"{_ONE}/audit", "Who did what, newest first", Page[AuditRow], _audit, query=AuditQuery),
)
