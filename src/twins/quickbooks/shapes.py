"""The properties QuickBooks knows inside its records, and their limits, in a small notation read once at import.

Facts are from Intuit's API reference and the XSDs of its SDK. The notation: `Name` text, `Name:21` text of at most 21
characters, `Name!money|number|int|bool|date|datetime|ref|any`, `Name=A|B` one of these words, `Name>Shape` an object,
`Name>Shape[]` a list of objects. Anything else sent is refused with 2010.
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
            return name, Property(rest)
        if mark == "=":
            return name, Property("enum", words=tuple(word.replace("_", " ") for word in rest.split("|")))
        if mark == ">":
            return name, Property("object", shape=rest.removesuffix("[]"), many=rest.endswith("[]"))
        return name, Property("text", limit=int(rest))
    return token, Property("text")


def read_shape(text: str) -> Shape:
    """A shape from its notation."""
    return dict(read_property(token) for token in text.split())


EXPENSE_DETAIL = (
    "CustomerRef!ref ClassRef!ref BillableStatus=Billable|NotBillable|HasBeenBilled MarkupInfo!any "
    "TaxCodeRef!ref TaxInclusiveAmt!money"
)

SHAPES = {
    "MetaData": "CreatedByRef!any CreateTime!datetime LastModifiedByRef!any LastUpdatedTime!datetime LastChangedInQB!datetime "
    "Synchronized!bool",
    "CustomField": "DefinitionId Name Type StringValue BooleanValue!bool DateValue!date NumberValue!number",
    "Phone": "Id DeviceType CountryCode AreaCode ExchangeCode Extension FreeFormNumber:30 Default!bool Tag",
    "Email": "Id Address:100 Default!bool Tag",
    "Web": "Id URI:1000 Default!bool Tag",
    "Address": "Id Line1:500 Line2:500 Line3:500 Line4:500 Line5:500 City:255 Country:255 CountryCode County "
    "CountrySubDivisionCode:255 PostalCode:30 PostalCodeSuffix Lat Long Tag Note",
    "LinkedTxn": "TxnId TxnType TxnLineId",
    "Line": "Id LineNum!int Description:4000 Amount!money Received!money LinkedTxn>LinkedTxn[] "
    "DetailType=AccountBasedExpenseLineDetail|ItemBasedExpenseLineDetail|JournalEntryLineDetail|DescriptionOnly|TaxLineDetail "
    "AccountBasedExpenseLineDetail>AccountDetail ItemBasedExpenseLineDetail>ItemDetail "
    "JournalEntryLineDetail>JournalDetail DescriptionLineDetail>DescriptionDetail TaxLineDetail>TaxDetail "
    "CustomField>CustomField[] LineEx!any ProjectRef!ref CostAmount!money HomeCostAmount!money CustomExtensions!any",
    "AccountDetail": f"AccountRef!ref TaxAmount!money ExpenseDetailLineDetailEx!any {EXPENSE_DETAIL}",
    "ItemDetail": "ItemRef!ref UnitPrice!number UnitCostPrice!number RatePercent!number PriceLevelRef!ref Qty!number UOMRef!any "
    f"ItemAccountRef!ref InventorySiteRef!ref TaxClassificationRef!ref ItemBasedExpenseLineDetailEx!any {EXPENSE_DETAIL}",
    "JournalDetail": "PostingType=Debit|Credit Entity>JournalEntity AccountRef!ref ClassRef!ref DepartmentRef!ref "
    "TaxCodeRef!ref TaxRateRef!ref TaxApplicableOn=Sales|Purchase TaxAmount!money TaxInclusiveAmt!money "
    "BillableStatus=Billable|NotBillable|HasBeenBilled JournalCodeRef!ref JournalEntryLineDetailEx!any",
    "JournalEntity": "Type=Vendor|Customer|Employee EntityRef!ref",
    "DescriptionDetail": "ServiceDate!date TaxCodeRef!ref DescriptionLineDetailEx!any",
    "TaxDetail": "TaxRateRef!ref PercentBased!bool TaxPercent!number NetAmountTaxable!money TaxInclusiveAmount!money "
    "OverrideDeltaAmount!money ServiceDate!date TaxLineDetailEx!any",
    "TaxSummary": "DefaultTaxCodeRef!ref TxnTaxCodeRef!ref TotalTax!money TaxReviewStatus TaxLine>Line[] "
    "UseAutomatedSalesTax!bool",
    "CheckPayment": "BankAccountRef!ref PrintStatus=NotSet|NeedToPrint|PrintComplete CheckDetail!any PayeeAddr>Address "
    "BillPaymentCheckEx!any",
    "CardPayment": "CCAccountRef!ref CCDetail!any BillPaymentCreditCardEx!any",
}


@cache
def shape(name: str) -> Shape:
    """A named inner shape."""
    return read_shape(SHAPES[name])
