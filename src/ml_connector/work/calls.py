"""Noting every call to either system, without a commit for each: they are written with the next transaction of the job."""

from datetime import timedelta

from ml_connector.basware.client import Call as BaswareCall
from ml_connector.model.clock import Clock
from ml_connector.quickbooks.client import Call as QuickBooksCall
from ml_connector.store import calls
from ml_connector.store.calls import CallRow
from ml_connector.store.database import Tx
from ml_connector.store.schema import System

KEPT = timedelta(days=30)
"""How long calls stay in the log."""


class CallLog:
    """Calls noted and not written yet."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._noted: list[CallRow] = []

    @property
    def is_empty(self) -> bool:
        """Whether everything noted is written."""
        return not self._noted

    def quickbooks(self, call: QuickBooksCall) -> None:
        """Note a call to QuickBooks; its trace is Intuit's intuit_tid."""
        self._noted.append(
            CallRow(
                at=self._clock.now(),
                system=System.QUICKBOOKS,
                method=call.method,
                path=call.path,
                status=call.status or 0,
                trace=call.trace,
                request_id=call.request_id,
                milliseconds=call.milliseconds,
            )
        )

    def basware(self, call: BaswareCall) -> None:
        """Note a call to Basware; its trace is Basware's x-amzn-RequestId, its request id our own, which the Network wants."""
        self._noted.append(
            CallRow(
                at=self._clock.now(),
                system=System.BASWARE,
                method=call.method,
                path=call.path,
                status=call.status,
                trace=call.request_id,
                request_id=call.sent_id,
                milliseconds=call.milliseconds,
            )
        )

    def write(self, tx: Tx, connection_id: str) -> None:
        """Put what was noted into the log."""
        noted, self._noted = self._noted, []
        calls.record(tx, connection_id, noted)

    def forget_old(self, tx: Tx, connection_id: str) -> None:
        """Drop what has been kept long enough."""
        calls.forget_before(tx, connection_id, self._clock.now() - KEPT)
