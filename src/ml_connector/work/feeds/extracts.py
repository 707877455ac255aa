"""The job `extracts`: tables of Purchase-to-Pay that Basware offers as files are fetched, loaded and then acknowledged.

A run may end anywhere. Files that were fetched stay in the spool, rows that were stored are stored again without a change, and an
extract is acknowledged only when all of it is committed. One that cannot be loaded waits with its reason and is tried again in
every run, whoever acknowledged it; the others go on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from ml_connector.basware.errors import BaswareError, NoAnswer, Refused, Unavailable, UnreadablePage
from ml_connector.basware.extracts import Extract, ExtractFile, ExtractsClient
from ml_connector.store import alerts, audit, jobs
from ml_connector.store import extracts as store
from ml_connector.store.extracts import ExtractRow
from ml_connector.store.schema import ExtractState, Severity
from ml_connector.work.desk import Desk
from ml_connector.work.feeds.extract_columns import check_columns
from ml_connector.work.feeds.extract_files import NotLoaded, fetch, load
from ml_connector.work.feeds.extracts_again import ALERT, HERE, delivered_elsewhere, settle_needless
from ml_connector.work.feeds.reading_again import asked_again
from ml_connector.work.feeds.spool import Spool
from ml_connector.work.jobs import Job, JobReport

KEYLESS_ALERT = "extract rows"
"""The alert of rows that had no key and were left out; its subject is the extract's id."""

_NAMED = 5
"""Most failed extracts that are named where a run is told in one line; all have alerts."""

INITIAL = "Initial"
_KINDS = frozenset({INITIAL, "Delta", "DateRange"})

Columns = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class _Round:
    """What every step of a run needs."""

    desk: Desk
    client: ExtractsClient
    spool: Spool
    columns: Columns
    again: frozenset[str]
    """Extracts that were acknowledged before: a person asked for them from some day on, or they failed then."""


class _Tally(msgspec.Struct):
    loaded: int = 0
    rows: int = 0
    failed: list[str] = msgspec.field(default_factory=list)
    newest: datetime | None = None


def load_extracts(desk: Desk) -> JobReport:
    """Load everything Basware offers, oldest first, and what a person asked for again.

    Raises what the client raises when Data Access cannot be used.
    """
    client = desk.extracts
    if client is None:
        return JobReport(outcome="Data Access is not switched on")
    tally, trouble, spool = _Tally(), list[BaswareError](), Spool(desk.spool)
    again = asked_again(desk, Job.EXTRACTS, ALERT)
    offered = client.waiting()
    exported = delivered_elsewhere(desk, client, offered, again)
    waiting = sorted((*offered, *exported), key=lambda one: (one.as_of is None, one.as_of or desk.clock.now(), one.id))
    columns = check_columns(desk, client) if waiting else {}
    work = _Round(desk, client, spool, columns, frozenset(one.id for one in exported))
    desk.keep_lease()  # the lists took their time: only who still has the lease may clear up
    spool.clear_others([one.id for one in waiting])
    for extract in waiting:
        if desk.stopping():
            break
        desk.keep_lease()
        try:
            _take(work, extract, tally)
        except NotLoaded as failed:
            _note_failure(desk, extract, str(failed))
            tally.failed.append(f"{extract.id} ({failed})")
        except (Unavailable, NoAnswer) as error:
            trouble.append(error)  # perhaps of this extract only: the others are tried all the same
    if trouble:
        raise trouble[0]
    if again and not desk.stopping():
        again.end(f"not loaded yet: {_named(tally.failed)}" if tally.failed else "")
    counts = {"loaded": tally.loaded, "rows": tally.rows, "failed": len(tally.failed)}
    outcome = f"{tally.loaded} extracts with {tally.rows} rows loaded, {len(tally.failed)} failed"
    if tally.failed:
        outcome += f" and tried again in every run: {_named(tally.failed)}"
    with desk.database.read() as tx:
        before = jobs.get(tx, desk.connection_id, Job.EXTRACTS).current_to
    newest = (
        None if tally.failed else max(filter(None, (before, tally.newest)), default=None)
    )  # an old one says nothing new
    return JobReport(outcome=outcome, counts=counts, current_to=newest, partial=True)


