"""The properties QuickBooks knows inside its records, and their limits, in a small notation read once at import.

Facts are from Intuit's API reference and the XSDs of its SDK. The notation: `Name` text, `Name:21` text of at most 21
characters, `Name!kind` another kind (money, number, int, bool, date, datetime, ref, refs, typedref, email, uri, any; a limit may
follow: `Name!email:100`), `Name=A|B~C` one of these words (`~` is a blank), `Name>Shape` an object,
`Name>Shape[]` a list of objects.
"""

from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Property:
    """What one property may hold."""

    kind: str
    limit: int = 0
    words: tuple[str, ...] = ()
    shape: str = ""
    many: bool = False


Shape = dict[str, Property]


def read_property(token: str) -> tuple[str, Property]:
    """One property from its notation."""
    for mark in ("!", "=", ">", ":"):
        name, found, rest = token.partition(mark)
        if not found:
            continue
        if mark == "!":
            kind, _, limit = rest.partition(":")
            return name, Property(kind, limit=int(limit or 0))
        if mark == "=":
            return name, Property("enum", words=tuple(word.replace("~", " ") for word in rest.split("|")))
        if mark == ">":
            return name, Property("object", shape=rest.removesuffix("[]"), many=rest.endswith("[]"))
        return name, Property("text", limit=int(rest))
    return token, Property("text")


def read_shape(text: str) -> Shape:
    """A shape from its notation."""
    return dict(read_property(token) for token in text.split())


EXPENSE_DETAIL = (
    "CustomerRef!ref ClassRef!ref BillableStatus=Billable|NotBillable|HasBeenBilled MarkupInfo>Markup "
    "TaxCodeRef!ref TaxInclusiveAmt!money"
)
DETAIL_TYPES = (
    "AccountBasedExpenseLineDetail|ItemBasedExpenseLineDetail|JournalEntryLineDetail|DescriptionOnly|TaxLineDetail"
    "|PaymentLineDetail|DiscountLineDetail|SalesItemLineDetail|DepositLineDetail|PurchaseOrderItemLineDetail"
    "|ItemReceiptLineDetail|GroupLineDetail|SubTotalLineDetail|SalesOrderItemLineDetail|TDSLineDetail|ReimburseLineDetail"
    "|ItemAdjustmentLineDetail"
)

