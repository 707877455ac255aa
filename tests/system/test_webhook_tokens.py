"""Changing a token of Basware's, and changes of subscriptions that break off: what Basware signs with always counts."""

from typing import Any

import msgspec
import pytest

from ml_connector.basware.errors import BaswareError
from ml_connector.store import audit, calls
from ml_connector.store.schema import System
from ml_connector.work.p2p_settings import OrdersFeed, OutcomesFeed
from ml_connector.work.webhook_setup import basware
from ml_connector.work.webhook_setup.office import WebhookSetupError
from online import PERSON, Online
from twins.demo_company import basware_seed


def _announced(online: Online) -> list[int | None]:
    online.world.approve(dict(basware_seed()["accountingDocuments"][0]))
    return online.deliver()


def _failing_change(online: Online) -> None:
    """A change of the token that Basware does not agree to."""
    online.cut_off()
    with pytest.raises(BaswareError):
        online.subscribe(new_token=True)
    online.reachable()


@pytest.mark.parametrize("failures", [1, 2, 5])
def test_however_often_a_change_of_token_fails_what_basware_signs_with_still_counts(
    online: Online, failures: int
) -> None:
    online.subscribe()
    signing = online.secret("basware.webhook_token")
    for _ in range(failures):
        _failing_change(online)

    assert set(online.at_basware()) == {signing}
    assert signing in {online.secret("basware.webhook_token"), online.secret("basware.old_webhook_token")}
    assert _announced(online) == [200]
    assert len(online.notices(System.BASWARE)) == 1
    assert set(online.states()) == {"former token"}
    pending = online.secret("basware.webhook_token")

    assert set(online.subscribe(new_token=True)) == {"good"}
    assert set(online.at_basware()) == {pending}
    assert online.secret("basware.old_webhook_token") == signing


def test_changes_of_token_that_fail_at_another_address_lose_nothing_either(online: Online) -> None:
    online.subscribe()
    signing, row = online.secret("basware.webhook_token"), online.world.app.connection(online.world.connection_id)
    for _ in range(3):
        with (
            online.world.app.webhook_office(row, public_url="http://127.0.0.1:9") as office,
            pytest.raises(BaswareError),
        ):
            basware.subscribe(office, actor=PERSON, new_token=True)

    assert set(online.at_basware()) == {signing}
    assert signing in {online.secret("basware.webhook_token"), online.secret("basware.old_webhook_token")}
    assert _announced(online) == [200]


def test_a_change_that_is_unfinished_at_another_address_of_ours_is_finished_there_first(online: Online) -> None:
    online.subscribe()
    row = online.world.app.connection(online.world.connection_id)
    other = online.url.replace("127.0.0.1", "localhost")

    def change() -> list[str]:
        with online.world.app.webhook_office(row, public_url=other) as office:
            return [line.state for line in basware.subscribe(office, actor=PERSON, new_token=True)]

    assert set(change()) == {"good", "of others"}
    with pytest.raises(WebhookSetupError, match=f"--new-token --url {online.url}"):
        change()
    assert set(online.subscribe(new_token=True)) == {"good", "of others"}
    assert set(online.at_basware()) == {online.secret("basware.webhook_token")}


def test_once_a_change_is_finished_the_next_one_makes_another_token(online: Online) -> None:
    online.subscribe()
    _failing_change(online)
    online.subscribe(new_token=True)
    finished = online.secret("basware.webhook_token")

    assert set(online.subscribe(new_token=True)) == {"good"}
    assert online.secret("basware.webhook_token") != finished
    assert online.secret("basware.old_webhook_token") == finished


def test_a_repair_finishes_a_change_of_token(online: Online) -> None:
    online.subscribe()
    _failing_change(online)
    pending = online.secret("basware.webhook_token")

    assert set(online.subscribe(mend=True)) == {"good"}
    assert set(online.at_basware()) == {pending}


def test_the_former_token_stays_as_long_as_basware_signs_with_it(online: Online) -> None:
    online.subscribe()
    _failing_change(online)
    with online.office() as office, pytest.raises(WebhookSetupError, match="still signs with the former token"):
        basware.drop_former_token(office, actor=PERSON)
    assert _announced(online) == [200]

    online.subscribe(new_token=True)
    with online.office() as office:
        assert basware.drop_former_token(office, actor=PERSON)
    assert online.secret("basware.old_webhook_token") == ""


