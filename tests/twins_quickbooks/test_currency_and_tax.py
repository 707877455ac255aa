"""Foreign currency as measured on a real company, and purchase tax inside and outside the US."""

from decimal import Decimal

import pytest

EUR = {"value": "EUR"}


@pytest.mark.row("Q7")
def test_with_one_currency_a_new_transaction_may_not_name_any(qbo):
    assert qbo.code("Bill", qbo.bill(CurrencyRef={"value": "USD"})) == "6000"
    bill = qbo.post("Bill", qbo.bill(ExchangeRate=1))
    assert "ExchangeRate" not in bill
    assert qbo.post("Bill", bill | {"PrivateNote": "written back as read"})["SyncToken"] == "1"
    qbo.twin.switches.refuse_currency_when_single = False
    qbo.post("Bill", qbo.bill(CurrencyRef={"value": "USD"}))
    assert qbo.code("Bill", qbo.bill(CurrencyRef=EUR)) == "6000"


@pytest.mark.row("Q7")
def test_a_home_currency_bill_needs_neither_currency_nor_rate(world):
    bill = world.post("Bill", world.bill())
    assert (bill["CurrencyRef"]["value"], bill["ExchangeRate"], bill["HomeBalance"]) == ("USD", 1, 100)


@pytest.mark.row("Q7")
def test_a_foreign_bill_needs_a_rate(world):
    error = world.refused("Bill", world.bill(vendor="53", CurrencyRef=EUR))
    assert (error["code"], error["element"]) == ("2410", "ExchangeRate")
    bill = world.post("Bill", world.bill(vendor="53", CurrencyRef=EUR, ExchangeRate=Decimal("1.0825")))
    assert (bill["APAccountRef"]["value"], bill["HomeBalance"]) == ("32", Decimal("108.25"))
    assert world.twin.check(world.realm) == []


@pytest.mark.row("Q7")
@pytest.mark.parametrize(
    ("vendor", "fields", "code"),
    [
        ("50", {"CurrencyRef": EUR, "ExchangeRate": 2}, "6000"),
        ("53", {}, "6000"),
        ("53", {"CurrencyRef": {"value": "GBP"}, "ExchangeRate": 2}, "6000"),
        ("53", {"CurrencyRef": {"value": "SEK"}, "ExchangeRate": 2}, "2220"),
        ("53", {"CurrencyRef": EUR, "ExchangeRate": 2, "APAccountRef": {"value": "31"}}, "6000"),
        ("53", {"CurrencyRef": EUR, "ExchangeRate": 0}, "2410"),
    ],
)
def test_vendor_payable_account_and_transaction_share_one_currency(world, vendor, fields, code):
    assert world.code("Bill", world.bill(vendor=vendor, **fields)) == code


def test_accounts_in_another_foreign_currency_cannot_take_part(world):
    assert world.code("Bill", world.bill(world.line(account="12"))) == "6000"


def test_a_bills_currency_cannot_be_changed(world):
    bill = world.post("Bill", world.bill(vendor="53", CurrencyRef=EUR, ExchangeRate=Decimal("1.1")))
    assert world.code("Bill", bill | {"CurrencyRef": {"value": "USD"}}) == "6000"


def test_a_foreign_bill_is_paid_in_its_currency(world):
    bill = world.post("Bill", world.bill(vendor="53", CurrencyRef=EUR, ExchangeRate=Decimal("1.1")))
    body = world.payment("100", ("Bill", bill["Id"], "100"), vendor="53")
    assert world.code("BillPayment", body) == "6000"
    payment = world.post("BillPayment", body | {"CurrencyRef": EUR, "ExchangeRate": Decimal("1.2")})
    assert payment["APAccountRef"]["value"] == "32"
    assert world.get("Bill", bill["Id"])["Balance"] == 0
    assert world.twin.check(world.realm) == []


def test_a_foreign_entry_needs_a_rate_and_a_vendor_of_its_currency(world):
    def entry(vendor, account, **fields):
        lines = [world.side("Debit", "10", "20"), world.side("Credit", "10", account, vendor=vendor)]
        return {"TxnDate": "2026-10-20", "Line": lines, **fields}

    assert world.code("JournalEntry", entry("53", "32", CurrencyRef=EUR)) == "2410"
    assert world.code("JournalEntry", entry("50", "32", CurrencyRef=EUR, ExchangeRate=2)) == "6000"
    assert world.code("JournalEntry", entry("53", "31", CurrencyRef=EUR, ExchangeRate=2)) == "6000"
    world.post("JournalEntry", entry("53", "32", CurrencyRef=EUR, ExchangeRate=2))
    assert world.twin.check(world.realm) == []


