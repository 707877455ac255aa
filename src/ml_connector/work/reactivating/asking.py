"""What a person asks for: that a list record of QuickBooks be active again. With a reason, kept with who asked.

Nothing is sent here. The next run of the job `invoices` looks at the record afresh and writes it.
"""

from ml_connector.model.mapping import Dimension, records_of
from ml_connector.quickbooks.translation import books_from
from ml_connector.store import audit, jobs, reactivations
from ml_connector.store import books as book_store
from ml_connector.store.reactivations import ReactivationRow
from ml_connector.store.schema import ReactivationState
from ml_connector.work.decisions import DecisionError, required_reason
from ml_connector.work.desk import Desk
from ml_connector.work.jobs import Job
from ml_connector.work.reactivating.records import (
    ENTITIES,
    copied,
    decoded,
    gone,
    is_active,
    label_of,
    why_not,
    with_those_above,
)
from ml_connector.work.reactivating.telling import over, subject_of

INACTIVE, IN_USE = "inactive", "active"


def reactivate(desk: Desk, dimension: Dimension, record_id: str, *, reason: str, actor: str) -> ReactivationRow:
    """Have a record made active. Raises DecisionError without a reason, and when it cannot be done by what our copies say."""
    if dimension not in ENTITIES:
        raise DecisionError(f"A {dimension.value.replace('_', ' ')} is made active in QuickBooks itself.")
    reason = required_reason(reason)
    entity, now = ENTITIES[dimension], desk.clock.now()
    with desk.write() as tx:
        there = with_those_above(copied(tx, desk, entity), record_id)
        if there is None:
            raise DecisionError(gone(tx, desk, entity, record_id))
        name = label_of(entity, there.record)
        if is_active(there.record):
            raise DecisionError(f"{name} is active in QuickBooks already. What it held goes again with the next run.")
        if problem := why_not(tx, desk, entity, there):
            raise DecisionError(f"{name} cannot be made active. {problem}")
        row = ReactivationRow(
            entity=entity, quickbooks_id=record_id, name=name, state=ReactivationState.ASKED, reason=reason,
            asked_by=actor, asked_at=now,
        )  # fmt: skip
        if not reactivations.ask(tx, desk.connection_id, row):
            raise DecisionError(f"Somebody asked for {name} already: it is made active with the next run.")
        over(tx, desk, entity, record_id)
        audit.record(
            tx, desk.connection_id, at=now, actor=actor, action="reactivation asked for",
            subject=subject_of(entity, record_id), before=f"{name}: {INACTIVE}", after=f"{name}: {IN_USE}",
            reason=reason,
        )  # fmt: skip
        jobs.bring_forward(tx, desk.connection_id, Job.INVOICES, now, now)
    return row


def inactive_named(desk: Desk, dimension: Dimension, text: str) -> str:
    """The id of the record a person means by id, number or name. Raises DecisionError when there is none, or several."""
    wanted = text.strip().casefold()
    if dimension not in ENTITIES:
        raise DecisionError(f"A {dimension.value.replace('_', ' ')} is made active in QuickBooks itself.")
    with desk.database.read() as tx:
        rows = book_store.all_of(tx, desk.connection_id, ENTITIES[dimension])
    known = records_of(books_from({ENTITIES[dimension]: [dict(decoded(row)) for row in rows]}), dimension)
    if text.strip() in known:
        return text.strip()
    found = [
        one for one in known.values()
        if wanted in {name.casefold() for name in (one.label, one.full_name, one.name, getattr(one, "number", "")) if name}
    ]  # fmt: skip
    chosen = [one for one in found if not one.active] or found
    if not chosen:
        raise DecisionError(f"QuickBooks has no {dimension.value} with the id, number or name {text!r}.")
    if len(chosen) > 1:
        told = ", ".join(f"{one.label} ({one.id})" for one in chosen)
        raise DecisionError(f"Several fit, name one by its id: {told}.")
    return chosen[0].id
