"""What QuickBooks refuses to read: unknown properties, missing and over-long values, references to nothing."""

from decimal import Decimal

import pytest


@pytest.mark.row("Q1")
def test_an_unknown_property_is_refused_and_the_known_ones_are_listed(qbo):
    error = qbo.refused("Bill", qbo.bill(CostCenter="4711"))
    assert error["code"] == "2010"
    assert "CostCenter" in error["Detail"]
    assert "known properties" in error["Detail"]


@pytest.mark.row("Q1")
def test_a_location_inside_a_bill_line_is_an_unknown_property(qbo):
    assert qbo.code("Bill", qbo.bill(qbo.line(DepartmentRef="1"))) == "2010"


@pytest.mark.row("Q1")
@pytest.mark.parametrize(
    ("fields", "element"),
    [
        ({"VendorRef": None}, "VendorRef"),
        ({"Line": []}, "Line"),
        (
            {"Line": [{"DetailType": "AccountBasedExpenseLineDetail", "AccountBasedExpenseLineDetail": {}}]},
            "Line.Amount",
        ),
        (
            {"Line": [{"Amount": 1, "DetailType": "AccountBasedExpenseLineDetail"}]},
            "Line.AccountBasedExpenseLineDetail",
        ),
        (
            {
                "Line": [
                    {"Amount": 1, "DetailType": "AccountBasedExpenseLineDetail", "AccountBasedExpenseLineDetail": {}}
                ]
            },
            "Line.AccountBasedExpenseLineDetail.AccountRef",
        ),
    ],
)
def test_what_is_required_is_named_in_the_refusal(qbo, fields, element):
    error = qbo.refused("Bill", qbo.bill() | fields)
    assert (error["code"], error["element"]) == ("2020", element)


@pytest.mark.row("Q1")
@pytest.mark.parametrize(
    ("entity", "field", "limit"),
    [
        ("Bill", "DocNumber", 21),
        ("Bill", "PrivateNote", 4000),
        ("Vendor", "DisplayName", 500),
        ("Vendor", "AcctNum", 100),
        ("Vendor", "CompanyName", 100),
    ],
)
def test_texts_have_their_limits_and_the_refusal_tells_both_lengths(qbo, entity, field, limit):
    base = qbo.bill() if entity == "Bill" else {"DisplayName": "Somebody"}
    error = qbo.refused(entity, base | {field: "x" * (limit + 1)})
    assert (error["code"], error["element"]) == ("2050", field)
    assert f"Max:{limit} supported. Supplied length:{limit + 1}" in error["Detail"]
    assert qbo.post(entity, base | {field: "x" * limit})[field] == "x" * limit


def test_line_descriptions_have_4000_characters(qbo):
    assert qbo.code("Bill", qbo.bill(qbo.line() | {"Description": "x" * 4001})) == "2050"


def test_several_wrong_values_are_reported_together(qbo):
    status, body = qbo.call("POST", "bill", qbo.bill(DocNumber="x" * 22, TxnDate="2026-02-30"))
    assert status == 400
    assert {each["code"] for each in body["Fault"]["Error"]} == {"2050", "2060"}
    assert body["Fault"]["type"] == "ValidationFault"


def test_a_us_company_takes_only_western_european_letters(qbo, nordic):
    assert qbo.code("Vendor", {"DisplayName": "Łódź Logistyka"}) == "2040"
    assert qbo.post("Vendor", {"DisplayName": "Ærø Fisk & Søn"})["DisplayName"] == "Ærø Fisk & Søn"
    assert nordic.post("Vendor", {"DisplayName": "Łódź Logistyka"})["DisplayName"] == "Łódź Logistyka"
    qbo.twin.switches.us_latin1_only = False
    assert qbo.post("Vendor", {"DisplayName": "Łódź Logistyka"})["Id"]


def test_control_characters_are_refused_everywhere_and_line_breaks_are_not(qbo):
    assert qbo.code("Bill", qbo.bill(PrivateNote="a\x07b")) == "2040"
    assert qbo.post("Bill", qbo.bill(PrivateNote="a\nb"))["PrivateNote"] == "a\nb"


@pytest.mark.row("Q1")
@pytest.mark.parametrize(
    ("line", "nickname"),
    [({"account": "777"}, "Accounts"), ({"ClassRef": "777"}, "Klasses"), ({"CustomerRef": "777"}, "Names")],
)
def test_a_reference_to_nothing_names_list_and_id(qbo, line, nickname):
    error = qbo.refused("Bill", qbo.bill(qbo.line(**line)))
    assert error["code"] == "2500"
    assert error["Detail"] == f"Invalid Reference Id : {nickname} element id 777 not found"


