"""The books of one company: its records with their indexes, its settings and what its transactions come to.

It stores finished records and answers look-ups. Records are never changed in place: a write stores a new one. It knows
no rule of what may be written.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from twins.quickbooks.books import Books
from twins.quickbooks.catalogue import ENTITIES, Entity
from twins.quickbooks.chart import CREDIT_NATURED
from twins.quickbooks.events import Change
from twins.quickbooks.indexes import Indexes
from twins.quickbooks.ledger import Posting, Target, postings, rate_of
from twins.quickbooks.table import Table
from twins.quickbooks.values import ZERO, Json, money, natural, parse_instant


class Company:
    """One company (realm)."""

    def __init__(self, realm_id: str, info: Json, preferences: Json) -> None:
        self.realm_id = realm_id
        self.info = info
        self.preferences = preferences
        self.tables = {name: Table(entity) for name, entity in ENTITIES.items()}
        self.applied: dict[Target, Decimal] = {}
        """What payments have settled of each bill, credit and journal entry, in its currency."""
        self.books = Books()
        self.indexes = Indexes()
        self._chosen: dict[str, str] = {}
        """The accounts that tax and exchange differences are booked to, by use."""
        self.listeners: list[Callable[[Change], None]] = []
        """Told of every change after it is stored."""

    @property
    def vendor_balance(self) -> Mapping[str, Decimal]:
        """What is owed to each vendor, in the vendor's currency."""
        return self.books.by_vendor

    @property
    def account_movement(self) -> Mapping[str, Decimal]:
        """Debits less credits of each account that was ever posted to, in home currency: the trial balance."""
        return self.books.by_account

    # settings

    def preference(self, group: str, name: str) -> Any:
        """A setting by group and name; names of OtherPrefs are found in its list of pairs. None when it was never set."""
        values = self.preferences.get(group, {})
        if group == "OtherPrefs":
            return next((each["Value"] for each in values.get("NameValue", ()) if each["Name"] == name), None)
        return values.get(name)

    def is_on(self, group: str, name: str) -> bool:
        """Whether a yes-or-no setting is on; pairs hold it as text."""
        return str(self.preference(group, name)).lower() == "true"

    @property
    def home_currency(self) -> str:
        """The currency of the books."""
        return str((self.preference("CurrencyPrefs", "HomeCurrency") or {"value": "USD"})["value"])

    @property
    def multicurrency(self) -> bool:
        """Whether other currencies may be used at all."""
        return self.is_on("CurrencyPrefs", "MultiCurrencyEnabled")

    @property
    def book_close_date(self) -> str:
        """Transactions dated on or before this day are frozen; empty when the books were never closed."""
        return str(self.preference("AccountingInfoPrefs", "BookCloseDate") or "")

    @property
    def country(self) -> str:
        """The country of the edition, two letters. CompanyInfo may give it with two or three."""
        given = str(self.info.get("Country", "US")).upper()
        return _COUNTRIES.get(given, given)

    @property
    def is_us(self) -> bool:
        """Whether this is the US edition."""
        return self.country == "US"

    # look-ups

    def get(self, name: str, record_id: str) -> Json | None:
        """A record by id; of a setting there is only one."""
        table = self.tables.get(name)
        if table is not None:
            return table.records.get(record_id)
        only = self.setting(name)
        return only if only["Id"] == record_id else None

    def setting(self, name: str) -> Json:
        """CompanyInfo or Preferences."""
        return {"CompanyInfo": self.info, "Preferences": self.preferences}[name]

    def change_setting(self, name: str, record: Json) -> None:
        """Replace CompanyInfo or Preferences."""
        if name == "CompanyInfo":
            self.info = record
        else:
            self.preferences = record

    def name_owner(self, entity: Entity, full_name: str) -> Target | None:
        """Who holds a name: entity and id. People share one name space, each list has its own."""
        return self.indexes.name_owner(entity, full_name)

    def with_number(self, name: str, number: str) -> Iterable[str]:
        """Ids of an entity's records with a document number, without case."""
        return self.indexes.with_number(name, number)

    def next_number(self, name: str, first: int) -> str:
        """The number after the highest that was used and is a plain number."""
        return str(max(self.indexes.highest_number.get(name, 0) + 1, first))

    def of_vendor(self, name: str, vendor_id: str) -> Iterable[str]:
        """Ids of an entity's records that name a vendor in their head."""
        return self.indexes.of_vendor(name, vendor_id)

    def children(self, name: str, parent_id: str) -> list[Json]:
        """The records right below one in a list that nests."""
        return [self.tables[name].records[key] for key in self.indexes.children(name, parent_id)]

    def account_number_owner(self, number: str) -> str | None:
        """The account that has a number."""
        return self.indexes.account_numbers.get(number)

    def payable_accounts(self, currency: str) -> list[Json]:
        """Active Accounts Payable accounts in a currency."""
        return self._accounts("AccountsPayable", currency)

    def account_for(self, use: str, currency: str) -> Json | None:
        """The active account of a detail type in a currency; the first where there are several."""
        found = self._accounts(use, currency)
        return found[0] if found else None

    def _accounts(self, use: str, currency: str) -> list[Json]:
        accounts = self.tables["Account"].records
        found = (accounts[key] for key in self.indexes.accounts_of(use))
        return [
            each
            for each in found
            if each.get("Active", True) and each.get("CurrencyRef", {}).get("value", self.home_currency) == currency
        ]

    def is_payable(self, account_id: str) -> bool:
        """Whether an account is an Accounts Payable account."""
        return account_id in self.indexes.accounts_of("AccountsPayable")

    def tax_account(self) -> str:
        """The account purchase tax is booked to, opened with the first tax. Raises LookupError while there is none."""
        return self._account_once_chosen("tax")

    def exchange_account(self) -> str:
        """The account of exchange differences, opened with the first. Raises LookupError while there is none."""
        return self._account_once_chosen("ExchangeGainOrLoss")

    def books_to(self, use: str) -> bool:
        """Whether there is an account for a use that no document names one for."""
        return use in self._chosen or bool(self.indexes.accounts_of(use))

    def _account_once_chosen(self, use: str) -> str:
        """The first account of a use, and from then on the same one, whatever becomes of its name and type."""
        if use not in self._chosen:
            for account_id in self.indexes.accounts_of(use):
                self._chosen[use] = account_id
                break
            else:
                raise LookupError(f"company {self.realm_id} has no account for {use}")
        return self._chosen[use]

    def ledger(self) -> Iterator[Posting]:
        """The whole general ledger, transaction by transaction."""
        return self.books.postings()

    # changes

    def announce(self, change: Change) -> None:
        """Tell everybody who listens."""
        for listener in self.listeners:
            listener(change)

    def next_id(self, entity: Entity) -> str:
        """A fresh id: people share one sequence, transactions another, each list has its own."""
        return self.indexes.next_id(entity)

    def put(self, name: str, record: Json) -> None:
        """Store a finished record, new or in place of the one with its id."""
        table, key = self.tables[name], record["Id"]
        old = table.records.get(key)
        if old is not None:
            self.indexes.forget(name, old)
            self.books.move(name, old, -1)
        table.store(record, parse_instant(record["MetaData"]["LastUpdatedTime"]).timestamp())
        self.indexes.remember(name, record)
        self.books.move(name, record, 1)
        self.books.book(name, key, postings(name, record, self))
        if old is not None and rate_of(old) != rate_of(record):
            self._book_payments_anew(record)

    def _book_payments_anew(self, record: Json) -> None:
        """What a payment makes of exchange differences follows the rate of what it settles."""
        payments = self.tables["BillPayment"].records
        for link in record.get("LinkedTxn", ()):
            if link["TxnType"].startswith("BillPayment") and link["TxnId"] in payments:
                self.books.book("BillPayment", link["TxnId"], postings("BillPayment", payments[link["TxnId"]], self))

    def merge_account(self, kept_id: str, vanished_id: str) -> None:
        """Book to another account what the service itself booked to a vanished one: tax and exchange differences."""
        self._chosen = {use: kept_id if key == vanished_id else key for use, key in self._chosen.items()}
        for (kind, key), lines in list(self.books.booked.items()):
            if any(each.account == vanished_id for each in lines):
                self.books.book(kind, key, postings(kind, self.tables[kind].records[key], self))

    def remove(self, name: str, record: Json, stub: Json, now: datetime) -> None:
        """Delete a record, leaving a stub that change data capture shows."""
        self.indexes.forget(name, record)
        self.books.move(name, record, -1)
        self.books.book(name, record["Id"], [])
        self.tables[name].drop(record["Id"], stub, now.replace(microsecond=0).timestamp())

    # what is shown

    def present(self, name: str, record: Json) -> Json:
        """The record as it is shown, with the balances that other records make, and masked where the service masks."""
        if name == "Vendor":
            shown = {**record, "Balance": money(self.books.by_vendor.get(record["Id"], ZERO))}
            return {**shown, "TaxIdentifier": masked(record["TaxIdentifier"])} if "TaxIdentifier" in record else shown
        if name == "Account":
            own = self._balance(record)
            whole = own + sum((self._with_children(each) for each in self.children("Account", record["Id"])), ZERO)
            return {**record, "CurrentBalance": money(own), "CurrentBalanceWithSubAccounts": money(whole)}
        if name == "Item" and record.get("TrackQtyOnHand"):
            held = Decimal(record.get("QtyOnHand", 0)) + self.books.received.get(record["Id"], ZERO)
            return {**record, "QtyOnHand": natural(held)}
        return record

    def _with_children(self, account: Json) -> Decimal:
        children = self.children("Account", account["Id"])
        return self._balance(account) + sum((self._with_children(each) for each in children), ZERO)

    def _balance(self, account: Json) -> Decimal:
        """An account's balance in its own currency, positive on the side on which it usually is."""
        foreign = account.get("CurrencyRef", {}).get("value", self.home_currency) != self.home_currency
        totals = self.books.in_own_currency if foreign else self.books.by_account
        moved = totals.get(account["Id"], ZERO)
        opening = Decimal(account.get("CurrentBalance", 0))
        return opening + (-moved if account.get("Classification") in CREDIT_NATURED else moved)


_COUNTRIES = {"USA": "US", "GBR": "GB", "UK": "GB", "IND": "IN", "AUS": "AU", "CAN": "CA", "FRA": "FR", "NOR": "NO"}


def masked(identifier: str) -> str:
    """A tax number with all but its last four characters hidden."""
    return "X" * max(len(identifier) - 4, 0) + identifier[-4:]
