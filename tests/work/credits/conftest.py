"""A connected company that applies vendor credits to the bills they name, on both databases."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from frozen import copied
from ml_connector.model.policy import PostingPolicy, VendorCredits
from ml_connector.store import alerts
from ml_connector.store.database import Database
from ml_connector.work.credits.applying import ALERT
from ml_connector.work.credits.shown import CreditView
from ml_connector.work.views import document_view
from paperwork import invoice, line
from payday import Payday
from world import World, build_world

APPLY = PostingPolicy(vendor_credits=VendorCredits.APPLY, credited_invoice_field="text1")


def credit_note(number: str, amount: str, *, names: str = "", **changes: Any) -> dict[str, Any]:
    """An approved credit note of the usual supplier that names an invoice in the field agreed for it."""
    return invoice(number, line(f"-{amount}"), changes={"text1": names, **changes})


class Clerk(Payday):
    """The company at work."""

    def open_of(self, document: str) -> Decimal:
        """What is still open of a document's one transaction, in QuickBooks' own books."""
        return Decimal(str(self.world.only_transaction(document)[1]["Balance"]))

    def payments(self) -> list[dict[str, Any]]:
        """Payments of zero that carry our mark, in QuickBooks' own books."""
        return [one for one in self.books["BillPayment"] if "[bw-credit:" in one.get("PrivateNote", "")]

    def credit(self, document: str) -> CreditView:
        """The one credit of a document, as people see it."""
        (found,) = document_view(self.world.desk(), self.world.row(document)).credits
        return found

    def told(self) -> list[str]:
        """What a person is told about credits."""
        with self.world.database.read() as tx:
            return [one.message for one in alerts.listing(tx, self.world.connection_id) if one.kind == ALERT]


@pytest.fixture
def clerk(database: Database) -> Iterator[Clerk]:
    """The demo company with everything read once; the books of QuickBooks have to add up in the end."""

    def followed() -> World:
        made = Clerk(build_world(database, company="empty", policy=APPLY))
        made.follow()
        return made.world

    made = Clerk(copied(database, "everything read once, credits applied", followed))
    yield made
    assert made.world.check() == []
