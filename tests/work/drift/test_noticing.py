"""A posted transaction somebody changed or deleted in QuickBooks is noticed, shown field by field, and told to people."""

import pytest
from sqlalchemy import update

from ml_connector.model.drift import Difference
from ml_connector.store import links
from ml_connector.store.schema import drift_cases
from ml_connector.work.changes.state import changes_state
from paperwork import invoice, line


def test_a_changed_amount_and_account_are_shown_as_posted_and_as_they_are_now(tampered) -> None:
    bill = tampered.post("A-1")
    tampered.world.act("change_bill", id=bill, amount="120.00", number="A-1-X")
    tampered.look()
    found = tampered.case("A-1")
    assert (found.what, found.state, found.quickbooks_id, found.why_not) == ("changed", "open", bill, "")
    assert found.changed_at is not None
    assert tampered.fields("A-1") == {"number": ("A-1", "A-1-X"), "total": ("100", "120"), "amount": ("100", "120")}
    told = (
        "1 posted transaction was changed or deleted in QuickBooks by somebody. "
        "Decide under “Changed afterwards” in the console, or with `ml-connector drift list`."
    )
    assert tampered.alerts() == [told]


def test_another_vendor_is_shown_by_name(tampered) -> None:
    bill = tampered.post("A-1")
    _, record = tampered.world.only_transaction("A-1")
    other = next(
        one
        for one in tampered.world.books().vendors.values()
        if one.active and one.id != record["VendorRef"]["value"] and one.currency in {"", "USD"}
    )
    tampered.world.act("change_bill", id=bill, vendor=other.id)
    tampered.look()
    assert tampered.fields("A-1")["vendor"][1] == f"{other.label} ({other.id})"


@pytest.mark.parametrize(
    ("field", "records"),
    [
        ("account", "accounts"), ("payable account", "accounts"), ("location", "locations"), ("class", "classes"),
        ("customer", "customers"), ("item", "items"), ("terms", "terms"), ("tax code", "tax_codes"),
    ],
)  # fmt: skip
def test_records_of_every_list_are_shown_by_name_and_unknown_ones_by_their_id(tampered, field, records) -> None:
    bill = tampered.post("A-1")
    tampered.world.act("change_bill", id=bill, number="A-1-X")
    tampered.look()
    one = next(iter(getattr(tampered.world.books(), records).values()))
    changed = (Difference(field=field, ours=one.id, theirs="nobody's"),)
    with tampered.world.database.write() as tx:
        assert tx.execute(update(drift_cases).values(differences=changed)).rowcount == 1

    assert tampered.fields("A-1") == {field: (f"{one.label} ({one.id})", "nobody's")}


def test_a_deleted_bill_is_a_case_of_its_own_kind(tampered) -> None:
    bill = tampered.post("A-1")
    tampered.world.act("delete", entity="Bill", id=bill)
    tampered.look()
    found = tampered.case("A-1")
    assert (found.what, found.state, found.differences) == ("deleted", "open", ())


def test_a_payment_moves_the_version_and_is_no_drift(tampered) -> None:
    bill = tampered.post("A-1")
    tampered.world.act("pay", id=bill, account="31")
    tampered.look()
    assert tampered.cases("A-1") == []
    assert tampered.alerts() == []
    assert changes_state(tampered.world.desk()).drifted == (), "the version was taken note of"


def test_a_journal_entry_and_a_credit_are_compared_too(tampered) -> None:
    entry = tampered.post("J-1", line("60.00"), line("40.00", "BOS"))
    kind, record = tampered.world.only_transaction("J-1")
    assert kind == "JournalEntry"
    tampered.look()
    assert tampered.cases("J-1") == [], "as posted it is as agreed"
    lines = [dict(one) for one in record["Line"]]
    lines[0]["Description"] = "Somebody's own words"
    tampered.world.act("edit", entity="JournalEntry", id=entry, changes={"Line": lines})
    tampered.look()
    assert set(tampered.fields("J-1")) == {"description"}
    assert tampered.case("J-1").why_not == "", "its payable account is known, though only named accounts are read"


def test_a_case_ends_by_itself_when_somebody_puts_it_back(tampered) -> None:
    bill = tampered.post("A-1")
    tampered.world.act("change_bill", id=bill, amount="120.00")
    tampered.look()
    tampered.world.act("change_bill", id=bill, amount="100.00")
    tampered.look()
    assert tampered.case("A-1").state == "undone"
    assert tampered.alerts() == []


def test_a_correction_by_basware_ends_a_case_of_the_version_before(tampered) -> None:
    bill = tampered.post("A-1")
    tampered.world.act("change_bill", id=bill, amount="120.00")
    tampered.look()
    fresh = invoice("A-1", line("75.50"))
    money = ("codingRows", "netSum", "grossSum", "netSumCompany", "grossSumCompany")
    tampered.world.send_again("A-1", **{name: fresh[name] for name in money})
    tampered.world.settle()
    tampered.look()
    assert tampered.world.state("A-1") == "confirmed"
    assert str(tampered.world.only_transaction("A-1")[1]["TotalAmt"]).rstrip("0") == "75.5"
    assert tampered.case("A-1").state == "undone"


def test_looking_twice_opens_one_case_and_tells_it_once(tampered) -> None:
    bill = tampered.post("A-1")
    tampered.world.act("change_bill", id=bill, amount="120.00")
    tampered.look()
    first = tampered.case("A-1")
    tampered.look()
    assert tampered.case("A-1") == first


def test_a_case_ends_when_its_transaction_is_no_longer_the_documents(tampered) -> None:
    bill = tampered.post("A-1")
    tampered.world.act("change_bill", id=bill, amount="120.00")
    tampered.look()
    with tampered.world.database.write() as tx:
        links.remove(tx, tampered.world.connection_id, "invoice", tampered.world.row("A-1").invoice_id, 0)
    tampered.world.act("change_bill", id=bill, amount="130.00")
    tampered.look()
    assert tampered.case("A-1").state == "undone"
    assert tampered.alerts() == []
