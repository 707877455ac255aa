"""A company of any size on both twins, in a process of its own, so that the memory measured elsewhere is the product's alone.

It knows what people do there (enter documents, order, pay bills) and judges in the end by the twins' own books.
"""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from hashlib import sha256
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import msgspec

from ml_connector.demonstration.tie_out import tie_out
from ml_connector.rules.marker import find_marker
from shared_clock import FollowingTwinClock
from twins import demo_company
from twins.basware import BaswareTwin
from twins.quickbooks import QuickBooksTwin
from twins.serve import TwinServer

KINDS = {"Account": "accounts", "Department": "costCenters", "Customer": "projects", "Class": "lists/ACC_LIST_1"}
"""Where each of QuickBooks' lists goes in Basware."""
_FIRST_NEW, _FIRST_OWN = 500_000, 14
_BILLS_OF_ONE_PAYMENT = 20


class Size(msgspec.Struct, frozen=True):
    """How large a company. A third of the vendors is known to both systems at first, a third to either alone; `lists` are accounts
    and dimensions; as many `orders` are made in either system."""

    vendors: int
    lists: int
    orders: int
    documents: int


class Verdict(msgspec.Struct, frozen=True):
    """What both systems' own books say in the end. `digest` is equal for equal books, whatever ids they have."""

    problems: tuple[str, ...]
    posted: int
    paid: int
    digest: str


class LargeCompany:
    """Both twins of such a company, and its people."""

    def __init__(self, size: Size, clock_file: Path) -> None:
        moment = FollowingTwinClock(clock_file)
        self.quickbooks, self.basware = QuickBooksTwin(moment), BaswareTwin(moment)
        firm = demo_company.generate(demo_company.Wishes(size.documents, seed=1, vendors=size.vendors))
        self.size, self.books_seed, self.basware_seed = size, firm.quickbooks, firm.basware
        self._waiting = self.basware_seed["accountingDocuments"]
        self.basware_seed["accountingDocuments"] = []
        self._grow()
        self.realm_id = str(self.books_seed["realm_id"])
        self.quickbooks.add_company(self.books_seed)
        self.basware.add_tenant(self.basware_seed)
        self.quickbooks.switches.throttle = False

    def _grow(self) -> None:
        entities = self.books_seed["entities"]
        for number in range(self.size.lists):
            kind = list(KINDS)[number % len(KINDS)]
            entities[kind].append(_list_record(kind, _FIRST_NEW + number))
        ours, theirs = entities["Vendor"], self.basware_seed["vendors"]
        entities["Vendor"] = [one for number, one in enumerate(ours) if number < _FIRST_OWN or number % 3 != 1]
        codes = {one.get("AcctNum") for number, one in enumerate(ours) if number >= _FIRST_OWN and number % 3 == 2}
        self.basware_seed["vendors"] = [one for one in theirs if one["vendorCode"] not in codes]

    # what people do

    def order(self) -> None:
        """People order in both systems, each order of one of the vendors there."""
        vendors = [one for one in self._books["Vendor"] if one["Active"]]
        for number in range(self.size.orders):
            vendor = vendors[number % len(vendors)]
            code = f"B{number:06}"
            line = {
                "quantity": 10,
                "netUnitPrice": Decimal(20),
                "description": "Paper",
                "coding": [{"accountCode": "6110"}],
            }
            document = {"externalCode": code, "orderNumber": code, "supplierCode": vendor.get("AcctNum", "V-10011")}
            self.basware.act("purchase_order", document=document, lines=[line])
            lines = [{"account": "55", "amount": 500}]
            self.quickbooks.act(self.realm_id, "create_order", vendor=vendor["Id"], lines=lines, number=f"Q{number:06}")

    def approve(self) -> None:
        """Every document is approved in Basware, and waits for its transfer."""
        for document in self._waiting:
            self.basware.act("approve", document=document)

    def tie(self) -> None:
        """Hold what was approved against what was posted, before Basware's documents become paid ones."""
        self._tied = tie_out(self.basware.documents(), self._books, "USD")

    def pay(self) -> int:
        """Every posted bill is paid, some of one vendor by one payment each; how many bills."""
        books, by_vendor = self._books, dict[str, list[str]]()
        account = next(one["Id"] for one in books["Account"] if one["AccountType"] == "Bank")
        for bill in books["Bill"]:
            if find_marker(bill.get("PrivateNote", "")) is not None:
                by_vendor.setdefault(bill["VendorRef"]["value"], []).append(bill["Id"])
        for bills in by_vendor.values():
            for first in range(0, len(bills), _BILLS_OF_ONE_PAYMENT):
                some = bills[first : first + _BILLS_OF_ONE_PAYMENT]
                self.quickbooks.act(self.realm_id, "pay_bills", bills=some, account=account)
        return sum(map(len, by_vendor.values()))

    @property
    def _books(self) -> dict[str, list[dict[str, Any]]]:
        return self.quickbooks.books(self.realm_id)

    # the verdict

    def judge(self) -> Verdict:
        """Hold both systems' own books against each other."""
        self.basware.act("accept_imports")
        books, documents = self._books, self.basware.documents()
        proof, given = self._tied, self.basware.master_data()["interface"]
        paid, settled = self._told(documents), _settled(books)
        problems = [
            *proof.problems,
            *self.quickbooks.check(self.realm_id),
            *self.basware.check(),
            *_differing("vendors", _names(books["Vendor"], "DisplayName"), _names(given["vendors"], "name")),
            *_differing("payments", settled, paid),
            *self._lists(books, given),
            *self._orders(books, given),
        ]
        content = [
            sorted((one["DocNumber"], str(one["TotalAmt"])) for one in books["Bill"] if one.get("DocNumber")),
            sorted(_names(given["vendors"], "name")),
            sorted((number, str(amount)) for number, amount in paid.items()),
            sorted(str(one.get("DocNumber")) for one in books["PurchaseOrder"]),
        ]
        return Verdict(
            problems=tuple(problems[:5]),
            posted=sum(tie.posted for tie in proof.ties),
            paid=len(paid),
            digest=sha256(msgspec.json.encode(content)).hexdigest(),
        )

    def _told(self, documents: list[dict[str, Any]]) -> dict[str, Decimal]:
        """What Basware was told of payments, by invoice id; a document that was told of twice shows as too much."""
        found = dict[str, Decimal]()
        for one in documents:
            responses = one.get("paymentResponses") or []
            if responses:
                found[one["invoiceId"]] = sum((Decimal(str(each["paidTotal"])) for each in responses), Decimal(0))
        return found

    def _lists(self, books: dict[str, Any], given: dict[str, Any]) -> list[str]:
        """New records of QuickBooks' lists that Basware does not have."""
        problems = []
        for kind, name in KINDS.items():
            there = msgspec.json.encode(given.get(name, []), enc_hook=str).decode()
            new = [one for one in books[kind] if int(one["Id"]) >= _FIRST_NEW]
            lacking = [one["Id"] for one in new if f'"{one.get("Name") or one["DisplayName"]}"' not in there]
            if lacking:
                problems.append(f"{len(lacking)} of {len(new)} new records of {kind} are not in Basware")
        return problems

    def _orders(self, books: dict[str, Any], given: dict[str, Any]) -> list[str]:
        ours = {str(one.get("DocNumber")) for one in books["PurchaseOrder"]}
        wanted = {f"B{number:06}" for number in range(self.size.orders)}
        problems = _differing("orders of Basware", wanted, {one for one in ours if one.startswith("B")})
        heads = {str(one["orderNumber"]) for one in given.get("matchingOrders", [])}
        problems += _differing("orders of QuickBooks", {one for one in ours if one.startswith("Q")}, heads)
        lines = len(given.get("matchingOrderLines", []))
        return problems + ([f"{len(heads)} orders have {lines} lines in Basware"] if lines != len(heads) else [])


