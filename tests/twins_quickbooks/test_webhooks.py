"""Webhooks: who hears of what, in which form, and what happens when nobody acknowledges."""

import base64
import hashlib
import hmac
import pickle
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from twins.http import Response
from twins.luck import LuckRule, Mishap
from twins.quickbooks.events import Change, Operation
from twins.quickbooks.webhook_format import OPERATIONS
from twins.quickbooks.webhooks import WebhookSettings

REALM = "9130357"
URL = "https://receiver.test/hook"
UUID = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"


@dataclass
class Receiver:
    """Keeps every call, and acknowledges unless told otherwise."""

    statuses: list[int] = field(default_factory=list)
    calls: list[Any] = field(default_factory=list)
    delay: float = 0.0

    def __call__(self, request):
        self.calls.append(request)
        return Response(self.statuses.pop(0) if self.statuses else 200, delay=self.delay)

    @property
    def bodies(self):
        return [msgspec.json.decode(call.body) for call in self.calls]

    @property
    def types(self):
        return [event["type"] for body in self.bodies for event in body]

    @property
    def subjects(self):
        """What each call was about: entity and id of its events."""
        return [[f"{event['type'].split('.')[1]} {event['intuitentityid']}" for event in body] for body in self.bodies]


@dataclass
class Hooked:
    """A company whose application receives webhooks."""

    qbo: Any
    receiver: Receiver

    def deliver(self):
        return self.qbo.twin.outbox.deliver_due(self.receiver)

    def settle(self, **changes):
        settings = {"url": URL, "verifier_token": "verify me", **changes}
        self.qbo.twin.webhooks.configure("app", msgspec.convert(settings, WebhookSettings))

    def announce(self, entity, key="7", operation=Operation.UPDATE, **more):
        """As if the books had just changed."""
        at = self.qbo.clock.now()
        self.qbo.twin.webhooks.hear(Change(REALM, entity, key, operation, at, **more))

    @property
    def switches(self):
        return self.qbo.twin.switches


@pytest.fixture
def hooked(qbo):
    made = Hooked(qbo, Receiver())
    made.settle()
    return made


def other_seed(hooked, **changes):
    """A small company beside the first one."""
    seed = {
        "realm_id": "42",
        "client_id": "app",
        "client_secret": "secret",
        "refresh_token": "RT1-other",
        "CompanyInfo": {"CompanyName": "Second"},
        "Preferences": {},
        "entities": {"Vendor": [{"Id": "1", "DisplayName": "Somebody"}]},
        **changes,
    }
    hooked.qbo.twin.add_company(seed)


# what is said


@pytest.mark.row("Q15")
def test_a_change_becomes_a_signed_cloud_event(hooked):
    bill = hooked.qbo.post("Bill", hooked.qbo.bill())
    hooked.deliver()
    call = hooked.receiver.calls[0]
    assert (call.method, call.url) == ("POST", URL)
    assert call.headers["content-type"] == "application/cloudevents+json"
    digest = hmac.new(b"verify me", call.body, hashlib.sha256).digest()
    assert call.headers["intuit-signature"] == base64.b64encode(digest).decode()
    event = next(each for each in hooked.receiver.bodies[0] if each["type"] == "qbo.bill.created.v1")
    assert re.fullmatch(UUID, event["id"])
    assert re.fullmatch(r"2026-11-02T12:00:00\.\d{9}Z", event["time"])
    assert event["source"].startswith("intuit.")
    assert {name: event[name] for name in event if name not in {"id", "time", "source"}} == {
        "specversion": "1.0",
        "type": "qbo.bill.created.v1",
        "datacontenttype": "application/json",
        "intuitentityid": bill["Id"],
        "intuitaccountid": REALM,
        "data": {},
    }


@pytest.mark.row("Q15")
def test_both_content_types_can_be_chosen(hooked):
    hooked.settle(content_type="application/json")
    hooked.announce("Bill")
    hooked.deliver()
    assert hooked.receiver.calls[0].headers["content-type"] == "application/json"


@pytest.mark.row("Q15")
def test_the_forms_seen_in_samples_can_be_chosen(hooked):
    hooked.switches.webhook_opaque_ids = True
    hooked.switches.webhook_time = "seconds"
    hooked.switches.webhook_data = "absent"
    hooked.announce("PurchaseOrder", "45", Operation.DELETE)
    hooked.deliver()
    event = hooked.receiver.bodies[0][0]
    assert re.fullmatch(f"{UUID}-PurchaseOrder-45", event["id"])
    assert (event["time"], event["type"]) == ("2026-11-02T12:00:00Z", "qbo.purchaseorder.deleted.v1")
    assert "data" not in event
    hooked.switches.webhook_data = "alternative_ids"
    hooked.announce("Bill", "9")
    hooked.deliver()
    (other,) = hooked.receiver.bodies[1][0]["data"]["alternative_ids"]
    assert (other["id"], set(other)) == ("9", {"id", "namespace"})


