"""What is followed in QuickBooks, the Network and Data Access at the command line: lists, one thing, JSON, mistakes, exit codes."""

from pathlib import Path

import pytest

from feed_scenes import SECRETS, arrive, file, invoice, mailbox
from ml_connector.app import App, Settings
from ml_connector.store import books as book_store
from ml_connector.work.jobs import Job
from ml_connector.work.registry import PERFORM
from terminal import CONNECTION, Run
from world import World

FEEDS = f"""network = {{ enabled = true }}
extracts = {{ enabled = true }}
network_user = "{SECRETS["basware.network_user"]}"
network_password = "{SECRETS["basware.network_password"]}"
"""
SWITCHED_ON = CONNECTION.replace('client_id = "demo-basware-client"', f'client_id = "demo-basware-client"\n{FEEDS}')


@pytest.fixture
def switched_on(run: Run, connected: World, connection_file: Path) -> World:
    """The demo company with the Network and Data Access switched on; no extract is made by itself."""
    connected.basware.switches.extract_every_hours = None
    connection_file.write_text(SWITCHED_ON)
    assert run("connection", "add", connection_file).code == 0
    return connected


def do(job: Job) -> None:
    """One job, in the installation the commands work in."""
    app = App.open(Settings())
    desk = app.desk(app.connection(""))
    desk.take_lease()
    PERFORM[job](desk)
    desk.release_lease()
    desk.close()
    app.close()


# QuickBooks' changes


def test_before_the_first_reading_every_kind_of_record_says_so(run: Run, connected: World) -> None:
    result = run("changes")

    assert result.code == 0
    assert "never read" in result.out
    assert "QuickBooks is asked more often" in result.err
    shown = run("changes", "--json").json
    assert {one["known_to"] for one in shown["entities"]} == {None}
    assert (shown["known_to"], shown["waiting"], shown["drifted"]) == (None, 0, [])


def test_after_reading_the_copies_are_counted_and_known_up_to_now(run: Run, connected: World) -> None:
    do(Job.CHANGES)

    shown = run("changes", "demo", "--json").json

    vendors = next(one for one in shown["entities"] if one["entity"] == "Vendor")
    assert vendors["records"] == len(connected.quickbooks.books(connected.realm_id)["Vendor"])
    assert (vendors["progress"], vendors["problem"]) == ("", "")
    assert shown["known_to"] is not None
    assert "Vendor" in run("changes").out


def test_what_cannot_be_read_is_named_and_the_exit_code_says_so(run: Run, connected: World) -> None:
    app = App.open(Settings())
    row = app.connection("")
    with app.database.write() as tx:
        book_store.put_problem(tx, row.id, "Vendor", "QuickBooks says: no permission", app.clock.now())
    app.close()

    result = run("changes")

    assert (result.code, "no permission" in result.out) == (1, True)
    assert run("changes", "--json").code == 1


def test_a_comparison_is_asked_for_and_done_by_the_next_run(run: Run, connected: World) -> None:
    do(Job.CHANGES)
    told = run("changes", "compare", "--yes", "--json")

    assert told.code == 0
    assert told.json["records"] > 0
    assert told.json["reads"] >= len(told.json["entities"]) > 10
    assert "next run of the job changes" in told.err
    do(Job.CHANGES)
    assert {one["progress"] for one in run("changes", "--json").json["entities"]} == {""}


def test_a_comparison_is_not_begun_where_nobody_can_be_asked(run: Run, connected: World) -> None:
    refused = run("changes", "compare")

    assert (refused.code, refused.out) == (2, "")
    assert "add --yes" in refused.err


@pytest.mark.parametrize(
    "words", ["changes", "changes compare --yes", "network list", "extracts list", "extracts rows"]
)
def test_an_unknown_connection_is_a_mistake_with_a_way_out(run: Run, connected: World, words: str) -> None:
    name = ["nobody"] if words.startswith("changes") else ["--connection", "nobody"]
    result = run(*words.split(), *name)

    assert (result.code, result.out) == (2, "")
    assert "nobody" in result.err


# the Network


def test_with_nothing_on_its_way_lists_are_empty(run: Run, switched_on: World) -> None:
    for words in ("network list", "extracts list", "extracts rows", "extracts rows ADM_SUPPLIER"):
        shown = run(*words.split(), "--json")
        assert (shown.code, shown.json) == (0, [])
        assert run(*words.split()).code == 0


