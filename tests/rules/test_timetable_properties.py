"""What holds for every plan: runs come after now, in order, never in a blackout, and a missed night costs one run."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from ml_connector.model.timetable import (
    At,
    Blackout,
    Calendar,
    Cron,
    Days,
    DueBy,
    Every,
    JobHistory,
    JobPlan,
    OnHoliday,
    OnNotice,
    Span,
    Trigger,
    Within,
)
from ml_connector.rules.blackouts import closed_at
from ml_connector.rules.calendar import local_date
from ml_connector.rules.timetable import moments, next_due, next_run, preview

ZONES = st.sampled_from(
    ["UTC", "America/New_York", "Europe/Helsinki", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Cairo"]
)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2029, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - the strategy adds the zone
MINUTES = st.integers(1, 36 * 60).map(lambda minutes: timedelta(minutes=minutes))
TIMES = st.times().map(lambda one: one.replace(second=0, microsecond=0))
SPANS = st.builds(
    lambda first, length: Span(first=first, last=first + timedelta(days=length)),
    st.dates(date(2026, 1, 1), date(2029, 12, 31)),
    st.integers(0, 20),
)
WEEKDAYS = st.lists(st.integers(0, 6), max_size=6, unique=True).map(tuple)
NUMBERS = st.lists(st.integers(1, 28) | st.integers(-5, -1), max_size=3).map(tuple)
DAYS = st.builds(Days, weekdays=WEEKDAYS, of_month=NUMBERS, working_of_month=NUMBERS, only_working=st.booleans())
EXPRESSIONS = st.sampled_from(
    [
        "*/7 * * * *",
        "30 2 * * *",
        "0 6,18 * * 1-5",
        "15 * * * *",
        "0 12 L * *",
        "0 14 * * THU#1",
        "0 0 1 * *",
        "*/30 1-3 * * *",
    ]
)
RULES = st.sampled_from(OnHoliday)
TRIGGERS: st.SearchStrategy[Trigger] = st.one_of(
    st.builds(Every, interval=MINUTES),
    st.builds(Within, name=st.just("month-end"), days=DAYS, zone=ZONES, interval=MINUTES),
    st.builds(
        At, name=st.just("payment run"), days=DAYS, times=st.lists(TIMES, min_size=1, max_size=3).map(tuple), zone=ZONES,
        on_holiday=RULES, offset=st.integers(-48, 48).map(lambda hours: timedelta(hours=hours)),
    ),
    st.builds(Cron, expression=EXPRESSIONS, zone=ZONES, on_holiday=RULES),
)  # fmt: skip
BLACKOUTS = st.one_of(
    st.builds(Blackout, reason=st.just("night"), zone=ZONES, start=TIMES, end=TIMES.filter(lambda one: one < time(8))),
    st.builds(Blackout, reason=st.just("freeze"), zone=ZONES, days=st.builds(Days, of_month=st.just((1, 2, -1)))),
    st.builds(Blackout, reason=st.just("holidays"), zone=ZONES, days=st.builds(Days, spans=st.tuples(SPANS))),
)
CALENDARS = st.builds(
    Calendar, country=st.sampled_from(["", "US", "DE", "JP"]), closed=st.lists(SPANS, max_size=3).map(tuple)
)
PLANS = st.builds(
    JobPlan, job=st.just("invoices"), seed=st.sampled_from(["acme", "bolt"]), zone=st.just("UTC"),
    triggers=st.lists(TRIGGERS, min_size=1, max_size=3).map(tuple), calendar=CALENDARS,
    blackouts=st.lists(BLACKOUTS, max_size=2).map(tuple),
)  # fmt: skip
STRETCHES = st.sampled_from([1.0, 1.3, 4.0])


@given(PLANS, MOMENTS, STRETCHES)
@settings(deadline=None, max_examples=150)
def test_the_next_run_is_after_now_and_in_no_blackout(plan: JobPlan, now: datetime, stretch: float) -> None:
    run = next_run(plan, now, stretch)

    if run is not None:
        assert run.at > now
        assert run.at.utcoffset() == timedelta()
        assert closed_at(plan, run.at) is None
        assert run.why


@given(PLANS, MOMENTS, st.timedeltas(timedelta(), timedelta(days=45)), STRETCHES)
@settings(deadline=None, max_examples=150)
def test_asking_later_never_gives_an_earlier_run(
    plan: JobPlan, now: datetime, later: timedelta, stretch: float
) -> None:
    run, afterwards = next_run(plan, now, stretch), next_run(plan, now + later, stretch)

    if afterwards is not None:
        assert run is not None
        assert run.at <= afterwards.at


@given(PLANS, MOMENTS, STRETCHES)
@settings(deadline=None, max_examples=100)
def test_a_preview_is_what_happens_step_by_step(plan: JobPlan, now: datetime, stretch: float) -> None:
    """Each run begins on time and ends at once; what `next_due` says then is what the preview foresaw."""
    shown = preview(plan, now, 4, stretch)
    assert list(islice(moments(plan, now, stretch), 4)) == [run.at for run in shown]
    history = JobHistory(since=now, last_started=now, last_finished=now)
    for run in shown:
        due = next_due(plan, history, now, stretch)
        assert (due.at, due.by) == (run.at, DueBy.PLAN)
        now = run.at
        history = JobHistory(since=history.since, last_started=now, last_finished=now)
    assert all(earlier.at < later.at for earlier, later in pairwise(shown))


@given(PLANS, MOMENTS, st.timedeltas(timedelta(), timedelta(days=60)))
@settings(deadline=None, max_examples=150)
def test_after_downtime_missed_runs_are_made_up_for_by_one(plan: JobPlan, ran: datetime, away: timedelta) -> None:
    now = ran + away
    due = next_due(plan, JobHistory(since=ran, last_started=ran, last_finished=ran), now)
    if due.at is None or due.at > now:
        return
    after = next_due(plan, JobHistory(since=ran, last_started=now, last_finished=now), now)

    assert after.at is None or after.at > now
    assert after == next_due(plan, JobHistory(since=now, last_started=now, last_finished=now), now)


@given(PLANS, MOMENTS, st.sampled_from(["asked_at", "again_at", "oldest_notice_at", "retry_at"]), MINUTES)
@settings(deadline=None, max_examples=150)
def test_nothing_but_a_person_who_says_why_starts_a_job_in_a_blackout(
    plan: JobPlan, now: datetime, wish: str, ago: timedelta
) -> None:
    waiting = JobPlan(
        job=plan.job, seed=plan.seed, zone=plan.zone, triggers=(*plan.triggers, OnNotice(what="an approval")),
        calendar=plan.calendar, blackouts=plan.blackouts,
    )  # fmt: skip
    past = {"since": now - ago * 2, "last_started": now - ago * 2, "last_finished": now - ago * 2, "failures": 1}
    due = next_due(waiting, JobHistory(**past, **{wish: now - ago}), now)

    if due.at is not None and due.at <= now:
        assert closed_at(plan, now) is None
    elif due.at is not None:
        assert closed_at(plan, due.at) is None


@given(EXPRESSIONS, ZONES, MOMENTS)
@settings(deadline=None, max_examples=60)
def test_a_time_of_day_never_comes_twice_on_one_day(expression: str, zone: str, now: datetime) -> None:
    """Plans with times of day, not those of every hour: as many runs a day as the expression names times, or fewer, never more."""
    if expression.split()[1] == "*":
        return
    per_day = {"30 2 * * *": 1, "0 6,18 * * 1-5": 2, "*/30 1-3 * * *": 6}.get(expression, 1)
    plan = JobPlan(job="x", seed="x", zone=zone, triggers=(Cron(expression=expression, zone=zone),))
    days = [local_date(run.at, zone) for run in preview(plan, now, 20)]

    assert max(days.count(day) for day in days) <= per_day
