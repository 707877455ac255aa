"""An invoice that is blocked for payment in Basware is still blocked there once it has been answered, and the bill says so."""

import pytest

from ml_connector.model.holds import Cause
from ml_connector.model.policy import PaymentBlock, PostingPolicy
from paperwork import invoice
from world import Build, World


@pytest.mark.parametrize("blocked", [True, False])
def test_posting_an_invoice_leaves_its_payment_block_in_basware_as_it_was(world: World, blocked: bool) -> None:
    """Basware takes the block over from the answer, so an answer without it would release the payment."""
    world.approve(invoice("A-1", changes={"paymentBlock": blocked}))
    world.settle()

    _, bill = world.only_transaction("A-1")
    assert ("BLOCKED FOR PAYMENT" in bill["PrivateNote"]) is blocked
    assert [answer["success"] for answer in world.answers("A-1")] == [True]
    assert world.in_basware("A-1")["paymentBlock"] is blocked


def test_a_blocked_invoice_sent_again_is_still_blocked_after_the_second_answer(world: World) -> None:
    world.approve(invoice("A-1", changes={"paymentBlock": True}))
    world.settle()
    world.send_again("A-1")
    world.settle()

    assert len(world.answers("A-1")) == 2
    assert world.in_basware("A-1")["paymentBlock"] is True


def test_a_blocked_invoice_waits_where_the_policy_says_so(build: Build) -> None:
    world = build(policy=PostingPolicy(payment_block=PaymentBlock.HOLD))
    world.approve(invoice("A-1", changes={"paymentBlock": True}))
    world.settle()

    assert world.causes("A-1") == [Cause.PAYMENT_BLOCKED]
    assert world.posted("A-1") == []
