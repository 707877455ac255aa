"""Look-ups into a company's records that must not cost more as it grows: names, numbers, vendors, parents, accounts by use."""

from collections import defaultdict
from collections.abc import Collection

from twins.quickbooks.catalogue import ENTITIES, Entity, Family
from twins.quickbooks.chart import TAX_DETAIL_TYPES
from twins.quickbooks.ledger import Target
from twins.quickbooks.values import Json

Keys = dict[str, None]
"""Ids in the order in which they came."""

_FIRST_IDS = {"Class": 5_000_000_000_000_140_000, "Attachable": 5_000_000_000_000_010_000}
"""Ids of some lists have 19 digits from the start (recorded answers)."""


class Indexes:
    """The look-ups of one company. `remember` and `forget` keep them in step with its records."""

    def __init__(self) -> None:
        self.names: dict[tuple[str, str], Target] = {}
        self.account_numbers: dict[str, str] = {}
        self.highest_number: dict[str, int] = {}
        self._numbers: dict[tuple[str, str], Keys] = defaultdict(dict)
        self._vendors: dict[tuple[str, str], Keys] = defaultdict(dict)
        self._parents: dict[tuple[str, str], Keys] = defaultdict(dict)
        self._accounts: dict[str, Keys] = defaultdict(dict)
        self._last_ids = dict(_FIRST_IDS)

    def name_owner(self, entity: Entity, full_name: str) -> Target | None:
        """Who holds a name: entity and id. People share one name space, each list has its own."""
        return self.names.get((_name_space(entity), full_name.casefold()))

    def with_number(self, name: str, number: str) -> Collection[str]:
        """Ids of an entity's records with a document number, without case."""
        return self._numbers.get((name, number.casefold()), ())

    def of_vendor(self, name: str, vendor_id: str) -> Collection[str]:
        """Ids of an entity's records that name a vendor in their head."""
        return self._vendors.get((name, vendor_id), ())

    def children(self, name: str, parent_id: str) -> list[str]:
        """Ids of the records right below one."""
        return list(self._parents.get((name, parent_id), ()))

    def accounts_of(self, use: str) -> Collection[str]:
        """Ids of the accounts of a detail type; `tax` are those that purchase tax may be booked to."""
        return self._accounts.get(use, ())

    def next_id(self, entity: Entity) -> str:
        """A fresh id: people share one sequence, transactions another, each list has its own."""
        group = _sequence(entity)
        self._last_ids[group] = self._last_ids.get(group, 0) + 1
        return str(self._last_ids[group])

    def address_id(self, given: str = "") -> str:
        """The id of an address: the one that a seed gives it, otherwise a fresh one."""
        last = self._last_ids.get("Address", 0)
        key = given if given.isdecimal() else str(last + 1)
        self._last_ids["Address"] = max(last, int(key))
        return key

    def remember(self, name: str, record: Json) -> None:
        """Take a record in."""
        entity, key = ENTITIES[name], record["Id"]
        if key.isdigit():
            group = _sequence(entity)
            self._last_ids[group] = max(self._last_ids.get(group, 0), int(key))
        if (full_name := name_of(entity, record)) is not None:
            self.names[_name_space(entity), full_name.casefold()] = (name, key)
        number = record.get("DocNumber")
        if number is not None and number.isascii() and number.isdigit():
            self.highest_number[name] = max(self.highest_number.get(name, 0), int(number))
        if name == "Account" and "AcctNum" in record:
            self.account_numbers[record["AcctNum"]] = key
        for keys in self._groups(name, record):
            keys[key] = None

    def forget(self, name: str, record: Json) -> None:
        """Leave a record out again."""
        entity, key = ENTITIES[name], record["Id"]
        if (full_name := name_of(entity, record)) is not None:
            held = (_name_space(entity), full_name.casefold())
            if self.names.get(held) == (name, key):
                del self.names[held]
        if name == "Account" and self.account_numbers.get(record.get("AcctNum", "")) == key:
            del self.account_numbers[record["AcctNum"]]
        for keys in self._groups(name, record):
            keys.pop(key, None)

    def _groups(self, name: str, record: Json) -> list[Keys]:
        """The groups a record belongs to."""
        found = []
        if "DocNumber" in record:
            found.append(self._numbers[name, record["DocNumber"].casefold()])
        if "VendorRef" in record:
            found.append(self._vendors[name, record["VendorRef"]["value"]])
        if "ParentRef" in record:
            found.append(self._parents[name, record["ParentRef"]["value"]])
        if name == "Account":
            detail = record.get("AccountSubType", "")
            found.append(self._accounts["AccountsPayable" if record["AccountType"] == "Accounts Payable" else detail])
            if record.get("TaxAccount") or detail in TAX_DETAIL_TYPES:
                found.append(self._accounts["tax"])
        return found


def name_of(entity: Entity, record: Json) -> str | None:
    """What has to be unique of a record: the display name of people, the path in lists that nest."""
    if entity.family is Family.PERSON:
        return str(record["DisplayName"])
    if entity.family is Family.LIST:
        return str(record.get("FullyQualifiedName") or record[entity.name_field])
    return None


def _name_space(entity: Entity) -> str:
    return "people" if entity.family is Family.PERSON else entity.name


def _sequence(entity: Entity) -> str:
    return entity.family.value if entity.family in {Family.PERSON, Family.TRANSACTION} else entity.name
