"""The Network and Data Access read again from a day on: what could not be had, and what others acknowledged, crashes included."""

import gzip
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from crashes import Crash
from feed_scenes import arrive, document, file, invoice, mailbox, open_alerts, with_feeds
from ml_connector.store import audit, jobs, network
from ml_connector.store import extracts as store
from ml_connector.store.schema import ExtractState, NetworkState
from ml_connector.work.feed_settings import ExtractsSettings, NetworkSettings
from ml_connector.work.feeds import extracts, network_again, reading_again
from ml_connector.work.feeds.network import take_from_network
from ml_connector.work.feeds.network_documents import FILE_ALERT
from ml_connector.work.feeds.network_telling import ALERT
from ml_connector.work.feeds.suppliers import suppliers
from ml_connector.work.jobs import Job
from ml_connector.work.schedule import run_now
from twins.basware.extracts.shelf import ExtractFile
from twins.faults import FaultKind, FaultRule
from world import World


def ask(world: World, job: Job, *, days: int) -> None:
    now = world.clock.now()
    since = (now - timedelta(days=days)).date()
    run_now(world.database, world.connection, job, despite="", actor="Ann", now=now, backfill=since)


def asked(world: World, job: Job) -> str:
    with world.database.read() as tx:
        return jobs.get(tx, world.connection_id, job).backfill_from


def given_up(world: World, *numbers: str) -> dict[str, Any]:
    """Documents that were announced, never came, and came after their notification was put away; by bumId."""
    with_feeds(world, network=NetworkSettings(enabled=True, give_up_after=1))
    late = dict[str, Any]()
    for number in numbers:
        bum_id = arrive(world, invoice(number), bum_id=number)
        late[bum_id] = mailbox(world).received.pop(bum_id)
    take_from_network(world.desk())
    assert mailbox(world).notifications == {}
    mailbox(world).received.update(late)
    return late


def confirmations(world: World, bum_id: str) -> list[str]:
    return [one["actionCode"] for one in mailbox(world).received[bum_id].confirmations]


# the Network


def test_a_document_that_was_given_up_is_had_confirmed_and_its_alert_cleared(world: World) -> None:
    given_up(world, "NW-1")

    ask(world, Job.NETWORK, days=2)
    report = take_from_network(world.desk())

    assert report.counts["taken"] == 1
    assert document(world, "NW-1").state is NetworkState.ON_THE_WAY
    assert confirmations(world, "NW-1") == ["Delivered"]
    assert open_alerts(world, ALERT) == []
    assert asked(world, Job.NETWORK) == ""


def test_a_document_announced_before_the_day_is_left_alone(world: World) -> None:
    given_up(world, "NW-1")
    world.clock.advance(10 * 86_400)

    ask(world, Job.NETWORK, days=2)
    take_from_network(world.desk())

    assert document(world, "NW-1").state is NetworkState.FAILED
    assert asked(world, Job.NETWORK) == ""


def test_files_that_were_missing_are_had_and_what_the_document_became_stays(world: World) -> None:
    with_feeds(world, network=NetworkSettings(enabled=True, largest_file=4))
    bum_id = arrive(world, files={"a.pdf": file(b"0123456789")})
    take_from_network(world.desk())
    before = document(world, bum_id)
    assert len(open_alerts(world, FILE_ALERT)) == 1
    with_feeds(world, network=NetworkSettings(enabled=True))

    ask(world, Job.NETWORK, days=2)
    report = take_from_network(world.desk())

    with world.database.read() as tx:
        assert [one.size for one in network.files_of(tx, world.connection_id, bum_id)] == [10]
    assert document(world, bum_id) == before
    assert "1 got files that were missing" in report.outcome
    assert confirmations(world, bum_id) == ["Delivered"]
    assert open_alerts(world, FILE_ALERT) == []


def test_what_still_cannot_be_had_is_told_and_holds_no_other_up(world: World) -> None:
    given_up(world, "NW-1", "NW-2")
    del mailbox(world).received["NW-1"]

    ask(world, Job.NETWORK, days=2)
    report = take_from_network(world.desk())

    assert (report.counts["taken"], report.counts["failed"]) == (1, 1)
    [alert] = open_alerts(world, ALERT)
    assert alert.subject == "NW-1"
    assert "read again and still could not be had" in alert.message
    assert asked(world, Job.NETWORK) == ""


