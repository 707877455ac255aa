"""The QuickBooks side of the demo company: company facts, preferences, lists, and what the bookkeeper entered by hand.

Shapes are those of the QuickBooks Online entities. Nothing here knows Basware.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from twins.demo_company import chart, currencies, dimensions, products, vendors
from twins.demo_company.documents import COMPANY_NAME

REALM_ID = "9341453900126010"
CLIENT_ID = "demo-quickbooks-client"
CLIENT_SECRET = "demo-quickbooks-secret"
REFRESH_TOKEN = "RT1-demo-calloway-thorne"
BOOK_CLOSE_DATE = "2026-09-30"
RATE_DAYS = (date(2026, 9, 1), date(2026, 11, 20))


def company_seed(
    suppliers: tuple[vendors.Supplier, ...], bills: list[dict[str, Any]], *, multicurrency: bool = False
) -> dict[str, Any]:
    """A company for the QuickBooks twin with these vendors and these bills besides the bookkeeper's own entries."""
    return {
        "realm_id": REALM_ID,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "refresh_token": REFRESH_TOKEN,
        "CompanyInfo": _company_info(),
        "Preferences": _preferences(multicurrency=multicurrency),
        "entities": {
            "Account": [*chart.quickbooks_accounts(), *(currencies.quickbooks_payables() if multicurrency else ())],
            "Vendor": vendors.quickbooks_vendors(suppliers, dimensions.TERM_IDS),
            "Department": dimensions.quickbooks_departments(),
            "Class": dimensions.quickbooks_classes(),
            "Customer": dimensions.quickbooks_customers(),
            "Employee": vendors.quickbooks_employees(),
            "Term": dimensions.quickbooks_terms(),
            "TaxCode": [
                {"Id": "TAX", "Name": "TAX", "Active": True, "Taxable": True, "TaxGroup": False},
                {"Id": "NON", "Name": "NON", "Active": True, "Taxable": False, "TaxGroup": False},
            ],
            "TaxRate": [],
            "Item": products.quickbooks_items(),
            "CompanyCurrency": currencies.quickbooks_currencies() if multicurrency else [],
            "ExchangeRate": currencies.quickbooks_rates(*RATE_DAYS) if multicurrency else [],
            "Bill": [*hand_entered_bills(), *bills],
            "VendorCredit": [],
            "JournalEntry": [_opening_entry()],
            "BillPayment": [_payment()],
        },
    }


def bill(
    bill_id: str,
    *,
    vendor_id: str,
    number: str,
    day: str,
    due: str,
    office: str,
    account: str,
    practice: str,
    amount: Decimal,
    text: str,
) -> dict[str, Any]:
    """An open bill in dollars with one line, as a person enters it. Office, account and practice by their Basware codes."""
    return {
        "Id": bill_id,
        "VendorRef": {"value": vendor_id},
        "APAccountRef": {"value": chart.PAYABLE_ID},
        "CurrencyRef": {"value": "USD", "name": "United States Dollar"},
        "DocNumber": number,
        "TxnDate": day,
        "DueDate": due,
        "DepartmentRef": {"value": dimensions.OFFICE[office].id},
        "Line": [
            {
                "Id": "1",
                "LineNum": 1,
                "Description": text,
                "Amount": amount,
                "DetailType": "AccountBasedExpenseLineDetail",
                "AccountBasedExpenseLineDetail": {
                    "AccountRef": {"value": chart.BY_NUMBER[account].id},
                    "ClassRef": {"value": dimensions.PRACTICE[practice].id},
                    "BillableStatus": "NotBillable",
                    "TaxCodeRef": {"value": "NON"},
                },
            }
        ],
        "TotalAmt": amount,
        "Balance": amount,
    }


