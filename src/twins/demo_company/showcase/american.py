"""The American firm of the showcase: papers that lack something, records that go out of use, bills that change after posting.

One function for each chapter. Each paper is there for one reason, which its comment or its text names.
"""

from datetime import timedelta
from decimal import Decimal

from twins.demo_company.cases import CLOSED_PERIOD
from twins.demo_company.firm import INVOICES
from twins.demo_company.showcase.hands import Json
from twins.demo_company.showcase.paper import BEACON, CORVID, HARTWELL, LAKESHORE, Clerk, in_json, line

_STATIONERY, _ENGAGEMENT_COSTS, _FEES, _PREPAID = "55", "46", "43", "35"
"""Accounts by QuickBooks' id."""

REJECTED = "F-2280"
"""The invoice that an accountant rejects, because it was typed in as well."""

CHANGED_LATER = {
    "CT-5001": LAKESHORE, "CT-5002": CORVID, "CT-5003": BEACON, "CT-5004": HARTWELL, "CT-5005": CORVID,
    "CT-5006": LAKESHORE, "CT-5007": HARTWELL, "CT-5008": BEACON, "CT-5009": CORVID, "CT-5010": LAKESHORE,
}  # fmt: skip
"""Invoices that are posted first, each with its supplier; what becomes of each `change_what_is_posted` tells."""


def open_the_books(clerk: Clerk) -> None:
    """Before the first sync: closed books, products, and records that will go out of use."""
    clerk.quickbooks("close_books", date=_close_date(clerk))
    clerk.enter("Account", Name="Storage", AcctNum="6140", AccountType="Expense")
    clerk.enter("Department", Name="Denver")
    clerk.enter("Class", Name="Forensics")
    clerk.enter("Customer", DisplayName="Lakefront Arena")
    clerk.enter("Customer", DisplayName="Quayside Couriers")
    clerk.enter("Term", Name="Net 10", DueDays=10)
    bought = {"Type": "NonInventory", "ExpenseAccountRef": {"value": _STATIONERY}}
    clerk.enter("Item", Name="Toner black", Sku="T-1", **bought)
    clerk.enter("Item", Name="Fax paper", Sku="F-1", **bought)
    clerk.enter("Item", Name="Advisory hours", Sku="H-1", Type="Service", IncomeAccountRef={"value": _FEES})
    clerk.enter(
        "Item", Name="Desk chair", Sku="C-1", Type="Inventory", ExpenseAccountRef={"value": _ENGAGEMENT_COSTS},
        IncomeAccountRef={"value": _FEES}, AssetAccountRef={"value": _PREPAID}, InvStartDate="2026-01-01", QtyOnHand=0,
    )  # fmt: skip


def _close_date(clerk: Clerk) -> str:
    return (clerk.today - timedelta(days=31)).isoformat()


def first_papers(clerk: Clerk) -> None:
    """The invoices that will be changed once they are posted."""
    for number, supplier in CHANGED_LATER.items():
        clerk.approve(number, line("860.00"), line("240.00", practice="TECH"), supplier=supplier)


def day(clerk: Clerk, number: int, of: int) -> None:
    """What is approved on one of so many days, counted from 0: its share of the demo company's invoices. A weekend's share comes on
    Monday, the last day's rest at once."""
    weekday = clerk.today.weekday()
    if weekday >= _SATURDAY and number < of - 1:
        return
    since = number - {0: 2, 6: 1}.get(weekday, 0)
    for place, invoice in enumerate(INVOICES):
        if since <= place % of <= number and invoice is not CLOSED_PERIOD:
            clerk.approve_demo(invoice)


_SATURDAY = 5


def go_out_of_use(clerk: Clerk) -> None:
    """Records that invoices still name are made inactive."""
    for entity, name in (
        ("Account", "6140"), ("Department", "Denver"), ("Class", "Forensics"), ("Customer", "Lakefront Arena"),
        ("Term", "Net 10"), ("Item", "Fax paper"),
    ):  # fmt: skip
        clerk.inactivate(entity, name)


