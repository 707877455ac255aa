"""Both twins deliver what happened in their books to a real server of ours on loopback, as the vendors would."""

import json
from datetime import datetime
from typing import Any

import httpx2
import pytest

from ml_connector.basware.errors import Refused
from ml_connector.quickbooks.webhooks import signature
from ml_connector.store import alerts, notices, secrets, webhook_keys
from ml_connector.store.deliveries import DeliveryFilter
from ml_connector.store.schema import DeliveryOutcome, NoticeState, System
from ml_connector.work import webhook_log
from ml_connector.work.webhook_setup import basware, quickbooks
from ml_connector.work.webhook_setup.office import WebhookSetupError
from online import PERSON, VERIFIER, Online
from twins.demo_company import basware_seed
from world import World


def a_vendor(world: World) -> dict[str, Any]:
    return next(iter(world.quickbooks.books(world.realm_id)["Vendor"]))


# QuickBooks


@pytest.mark.parametrize("shape", ["cloudevents", "legacy"])
@pytest.mark.parametrize("content_type", ["", "application/json"])
def test_a_change_made_in_quickbooks_reaches_us_in_either_shape(online: Online, shape: Any, content_type: Any) -> None:
    online.connect_quickbooks(format=shape, content_type=content_type)
    vendor = a_vendor(online.world)
    online.world.act("rename", entity="Vendor", id=vendor["Id"], name="Renamed Vendor")

    assert online.deliver() == [200]
    found = online.notices(System.QUICKBOOKS)
    assert [(one.entity, one.entity_id, one.operation) for one in found] == [("Vendor", vendor["Id"], "updated")]
    assert found[0].occurred_at is not None


def test_a_call_refused_once_is_repeated_by_quickbooks_and_counted_once(online: Online) -> None:
    online.connect_quickbooks()
    online.world.quickbooks.webhooks.rotate_verifier("demo-quickbooks-client", "changed in the portal")
    online.world.act("rename", entity="Vendor", id=a_vendor(online.world)["Id"], name="Renamed Vendor")
    assert online.deliver() == [401]
    assert online.notices(System.QUICKBOOKS) == []

    with online.office() as office:
        quickbooks.store_verifier(office, "changed in the portal", actor=PERSON)
    online.world.clock.advance(15)
    assert online.deliver() == [200]
    assert len(online.notices(System.QUICKBOOKS)) == 1


def test_after_a_rotation_calls_signed_before_it_still_count_until_the_old_token_is_dropped(online: Online) -> None:
    online.connect_quickbooks()
    with online.office() as office:
        quickbooks.store_verifier(office, "the next verifier", actor=PERSON)
        assert quickbooks.state_of(office).old_verifier
    online.world.act("rename", entity="Vendor", id=a_vendor(online.world)["Id"], name="Renamed Vendor")
    assert online.deliver() == [200]

    with online.office() as office:
        assert quickbooks.drop_former_verifier(office, actor=PERSON)
        assert not quickbooks.state_of(office).old_verifier
    assert online.secret("quickbooks.old_webhook_token") == ""


def test_every_connection_of_an_app_gets_its_verifier_token(online: Online) -> None:
    online.connect_quickbooks()
    second = online.second("second")
    with online.office(second) as office:
        assert quickbooks.adopt_verifier(office, actor=PERSON) == "demo"
        assert quickbooks.state_of(office).verifier
        assert quickbooks.store_verifier(office, "another", actor=PERSON) == ["second", "demo"]

    assert online.secret("quickbooks.webhook_token") == "another"
    assert online.secret("quickbooks.old_webhook_token") == VERIFIER


def test_the_steps_for_intuits_portal_name_the_address_and_what_to_tick_and_no_token(online: Online) -> None:
    online.connect_quickbooks()
    with online.office() as office:
        state = quickbooks.state_of(office)
    said = "\n".join(state.steps)

    assert f"{online.url}/webhooks/quickbooks" in said
    assert "BillPayment" in said
    assert "ml-connector webhooks verifier demo" in said
    assert VERIFIER not in said


