"""What Basware's lists hold, whoever gave it, as its interface showed them last. A whole reading replaces a list."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, func, select

from ml_connector.store.database import Tx
from ml_connector.store.rows import chunks, insert
from ml_connector.store.schema import listed_records


def put_many(tx: Tx, connection_id: str, resource: str, bodies: Mapping[str, str], read_at: datetime) -> None:
    """Keep records by external code, each as the JSON it came in."""
    for some in chunks(bodies.items(), 500):
        own = {"connection_id": connection_id, "resource": resource, "read_at": read_at}
        statement = insert(tx, listed_records).values(
            [{"external_code": code, "body": body} | own for code, body in some]
        )
        key = [listed_records.c.connection_id, listed_records.c.resource, listed_records.c.external_code]
        changed = {name: statement.excluded[name] for name in ("body", "read_at")}
        tx.execute(statement.on_conflict_do_update(index_elements=key, set_=changed))


def forget_unseen(tx: Tx, connection_id: str, resource: str, began: datetime) -> int:
    """A whole reading that began then has ended: what it did not bring is not there any more. How many there were."""
    statement = delete(listed_records).where(
        listed_records.c.connection_id == connection_id,
        listed_records.c.resource == resource,
        listed_records.c.read_at < began,
    )
    return tx.execute(statement).rowcount


def bodies(tx: Tx, connection_id: str, resource: str) -> dict[str, str]:
    """Every record of a list, by external code."""
    query = select(listed_records.c.external_code, listed_records.c.body).where(
        listed_records.c.connection_id == connection_id, listed_records.c.resource == resource
    )
    return {row.external_code: row.body for row in tx.execute(query.order_by(listed_records.c.external_code))}


def mark(tx: Tx, connection_id: str, resource: str) -> tuple[object, ...]:
    """Differs whenever a list was read anew: for whoever keeps what was made of it."""
    own = listed_records.c
    query = select(func.count(), func.min(own.read_at), func.max(own.read_at), func.sum(func.length(own.body)))
    return tuple(tx.execute(query.where(own.connection_id == connection_id, own.resource == resource)).one())
