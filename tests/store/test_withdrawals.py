"""Documents that Basware takes back, as they are kept: once for each round, moved from expected states only, of one connection."""

from datetime import datetime

from ml_connector.store import withdrawals
from ml_connector.store.database import Database
from ml_connector.store.schema import DocumentState, WithdrawalState
from ml_connector.store.withdrawals import WithdrawalRow


def _row(now: datetime, **changes) -> WithdrawalRow:
    facts = {
        "invoice_id": "1", "round": 1, "state": WithdrawalState.OPEN, "status": "Removed", "inbox_id": 1,
        "came_from": DocumentState.CONFIRMED, "decision": "", "fingerprint": "", "tries": 0, "outcome": "",
        "noticed_at": now, "updated_at": now,
    }  # fmt: skip
    return WithdrawalRow(**(facts | changes))


def test_it_is_noted_once_for_each_round(database: Database, north: str, now: datetime) -> None:
    with database.write() as tx:
        assert withdrawals.add(tx, north, _row(now))
        assert not withdrawals.add(tx, north, _row(now, status="Returned"))
        assert withdrawals.add(tx, north, _row(now, round=2))
        assert withdrawals.get(tx, north, "1", 1) == _row(now)


def test_what_is_over_is_not_moved_again(database: Database, north: str, now: datetime) -> None:
    with database.write() as tx:
        withdrawals.add(tx, north, _row(now))
        assert withdrawals.move(tx, north, _row(now), WithdrawalState.DONE, now, outcome="Bill 905 deleted")
        assert not withdrawals.move(tx, north, _row(now), WithdrawalState.HELD, now)
        assert withdrawals.in_state(tx, north, withdrawals.PENDING) == []


def test_it_is_scoped(database: Database, north: str, south: str, now: datetime) -> None:
    with database.write() as tx:
        withdrawals.add(tx, north, _row(now))
        assert withdrawals.get(tx, south, "1", 1) is None
        assert withdrawals.in_state(tx, south, list(WithdrawalState)) == []
        assert not withdrawals.move(tx, south, _row(now), WithdrawalState.DONE, now)
