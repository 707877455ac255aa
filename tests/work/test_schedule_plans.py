"""What the section `[schedule]` of a connection file comes to, and what is refused in which words."""

from datetime import UTC, datetime

import pytest

from ml_connector.rules.timetable import preview
from ml_connector.work.jobs import Job
from ml_connector.work.schedule_plans import make_plans
from ml_connector.work.schedule_settings import DEFAULTS, ScheduleSettings
from ml_connector.work.settings import ConnectionSettings, SettingsError, read_connection_file

FILE = 'name = "acme"\n[basware]\ncompany_codes = ["US10"]\n'


DAY_AND_NIGHT = """
[[schedule.blackouts]]
reason = "day"
from = "06:00"
to = "18:00"
[[schedule.blackouts]]
reason = "night"
from = "18:00"
to = "06:00"
"""


def read(schedule: str) -> ConnectionSettings:
    """The settings of a connection file with this section."""
    return read_connection_file(FILE + schedule, is_json=False).settings


def runs(schedule: str, job: str, start: str, count: int) -> list[str]:
    """The next runs of a job in UTC, to the minute."""
    plan = make_plans(read(schedule).schedule, "acme")[job]
    return [
        f"{run.at:%Y-%m-%d %H:%M}" for run in preview(plan, datetime.fromisoformat(start).replace(tzinfo=UTC), count)
    ]


def test_every_job_has_a_plan_when_nothing_is_set() -> None:
    assert set(DEFAULTS) == {job.value for job in Job}
    assert set(make_plans(ScheduleSettings(), "acme")) == set(DEFAULTS)


def test_a_payment_run_on_thursdays_is_prepared_two_hours_before() -> None:
    schedule = """
[schedule]
time_zone = "America/New_York"
[schedule.calendar]
country = "US"
[schedule.cycles."payment run"]
days = "thursday"
times = "14:00"
on_holiday = "before"
[schedule.jobs.invoices]
cycle = "2h before payment run"
"""
    assert runs(schedule, "invoices", "2026-11-20 00:00", 2) == ["2026-11-25 17:00", "2026-12-03 17:00"]


def test_the_freeze_holds_for_what_writes_to_the_books_and_for_nothing_else() -> None:
    schedule = '[schedule.freeze]\ndays = "first 3 days"\n'

    assert "2026-12-04 00:00" <= runs(schedule, "invoices", "2026-12-01 00:30", 1)[0] < "2026-12-04 00:15"
    assert runs(schedule, "orders", "2026-12-01 00:30", 1)[0] < "2026-12-01 00:46"


def test_quiet_nights_leave_the_sign_in_alive() -> None:
    schedule = '[[schedule.blackouts]]\nreason = "quiet nights"\nfrom = "22:00"\nto = "06:00"\n'

    assert "2026-12-02 06:00" <= runs(schedule, "invoices", "2026-12-01 22:30", 1)[0] < "2026-12-02 06:15"
    assert runs(schedule, "sign-in", "2026-12-01 22:30", 1)[0] < "2026-12-01 23:31"


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        ('[schedule]\ntime_zone = "New York"', "there is no time zone 'New York'"),
        ('[schedule.jobs.bills]\nevery = "5m"', "there is no job 'bills'"),
        ('[schedule.jobs.invoices]\ncycle = "payday"', "there is no cycle 'payday'"),
        ('[schedule.jobs.invoices]\ncron = "0 25 * * *"', "is no cron expression"),
        ("[schedule.jobs.invoices]", 'write every = "never"'),
        ('[schedule.jobs.invoices]\nevery = "1s"', "not between 10 seconds and 7 days"),
        ('[schedule.jobs.invoices]\nevery = "soon"', "'soon' is no duration"),
        ('[schedule.jobs.vendors]\nafter = "approval"', "nothing called 'approval' is announced"),
        ('[schedule.jobs.sign-in]\nevery = "never"', "QuickBooks ends the sign-in"),
        ('[schedule.calendar]\ncountry = "ZZ"', "no holidays are known"),
        ('[schedule.cycles.late]\ndays = "thursday"', "it needs times"),
        ('[[schedule.blackouts]]\nreason = "rest"', "leave no time at all"),
        (DAY_AND_NIGHT, "leave no time at all"),
        ('[[schedule.blackouts]]\nreason = "x"\nfrom = "25:00"\nto = "06:00"', "'25:00' is no time of day"),
    ],
)
def test_a_schedule_that_cannot_be_kept_is_refused_in_words(schedule: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        read(schedule)
