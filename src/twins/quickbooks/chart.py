"""Types and detail types of accounts: which detail type belongs to which type, and where it stands in the statements.

Source: Intuit's API reference of Account. The list of detail types is not complete for every country: an unknown one is taken as
it is, a known one only with its own type. The first of each type is what an account gets that names none.
"""

from collections.abc import Mapping

from twins.quickbooks.faults import refusal
from twins.quickbooks.values import Json

CLASSIFICATION: Mapping[str, str] = {
    "Bank": "Asset",
    "Accounts Receivable": "Asset",
    "Other Current Asset": "Asset",
    "Fixed Asset": "Asset",
    "Other Asset": "Asset",
    "Accounts Payable": "Liability",
    "Credit Card": "Liability",
    "Other Current Liability": "Liability",
    "Long Term Liability": "Liability",
    "Equity": "Equity",
    "Income": "Revenue",
    "Other Income": "Revenue",
    "Cost of Goods Sold": "Expense",
    "Expense": "Expense",
    "Other Expense": "Expense",
    "Non-Posting": "Asset",
}
CREDIT_NATURED = frozenset({"Liability", "Equity", "Revenue"})
"""Classifications whose balance grows with credits."""

_DETAIL_TYPES = {
    "Bank": "Checking CashOnHand MoneyMarket RentsHeldInTrust Savings TrustAccounts CashAndCashEquivalents "
    "OtherEarMarkedBankAccounts",
    "Accounts Receivable": "AccountsReceivable",
    "Other Current Asset": "OtherCurrentAssets AllowanceForBadDebts DevelopmentCosts EmployeeCashAdvances Inventory "
    "Investment_MortgageRealEstateLoans Investment_Other Investment_TaxExemptSecurities Investment_USGovernmentObligations "
    "LoansToOfficers LoansToOthers LoansToStockholders PrepaidExpenses Retainage UndepositedFunds GlobalTaxDeferred "
    "GlobalTaxRefund",
    "Fixed Asset": "OtherFixedAssets AccumulatedAmortization AccumulatedDepletion AccumulatedDepreciation Buildings "
    "DepletableAssets FixedAssetComputers FixedAssetCopiers FixedAssetFurniture FixedAssetPhone FixedAssetPhotoVideo "
    "FixedAssetSoftware FixedAssetOtherToolsEquipment FurnitureAndFixtures IntangibleAssets Land LeaseholdImprovements "
    "MachineryAndEquipment Vehicles",
    "Other Asset": "OtherLongTermAssets AccumulatedAmortizationOfOtherAssets Goodwill LeaseBuyout Licenses OrganizationalCosts "
    "SecurityDeposits",
    "Accounts Payable": "AccountsPayable",
    "Credit Card": "CreditCard",
    "Other Current Liability": "OtherCurrentLiabilities DirectDepositPayable FederalIncomeTaxPayable GlobalTaxPayable "
    "GlobalTaxSuspense InsurancePayable LineOfCredit LoanPayable PayrollClearing PayrollTaxPayable PrepaidExpensesPayable "
    "RentsInTrustLiability SalesTaxPayable StateLocalIncomeTaxPayable TrustAccountsLiabilities",
    "Long Term Liability": "OtherLongTermLiabilities NotesPayable ShareholderNotesPayable",
    "Equity": "OwnersEquity AccumulatedAdjustment CommonStock OpeningBalanceEquity PaidInCapitalOrSurplus PartnersEquity "
    "PartnerContributions PartnerDistributions PreferredStock RetainedEarnings TreasuryStock",
    "Income": "SalesOfProductIncome DiscountsRefundsGiven NonProfitIncome OtherPrimaryIncome ServiceFeeIncome "
    "UnappliedCashPaymentIncome",
    "Other Income": "OtherMiscellaneousIncome DividendIncome InterestEarned OtherInvestmentIncome TaxExemptInterest",
    "Cost of Goods Sold": "SuppliesMaterialsCogs CostOfLaborCos EquipmentRentalCos OtherCostsOfServiceCos "
    "ShippingFreightDeliveryCos",
    "Expense": "OfficeGeneralAdministrativeExpenses AdvertisingPromotional Auto BadDebts BankCharges CharitableContributions "
    "CostOfLabor DuesSubscriptions Entertainment EntertainmentMeals EquipmentRental GlobalTaxExpense Insurance InterestPaid "
    "LegalProfessionalFees OtherBusinessExpenses OtherMiscellaneousServiceCost PayrollExpenses PromotionalMeals "
    "RentOrLeaseOfBuildings RepairMaintenance ShippingFreightDelivery SuppliesMaterials TaxesPaid Travel TravelMeals "
    "UnappliedCashBillPaymentExpense Utilities",
    "Other Expense": "OtherMiscellaneousExpense Amortization Depreciation ExchangeGainOrLoss PenaltiesSettlements",
    "Non-Posting": "",
}
_TYPE_OF = {detail: kind for kind, details in _DETAIL_TYPES.items() for detail in details.split()}

TAX_DETAIL_TYPES = frozenset({"GlobalTaxPayable", "GlobalTaxSuspense", "SalesTaxPayable"})
ALONE = frozenset({"OpeningBalanceEquity", "UndepositedFunds", "RetainedEarnings"})
"""Detail types of accounts that neither are nor have sub-accounts."""


def typed(record: Json) -> Json:
    """The account with type, detail type and classification. Raises FaultError 6010 when they are missing or do not fit."""
    detail = record.get("AccountSubType", "")
    kind = record.get("AccountType") or _TYPE_OF.get(detail)
    if kind is None:
        raise refusal("6010", "You must specify either an AccountType or an AccountSubType", "AccountType")
    if _TYPE_OF.get(detail, kind) != kind:
        raise refusal("6010", f"{detail} is not a detail type of {kind}", "AccountSubType")
    usual = _DETAIL_TYPES[kind].partition(" ")[0]
    found = {**record, "AccountType": kind, "Classification": CLASSIFICATION[kind]}
    return found if detail or not usual else {**found, "AccountSubType": usual}
