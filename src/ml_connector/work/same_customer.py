"""Two sign-ins of one Basware customer: recognised by the customer that Basware writes into its tokens, so that no document of a
company is taken over by two connections.

Where Basware says nothing of the customer (user and password), this can only be pointed out: two customers may use the same codes.
"""

from collections.abc import Mapping, Sequence

from ml_connector.store import alerts, connections, cursors
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Tx
from ml_connector.store.schema import Severity
from ml_connector.work.desk import Desk

ALERT = "company in two connections"
"""The kind of alert that says that another connection takes a company over; its subject is the company code."""

_NOTED = "basware.customer"


def customers(tx: Tx, rows: Sequence[ConnectionRow]) -> dict[str, str]:
    """The Basware customer each connection signed in as last, by connection; only those that are known."""
    found = {row.id: cursors.get(tx, row.id, _NOTED) for row in rows}
    return {id_: customer for id_, customer in found.items() if customer}


def of_one_customer(row: ConnectionRow, rows: Sequence[ConnectionRow], known: Mapping[str, str]) -> list[ConnectionRow]:
    """The other connections that are certainly of the same customer."""
    own = known.get(row.id, "")
    return [one for one in rows if one.id != row.id and own and known.get(one.id) == own]


def note_customer(desk: Desk, customer: str) -> None:
    """Keep as which customer a connection signed in; nothing where Basware does not say."""
    with desk.database.read() as tx:
        same = not customer or cursors.get(tx, desk.connection_id, _NOTED) == customer
    if not same:
        with desk.database.write() as tx:
            cursors.put(tx, desk.connection_id, _NOTED, customer, desk.clock.now())


def shared_codes(desk: Desk) -> dict[str, ConnectionRow]:
    """Company codes of this connection that an older connection of the same customer takes over, with that one."""
    with desk.database.read() as tx:
        rows = connections.list_all(tx)
        known = customers(tx, rows)
    own = next(row for row in rows if row.id == desk.connection_id)
    older = [one for one in of_one_customer(own, rows, known) if (one.created_at, one.id) < (own.created_at, own.id)]
    return {
        code: one
        for code in desk.settings.basware.company_codes
        for one in sorted(older, key=lambda one: (one.created_at, one.id), reverse=True)
        if code in one.company_codes
    }


def possibly_shared(desk: Desk) -> list[tuple[str, ConnectionRow]]:
    """Company codes that another connection has too and of which nobody can say whether they are the same company: Basware names
    the customer of one of the two, or of none."""
    with desk.database.read() as tx:
        rows = connections.list_all(tx)
        known = customers(tx, rows)
    codes = desk.settings.basware.company_codes
    unclear = [
        one for one in rows if one.id != desk.connection_id and not (desk.connection_id in known and one.id in known)
    ]
    return [(code, one) for one in unclear for code in codes if code in one.company_codes]


def codes_to_take(desk: Desk, *, ask: bool = False) -> tuple[str, ...]:
    """The companies this connection takes documents of: its own, but for those an older connection of the same customer has, of
    which people are told. `ask`: sign in first, as the next call would, to learn of the customer; raises what that raises."""
    if ask:
        note_customer(desk, desk.customer())
    shared, now = shared_codes(desk), desk.clock.now()
    with desk.database.read() as tx:
        told = {one.subject for one in alerts.of_kind(tx, desk.connection_id, ALERT)}
    if shared or told:
        with desk.write() as tx:
            for code in told - shared.keys():
                alerts.clear(tx, desk.connection_id, kind=ALERT, subject=code, now=now)
            for code, other in shared.items():
                alerts.raise_(
                    tx, desk.connection_id, kind=ALERT, subject=code, severity=Severity.ERROR,
                    message=shared_message(code, other.name), now=now,
                )  # fmt: skip
    return tuple(code for code in desk.settings.basware.company_codes if code not in shared)


def unshared_codes(desk: Desk) -> tuple[str, ...]:
    """The same as far as it is known, without asking anybody or telling."""
    shared = shared_codes(desk)
    return tuple(code for code in desk.settings.basware.company_codes if code not in shared)


def shared_message(code: str, other: str) -> str:
    """What a person has to know and do about a company that two connections name."""
    return (
        f"The connection {other} takes over the Basware company {code} already, with another sign-in of the same Basware customer. "
        f"Nothing of {code} is taken over here, so that no document is posted twice. Take {code} out of company_codes of one of "
        f"them."
    )
