"""Where the reading of QuickBooks' changes stands, as people and programs are shown it; and asking for a full comparison."""

from datetime import datetime

import msgspec

from ml_connector.store import audit, jobs, notices
from ml_connector.store import books as book_store
from ml_connector.store.books import Summary
from ml_connector.store.drift import Drift, drifted
from ml_connector.store.schema import NoticeState, System
from ml_connector.work.changes import progress as progresses
from ml_connector.work.changes.catch_up import moment
from ml_connector.work.changes.progress import progress_of
from ml_connector.work.changes.reading import catch_up_due, known_to, webhooks_arrive
from ml_connector.work.desk import Desk
from ml_connector.work.jobs import Job


class EntityState(msgspec.Struct, frozen=True, kw_only=True):
    """How far one entity was read.

    `known_to`: up to when, by QuickBooks' clock, every change is known, null before the first reading; `lag_seconds` how long ago
    that is. `newest`: the last change among the copies. `progress`: `comparing` or `recent changes` while a reading by pages is
    under way, with `position` where it goes on. `problem`: why it cannot be read.
    """

    entity: str
    records: int
    deleted: int
    newest: str
    known_to: datetime | None
    lag_seconds: int | None
    progress: str
    position: int
    problem: str


class ChangesState(msgspec.Struct, frozen=True, kw_only=True):
    """Where the reading stands: by entity, the notices by state, and linked records somebody changed or deleted.

    `webhooks`: whether notices arrived lately. `next_catch_up`: when QuickBooks is asked for changes next.
    """

    connection: str
    webhooks: bool
    known_to: datetime | None
    next_catch_up: datetime
    waiting: int
    oldest_waiting: datetime | None
    notices: dict[str, int]
    drifted: tuple[Drift, ...]
    entities: tuple[EntityState, ...]


_SHOWN = {"compare": "comparing", "recent": "recent changes"}


def changes_state(desk: Desk) -> ChangesState:
    """The state of reading, from the tables alone: nobody is called."""
    settings, now = desk.settings.changes, desk.clock.now()
    with desk.database.read() as tx:
        cursors = book_store.cursors(tx, desk.connection_id)
        kept = book_store.summaries(tx, desk.connection_id)
        span = notices.span_waiting(tx, desk.connection_id, System.QUICKBOOKS)
        counts = notices.counts(tx, desk.connection_id, System.QUICKBOOKS)
        drift = drifted(tx, desk.connection_id)
        due = catch_up_due(tx, desk, cursors, jobs.get(tx, desk.connection_id, Job.CHANGES))
        arrive = webhooks_arrive(tx, desk)
    entities = list[EntityState]()
    for entity in settings.watched:
        own = cursors.get(entity)
        known, progress = moment(own), progress_of(own)
        summary = kept.get(entity) or Summary(entity=entity, records=0, deleted=0, newest="")
        entities.append(
            EntityState(
                entity=entity,
                records=summary.records,
                deleted=summary.deleted,
                newest=summary.newest,
                known_to=known,
                lag_seconds=max(0, int((now - known).total_seconds())) if known else None,
                progress=_SHOWN[progress.kind] if progress else "",
                position=progress.position if progress else 0,
                problem=own.problem if own else "",
            )
        )
    return ChangesState(
        connection=desk.connection_name,
        webhooks=arrive,
        known_to=known_to(cursors, list(settings.captured)),
        next_catch_up=max(due, now),
        waiting=span.number if span else 0,
        oldest_waiting=span.oldest if span else None,
        notices={state.value: counts[state] for state in NoticeState if state in counts},
        drifted=tuple(drift),
        entities=tuple(entities),
    )


def ask_for_comparison(desk: Desk, actor: str) -> tuple[str, ...]:
    """Have every watched entity read as a whole at the next run, whatever is known of it; the entities.

    What is read then counts even where an older version than ours comes back: the company may have been restored.
    """
    now, entities = desk.clock.now(), desk.settings.changes.captured
    with desk.database.write() as tx:
        progresses.ask_for_comparison(tx, desk.connection_id, entities, now)
        jobs.ask(tx, desk.connection_id, Job.CHANGES, now, actor)
        audit.record(
            tx, desk.connection_id, at=now, actor=actor, action="comparison asked for", subject=", ".join(entities)
        )
    return entities