def papers_that_lack_something(clerk: Clerk) -> None:
    """One invoice for each thing that can be wrong with the paper itself, whatever the books."""
    clerk.send_broken("PP-6001", '{"invoiceId": "ID", "invoiceNumber": "PP-6001", "grossSum": 1,,}')
    clerk.approve("PP-6002", companyCode="US11")
    no_number = clerk.document("PP-6003")
    made = str(clerk.basware("approve", document=no_number))
    clerk.basware("corrupt", invoice_id=made, text=in_json(no_number | {"invoiceId": made}, without=["invoiceNumber"]))
    clerk.approve("PP-6004", invoiceDate=None, voucherDate=None)
    clerk.approve("PP-6005", grossSum=None, netSum=None)
    clerk.approve("PP-6006", codingRows=[])
    clerk.approve("PP-6007", grossSum=Decimal("100.005"))
    clerk.approve("PP-6008", line("75.00"), line("-75.00", text="Taken back at once"))
    clerk.approve("PP-6009", netSum=Decimal("-100.00"))
    clerk.approve("PP-6010", currencyCode="EUR", exchangeRateCompany=Decimal("1.08"))
    clerk.approve("PP-6011", supplier="V-19999", name="Vantage Point Signage LLC")
    _typed_in(clerk, REJECTED, "312.40")
    clerk.approve(REJECTED, line("312.40", office="CHI", account="6330"), supplier="V-10037")
    clerk.approve_demo(CLOSED_PERIOD, voucher_date=clerk.today - timedelta(days=40))


def _typed_in(clerk: Clerk, number: str, amount: str) -> None:
    """The bookkeeper types in a bill of Fairmount Catering that comes from Basware as well."""
    detail = {"AccountRef": {"value": _STATIONERY}}
    line_ = {"Amount": Decimal(amount), "DetailType": _EXPENSE, _EXPENSE: detail}
    clerk.enter("Bill", VendorRef={"value": "110"}, DocNumber=number, Line=[line_])


_EXPENSE = "AccountBasedExpenseLineDetail"


def codes_that_lead_nowhere(clerk: Clerk) -> None:
    """One invoice for each code of a row that no rule knows, that is out of use, or that QuickBooks cannot book on."""
    clerk.approve("CO-6101", line("310.00", account=""))
    clerk.approve("CO-6102", line("95.00", account="6140", text="Archive boxes, Queens"))
    clerk.approve("CO-6103", line("1,150.00", account="1100"))
    clerk.approve("CO-6104", line("64.00", office="RNO", text="Courier to Reno"))
    clerk.approve("CO-6105", line("128.00", office="DEN", text="Move out of Denver"))
    clerk.approve("CO-6106", line("240.00", businessUnitCode="ESG", businessUnitName="Sustainability"))
    clerk.approve("CO-6107", line("410.00", businessUnitCode="FOR", businessUnitName="Forensics"))
    clerk.approve("CO-6108", line("77.00", projectCode="P-9999", projectName="Project nobody opened"))
    clerk.approve("CO-6109", line("77.50", projectCode="P-2630", projectName="Lakefront Arena"))
    clerk.approve("CO-6110", paymentTermCode="NET75", paymentTermName="Net 75", dueDate=None)
    clerk.approve("CO-6111", paymentTermCode="NET10", paymentTermName="Net 10", dueDate=None)
    clerk.approve("CO-6112", line("210.00", productCode="X-9"))
    clerk.approve("CO-6113", line("18.00", productCode="F-1"))
    clerk.approve("CO-6114", line("900.00", productCode="H-1"))
    clerk.approve("CO-6115", line("640.00", productCode="C-1"))
    clerk.approve("CO-6116", line("320.00", productCode="C-1", matchedQuantity=2), line("55.00", office="BOS"))
    clerk.approve("CO-6117", line("450.00", projectCode="P-2601", text1="ask Dana"))
    clerk.approve("CO-6118", line("451.00", text1="yes"))


def change_what_is_posted(clerk: Clerk) -> None:
    """People change, pay and delete posted bills; Basware corrects invoices and takes some back."""
    corrected = (line("910.00"), line("240.00", practice="TECH"))
    for number in ("NG118940", "SRT/26/0977"):
        clerk.pay(number)
    clerk.quickbooks("delete", entity="Bill", id=clerk.find("Bill", "CT-5001")["Id"])
    clerk.send_again("CT-5001")
    clerk.pay("CT-5002")
    clerk.send_again("CT-5002", *corrected)
    clerk.send_again("CT-5003", line("-860.00"), line("-240.00", practice="TECH"))
    clerk.quickbooks("change_bill", id=clerk.find("Bill", "CT-5005")["Id"], amount=Decimal("990.00"))
    clerk.ask_to_remove("CT-5005")
    clerk.pay("CT-5006", "500.00")
    clerk.ask_to_remove("CT-5006")
    clerk.quickbooks("change_bill", id=clerk.find("Bill", "CT-5008")["Id"], account="56")
    clerk.quickbooks("delete", entity="Bill", id=clerk.find("Bill", "CT-5009")["Id"])
    clerk.quickbooks("close_books", date=(clerk.today - timedelta(days=15)).isoformat())
    clerk.send_again("CT-5004", *corrected)
    clerk.ask_to_remove("CT-5007")


