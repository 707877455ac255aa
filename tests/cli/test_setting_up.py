"""Setting a connection up from the command line: the first plan is seen, nothing is posted, then it is released."""

from pathlib import Path

from terminal import CONNECTION, Run
from twins.demo_company import basware_seed
from world import World


def test_nothing_is_posted_until_the_plan_was_seen_and_the_connection_released(
    run: Run, world: World, connection_file: Path
) -> None:
    connection_file.write_text(CONNECTION + "\n[policy]\nstart_date = 2026-01-01\n")
    document = next(one for one in basware_seed()["accountingDocuments"] if one.get("invoiceNumber"))
    world.approve(document)
    assert run("init").code == 0
    assert run("connection", "add", connection_file, "--setup").code == 0

    refused = run("sync")
    assert (refused.code, "being set up" in refused.err) == (4, True)
    too_early = run("connection", "release", "demo")
    assert (too_early.code, "Still to do: First plan" in too_early.err) == (2, True)

    plan = run("connection", "first-plan", "demo", "--json").json
    assert [one["invoice_number"] for one in plan["documents"]] == [document["invoiceNumber"]]
    assert world.in_basware(document["invoiceNumber"])["processingStatus"] == "WaitingForTransfer"
    assert "Would" in run("connection", "first-plan", "demo").out

    assert run("connection", "release", "demo", "--reason", "seen", "--json").json == {"name": "demo", "released": True}
    run("sync")
    assert world.in_basware(document["invoiceNumber"])["processingStatus"] != "WaitingForTransfer"


def test_postings_may_wait_for_a_person_from_the_release_on(run: Run, world: World, connection_file: Path) -> None:
    connection_file.write_text(CONNECTION + "\n[policy]\nstart_date = 2026-01-01\n")
    document = next(one for one in basware_seed()["accountingDocuments"] if one.get("invoiceNumber"))
    world.approve(document)
    assert run("init").code == 0
    assert run("connection", "add", connection_file, "--setup").code == 0
    assert run("connection", "first-plan", "demo").code == 0

    assert run("connection", "release", "demo", "--review").code == 0

    run("sync")
    assert world.transactions() == []
    assert document["invoiceNumber"] in run("plan", "list").out


def test_a_company_that_was_not_meant_is_let_go_of(run: Run, world: World, connection_file: Path) -> None:
    connection_file.write_text(CONNECTION + "\n[policy]\nstart_date = 2026-01-01\n")
    assert run("init").code == 0
    assert run("connection", "add", connection_file, "--setup").code == 0
    assert run("connection", "leave", "demo", "--json").json == {"name": "demo", "told": "Intuit ended the sign-in"}
    assert "quickbooks.realm_id" not in run("connection", "show", "demo", "--json").json["secrets"]
    assert run("connection", "release", "demo").code == 2
