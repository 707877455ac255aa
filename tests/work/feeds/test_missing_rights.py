"""A right that Basware did not grant stops the job that needs it, tells a person which it is, and nothing else stops."""

import pytest

from ml_connector.store import jobs
from ml_connector.work.engines.local import LocalEngine
from ml_connector.work.engines.runs import FAILING
from ml_connector.work.feeds.shown import feed_lines
from ml_connector.work.jobs import Job
from paperwork import invoice, line
from twins.faults import FaultKind, FaultRule

NEEDED = {
    "accountingDocuments.read": Job.INVOICES,
    "accountingDocuments.write": Job.INVOICES,
    "exportedPurchaseOrders.read": Job.ORDERS,
    "exportedPurchaseOrders.write": Job.ORDERS,
    "vendors.read": Job.VENDORS,
    "requestStatus.read": Job.OUTCOMES,
    "tasks.read": Job.NOTICES,
}
"""Which job stops without which right."""

FILES_STOP_TOO = {
    ("accountingDocuments.read", "refuse"),
    ("accountingDocuments.read", "drop"),
    ("accountingDocuments.write", "refuse"),
}
"""Where the files of documents cannot be had either: they are read with the sign-in of the documents, which has both rights or,
where Basware only drops the one to write, still the one to read."""

FORBIDDEN = {
    "/v1/accountingDocuments": Job.INVOICES,
    "/v1/exportedPurchaseOrders": Job.ORDERS,
    "/v1/vendors": Job.VENDORS,
    "/v1/requestStatus": Job.OUTCOMES,
    "/v1/tasks": Job.NOTICES,
}
"""Which job stops when Basware answers 403 to a resource although its token was granted."""


def work(office) -> None:
    """Every job is asked for and done by the engine."""
    world = office.world
    engine = LocalEngine(world.app, heart=None, worker="engine")
    with world.database.write() as tx:
        for job in (*NEEDED.values(), Job.CHANGES):
            jobs.ask(tx, world.connection_id, job, world.clock.now(), "Ann")
    for _ in range(8):
        engine.step()


def failing(office):
    """The jobs that fail, each with what a person is shown."""
    return {one.job: one.problem for one in feed_lines(office.world.desk()) if one.state == "failing"}


def told(office):
    """What alerts say of failing jobs."""
    return [message for kind, message in office.alerts() if kind == FAILING]


def begin(office) -> None:
    """An answer waits for its outcome, an invoice for posting, an order for export."""
    office.world.approve(invoice("A-1", line("40.00")))
    office.world.settle()
    office.world.clock.advance(31)
    office.world.approve(invoice("A-2", line("50.00")))
    office.order("PO-1")


def goes_on(office, stopped: Job) -> None:
    """Everything but the job that stopped did its work."""
    lines = {one.job: one for one in feed_lines(office.world.desk())}
    assert all(lines[job].last_success for job in {*NEEDED.values(), Job.CHANGES} - {stopped})
    if stopped is not Job.INVOICES:
        assert office.world.state("A-2") == "confirmed"
    if stopped is not Job.ORDERS:
        assert office.status_in_basware("PO-1") == "Exported"


@pytest.mark.parametrize("manner", ["refuse", "drop"])
@pytest.mark.parametrize("scope", NEEDED)
def test_without_a_right_one_job_stops_names_the_right_and_goes_on_when_it_is_granted(office, scope, manner):
    begin(office)
    office.world.basware.switches.ungranted_scopes = manner
    everything = office.tenant.scopes
    office.tenant.scopes = everything - {scope}
    office.world.restart()

    work(office)

    stopped = NEEDED[scope]
    with_files = {Job.ATTACHMENTS} if (scope, manner) in FILES_STOP_TOO else set()
    assert set(failing(office)) == {stopped} | with_files
    assert scope in failing(office)[stopped]
    assert len(told(office)) == len(failing(office))
    [message] = [one for one in told(office) if f"The job {stopped} of demo does not get through" in one]
    assert scope in message
    goes_on(office, stopped)
    office.tenant.scopes = everything
    office.world.clock.advance(3600)
    work(office)
    assert (failing(office), told(office)) == ({}, [])
    assert office.world.state("A-2") == "confirmed"
    assert office.status_in_basware("PO-1") == "Exported"


@pytest.mark.parametrize("path", FORBIDDEN)
def test_a_403_of_one_resource_stops_its_job_only_and_is_told_in_words(office, path):
    begin(office)
    rule = office.world.basware_faults.add(FaultRule(kind=FaultKind.STATUS, status=403, path=path, times=None))

    work(office)

    stopped = FORBIDDEN[path]
    assert set(failing(office)) == {stopped} | ({Job.ATTACHMENTS} if stopped is Job.INVOICES else set())
    assert "has no right to do this" in failing(office)[stopped]
    assert len(told(office)) == len(failing(office))
    goes_on(office, stopped)
    office.world.basware_faults.remove(rule)
    office.world.clock.advance(3600)
    work(office)
    assert (failing(office), told(office)) == ({}, [])