@pytest.mark.row("Q15")
def test_a_merge_names_the_record_that_vanished(hooked):
    hooked.announce("Vendor", "71", Operation.MERGE, deleted_id="68")
    hooked.deliver()
    event = hooked.receiver.bodies[0][0]
    assert (event["type"], event["intuitentityid"]) == ("qbo.vendor.merged.v1", "71")
    assert event["data"] == {"deletedId": "68"}
    hooked.switches.webhook_deleted_id = "absent"
    hooked.announce("Vendor", "71", Operation.MERGE, deleted_id="68")
    hooked.deliver()
    assert hooked.receiver.bodies[1][0]["data"] == {}


@pytest.mark.row("Q15")
def test_the_older_format_lists_the_changes_of_one_company(hooked):
    hooked.settle(format="legacy")
    hooked.announce("Vendor", "71", Operation.MERGE, deleted_id="68")
    hooked.announce("Bill", "145")
    hooked.deliver()
    assert hooked.receiver.calls[0].headers["content-type"] == "application/json"
    assert hooked.receiver.bodies == [
        {
            "eventNotifications": [
                {
                    "realmId": REALM,
                    "dataChangeEvent": {
                        "entities": [
                            {
                                "name": "Vendor",
                                "id": "71",
                                "operation": "Merge",
                                "lastUpdated": "2026-11-02T04:00:00-0800",
                                "deletedId": "68",
                            },
                            {
                                "name": "Bill",
                                "id": "145",
                                "operation": "Update",
                                "lastUpdated": "2026-11-02T04:00:00-0800",
                            },
                        ]
                    },
                }
            ]
        }
    ]
    hooked.switches.webhook_legacy_time = "milliseconds"
    hooked.announce("Bill", "146", Operation.VOID)
    hooked.announce("BillPayment", "147", Operation.VOID)
    hooked.deliver()
    (entity,) = hooked.receiver.bodies[1]["eventNotifications"][0]["dataChangeEvent"]["entities"]
    assert entity == {
        "name": "BillPayment",
        "id": "147",
        "operation": "Void",
        "lastUpdated": "2026-11-02T12:00:00.000Z",
    }


@pytest.mark.row("Q15")
def test_one_call_carries_events_of_several_companies_but_not_in_the_older_format(hooked):
    other_seed(hooked)
    for _ in range(2):
        hooked.qbo.twin.act(REALM, "rename", entity="Vendor", id="51", name=f"Renamed {_}")
        hooked.qbo.twin.act("42", "rename", entity="Vendor", id="1", name=f"Renamed {_}")
    hooked.deliver()
    (body,) = hooked.receiver.bodies
    assert [event["intuitaccountid"] for event in body] == [REALM, "42", REALM, "42"]
    hooked.switches.webhook_companies_together = False
    hooked.qbo.twin.act(REALM, "rename", entity="Vendor", id="51", name="Once more")
    hooked.qbo.twin.act("42", "rename", entity="Vendor", id="1", name="Once more")
    hooked.deliver()
    assert [len(body) for body in hooked.receiver.bodies[1:]] == [1, 1]
    hooked.switches.webhook_companies_together = True
    hooked.settle(format="legacy")
    hooked.qbo.twin.act(REALM, "rename", entity="Vendor", id="51", name="And again")
    hooked.qbo.twin.act("42", "rename", entity="Vendor", id="1", name="And again")
    hooked.deliver()
    notified = [body["eventNotifications"] for body in hooked.receiver.bodies[3:]]
    assert [[each["realmId"] for each in notifications] for notifications in notified] == [[REALM], ["42"]]


def test_a_call_carries_at_most_a_hundred_events_and_about_a_megabyte(hooked):
    for number in range(205):
        hooked.announce("Bill", str(number))
    hooked.deliver()
    assert [len(body) for body in hooked.receiver.bodies] == [100, 100, 5]
    assert [event["intuitentityid"] for body in hooked.receiver.bodies for event in body] == [
        str(n) for n in range(205)
    ]
    hooked.switches.webhook_bytes = 1_000
    for number in range(5):
        hooked.announce("Bill", str(number))
    hooked.deliver()
    assert [len(body) for body in hooked.receiver.bodies[3:]] == [3, 2]
    assert all(len(call.body) <= 1_002 for call in hooked.receiver.calls[3:])


