"""Scenes of vendors: a company that keeps them in step both ways, and what each system's own books say of them."""

from collections.abc import Callable
from typing import Any, Self

import msgspec

from ml_connector.basware.master_data import resource_named
from ml_connector.store import outgoing, vendor_pairs
from ml_connector.store.outgoing import OutgoingRow
from ml_connector.store.vendor_pairs import VendorPair
from ml_connector.work.jobs import Job, JobReport
from ml_connector.work.registry import PERFORM
from ml_connector.work.settings import ConnectionSettings
from ml_connector.work.vendors.settings import VendorSettings
from twins.faults import FaultRule
from world import World

CYCLE = (Job.CHANGES, Job.MASTER_DATA, Job.INVOICES, Job.OUTCOMES)


def keeping_vendors(
    settings: ConnectionSettings, vendors: VendorSettings, *, payment_terms: bool = True
) -> ConnectionSettings:
    """Settings that keep vendors, and no other list, in step."""
    basware = msgspec.structs.replace(
        settings.basware,
        vendors=msgspec.structs.replace(settings.basware.vendors, enabled=True),
        master_data=msgspec.structs.replace(
            settings.basware.master_data, enabled=True, accounts=False, cost_centers=False, classes="", customers="",
            payment_terms=payment_terms, tax_codes=False, exchange_rates=False,
        ),
    )  # fmt: skip
    return msgspec.structs.replace(settings, basware=basware, vendors=vendors)


class Vendors:
    """Two systems and the connector between them, for vendors."""

    def __init__(self, world: World, *, payment_terms: bool = True, **more: Any) -> None:
        self.world = world
        own = VendorSettings(**({"to_basware": True, "to_quickbooks": True} | more))
        world.change_settings(lambda settings: keeping_vendors(settings, own, payment_terms=payment_terms))

    @classmethod
    def already(cls, world: World) -> Self:
        """Of a world that keeps them in step, as its settings have it."""
        made = cls.__new__(cls)
        made.world = world
        return made

    def change(self, **more: Any) -> None:
        """Change how vendors are kept in step."""
        self.world.change_settings(
            lambda settings: msgspec.structs.replace(
                settings, vendors=msgspec.structs.replace(settings.vendors, **more)
            )
        )

    def perform(self, job: Job) -> JobReport:
        """Do one job, as an engine does."""
        desk = self.world.desk()
        desk.take_lease()
        try:
            return PERFORM[job](desk)
        finally:
            desk.release_lease()

    def sync(self, cycles: int = 2) -> None:
        """Let every job run some times, a while apart."""
        for _ in range(cycles):
            for job in CYCLE:
                self.world.clock.advance(65)
                self.perform(job)

    # QuickBooks

    def act(self, action: str, **details: Any) -> dict[str, Any]:
        """Do something in QuickBooks' screens."""
        return self.world.act(action, **details)

    def new_in_quickbooks(self, name: str, **fields: Any) -> str:
        """Enter a vendor in QuickBooks' screens; its id."""
        number = fields.pop("number", "")
        more = {"number": number} if number else {}
        return str(self.act("create_vendor", name=name, fields=fields, **more)["Id"])

    def in_quickbooks(self, text: str) -> dict[str, Any]:
        """A vendor of QuickBooks' own books, by id, number or name."""
        for record in self.world.quickbooks.books(self.world.realm_id)["Vendor"]:
            if text in {record["Id"], record.get("AcctNum"), record["DisplayName"]}:
                return dict(record)
        raise KeyError(f"QuickBooks has no vendor {text}")

    def names_in_quickbooks(self) -> list[str]:
        """Every vendor's name in QuickBooks' own books."""
        return [record["DisplayName"] for record in self.world.quickbooks.books(self.world.realm_id)["Vendor"]]

    # Basware

    def basware(self, action: str, **details: Any) -> Any:
        """Do something in Basware's screens, a moment later."""
        self.world.clock.advance(60)
        return self.world.basware.act(action, **details)

    @property
    def tenant(self) -> Any:
        """Basware's own books."""
        return next(iter(self.world.basware._world.tenants.values()))

    def posted(self, code: str) -> dict[str, Any]:
        """A vendor as Basware's interface has it, by vendor code."""
        for stored in self.tenant.intake.records("vendors").stored.values():
            if stored.entity["vendorCode"] == code:
                return dict(stored.entity)
        raise KeyError(f"Basware's interface has no vendor {code}")

    def in_p2p(self, code: str) -> dict[str, Any]:
        """A vendor as Purchase-to-Pay itself has it, by vendor code."""
        self.world.basware.act("accept_imports")
        for row in self.tenant.intake.p2p.rows("vendors"):
            if row.entity["vendorCode"] == code:
                return dict(row.entity)
        raise KeyError(f"P2P has no vendor {code}")

    def post(self, vendor: dict[str, Any]) -> None:
        """Another program posts a vendor to Basware's interface, whole."""
        self.world.clock.advance(60)
        desk = self.world.desk()
        desk.master_data.post(resource_named("vendors"), [msgspec.json.encode(vendor).decode()])

    def edit(self, code: str, change: Callable[[dict[str, Any]], None]) -> None:
        """Another program changes a vendor it read from Basware's interface."""
        record = msgspec.json.decode(msgspec.json.encode(self.posted(code)))
        record.pop("lastUpdated", None)
        change(record)
        self.post(record)

    # the connector

    def pair(self, code: str) -> VendorPair:
        """What the connector knows of a vendor."""
        with self.world.database.read() as tx:
            found = vendor_pairs.get(tx, self.world.connection_id, code)
        if found is None:
            raise KeyError(f"the connector knows no vendor {code}")
        return found

    def pairs(self) -> dict[str, VendorPair]:
        """Every vendor the connector knows, by code."""
        with self.world.database.read() as tx:
            return vendor_pairs.every(tx, self.world.connection_id)

    def rows(self) -> dict[str, OutgoingRow]:
        """What Basware is to hold, by external code."""
        with self.world.database.read() as tx:
            return outgoing.of_resource(tx, self.world.connection_id, "vendors")

    def fail_basware(self, **rule: Any) -> None:
        """Let Basware's service misbehave."""
        self.world.basware_faults.add(FaultRule(**rule))

    def fail_quickbooks(self, **rule: Any) -> None:
        """Let QuickBooks' service misbehave."""
        self.world.quickbooks_faults.add(FaultRule(**rule))


def by_another_program(code: str, name: str, **more: Any) -> dict[str, Any]:
    """A vendor as another program gives it to Basware."""
    return {
        "externalCode": f"other-{code}",
        "vendorCode": code,
        "name": name,
        "companies": [{"companyCode": "US10", "inheritToChildUnits": True}],
        "processingStatus": {"active": True, "paymentDenied": False},
        **more,
    }


def bank(number: str) -> list[dict[str, Any]]:
    """Payment means with one bank account."""
    account = {
        "financialInstitution": {"id": "EXMPUS33", "name": "Example Bank", "schemeId": "BIC"},
        "financialAccountIdentifiers": [{"schemeId": "BBAN", "id": number, "default": True}],
    }
    return [{"paymentMeansCode": "ACH", "currencyCode": "USD", "default": True, "financialAccounts": [account]}]
