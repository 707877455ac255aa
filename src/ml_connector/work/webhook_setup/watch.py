"""Noticing without a person that Basware announces nothing to us any more. Nobody looks at a list that was right for years.

Only where webhooks were set up; one call, a few times a day.
"""

from datetime import timedelta

from ml_connector.basware.errors import ScopeMissing
from ml_connector.model.announcements import instant_of
from ml_connector.store import cursors, secrets
from ml_connector.work.desk import Desk
from ml_connector.work.webhook_setup import basware
from ml_connector.work.webhook_setup.office import TOKEN

EVERY = timedelta(hours=6)
"""From one look to the next. Whatever is not announced is found by the polls meanwhile."""

_LOOKED = "basware.subscriptions"


def is_set_up(desk: Desk) -> bool:
    """Whether Basware was asked to announce anything to this connection."""
    with desk.database.read() as tx:
        return f"basware.{TOKEN}" in secrets.fields(tx, desk.connection_id)


def watch_subscriptions(desk: Desk) -> str:
    """Compare what Basware announces with what the jobs want, if that is due, and raise or end the alert; what to say about it.

    Raises what the Basware client raises, except for a missing right, which is said.
    """
    if desk.webhooks is None or not is_set_up(desk) or not _is_due(desk):
        return ""
    desk.keep_lease()
    office = desk.webhooks()
    try:
        lines = basware.look(office)
    except ScopeMissing as error:
        return f"subscriptions not looked at: {error}"
    now = desk.clock.now()
    with desk.write() as tx:
        lacking = basware.tell(tx, office, lines)
        cursors.put(tx, desk.connection_id, _LOOKED, now.isoformat(), now)
    return f"{lacking} subscription{'' if lacking == 1 else 's'} missing or not ours" if lacking else ""


def _is_due(desk: Desk) -> bool:
    with desk.database.read() as tx:
        last = instant_of(cursors.get(tx, desk.connection_id, _LOOKED))
    return last is None or desk.clock.now() - last >= EVERY