# Basware


def test_subscribing_passes_the_connection_test_with_a_token_made_a_moment_ago(online: Online) -> None:
    assert set(online.subscribe()) == {"good"}
    assert [row.outcome for row in online.deliveries()] == [DeliveryOutcome.TEST]
    assert set(online.states()) == {"good"}


@pytest.mark.parametrize("form", ["hex", "upper-case hex", "base64"])
@pytest.mark.parametrize("prefix", [False, True])
def test_an_invoice_approved_in_basware_is_announced_whichever_way_it_is_signed(
    online: Online, form: Any, prefix: bool
) -> None:
    online.world.basware.switches.push_signature = form
    online.world.basware.switches.push_signature_prefix = prefix
    online.world.basware.switches.push_wants_echo = True
    online.subscribe()
    online.world.approve(_invoice(online.world))

    assert online.deliver() == [200]
    assert [(one.entity, one.operation) for one in online.notices(System.BASWARE)] == [
        ("AccountingDocuments", "WaitingForTransfer")
    ]


def _invoice(world: World) -> dict[str, Any]:
    return dict(basware_seed()["accountingDocuments"][0])


def test_subscribing_again_changes_nothing(online: Online) -> None:
    online.subscribe()
    token = online.secret("basware.webhook_token")

    assert set(online.subscribe()) == {"good"}
    assert online.secret("basware.webhook_token") == token
    assert len(online.world.basware.subscriptions("demo-basware-client")) == len(online.states())


def test_the_token_is_in_no_list(online: Online) -> None:
    online.subscribe()
    token = online.secret("basware.webhook_token")
    with online.office() as office:
        shown = repr(basware.lines_of(office)) + repr(office.subscriptions.listing())

    assert token
    assert token not in shown


def test_a_new_token_is_used_at_once_and_the_former_still_counts(online: Online) -> None:
    online.subscribe()
    former = online.secret("basware.webhook_token")

    assert set(online.subscribe(new_token=True)) == {"good"}
    assert online.secret("basware.webhook_token") != former
    assert online.secret("basware.old_webhook_token") == former


def test_connections_of_one_account_share_token_and_subscriptions(online: Online) -> None:
    online.subscribe()
    second = online.second("second")
    with online.office(second) as office:
        assert {line.state for line in basware.subscribe(office, actor=PERSON)} == {"good"}

    assert online.secret("basware.webhook_token", second) == online.secret("basware.webhook_token")
    online.world.approve(_invoice(online.world))
    online.deliver()
    assert len(online.notices(System.BASWARE)) == len(online.notices(System.BASWARE, second)) == 1


def test_an_address_nobody_answers_at_is_refused_by_basware_and_told(online: Online) -> None:
    row = online.world.app.connection(online.world.connection_id)
    with (
        online.world.app.webhook_office(row, public_url="http://127.0.0.1:9") as office,
        pytest.raises(Refused, match="connection test") as refused,
    ):
        basware.subscribe(office, actor=PERSON)

    assert online.secret("basware.webhook_token") not in str(refused.value)


@pytest.mark.parametrize("url", ["", "http://connector.test"])
def test_an_address_that_is_missing_or_not_encrypted_is_refused_before_anything_is_sent(
    online: Online, url: str
) -> None:
    row = online.world.app.connection(online.world.connection_id)
    with online.world.app.webhook_office(row, public_url=url) as office, pytest.raises(WebhookSetupError):
        basware.subscribe(office, actor=PERSON)


def test_a_missing_subscription_raises_an_alert_and_a_repair_ends_it(online: Online) -> None:
    online.subscribe()
    online.world.basware._push.subscriptions._of["demo-basware-client"].pop()
    assert "missing" in online.states()
    assert [alert.kind for alert in _alerts(online)] == [basware.ALERT]

    assert set(online.subscribe(mend=True)) == {"good"}
    assert _alerts(online) == []


