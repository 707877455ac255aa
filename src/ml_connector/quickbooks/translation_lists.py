"""QuickBooks' list records, preferences and company information, in the model's terms.

Shapes follow Intuit's API reference. Nothing is fetched here: the caller hands over what it read or kept.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from zoneinfo import available_timezones

from ml_connector.model.books import (
    Account,
    Books,
    ClassTracking,
    Customer,
    Employee,
    Item,
    Location,
    Preferences,
    TaxCode,
    TaxRateUse,
    Term,
    TrackingClass,
    Vendor,
)
from ml_connector.quickbooks.records import (
    Record,
    day,
    flag,
    members,
    name_of,
    number,
    reference,
    required,
    text,
    whole_number,
)
from ml_connector.quickbooks.wire import UnreadableError

BOOK_ENTITIES = ("Account", "Class", "Customer", "Department", "Item", "TaxCode", "TaxRate", "Term", "Vendor")
"""The lists `books_from` reads, by QuickBooks' names; `Preferences` and `CompanyInfo` come on top."""


def account_from(record: Record) -> Account:
    """An account of the chart."""
    return Account(
        id=required(record, "Id"),
        name=name_of(record, "Name"),
        full_name=name_of(record, "FullyQualifiedName"),
        active=_active(record),
        sync_token=text(record, "SyncToken"),
        number=text(record, "AcctNum"),
        type=text(record, "AccountType"),
        sub_type=text(record, "AccountSubType"),
        currency=reference(record, "CurrencyRef"),
    )


def location_from(record: Record) -> Location:
    """A location, from a Department record."""
    return Location(
        id=required(record, "Id"),
        name=name_of(record, "Name"),
        full_name=name_of(record, "FullyQualifiedName"),
        active=_active(record),
        sync_token=text(record, "SyncToken"),
    )


def class_from(record: Record) -> TrackingClass:
    """A class."""
    return TrackingClass(
        id=required(record, "Id"),
        name=name_of(record, "Name"),
        full_name=name_of(record, "FullyQualifiedName"),
        active=_active(record),
        sync_token=text(record, "SyncToken"),
    )


def customer_from(record: Record) -> Customer:
    """A customer, or a project or job below one."""
    return Customer(
        id=required(record, "Id"),
        name=name_of(record, "DisplayName"),
        full_name=name_of(record, "FullyQualifiedName"),
        active=_active(record),
        sync_token=text(record, "SyncToken"),
        currency=reference(record, "CurrencyRef"),
    )


def item_from(record: Record) -> Item:
    """A product or service. A purchase of stock is booked on its asset account, of anything else on its expense account.

    Without its version: every purchase of stock moves that, and nothing here depends on it.
    """
    kind = text(record, "Type")
    return Item(
        id=required(record, "Id"),
        name=name_of(record, "Name"),
        full_name=name_of(record, "FullyQualifiedName"),
        active=_active(record),
        sku=text(record, "Sku"),
        type=kind,
        account_id=reference(record, "AssetAccountRef" if kind == "Inventory" else "ExpenseAccountRef"),
    )


def vendor_from(record: Record) -> Vendor:
    """A vendor."""
    return Vendor(
        id=required(record, "Id"),
        name=name_of(record, "DisplayName"),
        active=_active(record),
        sync_token=text(record, "SyncToken"),
        number=text(record, "AcctNum"),
        currency=reference(record, "CurrencyRef"),
        term_id=reference(record, "TermRef"),
        email=text(record, "PrimaryEmailAddr", "Address"),
    )


def term_from(record: Record) -> Term:
    """Payment terms. Terms driven by a day of the month have no number of days, whatever the record says."""
    by_day_of_month = text(record, "Type").upper() == "DATE_DRIVEN"
    return Term(
        id=required(record, "Id"),
        name=name_of(record, "Name"),
        active=_active(record),
        sync_token=text(record, "SyncToken"),
        due_days=None if by_day_of_month else whole_number(record, "DueDays"),
        day_of_month=whole_number(record, "DayOfMonthDue") if by_day_of_month else None,
        next_month_days=whole_number(record, "DueNextMonthDays") if by_day_of_month else None,
        discount_percent=number(record, "DiscountPercent"),
        discount_days=None if by_day_of_month else whole_number(record, "DiscountDays"),
    )


def employee_from(record: Record) -> Employee:
    """An employee: only the name people know."""
    return Employee(
        id=required(record, "Id"),
        name=name_of(record, "DisplayName"),
        active=_active(record),
        sync_token=text(record, "SyncToken"),
    )


def tax_code_from(record: Record, percents: Mapping[str, Decimal]) -> TaxCode:
    """A tax code with its purchase rates; `percents` are the percents by TaxRate id.

    A code with a purchase rate of unknown percent gets none at all: it is then held as not usable instead of being posted
    with part of its tax.
    """
    rates = [reference(detail, "TaxRateRef") for detail in members(record, "PurchaseTaxRateList", "TaxRateDetail")]
    known = all(rate in percents for rate in rates)
    return TaxCode(
        id=required(record, "Id"),
        name=name_of(record, "Name"),
        active=_active(record),
        sync_token=text(record, "SyncToken"),
        purchase_rates=tuple(TaxRateUse(rate_id=rate, percent=percents[rate]) for rate in rates) if known else (),
    )


