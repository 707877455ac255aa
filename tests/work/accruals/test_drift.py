"""Accruals that somebody changed or deleted in QuickBooks: shown like posted documents, decided by people, and reversed anyway."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from ledgers import ACCRUED, Ledger, accruing_world
from ml_connector.store import alerts
from ml_connector.store.database import Database
from ml_connector.work.decisions import DecisionError
from ml_connector.work.drift import deciding
from ml_connector.work.drift.views import DriftCase, case_list, subject, to_decide, worded
from ml_connector.work.jobs import Job
from ml_connector.work.registry import PERFORM

SUPPLIES = "55"


class Scene(Ledger):
    """A prebooked invoice A-1 of 100.00, accrued, whose entry somebody tampers with."""

    def accrue(self) -> dict[str, Any]:
        self.look()
        self.prebook("A-1")
        self.run()
        (entry,) = self.entries()
        self.look()
        return entry

    def look(self) -> None:
        """Read what changed in QuickBooks, as the job does."""
        self.world.clock.advance(120)
        PERFORM[Job.CHANGES](self.world.desk())

    def tamper(self, entry: dict[str, Any], amount: str = "90.00") -> None:
        """Somebody has both sides of the entry come to another amount."""
        lines = [{**line, "Amount": Decimal(amount)} for line in entry["Line"]]
        self.world.act("edit", entity="JournalEntry", id=entry["Id"], changes={"Line": lines})
        self.look()

    def delete(self, entry: dict[str, Any]) -> None:
        self.world.act("delete", entity="JournalEntry", id=entry["Id"])
        self.look()

    def cases(self) -> list[DriftCase]:
        return case_list(self.world.desk()).page()

    def decide(self, how: str, reason: str = "so agreed") -> None:
        desk = self.world.desk()
        meant = subject(desk, "A-1")
        assert meant is not None
        getattr(deciding, how)(desk, to_decide(desk, meant, None), reason=reason, actor="Ann")

    def alerted(self) -> int:
        with self.world.database.read() as tx:
            return sum(one.kind == "drift" for one in alerts.listing(tx, self.world.connection_id))

    def balances(self) -> tuple[Decimal, Decimal]:
        return self.balance(SUPPLIES), self.balance(ACCRUED)


@pytest.fixture
def scene(database: Database) -> Iterator[Scene]:
    made = Scene(accruing_world(database))
    yield made
    assert made.world.check() == []


def test_an_accrual_nobody_touched_is_no_difference(scene: Scene) -> None:
    scene.accrue()
    assert scene.cases() == []


def test_a_changed_accrual_is_shown_with_what_differs_and_is_accepted(scene: Scene) -> None:
    scene.tamper(scene.accrue())
    (case,) = scene.cases()
    assert (case.kind, case.what, case.state, case.invoice_number) == ("accrual", "changed", "open", "A-1")
    shown = {(one.line, one.field): (one.ours, one.theirs) for one in case.differences}
    assert shown == {(0, "total"): ("100", "90"), (1, "amount"): ("100", "90"), (2, "amount"): ("100", "90")}
    assert scene.alerted() == 1

    scene.decide("accept")
    assert (scene.cases(), scene.alerted()) == ([], 0)
    scene.look()
    assert scene.cases() == []
    scene.release("A-1")
    scene.run()
    assert scene.balances() == (100, 0), "reversed as it stood, and the invoice is in the books"


def test_an_accrual_is_not_restored_and_the_refusal_says_why(scene: Scene) -> None:
    entry = scene.accrue()
    scene.tamper(entry)
    (case,) = scene.cases()
    assert "reversed as it then is in QuickBooks" in case.why_not
    with pytest.raises(DecisionError, match="reversed as it then is"):
        scene.decide("restore")
    assert scene.balances() == (90, -90), "nothing was written"


def test_an_ignored_difference_of_an_accrual_comes_back_when_something_else_differs(scene: Scene) -> None:
    entry = scene.accrue()
    scene.tamper(entry)
    scene.decide("ignore")
    scene.look()
    assert scene.cases() == []

    scene.tamper(entry, "80.00")
    assert [case.state for case in scene.cases()] == ["open"]


def test_an_accrual_put_right_in_quickbooks_ends_its_case_by_itself(scene: Scene) -> None:
    entry = scene.accrue()
    scene.tamper(entry)
    scene.tamper(entry, "100.00")
    assert (scene.cases(), scene.alerted()) == ([], 0)


def test_a_deleted_accrual_that_is_accepted_is_over_and_the_invoice_is_posted_as_always(scene: Scene) -> None:
    scene.delete(scene.accrue())
    (case,) = scene.cases()
    assert (case.what, case.differences) == ("deleted", ())

    scene.decide("accept")
    assert [row.state for row in scene.kept("A-1")] == ["gone"]
    scene.release("A-1")
    scene.run()
    assert scene.balances() == (100, 0)
    assert scene.reversals() == []


def test_a_case_of_an_accrual_ends_when_its_invoice_is_posted(scene: Scene) -> None:
    scene.tamper(scene.accrue())
    scene.release("A-1")
    scene.run()
    scene.look()
    assert (scene.cases(), scene.alerted()) == ([], 0)
    assert scene.balances() == (100, 0)


def test_an_entry_that_reverses_an_accrual_is_no_difference_of_it(scene: Scene) -> None:
    scene.accrue()
    scene.release("A-1")
    scene.run()
    scene.look()
    assert scene.cases() == []


def test_money_of_a_changed_entry_has_its_currency(scene: Scene) -> None:
    scene.tamper(scene.accrue())
    [case] = scene.cases()
    amounts = {worded(case, one) for one in case.differences if one.field == "amount"}
    assert amounts == {("100.00 USD", "90.00 USD")}
