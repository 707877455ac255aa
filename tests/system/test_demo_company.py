"""The main job from end to end, on both databases: every document ends as a careful accountant would have it."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from ml_connector.demonstration.tie_out import tie_out
from ml_connector.model.mapping import Dimension
from ml_connector.model.policy import PostingPolicy, Sources
from ml_connector.store.database import Database
from twins.demo_company import EXPECTED
from twins.demo_company.products import PRODUCTS
from world import World, build_world, payable

GIVEN_BACK = {"lines-differ-from-total"}
"""Causes that only Basware's people can remove: their documents go back at once."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def settled(request: pytest.FixtureRequest) -> Iterator[World]:
    """The demo company after its first sync; what follows only looks, or lets more time pass."""
    databases = request.getfixturevalue("fast_files" if request.param == "sqlite" else "postgres")
    with databases.fresh() as url:
        database = Database.open(url)
        world = build_world(database, company="demo")
        world.settle()
        yield world
        database.close()


def test_every_document_ends_as_a_careful_accountant_would_have_it(settled: World) -> None:
    for number, expected in EXPECTED.items():
        if expected.kind == "held":
            assert settled.posted(number) == [], number
            assert [cause.value for cause in settled.causes(number)] == [expected.cause], number
        else:
            kind, record = settled.only_transaction(number)
            assert (kind, payable(kind, record)) == (expected.kind, expected.total), number


def test_what_is_bought_by_the_piece_is_on_item_lines_where_the_company_names_a_field_for_products(
    database: Database,
) -> None:
    world = build_world(database, company="demo", policy=PostingPolicy(sources=Sources(item="productCode")))
    for product in PRODUCTS:
        world.map(Dimension.ITEM, product.code, product.item_id)
    world.settle()

    kind, bill = world.only_transaction("BO-448213")
    assert (kind, payable(kind, bill)) == ("Bill", EXPECTED["BO-448213"].total)
    details = [line["ItemBasedExpenseLineDetail"] for line in bill["Line"]]
    assert [(one["ItemRef"]["value"], one["Qty"]) for one in details] == [("21", 40), ("22", 8)]
    for line, detail in zip(bill["Line"], details, strict=True):
        assert round(detail["Qty"] * detail["UnitPrice"], 2) == line["Amount"], "with New York's tax in the price"
    proof = tie_out(world.basware.documents(), world.quickbooks.books(world.realm_id), "USD")
    assert (proof.problems, world.check()) == ((), [])


def test_basware_is_told_the_quickbooks_number_of_what_was_posted_and_the_reason_of_what_goes_back(
    settled: World,
) -> None:
    for number, expected in EXPECTED.items():
        answers = settled.answers(number)
        if expected.kind != "held":
            _, record = settled.only_transaction(number)
            assert [answer["success"] for answer in answers] == [True], number
            assert answers[0]["voucherNumber1"] == record["Id"]
            assert answers[0]["voucherNumber2"] == record["DocNumber"]
            assert settled.in_basware(number)["processingStatus"] == "Transferred"
        elif expected.cause in GIVEN_BACK:
            assert [answer["success"] for answer in answers] == [False], number
            assert "10.00" in answers[0]["responseMessage"]
        else:
            assert answers == [], number
            assert settled.in_basware(number)["processingStatus"] == "TransferInProgress"


def test_both_systems_own_books_are_sound_and_agree_to_the_cent(settled: World) -> None:
    proof = tie_out(settled.basware.documents(), settled.quickbooks.books(settled.realm_id), "USD")

    assert proof.problems == ()
    assert settled.check() == []
    (dollars,) = proof.ties
    assert (dollars.received, dollars.posted, dollars.held) == (60, 55, 5)
    assert (
        dollars.in_quickbooks_amount
        == dollars.posted_amount
        == sum(
            (
                one.total if one.kind != "VendorCredit" else -one.total
                for one in EXPECTED.values()
                if one.kind != "held"
            ),
            Decimal(0),
        )
    )


def test_a_second_sync_asks_neither_system_to_change_anything(settled: World) -> None:
    before = (settled.quickbooks_seen.writes, settled.basware_seen.writes)
    settled.clock.advance(3600)

    report = settled.run()

    assert (settled.quickbooks_seen.writes, settled.basware_seen.writes) == before
    assert (report.intake.new, report.posted.done, report.answered.done) == (0, 0, 0)


def test_a_month_later_the_documents_that_still_wait_are_given_back(settled: World) -> None:
    settled.clock.advance(15 * 86400)

    settled.settle()

    assert settled.state("NG118971") == "returned"
    (answer,) = settled.answers("NG118971")
    assert answer["success"] is False
    assert "6470" in answer["responseMessage"]
