"""What comes to the webhook endpoints: verified, stored, answered, in this order, and each firm hears of its own books only."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest

from instruments import VirtualClock
from ml_connector.basware.webhooks import Form
from ml_connector.quickbooks import webhooks
from ml_connector.store import deliveries, secrets
from ml_connector.store.errors import DatabaseUnavailableError
from ml_connector.store.schema import DeliveryOutcome, NoticeState, System
from ml_connector.work import receiving

pytestmark = pytest.mark.both_databases

NORTH, SOUTH, STRANGER = "9341450001", "9341450002", "9341459999"
APP_TOKEN, OTHER_APP_TOKEN, TENANT_TOKEN = "verifier-of-our-app", "verifier-of-another-app", "geheim-ö-123"
Office = Any
Make = Callable[..., dict[str, object]]


@pytest.fixture
def north(office: Office) -> str:
    return office.connect("north", NORTH, quickbooks__webhook_token=APP_TOKEN, basware__webhook_token=TENANT_TOKEN)


@pytest.fixture
def south(office: Office) -> str:
    return office.connect(
        "south", SOUTH, quickbooks__webhook_token=APP_TOKEN, basware__webhook_token="another tenant's"
    )


# QuickBooks


def test_a_changed_bill_is_stored_before_it_is_acknowledged(office: Office, north: str, make_bill: Make) -> None:
    answer = office.quickbooks([make_bill()])
    (notice,) = office.notices(north)
    (delivery,) = office.deliveries()

    assert answer.status_code == 200
    assert (notice.entity, notice.entity_id, notice.operation, notice.state) == ("Bill", "145", "updated", "waiting")
    assert (delivery.outcome, delivery.events, delivery.times) == (DeliveryOutcome.STORED, 1, 1)
    assert notice.delivery_id == delivery.id


def test_the_body_is_kept_byte_for_byte_and_sealed(office: Office, north: str) -> None:
    body = b'[ {"intuitaccountid": "9341450001" , "id":"\xff\x00"} ]'
    office.quickbooks(body)
    (row,) = office.deliveries()
    with office.app.database.read() as tx:
        assert deliveries.body(tx, office.app.vault, row) == body
        raw = tx.exec_driver_sql("SELECT envelope FROM deliveries").scalar_one()
    assert NORTH not in raw


def test_events_of_several_companies_in_one_call_reach_each_its_own(
    office: Office, north: str, south: str, make_bill: Make
) -> None:
    office.quickbooks([make_bill("1", NORTH), make_bill("2", SOUTH), make_bill("3", NORTH)])

    assert [notice.entity_id for notice in office.notices(north)] == ["1", "3"]
    assert [notice.entity_id for notice in office.notices(south)] == ["2"]


def test_a_call_signed_with_one_apps_token_says_nothing_about_another_apps_company(
    office: Office, north: str, make_bill: Make
) -> None:
    east = office.connect("east", SOUTH, quickbooks__webhook_token=OTHER_APP_TOKEN)
    answer = office.quickbooks([make_bill("1", NORTH), make_bill("2", SOUTH)], token=OTHER_APP_TOKEN)

    assert answer.status_code == 200
    assert office.notices(north) == []
    assert [notice.entity_id for notice in office.notices(east)] == ["2"]
    assert "1 of 2 events are of a company that no connection with this token has" in office.deliveries()[0].problem


def test_events_of_unknown_companies_are_noted_and_acknowledged(office: Office, north: str, make_bill: Make) -> None:
    answer = office.quickbooks([make_bill("1", STRANGER)])

    assert answer.status_code == 200
    assert office.deliveries()[0].outcome is DeliveryOutcome.UNKNOWN_COMPANY
    assert office.notices(north) == []


def test_a_replayed_body_is_counted_and_changes_nothing(office: Office, north: str, make_bill: Make) -> None:
    answers = [office.quickbooks([make_bill()]).status_code for _ in range(3)]
    (delivery,) = office.deliveries()

    assert (answers, delivery.times) == ([200, 200, 200], 3)
    assert len(office.notices(north)) == 1


def test_the_same_event_in_another_body_is_one_notice(office: Office, north: str, make_bill: Make) -> None:
    office.quickbooks([make_bill("1")])
    office.quickbooks([make_bill("1"), make_bill("2")])

    assert [notice.entity_id for notice in office.notices(north)] == ["1", "2"]


def test_the_older_shape_is_taken_too(office: Office, north: str) -> None:
    merged = {
        "name": "Vendor",
        "id": "71",
        "operation": "Merge",
        "lastUpdated": "2026-05-01T14:42:19-0700",
        "deletedId": "68",
    }
    body = {"eventNotifications": [{"realmId": NORTH, "dataChangeEvent": {"entities": [merged]}}]}
    office.quickbooks(body, headers={"Content-Type": "application/json", "intuit-signature": _signed(body)})
    (notice,) = office.notices(north)

    assert (notice.entity, notice.operation, notice.merged_id) == ("Vendor", "merged", "68")
    assert office.deliveries()[0].format == "eventNotifications"


def _signed(body: object) -> str:
    return webhooks.signature(json.dumps(body).encode(), APP_TOKEN)


def test_a_bad_event_in_a_good_call_is_kept_as_failed_and_blocks_nothing(
    office: Office, north: str, make_bill: Make
) -> None:
    answer = office.quickbooks([make_bill("1"), make_bill("", id="broken"), 5, make_bill("3")])
    (delivery,) = office.deliveries()
    with office.app.database.read() as tx:
        kept = deliveries.notices_of(tx, delivery.id)

    assert answer.status_code == 200
    assert [notice.entity_id for notice in office.notices(north)] == ["1", "3"]
    assert [(one.state, one.problem) for one in kept if one.event_id == "broken"] == [
        (NoticeState.FAILED, "the event names no record")
    ]
    assert delivery.problem == "1 of 4 events could not be read; 1 of 3 events cannot be acted on"


@pytest.mark.parametrize("body", [b"[", b'[{"id":', b"", b"no json", b"{}", b"[]"])
def test_what_is_signed_and_unreadable_is_stored_and_acknowledged_so_that_it_holds_nothing_up(
    office: Office, north: str, body: bytes
) -> None:
    answer = office.quickbooks(body)
    (delivery,) = office.deliveries()

    assert answer.status_code == 200
    assert delivery.problem
    assert office.notices(north) == []


def test_something_that_cannot_be_stored_at_all_does_not_come_again_for_ever(
    office: Office, north: str, make_bill: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the parsers overlook: a value the store refuses ends in the log, and the call is acknowledged."""
    real = receiving._notice

    def careless(system: System, event: Any) -> Any:
        notice = real(system, event)
        return msgspec.structs.replace(notice, entity="x" * 1000) if event.entity_id == "2" else notice

    monkeypatch.setattr(receiving, "_notice", careless)

    assert office.quickbooks([make_bill("2")]).status_code == 200
    assert office.quickbooks([make_bill("3")]).status_code == 200
    assert [row.outcome for row in office.deliveries()] == [DeliveryOutcome.STORED, DeliveryOutcome.UNREADABLE]
    assert "could not be stored" in office.deliveries()[1].problem
    assert [notice.entity_id for notice in office.notices(north)] == ["3"]