def hand_entered_bills() -> list[dict[str, Any]]:
    """What the bookkeeper typed in: one paid, one open, and one that Basware is about to send as well."""
    paid = bill(
        "901", vendor_id="103", number="MPM-PARK-10", day="2026-10-01", due="2026-10-01",
        office="NYC", account="6010", practice="FIRM", amount=Decimal("960.00"), text="Parking, October",
    )  # fmt: skip
    paid |= {
        "Balance": Decimal("0.00"),
        "SyncToken": "1",
        "LinkedTxn": [{"TxnId": "904", "TxnType": "BillPaymentCheck"}],
    }
    still_open = bill(
        "902", vendor_id="110", number="F-2270", day="2026-10-02", due="2026-10-17",
        office="CHI", account="6330", practice="FIRM", amount=Decimal("312.40"), text="Fruit baskets",
    )  # fmt: skip
    also_in_basware = bill(
        "903", vendor_id="105", number="HS-7731", day="2026-10-08", due="2026-11-07",
        office="BOS", account="6120", practice="VAL", amount=Decimal("1148.00"), text="Proposal folders",
    )  # fmt: skip
    return [paid, still_open, also_in_basware]


def _payment() -> dict[str, Any]:
    return {
        "Id": "904",
        "VendorRef": {"value": "103"},
        "PayType": "Check",
        "CheckPayment": {"BankAccountRef": {"value": chart.BANK_ID}, "PrintStatus": "NotSet"},
        "APAccountRef": {"value": chart.PAYABLE_ID},
        "CurrencyRef": {"value": "USD", "name": "United States Dollar"},
        "DocNumber": "20411",
        "TxnDate": "2026-10-06",
        "TotalAmt": Decimal("960.00"),
        "Line": [{"Amount": Decimal("960.00"), "LinkedTxn": [{"TxnId": "901", "TxnType": "Bill"}]}],
    }


def _opening_entry() -> dict[str, Any]:
    return {
        "Id": "900",
        "TxnDate": "2026-10-01",
        "DocNumber": "CAP-2026-10",
        "PrivateNote": "Partners' contribution, fourth quarter",
        "CurrencyRef": {"value": "USD", "name": "United States Dollar"},
        "Line": [
            _journal_line("0", "Debit", chart.BANK_ID, Decimal("850000.00")),
            _journal_line("1", "Credit", chart.CAPITAL_ID, Decimal("850000.00")),
        ],
    }


def _journal_line(line_id: str, side: str, account_id: str, amount: Decimal) -> dict[str, Any]:
    return {
        "Id": line_id,
        "Description": "Partners' contribution",
        "Amount": amount,
        "DetailType": "JournalEntryLineDetail",
        "JournalEntryLineDetail": {"PostingType": side, "AccountRef": {"value": account_id}},
    }


def _company_info() -> dict[str, Any]:
    return {
        "Id": "1",
        "CompanyName": COMPANY_NAME,
        "LegalName": COMPANY_NAME,
        "Country": "US",
        "FiscalYearStartMonth": "January",
        "SupportedLanguages": "en",
        "CompanyAddr": {
            "Id": "1",
            "Line1": "420 Lexington Avenue, Floor 22",
            "City": "New York",
            "CountrySubDivisionCode": "NY",
            "PostalCode": "10170",
        },
        "NameValue": [
            {"Name": "OfferingSku", "Value": "QuickBooks Online Plus"},
            {"Name": "SubscriptionStatus", "Value": "PAID"},
            {"Name": "IndustryType", "Value": "Accounting and consulting services"},
        ],
    }


def _preferences(*, multicurrency: bool) -> dict[str, Any]:
    return {
        "Id": "1",
        "AccountingInfoPrefs": {
            "UseAccountNumbers": True,
            "TrackDepartments": True,
            "DepartmentTerminology": "Location",
            "ClassTrackingPerTxn": False,
            "ClassTrackingPerTxnLine": True,
            "BookCloseDate": BOOK_CLOSE_DATE,
            "FirstMonthOfFiscalYear": "January",
            "CustomerTerminology": "Clients",
        },
        "VendorAndPurchasesPrefs": {"TrackingByCustomer": True, "BillableExpenseTracking": True},
        "TaxPrefs": {"UsingSalesTax": False},
        "CurrencyPrefs": {"MultiCurrencyEnabled": multicurrency, "HomeCurrency": {"value": "USD"}},
        "OtherPrefs": {
            "NameValue": [
                {"Name": "WarnDuplicateBillNumber", "Value": "true"},
                {"Name": "WarnDuplicateCheckNumber", "Value": "true"},
                {"Name": "WarnDuplicateJournalNumber", "Value": "true"},
                {"Name": "ProjectsEnabled", "Value": "true"},
            ]
        },
    }