# who hears of what


def test_only_what_intuit_lists_is_ever_announced(hooked):
    for entity in ("TaxCode", "TaxRate", "ExchangeRate", "CompanyInfo", "Attachable"):
        for operation in Operation:
            hooked.announce(entity, operation=operation)
    hooked.announce("Bill", operation=Operation.VOID)
    hooked.announce("Bill", operation=Operation.MERGE)
    hooked.announce("Class", operation=Operation.MERGE)
    hooked.announce("Preferences", operation=Operation.CREATE)
    hooked.deliver()
    assert hooked.receiver.calls == []
    hooked.announce("BillPayment", operation=Operation.VOID)
    hooked.announce("Preferences")
    hooked.announce("CompanyCurrency", operation=Operation.CREATE)
    hooked.switches.webhook_merges_of_lists = True
    hooked.announce("Class", operation=Operation.MERGE)
    hooked.deliver()
    assert hooked.receiver.types == [
        "qbo.billpayment.voided.v1",
        "qbo.preferences.updated.v1",
        "qbo.currency.created.v1",
        "qbo.class.merged.v1",
    ]


def test_the_table_of_entities_and_operations_is_intuits():
    assert len(OPERATIONS) == 29
    voidable = {entity for entity, operations in OPERATIONS.items() if Operation.VOID in operations}
    mergeable = {entity for entity, operations in OPERATIONS.items() if Operation.MERGE in operations}
    assert voidable == {
        "BillPayment",
        "CreditMemo",
        "Invoice",
        "Payment",
        "Purchase",
        "RefundReceipt",
        "SalesReceipt",
        "Transfer",
    }
    assert mergeable == {"Account", "Customer", "Employee", "Item", "Vendor"}
    assert OPERATIONS["Preferences"] == {Operation.UPDATE}


def test_an_application_hears_only_of_what_it_asked_for(hooked):
    hooked.settle(entities={"Bill": ["Create"], "Vendor": []})
    hooked.announce("Bill", operation=Operation.CREATE)
    hooked.announce("Bill")
    hooked.announce("VendorCredit")
    hooked.announce("Vendor")
    hooked.deliver()
    assert hooked.receiver.types == ["qbo.bill.created.v1", "qbo.vendor.updated.v1"]


def test_every_application_of_a_company_is_told_with_its_own_signature(hooked):
    other_seed(hooked, client_id="other app", client_secret="other")
    hooked.qbo.twin.sign_in.grant(REALM, "other app", "RT1-second")
    settings = WebhookSettings(url="https://other.test/", verifier_token="another")
    hooked.qbo.twin.webhooks.configure("other app", settings)
    hooked.announce("Bill", "145")
    hooked.deliver()
    by_url = {call.url: call for call in hooked.receiver.calls}
    assert set(by_url) == {URL, "https://other.test/"}
    assert len({call.headers["intuit-signature"] for call in by_url.values()}) == 2
    events = [msgspec.json.decode(call.body)[0] for call in by_url.values()]
    assert len({event["id"] for event in events}) == len({event["source"] for event in events}) == 2


def test_a_company_that_is_not_connected_any_more_is_silent(hooked):
    hooked.announce("Bill", "1")
    hooked.qbo.twin.sign_in.disconnect(REALM)
    hooked.announce("Bill", "2")
    hooked.deliver()
    assert hooked.receiver.subjects == [["bill 1"]]


@pytest.mark.row("Q15")
def test_an_applications_own_writes_are_echoed_unless_switched_off(hooked):
    hooked.qbo.post("Bill", hooked.qbo.bill())
    hooked.deliver()
    assert "qbo.bill.created.v1" in hooked.receiver.types
    hooked.receiver.calls.clear()
    hooked.switches.webhook_echoes = False
    hooked.qbo.post("Bill", hooked.qbo.bill())
    hooked.qbo.act("rename", entity="Vendor", id="51", name="By a person")
    hooked.deliver()
    assert hooked.receiver.types == ["qbo.vendor.updated.v1"]


def test_a_person_deleting_a_bill_and_closing_the_books_is_announced(hooked):
    bill = hooked.qbo.post("Bill", hooked.qbo.bill())
    hooked.qbo.act("close_books", date="2026-01-31")
    hooked.qbo.act("delete", entity="Bill", id=bill["Id"])
    hooked.deliver()
    assert [kind for kind in hooked.receiver.types if "vendor" not in kind] == [
        "qbo.bill.created.v1",
        "qbo.preferences.updated.v1",
        "qbo.bill.deleted.v1",
    ]