# Refusals


@pytest.fixture
def unchanged(office: Office, north: str) -> Iterator[None]:
    """Whatever the test sends, nothing is stored."""
    yield
    assert office.deliveries() == []
    assert office.notices(north) == []


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "signature", ["", "Zm9yZ2Vk", "JC2GUwciPmRBwEO7WvrRmKqu9tGOKL8FFallocTFi8Q=", "x" * 9000, "sig\xe9"]
)
def test_a_forged_or_missing_signature_is_refused_and_nothing_is_stored(
    office: Office, make_bill: Make, signature: str
) -> None:
    headers = {"Content-Type": "application/json", "intuit-signature": signature.encode("latin-1")}

    assert office.quickbooks([make_bill()], headers=headers).status_code == 401


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "change", [lambda body: body[:-1], lambda body: body.replace(b" ", b""), lambda body: body + b"\n"]
)
def test_a_truncated_or_re_encoded_body_is_refused(
    office: Office, make_bill: Make, change: Callable[[bytes], bytes]
) -> None:
    body = json.dumps([make_bill()]).encode()
    headers = {"intuit-signature": webhooks.signature(body, APP_TOKEN)}

    assert office.quickbooks(change(body), headers=headers).status_code == 401


@pytest.mark.usefixtures("unchanged")
def test_a_signature_of_the_other_system_is_refused(office: Office, make_task: Make) -> None:
    assert office.basware(make_task(), token=APP_TOKEN).status_code == 401


