"""Canaries: recognisable secrets to plant in a connection, and the search for them in whatever the product wrote.

A test plants them, lets something happen, and hands everything that was said, stored and logged to `sightings`. Each is looked for
as it is and in the forms in which it could slip out: base64, hexadecimal, percent-encoded, escaped.
"""

import base64
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import msgspec
from sqlalchemy import text

from ml_connector.store.database import Database
from ml_connector.store.vault import MasterKeys, Vault
from ml_connector.work.settings import SECRET_FIELDS
from twins.demo_company import basware_seed, quickbooks_seed

MASTER_KEY = b"canary of the master key, 32 b.."
PLANTED: Mapping[str, str] = {
    "quickbooks.client_id": "canary-quickbooks-client-4f1b",
    "quickbooks.client_secret": "canary-quickbooks-secret-a77c",
    "quickbooks.refresh_token": "canary-first-refresh-token-90d2",
    "quickbooks.realm_id": "9130355377388383",
    "quickbooks.webhook_token": "canary-verifier-token-e3a1",
    "quickbooks.old_webhook_token": "canary-old-verifier-token-0c4d",
    "basware.client_id": "canary-basware-client-b3e0",
    "basware.client_secret": "canary-basware-secret-51aa",
    "basware.user": "canary-basware-user-7d21",
    "basware.password": "canary-basware-password-c9f8",
    "basware.webhook_token": "canary-basware-webhook-key-88ba",
    "basware.old_webhook_token": "canary-old-basware-webhook-key-1e5f",
    "basware.network_user": "canary-network-user-6a3c",
    "basware.network_password": "canary-network-password-d40e",
}
"""Every secret a connection can have."""

assert set(PLANTED) == set(SECRET_FIELDS), "a new secret needs a canary of its own"


def planted_vault() -> Vault:
    """A vault under the canary key."""
    return Vault(MasterKeys(MASTER_KEY))


def planted_company() -> tuple[dict[str, Any], dict[str, Any]]:
    """The demo company without a waiting document, with canaries for credentials, as seeds of both twins."""
    own = quickbooks_seed() | {
        name: PLANTED[f"quickbooks.{name}"] for name in ("client_id", "client_secret", "refresh_token", "realm_id")
    }
    other = basware_seed() | {
        name: PLANTED[f"basware.{name}"] for name in ("client_id", "client_secret", "user", "password")
    }
    network = {"user": PLANTED["basware.network_user"], "password": PLANTED["basware.network_password"]}
    return own, other | {"accountingDocuments": [], "attachments": {}, "network": network}


class Eavesdropper(httpx2.BaseTransport):
    """Notes every token that passes in either direction."""

    def __init__(self, beyond: httpx2.BaseTransport) -> None:
        self._beyond = beyond
        self.tokens: set[str] = set()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Pass it on, and listen."""
        _, _, sent = request.headers.get("authorization", "").partition(" ")
        answer = self._beyond.handle_request(request)
        if request.url.path.endswith(("/tokens", "/bearer")) and answer.status_code == 200:
            issued = msgspec.json.decode(answer.content)
            self.tokens |= {str(issued[name]) for name in ("access_token", "refresh_token") if issued.get(name)}
        self.tokens |= {sent} - {""}
        return answer


def all_secrets(tokens: Iterable[str] = ()) -> dict[str, str]:
    """Everything that may be found nowhere, by a name that may be shown."""
    key = {"master key": base64.b64encode(MASTER_KEY).decode(), "master key as bytes": MASTER_KEY.decode()}
    return {**PLANTED, **key, **{f"token {number}": token for number, token in enumerate(sorted(tokens))}}


def sightings(secrets: Mapping[str, str], *written: str | bytes) -> list[str]:
    """Names of the secrets that stand in any of these texts, with the form in which they do."""
    everything = b"\n".join(one.encode() if isinstance(one, str) else one for one in written)
    return [
        f"{name} ({form})" for name, secret in secrets.items() for form, looks in _forms(secret) if looks in everything
    ]


def _forms(secret: str) -> Iterable[tuple[str, bytes]]:
    raw = secret.encode()
    yield "as it is", raw
    yield "hexadecimal", raw.hex().encode()
    yield "percent-encoded", quote(secret, safe="").encode()
    yield "escaped", json.dumps(secret)[1:-1].encode()
    for offset in range(3):
        # The middle of its base64, wherever it stands in a longer text; the ends depend on what is beside it.
        whole = base64.b64encode(b"x" * offset + raw)
        yield f"base64 at {offset}", whole[4 if offset else 0 : -4]
        yield f"base64url at {offset}", whole[4 if offset else 0 : -4].translate(bytes.maketrans(b"+/", b"-_"))


def dump(database: Database) -> bytes:
    """Everything a database holds: an SQLite file with its log, byte for byte; every table of PostgreSQL as `COPY` writes it."""
    if database.engine.dialect.name == "sqlite":
        path = Path(str(database.engine.url.database))
        return b"".join(file.read_bytes() for file in sorted(path.parent.glob(f"{path.name}*")))
    with database.read() as tx:
        names = tx.execute(
            text("SELECT schemaname, tablename FROM pg_tables WHERE schemaname !~ '^pg_|^information_'")
        ).all()
        driver: Any = tx.connection.driver_connection
        with driver.cursor() as cursor:
            return b"".join(_copied(cursor, schema, name) for schema, name in names)


def _copied(cursor: Any, schema: str, name: str) -> bytes:
    with cursor.copy(f'COPY "{schema}"."{name}" TO STDOUT') as rows:
        return f"{name}\n".encode() + b"".join(bytes(row) for row in rows)
