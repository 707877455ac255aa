"""A bill has one location. What becomes of an invoice over several is the company's choice, and each choice ends in sound books."""

from decimal import Decimal
from typing import Any

import pytest

from ml_connector.model.holds import Cause
from ml_connector.model.policy import PostingPolicy, SeveralLocations
from ml_connector.work.engine import Step
from paperwork import invoice, line
from world import Build, World, payable

PER_LOCATION = PostingPolicy(several_locations=SeveralLocations.ONE_BILL_PER_LOCATION)


def _two_offices(world: World) -> None:
    world.approve(invoice("A-1", line("60.00", account="6110"), line("40.00", "BOS", account="6120")))


def test_by_default_it_becomes_one_balanced_journal_entry(world: World) -> None:
    _two_offices(world)
    world.settle()

    kind, entry = world.only_transaction("A-1")
    assert (kind, payable(kind, entry)) == ("JournalEntry", Decimal(100))
    locations = {
        detail["JournalEntryLineDetail"]["DepartmentRef"]["value"]: Decimal(str(detail["Amount"]))
        for detail in entry["Line"]
        if detail["JournalEntryLineDetail"]["PostingType"] == "Debit"
    }
    assert locations == {"1": Decimal(60), "2": Decimal(40)}
    assert world.check() == []


def test_it_waits_where_the_company_wants_to_decide_itself(build: Build) -> None:
    world = build(policy=PostingPolicy(several_locations=SeveralLocations.HOLD))
    _two_offices(world)
    world.settle()

    assert world.causes("A-1") == [Cause.SEVERAL_LOCATIONS]
    assert world.posted("A-1") == []


def test_with_one_bill_per_location_the_parts_add_up_and_basware_gets_one_answer(build: Build) -> None:
    world = build(policy=PER_LOCATION)
    _two_offices(world)
    world.settle()

    parts = world.posted("A-1")
    assert [(kind, payable(kind, bill)) for kind, bill in parts] == [("Bill", Decimal(60)), ("Bill", Decimal(40))]
    assert [bill["DepartmentRef"]["value"] for _, bill in parts] == ["1", "2"]
    (answer,) = world.answers("A-1")
    assert answer["voucherNumber1"] == parts[0][1]["Id"]
    assert all(bill["Id"] in answer["responseMessage"] for _, bill in parts)
    assert world.check() == []


@pytest.mark.parametrize(("refused", "done"), [("55", "56"), ("56", "55")])
def test_when_quickbooks_refuses_one_part_only_the_missing_part_is_posted_later(
    build: Build, refused: str, done: str
) -> None:
    world = build(policy=PER_LOCATION)
    _two_offices(world)
    world.run([Step.INTAKE, Step.PLAN])
    world.act("inactivate", entity="Account", id=refused)
    world.settle()
    _, first = world.only_transaction("A-1")
    assert _account(first) == done
    assert (world.causes("A-1"), world.answers("A-1")) == ([Cause.ACCOUNT_INACTIVE], [])

    world.act("activate", entity="Account", id=refused)
    world.settle()

    parts = world.posted("A-1")
    assert [_account(bill) for _, bill in parts] == ["55", "56"]
    assert first["Id"] in {bill["Id"] for _, bill in parts}
    assert [answer["success"] for answer in world.answers("A-1")] == [True]
    assert world.check() == []


def test_parts_are_updated_pairwise_when_the_document_is_corrected(build: Build) -> None:
    world = build(policy=PER_LOCATION)
    _two_offices(world)
    world.settle()
    before = [bill["Id"] for _, bill in world.posted("A-1")]
    fresh = invoice("A-1", line("61.00", account="6110"), line("39.00", "BOS", account="6120"))

    world.send_again("A-1", codingRows=fresh["codingRows"])
    world.settle()

    parts = world.posted("A-1")
    assert [bill["Id"] for _, bill in parts] == before
    assert [payable(kind, bill) for kind, bill in parts] == [Decimal(61), Decimal(39)]


def test_a_location_less_in_the_corrected_document_is_held(build: Build) -> None:
    world = build(policy=PER_LOCATION)
    _two_offices(world)
    world.settle()
    fresh = invoice("A-1", line("60.00", account="6110"), line("40.00", account="6120"))

    world.send_again("A-1", codingRows=fresh["codingRows"])
    world.settle()

    assert world.causes("A-1") == [Cause.CHANGED_KIND]
    assert len(world.posted("A-1")) == 2


def _account(bill: dict[str, Any]) -> str:
    return str(bill["Line"][0]["AccountBasedExpenseLineDetail"]["AccountRef"]["value"])
