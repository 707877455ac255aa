"""Every change of a company is told to whoever listens, and what changes nothing is not."""

import pytest

from twins.quickbooks.events import Operation


@pytest.fixture
def heard(qbo):
    """What is told of the US company from now on: entity, id and operation."""
    found = []
    qbo.twin.companies[qbo.realm].listeners.append(
        lambda change: found.append((change.entity, change.record_id, change.operation))
    )
    return found


def test_writes_are_told_with_what_was_done(qbo, heard):
    vendor = qbo.post("Vendor", {"DisplayName": "Fjord Supply"})
    qbo.post("Vendor", vendor | {"Notes": "new"})
    bill = qbo.post("Bill", qbo.bill())
    qbo.post("Bill", {"Id": bill["Id"], "SyncToken": "0"}, operation="delete")
    assert heard == [
        ("Vendor", vendor["Id"], Operation.CREATE),
        ("Vendor", vendor["Id"], Operation.UPDATE),
        ("Bill", bill["Id"], Operation.CREATE),
        ("Bill", bill["Id"], Operation.DELETE),
    ]


def test_a_payment_is_told_together_with_what_it_settles(qbo, heard):
    bill, credit = qbo.post("Bill", qbo.bill()), qbo.post("VendorCredit", qbo.bill())
    heard.clear()
    links = ("Bill", bill["Id"], "100"), ("VendorCredit", credit["Id"], "100")
    payment = qbo.post("BillPayment", qbo.payment("0", *links))
    settled = [("Bill", bill["Id"], Operation.UPDATE), ("VendorCredit", credit["Id"], Operation.UPDATE)]
    assert heard == [("BillPayment", payment["Id"], Operation.CREATE), *settled]
    heard.clear()
    qbo.post("BillPayment", {"Id": payment["Id"], "SyncToken": "0"}, include="void")
    assert heard == [("BillPayment", payment["Id"], Operation.VOID), *settled]


def test_children_of_a_renamed_record_are_told_too_unless_switched(qbo, heard):
    qbo.act("rename", entity="Account", id="20", name="Costs")
    assert heard == [("Account", "20", Operation.UPDATE), ("Account", "21", Operation.UPDATE)]
    heard.clear()
    qbo.twin.switches.renaming_touches_children = False
    token = qbo.get("Account", "21")["SyncToken"]
    qbo.act("rename", entity="Account", id="20", name="Expenses")
    assert heard == [("Account", "20", Operation.UPDATE)]
    child = qbo.get("Account", "21")
    assert (child["FullyQualifiedName"], child["SyncToken"]) == ("Expenses:Software", token)


@pytest.mark.row("Q3")
def test_what_changes_nothing_or_is_refused_is_not_told(qbo, heard):
    qbo.post("Vendor", {"Id": "52", "SyncToken": "0", "sparse": True, "Active": False})
    qbo.code("Vendor", {"DisplayName": "Acme"})
    status, body = qbo.call("GET", "preferences")
    assert qbo.post("Preferences", body["Preferences"])["SyncToken"] == "0"
    assert (status, heard) == (200, [])


def test_settings_and_what_the_service_makes_by_itself_are_told(world):
    heard = []
    world.twin.companies[world.realm].listeners.append(lambda change: heard.append((change.entity, change.operation)))
    world.act("set_preference", path="AccountingInfoPrefs.TrackDepartments", value=False)
    assert heard == [("Preferences", Operation.UPDATE)]
    heard.clear()
    world.act("create_vendor", name="Åkeri AB", currency="SEK")
    assert heard == [("CompanyCurrency", Operation.CREATE), ("Vendor", Operation.CREATE)]


def test_nothing_is_told_of_a_company_that_is_being_set_up(make_caller):
    made = make_caller()
    assert {each["SyncToken"] for each in made.twin.books(made.realm)["Vendor"]} == {"0"}
