"""The registry of connections: which Basware company is joined to which QuickBooks company, and whether that works.

Settings are text this module never reads. This is the one table that is looked at without a connection's scope.
"""

from collections.abc import Collection
from datetime import datetime

import msgspec
from sqlalchemy import and_, or_, select, update
from sqlalchemy.exc import IntegrityError

from ml_connector.store.database import Tx
from ml_connector.store.errors import ConnectionExistsError, ConnectionUnknownError
from ml_connector.store.rows import as_structs, inserted
from ml_connector.store.schema import ConnectionState, connections


class ConnectionRow(msgspec.Struct, frozen=True, kw_only=True):
    """One connection. `realm_hash` stands for the QuickBooks company's id without showing it; empty until someone signed in.

    `paused_at` and what follows are a person's: whether both systems can be used is `state`, and neither changes the other.
    """

    id: str
    name: str
    state: ConnectionState
    state_reason: str
    settings: str
    realm_hash: str
    company_code: str
    created_at: datetime
    updated_at: datetime
    paused_at: datetime | None = None
    paused_by: str = ""
    pause_reason: str = ""
    setup_since: datetime | None = None
    """Since when it is being set up: until somebody releases it nothing of it runs but what keeps the sign-in alive."""

    @property
    def company_codes(self) -> tuple[str, ...]:
        """The Basware companies it takes over."""
        return tuple(self.company_code.split(","))


def add(
    tx: Tx,
    *,
    connection_id: str,
    name: str,
    settings: str,
    now: datetime,
    realm_hash: str = "",
    company_code: str = "",
    state: ConnectionState = ConnectionState.ACTIVE,
    known_as: Collection[str] = (),
    in_setup: bool = False,
) -> ConnectionRow:
    """Register a connection, perhaps one that is to rest until it is released.

    Raises ConnectionExistsError if its name is taken or the same two companies are joined already.

    `known_as` are hashes that the same company may be kept under, with former master keys among them.
    """
    _refuse_joined(tx, connection_id, {realm_hash, *known_as}, company_code)
    row = ConnectionRow(
        id=connection_id,
        name=name,
        state=state,
        state_reason="",
        settings=settings,
        realm_hash=realm_hash,
        company_code=company_code,
        created_at=now,
        updated_at=now,
        setup_since=now if in_setup else None,
    )
    if not inserted(tx, connections, msgspec.structs.asdict(row)):
        raise ConnectionExistsError(_taken(tx, name, realm_hash, company_code))
    return row


def get(tx: Tx, name_or_id: str) -> ConnectionRow:
    """The connection of that name, else of that id. Raises ConnectionUnknownError, which lists the names there are."""
    query = select(connections).where(or_(connections.c.name == name_or_id, connections.c.id == name_or_id))
    rows = as_structs(ConnectionRow, tx.execute(query))
    if not rows:
        names = ", ".join(row.name for row in list_all(tx)) or "none yet; add one with `ml-connector connection add`"
        raise ConnectionUnknownError(f"there is no connection {name_or_id!r} (connections: {names})")
    return next((row for row in rows if row.name == name_or_id), rows[0])


def list_all(tx: Tx) -> list[ConnectionRow]:
    """All connections by name."""
    return as_structs(ConnectionRow, tx.execute(select(connections).order_by(connections.c.name)))


def of_company(tx: Tx, realm_hashes: Collection[str]) -> list[ConnectionRow]:
    """All connections of a QuickBooks company, by its id's keyed hashes: one for each master key that is known."""
    query = select(connections).where(connections.c.realm_hash.in_([one for one in realm_hashes if one]))
    return as_structs(ConnectionRow, tx.execute(query.order_by(connections.c.name)))


def oldest_of_company(tx: Tx, connection_id: str) -> ConnectionRow:
    """The first of all connections that join the same QuickBooks company as this one; itself while nobody has signed in."""
    company = select(connections.c.realm_hash).where(connections.c.id == connection_id).scalar_subquery()
    joined = and_(connections.c.realm_hash != "", connections.c.realm_hash == company)
    query = select(connections).where(or_(connections.c.id == connection_id, joined))
    rows = as_structs(ConnectionRow, tx.execute(query.order_by(connections.c.created_at, connections.c.id).limit(1)))
    return rows[0] if rows else get(tx, connection_id)


def update_settings(tx: Tx, connection_id: str, settings: str, now: datetime) -> None:
    """Replace the settings. Raises ConnectionUnknownError."""
    _change(tx, connection_id, now, settings=settings)


def set_state(tx: Tx, connection_id: str, state: ConnectionState, reason: str, now: datetime) -> None:
    """Say whether the connection works, and why not. Raises ConnectionUnknownError."""
    _change(tx, connection_id, now, state=state, state_reason=reason)


def pause(tx: Tx, connection_id: str, *, by: str, reason: str, now: datetime) -> None:
    """Let nothing of the connection start by itself until somebody resumes it. Raises ConnectionUnknownError."""
    _change(tx, connection_id, now, paused_at=now, paused_by=by, pause_reason=reason)


def resume(tx: Tx, connection_id: str, now: datetime) -> None:
    """Let its jobs start again. Raises ConnectionUnknownError."""
    _change(tx, connection_id, now, paused_at=None, paused_by="", pause_reason="")


def release(tx: Tx, connection_id: str, now: datetime) -> None:
    """Its set-up is over, and its jobs may start. Raises ConnectionUnknownError."""
    _change(tx, connection_id, now, setup_since=None)


def set_companies(
    tx: Tx,
    connection_id: str,
    *,
    realm_hash: str,
    company_code: str,
    now: datetime,
    known_as: Collection[str] = (),
) -> None:
    """Say which two companies are joined, once somebody has signed in. `known_as` as for `add`.

    Raises ConnectionUnknownError, and ConnectionExistsError when another connection joins the same two: both would post.
    """
    _refuse_joined(tx, connection_id, {realm_hash, *known_as}, company_code)
    try:
        with tx.begin_nested():
            _change(tx, connection_id, now, realm_hash=realm_hash, company_code=company_code)
    except IntegrityError:
        # Another connection joined the two since they were looked for: now it can be seen, and is named like any other.
        _refuse_joined(tx, connection_id, {realm_hash, *known_as}, company_code)
        raise


def _refuse_joined(tx: Tx, connection_id: str, realm_hashes: Collection[str], company_code: str) -> None:
    """No Basware company is joined to a QuickBooks company twice; a connection may join several of them."""
    own = set(company_code.split(","))
    for other in of_company(tx, realm_hashes):
        shared = sorted(own.intersection(other.company_code.split(",")) - {""})
        if shared and other.id != connection_id:
            codes = ", ".join(shared)
            raise ConnectionExistsError(
                f"connection {other.name!r} already joins this QuickBooks company and Basware company {codes!r}"
            )


def _change(tx: Tx, connection_id: str, now: datetime, **columns: object) -> None:
    statement = update(connections).where(connections.c.id == connection_id).values(updated_at=now, **columns)
    if tx.execute(statement).rowcount != 1:
        raise ConnectionUnknownError(f"there is no connection with the id {connection_id!r}")


def _taken(tx: Tx, name: str, realm_hash: str, company_code: str) -> str:
    companies = select(connections.c.name).where(
        connections.c.realm_hash == realm_hash,
        connections.c.company_code == company_code,
        connections.c.realm_hash != "",
    )
    other = tx.execute(companies).scalars().first()
    if other is not None:
        return f"connection {other!r} already joins this QuickBooks company and Basware company {company_code!r}"
    return f"the name or id of connection {name!r} is taken"
