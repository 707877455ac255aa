"""Somebody enters the same number in QuickBooks between our look-up and our write: QuickBooks refuses, and the reason is found."""

from ml_connector.model.holds import Cause
from ml_connector.work.engine import Step
from paperwork import invoice
from world import World


def test_a_bill_entered_by_hand_after_the_look_up_is_named_and_nothing_is_posted_beside_it(world: World) -> None:
    world.approve(invoice("A-1"))
    world.approve(invoice("A-2"))
    world.run([Step.INTAKE, Step.PLAN])
    vendor = next(one for one in world.quickbooks.books(world.realm_id)["Vendor"] if one.get("AcctNum") == "V-10011")
    detail = {"AccountRef": {"value": "56"}}
    line = {"Amount": 55, "DetailType": "AccountBasedExpenseLineDetail", "AccountBasedExpenseLineDetail": detail}
    typed = world.act(
        "enter", entity="Bill", body={"VendorRef": {"value": vendor["Id"]}, "DocNumber": "A-1", "Line": [line]}
    )
    world.settle()

    (hold,) = world.row("A-1").holds
    assert hold.cause is Cause.DUPLICATE_NUMBER
    assert (hold.facts["type"], hold.facts["id"], hold.facts["entered"]) == ("Bill", typed["Id"], "by hand")
    assert "55.00 USD" in hold.facts["amount"]
    assert world.posted("A-1") == []
    world.only_transaction("A-2")
    assert world.check() == []
