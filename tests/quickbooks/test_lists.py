"""A company's lists and settings, as QuickBooks writes them and as the model has them."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from ml_connector.model.books import Books, ClassTracking, Preferences, TaxRateUse
from ml_connector.quickbooks.translation import (
    account_from,
    books_from,
    class_from,
    customer_from,
    item_from,
    location_from,
    preferences_from,
    tax_code_from,
    term_from,
    vendor_from,
)
from ml_connector.quickbooks.wire import UnreadableError, decode

ACCOUNT = {
    "Name": "Software subscriptions", "AcctNum": "6420", "SubAccount": True, "ParentRef": {"value": "57"},
    "FullyQualifiedName": "Office expenses:Software subscriptions", "Active": True, "Classification": "Expense",
    "AccountType": "Expense", "AccountSubType": "OfficeGeneralAdministrativeExpenses", "CurrentBalance": 0,
    "CurrencyRef": {"value": "USD", "name": "United States Dollar"}, "domain": "QBO", "sparse": False, "Id": "94", "SyncToken": "3",
    "SomethingNew": {"of": 2027},
}  # fmt: skip
VENDOR = {
    "DisplayName": "Nordlys Print AS", "CompanyName": "Nordlys Print AS", "AcctNum": "BSW-10023", "Active": True,
    "TermRef": {"value": "3"}, "CurrencyRef": {"value": "USD"}, "PrimaryEmailAddr": {"Address": "ap@nordlys.example"},
    "Id": "71", "SyncToken": "0",
}  # fmt: skip
COMPANY = {"Id": "1", "CompanyName": "Halden & Partners", "Country": "US", "CompanyAddr": {"Country": "USA"}}


def test_an_account_keeps_number_path_type_and_currency() -> None:
    account = account_from(ACCOUNT)
    assert (account.id, account.number, account.type, account.currency) == ("94", "6420", "Expense", "USD")
    assert account.label == "6420 Office expenses:Software subscriptions"
    assert (account.sub_type, account.active, account.sync_token) == ("OfficeGeneralAdministrativeExpenses", True, "3")


def test_an_inactive_record_loses_the_suffix_and_an_active_one_keeps_its_own_name() -> None:
    gone = {**ACCOUNT, "Active": False, "Name": "Old (deleted)", "FullyQualifiedName": "Office:Old (deleted)"}
    assert (account_from(gone).name, account_from(gone).full_name) == ("Old", "Office:Old")
    assert account_from({**gone, "Active": True}).name == "Old (deleted)"
    assert vendor_from({**VENDOR, "Active": False, "DisplayName": "Nordlys (deleted)"}).name == "Nordlys"


def test_locations_and_classes_keep_their_long_ids_as_text() -> None:
    location = location_from(
        {"Name": "Oslo", "FullyQualifiedName": "Norway:Oslo", "Active": True, "Id": "4", "SyncToken": "0"}
    )
    assert location.label == "Norway:Oslo"
    assert class_from({"Name": "Marketing", "Id": "5000000000000142240"}).id == "5000000000000142240"


@pytest.mark.parametrize(("kind", "account"), [("Service", "55"), ("NonInventory", "55"), ("Inventory", "35")])
def test_an_item_is_bought_on_its_expense_account_and_stock_on_its_asset_account(kind: str, account: str) -> None:
    record = {
        "Id": "302", "SyncToken": "9", "Name": "Toner", "FullyQualifiedName": "Supplies:Toner", "Sku": "T-1", "Type": kind,
        "ExpenseAccountRef": {"value": "55"}, "AssetAccountRef": {"value": "35"}, "QtyOnHand": 12,
    }  # fmt: skip
    item = item_from(record)
    assert (item.label, item.sku, item.type, item.account_id) == ("Supplies:Toner", "T-1", kind, account)
    assert item == item_from(record | {"SyncToken": "10", "QtyOnHand": 13})
    assert item.is_stock == (kind == "Inventory")


def test_an_item_that_is_only_sold_has_no_account_for_purchases() -> None:
    assert item_from({"Id": "307", "Name": "Audit hours", "Type": "Service"}).account_id == ""


def test_a_vendor_keeps_code_currency_terms_and_mail() -> None:
    vendor = vendor_from(VENDOR)
    assert (vendor.number, vendor.currency, vendor.term_id, vendor.email) == (
        "BSW-10023",
        "USD",
        "3",
        "ap@nordlys.example",
    )


def test_a_bare_record_is_enough() -> None:
    vendor = vendor_from({"Id": "71"})
    assert (vendor.name, vendor.number, vendor.currency, vendor.active) == ("", "", "", True)
    assert (
        customer_from({"Id": "26", "DisplayName": "Job", "FullyQualifiedName": "Customer:Job"}).label == "Customer:Job"
    )


def test_a_record_without_an_id_is_unreadable() -> None:
    with pytest.raises(UnreadableError, match="Id"):
        account_from({"Name": "Nobody"})


@pytest.mark.parametrize(
    ("record", "days"),
    [
        ({"Type": "STANDARD", "DueDays": 30}, 30),
        ({"Type": "STANDARD", "DueDays": "30"}, 30),
        ({"Type": "STANDARD", "DueDays": 0}, 0),
        ({"Type": "DATE_DRIVEN", "DayOfMonthDue": 15, "DueDays": 0}, None),
        ({}, None),
    ],
)
def test_terms_have_days_unless_a_day_of_the_month_drives_them(record: dict[str, Any], days: int | None) -> None:
    assert term_from({"Id": "3", "Name": "Net 30", **record}).due_days == days


@pytest.mark.parametrize("days", ["soon", 1.5, True, Decimal("1.5")])
def test_days_that_make_no_sense_are_not_guessed(days: object) -> None:
    with pytest.raises(UnreadableError, match="DueDays"):
        term_from({"Id": "3", "DueDays": days})


TAX_CODE = {
    "Id": "5", "Name": "25% S", "Active": True,
    "PurchaseTaxRateList": {"TaxRateDetail": [{"TaxRateRef": {"value": "6"}, "TaxTypeApplicable": "TaxOnAmount"}]},
    "SalesTaxRateList": {"TaxRateDetail": [{"TaxRateRef": {"value": "7"}}]},
}  # fmt: skip


def test_a_tax_code_has_its_purchase_rates_and_not_its_sales_rates() -> None:
    books = books_from(
        {"TaxCode": [TAX_CODE], "TaxRate": [{"Id": "6", "RateValue": "25"}, {"Id": "7", "RateValue": 10}]}
    )
    assert books.tax_codes["5"].purchase_rates == (TaxRateUse(rate_id="6", percent=Decimal(25)),)


def test_a_tax_code_with_a_rate_we_do_not_know_is_not_half_used() -> None:
    two = {"TaxRateDetail": [{"TaxRateRef": {"value": "6"}}, {"TaxRateRef": {"value": "8"}}]}
    assert tax_code_from({**TAX_CODE, "PurchaseTaxRateList": two}, {"6": Decimal(25)}).purchase_rates == ()


def test_the_us_pseudo_codes_have_no_rates() -> None:
    assert tax_code_from({"Id": "NON", "Name": "NON"}, {}).purchase_rates == ()


PREFERENCES = {
    "AccountingInfoPrefs": {
        "UseAccountNumbers": True, "TrackDepartments": True, "ClassTrackingPerTxn": False, "ClassTrackingPerTxnLine": True,
        "BookCloseDate": "2026-06-30", "FirstMonthOfFiscalYear": "January",
    },
    "VendorAndPurchasesPrefs": {"BillableExpenseTracking": True, "TrackingByCustomer": True},
    "CurrencyPrefs": {"MultiCurrencyEnabled": True, "HomeCurrency": {"value": "CAD"}},
    "OtherPrefs": {"NameValue": [
        {"Name": "WarnDuplicateBillNumber", "Value": "true"}, {"Name": "WarnDuplicateJournalNumber", "Value": "false"},
    ]},
}  # fmt: skip


def test_preferences_say_what_may_be_posted() -> None:
    assert preferences_from(PREFERENCES, {"Country": "CA"}) == Preferences(
        country="CA",
        home_currency="CAD",
        multicurrency=True,
        track_locations=True,
        class_tracking=ClassTracking.LINE,
        book_close_date=date(2026, 6, 30),
        warn_duplicate_bill_number=True,
        warn_duplicate_journal_number=False,
        use_account_numbers=True,
        billable_expenses=True,
    )


def test_a_us_company_without_any_preference_posts_in_dollars_with_everything_off() -> None:
    assert preferences_from({}, {"CompanyAddr": {"Country": "USA"}}) == Preferences(country="USA", home_currency="USD")


def test_classes_per_transaction_are_told_from_classes_per_line() -> None:
    per_transaction = {"AccountingInfoPrefs": {"ClassTrackingPerTxn": "true"}}
    assert preferences_from(per_transaction, COMPANY).class_tracking is ClassTracking.TRANSACTION


def test_country_and_currency_decide_about_tax_and_are_never_assumed() -> None:
    with pytest.raises(UnreadableError, match="country"):
        preferences_from(PREFERENCES, {"CompanyName": "?"})
    with pytest.raises(UnreadableError, match="currency"):
        preferences_from({}, {"Country": "NO"})


def test_books_hold_every_list_by_id_and_the_companys_name() -> None:
    books = books_from(
        {
            "Account": [ACCOUNT], "Vendor": [VENDOR],
            "Department": [{"Id": "4", "Name": "Oslo"}], "Class": [{"Id": "9", "Name": "M"}],
            "Customer": [{"Id": "26", "DisplayName": "C"}], "Term": [{"Id": "3", "Name": "Net 30", "DueDays": 30}],
            "Preferences": [PREFERENCES], "CompanyInfo": [COMPANY],
        }
    )  # fmt: skip
    assert books.company_name == "Halden & Partners"
    lists = (books.accounts, books.vendors, books.locations, books.classes, books.customers, books.terms)
    assert [set(entries) for entries in lists] == [{"94"}, {"71"}, {"4"}, {"9"}, {"26"}, {"3"}]
    assert books.preferences.home_currency == "CAD"


def test_nothing_read_yet_is_empty_books() -> None:
    assert books_from({}) == Books()


@pytest.mark.parametrize("half", [{"Preferences": [PREFERENCES]}, {"CompanyInfo": [COMPANY]}])
def test_preferences_and_company_information_belong_together(half: dict[str, Any]) -> None:
    with pytest.raises(UnreadableError, match="together"):
        books_from(half)


def test_a_rate_read_from_the_wire_is_exact() -> None:
    record = decode(b'{"Id":"6","RateValue":13.35}')
    assert books_from({"TaxRate": [record], "TaxCode": [TAX_CODE]}).tax_codes["5"].purchase_rates[0].percent == Decimal(
        "13.35"
    )
