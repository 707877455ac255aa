"""Bills and vendor credits over their life: what is computed, changed, refused and deleted."""

from decimal import Decimal

import pytest


@pytest.mark.row("Q9")
def test_a_bill_comes_back_with_everything_the_service_computes(qbo):
    bill = qbo.post(
        "Bill",
        qbo.bill(
            qbo.line("420.00", "21", ClassRef="5000000000000142240"),
            qbo.line("79.90"),
            DocNumber="INV-1",
            DepartmentRef={"value": "2"},
            SalesTermRef={"value": "3"},
            TotalAmt=1,
            Balance=1,
        ),
    )
    assert bill["TotalAmt"] == bill["Balance"] == Decimal("499.90")
    assert bill["DueDate"] == "2026-11-19"
    assert bill["VendorRef"] == {"value": "50", "name": "Nordlys Print"}
    assert bill["APAccountRef"] == {"value": "31", "name": "Accounts Payable (A/P)"}
    assert bill["DepartmentRef"] == {"value": "2", "name": "Norway:Oslo"}
    assert bill["CurrencyRef"] == {"value": "USD", "name": "United States Dollar"}
    assert [(line["Id"], line["LineNum"]) for line in bill["Line"]] == [("1", 1), ("2", 2)]
    assert bill["Line"][0]["AccountBasedExpenseLineDetail"]["AccountRef"]["name"] == "Office:Software"
    assert (bill["SyncToken"], bill["domain"], bill["sparse"]) == ("0", "QBO", False)
    assert qbo.get("Bill", bill["Id"]) == bill


def test_without_terms_a_bill_is_due_on_its_date_and_its_date_is_the_servers_day(qbo):
    body = qbo.bill()
    del body["TxnDate"]
    bill = qbo.post("Bill", body)
    assert bill["TxnDate"] == bill["DueDate"] == "2026-11-02"


@pytest.mark.parametrize(
    ("day", "due"), [("2026-10-01", "2026-10-10"), ("2026-10-06", "2026-11-10"), ("2026-12-20", "2027-01-10")]
)
def test_terms_by_day_of_the_month_skip_a_month_when_too_close(qbo, day, due):
    assert qbo.post("Bill", qbo.bill(TxnDate=day, SalesTermRef={"value": "4"}))["DueDate"] == due


def test_an_item_line_posts_to_the_items_expense_account(qbo):
    line = {"Amount": 250, "DetailType": "ItemBasedExpenseLineDetail"}
    detail = {"ItemRef": {"value": "40"}, "Qty": 5, "UnitPrice": 50}
    qbo.post("Bill", qbo.bill(line | {"ItemBasedExpenseLineDetail": detail}))
    assert [(each["account"], each["debit"]) for each in qbo.twin.ledger(qbo.realm)][:1] == [("20", "250.00")]
    assert qbo.code("Bill", qbo.bill(line | {"ItemBasedExpenseLineDetail": detail | {"Qty": 4}})) == "6070"
    assert qbo.code("Bill", qbo.bill(line | {"ItemBasedExpenseLineDetail": {"ItemRef": {"value": "41"}}})) == "6000"
    text = qbo.post("Bill", qbo.bill(line | {"ItemBasedExpenseLineDetail": {"Qty": 1}}, qbo.line("3.00")))
    assert text["TotalAmt"] == 3


def test_negative_lines_are_fine_as_long_as_the_total_is_not_negative(qbo):
    assert qbo.post("Bill", qbo.bill(qbo.line("100"), qbo.line("-30")))["TotalAmt"] == 70
    assert qbo.code("Bill", qbo.bill(qbo.line("-30"))) == "6000"


@pytest.mark.row("Q9")
def test_totals_and_balances_that_are_sent_are_overwritten(qbo):
    bill = qbo.post("Bill", qbo.bill(qbo.line("100"), TotalAmt=5, Balance=3))
    assert (bill["TotalAmt"], bill["Balance"]) == (100, 100)
    again = qbo.post("Bill", bill | {"TotalAmt": 7, "Balance": 0})
    assert (again["TotalAmt"], again["Balance"], again["SyncToken"]) == (100, 100, "0")


def test_a_full_update_clears_what_it_leaves_out_and_a_sparse_one_keeps_it(qbo):
    bill = qbo.post("Bill", qbo.bill(DocNumber="A-1", PrivateNote="note"))
    sparse = qbo.post("Bill", {"Id": bill["Id"], "SyncToken": "0", "sparse": True, "DocNumber": "A-2"})
    assert (sparse["DocNumber"], sparse["PrivateNote"], sparse["SyncToken"]) == ("A-2", "note", "1")
    full = qbo.post("Bill", qbo.bill(Id=bill["Id"], SyncToken="1", DocNumber="A-3"))
    assert (full["DocNumber"], full["SyncToken"]) == ("A-3", "2")
    assert "PrivateNote" not in full


