"""What happens to records Basware was given for a company code that was taken out of the connection, beyond lists and dimensions.

Dimensions and exchange rates are made inactive in that company where they are planned, orders are closed. Vendors have no state of
their own for each company, so people are told of them. This step remembers which companies there ever were, and tells.
"""

from typing import Any

import msgspec

from ml_connector.basware.master_data_bodies import companies_in
from ml_connector.quickbooks import wire
from ml_connector.store import alerts, cursors, outgoing
from ml_connector.store.database import Tx
from ml_connector.store.schema import Severity
from ml_connector.work.desk import Desk
from ml_connector.work.sending.steps import Step, gives_basware

ALERT = "company taken out"
"""The kind of alert that says what of a company stays in Basware; its subject is the company code."""

_CURSOR = "companies that Basware was given records for"
_ALL = 1_000_000


class _Seen(msgspec.Struct, frozen=True):
    """Every company the connection ever had, and those people were told of since they left."""

    ever: tuple[str, ...] = ()
    told: tuple[str, ...] = ()


def tell_of_left_companies(desk: Desk) -> None:
    """Tell of each company that was taken out, once; a company that is back needs no word."""
    now, companies = desk.clock.now(), desk.settings.basware.company_codes
    with desk.database.read() as tx:
        text = cursors.get(tx, desk.connection_id, _CURSOR)
    seen = msgspec.json.decode(text, type=_Seen) if text else _Seen()
    left = [code for code in seen.ever if code not in companies]
    fresh = _Seen(ever=tuple(dict.fromkeys([*seen.ever, *companies])), told=tuple(left))
    if fresh == seen:
        return
    with desk.write() as tx:
        for code in set(seen.told) - set(left):
            alerts.clear(tx, desk.connection_id, kind=ALERT, subject=code, now=now)
        for code in set(left) - set(seen.told):
            if message := _message(code, *_counted(tx, desk, code)):
                alerts.raise_(
                    tx,
                    desk.connection_id,
                    kind=ALERT,
                    subject=code,
                    severity=Severity.WARNING,
                    message=message,
                    now=now,
                )
        cursors.put(tx, desk.connection_id, _CURSOR, msgspec.json.encode(fresh).decode(), now)


def _counted(tx: Tx, desk: Desk, code: str) -> tuple[int, int]:
    """Vendors of the company, and orders given for it that were open."""
    vendors = orders = 0
    for row in outgoing.listing(tx, desk.connection_id, resource="vendors", limit=_ALL):
        vendors += bool(row.accepted_digest) and code in companies_in(row.body)
    for row in outgoing.listing(tx, desk.connection_id, resource="matchingOrders", limit=_ALL):
        body: dict[str, Any] = wire.decode(row.body.encode()) if row.body else {}
        orders += bool(row.accepted_digest) and body.get("companyCode") == code and not body.get("isClosed")
    return vendors, orders


def _message(code: str, vendors: int, orders: int) -> str:
    if not vendors and not orders:
        return ""
    told = [f"Company {code} was taken out of this connection, and its records in Basware are out of use there."]
    if orders:
        told.append(
            f"{orders} purchase order{'s' if orders > 1 else ''} given for it {'are' if orders > 1 else 'is'} closed in Basware: "
            f"enter what is still to come anew in QuickBooks, as orders of their own, to have it matched in another company."
        )
    if vendors:
        told.append(
            f"{vendors} vendor{'s' if vendors > 1 else ''} given for it stay{'' if vendors > 1 else 's'} usable there, since "
            f"Basware has one state of a vendor for all companies and invoices under way need it: take the company out of them in "
            f"Basware if nobody else uses them."
        )
    told.append(f"`ml-connector alerts put-away` ends this; so does putting {code} back into company_codes.")
    return " ".join(told)


LEFT_COMPANY_STEPS: tuple[Step, ...] = (
    Step(
        label="companies taken out",
        resources=lambda _: (),
        plan=tell_of_left_companies,
        wanted=lambda settings: gives_basware(settings) or (settings.vendors.enabled and settings.vendors.to_basware),
    ),
)
"""One step, before orders are planned, so that those that are still open can be counted."""
