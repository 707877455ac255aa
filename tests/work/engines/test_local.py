"""The local engine does what is due, writes down how it went, and lets nobody's trouble stop the others."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import msgspec
import pytest

from ml_connector.model.timetable import JobPlan
from ml_connector.quickbooks.errors import Unavailable
from ml_connector.rules.timetable import next_due
from ml_connector.store import alerts, jobs, meters, notices, secrets
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.jobs import JobRow
from ml_connector.store.meters import MeterRow
from ml_connector.store.notices import NewNotice
from ml_connector.store.schema import Priority, System
from ml_connector.work.desk import Desk
from ml_connector.work.engines import runs
from ml_connector.work.engines.due import Plans, due_jobs, due_now
from ml_connector.work.engines.local import LocalEngine
from ml_connector.work.engines.runs import FAILING, Ending
from ml_connector.work.jobs import Job, JobReport
from ml_connector.work.meter import Quota
from ml_connector.work.schedule import history_of, plans_of
from ml_connector.work.settings import ConnectionSettings
from paperwork import invoice
from twins.faults import FaultKind, FaultRule
from world import World

Doing = Callable[[Desk], JobReport]


@pytest.fixture
def instead(monkeypatch: pytest.MonkeyPatch) -> Callable[[Job, Doing], None]:
    """Lets a job do something else than usual."""

    def change(job: Job, doing: Doing) -> None:
        monkeypatch.setattr(runs, "PERFORM", {**runs.PERFORM, job: doing})

    return change


def engine(world: World) -> LocalEngine:
    return LocalEngine(world.app, heart=None, worker=world.app.worker)


def past(world: World, job: Job = Job.INVOICES) -> JobRow:
    with world.database.read() as tx:
        return jobs.get(tx, world.connection.id, job)


def of(job: Job, all_runs: list[runs.Run]) -> runs.Run:
    return next(run for run in all_runs if run.job is job)


def test_an_approved_invoice_is_posted_without_anybody_asking(world: World) -> None:
    world.approve(invoice("A-1"))

    assert of(Job.INVOICES, engine(world).step()).ending is Ending.DONE

    world.only_transaction("A-1")
    assert past(world).outcome.startswith("1 taken over, 1 posted")


def test_a_job_that_was_done_is_due_again_only_when_its_plan_says_so(world: World) -> None:
    engine(world).step()

    assert not [run for run in engine(world).step() if run.job is Job.INVOICES]
    world.clock.advance(3600)
    assert of(Job.INVOICES, engine(world).step()).ending is Ending.DONE


def test_what_basware_announced_makes_the_job_due_and_is_settled_by_it(world: World) -> None:
    engine(world).step()
    world.clock.advance(1)
    world.approve(invoice("A-1"))
    announced = NewNotice(
        system=System.BASWARE,
        event_id="task 1",
        entity="AccountingDocuments",
        entity_id="x",
        operation="WaitingForTransfer",
    )
    with world.database.write() as tx:
        notices.add_many(tx, world.connection.id, [announced], world.clock.now())

    assert of(Job.INVOICES, engine(world).step()).ending is Ending.DONE

    world.only_transaction("A-1")
    with world.database.read() as tx:
        assert notices.waiting(tx, world.connection.id, System.BASWARE) == []


def test_a_failure_is_told_in_words_and_tried_again_later_and_later(world: World) -> None:
    world.basware_faults.add(FaultRule(kind=FaultKind.STATUS, status=503, times=None))

    first = of(Job.INVOICES, engine(world).step())
    assert first.ending is Ending.FAILED
    assert "Basware" in first.problem
    assert past(world).problem == first.problem
    waits = []
    for _ in range(4):
        row = past(world)
        assert row.retry_at is not None
        waits.append(row.retry_at - world.clock.now())
        assert not [run for run in engine(world).step() if run.job is Job.INVOICES]
        world.clock.move_to(row.retry_at)
        engine(world).step()
    assert past(world).failures == 5
    assert waits == sorted(waits)
    assert waits[-1] > 4 * waits[0]


def test_a_person_is_told_of_trouble_that_does_not_pass_and_told_when_it_is_over(world: World) -> None:
    rule = world.basware_faults.add(FaultRule(kind=FaultKind.STATUS, status=503, times=None))

    def open_alerts() -> list[str]:
        with world.database.read() as tx:
            found = alerts.listing(tx, world.connection.id)
        return [one.subject for one in found if one.kind == FAILING]

    engine(world).step()
    assert "invoices" not in open_alerts()
    for _ in range(2):
        world.clock.advance(3600)
        engine(world).step()
    assert "invoices" in open_alerts()

    world.basware_faults.remove(rule)
    world.clock.advance(3600)
    engine(world).step()
    assert "invoices" not in open_alerts()
    assert past(world).problem == ""
    assert past(world).failures == 0


def test_a_defect_in_a_job_is_told_as_one_and_does_not_end_the_engine(
    world: World, instead: Callable[[Job, Doing], None], caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_desk: Desk) -> JobReport:
        raise ZeroDivisionError("secret detail")

    instead(Job.INVOICES, broken)
    run = of(Job.INVOICES, engine(world).step())

    assert run.ending is Ending.FAILED
    assert "ZeroDivisionError" in run.problem
    assert "secret detail" not in run.problem
    assert [record.levelno for record in caplog.records if record.exc_info] == [logging.ERROR]


def test_a_run_that_was_cut_off_is_made_up_for_at_once(world: World, instead: Callable[[Job, Doing], None]) -> None:
    class Killed(BaseException):
        pass

    def cut_off(_desk: Desk) -> JobReport:
        raise Killed

    instead(Job.INVOICES, cut_off)
    with pytest.raises(Killed):
        engine(world).step()
    world.clock.advance(1)
    instead(Job.INVOICES, lambda _desk: JobReport(outcome="made up for"))

    assert of(Job.INVOICES, engine(world).step()).report == JobReport(outcome="made up for")


def test_while_another_worker_is_at_a_job_it_is_not_due_here(world: World) -> None:
    busy = world.app.desk(world.app.connection(""), job=Job.INVOICES, worker="elsewhere")
    busy.take_lease()

    assert not [run for run in engine(world).step() if run.job is Job.INVOICES]

    busy.release_lease()
    assert of(Job.INVOICES, engine(world).step()).ending is Ending.DONE


def test_what_was_asked_for_while_a_job_ran_is_done_after_it(
    world: World, instead: Callable[[Job, Doing], None]
) -> None:
    asked = []

    def doing(desk: Desk) -> JobReport:
        if not asked:
            with world.database.write() as tx:
                jobs.ask(tx, desk.connection_id, Job.INVOICES, desk.clock.now() + timedelta(seconds=1), "somebody")
        asked.append(desk.clock.now())
        return JobReport(outcome="done")

    instead(Job.INVOICES, doing)
    engine(world).step()
    world.clock.advance(2)
    engine(world).step()
    engine(world).step()

    assert len(asked) == 2
    assert past(world).asked_at is None


def test_a_process_that_is_to_end_stops_at_the_next_safe_point_and_the_next_one_goes_on(world: World) -> None:
    world.approve(invoice("A-1"))
    row = world.app.connection("")

    stopped = runs.run_job(world.app, row, Job.INVOICES, worker="first", stopping=lambda: True)

    assert stopped.ending is Ending.BUSY
    assert "safe point" in stopped.problem
    assert of(Job.INVOICES, engine(world).step()).ending is Ending.DONE
    world.only_transaction("A-1")


def test_a_connection_that_lacks_a_secret_is_told_so_and_others_go_on(world: World) -> None:
    with world.database.write() as tx:
        secrets.remove(tx, world.connection.id, "basware.client_secret")

    run = of(Job.INVOICES, engine(world).step())

    assert run.ending is Ending.FAILED
    assert "basware.client_secret" in run.problem


def test_polls_of_quickbooks_come_further_apart_when_the_months_reads_run_short(
    world: World, instead: Callable[[Job, Doing], None]
) -> None:
    """Down to once a day when all are used; posting and Basware's feeds go on as planned, and so does what is announced."""
    begun: dict[Job, int] = {Job.CHANGES: 0, Job.INVOICES: 0}

    def done(job: Job) -> Doing:
        def doing(desk: Desk) -> JobReport:
            begun[job] += 1
            return JobReport(outcome="done")

        return doing

    def runs_in_two_days() -> dict[Job, int]:
        before = dict(begun)
        for _ in range(32):
            world.clock.advance(5400)
            engine(world).step()
        return {job: begun[job] - before[job] for job in begun}

    for job in begun:
        instead(job, done(job))
    world.change_settings(_reads_per_month(1000))
    engine(world).step()
    normal = runs_in_two_days()
    with world.database.write() as tx:
        day = world.clock.now().date().isoformat()
        app = meters.newest_app(tx, world.connection_id)
        meters.count(
            tx, MeterRow(connection_id=world.connection_id, app_hash=app, day=day, priority=Priority.BULK, reads=1000)
        )

    short = runs_in_two_days()

    assert normal[Job.CHANGES] > 10
    assert 1 <= short[Job.CHANGES] <= 3
    assert short[Job.INVOICES] == normal[Job.INVOICES]
    with world.database.write() as tx:
        jobs.ask(tx, world.connection_id, Job.CHANGES, world.clock.now(), by="a person")
    assert of(Job.CHANGES, engine(world).step()).ending is Ending.DONE


