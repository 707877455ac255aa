"""Names that are the same however often work is repeated: of intents, and of answers to Basware.

A name is computed from what it names, so a second run of the same work finds the first one's row instead of adding another.
"""

from collections.abc import Sequence
from uuid import UUID, uuid5

_NAMESPACE = UUID("6f1c2f0e-9c1b-5a57-8d0a-3a6c1d1f7b21")


def intent_id(connection_id: str, invoice_id: str, *, operation: str, part: int, generation: int) -> str:
    """The name of one write to QuickBooks. `generation` counts the writes of this part that were refused before."""
    return str(uuid5(_NAMESPACE, f"{connection_id}|{invoice_id}|{operation}|{part}|{generation}"))


def undo_intent_id(connection_id: str, invoice_id: str, subject: str, *, operation: str, generation: int) -> str:
    """The name of taking one transaction back. `subject` is its type and id, `generation` counts what was tried before."""
    return str(uuid5(_NAMESPACE, f"{connection_id}|{invoice_id}|{operation}|{subject}|{generation}"))


def credit_intent_id(connection_id: str, credit_id: str, *, generation: int) -> str:
    """The name of applying one vendor credit. `generation` counts what was tried before."""
    return str(uuid5(_NAMESPACE, f"{connection_id}|credit|{credit_id}|{generation}"))


def vendor_intent_id(connection_id: str, supplier_code: str, generation: int) -> str:
    """The name of the creation of one vendor, shared by all documents of its supplier."""
    return str(uuid5(_NAMESPACE, f"{connection_id}|vendor|{supplier_code}|{generation}"))


def vendor_update_id(connection_id: str, supplier_code: str, generation: int) -> str:
    """The name of one change to a vendor. `generation` counts the changes made to it before."""
    return str(uuid5(_NAMESPACE, f"{connection_id}|vendor update|{supplier_code}|{generation}"))


def reactivation_intent_id(connection_id: str, record: str, generation: int) -> str:
    """The name of making one list record active again. `record` is its type and id, `generation` counts what was tried before."""
    return str(uuid5(_NAMESPACE, f"{connection_id}|reactivate|{record}|{generation}"))


def answer_code(connection_id: str, invoice_id: str, *, sending: int, attempt: int) -> str:
    """The external code of a transfer response: unique within the invoice, at most 36 characters, the same on every repetition.

    `sending` counts how often Basware sent the document, `attempt` our answers to that sending.
    """
    return str(uuid5(_NAMESPACE, f"{connection_id}|{invoice_id}|answer|{sending}|{attempt}"))


def early_code(connection_id: str, invoice_id: str, *, operation: str, sending: str) -> str:
    """The external code of an answer before the transfer; `sending` is Basware's time stamp of what is answered."""
    return str(uuid5(_NAMESPACE, f"{connection_id}|{invoice_id}|{operation}|{sending}"))


def batch_id(intents: Sequence[tuple[str, int]]) -> str:
    """The request id of a batch, from its intents and how often each was sent before: 36 characters, Intuit's most for a batch."""
    return str(uuid5(_NAMESPACE, "|".join(f"{name}#{attempts}" for name, attempts in intents)))


def payment_code(connection_id: str, invoice_id: str, number: int) -> str:
    """The external code of a payment response; `number` counts those of the document. The same on every repetition."""
    return str(uuid5(_NAMESPACE, f"{connection_id}|{invoice_id}|payment|{number}"))


def order_intent_id(connection_id: str, external_code: str, *, operation: str, generation: int) -> str:
    """The name of one write of a purchase order. `generation` counts the writes of this order that ended before."""
    return str(uuid5(_NAMESPACE, f"{connection_id}|order|{external_code}|{operation}|{generation}"))


def accrual_intent_id(connection_id: str, invoice_id: str, *, operation: str, number: int, generation: int) -> str:
    """The name of one write of an accrual. `number` counts the accruals of the invoice, `generation` what was refused before."""
    return str(uuid5(_NAMESPACE, f"{connection_id}|{invoice_id}|{operation}|{number}|{generation}"))
