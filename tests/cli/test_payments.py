"""Payments at the command line: what stands where, what Basware was told, and the way out of a refusal."""

import pytest

from ml_connector.app import App, Settings
from ml_connector.store.schema import connections
from ml_connector.work.jobs import Job
from ml_connector.work.registry import PERFORM
from paperwork import invoice, line
from terminal import Run
from world import World


@pytest.fixture
def installation(connected: World):
    """The installation the commands work in, as an engine opens it."""
    app = App.open(Settings())
    yield app
    app.close()


def do(installation, *jobs: Job) -> None:
    for job in jobs:
        desk = installation.desk(installation.connection(""))
        desk.take_lease()
        PERFORM[job](desk)
        desk.release_lease()
        desk.close()


def paid(run: Run, world: World, installation, *, amount: str = "60.00") -> str:
    """An invoice that was posted and paid; its bill in QuickBooks."""
    world.approve(invoice("P-1", line("60.00")))
    run("sync", "--only", "intake")
    run("mapping", "propose", "--accept")
    assert run("sync").code == 0
    (bill,) = (record for _, record in world.transactions())
    account = next(one for one in world.quickbooks.books(world.realm_id)["Account"] if one["AccountType"] == "Bank")
    world.act("pay", id=bill["Id"], account=account["Id"], amount=amount, number="10231")
    world.clock.advance(61)
    do(installation, Job.CHANGES)
    return str(bill["Id"])


def test_a_payment_is_listed_and_shown_with_what_basware_was_told(run: Run, connected: World, installation) -> None:
    bill = paid(run, connected, installation, amount="20.00")
    do(installation, Job.PAYMENTS)

    result = run("payments", "list", "--json")
    (listed,) = result.json
    assert result.code == 0
    assert (listed["state"], listed["paid"], listed["open"], listed["currency"]) == ("told", 20, 40, "USD")
    assert "10231" in run("payments", "show", "P-1").out
    shown = run("payments", "show", "P-1", "--json").json
    assert [(one["type"], one["id"], one["open"]) for one in shown["parts"]] == [("Bill", bill, 40)]
    assert [(one["number"], one["amount"]) for one in shown["payments"]] == [("10231", 20)]
    assert [one["state"] for one in shown["responses"]] == ["done"]
    assert run("payments", "list", "--state", "refused", "--json").json == []
    assert len(run("payments", "list", "--text", "10231", "--json").json) == 1


def test_a_refused_payment_ends_with_a_code_of_its_own_and_can_be_tried_again(
    run: Run, connected: World, installation
) -> None:
    connected.basware.act(
        "refuse_imports", message="Unknown method", entity_type="PaymentResponse", category="DataValidation", times=1
    )
    paid(run, connected, installation)
    do(installation, Job.PAYMENTS)
    connected.clock.advance(61)
    do(installation, Job.OUTCOMES)

    result = run("payments", "list")
    assert result.code == 1
    assert "payments retry" in " ".join(result.out.split())
    assert run("payments", "show", "P-1").code == 1
    assert run("payments", "retry", "P-1", "--json").json["state"] == "due"
    do(installation, Job.PAYMENTS)
    assert run("payments", "list").code == 0
    again = run("payments", "retry", "P-1")
    assert again.code == 2
    assert "told" in again.err


def test_payments_from_before_are_shown_and_told_when_asked_for(run: Run, connected: World, installation) -> None:
    paid(run, connected, installation)
    with installation.database.write() as tx:
        tx.execute(connections.update().values(created_at=connected.clock.now()))
    do(installation, Job.PAYMENTS)
    assert [one["state"] for one in run("payments", "list", "--json").json] == ["earlier"]

    assert run("payments", "pick-up", "--json").json == {"known": 1}
    do(installation, Job.PAYMENTS)
    assert [one["state"] for one in run("payments", "list", "--json").json] == ["told"]


def test_a_document_nobody_paid_is_shown_as_such(run: Run, connected: World, installation) -> None:
    connected.approve(invoice("P-1", line("60.00")))
    run("sync", "--only", "intake")

    shown = run("payments", "show", "P-1", "--json")
    assert (shown.code, shown.json["document"]["state"], shown.json["payments"]) == (0, "nothing", [])
