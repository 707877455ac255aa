"""What became of what Basware was sent, as people are shown it. Read only; the shapes are those of `--json`."""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from ml_connector.store import (
    documents,
    outcome_lists,
)
from ml_connector.store.database import Tx
from ml_connector.store.outcome_lists import RequestLine
from ml_connector.store.schema import RequestState
from ml_connector.work.desk import Desk
from ml_connector.work.payments.heard import PAYMENT_RESPONSE


class OutcomeLine(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one request. `state`: open, done, failed or unheard; `status` and `category` are Basware's words."""

    invoice_number: str
    invoice_id: str
    state: str
    status: str
    category: str
    problem: str
    what_to_do: str
    source: str
    request_id: str
    external_code: str
    sent_at: datetime
    settled_at: datetime | None
    asked: int
    next_at: datetime | None


def outcome_lines(
    desk: Desk, *, states: list[RequestState] | None = None, text: str = "", limit: int = 1000, offset: int = 0
) -> list[OutcomeLine]:
    """What became of requests, errors first; `text` is looked for in ids and problems, and in invoice numbers."""
    with desk.database.read() as tx:
        found = outcome_lists.listing(
            tx, desk.connection_id, states=states or (), text=text, limit=limit, offset=offset
        )
        return list(_outcome_lines(tx, desk, found))


def _outcome_lines(tx: Tx, desk: Desk, found: list[RequestLine]) -> Iterator[OutcomeLine]:
    told = documents.told(tx, desk.connection_id, {line.subject for line in found if line.subject})
    for line in found:
        yield OutcomeLine(
            invoice_number=told[line.subject].number if line.subject in told else "",
            invoice_id=line.subject,
            state=line.state.value,
            status=line.status,
            category=line.category,
            problem=line.problem,
            what_to_do=_what_to_do(line),
            source=line.source,
            request_id=line.request_id,
            external_code=line.id,
            sent_at=line.sent_at,
            settled_at=line.settled_at,
            asked=line.asked,
            next_at=line.next_at,
        )


def _what_to_do(line: RequestLine) -> str:
    """The way out, in a sentence; empty where nothing is to be done (categories: Basware P2P specification, ProcessedItem)."""
    if line.state is RequestState.UNHEARD and line.entity_type == PAYMENT_RESPONSE:
        return "Look in Basware whether the payment is shown. If not, the next change of it is told with everything before."
    if line.state is RequestState.UNHEARD:
        return "Look the document up in Basware. If it still waits for its answer, transfer it again there."
    if line.state is not RequestState.FAILED:
        return ""
    if line.category == "Technical":
        return f"Basware has to act: give its support the request id {line.request_id or 'of the answer'}."
    if line.entity_type == PAYMENT_RESPONSE:
        return (
            "Put right what Basware names, then `ml-connector payments retry` the document: its payment is told anew."
        )
    return "Put right what Basware names, then `ml-connector holds retry` the document: it is answered anew, not posted again."
