"""Postings as QuickBooks takes them: every amount to the cent, every reference in its place."""

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml_connector.model.books import TransactionType
from ml_connector.model.postings import NewVendor, Posting, PostingLine, Side, TaxAmount, TaxMode
from ml_connector.quickbooks.translation import posting_body, update_body, vendor_body
from ml_connector.quickbooks.wire import UnsendableError, decode, encode


def line(amount: str, **more: Any) -> PostingLine:
    return PostingLine(**{"amount": Decimal(amount), "account_id": "94", **more})


def bill(*lines: PostingLine, **more: Any) -> Posting:
    lines = lines or (line("420.00", description="Q3 licences", class_id="5000000000000142240"),)
    values: dict[str, Any] = {
        "type": TransactionType.BILL,
        "vendor_id": "71",
        "txn_date": date(2026, 8, 28),
        "doc_number": "INV-88121",
        "memo": "Basware [bw:7f3c/0]",
        "currency": "USD",
        "total": sum(one.amount for one in lines),
        "payable_account_id": "33",
        "lines": lines,
    }
    return Posting(**{**values, **more})


def journal(*debits: PostingLine, **more: Any) -> Posting:
    total = sum(one.amount for one in debits)
    payable = line(str(total), account_id="33", side=Side.CREDIT, vendor_id="71")
    return bill(*debits, payable, **{"type": TransactionType.JOURNAL_ENTRY, "total": total, **more})


def test_a_line_shown_with_tax_says_both_amounts() -> None:
    tax = TaxAmount(rate_id="6", percent=Decimal(25), net=Decimal(100), amount=Decimal(25))
    shown = line("100.00", tax_code_id="5", with_tax=Decimal(125))
    posting = bill(shown, total=Decimal(125), tax_mode=TaxMode.INCLUSIVE, tax_amounts=(tax,))
    (one,) = posting_body(posting)["Line"]
    assert (one["Amount"], one["AccountBasedExpenseLineDetail"]["TaxInclusiveAmt"]) == (Decimal(100), Decimal(125))


@pytest.mark.parametrize(("mode", "with_tax"), [(TaxMode.INCLUSIVE, None), (TaxMode.EXCLUDED, Decimal(125))])
def test_amounts_with_and_without_tax_are_never_mixed(mode: TaxMode, with_tax: Decimal | None) -> None:
    tax = TaxAmount(rate_id="6", percent=Decimal(25), net=Decimal(100), amount=Decimal(25))
    mixed = bill(line("100.00", with_tax=with_tax), total=Decimal(125), tax_mode=mode, tax_amounts=(tax,))
    with pytest.raises(UnsendableError):
        posting_body(mixed)


def test_a_bill_has_its_location_in_the_head_and_the_class_on_the_line() -> None:
    body = posting_body(bill(location_id="4", term_id="3", due_date=date(2026, 9, 27)))
    assert body == {
        "VendorRef": {"value": "71"},
        "APAccountRef": {"value": "33"},
        "TxnDate": "2026-08-28",
        "DocNumber": "INV-88121",
        "PrivateNote": "Basware [bw:7f3c/0]",
        "DepartmentRef": {"value": "4"},
        "SalesTermRef": {"value": "3"},
        "DueDate": "2026-09-27",
        "Line": [
            {
                "DetailType": "AccountBasedExpenseLineDetail",
                "Amount": Decimal("420.00"),
                "Description": "Q3 licences",
                "AccountBasedExpenseLineDetail": {
                    "AccountRef": {"value": "94"},
                    "ClassRef": {"value": "5000000000000142240"},
                },
            }
        ],
    }


def test_a_us_bill_names_no_currency_and_no_tax() -> None:
    body = posting_body(bill())
    assert not {
        "CurrencyRef",
        "ExchangeRate",
        "GlobalTaxCalculation",
        "TxnTaxDetail",
        "DepartmentRef",
        "DueDate",
    } & set(body)
    assert "TaxCodeRef" not in body["Line"][0]["AccountBasedExpenseLineDetail"]


