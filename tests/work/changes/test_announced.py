"""What QuickBooks announces is read in as few calls as there can be, and what we wrote ourselves is not read at all."""

from dataclasses import replace
from datetime import timedelta

import pytest

from announcements import moved
from followed import Followed
from ml_connector.quickbooks.errors import Unavailable
from ml_connector.store import notices
from ml_connector.store.notices import NewNotice
from ml_connector.store.schema import NoticeState, System
from paperwork import invoice
from twins.faults import FaultKind, FaultRule


def _bills(followed: Followed) -> list[str]:
    return [record["Id"] for record in followed.world.quickbooks.books(followed.world.realm_id)["Bill"]]


def _post(followed: Followed, number: str = "A-1") -> str:
    """Post an invoice as the job `invoices` does; the bill's id."""
    followed.world.approve(invoice(number))
    followed.world.settle()
    return str(followed.world.only_transaction(number)[1]["Id"])


def test_many_changes_of_one_kind_are_read_with_one_query(followed: Followed) -> None:
    for key in ("101", "102", "103"):
        for name in ("Alder", "Birch"):
            followed.world.act("edit_vendor", id=key, changes={"PrintOnCheckName": f"{name} {key}"})

    calls = followed.calls(followed.read_announced)

    assert calls == {"requests": 1, "queries": 1}
    assert followed.states() == {NoticeState.DONE: 6}
    assert followed.differences() == []


def test_changes_of_several_kinds_are_read_with_one_call(followed: Followed) -> None:
    followed.world.act("edit_vendor", id="101", changes={"PrintOnCheckName": "Alder"})
    followed.world.act("rename", entity="Account", id="55", name="Stationery")
    followed.world.act("close_books", date="2026-10-31")

    calls = followed.calls(followed.read_announced)

    assert (calls["requests"], calls["batches"]) == (1, 1)
    assert followed.differences() == []
    assert followed.world.books().preferences.book_close_date is not None


def test_notices_are_gathered_until_it_is_quiet_but_not_for_ever(followed: Followed) -> None:
    settings = followed.world.desk().settings.changes
    first = followed.world.clock.now()
    for number in range(20):
        followed.world.quickbooks.act(
            followed.world.realm_id, "edit_vendor", id="101", changes={"PrintOnCheckName": f"Name {number}"}
        )
        followed.mail.deliver()
        report = followed.read()
        if not followed.states().get(NoticeState.WAITING):
            break
        assert report.again_at is not None
        assert report.again_at <= first + timedelta(seconds=settings.longest_wait_seconds)
        followed.world.clock.advance(settings.quiet_seconds - 1)

    waited = (followed.world.clock.now() - first).total_seconds()
    assert settings.longest_wait_seconds <= waited < settings.longest_wait_seconds + settings.quiet_seconds
    assert followed.differences() == []


def test_what_we_posted_ourselves_is_known_from_the_answer_and_not_read_back(followed: Followed) -> None:
    bill = _post(followed)
    assert followed.known("Bill", bill).sync_token == "0"

    calls = followed.calls(followed.read_announced)

    assert calls == {}
    assert followed.states() == {NoticeState.ECHO: 1}


def test_the_edit_a_person_makes_a_second_after_us_is_read(followed: Followed) -> None:
    bill = _post(followed)
    followed.world.clock.advance(1)
    followed.world.quickbooks.act(followed.world.realm_id, "change_bill", id=bill, note="checked by Ann")

    followed.read_announced()

    assert "checked by Ann" in followed.known("Bill", bill).payload
    assert followed.states() == {NoticeState.DONE: 2}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["ours first", "theirs first"])
