"""Names of vendors, customers and employees: how they are made, that they are taken, and what inactive ones are called."""

import pytest


@pytest.mark.row("Q2")
def test_an_inactive_persons_suffixed_name_is_taken_as_well(qbo):
    qbo.act("inactivate", entity="Vendor", id="50")
    assert qbo.code("Customer", {"DisplayName": "nordlys print (DELETED)"}) == "6240"
    assert qbo.post("Customer", {"DisplayName": "Nordlys Print"})["Active"] is True


@pytest.mark.row("Q2")
def test_two_records_of_one_name_can_both_be_made_inactive(qbo):
    qbo.act("inactivate", entity="Vendor", id="50")
    second = qbo.post("Vendor", {"DisplayName": "Nordlys Print"})
    gone = qbo.act("inactivate", entity="Vendor", id=second["Id"])
    assert gone["DisplayName"].startswith("Nordlys Print")
    assert gone["DisplayName"].endswith(" (deleted)")


@pytest.mark.row("Q2")
def test_inactive_people_are_hidden_from_queries_that_do_not_ask_for_them(qbo):
    assert qbo.query("select count(*) from Vendor") == {"totalCount": 2}
    assert qbo.query("select count(*) from Vendor where Active in (true, false)") == {"totalCount": 3}


@pytest.mark.row("Q2")
def test_a_reactivated_vendor_keeps_the_suffix_until_it_is_renamed(qbo):
    gone = qbo.act("inactivate", entity="Vendor", id="50")
    back = qbo.post("Vendor", {"Id": "50", "SyncToken": gone["SyncToken"], "sparse": True, "Active": True})
    assert back["DisplayName"] == "Nordlys Print (deleted)"
    assert qbo.act("activate", entity="Vendor", id="50")["DisplayName"] == "Nordlys Print"


def test_nothing_becomes_active_below_something_inactive(qbo):
    above = qbo.post("Department", {"Name": "Sweden"})["Id"]
    below = qbo.post("Department", {"Name": "Bergen", "ParentRef": {"value": above}})["Id"]
    for each in (below, above):
        gone = qbo.act("inactivate", entity="Department", id=each)
    wanted = {"sparse": True, "Active": True}
    token = qbo.get("Department", below)["SyncToken"]
    assert qbo.code("Department", {"Id": below, "SyncToken": token, "Name": "Bergen", **wanted}) in {"610", "2500"}
    qbo.post("Department", {"Id": above, "SyncToken": gone["SyncToken"], "Name": "Sweden", **wanted})
    token = qbo.get("Department", below)["SyncToken"]
    back = qbo.post("Department", {"Id": below, "SyncToken": token, "Name": "Bergen", **wanted})
    assert (back["Active"], back["FullyQualifiedName"]) == (True, "Sweden:Bergen")


@pytest.mark.parametrize(
    ("form", "ending"),
    [
        ("another and id", "Another customer, vendor or employee is already using this name. Id=60"),
        ("another", "Another customer, vendor or employee is already using this name. Please use a different name."),
        ("type", "Another $$vendor$$ is already using this name."),
        ("null", "The name supplied already exists. : null"),
    ],
)
def test_the_refusal_of_a_name_comes_in_the_forms_that_were_seen(qbo, form, ending):
    qbo.twin.switches.duplicate_name_detail = form
    error = qbo.refused("Vendor", {"DisplayName": "ACME"})
    assert (error["code"], error["Message"]) == ("6240", "Duplicate Name Exists Error")
    assert error["Detail"].endswith(ending)


def test_a_display_name_cannot_be_blanked(qbo):
    body = {"Id": "50", "SyncToken": "0", "sparse": True, "DisplayName": ""}
    assert qbo.code("Vendor", body) == "2020"
    assert qbo.get("Vendor", "50")["DisplayName"] == "Nordlys Print"


@pytest.mark.parametrize("field", ["DisplayName", "PrintOnCheckName"])
@pytest.mark.parametrize("character", [":", "\t", "\n"])
def test_colon_tab_and_line_break_are_no_part_of_a_name(qbo, field, character):
    assert qbo.code("Vendor", {"DisplayName": "Plain", field: f"A{character}B"}) == "2040"


def test_a_full_update_clears_what_it_leaves_out_and_keeps_what_the_system_set(qbo):
    made = qbo.post("Customer", {"DisplayName": "Quay", "Notes": "x", "PrimaryPhone": {"FreeFormNumber": "1"}})
    assert made["PreferredDeliveryMethod"] == "Print"
    full = qbo.post("Customer", {"Id": made["Id"], "SyncToken": "0", "DisplayName": "Quay"})
    assert "Notes" not in full
    assert "PrimaryPhone" not in full
    assert full["PreferredDeliveryMethod"] == "Print"