@pytest.mark.row("Q9")
def test_tax_is_computed_per_rate_on_the_sum_of_the_lines(nordic):
    lines = [nordic.line("0.10", TaxCodeRef="5") for _ in range(3)] + [nordic.line("100.00", TaxCodeRef="9")]
    bill = nordic.post("Bill", nordic.bill(*lines, GlobalTaxCalculation="TaxExcluded"))
    taxes = {each["TaxLineDetail"]["TaxRateRef"]["value"]: each["Amount"] for each in bill["TxnTaxDetail"]["TaxLine"]}
    assert taxes == {"6": Decimal("0.08"), "7": Decimal("12.00")}, "by line it would be 3 x 0.03"
    assert bill["TotalAmt"] == Decimal("112.38")
    assert nordic.twin.check(nordic.realm) == []
    assert ("25", "12.08") in [(each["account"], each["debit"]) for each in nordic.twin.ledger(nordic.realm)]


@pytest.mark.row("Q9")
def test_tax_inside_the_amounts_leaves_the_total_as_it_is(nordic):
    bill = nordic.post("Bill", nordic.bill(nordic.line("100.00", TaxCodeRef="5"), GlobalTaxCalculation="TaxInclusive"))
    assert (bill["Line"][0]["Amount"], bill["TxnTaxDetail"]["TotalTax"], bill["TotalAmt"]) == (80, 20, 100)
    assert nordic.post("Bill", bill) == bill
    assert nordic.twin.check(nordic.realm) == []


def own_tax(amount, rate="6"):
    detail = {"TaxRateRef": {"value": rate}, "PercentBased": True, "TaxPercent": 25, "NetAmountTaxable": 100}
    return {"TxnTaxDetail": {"TaxLine": [{"Amount": amount, "DetailType": "TaxLineDetail", "TaxLineDetail": detail}]}}


@pytest.mark.row("Q9")
def test_tax_amounts_of_the_document_itself_are_kept(nordic):
    body = nordic.bill(nordic.line("100", TaxCodeRef="5"), GlobalTaxCalculation="TaxExcluded")
    bill = nordic.post("Bill", body | own_tax(Decimal("24.99")))
    assert (bill["TxnTaxDetail"]["TotalTax"], bill["TotalAmt"]) == (Decimal("24.99"), Decimal("124.99"))
    assert nordic.code("Bill", body | own_tax(12, rate="7")) == "6000"
    assert nordic.code("Bill", body | own_tax(12, rate="99")) == "2500"


def test_new_lines_without_own_tax_are_taxed_anew(nordic):
    body = nordic.bill(nordic.line("100", TaxCodeRef="5"), GlobalTaxCalculation="TaxExcluded")
    bill = nordic.post("Bill", body | own_tax(Decimal("24.99")))
    base = {"Id": bill["Id"], "sparse": True}
    kept = nordic.post("Bill", base | {"SyncToken": "0", "PrivateNote": "x"})
    assert kept["TotalAmt"] == Decimal("124.99")
    changed = nordic.post("Bill", base | {"SyncToken": "1", "Line": [nordic.line("200", TaxCodeRef="5")]})
    assert changed["TotalAmt"] == 250


def test_without_tax_no_tax_lines_may_come_along(nordic):
    body = nordic.bill(nordic.line("100"), GlobalTaxCalculation="NotApplicable")
    assert nordic.code("Bill", body | own_tax(25)) == "6170"
    assert nordic.post("Bill", body)["TotalAmt"] == 100


def test_a_code_for_sales_only_or_no_code_at_all_is_refused(nordic):
    assert nordic.code("Bill", nordic.bill(nordic.line(TaxCodeRef="14"), GlobalTaxCalculation="TaxExcluded")) == "6100"
    assert nordic.code("Bill", nordic.bill(nordic.line(), GlobalTaxCalculation="TaxExcluded")) == "6000"
    assert nordic.code("Bill", nordic.bill(nordic.line(), GlobalTaxCalculation="Sometimes")) == "2170"


def test_a_credit_takes_its_tax_back(nordic):
    nordic.post("VendorCredit", nordic.bill(nordic.line("100", TaxCodeRef="5"), GlobalTaxCalculation="TaxExcluded"))
    assert {(each["account"], each["debit"], each["credit"]) for each in nordic.twin.ledger(nordic.realm)} == {
        ("20", "0", "100.00"),
        ("25", "0", "25.00"),
        ("31", "125.00", "0"),
    }