def _list_record(kind: str, number: int) -> dict[str, Any]:
    name = f"{kind} {number}"
    if kind == "Account":
        return {"Id": str(number), "Name": name, "AccountType": "Expense", "AcctNum": str(number), "Active": True}
    if kind == "Customer":
        return {"Id": str(number), "DisplayName": name, "Active": True}
    return {"Id": str(number), "Name": name, "Active": True}


def _names(records: list[dict[str, Any]], field: str) -> set[str]:
    return {str(one[field]).removesuffix(" (deleted)") for one in records}


def _settled(books: dict[str, Any]) -> dict[str, Decimal]:
    """How much of each document is settled, by QuickBooks' own balances of its bills; those of which nothing is are left out."""
    found = dict[str, Decimal]()
    for bill in books["Bill"]:
        marker = find_marker(bill.get("PrivateNote", ""))
        settled = Decimal(str(bill["TotalAmt"])) - Decimal(str(bill["Balance"]))
        if marker is not None and settled:
            found[marker.invoice_id] = found.get(marker.invoice_id, Decimal(0)) + settled
    return found


def _differing(what: str, ours: Any, theirs: Any) -> list[str]:
    """Complaint about two sets or tables that ought to be equal."""
    if ours == theirs:
        return []
    only = [sorted(map(str, set(one) - set(other)))[:3] for one, other in ((ours, theirs), (theirs, ours))]
    return [f"{what}: {len(ours)} and {len(theirs)}; only in QuickBooks {only[0]}, only in Basware {only[1]}"]


def serve(size: Size, clock_file: Path, line: Connection) -> None:
    """Serve both twins, say where, and do what is asked for until told to end."""
    company = LargeCompany(size, clock_file)
    with TwinServer(company.quickbooks) as one, TwinServer(company.basware) as other:
        small = {name: value for name, value in company.books_seed.items() if name != "entities"}
        codes = {name: company.basware_seed[name] for name in ("client_id", "client_secret", "companies")}
        line.send((one.url, other.url, small, codes))
        while wish := line.recv():
            with one.lock, other.lock:
                done = getattr(company, wish)()
            line.send(done)


@contextmanager
def twins(size: Size, clock_file: Path) -> Iterator[Connection]:
    """A process with both twins; the connection to it."""
    here, there = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(size, clock_file, there))
    process.start()
    there.close()
    try:
        yield here
    finally:
        process.terminate()
        process.join()
