"""A world whose policy accrues prebooked invoices, and both books of it: what QuickBooks' accounts hold, what Basware was told."""

import dataclasses
from decimal import Decimal
from typing import Any

import msgspec

from ml_connector.app import App
from ml_connector.model.money import ZERO
from ml_connector.model.policy import PostingPolicy, Prebook
from ml_connector.rules.marker import find_accrual, find_undo
from ml_connector.store import accruals
from ml_connector.store.accruals import AccrualRow
from ml_connector.store.database import Database
from paperwork import CORVID, invoice, line
from twins.demo_company import basware_seed, quickbooks_seed
from world import Seeds, World, accept_mapping, build_world, connection_file

ACCRUED = "90"
"""The QuickBooks id of the account of what is owed and not invoiced yet; the demo company has none."""

_DETAIL = "JournalEntryLineDetail"
_LATER = 16 * 60
"""Seconds after which Basware is asked again for prebookings and what it takes back."""


def accruing_world(database: Database | str, seeds: Seeds | None = None) -> World:
    """The demo company, or one of these seeds, with an account for accruals, and a policy that uses it."""
    books, tenant = seeds or (quickbooks_seed(), basware_seed())
    like = next(one for one in books["entities"]["Account"] if one["AccountType"] == "Other Current Liability")
    name = "Accrued Expenses"
    books["entities"]["Account"].append(
        like | {"Id": ACCRUED, "Name": name, "FullyQualifiedName": name, "AcctNum": "2150"}
    )
    policy = PostingPolicy(prebook=Prebook.ACCRUE, accrual_account_id=ACCRUED)
    return build_world(
        database, company=(books, tenant | {"accountingDocuments": [], "attachments": {}}), policy=policy
    )


def with_policy(world: World, **changes: Any) -> None:
    """Save the connection with another policy."""
    world.change_settings(
        lambda known: msgspec.structs.replace(known, policy=msgspec.structs.replace(known.policy, **changes))
    )


class Ledger:
    """What a test does with prebookings, and how it reads the books."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._opening = self._movement()

    def prebook(self, number: str, *rows: Any, **changes: Any) -> str:
        """Send a new invoice for prebooking, of 100.00 unless rows are given; its id."""
        document = invoice(number, *(rows or (line("100.00"),)), supplier=CORVID, changes=changes)
        return str(self.world.basware.act("prebook", document=document))

    def prebook_again(self, number: str, net: str) -> None:
        """Send it for prebooking once more, over this amount."""
        self.world.clock.advance(60)
        invoice_id = self.world.in_basware(number)["invoiceId"]
        self.world.basware.act("edit", invoice_id=invoice_id, changes=_sums(number, net))
        self.world.basware.act("move", invoice_id=invoice_id, status="WaitingForPrebook")

    def release(self, number: str, net: str = "", **changes: Any) -> None:
        """Approve a prebooked invoice, perhaps over another amount: it waits for transfer."""
        invoice_id = self.world.in_basware(number)["invoiceId"]
        self.world.basware.act("release", invoice_id=invoice_id, changes=(_sums(number, net) if net else {}) | changes)

    def run(self) -> None:
        """Everything that is due, once Basware is looked at again."""
        self.world.clock.advance(_LATER)
        self.world.settle()

    def elsewhere(self, url: str) -> World:
        """Another installation that knows nothing, connected to the same two systems."""
        world = self.world
        app = App(Database.open(url), world.vault, clock=world.clock, transport=world.transport, worker="elsewhere")
        known = world.desk().settings
        file, secrets = connection_file(
            quickbooks_seed(), basware_seed(), name="elsewhere", policy=known.policy, quickbooks=known.quickbooks,
            page_size=100,
        )  # fmt: skip
        row = app.add_connection(file, secrets)
        other = dataclasses.replace(world, app=app, database=app.database, connection=row, _desk=None)
        accept_mapping(other.desk())
        return other

    # the books

    def _entries(self) -> list[dict[str, Any]]:
        return list(self.world.quickbooks.books(self.world.realm_id)["JournalEntry"])

    def entries(self) -> list[dict[str, Any]]:
        """The accruals in QuickBooks' own books, reversed ones too."""
        return [one for one in self._entries() if find_accrual(one.get("PrivateNote", ""))]

    def reversals(self) -> list[dict[str, Any]]:
        """What reverses them."""
        return [one for one in self._entries() if find_undo(one.get("PrivateNote", ""))]

    def balance(self, account_id: str) -> Decimal:
        """What was posted to an account since the scene began, debits less credits."""
        return self._movement().get(account_id, ZERO) - self._opening.get(account_id, ZERO)

    def _movement(self) -> dict[str, Decimal]:
        return dict(self.world.quickbooks.companies[self.world.realm_id].account_movement)

    def sides(self, entry: dict[str, Any]) -> list[tuple[str, str, Decimal]]:
        """The lines of an entry: side, account id, amount."""
        return [
            (one[_DETAIL]["PostingType"], one[_DETAIL]["AccountRef"]["value"], one["Amount"]) for one in entry["Line"]
        ]

    def dimensions(self, entry: dict[str, Any]) -> list[tuple[str, str]]:
        """The lines of an entry: location and class by name."""
        details = [one[_DETAIL] for one in entry["Line"]]
        return [(_name(one, "DepartmentRef"), _name(one, "ClassRef")) for one in details]

    def kept(self, number: str) -> list[AccrualRow]:
        """The accruals of an invoice as the product keeps them."""
        invoice_id = self.world.in_basware(number)["invoiceId"]
        with self.world.database.read() as tx:
            return accruals.of_invoice(tx, self.world.connection_id, invoice_id)


def _sums(number: str, net: str) -> dict[str, Any]:
    document = invoice(number, line(net), supplier=CORVID)
    return {name: document[name] for name in ("grossSum", "netSum", "taxSum1", "codingRows") if name in document}


def _name(detail: dict[str, Any], reference: str) -> str:
    return str(detail.get(reference, {}).get("name", ""))