def test_a_vendor_credit_has_neither_terms_nor_a_due_date() -> None:
    body = posting_body(bill(type=TransactionType.VENDOR_CREDIT, term_id="3", due_date=date(2026, 9, 27)))
    assert not {"SalesTermRef", "DueDate"} & set(body)
    assert body["APAccountRef"] == {"value": "33"}


def test_currency_and_rate_are_named_only_in_a_company_with_several_currencies() -> None:
    foreign = {"currency": "EUR", "exchange_rate": Decimal("1.0845")}
    body = posting_body(bill(multicurrency=True, **foreign))
    assert (body["CurrencyRef"], body["ExchangeRate"]) == ({"value": "EUR"}, Decimal("1.0845"))
    home = posting_body(bill(multicurrency=True))
    assert home["CurrencyRef"] == {"value": "USD"}
    assert "ExchangeRate" not in home
    assert not {"CurrencyRef", "ExchangeRate"} & set(posting_body(bill(**foreign)))


def test_a_line_is_billable_or_not_only_for_a_customer() -> None:
    lines = (line("1.00", customer_id="26", billable=True), line("1.00", customer_id="26"), line("1.00", billable=True))
    details = [one["AccountBasedExpenseLineDetail"] for one in posting_body(bill(*lines))["Line"]]
    assert [detail.get("BillableStatus") for detail in details] == ["Billable", "NotBillable", None]
    assert details[0]["CustomerRef"] == {"value": "26"}


def test_the_documents_own_tax_is_sent_so_that_quickbooks_does_not_compute_it_anew() -> None:
    tax = TaxAmount(rate_id="6", percent=Decimal(25), net=Decimal("100.00"), amount=Decimal("25.01"))
    posting = bill(
        line("100.00", tax_code_id="5"), total=Decimal("125.01"), tax_mode=TaxMode.EXCLUDED, tax_amounts=(tax,)
    )
    body = posting_body(posting)
    assert body["GlobalTaxCalculation"] == "TaxExcluded"
    assert body["Line"][0]["AccountBasedExpenseLineDetail"]["TaxCodeRef"] == {"value": "5"}
    assert body["TxnTaxDetail"] == {
        "TaxLine": [
            {
                "DetailType": "TaxLineDetail",
                "Amount": Decimal("25.01"),
                "TaxLineDetail": {
                    "TaxRateRef": {"value": "6"},
                    "PercentBased": True,
                    "TaxPercent": Decimal(25),
                    "NetAmountTaxable": Decimal("100.00"),
                },
            }
        ]
    }


def test_a_journal_entry_has_location_and_class_on_each_line_and_the_vendor_on_the_payable_one() -> None:
    debits = (
        line("300.00", side=Side.DEBIT, location_id="4", class_id="9"),
        line("120.00", side=Side.DEBIT, location_id="5", customer_id="26", billable=True),
    )
    body = posting_body(journal(*debits))
    details = [one["JournalEntryLineDetail"] for one in body["Line"]]
    assert [detail["PostingType"] for detail in details] == ["Debit", "Debit", "Credit"]
    assert [detail.get("DepartmentRef") for detail in details] == [{"value": "4"}, {"value": "5"}, None]
    assert details[0]["ClassRef"] == {"value": "9"}
    assert details[1]["Entity"] == {"Type": "Customer", "EntityRef": {"value": "26"}}
    assert details[1]["BillableStatus"] == "Billable"
    assert details[2]["Entity"] == {"Type": "Vendor", "EntityRef": {"value": "71"}}
    assert details[2]["AccountRef"] == {"value": "33"}
    assert not {"VendorRef", "APAccountRef", "DepartmentRef", "DueDate", "SalesTermRef"} & set(body)


def test_a_credit_note_over_several_locations_debits_the_payable_account() -> None:
    lines = (
        line("90.00", side=Side.CREDIT, location_id="4"),
        line("90.00", account_id="33", side=Side.DEBIT, vendor_id="71"),
    )
    body = posting_body(bill(*lines, type=TransactionType.JOURNAL_ENTRY, total=Decimal("90.00")))
    assert [one["JournalEntryLineDetail"]["PostingType"] for one in body["Line"]] == ["Credit", "Debit"]


