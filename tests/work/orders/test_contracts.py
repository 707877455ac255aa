"""Contracts of Basware: kept, acknowledged after that, shown with what is spent on them and the invoices that name them."""

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import update

from ml_connector.store import alerts
from ml_connector.store.migrations.versions.v0005_console import _fill_contracts
from ml_connector.store.schema import copies, documents
from ml_connector.work.feeds.contract_views import contract_list
from ml_connector.work.feeds.reading import UNREADABLE
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

    (view,) = contract_list(office.world.desk()).page()
    assert (view.contract.number, view.contract.total, view.contract.reserved) == ("C-17", 1000, 250)
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
    assert contract_list(office.world.desk()).page()[0].contract.reserved == 100


def test_a_contract_of_another_company_is_left_to_others(office):
    contract(office, companyCode="DE20")
    office.do(Job.ORDERS)
    assert contract_list(office.world.desk()).page() == []
    assert waiting(office) == ["K-1"]


def test_an_invoice_that_names_the_contract_is_shown_with_it_and_posted_as_any_other(office):
    contract(office)
    office.world.approve(invoice("I-1", line("10.00"), changes={"contractNumber": "C-17"}))
    office.world.settle()
    office.do(Job.ORDERS)
    assert contract_list(office.world.desk()).page()[0].contract.documents == ("I-1",)
    assert len(office.world.posted("I-1")) == 1


@pytest.mark.parametrize("kind", [FaultKind.LOST_AFTER, FaultKind.LOST_BEFORE])
def test_a_lost_answer_to_acknowledging_loses_no_contract(office, kind):
    contract(office)
    fault = FaultRule(kind=kind, path="exportedContracts/acknowledge", method="POST", times=1)
    office.world.basware_faults.add(fault)
    office.do(Job.ORDERS)
    office.do(Job.ORDERS)
    (view,) = contract_list(office.world.desk()).page()
    assert waiting(office) == []
    assert view.contract.acknowledged


def test_an_invoice_is_spent_and_what_was_planned_for_it_only_reserved(office):
    contract(office)
    spend(office, net=250)
    office.world.approve(invoice("I-1", line("100.00"), changes={"contractNumber": "C-17"}))
    office.world.settle()
    office.do(Job.ORDERS)

    (view,) = contract_list(office.world.desk()).page()
    assert (view.contract.spent, view.contract.reserved) == (100, 250)
    assert sorted(one.document_type for one in view.spends) == ["AccountingDocument", "SpendPlan"]


def test_two_companies_contracts_with_one_number_keep_their_spends_apart(office):
    contract(office, "K-1")
    spend(office, "plan 1", 250)
    contract(office, "K-2", referenceCode="C-18")
    office.world.clock.advance(1)
    office.world.basware.act("plan_spend", contract="C-18", plan="plan 2", net_sum=40, gross_sum=40)
    contract(office, "K-2", referenceCode="C-17")
    office.do(Job.ORDERS)

    reserved = {
        view.contract.external_code: view.contract.reserved for view in contract_list(office.world.desk()).page()
    }
    assert reserved == {"K-1": 250, "K-2": 40}


def test_a_spend_whose_amount_is_only_known_in_another_currency_is_in_no_sum(office):
    contract(office, currencyCode="EUR")
    document = invoice("I-1", line("100.00"), changes={"contractNumber": "C-17"})
    office.world.approve(document)
    office.world.settle()
    office.do(Job.ORDERS)

    (view,) = contract_list(office.world.desk()).page()
    (one,) = view.spends
    assert (one.net, one.document_net, one.document_currency) == (None, 100, "USD")
    assert (view.contract.spent, view.contract.unknown) == (0, 1)


def test_a_contract_nobody_can_read_costs_no_other_and_the_alert_ends_with_it(office):
    contract(office, "K-1")
    contract(office, "K-2", referenceCode="C-18")
    stored = office.tenant.intake.records("exportedContracts").stored
    good = stored["K-1"].entity.pop("externalCode")
    office.do(Job.ORDERS)
    assert [view.contract.number for view in contract_list(office.world.desk()).page()] == ["C-18"]
    assert unreadable(office) == 1

    stored["K-1"].entity["externalCode"] = good
    office.do(Job.ORDERS)
    assert unreadable(office) == 0
    assert len(contract_list(office.world.desk()).page()) == 2


def unreadable(office):
    with office.world.database.read() as tx:
        return sum(one.kind == UNREADABLE for one in alerts.listing(tx, office.world.connection_id))


def test_a_contract_whose_acknowledging_is_refused_stops_no_other(office):
    contract(office, "K-1")
    contract(office, "K-2", referenceCode="C-18")
    refused = {"kind": FaultKind.STATUS, "path": "exportedContracts/acknowledge", "method": "POST", "status": 400}
    office.world.basware_faults.add(FaultRule(**refused, times=2))
    office.do(Job.ORDERS)
    assert waiting(office) == ["K-1"]
    office.do(Job.ORDERS)
    assert waiting(office) == []


def test_contracts_are_matched_with_documents_whatever_their_number_is_written_with(office):
    contract(office, referenceCode='Größe 6"')
    office.world.approve(invoice("I-1", line("10.00"), changes={"contractNumber": 'Größe 6"'}))
    office.world.settle()
    office.do(Job.ORDERS)
    assert contract_list(office.world.desk()).page()[0].contract.documents == ("I-1",)


def test_what_is_here_from_an_earlier_version_is_shown_with_its_contract_after_the_upgrade(office):
    contract(office)
    spend(office)
    contract(office, "K-2", referenceCode="C-18")
    office.world.approve(invoice("I-1", line("100.00"), changes={"contractNumber": "C-17"}))
    office.world.settle()
    office.do(Job.ORDERS)
    today = contract_list(office.world.desk()).page()
    assert {view.contract.number: view.contract.documents for view in today} == {"C-17": ("I-1",), "C-18": ()}

    with office.world.database.write() as tx:
        tx.execute(update(documents).values(contract=""))
        tx.execute(update(copies).values(part_of=""))
        with Operations.context(MigrationContext.configure(tx)):
            _fill_contracts()
    assert contract_list(office.world.desk()).page() == today
