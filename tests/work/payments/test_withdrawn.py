"""A document that was taken back is not to be paid any more, whatever was told of its payments before."""

import msgspec

from ml_connector.model.money import ZERO
from ml_connector.model.policy import TakenBack
from ml_connector.store.schema import PaymentState
from ml_connector.work.payments.shown import payment_list, payment_view
from payday import Payday


def test_a_withdrawn_document_is_no_longer_listed_as_to_be_paid(payday: Payday) -> None:
    world = payday.world
    policy = msgspec.structs.replace(world.desk().settings.policy, taken_back=TakenBack.DELETE)
    world.change_settings(lambda known: msgspec.structs.replace(known, policy=policy))
    bill = payday.bill()
    payment = payday.pay(bill)
    payday.follow()
    world.act("delete", entity="BillPayment", id=payment)
    payday.follow()
    assert [one.open for one in payment_list(world.desk()).page()] == [1080], (
        "the payment was deleted: it is to be paid again"
    )

    world.clock.advance(1000)
    world.basware.act("ask", invoice_id=bill, request="remove")
    world.settle()
    payday.follow()

    assert world.state(bill) == "withdrawn"
    assert payment_list(world.desk()).page() == []
    (asked,) = payment_list(world.desk(), states=[PaymentState.TOLD]).page()
    assert asked.open == ZERO
    assert payment_view(world.desk(), world.row(bill)).document.open == ZERO