@pytest.mark.usefixtures("unchanged")
def test_other_methods_are_refused(office: Office) -> None:
    statuses = {
        method: office.client.request(method, f"{office.url}/webhooks/quickbooks").status_code
        for method in ("GET", "PUT", "DELETE", "TRACE")
    }

    assert set(statuses.values()) == {405}


@pytest.mark.usefixtures("unchanged")
def test_a_body_above_the_limit_is_refused_announced_or_not(office: Office) -> None:
    big = b"[" + b" " * 1_500_000 + b"]"

    def in_pieces() -> Iterator[bytes]:
        for start in range(0, len(big), 100_000):
            yield big[start : start + 100_000]

    headers = {"intuit-signature": webhooks.signature(big, APP_TOKEN)}
    assert office.quickbooks(big).status_code == 413
    assert office.quickbooks(b"", headers=headers, content=in_pieces()).status_code == 413


def test_a_large_body_within_the_limit_is_taken(office: Office, north: str, make_bill: Make) -> None:
    events = [make_bill(str(number), data={"filling": "x" * 10_000}) for number in range(100)]

    assert office.quickbooks(events).status_code == 200
    assert len(office.notices(north)) == 100


def test_refused_calls_raise_one_alert_that_shows_nothing_of_them_and_ends_with_a_good_call(
    office: Office, north: str, make_bill: Make, clock: VirtualClock
) -> None:
    for number in range(5):
        office.quickbooks([make_bill(str(number))], token="wrong-verifier")
    clock.advance(61)
    office.quickbooks([make_bill("5")], token="wrong-verifier")
    seen = _eventually(lambda: [alert for alert in office.alerts(north) if alert.times == 2])
    assert [(alert.kind, alert.subject) for alert in seen] == [("webhook-signature", "quickbooks")]
    assert "5 webhook calls" in seen[0].message
    assert "wrong-verifier" not in seen[0].message

    office.quickbooks([make_bill("7")])
    assert _eventually(lambda: [] if office.alerts(north) else [True])


def _eventually(look: Callable[[], list[Any]]) -> list[Any]:
    """What is done after the answer, which nobody waits for; gives it every chance without waiting for a set time."""
    for _ in range(5000):
        if found := look():
            return found
    raise AssertionError("it never happened")


# Tokens that change


def test_old_and_new_verifier_count_while_a_token_is_rotated(office: Office, north: str, make_bill: Make) -> None:
    office.store(north, "quickbooks.old_webhook_token", APP_TOKEN)
    office.store(north, "quickbooks.webhook_token", "the new one")

    assert office.quickbooks([make_bill("1")], token="the new one").status_code == 200
    assert office.quickbooks([make_bill("2")], token=APP_TOKEN).status_code == 200
    assert len(office.notices(north)) == 2


def test_a_token_stored_a_moment_ago_counts_at_once(office: Office, north: str, make_task: Make) -> None:
    assert office.basware(make_task("1")).status_code == 200
    office.store(north, "basware.webhook_token", "brand new")

    assert office.basware(make_task("2"), token="brand new").status_code == 200