def test_a_job_hangs_below_its_customer(qbo):
    job = qbo.post("Customer", {"DisplayName": "Mole", "ParentRef": {"value": "61"}})
    assert (job["Job"], job["Level"], job["FullyQualifiedName"]) == (True, 2, "Acme:Pier:Mole")
    qbo.post("Customer", {"Id": "60", "SyncToken": "0", "sparse": True, "DisplayName": "Apex"})
    assert qbo.get("Customer", job["Id"])["FullyQualifiedName"] == "Apex:Pier:Mole"
    assert qbo.code("Customer", {"Id": "60", "SyncToken": "1", "sparse": True, "ParentRef": {"value": "61"}}) == "900"


def test_an_employee_goes_by_given_and_family_name(qbo):
    made = qbo.post("Employee", {"GivenName": "Liv", "FamilyName": "Dahl", "BillableTime": True})
    assert (made["DisplayName"], made["PrintOnCheckName"]) == ("Liv Dahl", "Liv Dahl")
    error = qbo.refused("Employee", {"DisplayName": "Liv"})
    assert (error["code"], error["element"]) == ("2020", "GivenName")
    own = qbo.post("Employee", {"GivenName": "Per", "FamilyName": "Lie", "DisplayName": "Per at the desk"})
    assert own["DisplayName"] == "Per at the desk"
    assert qbo.code("Vendor", {"DisplayName": "Liv Dahl"}) == "6240"


def test_with_payroll_nobody_chooses_an_employees_display_name(qbo):
    qbo.act("edit_company", changes={"NameValue": [{"Name": "PayrollFeature", "Value": "true"}]})
    made = qbo.post("Employee", {"GivenName": "Per", "FamilyName": "Lie", "DisplayName": "Per at the desk"})
    assert made["DisplayName"] == "Per Lie"
    gone = qbo.act("inactivate", entity="Employee", id=made["Id"])
    again = qbo.post("Employee", {"Id": made["Id"], "SyncToken": "1", "sparse": True, "Active": False})
    assert (gone["DisplayName"], again) == ("Per Lie (deleted)", gone)


@pytest.mark.parametrize("kept", [True, False])
def test_a_masked_tax_number_that_comes_back_leaves_the_number_alone_or_does_not(qbo, kept):
    qbo.twin.switches.masked_tax_identifier_kept = kept
    made = qbo.post("Vendor", {"DisplayName": "X", "TaxIdentifier": "123456789"})
    assert made["TaxIdentifier"] == "XXXXX6789"
    qbo.post("Vendor", made | {"Notes": "seen"})
    stored = qbo.twin.companies[qbo.realm].tables["Vendor"].records[made["Id"]]
    assert stored["TaxIdentifier"] == ("123456789" if kept else "XXXXX6789")
    assert qbo.get("Vendor", made["Id"])["TaxIdentifier"] == "XXXXX6789"


def test_making_a_vendor_inactive_who_is_owed_money_can_be_forbidden(qbo):
    qbo.post("Bill", qbo.bill())
    qbo.twin.switches.inactive_needs_zero_balance = True
    assert qbo.code("Vendor", {"Id": "50", "SyncToken": "0", "sparse": True, "Active": False}) == "6220"
    assert qbo.act("inactivate", entity="Vendor", id="51")["Active"] is False


@pytest.mark.row("Q7")
def test_an_unknown_currency_of_a_new_vendor_becomes_one_of_the_company_where_it_is_not_ignored(world):
    world.twin.switches.vendor_currency_ignored = False
    made = world.post("Vendor", {"DisplayName": "Åkeri", "CurrencyRef": {"value": "SEK"}})
    assert made["CurrencyRef"] == {"value": "SEK", "name": "Swedish Krona"}
    assert world.query("select * from CompanyCurrency where Code = 'SEK'")["CompanyCurrency"][0]["Active"] is True


def test_without_several_currencies_a_vendor_has_none_to_choose(qbo):
    qbo.twin.switches.vendor_currency_ignored = False
    assert qbo.code("Vendor", {"DisplayName": "A", "CurrencyRef": {"value": "EUR"}}) == "6000"
    assert qbo.post("Vendor", {"DisplayName": "A", "CurrencyRef": {"value": "USD"}})["CurrencyRef"]["value"] == "USD"


def test_a_new_name_shows_wherever_it_is_used(qbo):
    bill = qbo.post("Bill", qbo.bill(qbo.line("5", "21")))
    qbo.act("rename", entity="Vendor", id="50", name="Nordlys Trykk")
    qbo.act("rename", entity="Account", id="20", name="Costs")
    found = qbo.get("Bill", bill["Id"])
    assert found["VendorRef"]["name"] == "Nordlys Trykk"
    assert found["Line"][0]["AccountBasedExpenseLineDetail"]["AccountRef"]["name"] == "Costs:Software"
    assert found["SyncToken"] == "0"
    assert qbo.post("Bill", found) == found
