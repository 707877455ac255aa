"""Transactions of QuickBooks are looked for in what their copies say, on both databases alike."""

from datetime import date, datetime
from decimal import Decimal

import msgspec

from ml_connector.store import books, transaction_search
from ml_connector.store.books import BookRow
from ml_connector.store.database import Database
from ml_connector.store.transaction_search import Wanted
from ml_connector.work.changes.copies import row_of


def copy(id_: str, vendor: str, day: str, total: str, *, deleted: bool = False) -> BookRow:
    record = {
        "Id": id_, "DocNumber": f"D-{id_}", "TxnDate": day, "TotalAmt": Decimal(total), "VendorRef": {"value": vendor},
    }  # fmt: skip
    return msgspec.structs.replace(row_of("Bill", record, None), deleted=deleted)


def test_what_has_most_of_what_is_known_comes_first(database: Database, north: str, south: str, now: datetime) -> None:
    kept = [
        copy("1", "7", "2026-11-01", "100.00"), copy("2", "7", "2026-11-03", "99"), copy("3", "8", "2026-11-02", "100.0"),
        copy("4", "8", "2026-11-02", "5"), copy("5", "7", "2026-11-04", "100", deleted=True),
        BookRow(quickbooks_id="6", payload="", name="D-1"),
    ]  # fmt: skip
    with database.write() as tx:
        books.put_many(tx, north, "Bill", kept, now)
        books.put_many(tx, north, "VendorCredit", [copy("8", "7", "2026-11-01", "3")], now)
        vendors = [BookRow(quickbooks_id=one, payload="{}", name=f"Vendor {one}") for one in ("7", "8")]
        books.put_many(tx, north, "Vendor", vendors, now)
        books.put_many(tx, south, "Bill", [copy("9", "7", "2026-11-01", "100.00")], now)

    def found(wanted: Wanted) -> list[list[str]]:
        with database.read() as tx:
            of_kind = transaction_search.find(tx, north, ("Bill", "VendorCredit"), wanted, limit=10)
        return [[one.quickbooks_id for one in of_kind[kind]] for kind in ("Bill", "VendorCredit")]

    assert found(Wanted(vendor_ids={"7"}, total=Decimal("-100"))) == [["1", "2", "3"], ["8"]]
    assert found(Wanted(vendor_name="VENDOR 8", number="d-2")) == [["2", "3", "4"], []]
    assert found(Wanted(vendor_ids={"7"}, text="vendor 8")) == [["3", "4"], []]
    assert found(Wanted(amount=Decimal(5))) == [["4"], []]
    assert found(Wanted(day=date(2026, 11, 3))) == [["2"], []]


def test_a_name_is_found_as_it_is_written_whatever_letters_it_has(
    database: Database, north: str, now: datetime
) -> None:
    name = "Österreichische Post"
    with database.write() as tx:
        books.put_many(tx, north, "Bill", [copy("1", "7", "2026-11-01", "100")], now)
        books.put_many(tx, north, "Vendor", [BookRow(quickbooks_id="7", payload="{}", name=name)], now)
    with database.read() as tx:
        [bill] = transaction_search.find(tx, north, ("Bill",), Wanted(vendor_name=name), limit=5)["Bill"]
        [vendor] = books.named(tx, north, "Vendor", [name])
    assert (bill.quickbooks_id, vendor.quickbooks_id) == ("1", "7")
