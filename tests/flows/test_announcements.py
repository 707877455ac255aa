"""Which announcements are read, which are echoes of our own writes, which are known: nothing a person did is ever lost."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml_connector.flows.announcements import Verdict, judge
from ml_connector.model.changes import Announcement, OwnWrite, RecordKey
from timetables import utc

AT = utc("2026-11-28 12:00")
TOLERANCE, MARGIN = timedelta(seconds=2), timedelta(minutes=5)
BILL = ("Bill", "7")


def told(number: int = 1, *, operation: str = "Update", after: float = 0, **details: object) -> Announcement:
    at = AT + timedelta(seconds=after)
    given = {"entity": "Bill", "record_id": "7", "operation": operation, "occurred_at": at} | details
    return Announcement(notice_id=number, **given)  # type: ignore[arg-type]


def wrote(token: str = "1", *, key: RecordKey = BILL) -> OwnWrite:
    return OwnWrite(key=key, sync_token=token, written_at=AT)


def judged(
    *announcements: Announcement,
    writes: tuple[OwnWrite, ...] = (),
    known: dict[RecordKey, datetime] | None = None,
) -> Verdict:
    return judge(
        announcements, watched=["Bill", "BillPayment", "Vendor"], own_writes=writes, known_as_of=known or {},
        tolerance=TOLERANCE, margin=MARGIN,
    )  # fmt: skip


def test_what_a_person_changed_is_read() -> None:
    verdict = judged(told())

    assert (verdict.read, verdict.to_read) == ({"Bill": ["7"]}, {BILL: [1]})


def test_several_announcements_of_a_record_are_one_reading() -> None:
    verdict = judged(told(1), told(2, after=30), told(3, after=60))

    assert (verdict.read, verdict.to_read) == ({"Bill": ["7"]}, {BILL: [1, 2, 3]})


@pytest.mark.parametrize(("operation", "token"), [("Create", "0"), ("created", "0"), ("Update", "1"), ("updated", "4")])
def test_the_echo_of_our_own_write_is_not_read(operation: str, token: str) -> None:
    verdict = judged(told(operation=operation, after=1), writes=(wrote(token),))

    assert (verdict.read, verdict.echoes) == ({}, [1])
    assert verdict.spent == [wrote(token)]


@pytest.mark.parametrize(
    "announcement",
    [
        told(after=3), told(after=-3), told(operation="Create"), told(operation="Delete"), told(operation="Void"),
        told(record_id="8"), told(occurred_at=None),
    ],
    ids=["later", "earlier", "a creation", "a deletion", "a void", "another record", "no time"],
)  # fmt: skip
def test_what_our_write_does_not_explain_is_read(announcement: Announcement) -> None:
    verdict = judged(announcement, writes=(wrote(),))

    assert verdict.echoes == []
    assert list(verdict.read) == ["Bill"]


def test_one_write_of_ours_excuses_one_announcement_only() -> None:
    verdict = judged(told(1), told(2), writes=(wrote(),))

    assert verdict.read == {"Bill": ["7"]}
    assert verdict.to_read == {BILL: [1, 2]}


def test_what_happened_well_before_our_copy_is_known_and_just_before_it_is_not() -> None:
    known = {BILL: AT + MARGIN}

    assert judged(told(after=-1), known=known).known == [1]
    assert judged(told(), known=known).read == {"Bill": ["7"]}


def test_a_merge_has_both_records_read_and_names_who_took_over() -> None:
    verdict = judged(told(entity="Vendor", record_id="5", merged_id="6", operation="Merge"))

    assert verdict.read == {"Vendor": ["5", "6"]}
    assert verdict.merged == {("Vendor", "6"): "5"}


def test_a_merge_is_known_only_when_both_records_are() -> None:
    merge = told(entity="Vendor", record_id="5", merged_id="6", operation="Merge")
    late = AT + MARGIN + timedelta(seconds=1)

    assert judged(merge, known={("Vendor", "5"): late}).read
    assert judged(merge, known={("Vendor", "5"): late, ("Vendor", "6"): late}).known == [1]


@pytest.mark.parametrize("name", ["billpayment", "BillPayment", "bill_payment", "BILL-PAYMENT"])
def test_an_entity_is_recognised_however_a_webhook_spells_it(name: str) -> None:
    assert judged(told(entity=name)).read == {"BillPayment": ["7"]}


@pytest.mark.parametrize(
    ("details", "why"),
    [
        ({"entity": "Estimate"}, "no copies of Estimate are kept"),
        ({"entity": ""}, "no copies of this entity are kept"),
        ({"record_id": ""}, "the notice names no record"),
        ({"record_id": "7' OR '1'='1"}, "this is not the id of a record"),
        ({"record_id": "9" * 51}, "this is not the id of a record"),
    ],
)
def test_what_cannot_be_read_is_ignored_with_the_reason(details: dict[str, object], why: str) -> None:
    verdict = judged(told(**details), told(2))

    assert verdict.ignored == {1: why}
    assert verdict.to_read == {BILL: [2]}


ANNOUNCEMENTS = st.lists(
    st.builds(
        dict,
        entity=st.sampled_from(["Bill", "billpayment", "Vendor", "Estimate"]),
        record_id=st.sampled_from(["1", "2", "", "a b"]),
        operation=st.sampled_from(["Create", "Update", "Delete", "Merge", "Void"]),
        merged_id=st.sampled_from(["", "", "2", "a b"]),
        after=st.integers(min_value=-600, max_value=600),
    ),
    max_size=12,
)
WRITES = st.lists(
    st.builds(wrote, st.sampled_from(["0", "1"]), key=st.tuples(st.sampled_from(["Bill", "Vendor"]), st.just("1"))),
    max_size=4,
)
KNOWN = st.dictionaries(
    st.tuples(st.sampled_from(["Bill", "Vendor"]), st.sampled_from(["1", "2"])),
    st.integers(min_value=-600, max_value=600).map(lambda seconds: AT + timedelta(seconds=seconds)),
)


@given(given_=ANNOUNCEMENTS, writes=WRITES, known=KNOWN)
def test_every_announcement_is_dealt_with_exactly_once(
    given_: list[dict[str, object]], writes: list[OwnWrite], known: dict[RecordKey, datetime]
) -> None:
    announcements = [told(number, **one) for number, one in enumerate(given_)]  # type: ignore[arg-type]

    verdict = judged(*announcements, writes=tuple(writes), known=known)

    reading = [notice for notices in verdict.to_read.values() for notice in notices]
    assert sorted([*reading, *verdict.known, *verdict.echoes, *verdict.ignored]) == list(range(len(announcements)))
    assert {key[1] for key in verdict.to_read if key[0] == "Bill"} <= set(verdict.read.get("Bill", ()))


@given(given_=ANNOUNCEMENTS, known=KNOWN)
def test_without_a_write_of_ours_nothing_counts_as_an_echo(
    given_: list[dict[str, object]], known: dict[RecordKey, datetime]
) -> None:
    verdict = judged(*(told(number, **one) for number, one in enumerate(given_)), known=known)  # type: ignore[arg-type]

    assert (verdict.echoes, verdict.spent) == ([], [])


@given(given_=ANNOUNCEMENTS, writes=WRITES, known=KNOWN)
def test_a_deletion_a_void_or_a_merge_is_never_an_echo(
    given_: list[dict[str, object]], writes: list[OwnWrite], known: dict[RecordKey, datetime]
) -> None:
    announcements = [told(number, **one) for number, one in enumerate(given_)]  # type: ignore[arg-type]

    verdict = judged(*announcements, writes=tuple(writes), known=known)

    assert all(announcements[one].operation in {"Create", "Update"} for one in verdict.echoes)