def test_a_repair_puts_a_foreign_token_right_also_where_basware_adds_instead_of_replacing(online: Online) -> None:
    online.subscribe()
    online.world.basware.switches.repeated_subscription = "add"
    with online.world.database.write() as tx:
        secrets.put(
            tx, online.world.vault, online.world.connection_id, "basware.webhook_token", "restored from a backup",
            online.world.clock.now(),
        )  # fmt: skip
        webhook_keys.forget_form(tx, online.world.connection_id, System.BASWARE)
    assert set(online.states()) == {"other token"}

    assert set(online.subscribe(mend=True)) == {"good"}


def _alerts(online: Online) -> list[alerts.AlertRow]:
    with online.world.database.read() as tx:
        return [row for row in alerts.listing(tx, online.world.connection_id) if row.kind.startswith("webhook")]


def test_removing_takes_ours_and_nobody_elses(online: Online) -> None:
    online.elsewhere()
    online.world.clock.advance(5)
    online.subscribe()
    with online.office() as office:
        assert basware.remove(office, actor=PERSON).left == ()

    left = online.world.basware.subscriptions("demo-basware-client")
    assert [one["notificationWebhookURL"] for one in left] == ["https://archive.test/hook?key=secret"]
    assert online.secret("basware.webhook_token") == ""


def test_removing_refuses_to_hit_another_programs_subscription_and_names_it_without_its_secrets(online: Online) -> None:
    online.subscribe()
    online.world.clock.advance(5)
    online.elsewhere()
    with online.office() as office:
        with pytest.raises(WebhookSetupError, match=r"https://archive\.test/hook") as refused:
            basware.remove(office, actor=PERSON)
        assert "key=secret" not in str(refused.value)
        assert set(online.states()) == {"good", "of others"}

        removed = basware.remove(office, actor=PERSON, force=True)
    assert removed.left == ()
    assert [line.address for line in removed.others] == ["https://archive.test/hook"]
    assert online.world.basware.subscriptions("demo-basware-client") == []


# The log


def test_a_replay_lets_everything_a_delivery_announced_wait_again(online: Online) -> None:
    online.connect_quickbooks()
    online.world.act("rename", entity="Vendor", id=a_vendor(online.world)["Id"], name="Renamed Vendor")
    online.deliver()
    (notice,) = online.notices(System.QUICKBOOKS)
    with online.world.database.write() as tx:
        notices.settle(tx, online.world.connection_id, [notice.id], NoticeState.DONE, online.world.clock.now())
    assert online.notices(System.QUICKBOOKS) == []

    world = online.world
    result = webhook_log.replay(world.database, world.vault, online.deliveries(), world.clock.now(), actor=PERSON)
    assert (result.deliveries, result.waiting, result.still_unknown) == (1, 1, 0)
    assert [one.id for one in online.notices(System.QUICKBOOKS)] == [notice.id]


def test_a_delivery_of_a_company_connected_later_reaches_it_by_a_replay_and_only_with_the_same_token(
    online: Online,
) -> None:
    online.connect_quickbooks()
    body = b'[{"id":"e1","type":"qbo.bill.created.v1","intuitentityid":"7","intuitaccountid":"9341459999"}]'
    answer = httpx2.post(
        f"{online.url}/webhooks/quickbooks", content=body, headers={"intuit-signature": signature(body, VERIFIER)}
    )
    assert answer.status_code == 200
    second, world = online.second("second"), online.world

    def replay() -> int:
        return webhook_log.replay(
            world.database, world.vault, online.deliveries(), world.clock.now(), actor=PERSON
        ).waiting

    with world.database.write() as tx:
        secrets.put(tx, world.vault, second, "quickbooks.webhook_token", "of another app", world.clock.now())
    assert replay() == 0
    with online.office(second) as office:
        quickbooks.store_verifier(office, VERIFIER, actor=PERSON)
    assert replay() == 1
    assert [one.entity_id for one in online.notices(System.QUICKBOOKS, second)] == ["7"]
    assert online.deliveries()[0].outcome is DeliveryOutcome.STORED