def test_documents_on_their_way_are_listed_and_chosen_by_state(run: Run, switched_on: World) -> None:
    first, second = arrive(switched_on, bum_id="B-1"), arrive(switched_on, invoice("NW-78"), bum_id="B-2")
    lost = arrive(switched_on, bum_id="B-3")
    del mailbox(switched_on).received[lost]
    do(Job.NETWORK)

    shown = run("network", "list", "--json").json

    assert {one["bum_id"] for one in shown} == {first, second, lost}
    assert [one["bum_id"] for one in run("network", "list", "--state", "failed", "--json").json] == [lost]
    assert len(run("network", "list", "--limit", "1", "--json").json) == 1
    assert "NW-78" in run("network", "list").out
    assert run("network", "list", "--state", "eaten").code == 2


def test_one_document_is_shown_with_its_files_and_as_it_came(run: Run, switched_on: World) -> None:
    bum_id = arrive(switched_on, files={"scan.pdf": file()})
    do(Job.NETWORK)

    view = run("network", "show", bum_id, "--json").json

    assert (view["document"]["number"], view["document"]["state"]) == ("NW-77", "on the way")
    assert [one["size"] for one in view["files"]] == [8]
    assert "Northwind Ltd." in run("network", "show", bum_id).out
    assert '"externalDocumentIdentifier"' in run("network", "show", bum_id, "--raw").out
    missing = run("network", "show", "none")
    assert (missing.code, missing.out) == (2, "")
    assert "ml-connector network list" in missing.err


def test_a_file_is_written_once_and_nothing_is_replaced(run: Run, switched_on: World, tmp_path: Path) -> None:
    bum_id = arrive(switched_on, files={"scan.pdf": file()})
    do(Job.NETWORK)
    [one] = run("network", "show", bum_id, "--json").json["files"]
    target = tmp_path / "scan.pdf"

    written = run("network", "file", bum_id, one["ref_id"], "--to", target, "--json")

    assert (written.code, written.json["size"]) == (0, 8)
    assert target.read_bytes() == b"%PDF-1.7"
    again = run("network", "file", bum_id, one["ref_id"], "--to", target)
    assert (again.code, "there already" in again.err) == (2, True)
    unknown = run("network", "file", bum_id, "none", "--to", tmp_path / "other")
    assert (unknown.code, "lists its files" in unknown.err) == (2, True)
    nowhere = run("network", "file", bum_id, one["ref_id"], "--to", tmp_path / "no" / "folder")
    assert (nowhere.code, "cannot be written" in nowhere.err) == (2, True)


# Data Access


def test_extracts_are_listed_shown_and_their_rows_searched(run: Run, switched_on: World) -> None:
    extract = switched_on.basware.act("extract")
    do(Job.EXTRACTS)

    [listed] = run("extracts", "list", "--json").json

    assert (listed["extract_id"], listed["state"]) == (extract, "acknowledged")
    assert extract in run("extracts", "list").out
    view = run("extracts", "show", extract, "--json").json
    assert sum(one["rows"] for one in view["files"]) == listed["rows"] > 0
    assert "rows" in run("extracts", "show", extract).out
    tables = {one["table"]: one["rows"] for one in run("extracts", "rows", "--json").json}
    assert tables["ADM_SUPPLIER"] > 1
    rows = run("extracts", "rows", "ADM_SUPPLIER", "--limit", "1000", "--json").json
    assert len(rows) == tables["ADM_SUPPLIER"]
    assert len(run("extracts", "rows", "ADM_SUPPLIER", "--limit", "1", "--json").json) == 1
    assert run("extracts", "rows", "ADM_SUPPLIER", "--text", "no such words", "--json").json == []
    assert "ADM_SUPPLIER" in run("extracts", "rows").out


def test_an_extract_nobody_knows_is_a_mistake_with_a_way_out(run: Run, switched_on: World) -> None:
    missing = run("extracts", "show", "none")

    assert (missing.code, missing.out) == (2, "")
    assert "ml-connector extracts list" in missing.err


def test_a_reading_again_is_shown_until_it_is_done(run: Run, switched_on: World) -> None:
    extract = switched_on.basware.act("extract")
    [tenant] = switched_on.basware._world.tenants.values()
    tenant.extracts.made[extract].exported = True
    since = switched_on.clock.now().date().isoformat()
    assert run("schedule", "backfill", "extracts", since).code == 0
    assert f"to be read again from {since} on" in run("schedule", "list").out

    do(Job.EXTRACTS)

    shown = {one["job"]: one for one in run("schedule", "list", "--json").json}
    assert shown["extracts"]["backfill_from"] == ""
    assert [one["extract_id"] for one in run("extracts", "list", "--json").json] == [extract]
