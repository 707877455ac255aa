"""What P2P checks when a record arrives from the API layer: vendors, accounts, lists and the like. Orders have `order_rules`.

Sources: notes and field texts of Basware's P2P specification (terms before vendors, active currencies, capacities of lists, en-US
names, month-ends of terms, BBAN and IBAN at most 32 characters), and its FAQ (bank accounts are unique). The wording is ours:
Basware publishes one example only, that of a record skipped because of its company.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from twins.basware.intake import Finding
from twins.basware.p2p_store import VENDORS, P2PStore, Row
from twins.basware.resources import Resource
from twins.basware.switches import Switches
from twins.basware.values import parse_instant

ACCOUNT_ID_LIMIT = 32
MONTH_ENDS_LIMIT = 12
WORLD_LANGUAGE = "en-US"
ADDRESS_TYPES = frozenset({"PostalAddress", "DeliveryAddress", "AdditionalAddress", "RemittanceAddress"})


@dataclass(frozen=True)
class Candidate:
    """A record that asks to be taken into P2P."""

    store: P2PStore
    switches: Switches
    resource: Resource
    list_key: str
    entity: Mapping[str, Any]
    now: datetime
    together: tuple[Mapping[str, Any], ...] = ()
    """All lines of its request, for an order line."""

    @property
    def key(self) -> str:
        """Its external code."""
        return str(self.entity[self.resource.key])

    @property
    def table(self) -> str:
        """The P2P table it goes to."""
        return self.resource.imported_to(self.list_key)

    @property
    def before(self) -> Row | None:
        """The record it replaces."""
        return self.store.row(self.table, self.key)

    def inner(self, name: str) -> list[Mapping[str, Any]]:
        """The inner records of that name."""
        return list(self.entity.get(name) or ())


Rule = Callable[[Candidate], Iterator[Finding]]


def companies_are_known(candidate: Candidate) -> Iterator[Finding]:
    """Basware P2P specification, example of an error message: a record with a wrong or missing company is skipped."""
    companies = [str(company["companyCode"]) for company in candidate.inner("companies")]
    if not companies and candidate.resource.name != "lists":
        yield Finding("Record skipped: it names no company")
    for company in companies:
        if company not in candidate.store.units:
            yield Finding(f"Record skipped: company code {company} was not found")


def code_is_free(candidate: Candidate) -> Iterator[Finding]:
    """A business code is unique within a company."""
    name = candidate.resource.code
    if not name:
        return
    for company in candidate.inner("companies"):
        code = (str(company["companyCode"]), str(candidate.entity[name]))
        holder = candidate.store.holder(candidate.table, code)
        if holder is not None and holder.key != candidate.key:
            yield Finding(f"{name} {code[1]} is in use in company {code[0]} by another record")


def is_named_in_english(candidate: Candidate) -> Iterator[Finding]:
    """Basware asks for a name in en-US beside any other language."""
    name = candidate.resource.names
    if name and WORLD_LANGUAGE not in {text["language"] for text in candidate.inner(name)}:
        yield Finding(f"{name}: a name in {WORLD_LANGUAGE} is missing")


def vendor_payment_term(candidate: Candidate) -> Iterator[Finding]:
    """The vendor's payment term is there, active and valid today, in each of its companies."""
    code = (candidate.entity.get("paymentTerms") or {}).get("paymentTermCode")
    if not code:
        return
    for company in candidate.inner("companies"):
        unit = str(company["companyCode"])
        term = candidate.store.find("paymentTerms", unit, str(code))
        if term is None or not _is_active(term.entity, unit):
            yield Finding(f"Payment term {code} was not found in company {unit}")
        elif not _covers(term.entity, candidate.now):
            yield Finding(f"Payment term {code} is not valid at present")


def vendor_settings(candidate: Candidate) -> Iterator[Finding]:
    """Currency, class and kinds of identifiers are set up in P2P first."""
    store = candidate.store
    for mean in candidate.inner("paymentMeans"):
        currency = mean.get("currencyCode")
        if currency and store.currencies is not None and currency not in store.currencies:
            yield Finding(f"Currency {currency} is not active")
    vendor_class = candidate.entity.get("vendorClass")
    if vendor_class and store.vendor_classes is not None and vendor_class not in store.vendor_classes:
        yield Finding(f"Vendor class {vendor_class} is not configured")
    for identifier in candidate.inner("identifiers"):
        scheme = identifier["schemeId"]
        if store.identifier_keys is not None and scheme not in store.identifier_keys:
            yield Finding(f"Identifier key {scheme} is not configured; the identifier was left out", "Warning")


def vendor_addresses(candidate: Candidate) -> Iterator[Finding]:
    """P2P has four types of addresses; others are left out."""
    for address in candidate.inner("addresses"):
        kind = address.get("addressType")
        if kind and kind not in ADDRESS_TYPES:
            yield Finding(f"Address {address['externalCode']} was left out: P2P has no {kind}", "Warning")


def vendor_bank_accounts(candidate: Candidate) -> Iterator[Finding]:
    """Bank accounts are unique, one is the default, and their numbers fit into P2P."""
    accounts = bank_accounts(candidate.entity)
    numbers = [str(account["id"]) for account in accounts]
    if accounts and not any(account.get("default") for account in accounts):
        yield Finding("No bank account is the default one")
    for number in numbers:
        if len(number) > ACCOUNT_ID_LIMIT:
            yield Finding(f"Bank account {number} has more than {ACCOUNT_ID_LIMIT} characters")
    for number in sorted({number for number in numbers if numbers.count(number) > 1}):
        yield Finding(f"Bank account {number} is there twice")
    if candidate.switches.bank_accounts_unique == "everywhere":
        for number in dict.fromkeys(numbers):
            holder = candidate.store.holder(VENDORS, account_code(number))
            if holder is not None and holder.key != candidate.key:
                yield Finding(f"Bank account {number} belongs to vendor {holder.entity.get('vendorCode')}")


