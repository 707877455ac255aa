"""Feeds, orders and outcomes at the command line: what stands where, errors first, exit codes a script can act on."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from ml_connector.app import App, Settings
from ml_connector.store import jobs
from ml_connector.work.jobs import Job
from ml_connector.work.registry import PERFORM
from paperwork import invoice, line
from terminal import CONNECTION, Run
from world import World

SWITCHED_ON = CONNECTION.replace(
    'client_id = "demo-basware-client"', 'client_id = "demo-basware-client"\norders = { enabled = true }'
)


@pytest.fixture
def switched_on(run: Run, connected: World, connection_file: Path, once: Callable[..., None]) -> World:
    """The demo company with its orders switched on."""

    def switch_on() -> None:
        connection_file.write_text(SWITCHED_ON)
        assert run("connection", "add", connection_file).code == 0

    once("feeds switched on", switch_on)
    return connected


@pytest.fixture
def installation(switched_on: World):
    """The installation the commands work in, as an engine opens it."""
    app = App.open(Settings())
    yield app
    app.close()


def do(installation, job: Job, *, problem: str = "") -> None:
    desk = installation.desk(installation.connection(""))
    desk.take_lease()
    report = PERFORM[job](desk)
    now = desk.clock.now()
    with desk.write() as tx:
        jobs.change(
            tx, desk.connection_id, job, now, succeeded_at=now, current_to=report.current_to, outcome=report.outcome,
            failures=1 if problem else 0, problem=problem,
        )  # fmt: skip
    desk.release_lease()
    desk.close()


def order(world: World, code: str, **document: object) -> None:
    world.clock.advance(1)
    rows = [{"quantity": 10, "netUnitPrice": Decimal("19.99"), "coding": [{"accountCode": "6150"}]}]
    world.basware.act("purchase_order", document={"externalCode": code, **document}, lines=rows)


def test_every_job_is_listed_and_those_switched_off_say_so(run: Run, switched_on: World) -> None:
    result = run("feeds", "--json")

    states = {one["job"]: one["state"] for one in result.json}
    assert result.code == 0
    assert (states["invoices"], states["orders"], states["vendors"]) == ("on", "on", "off")
    assert all(one["lag_seconds"] is None and one["last_success"] is None for one in result.json)


def test_a_job_shows_how_far_behind_it_is_and_a_failing_one_why(run: Run, switched_on: World, installation) -> None:
    do(installation, Job.ORDERS)
    switched_on.clock.advance(90)
    do(installation, Job.OUTCOMES, problem="Basware granted no right to requestStatus.read.")

    result = run("feeds", "--json")

    shown = {one["job"]: one for one in result.json}
    assert result.code == 1
    assert shown["orders"]["lag_seconds"] == 90
    assert (shown["outcomes"]["state"], shown["outcomes"]["failures"]) == ("failing", 1)
    assert "requestStatus.read" in run("feeds").out


def test_orders_are_listed_searched_and_shown_as_they_came(run: Run, switched_on: World, installation) -> None:
    order(switched_on, "E-1", orderNumber="PO-4711", supplierName="Oakline Furniture")
    order(switched_on, "E-2", orderNumber="PO-4712", supplierName="Beacon Paper")
    do(installation, Job.ORDERS)

    listed = run("orders", "list", "--json")
    assert [(one["number"], one["net_sum"], one["acknowledged"]) for one in listed.json] == [
        ("PO-4712", 199.9, True),
        ("PO-4711", 199.9, True),
    ]
    assert [one["number"] for one in run("orders", "list", "--text", "oakline", "--json").json] == ["PO-4711"]
    assert run("orders", "show", "PO-4711").json["supplierName"] == "Oakline Furniture"
    assert run("orders", "show", "E-2").json["orderNumber"] == "PO-4712"
    assert "PO-4711" in run("orders", "list").out


def test_an_order_nobody_knows_and_one_number_on_two_orders_are_told(
    run: Run, switched_on: World, installation
) -> None:
    order(switched_on, "E-1", orderNumber="PO-1")
    order(switched_on, "E-2", orderNumber="PO-1")
    do(installation, Job.ORDERS)

    assert run("orders", "show", "PO-9").code == 2
    twice = run("orders", "show", "PO-1")
    assert twice.code == 2
    assert "E-1" in twice.err
    assert "E-2" in twice.err


def test_outcomes_come_errors_first_with_the_way_out(run: Run, switched_on: World, installation) -> None:
    switched_on.basware.act(
        "refuse_imports", message="Voucher series is closed", entity_type="TransferResponse", times=1
    )
    for number in ("A-1", "A-2"):
        switched_on.approve(invoice(number, line("60.00")))
    run("sync", "--only", "intake")
    run("mapping", "propose", "--accept")
    assert run("sync").code == 0
    assert {one["state"] for one in run("outcomes", "list", "--json").json} == {"open"}
    switched_on.clock.advance(31)
    do(installation, Job.OUTCOMES)

    result = run("outcomes", "list", "--json")

    assert result.code == 1
    assert [one["state"] for one in result.json] == ["failed", "done"]
    first = result.json[0]
    assert (first["problem"], first["category"]) == ("Voucher series is closed", "Technical")
    assert first["request_id"] in first["what_to_do"]
    number = first["invoice_number"]
    assert run("documents", "show", number, "--json").json["document"]["state"] == "held"
    assert "Voucher series" in run("outcomes", "list", "--text", number).out
    assert run("outcomes", "list", "--state", "done").code == 0