def test_null_in_a_sparse_update_clears_a_field(qbo):
    bill = qbo.post("Bill", qbo.bill(PrivateNote="note"))
    changed = qbo.post("Bill", {"Id": bill["Id"], "SyncToken": "0", "sparse": True, "PrivateNote": None})
    assert "PrivateNote" not in changed


def test_lines_with_a_known_id_stay_and_others_are_new(qbo):
    bill = qbo.post("Bill", qbo.bill(qbo.line("1"), qbo.line("2")))
    kept = bill["Line"][1]
    changed = qbo.post("Bill", qbo.bill(kept, qbo.line("5"), Id=bill["Id"], SyncToken="0"))
    assert [line["Id"] for line in changed["Line"]] == ["2", "3"]
    assert changed["TotalAmt"] == 7


@pytest.mark.row("Q3")
def test_writing_back_what_was_read_changes_nothing(qbo):
    bill = qbo.post("Bill", qbo.bill(DocNumber="A-1", DepartmentRef={"value": "2"}))
    qbo.clock.advance(60)
    assert qbo.post("Bill", bill) == bill
    assert qbo.post("Bill", {"Id": bill["Id"], "SyncToken": "0", "sparse": True, "DocNumber": "A-1"}) == bill


@pytest.mark.row("Q3")
def test_a_stale_token_is_refused_and_nothing_is_written(qbo):
    bill = qbo.post("Bill", qbo.bill())
    qbo.post("Bill", bill | {"PrivateNote": "first"})
    error = qbo.refused("Bill", bill | {"PrivateNote": "second"})
    assert error["code"] == "5010"
    assert qbo.get("Bill", bill["Id"])["PrivateNote"] == "first"
    assert qbo.code("Bill", {"Id": bill["Id"], "sparse": True, "PrivateNote": "x"}) == "2020"


def test_a_deleted_bill_leaves_a_stub_and_reads_as_not_found(qbo):
    bill = qbo.post("Bill", qbo.bill())
    stub = qbo.post("Bill", {"Id": bill["Id"], "SyncToken": "0"}, operation="delete")
    assert stub == {"domain": "QBO", "status": "Deleted", "Id": bill["Id"]}
    status, body = qbo.call("GET", f"bill/{bill['Id']}")
    assert (status, body["Fault"]["Error"][0]["code"]) == (400, "610")
    assert qbo.query("select * from Bill") == {}
    assert qbo.twin.ledger(qbo.realm) == []


def test_deleting_needs_the_latest_token(qbo):
    bill = qbo.post("Bill", qbo.bill())
    qbo.post("Bill", bill | {"PrivateNote": "x"})
    assert qbo.code("Bill", {"Id": bill["Id"], "SyncToken": "0"}, operation="delete") == "5010"


def test_lists_cannot_be_deleted_and_bills_cannot_be_voided(qbo):
    assert qbo.code("Vendor", {"Id": "50", "SyncToken": "0"}, operation="delete") == "500"
    bill = qbo.post("Bill", qbo.bill())
    assert qbo.code("Bill", {"Id": bill["Id"], "SyncToken": "0"}, operation="void") == "500"


def test_a_vendor_credit_has_positive_lines_and_neither_due_date_nor_terms(qbo):
    credit = qbo.post("VendorCredit", qbo.bill(qbo.line("90")))
    assert credit["TotalAmt"] == credit["Balance"] == 90
    assert "DueDate" not in credit
    assert qbo.code("VendorCredit", qbo.bill(DueDate="2026-11-01")) == "2010"
    assert qbo.code("VendorCredit", qbo.bill(qbo.line("-90"))) == "6000"
    assert [(each["account"], each["debit"], each["credit"]) for each in qbo.twin.ledger(qbo.realm)] == [
        ("20", "0", "90.00"),
        ("31", "90.00", "0"),
    ]


def test_the_vendors_balance_follows_its_transactions(qbo):
    qbo.post("Bill", qbo.bill(qbo.line("100")))
    qbo.post("VendorCredit", qbo.bill(qbo.line("30")))
    assert qbo.get("Vendor", "50")["Balance"] == 70
    assert qbo.get("Account", "20")["CurrentBalance"] == 70
    assert qbo.get("Account", "31")["CurrentBalance"] == 70


@pytest.mark.parametrize("term", ["3", "4"])
def test_terms_that_lead_beyond_all_years_are_refused(qbo, term):
    error = qbo.refused("Bill", qbo.bill(TxnDate="9999-12-31", SalesTermRef={"value": term}))
    assert (error["code"], error["element"]) == ("2060", "TxnDate")


def test_an_update_may_spell_sparse_as_it_likes(qbo):
    bill = qbo.post("Bill", qbo.bill(DocNumber="A-1"))
    changed = qbo.post("Bill", {"Id": bill["Id"], "SyncToken": "0", "sparse": "TRUE", "PrivateNote": "n"})
    assert (changed["DocNumber"], changed["PrivateNote"]) == ("A-1", "n")