@pytest.mark.row("Q9")
def test_a_us_company_computes_no_tax_whatever_is_sent(qbo):
    bill = qbo.post("Bill", qbo.bill(qbo.line("100", TaxCodeRef="TAX"), GlobalTaxCalculation="TaxExcluded"))
    assert bill["TotalAmt"] == 100
    assert "TxnTaxDetail" not in bill


@pytest.mark.row("Q7")
@pytest.mark.parametrize("entity", ["Bill", "VendorCredit", "PurchaseOrder", "BillPayment", "JournalEntry"])
def test_the_rules_of_currency_are_the_same_for_every_transaction(world, entity):
    def body(vendor="53", **fields):
        payable = {"APAccountRef": {"value": "32" if fields.get("CurrencyRef") else "31"}}
        if entity == "BillPayment":
            return world.payment("10", vendor=vendor, **fields)
        if entity == "JournalEntry":
            lines = [
                world.side("Debit", "10", "20"),
                world.side("Credit", "10", payable["APAccountRef"]["value"], vendor=vendor),
            ]
            return {"TxnDate": "2026-10-20", "Line": lines, **fields}
        return world.bill(world.line("10"), vendor=vendor, **payable, **fields)

    error = world.refused(entity, body(CurrencyRef=EUR))
    assert (error["code"], error["Detail"]) == ("2410", "Curreny, ExchangeRate is missing.")
    error = world.refused(entity, body(vendor="50", CurrencyRef=EUR, ExchangeRate=2))
    assert (error["code"], "only use one foreign currency per transaction" in error["Detail"]) == ("6000", True)
    assert world.code(entity, body()) == "6000", "the vendor's currency is foreign, the transaction's is not"
    foreign = world.post(entity, body(CurrencyRef=EUR, ExchangeRate=Decimal("1.1")))
    assert foreign["CurrencyRef"] == {"value": "EUR", "name": "Euro"}
    home = world.post(entity, body(vendor="50"))
    assert (home["CurrencyRef"]["value"], home["ExchangeRate"]) == ("USD", 1)


@pytest.mark.row("Q7")
@pytest.mark.parametrize("refused", [True, False])
def test_a_currency_that_is_named_where_there_is_only_one_is_a_switch(qbo, refused):
    qbo.twin.switches.refuse_currency_when_single = refused
    payment = qbo.payment("10", CurrencyRef={"value": "USD"})
    assert qbo.call("POST", "billpayment", payment)[0] == (400 if refused else 200)


@pytest.mark.row("Q9")
@pytest.mark.parametrize(("counts", "tax"), [(True, 12), (False, 37)])
def test_a_tax_amount_of_zero_on_a_line_silently_forces_its_tax(nordic, counts, tax):
    nordic.twin.switches.line_tax_amount_counts = counts
    forced = nordic.line("100", TaxCodeRef="5", TaxAmount=0)
    bill = nordic.post(
        "Bill", nordic.bill(forced, nordic.line("100", TaxCodeRef="9"), GlobalTaxCalculation="TaxExcluded")
    )
    assert (bill["TxnTaxDetail"]["TotalTax"], bill["TotalAmt"]) == (tax, 200 + tax)


def test_a_tax_amount_inside_the_amount_takes_its_place_in_the_total(nordic):
    line = nordic.line("100", TaxCodeRef="5", TaxAmount="19.99")
    bill = nordic.post("Bill", nordic.bill(line, GlobalTaxCalculation="TaxInclusive"))
    assert (bill["Line"][0]["Amount"], bill["TotalAmt"]) == (Decimal("80.01"), 100)


def test_without_sales_tax_in_use_tax_details_are_ignored(nordic):
    nordic.act("set_preference", path="TaxPrefs.UsingSalesTax", value=False)
    body = nordic.bill(nordic.line("100"), GlobalTaxCalculation="NotApplicable")
    assert nordic.post("Bill", body | own_tax(25))["TotalAmt"] == 100


@pytest.mark.row("Q9")
def test_a_us_company_refuses_any_other_code_than_two(qbo):
    error = qbo.refused("VendorCredit", qbo.bill(qbo.line(TaxCodeRef="5")))
    assert error["code"] == "6100"


@pytest.mark.row("Q9")
def test_half_a_cent_of_tax_is_rounded_up(nordic):
    bill = nordic.post("Bill", nordic.bill(nordic.line("0.10", TaxCodeRef="5")))
    assert (bill["TxnTaxDetail"]["TotalTax"], bill["TotalAmt"]) == (Decimal("0.03"), Decimal("0.13"))