def test_a_crash_between_two_documents_leaves_the_second_to_the_next_run(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_up(world, "NW-1", "NW-2", "NW-3")
    ask(world, Job.NETWORK, days=2)
    inner, begun = network_again._mend, list[str]()

    def mend(desk: Any, client: Any, row: Any, mended: Any) -> None:
        begun.append(row.bum_id)
        if len(begun) == 2:
            raise Crash
        inner(desk, client, row, mended)

    monkeypatch.setattr(network_again, "_mend", mend)
    with pytest.raises(Crash):
        take_from_network(world.desk())
    assert asked(world, Job.NETWORK) != ""
    world.restart()

    take_from_network(world.desk())

    assert begun == ["NW-1", "NW-2", "NW-2", "NW-3"]
    assert [confirmations(world, one) for one in ("NW-1", "NW-2", "NW-3")] == [["Delivered"]] * 3
    assert asked(world, Job.NETWORK) == ""


# Data Access


def shelf(world: World) -> dict[str, Any]:
    [tenant] = world.basware._world.tenants.values()
    return dict(tenant.extracts.made)


def exported(world: World, count: int) -> list[str]:
    """Extracts that somebody else acknowledged."""
    world.basware.switches.extract_every_hours = None
    made = list[str]()
    for _ in range(count):
        world.clock.advance(3600)
        made.append(world.basware.act("extract"))
        shelf(world)[made[-1]].exported = True
    return made


def state(world: World, extract_id: str) -> ExtractState | None:
    with world.database.read() as tx:
        row = store.get(tx, world.connection_id, extract_id)
    return row.state if row else None


def test_extracts_others_acknowledged_are_loaded_and_those_before_the_day_are_not(world: World) -> None:
    [old] = exported(world, 1)
    world.clock.advance(20 * 86_400)
    [late] = exported(world, 1)
    assert extracts.load_extracts(world.desk()).counts["loaded"] == 0

    ask(world, Job.EXTRACTS, days=2)
    report = extracts.load_extracts(world.desk())

    assert report.counts["loaded"] == 1
    assert (state(world, old), state(world, late)) == (None, ExtractState.ACKNOWLEDGED)
    assert asked(world, Job.EXTRACTS) == ""


def test_extracts_loaded_here_are_not_fetched_again(world: World) -> None:
    world.basware.switches.extract_every_hours = None
    extract = world.basware.act("extract")
    extracts.load_extracts(world.desk())
    fetched = [one.fetched for one in shelf(world)[extract].files.values()]

    ask(world, Job.EXTRACTS, days=2)
    report = extracts.load_extracts(world.desk())

    assert report.counts["loaded"] == 0
    assert [one.fetched for one in shelf(world)[extract].files.values()] == fetched


def test_a_crash_between_two_extracts_leaves_the_second_to_the_next_run(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = exported(world, 3)
    ask(world, Job.EXTRACTS, days=2)
    inner, begun = extracts._take, list[str]()

    def take(work: Any, extract: Any, tally: Any) -> None:
        begun.append(extract.id)
        if len(begun) == 2:
            raise Crash
        inner(work, extract, tally)

    monkeypatch.setattr(extracts, "_take", take)
    with pytest.raises(Crash):
        extracts.load_extracts(world.desk())
    assert asked(world, Job.EXTRACTS) != ""
    world.restart()

    extracts.load_extracts(world.desk())

    assert begun == [made[0], made[1], made[1], made[2]]
    assert {state(world, one) for one in made} == {ExtractState.ACKNOWLEDGED}
    assert max(one.fetched for key in made for one in shelf(world)[key].files.values()) == 1
    assert asked(world, Job.EXTRACTS) == ""
    with world.database.read() as tx:
        assert list(suppliers(tx, world.connection_id, ExtractsSettings().suppliers))


def suppliers_file(*ids: str) -> bytes:
    listed = [{"SUPPLIER_ID": one, "SUPPLIER_NAME": one, "ORGANIZATION_CODE": "US10"} for one in ids]
    return gzip.compress(msgspec.json.encode(listed), mtime=0)


def holding(world: World, extract_id: str, content: bytes) -> None:
    """Let an extract have one file of suppliers and nothing else."""
    shelf(world)[extract_id].files = {"s": ExtractFile("ADM_SUPPLIER", "s", content)}


def names(world: World) -> set[str]:
    with world.database.read() as tx:
        return {one.name for one in suppliers(tx, world.connection_id)}


def last_reason(world: World) -> str:
    with world.database.read() as tx:
        return next(row.reason for row in audit.listing(tx, world.connection_id) if row.action == "read again")


def test_an_extract_that_cannot_be_loaded_is_named_in_the_end_and_stays_due_until_it_is_there(world: World) -> None:
    first, broken, last = exported(world, 3)
    holding(world, first, suppliers_file("A"))
    holding(world, broken, b"\x1f\x8bdamaged")
    holding(world, last, suppliers_file("C"))

    ask(world, Job.EXTRACTS, days=2)
    report = extracts.load_extracts(world.desk())

    assert (report.counts["loaded"], report.counts["failed"]) == (2, 1)
    assert f"tried again in every run: {broken} (The file s cannot be read" in report.outcome
    assert f"not loaded yet: {broken}" in last_reason(world)
    assert asked(world, Job.EXTRACTS) == ""
    [alert] = open_alerts(world, extracts.ALERT)
    assert alert.subject == broken
    assert "cannot be read" in alert.message
    assert "tried again in every run" in alert.message
    assert names(world) == {"A", "C"}

    holding(world, broken, suppliers_file("B"))  # Basware repairs it; nobody asks here
    report = extracts.load_extracts(world.desk())

    assert (report.counts["loaded"], report.counts["failed"]) == (1, 0)
    assert names(world) == {"A", "B", "C"}
    assert open_alerts(world, extracts.ALERT) == []
    assert state(world, broken) is ExtractState.ACKNOWLEDGED


def test_a_crash_after_an_extract_failed_and_before_the_reading_ended_forgets_neither(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, good = exported(world, 2)
    holding(world, broken, b"\x1f\x8bdamaged")
    holding(world, good, suppliers_file("B"))
    ask(world, Job.EXTRACTS, days=2)

    def crash(*_args: object) -> None:
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(reading_again.ReadingAgain, "end", crash)
        with pytest.raises(Crash):
            extracts.load_extracts(world.desk())
    assert asked(world, Job.EXTRACTS) != ""
    world.restart()

    report = extracts.load_extracts(world.desk())

    assert (report.counts["loaded"], report.counts["failed"]) == (0, 1)
    assert shelf(world)[good].files["s"].fetched == 1
    assert f"not loaded yet: {broken}" in last_reason(world)
    assert asked(world, Job.EXTRACTS) == ""
    assert [one.subject for one in open_alerts(world, extracts.ALERT)] == [broken]


def test_one_that_failed_and_was_then_acknowledged_by_somebody_else_stays_due(world: World) -> None:
    world.basware.switches.extract_every_hours = None
    world.clock.advance(3600)
    extract = world.basware.act("extract")
    holding(world, extract, b"\x1f\x8bdamaged")
    extracts.load_extracts(world.desk())
    shelf(world)[extract].exported = True
    holding(world, extract, suppliers_file("A"))

    assert extracts.load_extracts(world.desk()).counts["loaded"] == 1
    assert names(world) == {"A"}


def test_one_that_basware_has_no_longer_is_told_until_a_complete_one_is_loaded(world: World) -> None:
    [broken] = exported(world, 1)
    holding(world, broken, b"\x1f\x8bdamaged")
    ask(world, Job.EXTRACTS, days=2)
    extracts.load_extracts(world.desk())
    [tenant] = world.basware._world.tenants.values()
    del tenant.extracts.made[broken]

    for _ in range(2):
        extracts.load_extracts(world.desk())
        assert state(world, broken) is ExtractState.GONE
        [alert] = open_alerts(world, extracts.ALERT)
        assert "Order a complete extract" in alert.message

    world.clock.advance(3600)
    complete = world.basware.act("extract")
    shelf(world)[complete].kind = "Initial"
    holding(world, complete, suppliers_file("A"))
    extracts.load_extracts(world.desk())

    assert open_alerts(world, extracts.ALERT) == []


def test_a_list_of_files_that_cannot_be_read_holds_no_other_extract_up(world: World) -> None:
    broken, good = exported(world, 2)
    holding(world, good, suppliers_file("B"))
    world.basware_faults.add(
        FaultRule(kind=FaultKind.STATUS, path=f"/v1/dataExtracts/{broken}$", status=200, text="no JSON")
    )

    ask(world, Job.EXTRACTS, days=2)
    report = extracts.load_extracts(world.desk())

    assert (report.counts["loaded"], report.counts["failed"]) == (1, 1)
    assert (state(world, broken), state(world, good)) == (ExtractState.FAILED, ExtractState.ACKNOWLEDGED)
    assert "files of an extract" in open_alerts(world, extracts.ALERT)[0].message


def test_an_old_extract_that_is_loaded_late_does_not_make_the_feed_look_further_behind(world: World) -> None:
    [old] = exported(world, 1)
    world.clock.advance(20 * 86_400)
    newest = world.basware.act("extract")
    holding(world, newest, suppliers_file("A"))
    current = extracts.load_extracts(world.desk()).current_to
    with world.database.write() as tx:
        jobs.change(tx, world.connection_id, Job.EXTRACTS, world.clock.now(), current_to=current)
    holding(world, old, suppliers_file("B"))

    ask(world, Job.EXTRACTS, days=40)
    report = extracts.load_extracts(world.desk())

    assert report.counts["loaded"] == 1
    assert current is not None
    assert report.current_to == current


def test_an_extract_that_failed_keeps_the_feed_from_looking_current(world: World) -> None:
    [broken] = exported(world, 1)
    holding(world, broken, b"\x1f\x8bdamaged")
    ask(world, Job.EXTRACTS, days=2)

    report = extracts.load_extracts(world.desk())

    assert (report.current_to, report.partial) == (None, True)
