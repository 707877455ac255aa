"""`ml-connector drift`: what a person sees of tampered transactions, and what the decisions print."""

from collections.abc import Callable

import pytest

from ml_connector.app import App, Settings
from ml_connector.work.jobs import Job
from ml_connector.work.registry import PERFORM
from paperwork import invoice
from terminal import Run
from world import World


def read_changes() -> None:
    """The job `changes`, in the installation the commands work in."""
    app = App.open(Settings())
    desk = app.desk(app.connection(""))
    PERFORM[Job.CHANGES](desk)
    desk.close()
    app.close()


@pytest.fixture
def changed(run: Run, connected: World, once: Callable[..., None]) -> World:
    """An invoice posted over 100.00 whose bill somebody brought to 120.00; the change has been read."""

    def change() -> None:
        read_changes()
        connected.approve(invoice("A-1"))
        assert run("sync", "--only", "intake").code == 0
        assert run("mapping", "propose", "--accept").code == 0
        assert run("sync").code == 0
        connected.act("change_bill", id=connected.only_transaction("A-1")[1]["Id"], amount="120.00")
        connected.clock.advance(120)
        read_changes()

    once("a bill changed", change)
    return connected


def test_a_difference_is_listed_shown_restored_and_gone(run: Run, changed: World) -> None:
    listed = run("drift", "list")
    assert listed.code == 1
    assert "A-1" in listed.out
    assert "total" in listed.out
    shown = run("drift", "show", "A-1")
    assert "100.00 USD" in shown.out
    assert "120.00 USD" in shown.out
    assert "Now in QuickBooks" in shown.out
    assert run("drift", "restore", "A-1", "--reason", "typed by mistake").code == 0
    assert run("sync").code == 0
    assert changed.only_transaction("A-1")[1]["TotalAmt"] == 100
    assert run("drift", "list").code == 0
    (case,) = run("drift", "list", "--every", "--json").json
    assert (case["state"], case["reason"]) == ("restored", "typed by mistake")


def test_accept_and_ignore_print_the_case_as_json(run: Run, changed: World) -> None:
    (ignored,) = run("drift", "ignore", "A-1", "--reason", "known", "--json").json
    assert ignored["state"] == "ignored"
    (accepted,) = run("drift", "accept", "A-1", "--reason", "right after all", "--json").json
    assert (accepted["state"], accepted["differences"][0]["ours"]) == ("accepted", "100")
    again = run("drift", "accept", "A-1", "--reason", "twice")
    assert again.code == 2
    assert "waits for a decision" in again.err


def test_a_paid_bill_is_refused_with_the_reason(run: Run, changed: World) -> None:
    changed.act("pay", id=changed.only_transaction("A-1")[1]["Id"], account="31")
    changed.clock.advance(120)
    read_changes()
    refused = run("drift", "restore", "A-1", "--reason", "typed by mistake")
    assert refused.code == 2
    assert "paid or partly paid" in refused.err


def test_the_document_itself_names_the_difference_and_how_it_is_decided(run: Run, changed: World) -> None:
    shown = run("documents", "show", "A-1").out
    assert "was changed in QuickBooks (total" in shown
    assert "ml-connector drift accept" in shown
    assert [case["state"] for case in run("documents", "show", "A-1", "--json").json["drift"]] == ["open"]
    run("drift", "accept", "A-1", "--reason", "right after all")
    assert "drift accept" not in run("documents", "show", "A-1").out