@pytest.mark.row("Q1")
@pytest.mark.parametrize(
    ("field", "nickname"),
    [("DepartmentRef", "Depts"), ("VendorRef", "Names"), ("APAccountRef", "Accounts"), ("SalesTermRef", "Terms")],
)
def test_references_in_the_head_are_checked_too(qbo, field, nickname):
    assert (
        f"{nickname} element id 777 not found" in qbo.refused("Bill", qbo.bill() | {field: {"value": "777"}})["Detail"]
    )


@pytest.mark.row("Q1")
@pytest.mark.parametrize("change", ["vendor", "account"])
def test_what_was_made_inactive_cannot_be_used(qbo, change):
    body = qbo.bill(vendor="52") if change == "vendor" else qbo.bill(qbo.line(account="22"))
    error = qbo.refused("Bill", body)
    assert error["code"] == "610"
    assert "has been made inactive" in error["Detail"]
    qbo.twin.switches.inactive_reference_code = "2500"
    error = qbo.refused("Bill", body)
    assert error["code"] == "2500"
    assert "has been made inactive" in error["Detail"]


@pytest.mark.parametrize("account", ["31", "11"])
def test_control_accounts_cannot_stand_on_a_bill_line(qbo, account):
    assert qbo.code("Bill", qbo.bill(qbo.line(account=account))) == "6000"


def test_the_payable_account_must_be_one(qbo):
    assert qbo.code("Bill", qbo.bill(APAccountRef={"value": "20"})) == "6000"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"BillableStatus": "Billable"}, "6310"),
        ({"BillableStatus": "HasBeenBilled"}, "2170"),
        ({"BillableStatus": "Sometimes"}, "2170"),
    ],
)
def test_billable_lines_need_a_customer_and_a_status_that_may_be_set(qbo, fields, code):
    assert qbo.code("Bill", qbo.bill(qbo.line(**fields))) == code


def test_a_billable_line_with_its_customer_is_kept(qbo):
    bill = qbo.post("Bill", qbo.bill(qbo.line(BillableStatus="Billable", CustomerRef="61")))
    detail = bill["Line"][0]["AccountBasedExpenseLineDetail"]
    assert detail["CustomerRef"] == {"value": "61", "name": "Acme:Pier"}


@pytest.mark.parametrize("switch", [True, False])
def test_dimensions_that_are_not_tracked_are_refused_or_dropped(qbo, switch):
    qbo.act("set_preference", path="AccountingInfoPrefs.TrackDepartments", value=False)
    qbo.act("set_preference", path="AccountingInfoPrefs.ClassTrackingPerTxnLine", value=False)
    qbo.twin.switches.refuse_untracked_dimensions = switch
    body = qbo.bill(qbo.line(ClassRef="5000000000000142240"), DepartmentRef={"value": "2"})
    if switch:
        assert qbo.code("Bill", body) == "6000"
    else:
        bill = qbo.post("Bill", body)
        assert "DepartmentRef" not in bill
        assert "ClassRef" not in bill["Line"][0]["AccountBasedExpenseLineDetail"]


@pytest.mark.parametrize(
    ("amount", "code"), [("12345678901", "2090"), ("1.0000001", "2110"), ('"abc"', "2080"), ("true", "2080")]
)
def test_amounts_are_numbers_of_ten_digits_and_five_decimals(qbo, amount, code):
    body = b'{"VendorRef":{"value":"50"},"Line":[{"DetailType":"DescriptionOnly","Amount":%b}]}' % amount.encode()
    assert qbo.code("Bill", body) == code


def test_money_is_printed_with_two_decimals_and_zero_bare(qbo):
    bill = qbo.post("Bill", qbo.bill(qbo.line("100"), qbo.line("0")))
    raw = qbo.raw("GET", f"bill/{bill['Id']}").body
    assert b'"TotalAmt":100.00' in raw
    assert b'"Amount":0,' in raw
    assert bill["TotalAmt"] == Decimal("100.00")


@pytest.mark.parametrize(("key", "code"), [("1.5", "2030"), ("abc", "2030"), ("987654", "610")])
def test_ids_are_whole_numbers_and_unknown_ones_are_not_found_with_400(qbo, key, code):
    status, body = qbo.call("GET", f"bill/{key}")
    assert (status, body["Fault"]["Error"][0]["code"]) == (400, code)