def test_it_is_read_too_when_the_two_notices_arrive_one_after_the_other(
    followed: Followed, order: tuple[int, int]
) -> None:
    bill = _post(followed)
    followed.world.quickbooks.act(followed.world.realm_id, "change_bill", id=bill, note="checked by Ann")
    both = list(followed.mail.changes)
    assert len(both) == 2

    for place in order:
        followed.mail.deliver([both[place]])
        followed.world.clock.advance(10)
        followed.read()

    assert "checked by Ann" in followed.known("Bill", bill).payload


def test_an_edit_in_the_second_of_our_own_update_is_read_whichever_notice_comes_first(followed: Followed) -> None:
    """Both notices say "updated" and could each be ours: one is excused, the other read."""
    _post(followed)
    followed.read_announced()
    document = followed.world.in_basware("A-1")
    rows = [dict(row) for row in document["codingRows"]]
    for name in ("netTotal", "grossTotal"):
        rows[0][name] += 10
    followed.world.send_again(
        "A-1", codingRows=rows, netSum=document["netSum"] + 10, grossSum=document["grossSum"] + 10
    )
    followed.world.settle()
    bill = str(followed.world.only_transaction("A-1")[1]["Id"])
    followed.world.quickbooks.act(followed.world.realm_id, "change_bill", id=bill, note="checked by Ann")
    ours, theirs = followed.mail.changes

    for change in (theirs, ours):
        followed.mail.deliver([change])
        followed.world.clock.advance(10)
        followed.read()

    assert "checked by Ann" in followed.known("Bill", bill).payload
    assert followed.states()[NoticeState.ECHO] == 2, "the creation, and one of the two updates"


def test_when_our_own_notice_is_lost_the_daily_look_finds_what_was_taken_for_it(followed: Followed) -> None:
    """The one case in which an edit is taken for an echo: it is found within a day."""
    _post(followed)
    followed.read_announced()
    document = followed.world.in_basware("A-1")
    rows = [dict(row) for row in document["codingRows"]]
    for name in ("netTotal", "grossTotal"):
        rows[0][name] += 10
    followed.world.send_again(
        "A-1", codingRows=rows, netSum=document["netSum"] + 10, grossSum=document["grossSum"] + 10
    )
    followed.world.settle()
    bill = str(followed.world.only_transaction("A-1")[1]["Id"])
    followed.mail.lose()
    followed.world.quickbooks.act(followed.world.realm_id, "change_bill", id=bill, note="checked by Ann")
    followed.read_announced()
    assert "checked by Ann" not in followed.known("Bill", bill).payload

    followed.world.clock.advance(24 * 3600)
    followed.read()

    assert "checked by Ann" in followed.known("Bill", bill).payload


def test_an_edit_by_a_person_well_after_us_is_never_taken_for_ours(followed: Followed) -> None:
    bill = _post(followed)
    followed.mail.lose()
    followed.world.act("change_bill", id=bill, note="checked by Ann")

    followed.read_announced()

    assert "checked by Ann" in followed.known("Bill", bill).payload


def test_a_notice_dated_by_another_clock_of_quickbooks_costs_a_read_and_loses_nothing(followed: Followed) -> None:
    bill = _post(followed)
    late = [moved(change, 40) for change in followed.mail.changes]
    followed.mail.lose()
    followed.mail.deliver(late)
    followed.world.clock.advance(60)

    assert followed.calls(followed.read)["queries"] == 1
    assert followed.known("Bill", bill).sync_token == "0"


def test_a_backlog_from_before_the_last_look_is_not_read_again(followed: Followed) -> None:
    for key in ("101", "102", "103"):
        followed.world.act("edit_vendor", id=key, changes={"PrintOnCheckName": f"Alder {key}"})
    followed.world.clock.advance(26 * 3600)
    followed.read()
    followed.mail.deliver()
    followed.world.clock.advance(10)

    assert followed.calls(followed.read) == {}
    assert followed.states() == {NoticeState.DONE: 3}


def test_a_deleted_transaction_is_marked_once_quickbooks_confirms_it(followed: Followed) -> None:
    bill = _post(followed)
    followed.world.act("delete", entity="Bill", id=bill)

    followed.read_announced()

    assert followed.known("Bill", bill).deleted
    assert followed.differences() == []