WRONG: dict[str, Posting] = {
    "a total the lines do not come to": bill(total=Decimal("420.01")),
    "a fraction of a cent": bill(line("0.005"), line("0.005")),
    "no amount at all": bill(line("NaN"), total=Decimal("1.00")),
    "a float": bill(msgspec.structs.replace(line("1"), amount=1.0), total=Decimal(1)),
    "more digits than there are": bill(line("1e30")),
    "no lines": bill(lines=(), total=Decimal(0)),
    "no vendor": bill(vendor_id=""),
    "no payable account": bill(payable_account_id=""),
    "no account on a line": bill(line("1.00", account_id="")),
    "a number too long": bill(doc_number="x" * 22),
    "a memo too long": bill(memo="x" * 4001),
    "a description too long": bill(line("1.00", description="x" * 4001)),
    "a rate of nothing": bill(exchange_rate=Decimal(0), multicurrency=True),
    "a tax that does not add up": bill(
        line("100.00"),
        tax_mode=TaxMode.EXCLUDED,
        tax_amounts=(TaxAmount(rate_id="6", percent=Decimal(25), net=Decimal(100), amount=Decimal(25)),),
    ),
    "tax where no tax is kept": bill(
        line("100.00"), tax_amounts=(TaxAmount(rate_id="6", percent=Decimal(0), net=Decimal(100), amount=Decimal(0)),)
    ),
    "an unbalanced journal": bill(
        line("2.00", side=Side.DEBIT), line("1.00", account_id="33", side=Side.CREDIT, vendor_id="71"),
        type=TransactionType.JOURNAL_ENTRY, total=Decimal("1.00"),
    ),
    "a negative journal line": journal(line("-1.00", side=Side.DEBIT)),
    "a journal without a payable line": bill(
        line("1.00", side=Side.DEBIT), line("1.00", side=Side.CREDIT), type=TransactionType.JOURNAL_ENTRY, total=Decimal("1.00")
    ),
    "a journal on another vendor": journal(line("1.00", side=Side.DEBIT), vendor_id="72"),
    "a journal line without a side": bill(
        line("0.00"), line("0.00", account_id="33", side=Side.CREDIT, vendor_id="71"),
        type=TransactionType.JOURNAL_ENTRY, total=Decimal(0),
    ),
    "a tax code in a journal": journal(line("1.00", side=Side.DEBIT, tax_code_id="5")),
}  # fmt: skip


REASONS = {
    "a total the lines do not come to": "the lines come to 420.00",
    "a fraction of a cent": "fraction of a cent",
    "no amount at all": "not an amount",
    "a float": "not an amount",
    "more digits than there are": "more digits",
    "no lines": "lines, not 0",
    "no vendor": "the vendor is missing",
    "no payable account": "the payable account is missing",
    "no account on a line": "the account is missing",
    "a number too long": "number has 22 characters",
    "a memo too long": "memo has 4001",
    "a description too long": "line description has 4001",
    "a rate of nothing": "not an exchange rate",
    "a tax that does not add up": "tax to 25.00, the total is 100.00",
    "tax where no tax is kept": "only where QuickBooks keeps tax",
    "an unbalanced journal": "do not equal credits",
    "a negative journal line": "are positive",
    "a journal without a payable line": "one payable line",
    "a journal on another vendor": "one payable line",
    "a journal line without a side": "needs a side",
    "a tax code in a journal": "needs a side",
}


@pytest.mark.parametrize("why", WRONG)
def test_a_posting_that_is_not_right_never_leaves_the_house(why: str) -> None:
    with pytest.raises(UnsendableError, match=REASONS[why]):
        posting_body(WRONG[why])


def test_tax_that_quickbooks_computes_itself_is_left_to_it() -> None:
    posting = bill(line("100.00", tax_code_id="5"), total=Decimal("125.00"), tax_mode=TaxMode.EXCLUDED)
    assert "TxnTaxDetail" not in posting_body(posting)


