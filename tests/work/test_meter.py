"""What Intuit meters is counted as Intuit would count it, told in time, and kept from counting twice or for the wrong month."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from databases import SqliteFiles
from ml_connector.quickbooks.queries import page_of
from ml_connector.store import alerts, meters
from ml_connector.store.meters import MeterRow
from ml_connector.store.schema import Priority, Severity
from ml_connector.work.budget_view import BudgetView, budget_view
from ml_connector.work.meter import FORECAST, USED, Quota, app_hash, outlook_of, poll_stretch, watch_quota
from ml_connector.work.settings import ConnectionSettings, SettingsError, settings_from
from world import World, build_world

NOW = datetime(2026, 11, 20, 14, tzinfo=UTC)
APP = "an app"


def _read(world: World, day: str, reads: int, *, priority: Priority = Priority.BULK, app: str = APP) -> None:
    with world.database.write() as tx:
        meters.count(
            tx,
            MeterRow(
                connection_id=world.connection_id,
                app_hash=app,
                day=day,
                priority=priority,
                reads=reads,
                read_calls=reads,
            ),
        )


def _view(world: World) -> BudgetView:
    with world.database.read() as tx:
        return budget_view(tx, world.app.connection(""), world.clock.now())


def test_our_count_is_the_twins_own(world: World) -> None:
    """Both ways of counting a batch; nothing was counted before, and the sign-in does not count."""
    desk = world.desk()
    desk.quickbooks.batch_queries([page_of("Term"), page_of("Class"), page_of("Department")])
    desk.quickbooks.company_info()

    (theirs,) = world.quickbooks.meter.report()
    ours = _view(world)

    assert ours.reads_of_app == theirs["core_plus_batch_items"]
    assert ours.reads_of_app_batches_as_one == theirs["core_plus_batch_as_one"]
    assert ours.reads_of_app > ours.reads_of_app_batches_as_one


def test_writes_are_counted_and_not_metered(sqlite: SqliteFiles) -> None:
    with sqlite.fresh() as url:
        busy = build_world(url, company="demo")
        busy.settle()
        (theirs,) = busy.quickbooks.meter.report()
        ours = _view(busy)
        busy.database.close()

    assert ours.writes > 0
    assert ours.reads_of_app == theirs["core_plus_batch_items"]
    assert ours.refused == busy.quickbooks.calls["throttled"] == 0


def test_the_view_shows_who_waits_and_until_when_it_is_quiet(world: World) -> None:
    world.clock.advance(120)
    world.desk().quickbooks._exchange._budget.throttled(50.0)  # type: ignore[attr-defined]

    seen = _view(world)

    assert seen.quiet_until == world.clock.now() + timedelta(seconds=50)
    assert seen.refused == 1
    world.clock.advance(51)
    assert _view(world).quiet_until is None


def test_a_companys_month_is_summed_over_the_connections_of_its_app(world: World) -> None:
    _read(world, "2026-11-03", 10)
    _read(world, "2026-11-03", 5, app="another app")
    _read(world, "2026-10-31", 100)

    with world.database.read() as tx:
        assert outlook_of(tx, APP, Quota(), NOW).used == 10


def test_a_batch_counts_as_the_setting_says_at_any_time_later(world: World) -> None:
    with world.database.write() as tx:
        meters.count(
            tx,
            MeterRow(
                connection_id=world.connection_id,
                app_hash=APP,
                day="2026-11-03",
                priority=Priority.BULK,
                reads=30,
                read_calls=1,
            ),
        )
        assert outlook_of(tx, APP, Quota(batch_reads_count="each"), NOW).used == 30
        assert outlook_of(tx, APP, Quota(batch_reads_count="one"), NOW).used == 1


@pytest.mark.parametrize(
    ("used", "subject", "severity"),
    [
        (799, None, None),
        (800, "80 %", Severity.WARNING),
        (960, "95 %", Severity.WARNING),
        (1000, "100 %", Severity.ERROR),
        (1400, "100 %", Severity.ERROR),
    ],
)
def test_a_person_is_told_once_how_much_of_the_month_is_used(
    world: World, used: int, subject: str | None, severity: Severity | None
) -> None:
    _read(world, "2026-11-02", used, priority=Priority.URGENT)
    quota = Quota(reads_per_month=1000)
    with world.database.write() as tx:
        for _ in range(3):
            watch_quota(tx, world.connection_id, APP, quota, NOW)
        found = [one for one in alerts.listing(tx, world.connection_id) if one.kind == USED]

    assert [(one.subject, one.severity) for one in found] == ([(subject, severity)] if subject else [])


def test_alerts_of_a_month_end_with_it(world: World) -> None:
    _read(world, "2026-11-02", 1000)
    quota = Quota(reads_per_month=1000)
    with world.database.write() as tx:
        watch_quota(tx, world.connection_id, APP, quota, NOW)
        assert alerts.listing(tx, world.connection_id)
        watch_quota(tx, world.connection_id, APP, quota, datetime(2026, 12, 1, 9, tzinfo=UTC))
        assert alerts.listing(tx, world.connection_id) == []


def test_a_forecast_above_the_limit_is_told_with_what_follows_from_it(world: World) -> None:
    for day in range(1, 20):
        _read(world, f"2026-11-{day:02}", 60)
    with world.database.write() as tx:
        seen = watch_quota(tx, world.connection_id, APP, Quota(reads_per_month=1500), NOW)
        (alert,) = [one for one in alerts.listing(tx, world.connection_id) if one.kind == FORECAST]

    assert seen.stretch > 1
    assert f"{seen.stretch:.1f} times as far apart" in alert.message
    assert "posting is not slowed" in alert.message


def test_polls_of_a_connection_slow_down_by_what_its_app_used(world: World) -> None:
    with world.database.read() as tx:
        app = meters.newest_app(tx, world.connection_id)
    _read(world, "2026-11-19", 500, app=app)
    with world.database.read() as tx:
        assert poll_stretch(tx, world.connection_id, Quota(), NOW) == 1.0
        assert poll_stretch(tx, world.connection_id, Quota(reads_per_month=10_000), NOW) == 1.0
        assert poll_stretch(tx, world.connection_id, Quota(reads_per_month=600), NOW) > 1.0


def test_an_app_is_known_by_a_hash_that_is_the_same_everywhere_and_does_not_tell_its_id() -> None:
    assert app_hash("ABkq1") == app_hash("ABkq1") != app_hash("ABkq2")
    assert "ABkq1" not in app_hash("ABkq1")


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc"])
def test_a_time_zone_that_does_not_exist_is_refused_in_words(zone: str) -> None:
    with pytest.raises(SettingsError, match="time zone"):
        settings_from({"basware": {"company_codes": ["US10"]}, "quickbooks": {"quota": {"time_zone": zone}}})


def test_the_settings_survive_the_store() -> None:
    settings = settings_from({"basware": {"company_codes": ["US10"]}, "quickbooks": {"quota": {"reads_per_month": 7}}})

    assert msgspec.json.decode(msgspec.json.encode(settings), type=ConnectionSettings) == settings
