"""Basware announces nothing any more: whoever had it announce something is told, and nobody else."""

import msgspec
import pytest

from ml_connector.work.engines.local import LocalEngine
from ml_connector.work.engines.runs import Run
from ml_connector.work.jobs import Job
from ml_connector.work.p2p_settings import NoticesFeed
from ml_connector.work.settings import ConnectionSettings
from ml_connector.work.webhook_setup import basware
from online import PERSON, TENANT, Online


def look_for_missed_notices(online: Online, *, enabled: bool) -> None:
    """What a person sets under `[basware.notices]`."""

    def changed(known: ConnectionSettings) -> ConnectionSettings:
        notices = NoticesFeed(enabled=enabled)
        return msgspec.structs.replace(known, basware=msgspec.structs.replace(known.basware, notices=notices))

    online.world.change_settings(changed)


def hours_later(online: Online, hours: float = 7) -> Run:
    """Let the engine do what is due after some hours; its run of the job that looks."""
    online.world.clock.advance(hours * 3600)
    runs = LocalEngine(online.world.app, heart=None, worker="a").step()
    return next(run for run in runs if run.job is Job.NOTICES)


def lose_a_subscription(online: Online) -> None:
    """Somebody deletes one of ours in Basware."""
    online.world.basware._push.subscriptions._of[TENANT].pop()


@pytest.mark.parametrize("enabled", [True, False])
def test_whoever_subscribed_is_told_when_a_subscription_is_gone(online: Online, enabled: bool) -> None:
    look_for_missed_notices(online, enabled=enabled)
    online.subscribe()
    hours_later(online)
    assert online.alerts() == []

    lose_a_subscription(online)
    run = hours_later(online)

    assert run.report is not None
    assert "1 subscription missing or not ours" in run.report.outcome
    [alert] = online.alerts()
    assert "webhooks repair demo" in alert.message
    assert "webhooks remove demo" in alert.message

    online.subscribe(mend=True)
    hours_later(online)
    assert online.alerts() == []


def test_whoever_never_subscribed_is_told_nothing_and_basware_is_not_asked(online: Online) -> None:
    look_for_missed_notices(online, enabled=False)

    run = hours_later(online)

    assert run.report is not None
    assert run.report.outcome == "notifications are not looked for, as the settings say"
    assert online.alerts() == []
    assert online.calls("/v1/subscriptions") == 0
    assert online.calls("/v1/tasks") == 0


def test_whoever_unsubscribed_is_told_nothing_more(online: Online) -> None:
    look_for_missed_notices(online, enabled=False)
    online.subscribe()
    lose_a_subscription(online)
    hours_later(online)
    assert len(online.alerts()) == 1

    with online.office() as office:
        basware.remove(office, actor=PERSON)
    hours_later(online)

    assert online.alerts() == []


def test_without_the_right_to_see_tasks_a_lost_subscription_is_told_all_the_same(online: Online) -> None:
    online.subscribe()
    hours_later(online)
    tenant = next(iter(online.world.basware._world.tenants.values()))
    tenant.scopes = tenant.scopes - {"tasks.read"}
    lose_a_subscription(online)

    run = hours_later(online)

    assert "rights" in run.problem
    assert len(online.alerts()) == 1


def test_the_subscriptions_are_looked_at_every_six_hours_and_not_with_every_run(online: Online) -> None:
    online.subscribe()
    hours_later(online)
    before = online.calls("/v1/subscriptions")
    hours_later(online, 1)
    assert online.calls("/v1/subscriptions") == before
    hours_later(online, 6)
    assert online.calls("/v1/subscriptions") == before + 1