def test_a_refused_write_is_not_announced(hooked):
    hooked.qbo.refused("Bill", hooked.qbo.bill(vendor="9999"))
    hooked.deliver()
    assert hooked.receiver.calls == []


# when it is sent


def test_production_gathers_events_for_some_minutes(hooked):
    hooked.settle(window_seconds=180)
    outbox = hooked.qbo.twin.outbox
    hooked.announce("Bill", "1")
    first = hooked.qbo.clock.now()
    hooked.qbo.clock.advance(100)
    hooked.announce("Bill", "2")
    hooked.deliver()
    assert hooked.receiver.calls == []
    assert (outbox.next_due - first).total_seconds() == 180
    hooked.qbo.clock.advance(80)
    assert outbox.due == 1
    hooked.deliver()
    assert hooked.receiver.subjects == [["bill 1", "bill 2"]]


@pytest.mark.row("Q15")
def test_a_failed_call_is_repeated_whole_on_intuits_schedule(hooked):
    clock, outbox = hooked.qbo.clock, hooked.qbo.twin.outbox
    hooked.announce("Bill", "1")
    hooked.announce("Vendor", "2")
    hooked.receiver.statuses = [500, 400, 302, 401, 503, 429, 500, 500, 500, 500]
    waits = []
    for _ in range(10):
        hooked.deliver()
        waits.append((outbox.next_due - clock.now()).total_seconds())
        clock.set(outbox.next_due)
    assert waits == [10, 20, 30, 300, 1200, 7200, 14400, 21600, 21600, 21600]
    hooked.deliver()
    assert outbox.next_due is None
    assert len({call.body for call in hooked.receiver.calls}) == 1
    assert len(hooked.receiver.calls) == 11
    (report,) = hooked.qbo.twin.webhooks.deliveries()
    assert (report["state"], report["lane"], report["attempts"]) == ("delivered", "app", 11)


@pytest.mark.row("Q15")
def test_an_acknowledgement_after_three_seconds_comes_too_late(hooked):
    hooked.announce("Bill", "1")
    hooked.receiver.delay = 3.1
    (late,) = hooked.deliver()
    assert not late.accepted
    hooked.receiver.delay = 3.0
    hooked.qbo.clock.advance(10)
    (good,) = hooked.deliver()
    assert good.accepted


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_any_2xx_acknowledges(hooked, status):
    hooked.announce("Bill", "1")
    hooked.receiver.statuses = [status]
    assert [made.accepted for made in hooked.deliver()] == [True]


@pytest.mark.row("Q15")
def test_later_events_are_withheld_until_a_failed_call_is_acknowledged(hooked):
    hooked.receiver.statuses = [500]
    hooked.announce("Bill", "1")
    hooked.deliver()
    hooked.announce("Bill", "2")
    hooked.announce("Bill", "3")
    hooked.deliver()
    assert hooked.receiver.subjects == [["bill 1"]]
    hooked.qbo.clock.advance(10)
    hooked.deliver()
    hooked.deliver()
    assert hooked.receiver.subjects == [["bill 1"], ["bill 1"], ["bill 2", "bill 3"]]


@pytest.mark.row("Q15")
def test_without_head_of_line_blocking_later_events_go_ahead(hooked):
    hooked.switches.webhook_head_of_line_blocking = False
    hooked.receiver.statuses = [500]
    hooked.announce("Bill", "1")
    hooked.deliver()
    hooked.announce("Bill", "2")
    hooked.deliver()
    hooked.qbo.clock.advance(10)
    hooked.deliver()
    assert hooked.receiver.subjects == [["bill 1"], ["bill 2"], ["bill 1"]]


# bad luck


@pytest.mark.row("Q15")
def test_events_can_be_lost_repeated_and_overtaken(hooked):
    luck = hooked.qbo.twin.outbox.luck
    luck.add(LuckRule(kind=Mishap.LOST, about="^Bill 1 "))
    luck.add(LuckRule(kind=Mishap.DUPLICATE, about="^Bill 2 ", seconds=30))
    luck.add(LuckRule(kind=Mishap.OVERTAKEN, about="^Bill 3 ", seconds=20))
    for key in ("1", "2", "3", "4"):
        hooked.announce("Bill", key)
    for _ in range(4):
        hooked.deliver()
        hooked.qbo.clock.advance(10)
    assert hooked.receiver.subjects == [["bill 2", "bill 4"], ["bill 3"], ["bill 2"]]
    first, again = hooked.receiver.bodies[0][0], hooked.receiver.bodies[2][0]
    assert first == again


