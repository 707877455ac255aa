"""The company of a connection as people know it: its name in QuickBooks, its country, its time zone."""

import msgspec

from ml_connector.model.books import Preferences
from ml_connector.quickbooks.translation_lists import country_of, time_zone_of
from ml_connector.quickbooks.wire import decode
from ml_connector.store import audit, books, secrets
from ml_connector.store.database import Tx
from ml_connector.work.settings import ConnectionSettings

CONNECTED = "connected to QuickBooks"
"""The action in the audit whose reason is the company's name, and which leaves its country."""


ZONE_SAID = "time zone read from QuickBooks"
"""The action in the audit that leaves the company's time zone as QuickBooks told it. It changes no setting."""


class Company(msgspec.Struct, frozen=True, kw_only=True):
    """`country` is QuickBooks' code: two letters, or three where only the address names it, and always US for the United States.
    Name and country are known as soon as somebody has connected the company through a
    browser, otherwise once its lists were read; empty until then."""

    name: str = ""
    country: str = ""
    time_zone: str = "UTC"


def company_of(tx: Tx, connection_id: str, settings: ConnectionSettings) -> Company:
    """What is known of the company. The time zone is that of the connection's schedule."""
    row = next(iter(books.all_of(tx, connection_id, "CompanyInfo")), None)
    known = (row.name, country_of(decode(row.payload.encode()))) if row is not None else _connected(tx, connection_id)
    name, country = known
    country = "US" if Preferences(country=country).is_us else country
    return Company(name=name, country=country, time_zone=settings.schedule.time_zone)


def zone_in_quickbooks(tx: Tx, connection_id: str) -> str:
    """The company's time zone as QuickBooks says, which is proposed and never taken by itself; empty where it says none."""
    row = next(iter(books.all_of(tx, connection_id, "CompanyInfo")), None)
    if row is not None:
        return time_zone_of(decode(row.payload.encode()))
    if "quickbooks.realm_id" not in secrets.fields(tx, connection_id):
        return ""
    connected = audit.listing(tx, connection_id, action=CONNECTED, limit=1)
    said = audit.listing(tx, connection_id, action=ZONE_SAID, limit=1)
    return said[0].after if said and connected and said[0].at == connected[0].at else ""


def _connected(tx: Tx, connection_id: str) -> tuple[str, str]:
    """Name and country of the company as QuickBooks told them when somebody connected it, before its lists are read."""
    if "quickbooks.realm_id" not in secrets.fields(tx, connection_id):
        return "", ""
    last = audit.listing(tx, connection_id, action=CONNECTED, limit=1)
    return (last[0].reason, last[0].after) if last else ("", "")
