"""The entities this twin keeps: their properties, what can be asked of them in a query, and how they are written.

Facts are from Intuit's API reference (lengths, filterable traits) and the XSDs of its SDK (property names).
"""

from dataclasses import dataclass, field
from enum import StrEnum

from twins.quickbooks.shapes import Property, Shape, read_shape, shape


class Family(StrEnum):
    """How an entity behaves: people share one name space, lists can only be made inactive, transactions can be deleted."""

    PERSON = "person"
    LIST = "list"
    TRANSACTION = "transaction"
    RATE = "rate"


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


COMMON = "Id:30 SyncToken MetaData>MetaData CustomField>CustomField[] AttachableRef!any domain status sparse!bool"
PERSON = (
    "IntuitId Organization!bool Title:16 GivenName:100 MiddleName:100 FamilyName:100 Suffix:16 FullyQualifiedName "
    "CompanyName:100 DisplayName:500 PrintOnCheckName:110 UserId Active!bool V4IDPseudonym PrimaryPhone>Phone "
    "AlternatePhone>Phone Mobile>Phone Fax>Phone PrimaryEmailAddr>Email WebAddr>Web OtherContactInfo!any "
    "DefaultTaxCodeRef!ref Notes:4000"
)
BUSINESS = (
    "ContactName AltContactName BillAddr>Address ShipAddr>Address OtherAddr!any ParentRef!ref Balance!money OpenBalanceDate!date "
    "CreditLimit!money AcctNum:100 CurrencyRef!ref TDSEnabled!bool BusinessNumber:10 GSTIN:15 GSTRegistrationType:15 Source"
)
TRANSACTION = (
    "DocNumber:21 TxnDate!date TxnSubType DepartmentRef!ref CurrencyRef!ref ExchangeRate!number PrivateNote:4000 TxnStatus "
    "LinkedTxn>LinkedTxn[] Line>Line[] TxnTaxDetail>TaxSummary TxnSource TaxFormType TaxFormNum TransactionLocationType "
    "Tag!any TxnApprovalInfo!any RecurDataRef!ref RecurringInfo!any ProjectRef!ref TotalCostAmount!money HomeTotalCostAmount!money"
)
TAX_MODE = "GlobalTaxCalculation=TaxExcluded|TaxInclusive|NotApplicable"
PURCHASE = f"VendorRef!ref APAccountRef!ref TotalAmt!money BillEmail>Email ReplyEmail>Email Memo:4000 {TAX_MODE} VendorAddr>Address"
TIMES = "Id MetaData.CreateTime MetaData.LastUpdatedTime"
ACCOUNT_TYPES = (
    "Bank|Accounts_Receivable|Other_Current_Asset|Fixed_Asset|Other_Asset|Accounts_Payable|Credit_Card|Other_Current_Liability"
    "|Long_Term_Liability|Equity|Income|Cost_of_Goods_Sold|Expense|Other_Income|Other_Expense|Non-Posting"
)


def _entity(
    name: str,
    family: Family,
    properties: str,
    queryable: str,
    nickname: str,
    *,
    name_field: str = "Name",
    writable: bool = True,
    captured: bool = True,
) -> Entity:
    names = frozenset(f"{TIMES} {queryable}".split())
    return Entity(
        name=name,
        family=family,
        properties=read_shape(f"{COMMON} {properties}"),
        queryable=names,
        nickname=nickname,
        name_field=name_field,
        writable=writable,
        captured=captured,
        lookup={each.lower(): each for each in names},
    )