def _reads_per_month(reads: int) -> Callable[[ConnectionSettings], ConnectionSettings]:
    def change(settings: ConnectionSettings) -> ConnectionSettings:
        own = msgspec.structs.replace(settings.quickbooks, quota=Quota(reads_per_month=reads))
        return msgspec.structs.replace(settings, quickbooks=own)

    return change


def test_of_a_sign_in_that_ended_one_alert_tells_and_not_every_job_that_waits_for_it(world: World) -> None:
    world.approve(invoice("A-1"))
    engine(world).step()
    world.act("disconnect_app")
    world.approve(invoice("A-2"))
    world.clock.advance(2 * 3600)

    ended = engine(world).step()

    assert of(Job.INVOICES, ended).ending is Ending.FAILED
    assert of(Job.CHANGES, ended).ending is Ending.FAILED
    with world.database.read() as tx:
        assert [one.kind for one in alerts.listing(tx, world.connection.id)] == ["sign-in needed"]


def test_a_plan_that_changes_while_somebody_looks_is_not_overruled_by_what_was_seen(world: World) -> None:
    """What was worked out with the old plan would keep the job from its new one for up to a day."""
    engine(world).step()
    with world.database.write() as tx:
        jobs.work_out_anew(tx, world.connection_id, world.clock.now())
    world.clock.advance(1)

    class Meddled(Plans):
        def of(self, row: ConnectionRow) -> Mapping[Job, JobPlan]:
            with world.database.write() as tx:
                jobs.work_out_anew(tx, row.id, world.clock.now())
            return super().of(row)

    due_jobs(world.app, Meddled(), ())

    assert past(world).due_at is None
    due_jobs(world.app, Plans(), ())
    assert past(world).due_at is not None