CENTS = st.integers(-10_000_000, 10_000_000).map(lambda cents: Decimal(cents).scaleb(-2))
POSITIVE = st.integers(1, 10_000_000).map(lambda cents: Decimal(cents).scaleb(-2))


def wire_amounts(posting: Posting) -> list[Decimal]:
    body = decode(encode(posting_body(posting)))
    return [Decimal(one["Amount"]) for one in body["Line"]]


@given(st.lists(CENTS, min_size=1, max_size=40), st.sampled_from([TransactionType.BILL, TransactionType.VENDOR_CREDIT]))
def test_any_bill_or_credit_arrives_with_the_same_amounts_to_the_cent(
    amounts: list[Decimal], kind: TransactionType
) -> None:
    posting = bill(*[line(str(amount)) for amount in amounts], type=kind)
    assert wire_amounts(posting) == amounts
    assert sum(wire_amounts(posting)) == posting.total


@given(st.lists(POSITIVE, min_size=1, max_size=40))
def test_any_journal_entry_arrives_balanced_with_the_same_amounts(amounts: list[Decimal]) -> None:
    posting = journal(*[line(str(amount), side=Side.DEBIT) for amount in amounts])
    assert wire_amounts(posting) == [*amounts, sum(amounts)]


@given(st.lists(st.tuples(POSITIVE, POSITIVE), min_size=1, max_size=5), st.decimals("0.0000001", "99999", places=7))
def test_any_foreign_bill_arrives_with_the_same_tax_and_rate(
    taxes: list[tuple[Decimal, Decimal]], rate: Decimal
) -> None:
    amounts = tuple(TaxAmount(rate_id="6", percent=Decimal("7.7"), net=net, amount=tax) for net, tax in taxes)
    total = sum(net + tax for net, tax in taxes)
    posting = bill(
        *[line(str(net), tax_code_id="5") for net, _ in taxes],
        total=total, tax_mode=TaxMode.EXCLUDED, tax_amounts=amounts, multicurrency=True, currency="NOK", exchange_rate=rate,
    )  # fmt: skip
    body = decode(encode(posting_body(posting)))
    assert Decimal(body["ExchangeRate"]) == rate
    assert [Decimal(one["Amount"]) for one in body["TxnTaxDetail"]["TaxLine"]] == [tax for _, tax in taxes]


READ = {
    "Id": "145", "SyncToken": "2", "domain": "QBO", "sparse": False, "MetaData": {"CreateTime": "2026-08-28T05:58:07-07:00"},
    "VendorRef": {"value": "71", "name": "Nordlys Print AS"}, "APAccountRef": {"value": "33"}, "TxnDate": "2026-08-28",
    "DueDate": "2026-09-27", "DocNumber": "INV-88121", "PrivateNote": "old", "DepartmentRef": {"value": "4"},
    "CurrencyRef": {"value": "USD"}, "SalesTermRef": {"value": "3"}, "TotalAmt": 670, "Balance": 670, "HomeBalance": 670,
    "LinkedTxn": [{"TxnId": "257", "TxnType": "PurchaseOrder"}], "Line": [{"Id": "1", "Amount": 670}],
    "VendorAddr": {"Id": "311", "Line1": "Havnegata 1"}, "TransactionLocationType": "WithinFrance", "AddedLater": "by Intuit",
}  # fmt: skip


def test_an_update_replaces_what_we_decide_and_keeps_what_others_entered() -> None:
    body = update_body(bill(line("500.00")), READ)
    assert (body["Id"], body["SyncToken"]) == ("145", "2")
    assert [one["Amount"] for one in body["Line"]] == [Decimal("500.00")]
    assert "Id" not in body["Line"][0]
    assert body["VendorAddr"] == READ["VendorAddr"]
    assert body["TransactionLocationType"] == "WithinFrance"


def test_an_update_clears_what_the_document_no_longer_has() -> None:
    assert not {"DepartmentRef", "SalesTermRef", "DueDate", "CurrencyRef"} & set(update_body(bill(), READ))