_ALL = (
    _entity(
        "Vendor",
        Family.PERSON,
        f"{PERSON} {BUSINESS} TaxCountry TaxIdentifier:20 TaxIdEffectiveDate!date VendorTypeRef!ref TermRef!ref "
        "PrefillAccountRef!ref BillRate!number Vendor1099!bool T4AEligible!bool T5018Eligible!bool TDSEntityTypeId!int "
        "TDSSectionTypeId!int TDSOverrideThreshold!bool TaxReportingBasis APAccountRef!ref VendorEx!any IsSubContractor!bool "
        "SubcontractorType CISRate HasTPAR!bool VendorPaymentBankDetail!any CostRate!number AgencyVerificationStatus "
        "AgencyVerificationStatusMsg AgencyVerificationTSUTC!datetime CompanyRegistrationNumber",
        "DisplayName GivenName MiddleName FamilyName Suffix CompanyName PrintOnCheckName Active Balance",
        "Names",
        name_field="DisplayName",
    ),
    _entity(
        "Customer",
        Family.PERSON,
        f"{PERSON} {BUSINESS} Taxable!bool Job!bool BillWithParent!bool RootCustomerRef!ref Level!int CustomerTypeRef!ref "
        "SalesTermRef!ref SalesRepRef!ref TaxGroupCodeRef!ref TaxRateRef!ref PaymentMethodRef!ref CCDetail!any PriceLevelRef!ref "
        "BalanceWithJobs!money OverDueBalance!money TotalRevenue!money TotalExpense!money PreferredDeliveryMethod ResaleNum:16 "
        "JobInfo!any CustomerEx!any SecondaryTaxIdentifier ARAccountRef!ref PrimaryTaxIdentifier TaxExemptionReasonId "
        "IsProject!bool IsCISContractor!bool ClientCompanyId ClientEntityId TaxRegime",
        "DisplayName GivenName MiddleName FamilyName CompanyName PrintOnCheckName FullyQualifiedName Active Balance Job ParentRef",
        "Names",
        name_field="DisplayName",
    ),
    _entity(
        "Employee",
        Family.PERSON,
        f"{PERSON} EmployeeType EmployeeNumber:100 SSN PrimaryAddr>Address OtherAddr!any BillableTime!bool BillRate!number "
        "BirthDate!date Gender HiredDate!date ReleasedDate!date UseTimeEntry EmployeeEx!any CostRate!number",
        "DisplayName GivenName MiddleName FamilyName PrintOnCheckName Active",
        "Names",
        name_field="DisplayName",
        writable=False,
    ),
    _entity(
        "Account",
        Family.LIST,
        "Name:100 SubAccount!bool ParentRef!ref Description:100 FullyQualifiedName AccountAlias TxnLocationType Active!bool "
        f"Classification AccountType={ACCOUNT_TYPES} AccountSubType AccountPurposes!any AcctNum:20 AcctNumExtn BankNum "
        "OpeningBalance!money OpeningBalanceDate!date CurrentBalance!money CurrentBalanceWithSubAccounts!money CurrencyRef!ref "
        "TaxAccount!bool TaxCodeRef!ref OnlineBankingEnabled!bool FIName JournalCodeRef!ref AccountEx!any",
        "Name FullyQualifiedName AcctNum SubAccount ParentRef Description Active Classification AccountType AccountSubType "
        "CurrentBalance",
        "Accounts",
    ),
    _entity(
        "Department",
        Family.LIST,
        "Name:100 SubDepartment!bool ParentRef!ref FullyQualifiedName Active!bool DepartmentEx!any Address>Address",
        "Name FullyQualifiedName SubDepartment ParentRef Active",
        "Depts",
    ),
    _entity(
        "Class",
        Family.LIST,
        "Name:100 SubClass!bool ParentRef!ref FullyQualifiedName Active!bool ClassEx!any",
        "Name FullyQualifiedName SubClass ParentRef Active",
        "Klasses",
    ),
    _entity(
        "Term",
        Family.LIST,
        "Name:31 Active!bool Type=STANDARD|DATE_DRIVEN DiscountPercent!number DueDays!int DiscountDays!int DayOfMonthDue!int "
        "DueNextMonthDays!int DiscountDayOfMonth!int SalesTermEx!any",
        "Name Active Type",
        "Terms",
    ),
    _entity(
        "Item",
        Family.LIST,
        "Name:100 Sku:100 Description:4000 Active!bool SubItem!bool ParentRef!ref Level!int FullyQualifiedName Taxable!bool "
        "SalesTaxIncluded!bool PercentBased!bool UnitPrice!number RatePercent!number "
        "Type=Service|NonInventory|Inventory|Group|Category UOMSetRef!ref IncomeAccountRef!ref PurchaseDesc:1000 "
        "PurchaseTaxIncluded!bool PurchaseCost!number ExpenseAccountRef!ref COGSAccountRef!ref AssetAccountRef!ref "
        "PrefVendorRef!ref AvgCost!number TrackQtyOnHand!bool QtyOnHand!number QtyOnPurchaseOrder!number "
        "QtyOnSalesOrder!number ReorderPoint!number ManPartNum SalesTaxCodeRef!ref PurchaseTaxCodeRef!ref InvStartDate!date "
        "ItemGroupDetail!any ItemCategoryType TaxClassificationRef!ref ClassRef!ref Source",
        "Name FullyQualifiedName Sku Active Type",
        "Items",
    ),
    _entity(
        "TaxCode",
        Family.LIST,
        "Name:100 Description Active!bool Hidden!bool Taxable!bool TaxGroup!bool SalesTaxRateList!any PurchaseTaxRateList!any "
        "AdjustmentTaxRateList!any TaxCodeEx!any TaxCodeConfigType",
        "Name Active",
        "TaxCodes",
        writable=False,
        captured=False,
    ),
    _entity(
        "TaxRate",
        Family.LIST,
        "Name:100 Description Active!bool RateValue!number AgencyRef!ref TaxReturnLineRef!ref EffectiveTaxRate!any SpecialTaxType "
        "DisplayType TaxRateEx!any OriginalTaxRate!ref",
        "Name Active",
        "TaxRates",
        writable=False,
        captured=False,
    ),
    _entity(
        "CompanyCurrency",
        Family.LIST,
        "Code:3 Name:100 Active!bool CompanyCurrencyEx!any",
        "Code Name Active",
        "CompanyCurrencies",
    ),
    _entity(
        "ExchangeRate",
        Family.RATE,
        "SourceCurrencyCode:3 TargetCurrencyCode:3 Rate!number AsOfDate!date ExchangeRateEx!any",
        "SourceCurrencyCode AsOfDate",
        "ExchangeRates",
        captured=False,
    ),
    _entity(
        "Bill",
        Family.TRANSACTION,
        f"{TRANSACTION} {PURCHASE} PayerRef!ref SalesTermRef!ref DueDate!date RemitToAddr>Address ShipAddr>Address Balance!money "
        "HomeBalance!money BillEx!any LessCIS!money IncludeInAnnualTPAR!bool",
        "DocNumber TxnDate DueDate VendorRef APAccountRef SalesTermRef TotalAmt Balance",
        "Transactions",
    ),
    _entity(
        "VendorCredit",
        Family.TRANSACTION,
        f"{TRANSACTION} {PURCHASE} VendorCreditEx!any Balance!money IncludeInAnnualTPAR!bool",
        "DocNumber TxnDate VendorRef APAccountRef TotalAmt Balance",
        "Transactions",
    ),
    _entity(
        "JournalEntry",
        Family.TRANSACTION,
        f"{TRANSACTION} Adjustment!bool HomeCurrencyAdjustment!bool EnteredInHomeCurrency!bool {TAX_MODE} TotalAmt!money "
        "HomeTotalAmt!money JournalEntryEx!any",
        "DocNumber TxnDate",
        "Transactions",
    ),
    _entity(
        "BillPayment",
        Family.TRANSACTION,
        f"{TRANSACTION} VendorRef!ref VendorAddr>Address APAccountRef!ref PayType=Check|CreditCard CheckPayment>CheckPayment "
        "CreditCardPayment>CardPayment TotalAmt!money BillPaymentEx!any",
        "DocNumber TxnDate VendorRef APAccountRef TotalAmt PayType",
        "Transactions",
    ),
    _entity(
        "PurchaseOrder",
        Family.TRANSACTION,
        f"{TRANSACTION} {PURCHASE} TaxCodeRef!ref ClassRef!ref ReimbursableInfoRef!ref SalesTermRef!ref DueDate!date "
        "ExpectedDate!date ShipTo!ref DropShipToEntity!ref InventorySiteRef!ref ShipAddr>Address ShipMethodRef!ref FOB "
        "POEmail>Email TemplateRef!ref PrintStatus EmailStatus ManuallyClosed!bool POStatus=Open|Closed PurchaseOrderEx!any",
        "DocNumber TxnDate DueDate VendorRef APAccountRef TotalAmt POStatus",
        "Transactions",
    ),
)

ENTITIES = {entity.name: entity for entity in _ALL}
"""All entities by name."""

BY_LOWER_NAME = {entity.name.lower(): entity for entity in _ALL}
"""Entities by path segment; queries name them without case as well."""

PURCHASES = ("Bill", "VendorCredit", "PurchaseOrder")

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
    }
)
"""Values sent for these are overwritten without a word (Intuit's schema page)."""
