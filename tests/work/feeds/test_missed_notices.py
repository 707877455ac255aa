"""Notifications that never arrived are found among Basware's tasks, and have the jobs look that they should have woken."""

import pytest

from ml_connector.basware.errors import ScopeMissing
from ml_connector.store import notices
from ml_connector.store.notices import NewNotice
from ml_connector.store.schema import NoticeState, System
from ml_connector.work.feeds.shown import feed_lines
from ml_connector.work.jobs import Job
from ml_connector.work.p2p_settings import NoticesFeed, OrdersFeed
from paperwork import invoice


def subscribe(office, *task_types):
    """Subscriptions whose address nobody answers at."""
    body = [
        {
            "taskType": name,
            "taskSubType": "All",
            "subscriptionType": "Webhook",
            "notificationWebhookURL": "https://connector.test/webhooks/basware",
            "webhookAuthenticationToken": "token",
        }
        for name in task_types
    ]
    office.world.basware._push.seed(office.tenant.client_id, body)


def waiting(office):
    with office.world.database.read() as tx:
        rows = notices.waiting(tx, office.world.connection_id, System.BASWARE)
    return [(row.entity, row.entity_id, row.operation) for row in rows]


def test_what_no_delivery_brought_becomes_a_notice_of_its_job(office):
    subscribe(office, "AccountingDocuments", "ExportedPurchaseOrders")
    invoice_id = office.world.approve(invoice("A-1"))
    office.order("PO-1")

    report = office.do(Job.NOTICES)

    assert report.counts["missed"] == 2
    assert waiting(office) == [
        ("AccountingDocuments", invoice_id, "WaitingForTransfer"),
        ("ExportedPurchaseOrders", "PO-1", "WaitingForExport"),
    ]
    by_job = {line.job: line.waiting for line in feed_lines(office.world.desk())}
    assert (by_job["invoices"], by_job["orders"], by_job["outcomes"]) == (1, 1, 0)


def test_what_arrived_is_not_missed_and_nothing_is_found_twice(office):
    subscribe(office, "AccountingDocuments")
    office.world.approve(invoice("A-1"))
    task = next(iter(office.world.basware._push.tasks._of[office.tenant.client_id].values()))
    arrived = NewNotice(
        system=System.BASWARE,
        event_id=task.id,
        entity="AccountingDocuments",
        entity_id=task.document_id,
        operation="All",
    )
    with office.world.database.write() as tx:
        notices.add_many(tx, office.world.connection_id, [arrived], office.world.clock.now())
        row = notices.waiting(tx, office.world.connection_id, System.BASWARE)[0]
        notices.settle(tx, office.world.connection_id, [row.id], NoticeState.DONE, office.world.clock.now())

    office.do(Job.NOTICES)
    office.do(Job.NOTICES)

    assert waiting(office) == []


def test_kinds_that_no_job_reads_up_on_are_left_alone(office):
    office.settings(orders=OrdersFeed(enabled=False))
    office.world.basware.switches.push_unknown_tasks = "listed"
    subscribe(office, "AccountingDocuments", "ExportedPurchaseOrders", "ExportedContracts")
    office.order("PO-1")
    office.world.approve(invoice("A-1"))

    office.do(Job.NOTICES)

    assert [entity for entity, _, _ in waiting(office)] == ["AccountingDocuments"]


def test_the_misspelled_kind_of_baswares_example_is_understood(office):
    office.world.basware.switches.push_misspelled_type = True
    subscribe(office, "AccountingDocuments")
    office.world.approve(invoice("A-1"))

    office.do(Job.NOTICES)

    assert [entity for entity, _, _ in waiting(office)] == ["AccountingDocuments"]


@pytest.mark.parametrize("expiring", [None, 0.5])
def test_many_tasks_are_read_page_by_page(office, expiring):
    office.world.basware.switches.tasks_per_page = 3
    office.world.basware.switches.continuation_seconds = expiring
    subscribe(office, "AccountingDocuments")
    for number in range(10):
        office.world.approve(invoice(f"A-{number}"))

    assert office.do(Job.NOTICES).counts["missed"] == 10


def test_without_subscriptions_the_check_costs_one_call(office):
    assert office.do(Job.NOTICES).counts == {"seen": 0, "missed": 0}
    assert office.calls("/v1/tasks") == 1


def test_without_the_right_only_the_check_fails(office):
    office.tenant.scopes = office.tenant.scopes - {"tasks.read"}

    with pytest.raises(ScopeMissing, match="rights"):
        office.do(Job.NOTICES)

    assert office.do(Job.ORDERS).counts["new"] == 0


def test_switched_off_they_are_looked_for_once_when_a_person_asks_from_a_day_on(office):
    office.settings(notices=NoticesFeed(enabled=False))
    subscribe(office, "AccountingDocuments")
    invoice_id = office.world.approve(invoice("A-1"))
    assert office.do(Job.NOTICES).counts == {"seen": 0, "missed": 0}

    office.ask_to_read_again(Job.NOTICES, "2026-11-01")

    assert office.do(Job.NOTICES).counts["missed"] == 1
    assert waiting(office) == [("AccountingDocuments", invoice_id, "WaitingForTransfer")]
    assert office.asked_to_read_again(Job.NOTICES) == ""
