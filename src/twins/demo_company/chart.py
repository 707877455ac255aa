"""The demo company's chart of accounts: numbered, grouped with sub-accounts, one account closed for use.

Plain data. It must not know how invoices are coded; `invoices.py` and `cases.py` do that by account number.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class AccountLine:
    """One account as the bookkeeper set it up. `parent` is the number of the account above, empty at the top."""

    id: str
    number: str
    name: str
    type: str
    sub_type: str
    parent: str = ""
    active: bool = True


CHART = (
    AccountLine("31", "1010", "Operating Checking", "Bank", "Checking"),
    AccountLine("32", "1100", "Accounts Receivable (A/R)", "Accounts Receivable", "AccountsReceivable"),
    AccountLine("34", "1200", "Undeposited Funds", "Other Current Asset", "UndepositedFunds"),
    AccountLine("35", "1300", "Prepaid Expenses", "Other Current Asset", "PrepaidExpenses"),
    AccountLine("36", "1310", "Prepaid Insurance", "Other Current Asset", "PrepaidExpenses", "1300"),
    AccountLine("37", "1500", "Furniture and Equipment", "Fixed Asset", "FurnitureAndFixtures"),
    AccountLine("33", "2000", "Accounts Payable (A/P)", "Accounts Payable", "AccountsPayable"),
    AccountLine("38", "2100", "Firm Credit Card", "Credit Card", "CreditCard"),
    AccountLine("39", "2200", "Sales Tax Payable", "Other Current Liability", "SalesTaxPayable"),
    AccountLine("40", "2700", "Term Loan", "Long Term Liability", "NotesPayable"),
    AccountLine("41", "3000", "Partners' Capital", "Equity", "PartnersEquity"),
    AccountLine("42", "3900", "Retained Earnings", "Equity", "RetainedEarnings"),
    AccountLine("43", "4000", "Professional Fees", "Income", "ServiceFeeIncome"),
    AccountLine("44", "4010", "Audit Fees", "Income", "ServiceFeeIncome", "4000"),
    AccountLine("45", "4020", "Advisory Fees", "Income", "ServiceFeeIncome", "4000"),
    AccountLine("46", "5000", "Direct Engagement Costs", "Cost of Goods Sold", "OtherCostsOfServiceCos"),
    AccountLine("47", "5010", "Engagement Subcontractors", "Cost of Goods Sold", "CostOfLaborCos", "5000"),
    AccountLine("48", "5020", "Engagement Travel", "Cost of Goods Sold", "OtherCostsOfServiceCos", "5000"),
    AccountLine("50", "6000", "Occupancy", "Expense", "RentOrLeaseOfBuildings"),
    AccountLine("51", "6010", "Office Rent", "Expense", "RentOrLeaseOfBuildings", "6000"),
    AccountLine("52", "6020", "Building Utilities", "Expense", "Utilities", "6000"),
    AccountLine("53", "6030", "Repairs and Maintenance", "Expense", "RepairMaintenance", "6000"),
    AccountLine("54", "6100", "Office Costs", "Expense", "OfficeGeneralAdministrativeExpenses"),
    AccountLine("55", "6110", "Office Supplies", "Expense", "SuppliesMaterials", "6100"),
    AccountLine("56", "6120", "Printing and Copying", "Expense", "OfficeGeneralAdministrativeExpenses", "6100"),
    AccountLine("57", "6130", "Postage and Courier", "Expense", "ShippingFreightDelivery", "6100"),
    AccountLine("58", "6200", "Technology", "Expense", "OtherBusinessExpenses"),
    AccountLine("59", "6210", "Software Subscriptions", "Expense", "DuesSubscriptions", "6200"),
    AccountLine("60", "6220", "Cloud Hosting", "Expense", "OtherBusinessExpenses", "6200"),
    AccountLine("61", "6230", "Telephone and Internet", "Expense", "Utilities", "6200"),
    AccountLine("62", "6300", "Travel and Meals", "Expense", "Travel"),
    AccountLine("63", "6310", "Airfare", "Expense", "Travel", "6300"),
    AccountLine("64", "6320", "Lodging", "Expense", "Travel", "6300"),
    AccountLine("65", "6330", "Staff and Client Meals", "Expense", "EntertainmentMeals", "6300"),
    AccountLine("66", "6400", "People", "Expense", "OtherBusinessExpenses"),
    AccountLine("67", "6410", "Temporary Staff", "Expense", "OtherBusinessExpenses", "6400"),
    AccountLine("68", "6420", "Training and Certification", "Expense", "OtherBusinessExpenses", "6400"),
    AccountLine("69", "6500", "Research and Translation", "Expense", "LegalProfessionalFees"),
    AccountLine("70", "6600", "Insurance", "Expense", "Insurance"),
    AccountLine("71", "6700", "Marketing and Events", "Expense", "AdvertisingPromotional"),
    AccountLine(
        "72", "6890", "Fax Services (deleted)", "Expense", "OfficeGeneralAdministrativeExpenses", "", active=False
    ),
    AccountLine("73", "7100", "Interest Expense", "Other Expense", "OtherMiscellaneousExpense"),
)

PAYABLE_ID = "33"
BANK_ID = "31"
CAPITAL_ID = "41"

UNKNOWN_ACCOUNT = ("6470", "Employee Relocation")
"""In Basware's list of accounts, but never opened in QuickBooks: the demo's account without a home."""

BY_NUMBER = {line.number: line for line in CHART}

BASWARE_ACCOUNTS = {line.number: line.name.removesuffix(" (deleted)") for line in CHART} | dict([UNKNOWN_ACCOUNT])
"""Account codes as Basware lists them: the ledger's numbers, the closed account and one more included."""


def full_name(line: AccountLine) -> str:
    """The path from the top account, with colons, as QuickBooks prints it."""
    return f"{full_name(BY_NUMBER[line.parent])}:{line.name}" if line.parent else line.name


def quickbooks_accounts() -> list[dict[str, Any]]:
    """The chart in QuickBooks' Account shape."""
    return [_account(line) for line in CHART]


def _account(line: AccountLine) -> dict[str, Any]:
    account: dict[str, Any] = {
        "Id": line.id,
        "Name": line.name,
        "FullyQualifiedName": full_name(line),
        "AcctNum": line.number,
        "SubAccount": bool(line.parent),
        "Active": line.active,
        "AccountType": line.type,
        "AccountSubType": line.sub_type,
        "CurrencyRef": {"value": "USD", "name": "United States Dollar"},
    }
    if line.parent:
        account["ParentRef"] = {"value": BY_NUMBER[line.parent].id}
    return account
