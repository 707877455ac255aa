"""Contracts of Basware: kept, acknowledged after that, shown with what is spent on them and the invoices that name them."""

import pytest

from ml_connector.work.feeds.contract_views import contract_views
from ml_connector.work.jobs import Job
from ml_connector.work.p2p_settings import OrdersFeed
from paperwork import invoice, line
from twins.faults import FaultKind, FaultRule


@pytest.fixture
def office(buyer):
    buyer.settings(orders=OrdersFeed(enabled=True, contracts=True))
    return buyer


def contract(office, code="K-1", **more):
    office.world.clock.advance(1)
    document = {"externalCode": code, "referenceCode": "C-17", "title": "Paper", "total": 1000, **more}
    office.world.basware.act("contract", document=document)


def spend(office, plan="plan 1", net=250):
    office.world.clock.advance(1)
    return office.world.basware.act("plan_spend", contract="C-17", plan=plan, net_sum=net, gross_sum=net)


def waiting(office, resource="exportedContracts"):
    stored = office.tenant.intake.records(resource).stored
    return [code for code, one in stored.items() if one.entity["processingStatus"] == "WaitingForExport"]


def test_a_contract_and_its_spends_are_kept_and_basware_knows(office):
    contract(office)
    spend(office)
    office.do(Job.ORDERS)

    (view,) = contract_views(office.world.desk())
    assert (view.contract.number, view.contract.total, view.contract.spent) == ("C-17", 1000, 250)
    assert waiting(office) == []
    assert waiting(office, "exportedContractSpends") == []


def test_a_cancelled_spend_does_not_count(office):
    contract(office)
    withdrawn = spend(office)
    spend(office, "plan 2", 100)
    office.do(Job.ORDERS)
    office.world.clock.advance(1)
    office.world.basware.act("cancel_spend", spend=withdrawn)
    office.do(Job.ORDERS)
    assert contract_views(office.world.desk())[0].contract.spent == 100


def test_a_contract_of_another_company_is_left_to_others(office):
    contract(office, companyCode="DE20")
    office.do(Job.ORDERS)
    assert contract_views(office.world.desk()) == []
    assert waiting(office) == ["K-1"]


def test_an_invoice_that_names_the_contract_is_shown_with_it_and_posted_as_any_other(office):
    contract(office)
    office.world.approve(invoice("I-1", line("10.00"), changes={"contractNumber": "C-17"}))
    office.world.settle()
    office.do(Job.ORDERS)
    assert contract_views(office.world.desk())[0].contract.documents == ("I-1",)
    assert len(office.world.posted("I-1")) == 1


@pytest.mark.parametrize("kind", [FaultKind.LOST_AFTER, FaultKind.LOST_BEFORE])
def test_a_lost_answer_to_acknowledging_loses_no_contract(office, kind):
    contract(office)
    fault = FaultRule(kind=kind, path="exportedContracts/acknowledge", method="POST", times=1)
    office.world.basware_faults.add(fault)
    office.do(Job.ORDERS)
    office.do(Job.ORDERS)
    (view,) = contract_views(office.world.desk())
    assert waiting(office) == []
    assert view.contract.acknowledged