def _named(failed: Sequence[str]) -> str:
    more = len(failed) - _NAMED
    return "; ".join(failed[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _take(work: _Round, extract: Extract, tally: _Tally) -> None:
    desk = work.desk
    row = _row(desk, extract)
    if row.state not in HERE:
        row = _load(work, extract, row)
        tally.rows += row.rows
    if extract.id not in work.again:
        _acknowledge(work, extract)
    now = desk.clock.now()
    with desk.write(durable=True) as tx:
        store.set_state(tx, desk.connection_id, extract.id, ExtractState.ACKNOWLEDGED, now)
        alerts.clear(tx, desk.connection_id, kind=ALERT, subject=extract.id, now=now)
        reason = f"{extract.kind}, {row.rows} rows"
        audit.record(
            tx,
            desk.connection_id,
            at=now,
            actor=desk.worker,
            action="extract loaded",
            subject=extract.id,
            reason=reason,
        )
    work.spool.clear(extract.id)
    tally.loaded += 1
    tally.newest = max(filter(None, (tally.newest, extract.as_of)), default=None)


def _acknowledge(work: _Round, extract: Extract) -> None:
    try:
        work.client.acknowledge(extract.id)
    except Refused as error:
        raise NotLoaded(f"It is loaded, and Basware does not take the acknowledgement: {error}") from error


def _row(desk: Desk, extract: Extract) -> ExtractRow:
    fresh = ExtractRow(
        connection_id=desk.connection_id,
        extract_id=extract.id,
        name=extract.name,
        kind=extract.kind,
        start_date=extract.start,
        end_date=extract.end,
        as_of=extract.as_of,
        state=ExtractState.LISTED,
        files=extract.file_count,
        rows=0,
        problem="",
        updated_at=desk.clock.now(),
    )
    if not extract.id:
        raise NotLoaded("Basware lists an extract without an id")
    with desk.write() as tx:
        store.add(tx, fresh)
        return store.get(tx, desk.connection_id, extract.id) or fresh


def _load(work: _Round, extract: Extract, row: ExtractRow) -> ExtractRow:
    """Every file of an extract into the tables. Raises NotLoaded, and what the client raises."""
    desk = work.desk
    if extract.as_of is None:
        raise NotLoaded(f"Its end {extract.end!r} cannot be read as a day and time")
    if extract.kind not in _KINDS:
        raise NotLoaded(f"It is of the kind {extract.kind!r}, which is not known here")
    with desk.database.read() as tx:
        floor = store.newest_initial(tx, desk.connection_id)
    keyless = 0
    if floor is None or extract.as_of > floor:  # else a complete one already showed a later moment
        for file in _files(work, extract):
            keyless += _load_file(work, row, file)
    own, now = desk.settings.basware.extracts, desk.clock.now()
    with desk.write(durable=True) as tx:
        if extract.kind == INITIAL and (floor is None or extract.as_of > floor):
            store.drop_missing(tx, desk.connection_id, own.tables, extract.id, extract.as_of)
            settle_needless(tx, desk, extract.as_of)
            alerts.clear(tx, desk.connection_id, kind=KEYLESS_ALERT, now=now)  # it brings every row there is
        store.set_state(tx, desk.connection_id, extract.id, ExtractState.LOADED, now)
        if keyless:
            message = (
                f"{keyless} rows of the extract {extract.id} have no key that can be used and were left out. Compare keys in "
                "[basware.extracts] with Basware's table definition."
            )
            alerts.raise_(
                tx, desk.connection_id, kind=KEYLESS_ALERT, subject=extract.id, message=message,
                severity=Severity.WARNING, now=now,
            )  # fmt: skip
        return store.get(tx, desk.connection_id, extract.id) or row


def _files(work: _Round, extract: Extract) -> list[ExtractFile]:
    """The files to be loaded. Raises NotLoaded when the list is not complete, or a key has gone from the definition."""
    own, columns = work.desk.settings.basware.extracts, work.columns
    try:
        listed = work.client.files(extract.id)
    except (Refused, UnreadablePage) as error:
        raise NotLoaded(f"Its files could not be listed: {error}") from error
    if extract.file_count and len(listed) != extract.file_count:
        raise NotLoaded(f"Basware lists {len(listed)} of its {extract.file_count} files")
    wanted = [file for file in listed if file.table in own.tables]
    for table in sorted({file.table for file in wanted} & columns.keys()):
        missing = [name for name in own.keys[table] if name not in columns[table]]
        if missing:
            raise NotLoaded(
                f"The table {table} has no column {', '.join(missing)} any more, which told its rows apart. Correct keys in "
                "[basware.extracts] by Basware's table definition"
            )
    return wanted


def _load_file(work: _Round, row: ExtractRow, file: ExtractFile) -> int:
    desk = work.desk
    with desk.database.read() as tx:
        known = store.get_file(tx, desk.connection_id, row.extract_id, file.name)
    if known is not None and known.loaded_at is not None:
        return 0
    return load(desk, row, file, fetch(desk, work.client, row, file, work.spool))


def _note_failure(desk: Desk, extract: Extract, problem: str) -> None:
    now = desk.clock.now()
    with desk.write(durable=True) as tx:
        known = store.get(tx, desk.connection_id, extract.id)
        if known is not None and known.state not in HERE:
            store.set_state(tx, desk.connection_id, extract.id, ExtractState.FAILED, now, problem=problem)
        message = (
            f"The extract {extract.id} ({extract.kind}, up to {extract.end}) could not be loaded. {problem.rstrip('.')}. "
            "It waits and is tried again in every run."
        )
        alerts.raise_(
            tx, desk.connection_id, kind=ALERT, subject=extract.id, message=message, severity=Severity.ERROR, now=now
        )