def test_a_notice_of_a_deletion_that_never_was_changes_nothing(followed: Followed) -> None:
    bill = _post(followed)
    followed.read_announced()
    followed.world.act("delete", entity="Bill", id=bill)
    (change,) = followed.mail.changes
    followed.mail.lose()
    other = _bills(followed)[0]

    followed.mail.deliver([replace(change, record_id=other)])
    followed.world.clock.advance(10)
    followed.read()

    assert not followed.known("Bill", other).deleted


def test_a_merged_vendor_is_marked_with_the_one_that_took_over(followed: Followed) -> None:
    made = followed.world.act("create_vendor", name="Alder Legal")
    followed.read_announced()
    followed.world.act("merge", entity="Vendor", id="101", vanishing=made["Id"])

    followed.read_announced()

    gone = followed.known("Vendor", made["Id"])
    assert (gone.deleted, gone.merged_into) == (True, "101")
    assert made["Id"] not in followed.world.books().vendors
    assert followed.differences() == []


def test_a_record_made_inactive_stays_known(followed: Followed) -> None:
    followed.world.act("inactivate", entity="Department", id="2")

    followed.read_announced()

    assert not followed.known("Department", "2").active
    assert not followed.world.books().locations["2"].active


def test_a_voided_payment_and_the_bills_it_opens_again_are_read(followed: Followed) -> None:
    bill = _post(followed)
    account = next(
        record["Id"]
        for record in followed.world.quickbooks.books(followed.world.realm_id)["Account"]
        if record["AccountType"] == "Bank" and record["Active"]
    )
    payment = followed.world.act("pay", id=bill, account=account)
    followed.read_announced()
    assert '"Balance":0' in followed.known("Bill", bill).payload
    followed.world.act("void_payment", id=payment["Id"])

    followed.read_announced()

    assert "Voided" in followed.known("BillPayment", payment["Id"]).payload
    assert followed.differences() == []


def test_what_is_not_watched_or_makes_no_sense_is_put_aside_with_the_reason(followed: Followed) -> None:

    odd = [("Invoice", "7"), ("Estimate", "7"), ("Vendor", ""), ("Vendor", "5' OR 1"), ("", "")]
    with followed.world.database.write() as tx:
        for number, (entity, key) in enumerate(odd):
            one = NewNotice(
                system=System.QUICKBOOKS, event_id=str(number), entity=entity, entity_id=key, operation="updated"
            )
            notices.add_many(tx, followed.world.connection_id, [one], followed.world.clock.now())
    followed.world.act("edit_vendor", id="101", changes={"PrintOnCheckName": "Alder"})

    followed.read_announced()

    assert followed.states() == {NoticeState.IGNORED: 5, NoticeState.DONE: 1}
    assert followed.differences() == []


def test_a_record_nobody_knows_is_put_aside(followed: Followed) -> None:
    made = followed.world.act("create_vendor", name="Alder Legal")
    followed.world.act("merge", entity="Vendor", id="101", vanishing=made["Id"])

    followed.read_announced()

    assert followed.copy("Vendor", made["Id"]) is None
    assert NoticeState.WAITING not in followed.states()


def test_while_quickbooks_is_down_notices_wait(followed: Followed) -> None:
    followed.world.act("edit_vendor", id="101", changes={"PrintOnCheckName": "Alder"})
    rule = followed.world.quickbooks_faults.add(FaultRule(kind=FaultKind.STATUS, status=503, path="query$", times=9))
    with pytest.raises(Unavailable):
        followed.read_announced()
    assert followed.states() == {NoticeState.WAITING: 1}

    followed.world.quickbooks_faults.remove(rule)
    followed.read()

    assert followed.states() == {NoticeState.DONE: 1}
    assert followed.differences() == []