SHAPES = {
    "MetaData": "CreatedByRef!ref CreateTime!datetime LastModifiedByRef!ref LastUpdatedTime!datetime "
    "LastChangedInQB!datetime Synchronized!bool",
    "CustomField": "DefinitionId Name Type=StringType|BooleanType|NumberType|DateType StringValue BooleanValue!bool "
    "DateValue!date NumberValue!number",
    "AttachableRef": "EntityRef!typedref LineInfo IncludeOnSend!bool CustomField>CustomField[] AttachableRefEx!any",
    "Phone": "Id DeviceType CountryCode AreaCode ExchangeCode Extension FreeFormNumber:30 Default!bool Tag",
    "Email": "Id Address!email:100 Default!bool Tag",
    "Web": "Id URI!uri:1000 Default!bool Tag",
    "Contact": "Type=TelephoneNumber|EmailAddress|WebSiteAddress|GenericContactType Telephone>Phone Email>Email WebSite>Web "
    "OtherContact>OtherContact",
    "OtherContact": "Id Name Value Type Default!bool Tag",
    "Address": "Id Line1:500 Line2:500 Line3:500 Line4:500 Line5:500 City:255 Country:255 CountryCode County "
    "CountrySubDivisionCode:255 PostalCode:30 PostalCodeSuffix Lat Long Tag Note",
    "VendorBank": "BankBranchIdentifier BankAccountNumber BankAccountName StatementText",
    "CreditCharge": "Number Type NameOnAcct CcExpiryMonth!int CcExpiryYear!int BillAddrStreet PostalCode CommercialCardCode "
    "CCTxnMode=CardNotPresent|CardPresent CCTxnType=Authorization|Capture|Charge|Refund|VoiceAuthorization PrevCCTransId "
    "Amount!money ProcessPayment!bool CreditCardChargeInfoEx!any",
    "JobInfo": "Status=Awarded|Closed|InProgress|None|NotAwarded|Pending StartDate!date ProjectedEndDate!date EndDate!date "
    "Description JobTypeRef!ref",
    "ItemGroup": "ItemGroupLine>ItemComponent[]",
    "ItemAssembly": "ItemAssemblyLine>ItemComponent[]",
    "ItemComponent": "ItemRef!ref Qty!number UOMRef>Unit",
    "Unit": "Unit UOMSetRef!ref",
    "Extension": "ExtensionType AssociatedValues>ExtensionValue[]",
    "ExtensionValue": "Key Value",
    "Markup": "PercentBased!bool Value!number Percent!number PriceLevelRef!ref MarkUpIncomeAccountRef!ref",
    "TaxRateList": "TaxRateDetail>TaxRateDetail[] originatingGroupId",
    "TaxRateDetail": "TaxRateRef!ref TaxTypeApplicable=TaxOnAmount|TaxOnAmountPlusTax|TaxOnTax TaxOrder!int TaxOnTaxOrder!int",
    "EffectiveRate": "RateValue!number EffectiveDate!datetime EndDate!datetime EffectiveTaxRateEx!any",
    "TaxServiceRate": "TaxRateName:100 TaxRateId RateValue!number TaxAgencyId TaxApplicableOn=Sales|Purchase|Adjustment|Other",
    "NameValue": "Name Value",
    "Tag": "Id SyncToken MetaData>MetaData CustomField>CustomField[] AttachableRef>AttachableRef[] domain status sparse!bool Name",
    "Approval": "ApprovalStatus ApprovalStatusDetail LastChangedByUser LastChangedDate!datetime",
    "Recurring": "Name RecurType Active!bool ScheduleInfo!any",
    "LinkedTxn": "TxnId TxnType TxnLineId",
    "Line": f"Id LineNum!int Description:4000 Amount!money Received!number LinkedTxn>LinkedTxn[] DetailType={DETAIL_TYPES} "
    "AccountBasedExpenseLineDetail>AccountDetail ItemBasedExpenseLineDetail>ItemDetail "
    "JournalEntryLineDetail>JournalDetail DescriptionLineDetail>DescriptionDetail TaxLineDetail>TaxDetail "
    "PaymentLineDetail!any DiscountLineDetail!any SalesItemLineDetail!any ReimburseLineDetail!any DepositLineDetail!any "
    "PurchaseOrderItemLineDetail!any SalesOrderItemLineDetail!any ItemReceiptLineDetail!any GroupLineDetail!any "
    "SubTotalLineDetail!any TDSLineDetail!any ItemAdjustmentLineDetail!any "
    "CustomField>CustomField[] LineEx!any ProjectRef!ref CostAmount!money HomeCostAmount!money CustomExtensions>Extension[]",
    "AccountDetail": f"AccountRef!ref TaxAmount!money ExpenseDetailLineDetailEx!any {EXPENSE_DETAIL}",
    "ItemDetail": "ItemRef!ref UnitPrice!number UnitCostPrice!number RatePercent!number PriceLevelRef!ref Qty!number UOMRef>Unit "
    f"ItemAccountRef!ref InventorySiteRef!ref TaxClassificationRef!ref ItemBasedExpenseLineDetailEx!any {EXPENSE_DETAIL}",
    "JournalDetail": "PostingType=Debit|Credit Entity>JournalEntity AccountRef!ref ClassRef!ref DepartmentRef!ref "
    "TaxCodeRef!ref TaxRateRef!ref TaxApplicableOn=Sales|Purchase TaxAmount!money TaxInclusiveAmt!money "
    "BillableStatus=Billable|NotBillable|HasBeenBilled JournalCodeRef!ref JournalEntryLineDetailEx!any",
    "JournalEntity": "Type=Vendor|Customer|Employee EntityRef!ref",
    "DescriptionDetail": "ServiceDate!date TaxCodeRef!ref DescriptionLineDetailEx!any",
    "TaxDetail": "TaxRateRef!ref PercentBased!bool TaxPercent!number NetAmountTaxable!money TaxInclusiveAmount!money "
    "OverrideDeltaAmount!money ServiceDate!date TaxLineDetailEx!any",
    "TaxSummary": "DefaultTaxCodeRef!ref TxnTaxCodeRef!ref TotalTax!money TaxReviewStatus=NON_AST_TAX|AST_TAX_OVERRIDE "
    "TaxLine>Line[] UseAutomatedSalesTax!bool",
    "CheckPayment": "BankAccountRef!ref PrintStatus=NotSet|NeedToPrint|PrintComplete CheckDetail>CheckDetail "
    "PayeeAddr>Address BillPaymentCheckEx!any",
    "CheckDetail": "CheckNum Status NameOnAcct AcctNum BankName CheckPaymentEx!any",
    "CardPayment": "CCAccountRef!ref CCDetail>CardDetail BillPaymentCreditCardEx!any",
    "CardDetail": "CreditChargeInfo>CreditCharge CreditChargeResponse!any",
    "AccountingPrefs": "UseAccountNumbers!bool DefaultARAccount!ref DefaultAPAccount!ref RequiresAccounts!bool "
    "TrackDepartments!bool DepartmentTerminology ClassTrackingPerTxn!bool ClassTrackingPerTxnLine!bool "
    "AutoJournalEntryNumber!bool FirstMonthOfFiscalYear TaxYearMonth TaxForm BookCloseDate!date OtherContactInfo>Contact[] "
    "CustomerTerminology",
    "ProductPrefs": "ForSales!bool ForPurchase!bool InventoryAndPurchaseOrder!bool QuantityWithPriceAndRate!bool "
    "QuantityOnHand!bool UOM=Disabled|SinglePerItem|MultiplePerItem RevenueRecognition!bool RevenueRecognitionFrequency",
    "SalesPrefs": "UsingProgressInvoicing!bool CustomField!any CustomTxnNumbers!bool DelayedCharges!bool SalesEmailCc>Email "
    "SalesEmailBcc>Email EmailCopyToCompany!bool AllowDeposit!bool AllowDiscount!bool DefaultDiscountAccount AllowEstimates!bool "
    "EstimateMessage ETransactionEnabledStatus=Enabled|NotApplicable ETransactionAttachPDF!bool "
    "ETransactionPaymentEnabled!bool IPNSupportEnabled!bool InvoiceMessage AllowServiceDate!bool AllowShipping!bool "
    "DefaultShippingAccount DefaultItem!ref DefaultTerms!ref DefaultDeliveryMethod AutoApplyCredit!bool AutoApplyPayments!bool "
    "PrintItemWithZeroAmount!bool DefaultShipMethodRef!ref DefaultMarkup!number TrackReimbursableExpensesAsIncome!bool "
    "UsingSalesOrders!bool UsingPriceLevels!bool DefaultFOB DefaultCustomerMessage",
    "EmailPrefs": "NameValue>NameValue[] InvoiceMessage>Message EstimateMessage>Message SalesReceiptMessage>Message "
    "StatementMessage>Message",
    "Message": "Subject Message",
    "PrintPrefs": "NameValue>NameValue[]",
    "PurchasePrefs": "EnableBills!bool TrackingByCustomer!bool BillableExpenseTracking!bool DefaultTerms!ref "
    "DefaultMarkup!number DefaultMarkupAccount!ref AutomaticBillPayment!bool TPAREnabled!bool POCustomField!any MsgToVendors "
    "UsingInventory!bool UsingMultiLocationInventory!bool DaysBillsAreDue!int DiscountAccountRef!ref UseCustomTxnNumbers!bool",
    "TimePrefs": "UseServices!bool DefaultTimeItem!ref BillCustomers!bool ShowBillRateToAll!bool "
    "WorkWeekStartDate=Sunday|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday TimeTrackingEnabled!bool "
    "MarkTimeEntriesBillable!bool MarkExpensesAsBillable!bool",
    "TaxPrefs": "UsingSalesTax!bool PartnerTaxEnabled!bool HideTaxManagement!bool TaxGroupCodeRef!ref TaxRateRef!ref "
    "PaySalesTax=Annually|Monthly|Quarterly NonTaxableSalesTaxCodeRef!ref TaxableSalesTaxCodeRef!ref",
    "ChargePrefs": "AnnualInterestRate!number MinFinChrg!number GracePeriod!int CalcFinChrgFromTxnDate!bool "
    "AssessFinChrgForOverdueCharges!bool FinChrgAccountRef!ref",
    "CurrencyPrefs": "MultiCurrencyEnabled!bool HomeCurrency!ref",
    "ReportPrefs": "ReportBasis=Accrual|Cash CalcAgingReportFromTxnDate!bool",
    "OtherPrefs": "NameValue>NameValue[]",
}


@cache
def shape(name: str) -> Shape:
    """A named inner shape."""
    return read_shape(SHAPES[name])
