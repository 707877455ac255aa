"""Vendors, accounts and the other lists: names, parents, making inactive."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest


def test_a_vendor_can_be_created_from_a_name_alone(qbo):
    vendor = qbo.post(
        "Vendor", {"DisplayName": "Fjord Supply", "AcctNum": "BSW-1", "PrimaryEmailAddr": {"Address": "a@b.example"}}
    )
    assert (vendor["Active"], vendor["Balance"], vendor["PrintOnCheckName"]) == (True, 0, "Fjord Supply")
    assert vendor["CurrencyRef"]["value"] == "USD"
    assert int(vendor["Id"]) > 65, "people share one sequence of ids"


@pytest.mark.row("Q2")
def test_a_display_name_is_built_from_name_parts_and_one_of_them_is_required(qbo):
    assert qbo.post("Vendor", {"GivenName": "Ida", "FamilyName": "Lund"})["DisplayName"] == "Ida Lund"
    assert qbo.code("Vendor", {"CompanyName": "Nameless"}) == "6080"


@pytest.mark.row("Q2")
@pytest.mark.parametrize("taken", ["nordlys PRINT", "Acme", "Ada Byron"])
def test_vendors_customers_and_employees_share_one_name_space(qbo, taken):
    error = qbo.refused("Vendor", {"DisplayName": taken})
    assert error["code"] == "6240"
    assert "already using this name" in error["Detail"]


@pytest.mark.row("Q2")
def test_an_inactive_name_gets_a_suffix_which_frees_the_name(qbo):
    vendor = qbo.post("Vendor", {"Id": "50", "SyncToken": "0", "sparse": True, "Active": False})
    assert (vendor["DisplayName"], vendor["PrintOnCheckName"]) == ("Nordlys Print (deleted)", "Nordlys Print")
    again = qbo.post("Vendor", {"Id": "50", "SyncToken": "1", "sparse": True, "Active": False})
    assert (again["SyncToken"], again["MetaData"]) == ("1", vendor["MetaData"])
    assert qbo.post("Vendor", {"DisplayName": "Nordlys Print"})["Id"] != "50"


@pytest.mark.row("Q2")
def test_an_inactive_account_is_renamed_in_both_its_names(qbo):
    account = qbo.act("inactivate", entity="Account", id="21")
    assert (account["Name"], account["FullyQualifiedName"]) == ("Software (deleted)", "Office:Software (deleted)")
    assert qbo.act("activate", entity="Account", id="21")["FullyQualifiedName"] == "Office:Software"


@pytest.mark.parametrize("name", ["A:B", "A\tB", "A\nB"])
def test_names_have_no_colon_tab_or_line_break(qbo, name):
    assert qbo.code("Vendor", {"DisplayName": name}) == "2040"


def test_mail_addresses_are_looked_at(qbo):
    assert qbo.code("Vendor", {"DisplayName": "X", "PrimaryEmailAddr": {"Address": "nobody"}}) == "2210"


def test_a_tax_number_is_masked_on_reading(qbo):
    vendor = qbo.post("Vendor", {"DisplayName": "X", "TaxIdentifier": "123456789"})
    assert vendor["TaxIdentifier"] == "XXXXX6789"


def test_renaming_a_parent_renames_the_path_of_its_children(qbo):
    qbo.act("rename", entity="Account", id="20", name="Costs")
    assert qbo.get("Account", "21")["FullyQualifiedName"] == "Costs:Software"
    assert qbo.code("Account", {"Name": "software", "AccountType": "Expense", "ParentRef": {"value": "20"}}) == "6240"


def test_an_account_needs_a_type_a_unique_number_and_a_plain_name(qbo):
    assert qbo.code("Account", {"Name": "New"}) == "6010"
    assert qbo.code("Account", {"Name": "New", "AccountType": "Spending"}) == "2170"
    assert qbo.code("Account", {"Name": "New", "AccountType": "Expense", "AcctNum": "6000"}) == "6240"
    assert qbo.code("Account", {"Name": "New", "AccountType": "Expense", "AcctNum": "12345678"}) == "2050"
    assert qbo.code("Account", {"Name": 'The "new"', "AccountType": "Expense"}) == "2040"
    account = qbo.post("Account", {"Name": "New", "AccountType": "Cost of Goods Sold", "AcctNum": "5000"})
    assert account["Classification"] == "Expense"


def test_lists_nest_five_levels_deep(qbo):
    parent = "1"
    for level in range(4):
        made = qbo.post("Department", {"Name": f"Level {level}", "ParentRef": {"value": parent}})
        assert made["SubDepartment"] is True
        parent = made["Id"]
    assert qbo.code("Department", {"Name": "Too deep", "ParentRef": {"value": parent}}) == "6180"
    assert qbo.code("Department", {"Id": "1", "SyncToken": "0", "sparse": True, "ParentRef": {"value": "1"}}) == "900"


def test_class_ids_are_too_long_for_small_integers(qbo):
    assert qbo.post("Class", {"Name": "Sales"})["Id"] == "5000000000000142241"


@pytest.mark.row("Q7")
def test_a_new_vendors_foreign_currency_is_ignored_in_silence_unless_switched(world):
    assert world.post("Vendor", {"DisplayName": "A", "CurrencyRef": {"value": "EUR"}})["CurrencyRef"]["value"] == "USD"
    world.twin.switches.vendor_currency_ignored = False
    euro = world.post("Vendor", {"DisplayName": "B", "CurrencyRef": {"value": "EUR"}})
    assert euro["CurrencyRef"] == {"value": "EUR", "name": "Euro"}
    assert world.code("Vendor", {"DisplayName": "C", "CurrencyRef": {"value": "krona"}}) == "2220"
    body = {"Id": euro["Id"], "SyncToken": "0", "sparse": True, "CurrencyRef": {"value": "USD"}}
    assert world.post("Vendor", body)["CurrencyRef"]["value"] == "EUR"


def test_items_terms_and_currencies_can_be_kept_too(world):
    assert world.post("Item", {"Name": "Paper", "ExpenseAccountRef": {"value": "20"}})["Type"] == "Service"
    assert world.post("Term", {"Name": "Net 14", "DueDays": 14})["DueDays"] == 14
    assert world.post("CompanyCurrency", {"Code": "SEK"})["Name"] == "Swedish Krona"
    assert world.code("Term", {"Name": "Net 30", "DueDays": 30}) == "6240"


def test_company_facts_and_preferences_are_read_by_themselves(qbo):
    status, body = qbo.call("GET", f"companyinfo/{qbo.realm}")
    assert (status, body["CompanyInfo"]["CompanyName"]) == (200, "Trial Company")
    assert qbo.query("select * from CompanyInfo")["CompanyInfo"][0]["Country"] == "US"
    assert qbo.call("GET", "companyinfo/5")[0] == 400


def test_a_rate_is_the_latest_one_known_on_the_day(world):
    def rate(day):
        status, body = world.call("GET", "exchangerate", sourcecurrencycode="EUR", asofdate=day)
        return body["ExchangeRate"]["Rate"] if status == 200 else body["Fault"]["Error"][0]["code"]

    assert [rate("2026-10-14"), rate("2026-10-15")] == [Decimal("1.0825"), Decimal("1.0911")]
    assert rate("2026-09-30") == "610"
    world.post("ExchangeRate", {"SourceCurrencyCode": "EUR", "Rate": Decimal("1.2"), "AsOfDate": "2026-10-20"})
    assert rate("2026-11-02") == Decimal("1.2")
    assert world.query("select * from ExchangeRate where SourceCurrencyCode='EUR'")["maxResults"] == 3


def test_a_seed_with_an_entity_the_twin_does_not_keep_is_an_error(make_caller):
    qbo = make_caller()
    bad = {"realm_id": "2", "client_id": "a", "client_secret": "b", "refresh_token": "c", "entities": {"Spaceship": []}}
    with pytest.raises(ValueError, match="Spaceship"):
        qbo.twin.add_company(bad)
    assert "2" not in qbo.twin.companies


@pytest.mark.row("Q3")
@pytest.mark.parametrize(("entity", "key"), [("Account", "22"), ("Vendor", "52")])
def test_making_inactive_what_is_inactive_moves_neither_token_nor_time(qbo, entity, key):
    before = qbo.get(entity, key)
    qbo.clock.advance(600)
    assert qbo.post(entity, {"Id": key, "SyncToken": "0", "sparse": True, "Active": False}) == before


@pytest.mark.row("Q3")
@pytest.mark.parametrize(("hour", "stamp"), [(0, "2026-10-31T17:00:00-07:00"), (10, "2026-11-01T02:00:00-08:00")])
def test_stamps_are_pacific_time_with_whole_seconds_in_summer_and_winter(qbo, hour, stamp):
    qbo.clock.set(datetime(2026, 11, 1, hour, 0, 0, 654321, tzinfo=UTC))
    made = qbo.act("create_vendor", name="Timed")
    assert made["MetaData"] == {"CreateTime": stamp, "LastUpdatedTime": stamp}
    changed = qbo.act("edit_vendor", id=made["Id"], changes={"Notes": "x"})
    assert (made["SyncToken"], changed["SyncToken"]) == ("0", "1")
