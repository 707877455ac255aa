"""What Intuit's webhooks look like and how they are signed: published vectors, both shapes, and bodies nobody should send."""

import base64
import hmac
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml_connector.model.announcements import Announcement, Delivered
from ml_connector.quickbooks import webhooks
from quickbooks import QuickBooks

# intuit/QuickBooks-V3-Java-SDK, WebhooksServiceTest.java
INTUIT_TOKEN = "b5771f19b12ddb4bcdb9f08bdc50bc63878a"
INTUIT_SIGNATURE = "JC2GUwciPmRBwEO7WvrRmKqu9tGOKL8FFallocTFi8Q="
INTUIT_BODY = (
    b'{"eventNotifications":[{"realmId":"1185883450","dataChangeEvent":{"entities":[{"name":"Customer","id":"1",'
    b'"operation":"Create","lastUpdated":"2015-10-05T14:42:19-0700"}]}}]}'
)
# ej2/python-quickbooks, tests/unit/test_client.py
PYTHON_TOKEN, PYTHON_SIGNATURE, PYTHON_BODY = (
    "verify_me",
    "nfPLN16u3vMvv08ghDs+dOkLuirEVDy5wAeG/lmM2OA=",
    b'{"stuff":"5"}',
)
VECTORS = [(INTUIT_TOKEN, INTUIT_SIGNATURE, INTUIT_BODY), (PYTHON_TOKEN, PYTHON_SIGNATURE, PYTHON_BODY)]


def cloud_event(**changes: object) -> dict[str, object]:
    """An event as Intuit's announcement of November 2025 shows it."""
    return {
        "specversion": "1.0",
        "id": "d1a3aedd-9670-41bf-a4f9-c148a1cc4e03",
        "source": "intuit.dsnBgbseACLLRZNxo2dfc4evmEJdxde58xeeYcZliOU=",
        "type": "qbo.class.created.v1",
        "time": "2025-10-07T19:59:07.034359333Z",
        "intuitentityid": "1234",
        "intuitaccountid": "310687",
    } | changes


def read(*events: object) -> Delivered:
    return webhooks.read(json.dumps(list(events)).encode())


def only(delivered: Delivered) -> Announcement:
    assert len(delivered.events) == 1
    return delivered.events[0]


# Signatures


@pytest.mark.parametrize(("token", "signature", "body"), VECTORS)
def test_published_signatures_are_reproduced(token: str, signature: str, body: bytes) -> None:
    assert webhooks.signature(body, token) == signature
    assert webhooks.is_signed(body, signature, token)


@pytest.mark.parametrize(("token", "signature", "body"), VECTORS)
def test_another_clients_check_agrees_with_ours(token: str, signature: str, body: bytes) -> None:
    assert QuickBooks(minorversion=75, verifier_token=token).validate_webhook_signature(body.decode(), signature)


@pytest.mark.parametrize(
    ("body", "signature"),
    [
        (INTUIT_BODY, PYTHON_SIGNATURE),
        (INTUIT_BODY, ""),
        (INTUIT_BODY, "1234"),
        (INTUIT_BODY, INTUIT_SIGNATURE.lower()),
        (INTUIT_BODY, INTUIT_SIGNATURE.rstrip("=")),
        (INTUIT_BODY, base64.b64decode(INTUIT_SIGNATURE).hex()),
        (INTUIT_BODY, "schlüssel"),
        (INTUIT_BODY[:-1], INTUIT_SIGNATURE),
        (INTUIT_BODY + b"\n", INTUIT_SIGNATURE),
        (json.dumps(json.loads(INTUIT_BODY)).encode(), INTUIT_SIGNATURE),
        (INTUIT_BODY.decode().encode("utf-16"), INTUIT_SIGNATURE),
        (b"", INTUIT_SIGNATURE),
    ],
    ids=[
        "forged", "none", "short", "lower case", "unpadded", "hex", "no ascii", "truncated", "longer", "re-encoded", "utf-16",
        "empty",
    ],
)  # fmt: skip
def test_whatever_is_not_exactly_what_was_signed_is_refused(body: bytes, signature: str) -> None:
    assert not webhooks.is_signed(body, signature, INTUIT_TOKEN)


