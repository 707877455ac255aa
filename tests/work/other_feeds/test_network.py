"""Documents of the Basware Network are taken over, confirmed and matched, whatever goes wrong on the way."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import httpx2
import msgspec
import pytest

from feed_scenes import arrive, document, file, invoice, mailbox, open_alerts, with_feeds
from ml_connector.basware.errors import CredentialsRejected, Unavailable
from ml_connector.store import inbox, network, secrets
from ml_connector.store.schema import NetworkState
from ml_connector.work.engines.local import LocalEngine
from ml_connector.work.engines.runs import Ending
from ml_connector.work.feed_settings import NetworkSettings
from ml_connector.work.feeds.network import ALERT, take_from_network
from ml_connector.work.feeds.network_documents import DOCUMENTS, FILE_ALERT
from ml_connector.work.jobs import Job
from twins.demo_company import basware_seed
from twins.faults import FaultKind, FaultRule
from world import World


def take(world: World) -> dict[str, int]:
    return take_from_network(world.desk()).counts


def confirmations(world: World, bum_id: str) -> list[str]:
    return [one["actionCode"] for one in mailbox(world).received[bum_id].confirmations]


def test_a_document_is_kept_with_its_files_confirmed_and_put_away(world: World) -> None:
    bum_id = arrive(world, files={"scan.pdf": file(), "data.xml": file(b"<x/>", "application/xml")})

    assert take(world)["taken"] == 1

    row = document(world, bum_id)
    assert (row.number, row.supplier_name, row.order_number) == ("NW-77", "Northwind Ltd.", "PO-7701")
    assert (row.total, row.currency, row.issue_date, row.kind) == (Decimal("1080.25"), "USD", "2026-11-18", "invoice")
    assert row.state is NetworkState.ON_THE_WAY
    assert row.confirmed_at == world.clock.now()
    with world.database.read() as tx:
        files = network.files_of(tx, world.connection_id, bum_id)
        contents = {one.content_type: network.content_of(tx, world.connection_id, bum_id, one.ref_id) for one in files}
        raw = inbox.latest(tx, world.connection_id, DOCUMENTS, bum_id)
    assert contents == {"application/pdf;charset=utf-8": b"%PDF-1.7", "application/xml;charset=utf-8": b"<x/>"}
    assert raw is not None
    assert msgspec.json.decode(raw.payload)["data"]["externalDocumentIdentifier"] == "NW-77"
    assert confirmations(world, bum_id) == ["Delivered"]
    assert mailbox(world).notifications == {}


def test_a_run_with_nothing_announced_does_nothing(world: World) -> None:
    assert take(world) == {"taken": 0, "rejected": 0, "known": 0, "other": 0, "failed": 0, "matched": 0}


def test_more_notifications_than_one_page_are_all_followed(world: World) -> None:
    for number in range(130):
        arrive(world, invoice(f"NW-{number}"))

    assert take(world)["taken"] == 130
    assert mailbox(world).notifications == {}


@pytest.mark.parametrize(
    "details",
    [
        {"kind": "CreditNote"},
        {"data": invoice(documentTypeCode="381")},
        {"data": invoice(invoiceTypeCode={"value": "381"})},
    ],
)
def test_a_credit_note_is_recognised_by_its_type_although_it_looks_like_an_invoice(
    world: World, details: dict[str, object]
) -> None:
    bum_id = arrive(world, **details)  # type: ignore[arg-type]
    take(world)
    assert document(world, bum_id).kind == "credit note"


def test_a_document_announced_twice_is_one_document(world: World) -> None:
    bum_id = arrive(world)
    take(world)
    again = next(iter(mailbox(world).received))
    mailbox(world).notifications["again"] = _announcement(again, world)

    assert take(world)["known"] == 1
    assert confirmations(world, bum_id) == ["Delivered"]
    assert mailbox(world).notifications == {}


def _announcement(bum_id: str, world: World, kind: str = "BusinessDocument", own: str = "again") -> object:
    from twins.basware.network.mailbox import Notification

    return Notification(own, kind, bum_id, world.clock.now())


# every step, cut off before and after


class CrashError(BaseException):
    """The process ends here."""


@contextmanager
def crashing(world: World, *, at: int, before: bool) -> Iterator[None]:
    """A process that ends before or after its n-th request to the Network."""

    class Transport(httpx2.BaseTransport):
        count = 0

        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            self.count += 1
            if self.count == at and before:
                raise CrashError
            answer = inner.handle_request(request)
            if self.count == at:
                raise CrashError
            return answer

    inner = world.transport
    world.restart("doomed process", transport=Transport())
    yield
    world.restart("next process")


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("at", [1, 2, 3, 4, 5])
def test_a_crash_at_any_step_is_made_good_by_the_next_run(world: World, at: int, before: bool) -> None:
    bum_id = arrive(world, files={"scan.pdf": file()})
    with crashing(world, at=at, before=before), pytest.raises(CrashError):
        take(world)

    take(world)

    assert document(world, bum_id).state is NetworkState.ON_THE_WAY
    assert set(confirmations(world, bum_id)) == {"Delivered"}
    assert len(confirmations(world, bum_id)) == (2 if (at, before) == (4, False) else 1)
    assert mailbox(world).notifications == {}
    with world.database.read() as tx:
        assert len(network.ordered(world.connection_id).read(tx)) == 1
        assert [one.size for one in network.files_of(tx, world.connection_id, bum_id)] == [8]


@pytest.mark.parametrize("kind", [FaultKind.LOST_BEFORE, FaultKind.LOST_AFTER, FaultKind.STATUS])
@pytest.mark.parametrize("path", ["/notifications", "/invoices/", "/files/"])
def test_lost_and_false_answers_are_asked_again_each_time_under_a_fresh_request_id(
    world: World, kind: FaultKind, path: str
) -> None:
    bum_id = arrive(world, files={"scan.pdf": file()})
    world.basware_faults.add(FaultRule(kind=kind, path=path, method="GET", times=2, status=503))

    assert take(world)["taken"] == 1
    assert confirmations(world, bum_id) == ["Delivered"]


def test_a_confirmation_whose_answer_was_lost_is_sent_again_by_the_next_run(world: World) -> None:
    bum_id = arrive(world)
    world.basware_faults.add(FaultRule(kind=FaultKind.LOST_AFTER, path="/notifications", method="POST"))
    with pytest.raises(Exception, match="not known"):
        take(world)
    assert document(world, bum_id).confirmed_at is None

    assert take(world)["known"] == 1
    assert confirmations(world, bum_id) == ["Delivered", "Delivered"]
    assert mailbox(world).notifications == {}


# poison


def test_a_document_that_cannot_be_read_is_kept_rejected_with_the_reason_and_holds_nobody_up(world: World) -> None:
    poison = arrive(world, bum_id="poison-1", data={})
    mailbox(world).received["poison-1"].data = {}
    good = arrive(world, invoice("NW-2"))

    counts = take(world)

    assert (counts["taken"], counts["rejected"]) == (1, 1)
    row = document(world, poison)
    assert row.state is NetworkState.REJECTED
    assert "no content" in row.problem
    [told] = mailbox(world).received[poison].confirmations
    assert told["actionCode"] == "Undelivered"
    assert "no content" in told["description"]
    assert confirmations(world, good) == ["Delivered"]
    assert mailbox(world).notifications == {}


def test_a_document_that_was_cut_short_on_its_way_is_read_again_before_anybody_is_told(world: World) -> None:
    bum_id = arrive(world)
    world.basware_faults.add(FaultRule(kind=FaultKind.TRUNCATED, path="/invoices/", keep=0.4))

    assert take(world)["taken"] == 1
    assert confirmations(world, bum_id) == ["Delivered"]


def test_a_company_may_accept_what_cannot_be_read_and_look_at_it_itself(world: World) -> None:
    with_feeds(world, network=NetworkSettings(enabled=True, unreadable="accept"))
    bum_id = arrive(world)
    mailbox(world).received[bum_id].data = {}

    take(world)

    assert document(world, bum_id).state is NetworkState.ON_THE_WAY
    assert confirmations(world, bum_id) == ["Delivered"]
    assert [one.subject for one in open_alerts(world, "network document unreadable")] == [bum_id]


def test_a_document_that_never_comes_is_told_to_a_person_and_after_many_runs_put_away(world: World) -> None:
    with_feeds(world, network=NetworkSettings(enabled=True, give_up_after=3))
    ghost, good = arrive(world, bum_id="ghost"), arrive(world, invoice("NW-2"))
    del mailbox(world).received[ghost]

    assert take(world) | {"known": 0} == {"taken": 1, "rejected": 0, "known": 0, "other": 0, "failed": 1, "matched": 0}
    assert document(world, ghost).state is NetworkState.FAILED
    [alert] = open_alerts(world, ALERT)
    assert (alert.subject, alert.severity.value) == (ghost, "warning")
    assert confirmations(world, good) == ["Delivered"]
    take(world)
    assert len(mailbox(world).notifications) == 1
    take(world)
    assert mailbox(world).notifications == {}
    [alert] = open_alerts(world, ALERT)
    assert alert.severity.value == "error"
    assert "not tried again" in alert.message


def test_a_document_that_came_late_is_taken_over_and_its_alert_cleared(world: World) -> None:
    bum_id = arrive(world)
    late = mailbox(world).received.pop(bum_id)
    take(world)
    mailbox(world).received[bum_id] = late

    assert take(world)["taken"] == 1
    assert document(world, bum_id).state is NetworkState.ON_THE_WAY
    assert open_alerts(world, ALERT) == []


def test_one_document_that_always_fails_at_the_network_does_not_hold_up_the_others(world: World) -> None:
    bad, good = arrive(world, bum_id="always-500"), arrive(world, invoice("NW-2"))
    world.basware_faults.add(FaultRule(kind=FaultKind.STATUS, path=f"/invoices/{bad}", status=500, times=None))

    counts = take(world)

    assert (counts["taken"], counts["failed"]) == (1, 1)
    assert document(world, bad).tries == 1
    assert document(world, good).state is NetworkState.ON_THE_WAY


def test_a_network_that_is_down_is_raised_and_counts_against_no_document(world: World) -> None:
    bum_id = arrive(world)
    world.basware_faults.add(FaultRule(kind=FaultKind.STATUS, path="/invoices/", status=500, times=None))

    with pytest.raises(Unavailable):
        take(world)
    with world.database.read() as tx:
        assert network.get(tx, world.connection_id, bum_id) is None


def test_a_wrong_password_is_raised_at_once(world: World) -> None:
    mailbox(world).password = "changed by somebody"
    with pytest.raises(CredentialsRejected, match="network_user"):
        take(world)


def test_notifications_of_other_sorts_are_kept_and_put_away(world: World) -> None:
    mailbox(world).notifications["n1"] = _announcement("sent-1", world, kind="DocumentStatus", own="n1")
    mailbox(world).notifications["n2"] = _announcement("", world, own="n2")

    counts = take(world)

    assert (counts["other"], counts["failed"]) == (1, 1)
    assert mailbox(world).notifications == {}
    assert [one.subject for one in open_alerts(world, ALERT)] == ["n2"]


# files


def test_a_file_of_five_megabytes_arrives_byte_for_byte(world: World) -> None:
    content = bytes(range(256)) * 20_480
    bum_id = arrive(world, files={"big.pdf": file(content)})
    take(world)
    with world.database.read() as tx:
        [one] = network.files_of(tx, world.connection_id, bum_id)
        assert network.content_of(tx, world.connection_id, bum_id, one.ref_id) == content
    assert one.size == 5_242_880


def test_a_file_beyond_the_limit_is_named_and_the_document_taken_over_without_it(world: World) -> None:
    with_feeds(world, network=NetworkSettings(enabled=True, largest_file=10, largest_files=15))
    files = {"a.pdf": file(b"0123456789"), "b.pdf": file(b"0123456789"), "c.pdf": file(b"01234567890")}
    bum_id = arrive(world, files=files)

    assert take(world)["taken"] == 1

    with world.database.read() as tx:
        sizes = sorted(one.size for one in network.files_of(tx, world.connection_id, bum_id))
    assert sizes == [0, 0, 10]
    [alert] = open_alerts(world, FILE_ALERT)
    assert "10 bytes were offered and at most 5" in alert.message
    assert confirmations(world, bum_id) == ["Delivered"]


def test_a_file_that_is_gone_costs_the_document_nothing(world: World) -> None:
    bum_id = arrive(world, files={"a.pdf": file()})
    mailbox(world).files.clear()
    mailbox(world).received[bum_id].files = ()
    take(world)
    assert document(world, bum_id).state is NetworkState.ON_THE_WAY


# matching


def approve(world: World, **changes: object) -> str:
    invoice = dict(basware_seed()["accountingDocuments"][0])
    return world.approve(invoice | {"attachments": []} | changes)


def test_an_approved_invoice_that_names_the_document_takes_it_out_of_those_on_their_way(world: World) -> None:
    bum_id = arrive(world, bum_id="0F9E2D4C-91AA-4F3E-8C55-AAAAAAAAAAAA")
    take(world)
    invoice_id = approve(world, bumid=bum_id.lower(), invoiceNumber="written otherwise")

    world.run()

    row = document(world, bum_id)
    assert (row.state, row.invoice_id, row.matched_by) == (NetworkState.MATCHED, invoice_id, "bumId")


def test_an_invoice_that_came_first_is_matched_when_the_document_arrives(world: World) -> None:
    invoice_id = approve(world, bumid="early-1")
    world.run()
    arrive(world, bum_id="early-1")

    assert take(world)["matched"] == 1
    assert document(world, "early-1").invoice_id == invoice_id


def like(**changes: object) -> dict[str, object]:
    same = {"bumid": "", "invoiceNumber": "nw-77", "supplierName": "NORTHWIND LTD", "currencyCode": "USD"}
    return same | {"invoiceNumber": "NW-77", "grossSum": 1080.25} | changes


def test_an_invoice_that_names_no_document_is_matched_by_what_both_say_and_marked_so(world: World) -> None:
    bum_id = arrive(world)
    take(world)
    invoice_id = approve(world, **like())
    world.run()
    row = document(world, bum_id)
    assert (row.state, row.invoice_id, row.matched_by) == (NetworkState.MATCHED, invoice_id, "content")


@pytest.mark.parametrize(
    "difference",
    [{"grossSum": 1080.26}, {"supplierName": "Northwind Inc."}, {"invoiceNumber": "NW-78"}, {"bumid": "another"}],
)
def test_an_invoice_that_differs_in_anything_leaves_the_document_on_its_way(
    world: World, difference: dict[str, object]
) -> None:
    bum_id = arrive(world)
    take(world)
    approve(world, **like(**difference))
    world.run()
    assert document(world, bum_id).state is NetworkState.ON_THE_WAY


def test_two_documents_that_say_the_same_are_both_left_to_a_person(world: World) -> None:
    twins = [arrive(world), arrive(world)]
    take(world)
    approve(world, **like())
    world.run()
    assert {document(world, one).state for one in twins} == {NetworkState.ON_THE_WAY}


def test_a_missing_network_password_stops_its_own_job_and_no_other(world: World) -> None:
    with world.database.write() as tx:
        secrets.remove(tx, world.connection.id, "basware.network_password")

    ended = {run.job: run for run in LocalEngine(world.app, heart=None, worker=world.app.worker).step()}

    assert ended[Job.INVOICES].ending is Ending.DONE
    assert ended[Job.NETWORK].ending is Ending.FAILED
    assert "basware.network_password" in ended[Job.NETWORK].problem
