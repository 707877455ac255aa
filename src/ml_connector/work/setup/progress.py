"""How far the set-up of a connection is, and its release. Every step is read from what is stored, so it can be left and resumed.

What only a person can say is done (a page of choices was looked at) is in the audit, with who said so.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from enum import StrEnum

import msgspec

from ml_connector.store import audit, connections, jobs, secrets, token_chains
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Database, Tx
from ml_connector.store.schema import ChainState
from ml_connector.work.check.line import Check
from ml_connector.work.check.surroundings import WEBHOOKS
from ml_connector.work.settings import decode_settings
from ml_connector.work.setup.looking import SetupError, forget_looked_at, last_look

_ACTION = "set-up"
_UNDONE = "to be done again"


class Step(StrEnum):
    """The steps of a set-up, in their order."""

    QUICKBOOKS = "quickbooks"
    BASWARE = "basware"
    CHECK = "check"
    POLICIES = "policies"
    MAPPING = "mapping"
    START = "start"
    PLAN = "plan"
    RELEASE = "release"


TITLES = {
    Step.QUICKBOOKS: "Connect QuickBooks",
    Step.BASWARE: "Connect Basware",
    Step.CHECK: "Check both",
    Step.POLICIES: "How to post",
    Step.MAPPING: "Match codes",
    Step.START: "Start date",
    Step.PLAN: "First plan",
    Step.RELEASE: "Release",
}

_NEEDED = (Step.QUICKBOOKS, Step.BASWARE, Step.CHECK, Step.START, Step.PLAN)
"""Without these nothing is released. Policies have defaults, and codes that nobody matched hold their documents and no other."""


class StepView(msgspec.Struct, frozen=True, kw_only=True):
    """One step. `next` marks the first that is not done."""

    step: str
    title: str
    done: bool
    next: bool


def steps_of(tx: Tx, row: ConnectionRow) -> tuple[StepView, ...]:
    """Every step of a connection's set-up, done or not."""
    done = _done(tx, row)
    first = next((step for step in Step if step not in done), None)
    return tuple(StepView(step=step.value, title=TITLES[step], done=step in done, next=step is first) for step in Step)


def note_step(database: Database, row: ConnectionRow, step: Step, *, actor: str, now: datetime, told: str = "") -> None:
    """A person went through a step. What they chose is in settings and mapping; `told` says more, such as what a check found."""
    with database.write() as tx:
        audit.record(tx, row.id, at=now, actor=actor, action=_ACTION, subject=step.value, after=told or "done")


def undo_steps(
    tx: Tx, row: ConnectionRow, steps: Iterable[Step], *, actor: str, now: datetime, why: str
) -> None:  # fmt: skip
    """What was said of these steps does not count any more."""
    for step in steps:
        audit.record(
            tx, row.id, at=now, actor=actor, action=_ACTION, subject=step.value, after=_UNDONE, reason=why
        )  # fmt: skip


def _done(tx: Tx, row: ConnectionRow) -> set[Step]:
    if row.setup_since is None:
        return set(Step)
    said = _said(tx, row)
    chain = token_chains.get(tx, row.id)
    known = set(secrets.fields(tx, row.id))
    own = decode_settings(row.settings).basware
    pair = ("user", "password") if own.auth == "basic" else ("client_id", "client_secret")
    tests: dict[Step, Callable[[], bool]] = {
        Step.QUICKBOOKS: lambda: chain is not None and chain.state is ChainState.LIVING,
        Step.BASWARE: lambda: all(f"basware.{name}" in known for name in pair),
        Step.CHECK: lambda: _is_checked(said.get(Step.CHECK), row),
        Step.POLICIES: lambda: Step.POLICIES in said,
        Step.MAPPING: lambda: Step.MAPPING in said and last_look(tx, row.id) is not None,
        Step.START: lambda: Step.START in said or decode_settings(row.settings).policy.start_date is not None,
        Step.PLAN: lambda: Step.PLAN in said,
        Step.RELEASE: lambda: False,
    }
    return {step for step, test in tests.items() if test()}


def _is_checked(said: audit.AuditRow | None, row: ConnectionRow) -> bool:
    """Whether the last check found nothing wrong, and whatever it looked at is still as it was."""
    return said is not None and said.after == "works" and said.reason == check_key(row)


def check_key(row: ConnectionRow) -> str:
    """Changes when a check has to be made again: what is called has changed, or with what."""
    own = decode_settings(row.settings)
    places = (own.basware.region, own.basware.environment, own.basware.base_url, own.basware.auth)
    return "; ".join(
        (*places, ",".join(own.basware.company_codes), own.quickbooks.environment, own.quickbooks.base_url)
    )


def good_enough(checks: Sequence[Check]) -> bool:
    """Whether a connection can post with what a report found. Webhooks only make it quicker: without them it asks."""
    return all(one.ok or one.id == WEBHOOKS[0] for one in checks)


def note_check(database: Database, row: ConnectionRow, *, works: bool, actor: str, now: datetime) -> None:
    """The check report was made: whether nothing in it failed, and of which addresses and companies."""
    with database.write() as tx:
        audit.record(
            tx, row.id, at=now, actor=actor, action=_ACTION, subject=Step.CHECK.value,
            after="works" if works else "failed", reason=check_key(row),
        )  # fmt: skip


def _said(tx: Tx, row: ConnectionRow) -> dict[Step, audit.AuditRow]:
    """What people said last of each step since the set-up began."""
    rows = audit.listing(tx, row.id, action=_ACTION, since=row.setup_since, limit=1000)
    last = {Step(one.subject): one for one in reversed(rows)}
    return {step: one for step, one in last.items() if one.after != _UNDONE}


def release(database: Database, row: ConnectionRow, *, actor: str, reason: str, now: datetime) -> None:
    """The set-up is over: from now on everything runs by its plan, invoices at once. Raises SetupError when something is missing.

    Documents that were only looked at are forgotten; the first run takes over what Basware offers then.
    """
    with database.write(durable=True) as tx:
        fresh = connections.get(tx, row.id)
        if fresh.setup_since is None:
            raise SetupError(f"{row.name} is released already.")
        done = _done(tx, fresh)
        missing = [TITLES[step] for step in _NEEDED if step not in done]
        if missing:
            raise SetupError(f"{row.name} cannot be released yet. Still to do: {', '.join(missing)}.")
        let_go(tx, fresh, actor=actor, reason=reason, now=now)


def let_go(tx: Tx, row: ConnectionRow, *, actor: str, reason: str, now: datetime) -> None:
    """Let a connection's jobs start, whatever was looked at and by whom."""
    forget_looked_at(tx, row.id)
    connections.release(tx, row.id, now)
    jobs.work_out_anew(tx, row.id, now)
    jobs.ask(tx, row.id, "invoices", now, actor)
    audit.record(tx, row.id, at=now, actor=actor, action="released", subject=row.name, reason=reason)