@pytest.mark.parametrize("entity", ["TaxCode", "TaxRate"])
def test_some_entities_can_only_be_read(qbo, entity):
    assert qbo.code(entity, {"Name": "New"}) == "500"


@pytest.mark.row("Q9")
def test_us_lines_know_only_the_codes_tax_and_non(qbo):
    assert qbo.code("Bill", qbo.bill(qbo.line(TaxCodeRef="5"))) == "6100"
    bill = qbo.post("Bill", qbo.bill(qbo.line(TaxCodeRef="TAX"), qbo.line()))
    assert [line["AccountBasedExpenseLineDetail"]["TaxCodeRef"]["value"] for line in bill["Line"]] == ["TAX", "NON"]


@pytest.mark.row("Q1")
@pytest.mark.parametrize(
    ("fields", "code", "element"),
    [
        ({"PrimaryEmailAddr": {"Address": "nobody"}}, "2210", "PrimaryEmailAddr"),
        ({"PrimaryEmailAddr": {"Address": "a@b.example,no"}}, "2210", "PrimaryEmailAddr"),
        ({"WebAddr": {"URI": "http://a b"}}, "2200", "WebAddr"),
        ({"PrimaryPhone": {"FreeFormNumber": "1" * 31}}, "2050", "FreeFormNumber"),
        ({"Vendor1099": "perhaps"}, "2230", "Vendor1099"),
        ({"TaxIdEffectiveDate": "31.12.2026"}, "2060", "TaxIdEffectiveDate"),
        ({"BillRate": "much"}, "2080", "BillRate"),
        ({"AgencyVerificationStatus": "ASKED"}, "2170", "AgencyVerificationStatus"),
        ({"OtherContactInfo": {"Type": "EmailAddress"}}, "2010", "OtherContactInfo"),
        ({"OtherContactInfo": [{"Kind": "x"}]}, "2010", "Kind"),
        ({"TermRef": "3"}, "2010", "TermRef"),
        ({"TermRef": {"id": "3"}}, "2010", "id"),
        ({"Title": "x" * 17, "Suffix": "x" * 17}, "2050", "Title"),
        ({"GivenName": "x" * 101}, "2050", "GivenName"),
        ({"TaxIdentifier": "1" * 21}, "2050", "TaxIdentifier"),
    ],
)
def test_every_value_is_held_to_its_kind(qbo, fields, code, element):
    error = qbo.refused("Vendor", {"DisplayName": "X", **fields})
    assert (error["code"], error["element"]) == (code, element)


def test_several_addresses_in_one_field_are_fine(qbo):
    made = qbo.post("Bill", qbo.bill(BillEmail={"Address": "a@b.example, c@d.example"}))
    assert made["BillEmail"]["Address"] == "a@b.example, c@d.example"


def test_lines_of_other_transactions_are_known_but_have_no_place_on_a_bill(qbo):
    line = {"Amount": 1, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {"ItemRef": {"value": "40"}}}
    assert qbo.code("Bill", qbo.bill(line)) == "2170"


def test_custom_fields_of_a_bill_are_accepted_and_not_kept(qbo):
    made = qbo.post("Bill", qbo.bill(CustomField=[{"DefinitionId": "1", "Type": "StringType", "StringValue": "x"}]))
    assert "CustomField" not in made


@pytest.mark.row("Q1")
def test_what_is_required_and_cannot_change_has_to_be_sent_again(qbo):
    payment = qbo.post("BillPayment", qbo.payment("5"))
    error = qbo.refused("BillPayment", {name: value for name, value in payment.items() if name != "PayType"})
    assert (error["code"], error["element"]) == ("2020", "PayType")
    account = qbo.get("Account", "20")
    assert qbo.code("Account", {"Id": "20", "SyncToken": account["SyncToken"], "AcctNum": "6000"}) == "2020"


def test_items_have_nicknames_in_the_refusal_of_a_reference_as_well(qbo):
    line = {"Amount": 1, "DetailType": "ItemBasedExpenseLineDetail"}
    error = qbo.refused("Bill", qbo.bill(line | {"ItemBasedExpenseLineDetail": {"ItemRef": {"value": "777"}}}))
    assert (error["code"], error["Detail"]) == ("2500", "Invalid Reference Id : Items element id 777 not found")
