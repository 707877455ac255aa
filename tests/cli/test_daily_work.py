"""A day at the command line: sync, look, fix, decide. Data on standard output, words on standard error, stable exit codes."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from ml_connector.app import App, Settings
from paperwork import BEACON, invoice, line
from terminal import Run
from twins.faults import FaultKind, FaultRule
from world import World


@pytest.fixture
def mapped(run: Run, connected: World, once: Callable[..., None]) -> World:
    """One good invoice and one with an account QuickBooks lacks, taken over and mapped as far as is certain."""

    def take_over() -> None:
        connected.approve(invoice("A-1", line("60.00"), line("40.00", practice="TECH")))
        connected.approve(invoice("A-2", line("5.50", account="6470")))
        assert run("sync", "--only", "intake").code == 0
        assert run("mapping", "propose", "--accept").code == 0

    once("two invoices mapped", take_over)
    return connected


@pytest.fixture
def synced(run: Run, mapped: World, once: Callable[..., None]) -> World:
    """The same after a sync: A-1 posted, A-2 held."""

    def sync() -> None:
        assert run("sync").code == 1

    once("two invoices synced", sync)
    return mapped


def test_a_sync_with_nothing_held_ends_with_zero(run: Run, connected: World) -> None:
    result = run("sync", "--json")

    assert result.code == 0
    assert set(result.json) == {"run", "status"}
    assert set(result.json["run"]) == {"intake", "planned", "posted", "answered", "next_due"}


def test_a_sync_that_leaves_something_held_ends_with_one_and_says_where_to_look(run: Run, mapped: World) -> None:
    result = run("sync")

    assert (result.code, result.out) == (1, "")
    assert "holds list" in result.err
    mapped.only_transaction("A-1")


def test_a_sync_that_needs_a_sign_in_ends_with_three_and_says_so(run: Run, mapped: World) -> None:
    mapped.quickbooks.sign_in.disconnect(mapped.realm_id)
    result = run("sync")

    assert (result.code, result.out) == (3, "")
    assert "QuickBooks" in result.err
    status = run("status", "--json")
    assert (status.code, status.json["state"]) == (3, "sign-in needed")


def test_a_sync_while_a_system_is_down_ends_with_four(run: Run, mapped: World) -> None:
    mapped.quickbooks_faults.add(FaultRule(kind=FaultKind.STATUS, status=503, times=None))
    result = run("sync")

    assert (result.code, result.out) == (4, "")
    assert result.err


def test_a_sync_with_an_unanswered_write_ends_with_four_and_names_the_time(run: Run, mapped: World) -> None:
    mapped.quickbooks_faults.add(FaultRule(kind=FaultKind.LOST_AFTER, path="/batch$", contains='"operation"'))
    result = run("sync", "--json")

    assert result.code == 4
    assert result.json["run"]["next_due"][:16] in result.err
    assert result.json["status"]["unanswered"] == 1
    mapped.clock.advance(3600)
    assert run("sync").code == 1
    mapped.only_transaction("A-1")


def test_a_sync_while_another_process_works_ends_with_four(run: Run, mapped: World) -> None:
    other = App.open(Settings())
    other.worker = "another machine/1"
    other.desk(other.connection("demo")).take_lease()

    result = run("sync")

    assert result.code == 4
    assert "busy" in result.err
    other.close()


def test_steps_can_be_run_one_by_one(run: Run, mapped: World) -> None:
    run("sync", "--only", "plan")
    assert mapped.transactions() == []
    run("sync", "--only", "post")
    mapped.only_transaction("A-1")
    assert mapped.answers("A-1") == []
    run("sync", "--only", "answer")
    assert len(mapped.answers("A-1")) == 1


def test_documents_are_listed_with_state_money_and_where_they_are(run: Run, synced: World) -> None:
    listed = run("documents", "list", "--json")

    assert listed.code == 0
    posted, held = listed.json
    assert set(posted) == {
        "invoice_id", "invoice_number", "supplier_code", "supplier", "state", "kind", "total", "currency",
        "transactions", "causes", "held_since", "received_at", "answer_problem",
    }  # fmt: skip
    assert (posted["invoice_number"], posted["state"], posted["kind"]) == ("A-1", "confirmed", "Bill")
    assert posted["transactions"][0]["id"] == synced.only_transaction("A-1")[1]["Id"]
    assert (held["state"], held["causes"]) == ("held", ["account-not-mapped"])
    assert '"total":5.50' in listed.out, "money is exact, down to its last zero"


@pytest.mark.parametrize(("words", "numbers"), [(["--state", "held"], ["A-2"]), (["--text", "a-1"], ["A-1"])])
def test_documents_can_be_searched(run: Run, synced: World, words: list[str], numbers: list[str]) -> None:
    result = run("documents", "list", "--json", *words)

    assert [one["invoice_number"] for one in result.json] == numbers


def test_a_document_explains_each_posted_field(run: Run, synced: World) -> None:
    shown = run("documents", "show", "A-1", "--json").json

    assert set(shown) == {
        "document", "sent_by_basware", "note", "chosen_date", "files", "taken_back", "reversals", "accruals", "drift", "causes",
        "postings", "explanations", "tax", "credits", "history", "raw",
    }  # fmt: skip
    (posting,) = shown["postings"]
    assert all(one["account"].endswith("Office Supplies") for one in posting["lines"])
    assert {one["field"] for one in shown["explanations"]} >= {"vendor", "total"}
    assert all(set(one) == {"field", "source", "rule", "result"} for one in shown["explanations"])
    assert {event["action"] for event in shown["history"]} >= {
        "document received",
        "written to QuickBooks",
        "answered Basware",
    }


def test_a_document_for_people_names_records_and_not_ids(run: Run, synced: World) -> None:
    result = run("documents", "show", "A-1")

    assert result.code == 0
    for name in ("Beacon Office Supply Co.", "Office Supplies", "New York", "Firm Operations", "100.00 USD"):
        assert name in result.out


def test_the_document_as_basware_sent_it_can_be_had(run: Run, synced: World) -> None:
    raw = msgspec.json.decode(run("documents", "show", "A-1", "--raw").out)

    assert raw["invoiceNumber"] == "A-1"


@pytest.mark.parametrize("words", [["documents", "show"], ["holds", "retry"], ["holds", "ignore", "--reason", "x"]])
def test_a_document_nobody_knows_ends_with_two(run: Run, synced: World, words: list[str]) -> None:
    result = run(*words, "A-99")

    assert (result.code, result.out) == (2, "")
    assert "A-99" in result.err


def test_a_number_of_two_documents_must_be_told_apart(run: Run, synced: World) -> None:
    synced.approve(invoice("A-1", supplier="V-10012"))
    run("sync")

    result = run("documents", "show", "A-1")

    assert result.code == 2
    assert "Corvid" in result.err


def test_holds_are_shown_by_cause_with_what_to_do(run: Run, synced: World) -> None:
    listed = run("holds", "list", "--json")

    assert listed.code == 1
    (group,) = listed.json
    assert set(group) == {"cause", "documents", "invoice_ids", "money", "oldest"}
    assert (group["documents"], group["cause"]["cause"]) == (["A-2"], "account-not-mapped")
    assert group["cause"]["what_to_do"]
    assert "6470" in run("holds", "list").out


def test_mapping_the_code_makes_the_held_document_go(run: Run, synced: World) -> None:
    assert run("mapping", "set", "account", "6470", "6420").code == 0

    assert run("sync").code == 0
    synced.only_transaction("A-2")
    assert run("holds", "list", "--json").json == []


def test_a_held_document_is_ignored_only_with_a_reason(run: Run, synced: World) -> None:
    assert run("holds", "ignore", "A-2").code == 2
    assert run("holds", "ignore", "A-2", "--reason", " ").code == 2

    done = run("holds", "ignore", "A-2", "--reason", "paid by card", "--json")

    assert (done.code, done.json["state"]) == (0, "ignored")
    assert run("sync").code == 0
    assert run("documents", "show", "A-2", "--json").json["note"] == "paid by card"


def test_retrying_names_how_many_go_again(run: Run, synced: World) -> None:
    assert run("holds", "retry", "--all", "--json").json == {"asked": 1, "retried": 1}
    assert run("holds", "retry", "A-1").code == 1, "a posted document cannot be retried"
    assert run("holds", "retry").code == 2
    assert run("holds", "retry", "A-2", "--all").code == 2


def test_a_duplicate_is_decided_at_the_command_line(run: Run, synced: World) -> None:
    second = synced.approve({**invoice("A-1", line("20.00")), "invoiceId": "f" * 32})
    run("sync")
    assert run("holds", "decide", second, "send-flowers").code == 2

    decided = run("holds", "decide", second, "post-anyway", "--reason", "two deliveries", "--json")

    assert (decided.code, decided.json["choice"]) == (0, "post anyway")
    run("sync")
    synced.only_transaction(second)


def test_what_a_document_may_be_is_found_and_linked_at_the_command_line(run: Run, synced: World) -> None:
    synced.approve(invoice("A-3", line("75.00"), supplier=BEACON))
    row = {"Amount": 75, "DetailType": "AccountBasedExpenseLineDetail"}
    row["AccountBasedExpenseLineDetail"] = {"AccountRef": {"value": "56"}}
    bill = {"VendorRef": {"value": "101"}, "DocNumber": "A-3", "TxnDate": "2026-11-05", "Line": [row]}
    synced.act("enter", entity="Bill", body=bill)
    synced.clock.advance(120)
    run("work", "--once")
    run("sync")

    found = run("documents", "candidates", "A-3", "--json")

    assert (found.code, found.json[0]["number"]) == (0, "A-3")
    assert "same number" in found.json[0]["fits"]
    assert [one["link"] for one in run("documents", "candidates", "A-3", "--amount", "75.00", "--json").json] == [
        found.json[0]["link"]
    ]
    assert run("documents", "candidates", "A-3", "--day", "2020-01-01").code == 1
    assert run("documents", "candidates", "A-3", "--amount", "lots").code == 2
    assert run("holds", "decide", "A-3", "link", "--link-to", found.json[0]["link"], "--reason", "by hand").code == 0
    run("sync")
    assert run("documents", "show", "A-3", "--json").json["document"]["state"] == "confirmed"
    assert [one["DocNumber"] for one in synced.quickbooks.books(synced.realm_id)["Bill"]].count("A-3") == 1


def test_status_counts_documents_and_money_by_state(run: Run, synced: World) -> None:
    status = run("status", "--json")

    assert status.code == 1
    assert set(status.json) == {
        "connection", "state", "reason", "company", "documents", "ready_to_send", "unanswered", "records",
    }  # fmt: skip
    assert status.json["documents"]["confirmed"] == {"documents": 1, "money": {"USD": 100.0}}
    assert "Calloway Thorne" in run("status").out


def test_calls_are_kept_with_the_references_support_asks_for(run: Run, synced: World) -> None:
    listed = run("calls", "--limit", "500", "--json").json

    written = [one for one in listed if one["system"] == "quickbooks" and one["request_id"]]
    assert written
    assert all(one["trace"] and one["status"] == 200 for one in written)


def test_left_running_it_looks_again_after_each_interval_until_somebody_stops_it(
    run: Run, mapped: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    pause = mapped.clock.sleep

    def wait(seconds: float) -> None:
        if seconds == 3600:
            waited.append(seconds)
            if len(waited) == 1:
                mapped.quickbooks_faults.add(FaultRule(kind=FaultKind.STATUS, status=503, times=None))
            elif len(waited) == 2:
                mapped.quickbooks_faults.clear()
            else:
                raise KeyboardInterrupt
            mapped.approve(invoice(f"A-{2 + len(waited)}"))
        pause(seconds)

    monkeypatch.setattr(mapped.clock, "sleep", wait)

    result = run("sync", "--watch", "--interval", "3600", "--json")

    assert (result.code, waited) == (130, [3600, 3600, 3600])
    mapped.only_transaction("A-3")
    mapped.only_transaction("A-4")
    assert len(result.out.splitlines()) == 2, "one line of JSON for each run that could be made"
    assert "Trying again" in result.err


@pytest.mark.parametrize(
    "command",
    [
        "init", "connection add", "connection show", "connection ping", "sync", "documents list", "documents show",
        "holds list", "holds retry", "holds ignore", "holds decide", "mapping list", "mapping set", "mapping import",
        "mapping export", "mapping propose", "status", "calls", "demo",
    ],
)  # fmt: skip
def test_every_command_explains_itself(run: Run, command: str) -> None:
    result = run(*command.split(), "--help")

    assert (result.code, result.err) == (0, "")
    assert f"Usage: ml-connector {command}" in result.out


def test_an_invoice_that_is_only_prebooked_is_listed_and_shown_with_its_held_accrual(
    run: Run, connected: World, connection_file: Path
) -> None:
    connection_file.write_text(f'{connection_file.read_text()}\n[policy]\nprebook = "accrue"\n')
    assert run("connection", "add", connection_file).code == 0
    connected.basware.act("prebook", document=invoice("PB-1"))
    run("sync")

    listed = run("accruals", "list", "--json")
    assert listed.code == 1
    (line,) = listed.json
    assert (line["invoice_number"], line["state"]) == ("PB-1", "held")
    assert "accrual-account-missing" in line["causes"]
    (shown,) = run("documents", "list", "--json").json
    assert (shown["invoice_number"], shown["state"]) == ("PB-1", "before transfer")
    assert "No account for accruals" in run("documents", "show", "PB-1").out
    assert "PB-1 (accrual)" in run("holds", "list").out
    assert run("accruals", "retry", "PB-1").code == 0
    assert run("accruals", "retry", "nothing").code == 2


def test_an_inactive_vendor_is_made_active_and_its_bill_posted(run: Run, connected: World) -> None:
    connected.approve(invoice("A-1", supplier="V-10009"))
    assert run("sync", "--only", "intake").code == 0
    assert run("mapping", "propose", "--accept").code == 0
    run("mapping", "set", "vendor", "V-10009", "113")
    assert run("sync").code == 1

    refused = run("holds", "reactivate", "vendor", "Nobody & Sons", "--reason", "delivers again")
    assert "QuickBooks has no vendor" in refused.err
    asked = run("holds", "reactivate", "vendor", "Redfern Couriers", "--reason", "delivers again", "--json")
    assert (asked.code, asked.json["quickbooks_id"], asked.json["state"]) == (0, "113", "asked")
    assert run("sync").code == 0

    assert connected.only_transaction("A-1")[1]["VendorRef"]["value"] == "113"
    [line_] = run("holds", "reactivations", "--json").json
    assert (line_["state"], line_["reason"]) == ("done", "delivers again")
