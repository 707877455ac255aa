"""The statuses of an accounting document and what leads from one to the next, as data.

Source: Basware P2P specification, enum of the ProcessingStatus filter and notes of the acknowledge and response endpoints. The
specification names the statuses behind "please act" requests (cancel a prebooking, remove, return, complete) but has no endpoint
that answers them; a person in Basware or another channel settles these.
"""

from collections.abc import Mapping
from dataclasses import dataclass

# Statuses of earlier releases that live on inside Basware: they may be seen on a document, but can't be asked for.
LEGACY_STATUSES = frozenset({"RemoveInProgress", "ReturnInProgress", "InternalStatusChange"})


@dataclass(frozen=True)
class Stage:
    """One thing asked of the ledger: waiting for it, at it (empty: no such status), done, failed."""

    waiting: str
    in_progress: str
    done: str
    failed: str

    @property
    def open(self) -> frozenset[str]:
        """Where the request stands unanswered."""
        return frozenset({self.waiting, self.in_progress} - {""})


PREBOOK = Stage("WaitingForPrebook", "PrebookInProgress", "Prebooked", "PrebookFailed")
TRANSFER = Stage("WaitingForTransfer", "TransferInProgress", "Transferred", "TransferFailed")
ENRICHMENT = Stage(
    "WaitingForEnrichmentTransfer",
    "EnrichmentTransferInProgress",
    "EnrichmentTransferred",
    "EnrichmentTransferFailed",
)

REQUESTS: Mapping[str, Stage] = {
    "cancel prebook": Stage(
        "WaitingForPrebookCancelation", "PrebookCancelationInProgress", "PrebookCanceled", "PrebookCancelFailed"
    ),
    "remove": Stage("WaitingToBeRemoved", "", "Removed", "RemoveFailed"),
    "return": Stage("WaitingToBeReturned", "", "Returned", "ReturnFailed"),
    "complete": Stage("WaitingToBeCompleted", "CompletionInProgress", "Completed", "CompletionFailed"),
}

ACKNOWLEDGED: Mapping[str, str] = {stage.waiting: stage.in_progress for stage in (PREBOOK, TRANSFER, ENRICHMENT)}
"""What an acknowledgement makes of a status; any other status answers 405."""

ACKNOWLEDGED_REQUESTS: Mapping[str, str] = {
    stage.waiting: stage.in_progress for stage in REQUESTS.values() if stage.in_progress
}
"""The same for the requests with a status in progress, where the tenant allows it."""

BEFORE_TRANSFER = frozenset(
    {
        "New",
        "InDocumentFilter",
        "DocumentFilterReleased",
        *(status for stage in (PREBOOK, ENRICHMENT) for status in (*stage.open, stage.done, stage.failed)),
        REQUESTS["cancel prebook"].waiting,
        REQUESTS["cancel prebook"].in_progress,
        REQUESTS["cancel prebook"].done,
        REQUESTS["cancel prebook"].failed,
    }
)
"""Where an invoice has not been released for transfer yet."""

_COARSE: Mapping[str, str] = {
    "Transferred": "ReadyForPayment",
    "Paid": "Paid",
    **dict.fromkeys(
        ("WaitingToBeCompleted", "CompletionInProgress", "CompletionFailed", "Completed"), "ReadyForPayment"
    ),
    **dict.fromkeys(("Removed", "Returned"), "Rejected"),
}


def coarse(status: str) -> str:
    """What the status search says of a document: everything before a successful transfer is still in approval."""
    return _COARSE.get(status, "InApprovalProcess")
