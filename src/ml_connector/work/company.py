"""The company of a connection as people know it: its name in QuickBooks, its country, its time zone."""

import msgspec

from ml_connector.store import audit, books, secrets
from ml_connector.store.database import Tx
from ml_connector.work.settings import ConnectionSettings

CONNECTED = "connected to QuickBooks"
"""The action in the audit whose reason is the company's name."""


class Company(msgspec.Struct, frozen=True, kw_only=True):
    """`country` is QuickBooks' two-letter code, empty until QuickBooks was read for the first time; so is the name where nobody
    connected the company through a browser."""

    name: str = ""
    country: str = ""
    time_zone: str = "UTC"


class _Info(msgspec.Struct, frozen=True):
    country: str = msgspec.field(default="", name="Country")


def company_of(tx: Tx, connection_id: str, settings: ConnectionSettings) -> Company:
    """What is known of the company. The time zone is that of the connection's schedule."""
    row = next(iter(books.all_of(tx, connection_id, "CompanyInfo")), None)
    if row is None:
        return Company(name=_connected(tx, connection_id), time_zone=settings.schedule.time_zone)
    info = msgspec.json.decode(row.payload, type=_Info)
    return Company(name=row.name, country=info.country, time_zone=settings.schedule.time_zone)


def _connected(tx: Tx, connection_id: str) -> str:
    """The name of the company as QuickBooks told it when somebody connected it, before its lists are read."""
    if "quickbooks.realm_id" not in secrets.fields(tx, connection_id):
        return ""
    last = audit.listing(tx, connection_id, action=CONNECTED, limit=1)
    return last[0].reason if last else ""
