"""Saving a connection with its settings and secrets, and keeping it with the QuickBooks company it began with."""

from collections.abc import Mapping
from datetime import datetime
from uuid import uuid4

from ml_connector.app.egress import ALLOWED_BY, is_inside
from ml_connector.store import audit, connections, jobs, secrets
from ml_connector.store import books as book_store
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Tx
from ml_connector.store.errors import ConnectionExistsError
from ml_connector.store.vault import Vault
from ml_connector.work.schedule import note_changed_plans
from ml_connector.work.settings import (
    LINKS,
    ConnectionFile,
    ConnectionSettings,
    SettingsError,
    addresses_in,
    encode_settings,
)
from ml_connector.work.settings_changes import changed_settings
from ml_connector.work.sign_in import keeping


class OtherCompanyError(Exception):
    """A connection was to be moved to another QuickBooks company, whose ids its mapping and links do not mean."""

    def __init__(self, connection: str) -> None:
        super().__init__(
            f"The connection {connection} belongs to another QuickBooks company: its mapping and what it posted are that "
            f"company's. Give the connection file for this realm_id another name."
        )


class CompanyCodeTakenError(Exception):
    """Two connections of the same Basware customer were to take over one company: each document would be posted twice.

    `other` is the connection that has it; empty where whoever asked may not know of it.
    """

    def __init__(self, code: str, other: str) -> None:
        self.code, self.other = code, other
        whose = f"The connection {other}" if other else "Another connection"
        super().__init__(
            f"{whose} already takes over the Basware company {code} of the same Basware customer; with two, its documents would be "
            f"posted twice. Take {code} out of company_codes of one of them: first there, then here."
        )


def refuse_inside(settings: ConnectionSettings) -> None:
    """Raise SettingsError for an address inside this machine's own network, in an installation that calls none there.

    Names are looked at when they are called: only then it is known what they mean.
    """
    inside = [name for name, url in addresses_in(settings).items() if name not in LINKS and is_inside(url)]
    if inside:
        raise SettingsError(
            f"{' and '.join(inside)} would be called inside this machine's own network, which this installation does not do; "
            f"{ALLOWED_BY}. On the twins set it; a real connection needs an address of the Internet."
        )


def save_connection(
    tx: Tx,
    vault: Vault,
    file: ConnectionFile,
    resolved: Mapping[str, str],
    *,
    now: datetime,
    actor: str,
    in_setup: bool = False,
    must_be_new: bool = False,
    reason: str = "",
) -> ConnectionRow:
    """Register a connection with its secrets, or bring the one of that name up to date. A new one may rest `in_setup`.

    The audit keeps what changed, before and after, and which secrets were given, never what they are.
    New credentials replace the old ones; mapping, links and history stay. Raises OtherCompanyError when they belong to
    another QuickBooks company, ConnectionExistsError when another connection joins the same two companies.
    """
    settings = encode_settings(file.settings)
    company_code = ",".join(file.settings.basware.company_codes)
    realm_id = resolved.get("quickbooks.realm_id", "")
    hashes = vault.fingerprints(realm_id, purpose="realm") if realm_id else ("",)
    known = next((row for row in connections.list_all(tx) if row.name == file.name), None)
    if known is not None and must_be_new:
        raise ConnectionExistsError(f"There is a connection called {file.name} already. Choose another name.")
    before = known.settings if known else ""
    if known is None:
        known = connections.add(
            tx, connection_id=str(uuid4()), name=file.name, settings=settings, now=now,
            realm_hash=hashes[0], company_code=company_code, known_as=hashes, in_setup=in_setup,
        )  # fmt: skip
    else:
        _keep_company(tx, vault, known, realm_id)
        connections.update_settings(tx, known.id, settings, now)
        jobs.work_out_anew(tx, known.id, now)
        connections.set_companies(
            tx, known.id, realm_hash=hashes[0] or known.realm_hash, company_code=company_code, now=now, known_as=hashes
        )
        note_changed_plans(tx, known, file.settings, now)
    replaced = _keep_secrets(tx, vault, known, resolved, now)
    keeping.note_saved(tx, vault, known.id, now)
    old, new = changed_settings(before, settings)
    given = f"given: {', '.join(replaced)}" if replaced else ""
    audit.record(
        tx, known.id, at=now, actor=actor, action="connection saved", subject=file.name, before=old, after=new,
        reason="; ".join(filter(None, (reason, given))),
    )  # fmt: skip
    return connections.get(tx, known.id)


def _keep_company(tx: Tx, vault: Vault, known: ConnectionRow, realm_id: str) -> None:
    """Lists, mapping and links are one company's: once its lists were read, no other may take its place."""
    stored = secrets.get(tx, vault, known.id, "quickbooks.realm_id")
    if stored is None or realm_id in {"", stored.reveal()}:
        return
    if book_store.all_of(tx, known.id, "CompanyInfo"):
        raise OtherCompanyError(known.name)


def _keep_secrets(tx: Tx, vault: Vault, known: ConnectionRow, resolved: Mapping[str, str], now: datetime) -> list[str]:
    """Store the secrets that are new; their names."""
    replaced = list[str]()
    for field, value in resolved.items():
        stored = secrets.get(tx, vault, known.id, field)
        if stored is not None and stored.reveal() == value:
            continue
        if field == keeping.FIRST and stored is None and keeping.began_with(tx, known.id, value):
            continue  # the file still holds what the sign-in began with that was given back since
        secrets.put(tx, vault, known.id, field, value, now)
        replaced.append(field)
        if field == keeping.FIRST:
            # Somebody connected again. The same token as ever says nothing: the chain has long gone on from it.
            keeping.keep_first(tx, vault, known.id, value, now)
    return replaced