def pay_some(clerk: Clerk) -> None:
    """Bills are paid from the bank; one payment is voided again, and of one Basware will not hear."""
    clerk.quickbooks("void_payment", id=clerk.pay("SPI-77120"))
    clerk.basware(
        "refuse_imports", entity_type="PaymentResponse", message="Payment method Check was not found", times=1,
        category="DataValidation",
    )  # fmt: skip
    clerk.pay("CT-5010")


def delete_what_was_typed_in(clerk: Clerk) -> None:
    """The bookkeeper deletes the bill on account of which an accountant has just rejected an invoice."""
    clerk.quickbooks("delete", entity="Bill", id=clerk.find("Bill", REJECTED)["Id"])


def an_answer_nobody_takes(clerk: Clerk) -> None:
    """An invoice whose answer Purchase-to-Pay refuses afterwards."""
    clerk.basware(
        "refuse_imports", entity_type="TransferResponse", message="The invoice is locked by another user", times=1,
        category="DataValidation",
    )  # fmt: skip
    clerk.approve("AN-6201", line("333.00"))


def a_bill_quickbooks_refuses(clerk: Clerk) -> None:
    """QuickBooks has an objection of its own to a bill."""
    clerk.hands.refuse("DocNumber", "QR-6202", _fault("6000", "A business validation error has occurred", _NO_PERIOD))
    clerk.approve("QR-6202", line("612.00"))


_NO_PERIOD = "This transaction falls into a budget period that your administrator has locked"


def _fault(code: str, message: str, detail: str) -> str:
    error = {"Message": message, "Detail": detail, "code": code}
    return in_json({"Fault": {"Error": [error], "type": "ValidationFault"}})


def a_vendor_quickbooks_refuses(clerk: Clerk) -> None:
    """QuickBooks has an objection to a vendor that is to be created there."""
    clerk.hands.refuse(
        "DisplayName", "Pelican Freight", _fault("6000", "A business validation error has occurred", _NO_VENDORS)
    )


_NO_VENDORS = "Your subscription does not allow another vendor of this type"


def orders_and_the_network(clerk: Clerk) -> None:
    """People order and keep a contract in Basware, and suppliers send invoices through the Network."""
    paper = {
        "quantity": 40,
        "netUnitPrice": Decimal("8.50"),
        "description": "Binders",
        "coding": [{"accountCode": "6110"}],
    }
    for number in ("PO-7801", "PO-7802"):
        order = {"externalCode": number, "orderNumber": number, "companyCode": clerk.firm.code, "supplierCode": BEACON}
        clerk.basware("purchase_order", document=order, lines=[paper])
    contract = {
        "externalCode": "K-31",
        "referenceCode": "C-31",
        "companyCode": clerk.firm.code,
        "title": "Cloud hosting",
    }
    clerk.basware("contract", document={**contract, "total": Decimal("95000.00")})
    clerk.basware(
        "plan_spend", contract="C-31", plan="November", net_sum=Decimal("7912.44"), gross_sum=Decimal("7912.44")
    )
    for number, total in (("NW-4401", "418.20"), ("NW-4402", "1290.00")):
        clerk.basware("receive_document", data=_from_a_supplier(number, Decimal(total), clerk.today.isoformat()))


def _from_a_supplier(number: str, total: Decimal, day: str) -> Json:
    return {
        "externalDocumentIdentifier": number,
        "issueDate": day,
        "documentCurrencyCode": "USD",
        "accountingSupplierParty": {"party": {"partyName": [{"name": "Beacon Office Supply Co."}]}},
        "legalMonetaryTotal": {"payableAmount": total},
        "orderReference": {"id": "PO-7801"},
        "invoiceLines": [{"id": "1"}],
    }


def while_somebody_looks(clerk: Clerk) -> None:
    """Two invoices are approved and a vendor moves, once the console is served: both systems announce it."""
    clerk.approve("LV-9501", line("215.00"), line("64.00", practice="RISK", text="Labels"))
    clerk.approve("LV-9502", line("1,480.00", account="6220", office="AUS", practice="TECH"), supplier=CORVID)
    clerk.quickbooks("edit_vendor", id="101", changes={"PrimaryPhone": {"FreeFormNumber": "(518) 555-0142"}})
