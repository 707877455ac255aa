"""CompanyInfo and Preferences: one record each, some of it for reading only."""

import pytest

from twins.quickbooks.faults import FaultError


def preferences(qbo):
    status, body = qbo.call("GET", "preferences")
    assert status == 200
    return body["Preferences"]


def info(qbo):
    status, body = qbo.call("GET", f"companyinfo/{qbo.realm}")
    assert status == 200
    return body["CompanyInfo"]


def test_company_facts_are_changed_sparsely_and_in_full(qbo):
    address = {"Line1": "Main St 1", "City": "Reno", "PostalCode": "89501"}
    first = qbo.post("CompanyInfo", {"Id": "1", "SyncToken": "0", "sparse": True, "CompanyAddr": address})
    assert (first["CompanyName"], first["CompanyAddr"], first["SyncToken"]) == ("Trial Company", address, "1")
    full = qbo.post("CompanyInfo", {"Id": "1", "SyncToken": "1", "CompanyName": "Trial Two"})
    assert "CompanyAddr" not in full
    assert full["Country"] == "US"
    assert info(qbo) == full


def test_what_cannot_be_set_is_kept_without_a_word(qbo):
    body = {"Id": "1", "SyncToken": "0", "sparse": True, "Country": "CA", "NameValue": [{"Name": "x", "Value": "y"}]}
    assert qbo.post("CompanyInfo", body)["SyncToken"] == "0"
    assert info(qbo)["Country"] == "US"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"SyncToken": "7"}, "5010"),
        ({"SyncToken": None}, "2020"),
        ({"Id": "2"}, "610"),
        ({"Id": None}, "2020"),
        ({"sparse": False}, "2020"),
        ({"Email": {"Address": "nobody"}}, "2210"),
        ({"Colour": "red"}, "2010"),
    ],
)
def test_company_facts_are_checked_as_any_record(qbo, change, code):
    body = {"Id": "1", "SyncToken": "0", "sparse": True, "LegalName": "x"} | change
    assert qbo.code("CompanyInfo", body) == code
    assert info(qbo)["SyncToken"] == "0"


def test_preferences_that_can_be_set_are_and_the_others_stay(qbo):
    body = {
        "Id": "1",
        "SyncToken": "0",
        "AccountingInfoPrefs": {"UseAccountNumbers": False, "BookCloseDate": "2026-01-31"},
        "CurrencyPrefs": {"MultiCurrencyEnabled": True, "HomeCurrency": {"value": "EUR"}},
    }
    changed = qbo.post("Preferences", body)
    assert changed["AccountingInfoPrefs"] == {
        "TrackDepartments": True,
        "ClassTrackingPerTxnLine": True,
        "UseAccountNumbers": False,
    }
    assert changed["CurrencyPrefs"] == {"MultiCurrencyEnabled": False, "HomeCurrency": {"value": "USD"}}
    assert changed["OtherPrefs"] == preferences(qbo)["OtherPrefs"]
    assert changed["SyncToken"] == "1"


def test_a_changed_preference_counts_at_once(qbo):
    qbo.post("Preferences", {"Id": "1", "SyncToken": "0", "AccountingInfoPrefs": {"TrackDepartments": False}})
    assert qbo.code("Bill", qbo.bill(DepartmentRef={"value": "2"})) == "6000"


def test_settings_are_neither_deleted_nor_voided(qbo):
    for operation in ("delete", "void"):
        assert qbo.code("Preferences", {"Id": "1", "SyncToken": "0"}, operation=operation) == "500"


def test_switching_on_further_currencies_lets_old_bills_live_on(qbo):
    bill = qbo.post("Bill", qbo.bill())
    qbo.act("set_preference", path="CurrencyPrefs.MultiCurrencyEnabled", value=True)
    qbo.act("add_currency", code="EUR")
    qbo.act("pay", id=bill["Id"], account="10")
    paid = qbo.get("Bill", bill["Id"])
    assert (paid["Balance"], paid["HomeBalance"]) == (0, 0)
    assert qbo.post("Bill", paid | {"PrivateNote": "x"})["ExchangeRate"] == 1


@pytest.mark.parametrize(
    ("path", "value"),
    [("CurrencyPrefs.HomeCurrency", "EUR"), ("AccountingInfoPrefs.BookCloseDate", "soon"), ("TaxPrefs.Nonsense", True)],
)
def test_a_person_cannot_give_a_preference_a_value_it_cannot_have(qbo, path, value):
    before = qbo.twin.books(qbo.realm)
    with pytest.raises(FaultError):
        qbo.act("set_preference", path=path, value=value)
    assert qbo.twin.books(qbo.realm) == before


def test_a_number_will_do_for_text(qbo):
    assert qbo.act("rename", entity="Vendor", id=50, name=7)["DisplayName"] == "7"


@pytest.mark.parametrize(
    ("action", "details", "complaint"),
    [
        ("delete", {"entity": ["Bill"], "id": "1"}, "delete: entity has to be text"),
        ("add_currency", {"code": None}, "add_currency: code has to be text"),
        ("close_books", {"date": True}, "close_books: date has to be text"),
        ("pay_bills", {"bills": "1", "account": "10"}, "pay_bills: bills has to be a list of texts"),
        ("pay_bills", {"bills": ["1", {}], "account": "10"}, "pay_bills: bills has to be text"),
        (
            "create_order",
            {"vendor": "50", "lines": [{"account": "20", "amount": "1e30"}]},
            "lines.amount: '1e30' is no",
        ),
    ],
)
def test_a_person_who_is_told_wrongly_hears_what_is_wrong(qbo, action, details, complaint):
    with pytest.raises(ValueError, match=complaint):
        qbo.act(action, **details)