def test_another_applications_token_does_not_verify() -> None:
    assert not webhooks.is_signed(INTUIT_BODY, INTUIT_SIGNATURE, PYTHON_TOKEN)


@given(st.binary(), st.text(), st.text())
def test_a_signature_is_good_only_if_the_token_made_it(body: bytes, token: str, other: str) -> None:
    token, other = (text.encode("utf-8", "ignore").decode() for text in (token, other))
    made = base64.b64encode(hmac.new(token.encode(), body, "sha256").digest()).decode()

    assert webhooks.is_signed(body, made, token)
    assert webhooks.is_signed(body, other, token) is (other == made)


# CloudEvents


def test_intuits_own_sample_is_read() -> None:
    event = only(read(cloud_event()))

    assert (event.company, event.entity, event.entity_id, event.operation) == ("310687", "Class", "1234", "created")
    assert event.event_id == "d1a3aedd-9670-41bf-a4f9-c148a1cc4e03"
    assert event.occurred_at == datetime(2025, 10, 7, 19, 59, 7, 34359, tzinfo=UTC)
    assert event.problem == ""


@pytest.mark.parametrize(
    ("kind", "entity", "operation"),
    [
        ("qbo.billpayment.created.v1", "BillPayment", "created"),
        ("qbo.purchaseorder.deleted.v1", "PurchaseOrder", "deleted"),
        ("qbo.vendor.merged.v1", "Vendor", "merged"),
        ("qbo.invoice.voided.v1", "Invoice", "voided"),
        ("qbo.invoice.emailed.v2", "Invoice", "emailed"),
        ("QBO.BillPayment.Updated.V1", "BillPayment", "updated"),
        ("qbo.journalentry.update.v1", "JournalEntry", "updated"),
        ("qbo.fixedAsset.revalued.v1", "fixedAsset", "revalued"),
        ("qbo.project.task.created.v1", "project.task", "created"),
        ("payroll.run", "payroll.run", ""),
    ],
)
def test_entity_and_operation_come_from_the_type(kind: str, entity: str, operation: str) -> None:
    event = only(read(cloud_event(type=kind)))

    assert (event.entity, event.operation, event.problem) == (entity, operation, "")


def test_one_call_may_speak_of_several_companies() -> None:
    found = read(cloud_event(), cloud_event(id="2", intuitaccountid="310688"))

    assert [event.company for event in found.events] == ["310687", "310688"]


@pytest.mark.parametrize("data", [{}, None, "text", {"alternative_ids": [{"id": "1", "namespace": "x"}]}])
def test_data_is_optional(data: object) -> None:
    assert only(read(cloud_event(data=data))).problem == ""


def test_a_merge_names_the_record_that_vanished() -> None:
    event = only(read(cloud_event(type="qbo.vendor.merged.v1", data={"deletedId": "68"})))

    assert (event.entity_id, event.merged_id) == ("1234", "68")


def test_ids_are_opaque_and_long_ones_are_kept_by_their_hash() -> None:
    opaque = "cda2f6f2-2f6f-4a7f-9b1c-PurchaseOrder-45"
    long = only(read(cloud_event(id="x" * 5000))).event_id

    assert only(read(cloud_event(id=opaque))).event_id == opaque
    assert len(long) == 64
    assert long != only(read(cloud_event(id="x" * 5001))).event_id


def test_ids_that_are_numbers_are_read_as_text() -> None:
    assert only(read(cloud_event(intuitentityid=1234, intuitaccountid=310687))).entity_id == "1234"


@pytest.mark.parametrize("time", ["2025-10-07T19:59:07Z", "2025-10-07T12:59:07-0700", "2025-10-07T19:59:07.000Z"])
def test_times_are_read_in_every_form_seen(time: str) -> None:
    assert only(read(cloud_event(time=time))).occurred_at == datetime(2025, 10, 7, 19, 59, 7, tzinfo=UTC)


@pytest.mark.parametrize("time", ["yesterday", "", None, 5, "0001-01-01T00:00:00+14:00"])
def test_a_time_that_cannot_be_read_is_left_out(time: object) -> None:
    assert only(read(cloud_event(time=time))).occurred_at is None


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"intuitentityid": None}, "the event names no record"),
        ({"intuitaccountid": ""}, "the event names no company"),
        ({"type": {}}, "the event names no kind"),
        ({"intuitentityid": "9" * 900}, "the name of its record is longer than any there is"),
    ],
)
def test_an_event_that_cannot_be_acted_on_is_kept_with_the_reason(changes: dict[str, object], problem: str) -> None:
    assert only(read(cloud_event(**changes))).problem == problem