def test_an_update_sends_nothing_that_quickbooks_computes() -> None:
    computed = {"domain", "sparse", "MetaData", "TotalAmt", "Balance", "HomeBalance", "LinkedTxn"}
    assert not computed & set(update_body(bill(), READ))


def test_an_update_sends_back_nothing_that_intuit_has_not_published() -> None:
    assert "AddedLater" not in update_body(bill(), READ)


def test_an_update_to_another_vendor_drops_the_old_vendors_address() -> None:
    assert "VendorAddr" not in update_body(bill(vendor_id="72"), READ)


def test_an_update_needs_the_sync_token_that_was_read() -> None:
    with pytest.raises(ValueError, match="SyncToken"):
        update_body(bill(), {"Id": "145"})


def test_a_new_vendor_carries_the_supplier_code_and_a_currency_only_where_there_are_several() -> None:
    vendor = NewVendor(
        display_name="Nordlys Print AS", number="BSW-10023", company_name="Nordlys Print AS", currency="NOK"
    )
    named = {"DisplayName": "Nordlys Print AS", "CompanyName": "Nordlys Print AS", "AcctNum": "BSW-10023"}
    assert vendor_body(vendor, multicurrency=False) == named
    assert vendor_body(vendor, multicurrency=True) == {**named, "CurrencyRef": {"value": "NOK"}}


@pytest.mark.parametrize(
    "vendor",
    [
        NewVendor(display_name="", number="1"),
        NewVendor(display_name="A: B", number="1"),
        NewVendor(display_name="A\tB", number="1"),
        NewVendor(display_name="x" * 501, number="1"),
        NewVendor(display_name="A", number="1" * 101),
        NewVendor(display_name="A", number="1", company_name="x" * 101),
    ],
)
def test_a_vendor_quickbooks_would_refuse_is_not_sent(vendor: NewVendor) -> None:
    with pytest.raises(UnsendableError):
        vendor_body(vendor, multicurrency=False)


def toner(amount: str = "250.00", **more: Any) -> PostingLine:
    pieces: dict[str, Any] = {"item_id": "302", "quantity": Decimal(5), "unit_price": Decimal(50)}
    return line(amount, **pieces | more)


@pytest.mark.parametrize("type_", [TransactionType.BILL, TransactionType.VENDOR_CREDIT])
def test_a_line_on_an_item_names_pieces_and_price_and_no_account(type_: TransactionType) -> None:
    shown = toner(class_id="7", customer_id="80", billable=True, markup_percent=Decimal("12.5"), tax_code_id="5")
    (one,) = posting_body(bill(shown, type=type_))["Line"]
    assert (one["DetailType"], one["Amount"]) == ("ItemBasedExpenseLineDetail", Decimal(250))
    assert one["ItemBasedExpenseLineDetail"] == {
        "ItemRef": {"value": "302"}, "Qty": Decimal(5), "UnitPrice": Decimal(50), "ClassRef": {"value": "7"},
        "CustomerRef": {"value": "80"}, "BillableStatus": "Billable",
        "MarkupInfo": {"PercentBased": True, "Percent": Decimal("12.5")}, "TaxCodeRef": {"value": "5"},
    }  # fmt: skip


def test_a_line_of_nothing_still_names_its_pieces() -> None:
    (one, _) = posting_body(bill(toner("0.00", unit_price=Decimal(0)), line("1.00")))["Line"]
    assert one["ItemBasedExpenseLineDetail"]["UnitPrice"] == 0


@pytest.mark.parametrize(
    "wrong",
    [
        toner("250.01"),
        toner("61.73", unit_price=Decimal("12.345")),  # 61.725: half a cent may be rounded either way
        toner(quantity=None),
        toner(unit_price=None),
        toner(markup_percent=Decimal(5)),
    ],
)
def test_a_line_on_an_item_that_quickbooks_would_refuse_is_not_sent(wrong: PostingLine) -> None:
    with pytest.raises(UnsendableError):
        posting_body(bill(wrong))


def test_a_journal_entry_has_no_line_on_an_item() -> None:
    with pytest.raises(UnsendableError):
        posting_body(journal(toner(side=Side.DEBIT)))