def term_calculation(candidate: Candidate) -> Iterator[Finding]:
    """How a payment term computes its dates."""
    entity = candidate.entity
    for name in ("dueDateEom", "cashDueDateEom"):
        if (entity.get(name) or 0) > MONTH_ENDS_LIMIT:
            yield Finding(f"{name}: at most {MONTH_ENDS_LIMIT} month-ends")
    rules = candidate.inner("paymentTermDiscountRules")
    if entity.get("cashDueDateCalc") == 2 and not rules:
        yield Finding("cashDueDateCalc 2 needs paymentTermDiscountRules")
    days = [rule.get("discountDays") for rule in rules]
    if len(set(days)) < len(days):
        yield Finding("paymentTermDiscountRules: two rules have the same discountDays")


def validity_is_in_order(candidate: Candidate) -> Iterator[Finding]:
    """A validity doesn't end before it begins."""
    start = candidate.entity.get("validFrom")
    end = candidate.entity.get("validTo") or candidate.entity.get("validUntil")
    if start and end and parse_instant(str(end)) < parse_instant(str(start)):
        yield Finding("The validity ends before it begins")


def list_capacity(candidate: Candidate) -> Iterator[Finding]:
    """Every generic list has columns of its own."""
    capacity = capacity_of(candidate.list_key)
    for name, value in candidate.entity.items():
        column, _, number = name.partition("_")
        if not number.isdigit() or value is None:
            continue
        if int(number) > capacity[column]:
            yield Finding(f"{candidate.list_key} has no column {name}")
        elif column == "text" and len(value) > capacity["length"]:
            yield Finding(f"{name} has more than the {capacity['length']} characters of {candidate.list_key}")


RULES: Mapping[str, tuple[Rule, ...]] = {
    "vendors": (
        companies_are_known,
        code_is_free,
        vendor_payment_term,
        vendor_settings,
        vendor_addresses,
        vendor_bank_accounts,
    ),
    "accounts": (companies_are_known, code_is_free, is_named_in_english),
    "costCenters": (companies_are_known, code_is_free, is_named_in_english),
    "projectsV1": (companies_are_known, code_is_free, is_named_in_english, validity_is_in_order),
    "projects": (companies_are_known, code_is_free, validity_is_in_order),
    "lists": (companies_are_known, list_capacity),
    "taxCodes": (companies_are_known, code_is_free, is_named_in_english),
    "paymentTerms": (
        companies_are_known,
        code_is_free,
        is_named_in_english,
        validity_is_in_order,
        term_calculation,
    ),
    "exchangeRates": (companies_are_known,),
}
"""What is checked for each list, in this order."""


# Basware P2P specification, note of POST lists/{listKey}: first and last number of a run of lists, and their columns.
_CAPACITIES: tuple[tuple[str, int, int, dict[str, int]], ...] = (
    ("ACC_LIST", 1, 10, {"text": 5, "length": 250, "number": 3, "dateValue": 0}),
    ("ACC_LIST", 11, 20, {"text": 5, "length": 50, "number": 3, "dateValue": 0}),
    ("ACC_LIST", 21, 30, {"text": 10, "length": 250, "number": 5, "dateValue": 5}),
    ("ACC_LIST", 31, 35, {"text": 25, "length": 250, "number": 10, "dateValue": 10}),
    ("INV_LIST", 1, 10, {"text": 5, "length": 250, "number": 0, "dateValue": 0}),
    ("INV_LIST", 11, 20, {"text": 10, "length": 250, "number": 5, "dateValue": 5}),
    ("CUST_RESOLVER", 1, 5, {"text": 15, "length": 250, "number": 15, "dateValue": 15}),
)


def capacity_of(list_key: str) -> dict[str, int]:
    """How many columns a generic list has of each kind, and how long its texts may be."""
    kind, _, number = list_key.rpartition("_")
    [capacity] = [
        columns for name, first, last, columns in _CAPACITIES if name == kind and first <= int(number) <= last
    ]
    return capacity


def bank_accounts(entity: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The bank accounts of a vendor that have a number."""
    return [
        account
        for mean in entity.get("paymentMeans") or ()
        for bank in mean.get("financialAccounts") or ()
        for account in bank.get("financialAccountIdentifiers") or ()
        if account.get("id")
    ]


def account_code(number: str) -> tuple[str, str]:
    """The code under which P2P remembers whose bank account a number is."""
    return ("bank account", number)


def _is_active(entity: Mapping[str, Any], unit: str) -> bool:
    """Whether a record is active where a unit gets it from; an entry for the unit itself decides."""
    entries = entity.get("companies") or ()
    own = [company for company in entries if company["companyCode"] == unit] or list(entries)
    return any(company.get("active", True) for company in own)


def _covers(entity: Mapping[str, Any], now: datetime) -> bool:
    """Whether the day of `now` lies in a record's validity."""
    start, end = parse_instant(str(entity["validFrom"])), parse_instant(str(entity["validTo"]))
    return start.date() <= now.date() <= end.date()