def test_a_change_of_token_takes_what_other_connections_of_the_account_want_along(online: Online) -> None:
    online.subscribe()
    second = online.second("second")
    with online.office(second) as office:
        basware.subscribe(office, actor=PERSON)
    _only_invoices(online)
    assert set(online.states()) == {"good", "shared"}

    assert set(online.subscribe(new_token=True)) == {"good", "shared"}
    assert set(online.at_basware()) == {online.secret("basware.webhook_token", second)}


def _only_invoices(online: Online) -> None:
    def fewer(settings: Any) -> Any:
        own = msgspec.structs.replace(
            settings.basware, orders=OrdersFeed(enabled=False), outcomes=OutcomesFeed(enabled=False)
        )
        return msgspec.structs.replace(settings, basware=own)

    online.world.change_settings(fewer)


def test_connections_with_different_tokens_settle_on_the_one_basware_uses_and_stay_repaired(
    online: Online,
) -> None:
    online.subscribe()
    token, second = online.secret("basware.webhook_token"), online.second("second")
    online.put_token("its own", second)

    for connection in (second, online.world.connection_id, second):
        with online.office(connection) as office:
            assert {line.state for line in basware.subscribe(office, actor=PERSON, mend=True)} == {"good"}
        assert set(online.states()) == {"good"}
    assert online.secret("basware.webhook_token", second) == token == online.secret("basware.webhook_token")
    assert online.secret("basware.old_webhook_token", second) == "its own"


def test_a_repair_that_breaks_off_leaves_what_was_there(online: Online) -> None:
    online.subscribe()
    before = online.at_basware()
    online.put_token("restored from a backup")
    online.cut_off()
    with pytest.raises(BaswareError):
        online.subscribe(mend=True)

    assert online.at_basware() == before


def test_a_repair_that_breaks_off_after_deleting_has_raised_an_alert_and_is_made_up_for_by_the_next(
    online: Online,
) -> None:
    online.subscribe()
    online.world.basware.switches.repeated_subscription = "add"
    online.put_token("restored from a backup")
    kinds = len(online.at_basware())

    with online.office() as office:
        delete = office.subscriptions.delete

        def then_nobody(*given: Any) -> int:
            number = delete(*given)
            online.cut_off()
            return number

        office.subscriptions.delete = then_nobody  # type: ignore[method-assign]  # where the program is to die
        with pytest.raises(BaswareError):
            basware.subscribe(office, actor=PERSON, mend=True)
    assert online.at_basware() == []
    assert [alert.kind for alert in online.alerts()] == [basware.ALERT]

    online.reachable()
    assert set(online.subscribe(mend=True)) == {"good"}
    assert online.alerts() == []
    assert len(online.at_basware()) == kinds


def test_what_basware_refused_is_in_the_log_of_calls(online: Online) -> None:
    with online.world.database.read() as tx:
        before = len(calls.listing(tx, online.world.connection_id, limit=1000))
    _failing_change(online)

    with online.world.database.read() as tx:
        logged = calls.listing(tx, online.world.connection_id, limit=1000)
    assert any(call.path == "/v1/subscriptions" and call.status == 400 for call in logged)
    assert len(logged) > before


def test_what_of_others_a_forced_removal_took_is_told_and_kept_for_the_audit(online: Online) -> None:
    online.subscribe()
    second = online.second("second")
    with online.office(second) as office:
        basware.subscribe(office, actor=PERSON)
    online.world.clock.advance(5)
    online.elsewhere()
    with online.office() as office:
        removed = basware.remove(office, actor=PERSON, force=True)

    assert [(line.name, line.address) for line in removed.others] == [
        ("AccountingDocuments/WaitingForTransfer", "https://archive.test/hook")
    ]
    assert removed.connections == ("second",)
    with online.world.database.read() as tx:
        rows = audit.listing(tx, online.world.connection_id, limit=5)
    assert any("https://archive.test/hook" in row.reason for row in rows if row.action == "webhooks removed")
