"""The entities this twin keeps: what can be asked of them in a query, and how they are written.

Facts are from Intuit's API reference (filterable traits); the properties stand in `properties.py`.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from twins.quickbooks.properties import COMMON, PROPERTIES
from twins.quickbooks.shapes import Property, Shape, read_shape, shape


class Family(StrEnum):
    """How an entity behaves: people share one name space, lists can only be made inactive, transactions can be deleted.

    Files are deleted without a sync token. Of a setting a company has exactly one record.
    """

    PERSON = "person"
    LIST = "list"
    TRANSACTION = "transaction"
    RATE = "rate"
    FILE = "file"
    SETTING = "setting"


@dataclass(frozen=True)
class Entity:
    """One entity of the API. `nickname` is what the service calls it in a reference that cannot be found."""

    name: str
    family: Family
    properties: Shape
    queryable: frozenset[str]
    nickname: str
    name_field: str = "Name"
    writable: bool = True
    captured: bool = True
    """Whether change data capture serves it."""
    addresses: tuple[str, ...] = ()
    """The properties that hold one address each."""
    lookup: dict[str, str] = field(default_factory=dict)
    """Queryable names in lower case to their own spelling: queries do not mind the case."""

    @property
    def is_transaction(self) -> bool:
        """Whether it has a date, can be deleted and falls under closed books."""
        return self.family is Family.TRANSACTION

    def property_at(self, path: str) -> Property:
        """What a queryable path holds."""
        head, _, tail = path.partition(".")
        found = self.properties[head]
        return shape(found.shape)[tail] if tail else found


TIMES = "Id MetaData.CreateTime MetaData.LastUpdatedTime"


def _entity(
    name: str,
    family: Family,
    queryable: str,
    nickname: str = "",
    *,
    name_field: str = "Name",
    writable: bool = True,
    captured: bool = True,
) -> Entity:
    names = frozenset(f"{TIMES} {queryable}".split())
    properties = read_shape(f"{COMMON} {PROPERTIES[name]}")
    return Entity(
        name=name,
        family=family,
        properties=properties,
        queryable=names,
        nickname=nickname or f"{name}s",
        name_field=name_field,
        writable=writable,
        captured=captured,
        addresses=tuple(key for key, each in properties.items() if each.shape == "Address" and not each.many),
        lookup={each.lower(): each for each in names},
    )


_ALL = (
    _entity(
        "Vendor",
        Family.PERSON,
        "DisplayName GivenName MiddleName FamilyName Suffix CompanyName PrintOnCheckName Active Balance",
        "Names",
        name_field="DisplayName",
    ),
    _entity(
        "Customer",
        Family.PERSON,
        "DisplayName GivenName MiddleName FamilyName CompanyName PrintOnCheckName FullyQualifiedName Active Balance Job ParentRef",
        "Names",
        name_field="DisplayName",
    ),
    _entity(
        "Employee",
        Family.PERSON,
        "DisplayName GivenName MiddleName FamilyName PrintOnCheckName Active",
        "Names",
        name_field="DisplayName",
    ),
    _entity(
        "Account",
        Family.LIST,
        "Name FullyQualifiedName AcctNum SubAccount ParentRef Description Active Classification AccountType AccountSubType "
        "CurrentBalance",
    ),
    _entity("Department", Family.LIST, "Name FullyQualifiedName SubDepartment ParentRef Active", "Depts"),
    _entity("Class", Family.LIST, "Name FullyQualifiedName SubClass ParentRef Active", "Klasses"),
    _entity("Term", Family.LIST, "Name Active Type"),
    _entity("Item", Family.LIST, "Name FullyQualifiedName Sku Active Type"),
    _entity("TaxCode", Family.LIST, "Name Active", writable=False, captured=False),
    _entity("TaxRate", Family.LIST, "Name Active", writable=False, captured=False),
    _entity("TaxAgency", Family.LIST, "DisplayName", "TaxAgencies", name_field="DisplayName", captured=False),
    _entity("CompanyCurrency", Family.LIST, "Code Name Active", "CompanyCurrencies", name_field="Code"),
    _entity("ExchangeRate", Family.RATE, "SourceCurrencyCode AsOfDate", captured=False),
    _entity("Attachable", Family.FILE, "FileName Note Category ContentType Size"),
    _entity(
        "Bill",
        Family.TRANSACTION,
        "DocNumber TxnDate DueDate VendorRef APAccountRef SalesTermRef TotalAmt Balance",
        "Transactions",
    ),
    _entity(
        "VendorCredit",
        Family.TRANSACTION,
        "DocNumber TxnDate VendorRef APAccountRef TotalAmt Balance",
        "Transactions",
    ),
    _entity("JournalEntry", Family.TRANSACTION, "DocNumber TxnDate", "Transactions"),
    _entity(
        "BillPayment",
        Family.TRANSACTION,
        "DocNumber TxnDate VendorRef APAccountRef TotalAmt PayType",
        "Transactions",
    ),
    _entity(
        "PurchaseOrder",
        Family.TRANSACTION,
        "DocNumber TxnDate DueDate VendorRef APAccountRef TotalAmt POStatus",
        "Transactions",
    ),
)

ENTITIES = {entity.name: entity for entity in _ALL}
"""The entities a company has many records of, by name."""

SETTINGS = {
    name: _entity(name, Family.SETTING, "", captured=False, name_field="CompanyName")
    for name in ("CompanyInfo", "Preferences")
}
"""The entities a company has one record of."""

BY_LOWER_NAME = {entity.name.lower(): entity for entity in (*_ALL, *SETTINGS.values())}
"""Entities by path segment; queries name them without case as well."""

READ_ONLY = frozenset(
    {
        "MetaData",
        "domain",
        "status",
        "sparse",
        "FullyQualifiedName",
        "Balance",
        "HomeBalance",
        "CurrentBalance",
        "CurrentBalanceWithSubAccounts",
        "Classification",
        "TxnStatus",
        "HomeTotalAmt",
        "V4IDPseudonym",
        "IsProject",
        "Level",
        "BalanceWithJobs",
        "FileAccessUri",
        "TempDownloadUri",
        "ThumbnailFileAccessUri",
        "ThumbnailTempDownloadUri",
        "Size",
    }
)
"""Values sent for these are overwritten without a word (Intuit's schema page)."""