@pytest.mark.parametrize("bad", [b"5", b'"text"', b"null", b"[]", b'{"id":"\xff"}', b'{"id":{"type":[]}}'])
def test_a_bad_event_does_not_spoil_the_others(bad: bytes) -> None:
    good = json.dumps(cloud_event()).encode()
    found = webhooks.read(b"[" + good + b"," + bad + b"," + good.replace(b"d1a3", b"d1a4") + b"]")

    assert len([event for event in found.events if not event.problem]) == 2
    assert found.problem or len(found.events) == 3


def test_half_a_surrogate_pair_spoils_nothing() -> None:
    found = webhooks.read(rb'[{"id":"\ud800","intuitaccountid":"1","intuitentityid":"2","type":"qbo.bill.updated.v1"}]')

    assert only(found).event_id.encode()
    assert only(found).problem == ""


def test_one_event_outside_an_array_is_taken_too() -> None:
    assert only(webhooks.read(json.dumps(cloud_event()).encode())).entity == "Class"


# The older shape


def test_the_older_shape_is_read() -> None:
    found = webhooks.read(INTUIT_BODY)
    event = only(found)

    assert found.format == "eventNotifications"
    assert (event.company, event.entity, event.entity_id, event.operation) == ("1185883450", "Customer", "1", "created")
    assert event.occurred_at == datetime(2015, 10, 5, 21, 42, 19, tzinfo=UTC)


def test_events_of_the_older_shape_are_told_apart_by_record_operation_and_time_and_show_no_company() -> None:
    first = only(webhooks.read(INTUIT_BODY))
    repeated, later = (
        only(webhooks.read(INTUIT_BODY)),
        only(webhooks.read(INTUIT_BODY.replace(b"14:42:19", b"14:42:20"))),
    )

    assert first.event_id == repeated.event_id != later.event_id
    assert first.company not in first.event_id


def test_a_merge_in_the_older_shape_names_the_record_that_vanished() -> None:
    body = INTUIT_BODY.replace(b'"operation":"Create"', b'"operation":"Merge","deletedId":"9"')

    assert (only(webhooks.read(body)).operation, only(webhooks.read(body)).merged_id) == ("merged", "9")


@pytest.mark.parametrize(
    "odd", [b"[]", b"null", b"{}", b'[{"realmId":"1"}]', b'[{"realmId":"1","dataChangeEvent":{"entities":5}}]']
)
def test_an_older_notification_without_entities_is_an_event_that_cannot_be_acted_on(odd: bytes) -> None:
    found = webhooks.read(b'{"eventNotifications":' + odd + b"}")

    assert all(event.problem for event in found.events)


# Anything


@pytest.mark.parametrize(
    "body", [b"", b"   ", b"[", b'[{"id":"1"', b"\xff\xfe", b"{'a': 1}", b"[" * 100_000, b"<xml/>"]
)
def test_what_is_no_json_is_told_and_never_quoted(body: bytes) -> None:
    found = webhooks.read(body)

    assert found.events == ()
    assert found.problem.startswith("the body is not JSON")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(list(cloud_event())), inner),
    max_leaves=20,
)
ODD_EVENTS = st.fixed_dictionaries({}, optional=dict.fromkeys([*cloud_event(), "data", "eventNotifications"], JSON))


@given(st.binary())
def test_no_bytes_make_the_reader_fail(body: bytes) -> None:
    webhooks.read(body)


@given(st.lists(ODD_EVENTS | JSON) | JSON)
def test_no_json_makes_the_reader_fail_and_all_it_says_can_be_stored(tree: object) -> None:
    for event in webhooks.read(json.dumps(tree).encode()).events:
        for text in (event.event_id, event.entity, event.entity_id, event.operation, event.merged_id, event.problem):
            assert len(text.encode()) <= 4 * 200
        assert event.problem or (event.company and event.entity_id and event.entity)
