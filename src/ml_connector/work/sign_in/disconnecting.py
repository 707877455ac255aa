"""Giving a company's sign-in back to Intuit: because a person disconnects it, or because it was agreed to for the wrong company.

An agreement is Intuit's with a company and not with one of our connections: where another connection lives from it, it stays.
"""

from collections.abc import Callable

from ml_connector.model.clock import Clock
from ml_connector.quickbooks.errors import QuickBooksError, Refused, SignInNeeded, Unavailable
from ml_connector.store import audit, connections, secrets
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Database, Tx
from ml_connector.store.vault import Vault
from ml_connector.work.sign_in import keeping
from ml_connector.work.sign_in.intuit import Intuit
from ml_connector.work.sign_in.lease import RefreshLease
from ml_connector.work.workers import worker_name

REALM = "quickbooks.realm_id"
"""The secret that holds the company's id."""
_LEASE_SECONDS = 300.0
"""Longer than Intuit's answer can take."""
_LOOKS = 10
_LOOK = 1.0
"""Seconds between two looks whether whoever renews the sign-in is done."""


def sharing(tx: Tx, vault: Vault, connection: ConnectionRow, realm_id: str) -> list[str]:
    """The names of the other connections to the same QuickBooks company."""
    found = connections.of_company(tx, vault.fingerprints(realm_id, purpose="realm"))
    return [other.name for other in found if other.id != connection.id]


def give_back(intuit: Intuit, refresh_token: str, others: list[str]) -> str:
    """Give back what was agreed to for the wrong company, unless `others` live from the same agreement; what came of it."""
    if others:
        return "not given back: another connection uses the same company"
    try:
        intuit.revoke(refresh_token)
    except QuickBooksError as failed:
        return f"giving back failed: {failed}"
    return "given back"


def disconnect(  # noqa: PLR0917
    database: Database,
    vault: Vault,
    clock: Clock,
    connection: ConnectionRow,
    intuit: Callable[[ConnectionRow], Intuit],
    by: str,
    why: str = "",
) -> str:
    """Give the sign-in back to Intuit, forget its tokens and let the connection rest; what became of it at Intuit, in words.

    What is queued stays queued. Raises Unavailable, Throttled or ClientRejected, with nothing changed, when Intuit cannot take
    it back now: the tokens are needed for that. Nobody renews them meanwhile, or Intuit would be given back a token that it has
    replaced already, and the agreement would go on.
    """
    lease = RefreshLease(
        database, clock, connection_id=connection.id, worker=worker_name("disconnecting"), seconds=_LEASE_SECONDS
    )
    for _ in range(_LOOKS):
        with lease.taken() as fence:
            if fence is not None:
                return _disconnected(database, vault, clock, connection, intuit, by, why)
        clock.sleep(_LOOK)
    raise Unavailable("the sign-in is being renewed at this moment; try again in a few minutes")


def _disconnected(  # noqa: PLR0917
    database: Database,
    vault: Vault,
    clock: Clock,
    connection: ConnectionRow,
    intuit: Callable[[ConnectionRow], Intuit],
    by: str,
    why: str = "",
) -> str:
    with database.read() as tx:
        token = keeping.load(tx, vault, connection.id).tokens.refresh_token
        realm = secrets.get(tx, vault, connection.id, REALM)
        others = sharing(tx, vault, connection, realm.reveal()) if realm else []
    told = _revoked(connection, intuit, token, others)
    now, name = clock.now(), connection.name
    reason = (
        f"{name} was disconnected from QuickBooks by {by}. To go on, an administrator of the company connects it in the "
        f"console or with `ml-connector connection connect {name}`."
    )
    with database.write(durable=True) as tx:
        keeping.forget(tx, connection.id, reason, now)
        audit.record(
            tx,
            connection.id,
            at=now,
            actor=by,
            action="disconnected from QuickBooks",
            subject="quickbooks",
            reason=f"{why.strip()}; {told}" if why.strip() else told,
        )
    return told


def _revoked(
    connection: ConnectionRow, intuit: Callable[[ConnectionRow], Intuit], token: str, others: list[str]
) -> str:
    if not token:
        return "nobody was signed in"
    if others:
        return "Intuit was not told, because another connection uses the same QuickBooks company"
    try:
        intuit(connection).revoke(token)
    except (SignInNeeded, Refused):
        return "Intuit had ended the sign-in already"
    return "Intuit ended the sign-in"