def test_what_another_job_leaves_for_a_job_that_is_running_is_not_forgotten_when_that_ends(
    world: World, instead: Callable[[Job, Doing], None]
) -> None:
    at = world.clock.now() + timedelta(minutes=3)
    with world.database.write() as tx:
        jobs.bring_forward(tx, world.connection_id, Job.OUTCOMES, world.clock.now(), world.clock.now())

    def brought_forward(desk: Desk) -> JobReport:
        with world.database.write() as tx:
            jobs.bring_forward(tx, desk.connection_id, Job.OUTCOMES, at, desk.clock.now())
        return JobReport(outcome="nothing open")

    instead(Job.OUTCOMES, brought_forward)
    assert of(Job.OUTCOMES, engine(world).step()).ending is Ending.DONE

    assert past(world, Job.OUTCOMES).again_at == at


def test_a_job_that_fails_keeps_what_it_was_to_go_on_with(world: World, instead: Callable[[Job, Doing], None]) -> None:
    at = world.clock.now()
    with world.database.write() as tx:
        jobs.bring_forward(tx, world.connection_id, Job.OUTCOMES, at, at)

    def fails(desk: Desk) -> JobReport:
        raise Unavailable("down")

    instead(Job.OUTCOMES, fails)
    assert of(Job.OUTCOMES, engine(world).step()).ending is Ending.FAILED

    assert past(world, Job.OUTCOMES).again_at == at


