"""What nobody announced is caught up with: by change data capture, by queries in their order, or by comparing everything."""

from datetime import timedelta

import msgspec
import pytest

from announcements import Mailbag
from crashes import Crash
from followed import Followed, differences
from ml_connector.quickbooks.wire import MAX_PAGE
from ml_connector.store import alerts, jobs
from ml_connector.store.database import Database
from ml_connector.work.changes import catch_up as catching_up
from ml_connector.work.changes import comparing, recent
from ml_connector.work.changes.reading import read_changes
from ml_connector.work.changes.settings import ChangeSettings
from ml_connector.work.changes.state import ask_for_comparison, changes_state
from ml_connector.work.engines.local import LocalEngine
from ml_connector.work.jobs import Job
from paperwork import invoice
from twins.faults import FaultKind, FaultRule
from world import World, build_world

DAY = 24 * 3600


def _enter(world: World, count: int, *, start: int = 0) -> list[str]:
    """Journal entries a person enters, as many as told."""
    accounts = [
        record["Id"]
        for record in world.quickbooks.books(world.realm_id)["Account"]
        if record["AccountType"] == "Expense" and record["Active"]
    ][:2]
    lines = [
        {"side": side, "account": account, "amount": "1.00"}
        for side, account in zip(("Debit", "Credit"), accounts, strict=True)
    ]
    return [
        str(world.quickbooks.act(world.realm_id, "create_journal_entry", lines=lines, number=f"JE-{number}")["Id"])
        for number in range(start, start + count)
    ]


def _edit(world: World, *ids: str, note: str = "edited") -> None:
    for key in ids:
        world.quickbooks.act(world.realm_id, "edit", entity="JournalEntry", id=key, changes={"PrivateNote": note})


def _delete(world: World, *ids: str) -> None:
    for key in ids:
        world.quickbooks.act(world.realm_id, "delete", entity="JournalEntry", id=key)


def test_one_call_brings_the_changes_of_every_entity(followed: Followed) -> None:
    made = _enter(followed.world, 3)
    followed.world.act("edit_vendor", id="101", changes={"PrintOnCheckName": "Alder"})
    followed.world.act("rename", entity="Account", id="55", name="Stationery")
    _edit(followed.world, made[0])
    followed.world.clock.advance(20 * 60)

    calls = followed.calls(followed.read)

    assert calls == {"requests": 1, "cdc": 1}
    assert followed.differences() == []


def test_without_webhooks_quickbooks_is_asked_whenever_the_job_runs_but_once_a_minute_at_most(
    followed: Followed,
) -> None:
    asked = 0
    for _ in range(60):
        followed.world.clock.advance(10)
        asked += followed.calls(followed.read).get("cdc", 0)

    assert 9 <= asked <= 10


def test_without_webhooks_the_schedule_says_how_often_quickbooks_is_asked(followed: Followed) -> None:
    engine = LocalEngine(followed.world.app, heart=None, worker="engine")
    engine.step()

    def an_hour() -> None:
        for _ in range(60):
            followed.world.clock.advance(60)
            engine.step()

    assert followed.calls(an_hour)["cdc"] in {4, 5}, "every quarter of an hour"


def test_with_webhooks_quickbooks_is_asked_once_a_day(followed: Followed) -> None:
    followed.world.act("edit_vendor", id="101", changes={"PrintOnCheckName": "Alder"})
    followed.read_announced()
    asked = 0
    for _half_hour in range(48):
        followed.world.clock.advance(1800)
        asked += followed.calls(followed.read).get("cdc", 0)

    assert asked == 1


def test_after_a_time_in_which_we_did_not_work_quickbooks_is_asked_at_once(followed: Followed) -> None:
    followed.world.act("edit_vendor", id="101", changes={"PrintOnCheckName": "Alder"})
    followed.read_announced()
    followed.world.act("edit_vendor", id="102", changes={"PrintOnCheckName": "Birch"})
    followed.mail.lose()
    followed.world.clock.advance(2 * 3600)

    assert followed.calls(followed.read)["cdc"] == 1
    assert followed.differences() == []


