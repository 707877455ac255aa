"""`ml-connector plan` and the holds of people: what will happen is shown, released, taken back; what is kept back stays."""

from collections.abc import Callable

import pytest

from paperwork import invoice
from terminal import Run
from world import World


@pytest.fixture
def reviewed(run: Run, connected: World, once: Callable[..., None]) -> World:
    """Two invoices that are proposed and wait for a release."""

    def propose() -> None:
        for number in ("A-1", "A-2"):
            connected.approve(invoice(number))
        assert run("sync", "--only", "intake").code == 0
        assert run("mapping", "propose", "--accept").code == 0
        assert run("plan", "review", "invoices", "on").code == 0
        run("sync")

    once("two invoices proposed", propose)
    return connected


def state(run: Run, number: str) -> str:
    return str(run("documents", "show", number, "--json").json["document"]["state"])


def test_what_waits_is_listed_released_and_then_posted(run: Run, reviewed: World) -> None:
    listed = run("plan", "list", "--json")
    lines = {one["invoice_number"]: one for one in listed.json}
    assert listed.code == 1
    assert {one["next"] for one in lines.values()} == {"waits for a release, then is posted"}
    assert lines["A-1"]["postings"][0]["type"] == "Bill"
    assert reviewed.transactions() == []

    stale = run("plan", "release", "A-1", "--proposal", lines["A-2"]["proposal"], "--json")
    assert (stale.code, stale.json["released"]) == (1, [])
    assert run("plan", "release", "A-1", "--proposal", lines["A-1"]["proposal"]).code == 0
    run("sync")
    assert (len(reviewed.posted("A-1")), reviewed.posted("A-2")) == (1, [])

    assert run("plan", "release", "--all").code == 0
    assert run("plan", "take-back", "A-2").code == 0
    run("sync")
    assert reviewed.posted("A-2") == []
    assert run("plan", "review", "invoices", "off").code == 0
    run("sync")
    assert len(reviewed.posted("A-2")) == 1
    assert run("plan", "list").code == 0


def test_a_person_s_hold_outlasts_everything_but_its_release(run: Run, reviewed: World) -> None:
    assert run("plan", "review", "invoices", "off").code == 0
    assert run("holds", "hold", "A-1", "--reason", "the price is being argued about").code == 0
    run("sync")
    assert (reviewed.posted("A-1"), len(reviewed.posted("A-2"))) == ([], 1)
    assert "the price is being argued about" in run("holds", "list").out
    run("holds", "retry", "A-1")
    reviewed.clock.advance(40 * 86_400)
    run("sync")
    assert (reviewed.posted("A-1"), reviewed.answers("A-1")) == ([], [])
    assert run("holds", "decide", "A-1", "post-anyway", "--reason", "tried").code == 2

    assert run("holds", "release", "A-1").code == 0
    run("sync")
    assert len(reviewed.posted("A-1")) == 1
    late = run("holds", "hold", "A-1", "--reason", "too late")
    assert (late.code, "too late to keep it back" in late.err) == (2, True)


def test_a_document_and_what_a_cause_holds_are_posted_on_another_day(run: Run, reviewed: World) -> None:
    assert run("plan", "review", "invoices", "off").code == 0
    reviewed.act("close_books", date="2026-11-10")
    run("sync")
    assert run("holds", "change-date", "--to", "2026-11-11", "--reason", "closed").code == 2
    early = run("holds", "change-date", "A-1", "--to", "2026-11-10", "--reason", "closed")
    assert (early.code, "closed through 2026-11-10" in early.err) == (1, True)
    assert run("holds", "change-date", "A-1", "--to", "2026-11-12", "--reason", "closed").code == 0
    assert run("holds", "undo-date", "A-1").code == 0
    run("sync")
    made = run("holds", "change-date", "--cause", "period-closed", "--to", "2026-11-11", "--reason", "closed", "--json")
    assert (made.code, made.json) == (0, {"asked": 2, "changed": 2, "left": []})
    assert run("documents", "show", "A-1", "--json").json["chosen_date"]["reason"] == "closed"
    run("sync")
    assert {reviewed.only_transaction(number)[1]["TxnDate"] for number in ("A-1", "A-2")} == {"2026-11-11"}
    assert run("holds", "undo-date", "A-1").code == 2


def test_an_ignored_document_can_be_put_back(run: Run, reviewed: World) -> None:
    assert run("holds", "ignore", "A-1", "--reason", "paid by card").code == 0
    run("plan", "release", "--all")
    run("sync")
    assert (state(run, "A-1"), reviewed.posted("A-1")) == ("ignored", [])
    assert run("holds", "put-back", "A-1", "--reason", "it was not").code == 0
    run("sync")
    assert state(run, "A-1") == "planned"
    assert run("holds", "put-back", "A-1").code == 2
