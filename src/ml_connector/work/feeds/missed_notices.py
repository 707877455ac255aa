"""Looking for Basware's notifications that never arrived: it keeps a task for each, whatever became of its delivery.

What no delivery brought becomes a notice here, which has its job look. A task says nothing of the business, so one too many costs
a look and one too few only time until the next poll.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import partial

from ml_connector.basware.monitoring import Task, TaskPage, instant
from ml_connector.store import cursors, notices
from ml_connector.store.database import Tx
from ml_connector.store.notices import NewNotice
from ml_connector.store.schema import System
from ml_connector.work.desk import Desk
from ml_connector.work.feeds.reading import newest, to_the_end
from ml_connector.work.feeds.reading_again import asked_again
from ml_connector.work.jobs import TASK_TYPES, Job, JobReport
from ml_connector.work.settings import BaswareSettings
from ml_connector.work.webhook_setup.watch import watch_subscriptions

FEED = "basware.tasks"

_MISSPELLED = {"accoutingdocuments": "AccountingDocuments"}
"""As Basware's own example of a notification spells it."""


def find_missed_notices(desk: Desk) -> JobReport:
    """The job `notices`: whether Basware announces at all, then every task since the last look whose notification is not here.

    The first is looked at whatever becomes of the second: where tasks are not to be looked at, or there is no right to, nothing
    else would tell that Basware has gone silent. Raises what the client raises.
    """
    begun = desk.clock.now()
    silent = watch_subscriptions(desk)
    wanted, seen, missed = _wanted(desk.settings.basware), 0, 0
    if desk.settings.basware.notices.enabled:
        seen, missed = _look(desk, wanted)
    found, more = _look_again(desk, wanted)
    seen, missed = seen + found, missed + more
    told = f"{missed} of {seen} notifications had not arrived"
    if not desk.settings.basware.notices.enabled:
        told = f"{told}, asked for by a person" if found else "notifications are not looked for, as the settings say"
    counts = {"seen": seen, "missed": missed}
    return JobReport(outcome="; ".join(filter(None, (told, silent))), counts=counts, current_to=begun)


def _look(desk: Desk, wanted: dict[str, str]) -> tuple[int, int]:
    """Every task since the last look: how many there are, and how many notifications had not arrived."""
    begun, own = desk.clock.now(), desk.settings.basware.notices
    with desk.database.read() as tx:
        known = instant(cursors.get(tx, desk.connection_id, FEED))
    latest, seen, missed = known, 0, 0
    since = (known or begun) - timedelta(seconds=own.overlap)
    for page in to_the_end(partial(desk.feeds.tasks, since=since)):
        desk.keep_lease()
        latest = newest((latest, *(task.last_updated for task in page.tasks)), desk.clock.now())
        seen += len(page.tasks)
        with desk.write(durable=True) as tx:
            missed += _keep(tx, desk, page.tasks, wanted)
    if latest is not None and latest != known:
        with desk.write() as tx:
            cursors.put(tx, desk.connection_id, FEED, latest.isoformat(), desk.clock.now())
    return seen, missed


def _look_again(desk: Desk, wanted: dict[str, str]) -> tuple[int, int]:
    """Tasks from the day a person asked for: how many there are, and how many notifications had not arrived."""
    again, seen, missed = asked_again(desk, Job.NOTICES, FEED), 0, 0
    if again is None:
        return seen, missed

    def listed(*, page_size: int, start: str) -> Iterator[TaskPage]:
        del page_size  # Basware says itself how long a page of tasks is
        return desk.feeds.tasks(since=again.since, start=start)

    for page in again.pages("tasks", 1, listed):
        with desk.write(durable=True) as tx:
            missed += _keep(tx, desk, page.tasks, wanted)
            again.move(tx, page.continuation)
        seen += len(page.tasks)
    again.end()
    return seen, missed


def _wanted(settings: BaswareSettings) -> dict[str, str]:
    """The task types that some job of the connection reads up on, by their name in small letters."""
    contracts = settings.orders.enabled and settings.orders.contracts
    off = {
        "ExportedPurchaseOrders": not settings.orders.enabled,
        "ExportedContracts": not contracts,
        "ExportedContractSpends": not contracts,
        "RequestStatus": not settings.outcomes.enabled,
    }
    names = (name for types in TASK_TYPES.values() for name in types if not off.get(name))
    return {name.lower(): name for name in names}


def _keep(tx: Tx, desk: Desk, tasks: Iterable[Task], wanted: dict[str, str]) -> int:
    """Keep the notices no delivery brought; how many. Unknown types are Basware's own affair (its queue holds others, too)."""
    new = []
    for task in tasks:
        lower = task.type.lower()
        entity = wanted.get(_MISSPELLED.get(lower, lower).lower())
        if entity is not None and task.document_id:
            new.append(
                NewNotice(
                    system=System.BASWARE,
                    event_id=task.id,
                    entity=entity,
                    entity_id=task.document_id,
                    operation=task.sub_type,
                    occurred_at=task.created_at or task.last_updated,
                )
            )
    return notices.add_many(tx, desk.connection_id, new, desk.clock.now()) if new else 0
