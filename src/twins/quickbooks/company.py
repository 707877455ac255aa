"""The books of one company: its records with their indexes, its settings and what its transactions come to.

It stores finished records and answers look-ups. Records are never changed in place: a write stores a new one. It knows
no rule of what may be written.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from twins.quickbooks.catalogue import ENTITIES, Entity, Family
from twins.quickbooks.events import Change
from twins.quickbooks.ledger import Posting, home_amount, postings
from twins.quickbooks.values import ZERO, Json, money, parse_instant

_TAX_SUBTYPES = {"GlobalTaxPayable", "GlobalTaxSuspense", "SalesTaxPayable"}
_CREDIT_NATURED = {"Liability", "Equity", "Revenue"}


@dataclass
class Table:
    """All records of one entity, and the stubs of deleted ones. `touched` holds when each was last changed (epoch seconds)."""

    entity: Entity
    records: dict[str, Json] = field(default_factory=dict)
    deleted: dict[str, Json] = field(default_factory=dict)
    touched: dict[str, float] = field(default_factory=dict)


class Company:
    """One company (realm)."""

    def __init__(self, realm_id: str, info: Json, preferences: Json) -> None:
        self.realm_id = realm_id
        self.info = info
        self.preferences = preferences
        self.tables = {name: Table(entity) for name, entity in ENTITIES.items()}
        self.applied: dict[tuple[str, str], Decimal] = {}
        """What payments have settled of each bill, credit and journal entry, in its currency."""
        self.vendor_balance: dict[str, Decimal] = {}
        self.account_movement: dict[str, Decimal] = {}
        self.listeners: list[Callable[[Change], None]] = []
        """Told of every change after it is stored."""
        self._names: dict[tuple[str, str], tuple[str, str]] = {}
        self._numbers: dict[tuple[str, str, str], set[str]] = {}
        self._by_number: dict[tuple[str, str], set[str]] = {}
        self._last_id: dict[str, int] = {}
        self._tax_account = ""

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
    def is_us(self) -> bool:
        """Whether this is the US edition. CompanyInfo may give the country with two or three letters."""
        return str(self.info.get("Country", "US")).upper() in {"US", "USA"}

    # look-ups

    def get(self, name: str, record_id: str) -> Json | None:
        """A record by id."""
        return self.tables[name].records.get(record_id)

    def name_owner(self, entity: Entity, full_name: str) -> tuple[str, str] | None:
        """Who holds a name: entity and id. People share one name space, each list has its own."""
        return self._names.get((_name_space(entity), full_name.casefold()))

    def same_number(self, name: str, record: Json) -> set[str]:
        """Ids with the same number in the scope in which the service looks for duplicates."""
        return self._numbers.get(_number_key(name, record), set())

    def with_number(self, name: str, number: str) -> set[str]:
        """Ids of an entity's records with a document number, without case."""
        return self._by_number.get((name, number.casefold()), set())

    def payable_accounts(self, currency: str) -> list[Json]:
        """Active Accounts Payable accounts in a currency."""
        return [
            account
            for account in self.tables["Account"].records.values()
            if account["AccountType"] == "Accounts Payable"
            and account.get("Active", True)
            and account.get("CurrencyRef", {}).get("value", self.home_currency) == currency
        ]

    def is_payable(self, account_id: str) -> bool:
        """Whether an account is an Accounts Payable account."""
        return self.tables["Account"].records.get(account_id, {}).get("AccountType") == "Accounts Payable"

    def tax_account(self) -> str:
        """The account purchase tax is booked to; `tax` stands for the agency's own account when the chart shows none."""
        if not self._tax_account:
            accounts = self.tables["Account"].records.items()
            found = (
                key for key, each in accounts if each.get("TaxAccount") or each.get("AccountSubType") in _TAX_SUBTYPES
            )
            self._tax_account = next(found, "tax")
        return self._tax_account

    def ledger(self) -> Iterator[Posting]:
        """The whole general ledger, transaction by transaction."""
        for name, table in self.tables.items():
            for record in table.records.values():
                yield from postings(name, record, self)

    # changes

    def announce(self, change: Change) -> None:
        """Tell everybody who listens."""
        for listener in self.listeners:
            listener(change)

    def next_id(self, entity: Entity) -> str:
        """A fresh id: people share one sequence, transactions another, each list has its own."""
        group = _sequence(entity)
        self._last_id[group] = self._last_id.get(group, 0) + 1
        return str(self._last_id[group])

    def put(self, name: str, record: Json) -> None:
        """Store a finished record, new or in place of the one with its id."""
        table = self.tables[name]
        old = table.records.get(record["Id"])
        if old is not None:
            self._forget(name, old)
        table.records[record["Id"]] = record
        table.touched[record["Id"]] = parse_instant(record["MetaData"]["LastUpdatedTime"]).timestamp()
        self._remember(name, record)

    def remove(self, name: str, record: Json, stub: Json, now: datetime) -> None:
        """Delete a record, leaving a stub that change data capture shows."""
        table = self.tables[name]
        self._forget(name, record)
        del table.records[record["Id"]]
        table.deleted[record["Id"]] = stub
        table.touched[record["Id"]] = now.replace(microsecond=0).timestamp()

    def _remember(self, name: str, record: Json) -> None:
        entity, key = ENTITIES[name], record["Id"]
        if key.isdigit():
            group = _sequence(entity)
            self._last_id[group] = max(self._last_id.get(group, 0), int(key))
        for full_name in _names_of(entity, record):
            self._names[_name_space(entity), full_name.casefold()] = (name, key)
        if "DocNumber" in record:
            self._numbers.setdefault(_number_key(name, record), set()).add(key)
            self._by_number.setdefault((name, record["DocNumber"].casefold()), set()).add(key)
        self._book(postings(name, record, self), 1)

    def _forget(self, name: str, record: Json) -> None:
        entity, key = ENTITIES[name], record["Id"]
        for full_name in _names_of(entity, record):
            self._names.pop((_name_space(entity), full_name.casefold()), None)
        if "DocNumber" in record:
            self._numbers[_number_key(name, record)].discard(key)
            self._by_number[name, record["DocNumber"].casefold()].discard(key)
        self._book(postings(name, record, self), -1)

    def _book(self, lines: Iterable[Posting], times: int) -> None:
        for posting in lines:
            moved = self.account_movement.get(posting.account, ZERO)
            self.account_movement[posting.account] = moved + times * home_amount(posting)
            if posting.payable and posting.vendor:
                owed = self.vendor_balance.get(posting.vendor, ZERO)
                self.vendor_balance[posting.vendor] = owed + times * (posting.credit - posting.debit)

    def present(self, name: str, record: Json) -> Json:
        """The record as it is shown, with the balances that other records make."""
        if name == "Vendor":
            return {**record, "Balance": money(self.vendor_balance.get(record["Id"], ZERO))}
        if name == "Account":
            moved = self.account_movement.get(record["Id"], ZERO)
            natural = -moved if record.get("Classification") in _CREDIT_NATURED else moved
            balance = money(Decimal(record.get("CurrentBalance", 0)) + natural)
            return {**record, "CurrentBalance": balance, "CurrentBalanceWithSubAccounts": balance}
        return record


def _name_space(entity: Entity) -> str:
    return "people" if entity.family is Family.PERSON else entity.name


def _sequence(entity: Entity) -> str:
    return entity.family.value if entity.family in {Family.PERSON, Family.TRANSACTION} else entity.name


def _names_of(entity: Entity, record: Json) -> tuple[str, ...]:
    if entity.family is Family.PERSON:
        return (record["DisplayName"],)
    if entity.family is Family.LIST:
        return (record.get("FullyQualifiedName") or record.get("Name") or record["Code"],)
    return ()


def _number_key(name: str, record: Json) -> tuple[str, str, str]:
    scope = "" if name == "JournalEntry" else record.get("VendorRef", {}).get("value", "")
    return name, scope, record["DocNumber"].casefold()
