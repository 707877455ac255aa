"""When a job is due. Pure: the moment is handed in, and the same plan, history and moment give the same answer.

An engine asks `next_due` and starts the job once `Due.at` has come. Everything else here shows people what that will mean.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count

from ml_connector.model.timetable import (
    Due,
    DueBy,
    Every,
    JobHistory,
    JobPlan,
    OnNotice,
    Planned,
)
from ml_connector.rules.blackouts import closed_at, closed_since, released
from ml_connector.rules.triggers import next_wish, part_of

_TICK = timedelta(microseconds=1)

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=15)
"""A system that is back is noticed within this time, however long it was away."""

LONGEST_SPREAD = timedelta(minutes=15)
"""What runs by interval begins within this time, or its interval, after a blackout."""


def next_due(plan: JobPlan, history: JobHistory, now: datetime, stretch: float = 1.0) -> Due:
    """When the job has to start next, and why. At or before `now` means now; `at` None means not by itself.

    Whoever runs jobs asks this again whenever the history may have changed: after a run, when somebody asks, when a notice
    arrives. `stretch` (1 or more) makes intervals longer, to save metered reads; it never delays what was asked for or announced.

    * A paused job is never due.
    * What somebody asked for is due at once: within a blackout only if `history.despite` says why, else at its end.
    * After a failure nothing else makes it due before `retry_at`. A run that started and never ended is due at once; whether
      it is still running, only the holder of its lease knows. From the second such run in a row on it waits longer and longer,
      counted from the last beginning: what ends its process would end it again. Only who asks since then need not wait.
    * Planned runs that were missed are made up for by one run.
    * Never due within a blackout: what falls into one is due at its end.
    """
    if history.paused:
        return Due(at=None, why=history.paused, by=DueBy.PAUSED)
    if history.asked_at is not None and history.despite:
        why = f"{history.asked_by} asked for it, in spite of blackouts: {history.despite}"
        failed_until = history.retry_at if history.failures and history.retry_at else history.asked_at
        return Due(at=max(history.asked_at, failed_until, _cut_off_until(plan, history)), why=why, by=DueBy.ASKED)
    wishes = _wishes(plan, history, stretch)
    if not wishes:
        return Due(at=None, why="nothing is planned for it", by=DueBy.NOTHING)
    # Of several that are due by now the first tells why: what a person asked for before what a plan wanted.
    at, why, by = min(wishes, key=lambda wish: max(wish[0], now))
    moment = max(at, now)
    closed = closed_at(plan, moment)
    if closed is None:
        return Due(at=at, why=why, by=by)
    if closed.until is None:
        return Due(at=None, why=f"blackouts never end: {closed.reason}", by=DueBy.NOTHING)
    intervals = [one for one in plan.triggers if isinstance(one, Every)]
    by_interval = by is DueBy.PLAN and all(isinstance(one, Every | OnNotice) for one in plan.triggers)
    until = min(_spread(plan, one, closed.until) for one in intervals) if by_interval else closed.until
    return Due(at=until, why=f"{why}, kept back until the end of: {closed.reason}", by=by)


def _wishes(plan: JobPlan, history: JobHistory, stretch: float) -> list[tuple[datetime, str, DueBy]]:
    """Everything that wants the job to run, with the moment from which on it does."""
    wishes = list[tuple[datetime, str, DueBy]]()
    if history.asked_at is not None:
        wishes.append((history.asked_at, f"{history.asked_by} asked for it", DueBy.ASKED))
    if history.retry_at is not None and history.failures:
        times = "once" if history.failures == 1 else f"{history.failures} times in a row"
        return [(history.retry_at, f"tried again after it failed {times}", DueBy.RETRY)]
    started = history.last_started
    if started is not None and _is_cut_off(history):
        until = _cut_off_until(plan, history)
        if until > started:
            return [(until, f"its last {history.cut_offs + 1} runs were cut off", DueBy.CUT_OFF)]
        wishes.append((started, "its last run was cut off", DueBy.CUT_OFF))
    announced = next((one for one in plan.triggers if isinstance(one, OnNotice)), None)
    if announced is not None and history.oldest_notice_at is not None:
        wishes.append((history.oldest_notice_at, f"after {announced.what}", DueBy.NOTICE))
    if history.again_at is not None:
        wishes.append((history.again_at, "its last run left something for later", DueBy.AGAIN))
    if started is None and any(isinstance(one, Every) for one in plan.triggers):
        wishes.append((history.since, "its first run", DueBy.FIRST))
    planned = next_run(plan, max(history.since, started or history.since), stretch)
    if planned is not None:
        wishes.append((planned.at, planned.why, DueBy.PLAN))
    return wishes


def _is_cut_off(history: JobHistory) -> bool:
    """Whether the last run began and did not end."""
    started, finished = history.last_started, history.last_finished
    return started is not None and (finished is None or finished < started)


def _cut_off_until(plan: JobPlan, history: JobHistory) -> datetime:
    """Until when a job rests because its runs are cut off; a moment that is over if it need not."""
    started = history.last_started
    if started is None or not history.cut_offs or not _is_cut_off(history):
        return history.since
    if history.asked_at is not None and history.asked_at > started:
        return started
    return started + retry_after(history.cut_offs, f"{plan.seed}/{plan.job}")


def next_run(plan: JobPlan, after: datetime, stretch: float = 1.0) -> Planned | None:
    """The first planned run strictly after a moment, never within a blackout; None if the plan has none in sight.

    Runs that a blackout keeps back are one run at its end.
    """
    # Within a blackout everything since its beginning still waits for its end.
    since = after if closed_at(plan, after) is None else closed_since(plan, after) - _TICK
    runs = list[Planned]()
    for trigger in plan.triggers:
        wish = next_wish(trigger, plan, since, stretch)
        at = None if wish is None else released(plan, wish.at)
        if wish is not None and at is not None:
            closed = closed_at(plan, wish.at)
            if closed is not None and at is not None and isinstance(trigger, Every):
                at = _spread(plan, trigger, at)
            kept = "" if closed is None else f", kept back until the end of: {closed.reason}"
            runs.append(Planned(at=at, why=wish.why + kept))
    if not runs:
        return None
    first = min(run.at for run in runs)
    return Planned(at=first, why="; ".join(dict.fromkeys(run.why for run in runs if run.at == first)))


def moments(plan: JobPlan, after: datetime, stretch: float = 1.0) -> Iterator[datetime]:
    """When the job is planned to run, strictly after a moment, as if each run began on time; without end if the plan has none.

    What runs by one interval and nothing else is counted on, not looked for run by run.
    """
    wanting = [one for one in plan.triggers if not isinstance(one, OnNotice)]
    at = after
    while (run := next_run(plan, at, stretch)) is not None:
        yield (at := run.at)
        if len(wanting) == 1 and isinstance(wanting[0], Every) and not plan.blackouts and stretch <= 1:
            yield from (at + number * wanting[0].interval for number in count(1))


def _spread(plan: JobPlan, trigger: Every, end: datetime) -> datetime:
    """When a job by interval begins after a blackout: at a place of its own, so that not all companies and jobs begin at once.

    At the very end where another blackout begins before that place.
    """
    at = end + part_of(f"{plan.seed}/{plan.job}", min(trigger.interval, LONGEST_SPREAD))
    return end if closed_at(plan, at) is not None else at


def preview(plan: JobPlan, start: datetime, count: int, stretch: float = 1.0) -> list[Planned]:
    """The next planned runs strictly after a moment, as if each began on time; fewer if the plan ends.

    What people will ask for and the other systems will announce nobody can foresee.
    """
    runs = list[Planned]()
    at = start
    while len(runs) < count and (run := next_run(plan, at, stretch)) is not None:
        runs.append(run)
        at = run.at
    return runs


def retry_after(failures: int, seed: str) -> timedelta:
    """How long to wait after so many failures in a row (1 or more): doubled each time from half a minute to a quarter of an hour.

    Up to a quarter less, by `seed` and number, so that companies that failed together do not come back together.
    """
    doublings = min(max(failures, 1) - 1, 10)
    pause = min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)
    return pause - part_of(f"{seed}/{failures}", pause / 4)
