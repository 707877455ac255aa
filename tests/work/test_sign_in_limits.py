"""When a QuickBooks sign-in ends, how that is noticed, and how early a person hears of it."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from ml_connector.quickbooks.auth import TokenSet
from ml_connector.quickbooks.errors import SignInNeeded, Unavailable
from ml_connector.store import alerts, token_chains
from ml_connector.store.schema import ChainState
from ml_connector.store.token_chains import TokenChainRow
from ml_connector.work.jobs import JobReport
from ml_connector.work.sign_in import limits
from ml_connector.work.sign_in.job import keep_sign_in
from twins.faults import FaultKind, FaultRule
from world import World

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def row(**columns: object) -> TokenChainRow:
    values = {"connected_at": NOW - 10 * DAY, "refreshed_at": NOW - DAY} | columns
    return TokenChainRow(connection_id="c1", state=ChainState.LIVING, generation=3, **values)  # type: ignore[arg-type]


def fresh(soft: datetime, hard: datetime | None = None) -> TokenSet:
    return TokenSet(
        access_token="a",
        refresh_token="r",
        access_expires_at=NOW + timedelta(hours=1),
        refresh_expires_at=soft,
        hard_expires_at=hard,
    )


@pytest.mark.parametrize(
    ("before", "soft", "known"),
    [
        (NOW + 20 * DAY, NOW + 20 * DAY, NOW + 20 * DAY),  # it no longer moves: the five years end here
        (NOW + 20 * DAY, NOW + 101 * DAY, None),  # long unused, and moved as it should
        (NOW + 100 * DAY, NOW + 101 * DAY, None),
        (NOW + 60 * DAY, NOW + 60 * DAY, None),  # too early to tell (Intuit's sample looks from 30 days on)
    ],
)
def test_the_five_year_limit_is_noticed_where_intuit_does_not_name_it(
    before: datetime, soft: datetime, known: datetime | None
) -> None:
    assert limits.hard_limit(row(refresh_expires_at=before), fresh(soft), NOW) == known


def test_two_refreshes_in_a_row_say_nothing_about_the_five_year_limit() -> None:
    soft = NOW + 20 * DAY
    just_now = row(refresh_expires_at=soft, refreshed_at=NOW - timedelta(seconds=5))
    assert limits.hard_limit(just_now, fresh(soft), NOW) is None


def test_what_intuit_said_once_about_the_five_years_is_remembered() -> None:
    known = row(hard_expires_at=NOW + 900 * DAY, refresh_expires_at=NOW + 100 * DAY)
    assert limits.hard_limit(known, fresh(NOW + 101 * DAY), NOW) == NOW + 900 * DAY
    assert limits.hard_limit(known, fresh(NOW + 101 * DAY, NOW + 5 * DAY), NOW) == NOW + 5 * DAY


@pytest.mark.parametrize(
    ("left", "step"), [(31, None), (30, 30), (15, 30), (14, 14), (7, 7), (3, 7), (2, 2), (0, 2), (-1, 2)]
)
def test_each_step_of_warning_begins_on_its_day(left: int, step: int | None) -> None:
    near = list(limits.endings(row(hard_expires_at=NOW + left * DAY), (30, 14, 7, 2), NOW))
    assert [ending.days for ending in near] == ([] if step is None else [step])


def test_the_moving_limit_that_met_the_fixed_one_is_not_told_twice() -> None:
    both = row(hard_expires_at=NOW + 5 * DAY, refresh_expires_at=NOW + 5 * DAY)
    assert [ending.limit for ending in limits.endings(both, (30, 7), NOW)] == ["five years"]


def test_tokens_are_renewed_at_one_moment_between_two_and_four_minutes_ahead() -> None:
    ends = NOW + timedelta(hours=1)
    moments = {limits.renew_at(NOW, ends, limits.spread(f"connection {number}")) for number in range(50)}
    assert len(moments) == 50
    assert all(ends - timedelta(minutes=4) <= moment <= ends - timedelta(minutes=2) for moment in moments)


def warnings(world: World) -> dict[str, str]:
    with world.database.read() as tx:
        found = alerts.listing(tx, world.connection_id)
    return {alert.subject: alert.message for alert in found if alert.kind == "sign-in ends"}


def run_job(world: World) -> JobReport:
    return keep_sign_in(world.desk())


def test_an_idle_connection_is_kept_alive_for_years_and_warned_of_the_five_year_limit(world: World) -> None:
    """Looked at once a week, which is less than the engine does, and in the last six weeks every day."""
    told: dict[str, int] = {}
    ends, daily = 5 * 365, 5 * 365 - 42
    looks = [*range(daily % 7, daily, 7), *range(daily, ends + 1)]
    world.clock.advance(looks[0] * 86400)
    for day, following in pairwise(looks):
        run_job(world)
        for subject in warnings(world):
            told.setdefault(subject, ends - day)
        world.clock.advance((following - day) * 86400)
    assert told == {
        "five years, 30 days": 30,
        "five years, 14 days": 14,
        "five years, 7 days": 7,
        "five years, 2 days": 2,
    }
    assert list(warnings(world)) == ["five years, 2 days"], "each step takes the place of the one before"
    with world.database.read() as tx:
        chain = token_chains.get(tx, world.connection_id)
    assert chain is not None
    assert chain.refreshes <= len(looks)
    with pytest.raises(SignInNeeded, match="connection connect demo"):
        run_job(world)
    assert warnings(world) == {}, "what is over needs no warning any more"


def test_a_token_service_that_is_not_reached_for_months_is_told_ahead_of_the_limit_of_100_days(world: World) -> None:
    run_job(world)
    rule = world.quickbooks_faults.add(FaultRule(kind=FaultKind.LOST_BEFORE, path="bearer", times=None))
    told: dict[str, int] = {}
    for day in range(1, 100):
        world.clock.advance(86400)
        with pytest.raises(Unavailable):
            run_job(world)
        for subject in warnings(world):
            told.setdefault(subject, 101 - day)
    assert told == {"unused, 30 days": 30, "unused, 14 days": 14, "unused, 7 days": 7, "unused, 2 days": 2}
    assert "renewing has not worked lately" in next(iter(warnings(world).values()))
    world.quickbooks_faults.remove(rule)
    world.clock.advance(3600)
    run_job(world)
    assert warnings(world) == {}


def test_the_job_says_when_it_has_to_run_again(world: World) -> None:
    report = run_job(world)
    with world.database.read() as tx:
        chain = token_chains.get(tx, world.connection_id)
    assert chain is not None
    assert chain.refreshed_at is not None
    assert report.again_at == chain.refreshed_at + timedelta(hours=24)