def test_somebody_who_asks_for_it_gets_everything_read_at_once(followed: Followed) -> None:
    with followed.world.database.write() as tx:
        jobs.ask(tx, followed.world.connection_id, "changes", followed.world.clock.now(), "Ann")

    calls = followed.calls(followed.read)

    assert (calls["cdc"], calls["batches"]) == (1, 1)


def test_a_change_that_quickbooks_shows_late_is_within_the_overlap(followed: Followed) -> None:
    followed.world.clock.advance(20 * 60)
    followed.world.act("edit_vendor", id="101", changes={"PrintOnCheckName": "Alder"})
    answer = {"CDCResponse": [{"QueryResponse": [{}]}], "time": followed.world.clock.now().isoformat()}
    text = msgspec.json.encode(answer).decode()
    followed.world.quickbooks_faults.add(FaultRule(kind=FaultKind.STATUS, status=200, path="cdc$", text=text, times=1))
    followed.read()
    assert followed.differences() == ["Vendor 101 differs"]
    followed.world.clock.advance(15 * 60)

    followed.read()

    assert followed.differences() == []


def test_a_deleted_transaction_is_confirmed_before_it_is_believed(followed: Followed) -> None:
    made = _enter(followed.world, 3)
    followed.world.clock.advance(20 * 60)
    followed.read()
    _delete(followed.world, made[1])
    followed.world.clock.advance(20 * 60)

    calls = followed.calls(followed.read)

    assert (calls["cdc"], calls["queries"]) == (1, 1)
    assert followed.known("JournalEntry", made[1]).deleted
    assert followed.differences() == []
    followed.world.clock.advance(30)
    assert followed.calls(followed.read) == {}


def test_updated_records_called_deleted_are_kept_with_one_query_for_all(followed: Followed) -> None:
    made = _enter(followed.world, 5)
    followed.world.clock.advance(20 * 60)
    followed.read()
    followed.world.quickbooks.switches.cdc_marks_updates_deleted = True
    _edit(followed.world, *made)
    followed.world.clock.advance(20 * 60)

    calls = followed.calls(followed.read)

    assert calls["requests"] == 2, "the changes, and what became of those called deleted"
    assert followed.differences() == []


def test_a_capped_answer_is_asked_for_again_in_parts(followed: Followed) -> None:
    made = _enter(followed.world, 600)
    for number in range(600):
        followed.world.quickbooks.act(followed.world.realm_id, "create_vendor", name=f"Vendor {number}")
    followed.world.clock.advance(20 * 60)

    calls = followed.calls(followed.read)

    assert calls["cdc"] <= 3
    assert followed.copy("JournalEntry", made[-1]) is not None
    assert followed.differences() == []


def test_more_changes_in_one_entity_than_an_answer_holds_are_read_in_the_order_of_change(followed: Followed) -> None:
    made = []
    for hour in range(5):
        made += _enter(followed.world, 300, start=300 * hour)
        followed.world.clock.advance(60)
    followed.world.act("edit_vendor", id="101", changes={"PrintOnCheckName": "Alder"})
    followed.world.clock.advance(20 * 60)

    calls = followed.calls(followed.read)

    assert calls["requests"] <= 6
    assert followed.differences() == []


def test_more_records_of_one_second_than_a_page_holds_are_all_read(followed: Followed) -> None:
    _enter(followed.world, 2300)
    followed.world.clock.advance(20 * 60)

    followed.read()

    assert followed.differences() == []


def test_deletions_among_too_many_changes_are_found_by_the_number_of_records(followed: Followed) -> None:
    made = _enter(followed.world, 1200)
    followed.world.clock.advance(20 * 60)
    followed.read()
    _edit(followed.world, *made[:1100])
    _delete(followed.world, *made[1100:1110])
    followed.world.clock.advance(20 * 60)

    followed.read()

    assert all(followed.known("JournalEntry", key).deleted for key in made[1100:1110])
    assert followed.differences() == []