def test_a_removed_token_does_not_count_for_long(office: Office, north: str, make_task: Make) -> None:
    assert office.basware(make_task("1")).status_code == 200
    with office.app.database.write() as tx:
        secrets.remove(tx, north, "basware.webhook_token")

    assert _eventually(lambda: [office.basware(make_task("x"), token="nobody's").status_code])  # makes it look again
    assert office.basware(make_task("2")).status_code == 401


# Basware


def test_a_task_is_echoed_and_reaches_every_connection_that_shares_the_token(
    office: Office, north: str, make_task: Make
) -> None:
    west = office.connect("west", STRANGER, basware__webhook_token=TENANT_TOKEN)
    east = office.connect("east", SOUTH, basware__webhook_token="another tenant's")
    answer = office.basware(make_task())

    assert (answer.status_code, answer.json()) == (200, make_task())
    assert answer.headers["content-type"] == "application/json"
    for connection in (north, west):
        (notice,) = office.notices(connection, System.BASWARE)
        assert (notice.entity, notice.operation, notice.entity_id) == (
            "AccountingDocuments",
            "WaitingForTransfer",
            "document-1",
        )
    assert office.notices(east, System.BASWARE) == []


def test_a_connection_test_is_answered_and_announces_nothing(office: Office, north: str, make_task: Make) -> None:
    assert office.basware(make_task(taskType="ConnectionTest")).status_code == 200
    assert office.deliveries()[0].outcome is DeliveryOutcome.TEST
    assert office.notices(north, System.BASWARE) == []


def test_unknown_task_types_are_kept(office: Office, north: str, make_task: Make) -> None:
    office.basware(make_task(taskType="InvoiceCalcTax"))

    assert [notice.entity for notice in office.notices(north, System.BASWARE)] == ["InvoiceCalcTax"]


@pytest.mark.parametrize("form", Form)
def test_whichever_way_basware_writes_its_signature_first_is_the_only_one_taken_from_then_on(
    office: Office, north: str, make_task: Make, form: Form
) -> None:
    other = Form.BASE64 if form is Form.HEX else Form.HEX

    assert office.basware(make_task("1"), form=form).status_code == 200
    assert office.basware(make_task("x"), token="nobody's").status_code == 401  # it looks at the tokens anew
    assert office.basware(make_task("2"), form=other).status_code == 401
    assert office.basware(make_task("3"), form=form).status_code == 200


def test_a_task_that_had_expired_is_noted_and_read_all_the_same(office: Office, north: str, make_task: Make) -> None:
    office.basware(make_task(expirationTime="2026-11-28T11:00:00Z"))

    assert office.deliveries()[0].problem == "1 of 1 had expired when they came"
    assert len(office.notices(north, System.BASWARE)) == 1


# Trouble


def test_while_the_database_cannot_be_used_nothing_is_acknowledged(
    office: Office, north: str, make_bill: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert office.quickbooks([make_bill("1")]).status_code == 200
    real = office.app.database.write

    def broken(**_: object) -> Any:
        raise DatabaseUnavailableError("the disk is full")

    monkeypatch.setattr(office.app.database, "write", broken)
    refused = office.quickbooks([make_bill("2")])
    monkeypatch.setattr(office.app.database, "write", real)

    assert refused.status_code == 503
    assert "disk" not in refused.text
    assert office.quickbooks([make_bill("2")]).status_code == 200
    assert [notice.entity_id for notice in office.notices(north)] == ["1", "2"]


def test_calls_at_the_same_time_are_each_stored_once(office: Office, north: str, make_bill: Make) -> None:
    bodies = [[make_bill(str(number % 30))] for number in range(90)]
    with ThreadPoolExecutor(12) as pool:
        statuses = list(pool.map(lambda body: office.quickbooks(body).status_code, bodies))

    assert set(statuses) == {200}
    assert len(office.notices(north)) == 30
    assert sum(row.times for row in office.deliveries()) == 90
