"""An invoice with more rows than QuickBooks takes lines, posted with rows of equal coding added up."""

from decimal import Decimal

import pytest

from ml_connector.model.policy import PostingPolicy, TooManyLines
from paperwork import invoice, line
from world import Build


def test_both_books_have_the_same_amount_on_each_account(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ml_connector.rules.build.MOST_LINES", 2)
    world = build(policy=PostingPolicy(too_many_lines=TooManyLines.MERGE_ROWS))
    world.approve(
        invoice("A-1", line("60.01", text="Paper"), line("40.00", account="6120"), line("0.02"), line("-0.01"))
    )
    world.settle()

    kind, bill = world.only_transaction("A-1")
    assert kind == "Bill"
    assert [(Decimal(str(one["Amount"])), one.get("Description")) for one in bill["Line"]] == [
        (Decimal("60.02"), "3 rows, the first: Paper"),
        (Decimal("40.00"), "Paper"),
    ]
    assert Decimal(str(bill["TotalAmt"])) == world.in_basware("A-1")["grossSum"]
    assert world.check() == []
