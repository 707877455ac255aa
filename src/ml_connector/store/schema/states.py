"""The words a row's state can be, table by table. What a state means to the business is told where it is moved on."""

from enum import StrEnum


class ConnectionState(StrEnum):
    """Whether a connection works: `sign-in needed` waits for a person at QuickBooks, `paused` rests since it was disconnected.

    That a person paused it is told beside it (`paused_at`), so that neither takes the other back.
    """

    ACTIVE = "active"
    SIGN_IN_NEEDED = "sign-in needed"
    PAUSED = "paused"


class DocumentState(StrEnum):
    """How far an invoice has come, from its arrival to Basware's being told."""

    RECEIVED = "received"
    HELD = "held"
    PLANNED = "planned"
    """What is to be written stands in the outbox and waits until a person releases it."""
    VENDOR_PENDING = "vendor pending"
    POSTING = "posting"
    POSTED = "posted"
    CONFIRMED = "confirmed"
    RETURNED = "returned"
    IGNORED = "ignored"
    WITHDRAWING = "withdrawing"
    WITHDRAWN = "withdrawn"


class WithdrawalState(StrEnum):
    """How far a document that Basware takes back has come. `open`: to be decided; `recalled`: Basware changed its mind."""

    OPEN = "open"
    HELD = "held"
    UNDOING = "undoing"
    DONE = "done"
    KEPT = "kept"
    RECALLED = "recalled"


class AccrualState(StrEnum):
    """How far the accrual of a prebooked invoice has come. `waiting`: to be planned; `dropped`: never posted, nor will it be.

    `reversing`: the entry that reverses it is on its way; `gone`: somebody deleted it in QuickBooks before it was reversed.
    """

    WAITING = "waiting"
    HELD = "held"
    POSTING = "posting"
    STANDING = "standing"
    REVERSING = "reversing"
    REVERSED = "reversed"
    GONE = "gone"
    DROPPED = "dropped"


class ChainState(StrEnum):
    """Whether a QuickBooks sign-in still holds. All but `living` wait for a person; new tokens make it living again."""

    LIVING = "living"
    CLIENT_REJECTED = "client rejected"
    ENDED = "ended"
    DISCONNECTED = "disconnected"


class System(StrEnum):
    """The system an intent writes to."""

    QUICKBOOKS = "quickbooks"
    BASWARE = "basware"


class Operation(StrEnum):
    """What an intent does there."""

    CREATE = "create"
    UPDATE = "update"
    CREATE_VENDOR = "create vendor"
    CREATE_ORDER = "create order"
    UPDATE_ORDER = "update order"
    DELETE = "delete"
    REVERSE = "reverse"
    RESTORE = "restore"
    POST_AGAIN = "post again"
    REACTIVATE = "reactivate"
    APPLY_CREDIT = "apply credit"
    ACCRUE = "accrue"
    REVERSE_ACCRUAL = "reverse accrual"
    TRANSFER_RESPONSE = "transfer response"
    PAYMENT_RESPONSE = "payment response"
    PREBOOK_RESPONSE = "prebook response"
    ENRICHMENT_RESPONSE = "enrichment response"


WRITES = frozenset({Operation.CREATE, Operation.UPDATE})
"""The operations that make or change a document's transaction because of the document itself."""

RESTORES = frozenset({Operation.RESTORE, Operation.POST_AGAIN})
"""The operations that bring a transaction back which a person changed or deleted in QuickBooks; the document stays as it is."""


ACCRUES = frozenset({Operation.ACCRUE, Operation.REVERSE_ACCRUAL})
"""The operations about the accrual of a prebooked invoice."""

UNDOES = frozenset({Operation.DELETE, Operation.REVERSE})
"""The operations that take a posted transaction back."""


class IntentState(StrEnum):
    """How far a write has come. `unclear`: it was sent and no answer ever came; only a look-up or a replay may settle it."""

    PROPOSED = "proposed"
    READY = "ready"
    SENDING = "sending"
    UNCLEAR = "unclear"
    DONE = "done"
    REFUSED = "refused"


class OrderLinkState(StrEnum):
    """Whether a bill is linked to the order line it was to be linked to. `dropped`: QuickBooks left the link out; `accepted`: a
    person said that it may stay so."""

    LINKED = "linked"
    DROPPED = "dropped"
    ACCEPTED = "accepted"


