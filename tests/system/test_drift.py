"""A month's end: an accountant tampers with posted transactions, another decides, and both systems' books say the same again."""

from decimal import Decimal

from ml_connector.work.drift import deciding
from ml_connector.work.drift.views import case_list, to_decide
from ml_connector.work.jobs import Job
from ml_connector.work.registry import PERFORM
from paperwork import invoice, line
from world import World, payable


def test_after_the_decisions_both_books_agree_wherever_somebody_wanted_them_to(world: World) -> None:
    PERFORM[Job.CHANGES](world.desk())
    for number, net in (("A-1", "100.00"), ("A-2", "200.00"), ("A-3", "300.00"), ("A-4", "400.00")):
        world.approve(invoice(number, line(net)))
    world.approve(invoice("J-1", line("60.00"), line("40.00", "BOS")))
    world.settle()
    key = {number: world.only_transaction(number)[1]["Id"] for number in ("A-1", "A-2", "A-3", "A-4", "J-1")}
    world.act("change_bill", id=key["A-1"], amount="111.00")
    world.act("delete", entity="Bill", id=key["A-2"])
    world.act("change_bill", id=key["A-3"], number="CORRECTED")
    world.act("pay", id=key["A-4"], account="31")
    world.act("delete", entity="JournalEntry", id=key["J-1"])
    world.clock.advance(120)
    PERFORM[Job.CHANGES](world.desk())
    waiting = {one.invoice_number: one.what for one in case_list(world.desk()).page()}
    assert waiting == {"A-1": "changed", "A-2": "deleted", "A-3": "changed", "J-1": "deleted"}

    def decide(how, number: str) -> None:
        how(world.desk(), to_decide(world.desk(), world.row(number), None), reason="month's end", actor="Ann")

    for number in ("A-1", "A-2", "J-1"):
        decide(deciding.restore, number)
    decide(deciding.accept, "A-3")
    world.settle()
    world.clock.advance(120)
    PERFORM[Job.CHANGES](world.desk())

    assert case_list(world.desk()).page() == []
    in_quickbooks = {number: payable(*world.only_transaction(number)) for number in key}
    in_basware = {number: Decimal(str(world.in_basware(number)["grossSum"])) for number in key}
    assert in_quickbooks == in_basware
    assert world.only_transaction("A-3")[1]["DocNumber"] == "CORRECTED"
    assert [len(world.answers(number)) for number in key] == [1, 1, 1, 1, 1]
    assert len(world.transactions()) == 5
