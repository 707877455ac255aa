"""The schedule at the command line: what runs when and why, in the company's zone; pausing, running now, reading again."""

from datetime import timedelta
from pathlib import Path

import pytest

from ml_connector.cli.session import opened
from ml_connector.store import audit, connections
from terminal import CONNECTION, Run
from twins.demo_company import TODAY
from world import World

FEEDS = "\n[basware.orders]\nenabled = true\n[basware.vendors]\nenabled = true\n"
SCHEDULE = """
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
NIGHT = '\n[[schedule.blackouts]]\nreason = "quiet hours"\nfrom = "00:00"\nto = "23:59"\n'


@pytest.fixture
def planned(run: Run, connected: World, tmp_path: Path) -> World:
    """The demo company, whose invoices are posted two hours before its payment run."""
    return saved(run, connected, tmp_path, SCHEDULE)


def saved(run: Run, world: World, folder: Path, schedule: str) -> World:
    """The connection saved again with this schedule."""
    path = folder / "scheduled.toml"
    path.write_text(CONNECTION + FEEDS + schedule)
    assert run("connection", "add", path).code == 0
    return world


def test_the_list_names_each_job_with_its_next_run_in_the_companys_zone_and_why(run: Run, planned: World) -> None:
    shown = {one["job"]: one for one in run("schedule", "list", "--json").json}

    assert shown["invoices"]["why"].startswith("2 hours before payment run")
    assert shown["invoices"]["plan"] == ["2 hours before payment run"]
    assert shown["invoices"]["local"].startswith("Wed 2026-11-25 ")
    assert " 12:00:00 E" in shown["invoices"]["local"]
    assert shown["orders"]["by"] == "first run"
    table = run("schedule", "list")
    assert table.code == 0
    assert "2 hours before payment run" in table.out


def test_a_preview_of_one_job_gives_as_many_runs_as_asked_for_with_the_holiday_moved(run: Run, planned: World) -> None:
    runs = run("schedule", "preview", "invoices", "--start", "2026-11-20", "--count", "3", "--json").json

    assert [one["local"] for one in runs] == [
        "Wed 2026-11-25 12:00:00 EST", "Thu 2026-12-03 12:00:00 EST", "Thu 2026-12-10 12:00:00 EST",
    ]  # fmt: skip
    assert "moved from Thu 26 Nov (Thanksgiving Day)" in runs[0]["why"]


def test_a_preview_of_all_jobs_is_in_the_order_of_time(run: Run, planned: World) -> None:
    runs = run("schedule", "preview", "--count", "25", "--json").json

    assert len(runs) == 25
    assert [one["at"] for one in runs] == sorted(one["at"] for one in runs)
    assert len({one["job"] for one in runs}) > 1


def test_the_calendar_has_a_line_for_each_day_with_times_or_numbers(run: Run, planned: World) -> None:
    days = run("schedule", "calendar", "--start", "2026-11-30T05:00", "--days", "7", "--json").json

    assert [one["day"] for one in days][:2] == ["2026-11-30", "2026-12-01"]
    assert [one["times"].get("invoices") for one in days] == [None, None, None, ["12:00"], None, None, None]
    assert {one["runs"]["vendors"] for one in days} == {24}
    assert "24 runs" in run("schedule", "calendar", "vendors", "--start", "2026-11-30T05:00").out


@pytest.mark.parametrize("words", [("preview", "--count", "0"), ("calendar", "--days", "1000"), ("preview", "bills")])
def test_what_cannot_be_shown_is_refused(run: Run, planned: World, words: tuple[str, ...]) -> None:
    assert run("schedule", *words).code == 2


def test_a_pause_is_seen_everywhere_and_keeps_a_sync_back_until_it_is_resumed(run: Run, planned: World) -> None:
    assert run("schedule", "pause", "--reason", "year-end audit").code == 0

    status = run("status", "--json").json
    assert (status["state"], status["reason"]) == ("paused", "year-end audit")
    assert run("connection", "show", "--json").json[0]["state"] == "paused"
    refused = run("sync")
    assert (refused.code, refused.out) == (4, "")
    assert "year-end audit" in refused.err
    assert run("schedule", "pause", "--reason", "again").code == 2
    assert run("schedule", "resume", "--json").json["paused"] is False
    assert run("sync").code == 0
    assert run("status", "--json").json["state"] == "active"


def test_one_job_is_paused_and_resumed(run: Run, planned: World) -> None:
    assert run("schedule", "pause", "vendors", "--reason", "clean-up", "--json").json["job"] == "vendors"

    shown = {one["job"]: one for one in run("schedule", "list", "--json").json}
    assert (shown["vendors"]["due_at"], shown["orders"]["paused"]) == (None, "")
    assert "clean-up" in shown["vendors"]["paused"]
    assert run("schedule", "resume").code == 2
    assert run("schedule", "resume", "vendors").code == 0


def test_a_run_within_a_blackout_needs_a_reason(run: Run, connected: World, tmp_path: Path) -> None:
    saved(run, connected, tmp_path, NIGHT)
    refused = run("schedule", "run", "invoices")

    assert (refused.code, refused.out) == (2, "")
    assert "quiet hours until" in refused.err
    assert run("sync").code == 4
    assert run("schedule", "run", "invoices", "--despite", "the bank closes early").code == 0
    assert run("sync", "--despite", "the bank closes early").code == 0
    with opened() as installation, installation.database.read() as tx:
        [row] = connections.list_all(tx)
        kept = [(one.action, one.reason) for one in audit.listing(tx, row.id)]
    assert ("run despite a blackout", "the bank closes early") in kept
    shown = {one["job"]: one for one in run("schedule", "list", "--json").json}
    assert "in spite of blackouts: the bank closes early" in shown["invoices"]["why"]
    assert "kept back until the end of: quiet hours" in shown["orders"]["why"]


def test_a_backfill_is_kept_with_the_job_and_refused_where_it_means_nothing(run: Run, planned: World) -> None:
    since = (TODAY.date() - timedelta(days=60)).isoformat()
    told = run("schedule", "backfill", "orders", since, "--json")

    assert (told.code, told.json["backfill_from"]) == (0, since)
    assert since in run("schedule", "list").out
    refused = run("schedule", "backfill", "sign-in", since)
    assert (refused.code, "it reads no records" in refused.err) == (2, True)


def test_a_schedule_that_cannot_be_kept_is_refused_when_the_connection_is_saved(
    run: Run, connected: World, tmp_path: Path
) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(CONNECTION + '\n[schedule.jobs.invoices]\ncycle = "payday"\n')
    refused = run("connection", "add", path)

    assert refused.code == 2
    assert "there is no cycle 'payday'" in refused.err