class TakenState(StrEnum):
    """How far an order of Basware's has come on its way into QuickBooks. `nothing`: it is over and never was there."""

    HELD = "held"
    SENDING = "sending"
    DONE = "done"
    NOTHING = "nothing"


class BatchState(StrEnum):
    """How far one call with several intents has come."""

    SENDING = "sending"
    UNCLEAR = "unclear"
    DONE = "done"


class DeliveryOutcome(StrEnum):
    """What a webhook delivery came to when it arrived. Forged ones are not stored at all."""

    STORED = "stored"
    TEST = "test"
    UNKNOWN_COMPANY = "unknown company"
    UNREADABLE = "unreadable"


class NoticeState(StrEnum):
    """How far one announcement ("read this again") has come. `echo`: it announced a write of our own and needs no reading."""

    WAITING = "waiting"
    DONE = "done"
    ECHO = "echo"
    IGNORED = "ignored"
    FAILED = "failed"


class RequestState(StrEnum):
    """What became of a request to Basware after it was taken. `unheard`: Basware never said so within the time it was asked."""

    OPEN = "open"
    DONE = "done"
    FAILED = "failed"
    UNHEARD = "unheard"


class OutgoingState(StrEnum):
    """How far a record that Basware is to hold has come. `sent`: its interface took it, and P2P has not said yet.

    `held`: it cannot be made into a record of Basware's; `refused`: P2P or the interface said no. Both wait for a change.
    """

    READY = "ready"
    SENT = "sent"
    DONE = "done"
    REFUSED = "refused"
    HELD = "held"


class PaymentState(StrEnum):
    """What Basware knows of a document's payments. `earlier`: paid before the connection existed, told only when somebody asks.

    `due`: there is something new to tell; `sending`: it stands in the outbox; `refused`: Basware did not take it.
    """

    NOTHING = "nothing"
    EARLIER = "earlier"
    DUE = "due"
    SENDING = "sending"
    TOLD = "told"
    REFUSED = "refused"


class VendorState(StrEnum):
    """How a vendor of both systems stands. `linked`: it is known who it is on both sides, and its fields are kept in step.

    `review`: a person has to say who it is; `create`: it is to be made in QuickBooks; `merged`: QuickBooks merged it into another
    one, so that Basware's vendor is out of use and its invoices go to the other; `gone`: QuickBooks no longer has it.
    """

    LINKED = "linked"
    REVIEW = "review"
    CREATE = "create"
    MERGED = "merged"
    GONE = "gone"


class NetworkState(StrEnum):
    """How far a document of the Basware Network has come: it waits for approval in P2P until its invoice arrives from there.

    `failed`: it was announced and could not be had yet. `rejected`: it could not be read, and its sender was told so.
    """

    FAILED = "failed"
    ON_THE_WAY = "on the way"
    MATCHED = "matched"
    REJECTED = "rejected"


class ExtractState(StrEnum):
    """How far a Data Access extract has come. `failed`: tried again in every run; `gone`: failed, and Basware has it no longer."""

    LISTED = "listed"
    LOADED = "loaded"
    ACKNOWLEDGED = "acknowledged"
    FAILED = "failed"
    GONE = "gone"


class Severity(StrEnum):
    """How much an alert matters: `warning` gives time to act, `error` means that something waits for a person now."""

    WARNING = "warning"
    ERROR = "error"


class MessageState(StrEnum):
    """How far a message to a person outside the console has come. `given up`: it was tried for a day and could not be sent."""

    WAITING = "waiting"
    SENT = "sent"
    GIVEN_UP = "given up"


class Priority(StrEnum):
    """Whose call goes first where calls have to wait: `urgent` is posting, answering, people; `bulk` loads, comparisons, polls."""

    URGENT = "urgent"
    BULK = "bulk"


class ReactivationState(StrEnum):
    """How far making a record of QuickBooks active again has come. `refused`: it could not be done, and a person decides anew."""

    ASKED = "asked"
    SENDING = "sending"
    DONE = "done"
    REFUSED = "refused"


class RunEnding(StrEnum):
    """How a run of a job ended."""

    DONE = "done"
    FAILED = "failed"