def test_after_forty_days_everything_is_compared_and_what_is_gone_is_marked(followed: Followed) -> None:
    made = _enter(followed.world, 1500)
    followed.world.clock.advance(20 * 60)
    followed.read()
    _delete(followed.world, *made[100:130])
    _edit(followed.world, *made[:50])
    vendor = followed.world.act("create_vendor", name="Alder Legal")
    followed.world.act("merge", entity="Vendor", id="101", vanishing=vendor["Id"])
    followed.world.act("inactivate", entity="Department", id="2")
    followed.world.clock.advance(40 * DAY)

    calls = followed.calls(followed.read)

    assert "cdc" not in calls
    assert followed.known("JournalEntry", made[100]).deleted
    assert followed.differences() == []


def test_records_deleted_while_a_comparison_turns_its_pages_hide_no_other_record(
    followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twelve hundred records are entered unseen; between the pages earlier ones are deleted, which moves the later ones ahead."""
    old = _enter(followed.world, 700)
    followed.world.clock.advance(20 * 60)
    followed.read()
    _enter(followed.world, 1500, start=700)
    followed.world.clock.advance(40 * DAY)
    client = followed.world.desk().quickbooks
    inner, hits = type(client).pages, []

    def pages(self: object, statements: list[str]) -> object:
        answer = inner(self, statements)
        if "FROM JournalEntry" in statements[0] and "STARTPOSITION" in statements[0] and len(hits) < 2:
            hits.append(statements[0])
            _delete(followed.world, *old[300 * (len(hits) - 1) : 300 * len(hits)])
        return answer

    monkeypatch.setattr(type(client), "pages", pages)
    followed.read()
    monkeypatch.undo()
    assert len(hits) == 2
    followed.world.clock.advance(20 * 60)
    followed.read()

    assert followed.differences() == []


@pytest.mark.parametrize("where", ["before the page is kept", "after the page was kept"])
def test_a_comparison_that_breaks_off_goes_on_with_the_page_it_was_at(
    followed: Followed, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    _enter(followed.world, 3500)
    followed.world.clock.advance(40 * DAY)
    inner, kept = comparing._keep_page, []

    def keep_page(*arguments: object) -> object:
        if arguments[1] != "JournalEntry":
            return inner(*arguments)
        if where.startswith("before") and len(kept) == 2:
            raise Crash
        answer = inner(*arguments)
        kept.append(arguments[2].position)
        if where.startswith("after") and len(kept) == 2:
            raise Crash
        return answer

    monkeypatch.setattr(comparing, "_keep_page", keep_page)
    with pytest.raises(Crash):
        followed.read()
    monkeypatch.undo()
    state = next(one for one in changes_state(followed.world.desk()).entities if one.entity == "JournalEntry")
    assert (state.progress, state.position > MAX_PAGE) == ("comparing", True)

    followed.world.restart()
    calls = followed.calls(followed.read)

    assert calls["queries"] < 3500 // MAX_PAGE + 8, (
        "the pages behind the crash, and one for each of the other transactions"
    )
    assert followed.differences() == []


@pytest.mark.parametrize("kind", ["capture", "recent"])
def test_a_crash_while_catching_up_loses_nothing(
    followed: Followed, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    made = _enter(followed.world, 3 if kind == "capture" else 2500)
    _edit(followed.world, *made[:2])
    followed.world.clock.advance(20 * 60)

    def crash(*_arguments: object, **_named: object) -> None:
        raise Crash

    place = catching_up if kind == "capture" else recent
    monkeypatch.setattr(place, "keep_asked", crash)
    with pytest.raises(Crash):
        followed.read()
    monkeypatch.undo()
    followed.world.restart()
    followed.world.clock.advance(60)

    followed.read()

    assert followed.differences() == []


def test_a_record_nobody_can_read_is_left_out_and_told_while_the_others_are_kept(followed: Followed) -> None:
    followed.world.clock.advance(20 * 60)
    now = followed.world.clock.now().isoformat()
    rows = [{"Name": "no id"}, "nonsense", {"Id": "9" * 400}, {"Id": "901", "SyncToken": "0", "DisplayName": "Fine"}]
    gone = [{"status": "Deleted"}]
    answer = {"CDCResponse": [{"QueryResponse": [{"Vendor": [*rows, *gone]}]}], "time": now}
    rule = FaultRule(kind=FaultKind.STATUS, status=200, path="cdc$", text=msgspec.json.encode(answer).decode(), times=1)
    followed.world.quickbooks_faults.add(rule)

    report = followed.read()

    assert report.counts["unreadable"] == 4
    assert followed.known("Vendor", "901").name == "Fine"
    with followed.world.database.read() as tx:
        (alert,) = alerts.listing(tx, followed.world.connection_id)
    assert "4 records of Vendor" in alert.message


def test_an_entity_quickbooks_refuses_does_not_keep_the_others_from_being_read(database: Database) -> None:
    """This twin knows no expenses: it refuses the whole question that names them."""
    world = build_world(database, company="empty")
    watching = ChangeSettings(transactions=("Bill", "Purchase", "JournalEntry"))
    world.change_settings(lambda known: msgspec.structs.replace(known, changes=watching))
    both = Followed(world, Mailbag(world))
    both.read()
    _enter(world, 2)
    world.clock.advance(20 * 60)
    both.read()

    known = {one.entity: one for one in changes_state(world.desk()).entities}
    assert "Purchase" in known["Purchase"].problem
    assert known["JournalEntry"].known_to is not None
    assert [line for line in differences(world) if "Purchase" not in line] == []


def test_a_comparison_somebody_asked_for_brings_back_an_older_state_of_the_company(followed: Followed) -> None:
    company = followed.world.quickbooks.companies[followed.world.realm_id]
    before = company.tables["Vendor"].records["101"]
    followed.world.act("edit_vendor", id="101", changes={"PrintOnCheckName": "Alder"})
    followed.read_announced()
    company.put("Vendor", before)
    assert followed.differences() == ["Vendor 101 differs"]

    ask_for_comparison(followed.world.desk(), "Ann")
    followed.world.clock.advance(60)
    followed.read()

    assert followed.differences() == []


def test_a_comparison_asked_for_while_one_is_under_way_is_made_all_the_same(followed: Followed) -> None:
    """The company is restored when the vendors of the first one are read already."""
    world = followed.world
    company = world.quickbooks.companies[world.realm_id]
    before = company.tables["Vendor"].records["101"]
    world.act("edit_vendor", id="101", changes={"PrintOnCheckName": "Alder"})
    followed.read_announced()
    ask_for_comparison(world.desk(), "Ann")
    world.clock.advance(60)
    told: list[str] = []

    def watch(what: str, _done: int, _total: int) -> None:
        if what == "comparing Vendor" and not told:
            told.append(what)
            company.put("Vendor", before)
            ask_for_comparison(world.desk(), "Bob")

    read_changes(world.app.desk(world.connection, watch, job=Job.CHANGES))
    assert told
    assert followed.differences() == ["Vendor 101 differs"]

    world.clock.advance(60)
    followed.read()

    assert followed.differences() == []


def test_a_linked_bill_somebody_changed_or_deleted_is_shown(followed: Followed) -> None:
    for number in ("A-1", "A-2", "A-3"):
        followed.world.approve(invoice(number))
    followed.world.settle()
    ids = [str(followed.world.only_transaction(number)[1]["Id"]) for number in ("A-1", "A-2", "A-3")]
    assert changes_state(followed.world.desk()).drifted == ()
    followed.world.act("change_bill", id=ids[0], note="checked by Ann")
    followed.world.act("delete", entity="Bill", id=ids[1])

    followed.read_announced()

    found = {one.quickbooks_id: one.what for one in changes_state(followed.world.desk()).drifted}
    assert found == {ids[0]: "changed", ids[1]: "deleted"}


def test_refreshing_lists_brings_transactions_along_in_the_same_call(followed: Followed) -> None:
    from ml_connector.work.lists import refresh_lists

    _enter(followed.world, 2)
    followed.world.clock.advance(60)

    refresh_lists(followed.world.desk())

    assert followed.differences() == []
    state = changes_state(followed.world.desk())
    assert state.known_to is not None
    assert followed.world.clock.now() - state.known_to < timedelta(minutes=1)