def tax_percents(records: Iterable[Record]) -> dict[str, Decimal]:
    """The percents of TaxRate records by id, as far as they state one."""
    values = ((required(record, "Id"), number(record, "RateValue")) for record in records)
    return {rate_id: percent for rate_id, percent in values if percent is not None}


def preferences_from(preferences: Record, company_info: Record) -> Preferences:
    """The settings that decide what may be posted, from the Preferences and CompanyInfo records."""
    accounting = "AccountingInfoPrefs"
    named = members(preferences, "OtherPrefs", "NameValue")
    other = {text(entry, "Name").rpartition(".")[2]: text(entry, "Value") for entry in named}
    country = _country(company_info)
    return Preferences(
        country=country,
        home_currency=_home_currency(preferences, country),
        multicurrency=flag(preferences, "CurrencyPrefs", "MultiCurrencyEnabled"),
        track_locations=flag(preferences, accounting, "TrackDepartments"),
        class_tracking=_class_tracking(preferences),
        book_close_date=day(preferences, accounting, "BookCloseDate"),
        warn_duplicate_bill_number=flag(other, "WarnDuplicateBillNumber"),
        warn_duplicate_journal_number=flag(other, "WarnDuplicateJournalNumber"),
        use_account_numbers=flag(preferences, accounting, "UseAccountNumbers"),
        billable_expenses=flag(preferences, "VendorAndPurchasesPrefs", "BillableExpenseTracking"),
    )


def books_from(records: Mapping[str, Iterable[Record]]) -> Books:
    """A company's books from its records by entity (`BOOK_ENTITIES`, `Preferences`, `CompanyInfo`); absent lists are empty.

    Raises UnreadableError for a record that makes no sense, and for preferences without company information or the reverse.
    """
    company_info = next(iter(records.get("CompanyInfo", ())), {})
    preferences = next(iter(records.get("Preferences", ())), {})
    if bool(company_info) != bool(preferences):
        raise UnreadableError("preferences and company information are read together")
    percents = tax_percents(records.get("TaxRate", ()))
    return Books(
        company_name=text(company_info, "CompanyName"),
        preferences=preferences_from(preferences, company_info) if preferences or company_info else Preferences(),
        accounts={item.id: item for item in map(account_from, records.get("Account", ()))},
        locations={item.id: item for item in map(location_from, records.get("Department", ()))},
        classes={item.id: item for item in map(class_from, records.get("Class", ()))},
        customers={item.id: item for item in map(customer_from, records.get("Customer", ()))},
        items={item.id: item for item in map(item_from, records.get("Item", ()))},
        vendors={item.id: item for item in map(vendor_from, records.get("Vendor", ()))},
        terms={item.id: item for item in map(term_from, records.get("Term", ()))},
        tax_codes={
            item.id: item for item in (tax_code_from(record, percents) for record in records.get("TaxCode", ()))
        },
    )


def _active(record: Record) -> bool:
    return flag(record, "Active", absent=True)


def _class_tracking(preferences: Record) -> ClassTracking:
    if flag(preferences, "AccountingInfoPrefs", "ClassTrackingPerTxnLine"):
        return ClassTracking.LINE
    if flag(preferences, "AccountingInfoPrefs", "ClassTrackingPerTxn"):
        return ClassTracking.TRANSACTION
    return ClassTracking.OFF


def country_of(company_info: Record) -> str:
    """The country that a CompanyInfo record names, empty where it names none. Addresses write it with three letters."""
    places = (("Country",), ("LegalAddr", "Country"), ("CompanyAddr", "Country"))
    return next(filter(None, (text(company_info, *place) for place in places)), "")


def time_zone_of(company_info: Record) -> str:
    """The time zone that a CompanyInfo record names, empty where it names none or none that is known.

    Intuit's schema has `DefaultTimeZone` (IPPCompanyInfo); its reference shows no value, so nothing is expected of it.
    """
    named = text(company_info, "DefaultTimeZone")
    return named if named in available_timezones() else ""


def _country(company_info: Record) -> str:
    """The country decides how tax is posted, so it is never assumed."""
    country = country_of(company_info)
    if not country:
        raise UnreadableError("QuickBooks does not say in which country the company is")
    return country


def _home_currency(preferences: Record, country: str) -> str:
    currency = reference(preferences.get("CurrencyPrefs") or {}, "HomeCurrency")
    if currency:
        return currency
    if Preferences(country=country).is_us:  # US companies always keep their books in dollars
        return "USD"
    raise UnreadableError("QuickBooks does not say in which currency the company keeps its books")