def test_a_job_asked_for_while_it_fails_is_tried_at_once(world: World, instead: Callable[[Job, Doing], None]) -> None:
    """Somebody signed in again, while a run with the old sign-in was about to fail."""
    tried: list[int] = []

    def fails_once(desk: Desk) -> JobReport:
        tried.append(1)
        if len(tried) > 1:
            return JobReport(outcome="done")
        world.clock.advance(5)
        with world.database.write() as tx:
            jobs.ask(tx, desk.connection_id, Job.INVOICES, world.clock.now(), "QuickBooks was connected again")
        world.clock.advance(5)
        raise Unavailable("the old sign-in is over")

    instead(Job.INVOICES, fails_once)
    assert of(Job.INVOICES, engine(world).step()).ending is Ending.FAILED

    assert of(Job.INVOICES, engine(world).step()).ending is Ending.DONE


class ProcessDied(BaseException):
    """What ends a process without a word."""


def test_a_job_that_ends_its_process_each_time_is_left_alone_longer_and_longer_and_a_person_is_told(
    world: World, instead: Callable[[Job, Doing], None]
) -> None:
    def die(desk: Desk) -> JobReport:
        raise ProcessDied

    instead(Job.INVOICES, die)
    waits = []
    for _ in range(5):
        with pytest.raises(ProcessDied):
            run_until(world, Job.INVOICES)
        begun = past(world).started_at
        assert begun is not None
        due = next_due_of(world)
        waits.append(due - begun)
        world.clock.move_to(max(due, world.clock.now()))
    assert waits[0] == timedelta(0), "once may be anything: it goes on at once"
    assert waits[1] > timedelta(seconds=20)
    assert waits == sorted(waits)
    with world.database.read() as tx:
        told = [one.message for one in alerts.listing(tx, world.connection_id) if one.kind == FAILING]
    assert any("cut off" in one for one in told)

    instead(Job.INVOICES, lambda desk: JobReport(outcome="done"))
    run_until(world, Job.INVOICES)
    assert past(world).cut_offs == 0


def run_until(world: World, job: Job) -> None:
    row = world.app.connection(world.connection.name)
    assert due_now(world.app, Plans(), row, job)
    runs.run_job(world.app, row, job, worker=world.app.worker)


def next_due_of(world: World) -> datetime:
    row, job = world.app.connection(world.connection.name), past(world)
    due = next_due(plans_of(row)[Job.INVOICES], history_of(row, job, None), world.clock.now())
    assert due.at is not None
    return due.at


def test_a_run_that_could_not_have_everything_does_not_look_more_current_than_it_is(
    world: World, instead: Callable[[Job, Doing], None]
) -> None:
    reports = [JobReport(outcome="all"), JobReport(outcome="some", partial=True)]
    instead(Job.OUTCOMES, lambda _desk: reports.pop(0))
    engine(world).step()
    began = past(world, Job.OUTCOMES).current_to
    assert began == world.clock.now()

    world.clock.advance(7 * 86_400)
    engine(world).step()

    assert reports == []
    assert past(world, Job.OUTCOMES).current_to == began
