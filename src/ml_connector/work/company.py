"""The company of a connection as people know it: its name in QuickBooks, its country, its time zone."""

import msgspec

from ml_connector.store import books
from ml_connector.store.database import Tx
from ml_connector.work.settings import ConnectionSettings


class Company(msgspec.Struct, frozen=True, kw_only=True):
    """`country` is QuickBooks' two-letter code; name and country are empty until QuickBooks was read for the first time."""

    name: str = ""
    country: str = ""
    time_zone: str = "UTC"


class _Info(msgspec.Struct, frozen=True):
    country: str = msgspec.field(default="", name="Country")


def company_of(tx: Tx, connection_id: str, settings: ConnectionSettings) -> Company:
    """What is known of the company. The time zone is that of the connection's schedule."""
    row = next(iter(books.all_of(tx, connection_id, "CompanyInfo")), None)
    if row is None:
        return Company(time_zone=settings.schedule.time_zone)
    info = msgspec.json.decode(row.payload, type=_Info)
    return Company(name=row.name, country=info.country, time_zone=settings.schedule.time_zone)
