"""What is asked about many requests to Basware at once: the list people see, what failed and was not made up for. Read only.

One request, from being sent until its outcome is known, is `outcomes.py`.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, case, exists, func, or_, select

from ml_connector.store.database import Tx
from ml_connector.store.document_search import numbered_with
from ml_connector.store.outcomes import RequestRow
from ml_connector.store.rows import as_struct, as_structs, chunks
from ml_connector.store.schema import DocumentState, RequestState, documents, request_outcomes, requests
from ml_connector.store.texts import says


class RequestLine(RequestRow, frozen=True, kw_only=True):
    """A request with what Basware said of it: the category of its error, and which interface told."""

    status: str
    category: str
    source: str


def listing(
    tx: Tx,
    connection_id: str,
    *,
    states: Collection[RequestState] = (),
    text: str = "",
    limit: int = 1000,
    offset: int = 0,
) -> list[RequestLine]:
    """Requests with their outcomes: failed ones first, then those never heard of and open ones, each newest first.

    `text` is looked for in ids, subjects, problems and invoice numbers, whatever its case.
    """
    said = request_outcomes
    own = and_(
        said.c.connection_id == requests.c.connection_id,
        said.c.request_id == requests.c.request_id,
        said.c.external_code == requests.c.id,
    )
    told = (func.coalesce(said.c[name], "").label(name) for name in ("status", "category", "source"))
    query = select(*requests.c, *told).select_from(requests.outerjoin(said, own))
    query = query.where(requests.c.connection_id == connection_id)
    order = {RequestState.FAILED: 0, RequestState.UNHEARD: 1, RequestState.OPEN: 2, RequestState.DONE: 3}
    wanted = sorted(set(states) or set(order), key=lambda state: order[state])
    if not text:
        return list(_by_state(tx, query, connection_id, wanted, limit=limit, offset=offset))
    query = query.where(requests.c.state.in_(wanted))
    searched = (requests.c.id, requests.c.request_id, requests.c.subject, requests.c.problem)
    numbered = requests.c.subject.in_(numbered_with(connection_id, text))
    query = query.where(or_(numbered, says(searched, text)))
    rank = case(order, value=requests.c.state)
    rows = tx.execute(query.order_by(rank, requests.c.sent_at.desc(), requests.c.id).limit(limit).offset(offset))
    return as_structs(RequestLine, rows)


def _by_state(
    tx: Tx, query: Select[Any], connection_id: str, states: Sequence[RequestState], *, limit: int, offset: int
) -> Iterator[RequestLine]:
    """State after state, each in the order of its index: to put a hundred thousand in order takes longer than to read some."""
    for state in states:
        here = query.where(requests.c.state == state).order_by(requests.c.sent_at.desc(), requests.c.id)
        rows = tx.execute(here.limit(limit).offset(offset)).all()
        if not rows and offset:
            number = select(func.count()).where(requests.c.connection_id == connection_id, requests.c.state == state)
            offset -= tx.execute(number).scalar_one()
            continue
        yield from (as_struct(RequestLine, row) for row in rows)
        limit, offset = limit - len(rows), 0
        if limit <= 0:
            return


def open_problems(tx: Tx, connection_id: str) -> dict[RequestState, int]:
    """How many requests failed or were never heard of, and were not made up for by a later one about the same subject,
    nor by a person who handles the document elsewhere."""
    later = requests.alias()
    made_up_for = exists().where(
        later.c.connection_id == requests.c.connection_id,
        later.c.subject == requests.c.subject,
        later.c.entity_type == requests.c.entity_type,
        later.c.subject != "",
        later.c.state == RequestState.DONE,
        later.c.sent_at > requests.c.sent_at,
    )
    handled = exists().where(
        documents.c.connection_id == requests.c.connection_id,
        documents.c.invoice_id == requests.c.subject,
        documents.c.state == DocumentState.IGNORED,
    )
    query = (
        select(requests.c.state, func.count().label("number"))
        .where(
            requests.c.connection_id == connection_id,
            requests.c.state.in_([RequestState.FAILED, RequestState.UNHEARD]),
            ~made_up_for,
            ~handled,
        )
        .group_by(requests.c.state)
    )
    return {row.state: row.number for row in tx.execute(query)}


def entity_types(tx: Tx, connection_id: str) -> list[str]:
    """Every kind of request that was ever sent."""
    query = select(requests.c.entity_type).where(requests.c.connection_id == connection_id).distinct()
    return list(tx.execute(query.order_by(requests.c.entity_type)).scalars())


def latest_of(
    tx: Tx, connection_id: str, entity_type: str, subjects: Collection[str] | None = None
) -> dict[str, RequestRow]:
    """The newest request of a kind about each subject, or about each of these."""
    query = select(requests).where(requests.c.connection_id == connection_id, requests.c.entity_type == entity_type)
    portions = [None] if subjects is None else chunks(subjects)
    found: dict[str, RequestRow] = {}
    for some in portions:
        own = query if some is None else query.where(requests.c.subject.in_(some))
        for row in tx.execute(own.order_by(requests.c.sent_at, requests.c.id)):
            found[row.subject] = as_struct(RequestRow, row)
    return found


def failed_subjects(tx: Tx, connection_id: str, entity_type: str) -> set[str]:
    """What the failed requests of a kind are about."""
    query = select(requests.c.subject).where(
        requests.c.connection_id == connection_id, requests.c.state == RequestState.FAILED,
        requests.c.entity_type == entity_type,
    )  # fmt: skip
    return set(tx.execute(query).scalars())


def anything_undecided(tx: Tx, connection_id: str, *, since: datetime) -> bool:
    """Whether the outcome of anything sent since then is not known, although Basware was asked."""
    query = select(requests.c.id).where(
        requests.c.connection_id == connection_id,
        requests.c.state.in_([RequestState.OPEN, RequestState.UNHEARD]),
        requests.c.asked > 0,
        requests.c.sent_at >= since,
    )
    return tx.execute(query.limit(1)).first() is not None
