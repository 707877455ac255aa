"""Document numbers that are taken, and books that are closed."""

import pytest

LINES = (("Debit", "10", "20"), ("Credit", "10", "10"))


def entry(qbo, **fields):
    return {"TxnDate": "2026-10-20", "Line": [qbo.side(*line) for line in LINES], **fields}


@pytest.mark.row("Q5")
def test_a_second_bill_with_a_vendors_number_is_refused_and_the_first_is_named(qbo):
    first = qbo.post("Bill", qbo.bill(DocNumber="INV-1"))
    error = qbo.refused("Bill", qbo.bill(DocNumber="inv-1"))
    assert error["code"] == "6140"
    assert error["Message"] == "Duplicate Document Number Error"
    assert error["Detail"].endswith(f"DocNumber=inv-1 is assigned to TxnType=Bill with TxnId={first['Id']}")
    qbo.post("Bill", qbo.bill(vendor="51", DocNumber="INV-1"))
    qbo.post("VendorCredit", qbo.bill(DocNumber="INV-1"))
    assert qbo.code("VendorCredit", qbo.bill(DocNumber="INV-1")) == "6140"


@pytest.mark.row("Q5")
@pytest.mark.parametrize(
    ("scope", "other_vendor", "other_type"),
    [("vendor", 200, 200), ("company", 400, 200), ("any type", 400, 400)],
)
def test_how_far_a_number_is_looked_for_is_a_switch(qbo, scope, other_vendor, other_type):
    qbo.twin.switches.duplicate_number_scope = scope
    made = qbo.post("JournalEntry", entry(qbo, DocNumber="J-1"))
    qbo.post("Bill", qbo.bill(DocNumber="INV-1"))
    assert qbo.call("POST", "bill", qbo.bill(vendor="51", DocNumber="INV-1"))[0] == other_vendor
    status, body = qbo.call("POST", "bill", qbo.bill(DocNumber="J-1"))
    assert status == other_type
    if status == 400:
        assert f"TxnType=Journal Entry with TxnId={made['Id']}" in body["Fault"]["Error"][0]["Detail"]


@pytest.mark.row("Q5")
def test_duplicate_numbers_pass_with_the_parameter_or_when_the_company_does_not_mind(qbo):
    qbo.post("Bill", qbo.bill(DocNumber="INV-1"))
    again = qbo.post("Bill", qbo.bill(DocNumber="INV-1"), include="allowduplicatedocnum")
    qbo.post("Bill", again | {"PrivateNote": "changing something else is no new duplicate"})
    qbo.act("set_preference", path="OtherPrefs.WarnDuplicateBillNumber", value=False)
    qbo.post("Bill", qbo.bill(DocNumber="INV-1"))
    assert qbo.query("select count(*) from Bill") == {"totalCount": 3}


@pytest.mark.row("Q5")
def test_a_bill_cannot_be_renumbered_to_a_number_that_is_taken(qbo):
    qbo.post("Bill", qbo.bill(DocNumber="INV-1"))
    other = qbo.post("Bill", qbo.bill(DocNumber="INV-2"))
    assert qbo.code("Bill", other | {"DocNumber": "INV-1"}) == "6140"
    freed = qbo.query("select * from Bill where DocNumber = 'INV-1'")["Bill"][0]
    qbo.post("Bill", {"Id": freed["Id"], "SyncToken": "0"}, operation="delete")
    assert qbo.post("Bill", other | {"DocNumber": "INV-1"})["DocNumber"] == "INV-1"


def test_cheque_numbers_are_looked_at_where_the_company_wants_it(qbo):
    qbo.post("BillPayment", qbo.payment("5", DocNumber="C-1"))
    qbo.post("BillPayment", qbo.payment("5", DocNumber="C-1"))
    qbo.act("set_preference", path="OtherPrefs.WarnDuplicateCheckNumber", value=True)
    assert qbo.code("BillPayment", qbo.payment("5", DocNumber="C-1")) == "6140"


def test_bills_have_no_number_of_their_own_and_entries_only_when_asked(qbo):
    assert "DocNumber" not in qbo.post("Bill", qbo.bill())
    assert "DocNumber" not in qbo.post("JournalEntry", entry(qbo))
    first = qbo.post("JournalEntry", entry(qbo), include="allowautodocnum")
    second = qbo.post("JournalEntry", entry(qbo), include="allowautodocnum")
    assert int(second["DocNumber"]) == int(first["DocNumber"]) + 1


def test_vendor_credits_are_numbered_only_when_switched(qbo):
    assert "DocNumber" not in qbo.post("VendorCredit", qbo.bill())
    qbo.twin.switches.number_vendor_credits = True
    assert qbo.post("VendorCredit", qbo.bill())["DocNumber"] == "1001"


@pytest.mark.row("Q6")
@pytest.mark.parametrize(("password", "code"), [(True, "6210"), (False, "6200")])
def test_closed_books_refuse_new_changed_and_deleted_transactions(qbo, password, code):
    qbo.twin.switches.closing_date_has_password = password
    old = qbo.post("Bill", qbo.bill(TxnDate="2026-09-30"))
    payment = qbo.post("BillPayment", qbo.payment("1", TxnDate="2026-09-30"))
    qbo.act("close_books", date="2026-09-30")
    assert qbo.code("Bill", qbo.bill(TxnDate="2026-09-30")) == code
    assert qbo.code("Bill", old | {"TxnDate": "2026-10-01"}) == code
    assert qbo.code("Bill", {"Id": old["Id"], "SyncToken": "0"}, operation="delete") == code
    assert qbo.code("BillPayment", {"Id": payment["Id"], "SyncToken": "0"}, include="void") == code
    open_bill = qbo.post("Bill", qbo.bill(TxnDate="2026-10-01"))
    assert qbo.code("Bill", open_bill | {"TxnDate": "2026-09-01"}) == code
    status, body = qbo.call("GET", "preferences")
    assert status == 200
    assert body["Preferences"]["AccountingInfoPrefs"]["BookCloseDate"] == "2026-09-30"


@pytest.mark.row("Q6")
def test_closed_books_let_a_transaction_through_that_changes_nothing(qbo):
    old = qbo.post("Bill", qbo.bill(TxnDate="2026-09-30"))
    qbo.act("close_books", date="2026-09-30")
    assert qbo.post("Bill", old) == old
    qbo.act("reopen_books")
    assert qbo.post("Bill", old | {"PrivateNote": "open again"})["SyncToken"] == "1"


@pytest.mark.row("Q6")
def test_paying_an_old_bill_in_an_open_month_is_no_change_of_the_closed_one(qbo):
    old = qbo.post("Bill", qbo.bill(TxnDate="2026-09-30"))
    qbo.act("close_books", date="2026-09-30")
    qbo.post("BillPayment", qbo.payment("100", ("Bill", old["Id"], "100"), TxnDate="2026-10-05"))
    assert qbo.get("Bill", old["Id"])["Balance"] == 0