@pytest.mark.row("Q15")
def test_a_delayed_event_holds_up_those_behind_it(hooked):
    hooked.qbo.twin.outbox.luck.add(LuckRule(kind=Mishap.DELAYED, about="^Bill 1 ", seconds=20))
    hooked.announce("Bill", "1")
    hooked.announce("Bill", "2")
    hooked.deliver()
    assert hooked.receiver.calls == []
    hooked.qbo.clock.set(hooked.qbo.twin.outbox.next_due)
    hooked.deliver()
    assert hooked.receiver.subjects == [["bill 1", "bill 2"]]


def test_luck_can_be_a_percentage(hooked):
    hooked.switches.outgoing_lost = 100.0
    hooked.announce("Bill", "1")
    hooked.switches.outgoing_lost = 0.0
    hooked.switches.outgoing_duplicates = 100.0
    hooked.announce("Bill", "2")
    hooked.deliver()
    hooked.qbo.clock.advance(60)
    hooked.deliver()
    assert hooked.receiver.subjects == [["bill 2"], ["bill 2"]]


# set-up


def test_a_new_verifier_token_signs_repetitions_too(hooked):
    hooked.announce("Bill", "1")
    hooked.receiver.statuses = [500]
    hooked.deliver()
    hooked.qbo.twin.webhooks.rotate_verifier("app", "renewed")
    hooked.qbo.clock.advance(10)
    hooked.deliver()
    first, second = hooked.receiver.calls
    assert first.body == second.body
    digest = hmac.new(b"renewed", second.body, hashlib.sha256).digest()
    assert second.headers["intuit-signature"] == base64.b64encode(digest).decode()
    assert first.headers["intuit-signature"] != second.headers["intuit-signature"]


def test_a_delivered_call_can_be_sent_again(hooked):
    hooked.announce("Bill", "1")
    (made,) = hooked.deliver()
    hooked.qbo.twin.webhooks.resend(made.delivery)
    hooked.deliver()
    assert hooked.receiver.calls[0].body == hooked.receiver.calls[1].body
    assert len(hooked.qbo.twin.outbox.attempts(event=made.events[0])) == 2


def test_a_removed_address_is_not_called_any_more(hooked):
    hooked.announce("Bill", "1")
    hooked.qbo.twin.webhooks.remove("app")
    hooked.announce("Bill", "2")
    hooked.deliver()
    assert hooked.receiver.calls == []
    assert hooked.qbo.twin.webhooks.configured() == {}


def test_a_seed_can_set_webhooks_up(hooked):
    webhooks = {"url": "https://seeded.test/hook", "verifier_token": "v", "format": "legacy", "window_seconds": 60}
    other_seed(hooked, client_id="seeded", client_secret="s", webhooks=webhooks)
    assert hooked.qbo.twin.webhooks.configured()["seeded"] == {
        "url": "https://seeded.test/hook",
        "format": "legacy",
        "content_type": "",
        "entities": None,
        "window_seconds": 60,
    }
    hooked.qbo.twin.act("42", "rename", entity="Vendor", id="1", name="Renamed")
    hooked.qbo.clock.advance(60)
    hooked.deliver()
    assert [call.url for call in hooked.receiver.calls] == ["https://seeded.test/hook"]


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "receiver.test/hook"},
        {"verifier_token": ""},
        {"entities": {"TaxCode": []}},
        {"entities": {"Bill": ["Void"]}},
        {"window_seconds": 120},
        {"format": "xml"},
    ],
)
def test_settings_the_portal_would_not_take_are_refused(hooked, changes):
    with pytest.raises(ValueError, match=r".+"):
        hooked.settle(**changes)


def test_waiting_events_survive_storing_the_twin(hooked):
    hooked.announce("Bill", "1")
    webhooks = pickle.loads(pickle.dumps(hooked.qbo.twin.webhooks))
    webhooks.outbox.deliver_due(hooked.receiver)
    assert hooked.receiver.subjects == [["bill 1"]]


def test_event_times_follow_the_change_not_the_call(hooked):
    hooked.qbo.clock.set(datetime(2026, 7, 1, 12, 30, 5, 120_000, tzinfo=UTC))
    hooked.announce("Bill", "1")
    hooked.qbo.clock.advance(1_000)
    hooked.deliver()
    assert hooked.receiver.bodies[0][0]["time"].startswith("2026-07-01T12:30:05.120000")
