"""Reading what Basware's lists hold before anything is added to them: whole lists, now and then.

A list is replaced when a reading has come to its end; until then the last one counts, with what was seen since.
"""

from datetime import datetime, timedelta

from ml_connector.basware.master_data import resource_named
from ml_connector.basware.master_data_bodies import read_listed
from ml_connector.model.master_data import Listed
from ml_connector.store import cursors, listed_records, outgoing
from ml_connector.store.database import Tx
from ml_connector.work.desk import Desk
from ml_connector.work.feeds.reading import to_the_end


def cursor_of(resource: str) -> str:
    """Where it is kept when a list was read last."""
    return f"listed {resource}"


def read_lists(desk: Desk, resource: str, *, at_once: bool = False) -> None:
    """Read a list of Basware's if that is due: never read, not for long, or Basware refused something of it since.

    Raises what Basware's client raises; what is known stays as it was then.
    """
    now = desk.clock.now()
    with desk.database.read() as tx:
        last = read_last(tx, desk, resource)
        refused = last is not None and outgoing.refused_since(tx, desk.connection_id, resource, last)
    age = timedelta(hours=desk.settings.basware.master_data.read_hours)
    if last is not None and not refused and not at_once and now - last < age:
        return
    kind, path = resource.partition("/")[0], resource_named(resource).path
    for page in to_the_end(lambda: desk.feeds.listed(kind, path)):
        found = {one.id: one.raw.decode("utf-8", errors="replace") for one in page.records if one.id}
        with desk.write() as tx:
            listed_records.put_many(tx, desk.connection_id, resource, found, desk.clock.now())
        desk.keep_lease()
    with desk.write() as tx:
        listed_records.forget_unseen(tx, desk.connection_id, resource, now)
        cursors.put(tx, desk.connection_id, cursor_of(resource), desk.clock.now().isoformat(), desk.clock.now())


def read_last(tx: Tx, desk: Desk, resource: str) -> datetime | None:
    """When a list was read last, None if never."""
    cursor = cursors.get(tx, desk.connection_id, cursor_of(resource))
    return datetime.fromisoformat(cursor) if cursor else None


def listed(tx: Tx, desk: Desk, resource: str) -> dict[str, Listed]:
    """What is known of a list as far as it concerns this connection's companies, by external code."""
    companies = desk.settings.basware.company_codes
    bodies = listed_records.bodies(tx, desk.connection_id, resource)
    found = {code: read_listed(resource, body, companies) for code, body in bodies.items()}
    return {code: one for code, one in found.items() if one.here}


def scope_of(resource: str) -> str:
    """The right to read a list."""
    return f"{resource.partition('/')[0]}.read"