def test_old_deliveries_are_forgotten_and_what_still_waits_is_not(online: Online) -> None:
    online.connect_quickbooks()
    world = online.world
    for number in (0, 1):
        vendor = list(world.quickbooks.books(world.realm_id)["Vendor"])[number]
        world.act("rename", entity="Vendor", id=vendor["Id"], name=f"Renamed {number}")
        online.deliver()
        world.clock.advance(61)
    first, second = online.notices(System.QUICKBOOKS)
    with world.database.write() as tx:
        notices.settle(tx, world.connection_id, [first.id], NoticeState.DONE, world.clock.now())
    world.clock.advance(31 * 86400)

    assert webhook_log.forget_old(world.database, world.clock.now(), 30) == (2, 1)
    assert online.deliveries() == []
    assert [(one.id, one.delivery_id) for one in online.notices(System.QUICKBOOKS)] == [(second.id, None)]


def _two_companies(online: Online) -> str:
    """One call that speaks of two companies, each with a connection; the other one's id."""
    online.connect_quickbooks()
    second = online.second("second")
    with online.office(second) as office:
        quickbooks.adopt_verifier(office, actor=PERSON)
    events = [
        {"id": f"e{number}", "type": "qbo.bill.created.v1", "intuitentityid": str(number), "intuitaccountid": realm}
        for number, realm in ((1, online.world.realm_id), (2, online.world.realm_id), (3, "9341459999"))
    ]
    body = json.dumps(events).encode()
    answer = httpx2.post(
        f"{online.url}/webhooks/quickbooks", content=body, headers={"intuit-signature": signature(body, VERIFIER)}
    )
    assert answer.status_code == 200
    return second


def test_what_a_call_said_to_one_company_is_not_shown_with_another(online: Online) -> None:
    second, world = _two_companies(online), online.world
    (row,) = online.deliveries()

    def counted(connection_id: str) -> list[dict[str, int]]:
        wanted = DeliveryFilter(connection_id=connection_id)
        return [line.notices for line in webhook_log.lines(world.database, wanted)]

    assert (counted(second), counted(world.connection_id), counted("")) == (
        [{"waiting": 1}], [{"waiting": 2}], [{"waiting": 3}],
    )  # fmt: skip
    view = webhook_log.view(world.database, world.vault, row.id, connection_id=second)
    assert view is not None
    assert [(one.connection, one.entity_id) for one in view.notices] == [("second", "3")]
    assert view.delivery.notices == {"waiting": 1}
    with pytest.raises(ValueError, match="no one connection"):
        webhook_log.view(world.database, world.vault, row.id, connection_id=second, with_body=True)


def test_a_call_that_said_nothing_to_a_connection_is_none_of_its(online: Online) -> None:
    online.connect_quickbooks()
    online.world.act("rename", entity="Vendor", id=a_vendor(online.world)["Id"], name="Renamed Vendor")
    online.deliver()
    second, world = online.second("second"), online.world
    (row,) = online.deliveries()

    assert webhook_log.view(world.database, world.vault, row.id, connection_id=second) is None


def test_a_replay_since_a_moment_goes_through_everything_however_much_came(online: Online) -> None:
    online.connect_quickbooks()
    world = online.world
    for vendor in list(world.quickbooks.books(world.realm_id)["Vendor"])[:5]:
        world.act("rename", entity="Vendor", id=vendor["Id"], name=f"Renamed {vendor['Id']}")
        online.deliver()
        world.clock.advance(61)
    came = sorted(row.received_at for row in online.deliveries())

    def replayed(since: datetime) -> tuple[int, int]:
        result = webhook_log.replay_since(
            world.database, world.vault, since, world.clock.now(), actor=PERSON, portion=2
        )
        return result.deliveries, result.waiting

    assert len(came) == 5
    assert replayed(came[0]) == (5, 5)
    assert replayed(came[2]) == (3, 3)
