"""New suppliers become one vendor each, and one number is used once: also when many documents ask in the same run."""

import pytest

from ml_connector.model.holds import Cause
from ml_connector.model.policy import PostingPolicy, UnknownVendor
from ml_connector.model.postings import DuplicateChoice
from ml_connector.work import decisions
from paperwork import invoice, line
from world import Build, World

CREATE = PostingPolicy(unknown_vendor=UnknownVendor.CREATE)


def _vendors(world: World, number: str) -> list[dict[str, object]]:
    return [one for one in world.quickbooks.books(world.realm_id)["Vendor"] if one.get("AcctNum") == number]


def test_an_unknown_supplier_is_held_when_vendors_are_not_to_be_created(world: World) -> None:
    world.approve(invoice("A-1", supplier="V-77001", supplier_name="Alder Legal LLP"))
    world.settle()

    assert world.causes("A-1") == [Cause.VENDOR_UNKNOWN]
    assert _vendors(world, "V-77001") == []


def test_five_invoices_of_one_new_supplier_create_one_vendor(build: Build) -> None:
    world = build(policy=CREATE)
    for number in range(5):
        world.approve(invoice(f"A-{number}", supplier="V-77001", supplier_name="Alder Legal LLP"))
    world.settle()

    (vendor,) = _vendors(world, "V-77001")
    assert vendor["DisplayName"] == "Alder Legal LLP"
    assert {world.only_transaction(f"A-{number}")[1]["VendorRef"]["value"] for number in range(5)} == {vendor["Id"]}

    world.approve(invoice("A-6", supplier="V-77001", supplier_name="Alder Legal LLP"))
    world.settle()
    assert world.only_transaction("A-6")[1]["VendorRef"]["value"] == vendor["Id"]
    assert len(_vendors(world, "V-77001")) == 1


def test_a_name_that_a_customer_has_is_held_naming_it(build: Build) -> None:
    world = build(policy=CREATE)
    world.approve(invoice("A-1", supplier="V-77001", supplier_name="Ashford Foods"))
    world.settle()

    (hold,) = world.row("A-1").holds
    assert hold.cause is Cause.VENDOR_NAME_TAKEN
    assert "Ashford Foods" in hold.facts["taken"]
    assert _vendors(world, "V-77001") == []


def test_a_name_that_only_quickbooks_knows_to_be_taken_is_held_too(build: Build) -> None:
    world = build(policy=CREATE)
    world.approve(invoice("A-1", supplier="V-77001", supplier_name="Harriet Hartwell"))
    world.settle()

    (hold,) = world.row("A-1").holds
    assert hold.cause is Cause.VENDOR_NAME_TAKEN
    assert hold.facts["name"] == "Harriet Hartwell"
    assert world.posted("A-1") == []


def test_once_the_customer_has_another_name_the_vendor_is_created_by_itself(build: Build) -> None:
    world = build(policy=CREATE)
    world.approve(invoice("A-1", supplier="V-77001", supplier_name="Ashford Foods"))
    world.settle()

    world.act("rename", entity="Customer", id="208", name="Ashford Foods (customer)")
    world.settle()

    (vendor,) = _vendors(world, "V-77001")
    assert world.only_transaction("A-1")[1]["VendorRef"]["value"] == vendor["Id"]


def test_the_accountant_enters_the_vendor_and_the_document_goes(world: World) -> None:
    world.approve(invoice("A-1", supplier="V-77001", supplier_name="Alder Legal LLP"))
    world.settle()

    made = world.act("enter", entity="Vendor", body={"DisplayName": "Alder Legal", "AcctNum": "V-77001"})
    world.settle()

    assert world.only_transaction("A-1")[1]["VendorRef"]["value"] == made["Id"]


def test_of_two_documents_with_one_number_the_first_is_posted_and_the_second_held(world: World) -> None:
    first = world.approve(invoice("A-1", line("10.00")))
    second = world.approve({**invoice("A-1", line("20.00")), "invoiceId": "f" * 32})
    world.settle()

    world.only_transaction(first)
    assert world.posted(second) == []
    assert world.causes(second) == [Cause.DUPLICATE_NUMBER]
    assert len(world.transactions()) == 1


def test_the_second_of_them_can_be_posted_anyway(world: World) -> None:
    world.approve(invoice("A-1", line("10.00")))
    second = world.approve({**invoice("A-1", line("20.00")), "invoiceId": "f" * 32})
    world.settle()

    decisions.decide_duplicate(
        world.desk(), world.row(second), DuplicateChoice.POST_ANYWAY, link_to="", reason="two deliveries", actor="Dana"
    )
    world.settle()

    assert world.only_transaction(second)[1]["DocNumber"] == "A-1"
    assert world.check() == []


@pytest.mark.parametrize("other", ["V-10012", "V-10015"])
def test_two_suppliers_may_use_the_same_number(world: World, other: str) -> None:
    world.approve(invoice("A-1"))
    second = world.approve(invoice("A-1", supplier=other))
    world.settle()

    world.only_transaction(second)
    assert len(world.transactions()) == 2
