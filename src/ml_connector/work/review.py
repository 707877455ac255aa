"""Review mode: what a flow would write is proposed first, and written only once a person has released exactly that.

A release is a fact beside the document, not a message to a job: the job `invoices` plans a released document once more, and sends
it only if it would still write the same to the letter. Whatever has changed in between is proposed anew.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from itertools import groupby, islice

import msgspec

from ml_connector.model.postings import Release
from ml_connector.store import audit, connections, document_search, documents, jobs
from ml_connector.store.document_search import DocumentFilter
from ml_connector.store.documents import DocumentRow
from ml_connector.store.rows import chunks
from ml_connector.work.decisions import DecisionError
from ml_connector.work.desk import Desk
from ml_connector.work.jobs import Job
from ml_connector.work.plans import is_released
from ml_connector.work.settings import decode_settings, encode_settings


class Flow(StrEnum):
    """What can be reviewed, by its name in the section `[review]` of the settings."""

    INVOICES = "invoices"


_RELEASED = "released"
_LATELY, _LAST_ACTS = 5_000, 50
"""How far back somebody may have been quicker: releases of single documents, and acts that released one or many."""
_PORTION = 200
"""Documents released in one transaction: others write in between."""


class ReleasedBefore(msgspec.Struct, frozen=True, kw_only=True):
    """A document that somebody had released already exactly as it was looked at: who and when. That release stands."""

    invoice_id: str
    by: str
    at: datetime


class Released(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a release: invoice ids that will be posted by the next run, those that differ from what was looked at, and
    those that somebody was quicker to release."""

    released: tuple[str, ...]
    changed: tuple[str, ...]
    before: tuple[ReleasedBefore, ...] = ()


def release(desk: Desk, proposals: Mapping[str, str], *, actor: str) -> Released:
    """Give leave to post documents as they were shown: `proposals` by invoice id.

    One that is proposed differently by now, or waits no longer, is not released; the others are. Of two who release the same, the
    first has released it: their name stays on the document, and in the audit there is nobody else's.
    """
    now = desk.clock.now()
    done: dict[bool, list[str]] = {True: [], False: []}
    before: list[ReleasedBefore] = []
    for some in chunks(sorted(proposals.items()), _PORTION):
        with desk.write() as tx:
            for invoice_id, proposal in some:
                standing = documents.standing_release(tx, desk.connection_id, invoice_id)
                if standing is not None and proposal and standing.proposal == proposal:
                    before.append(ReleasedBefore(invoice_id=invoice_id, by=standing.by, at=standing.at))
                    continue
                given = Release(proposal=proposal, by=actor, at=now)
                moved = bool(proposal) and documents.release(
                    tx, desk.connection_id, invoice_id, given, now, proposal=proposal
                )
                done[moved].append(invoice_id)
                if moved:
                    audit.record(
                        tx,
                        desk.connection_id,
                        at=now,
                        actor=actor,
                        action=_RELEASED,
                        subject=invoice_id,
                        after=proposal,
                    )
            if done[True]:
                jobs.bring_forward(tx, desk.connection_id, Job.INVOICES, now, now)
    return Released(released=tuple(done[True]), changed=tuple(done[False]), before=tuple(before))


def told_before(before: Sequence[ReleasedBefore]) -> str:
    """That others were quicker to release, in a sentence that names the first of them; empty where nobody was."""
    if not before:
        return ""
    first = before[0]
    what, rest = ("It was", "") if len(before) == 1 else (f"{len(before)} were", f", and {len(before) - 1} more")
    return f"{what} released already by {first.by} at {first.at.strftime('%Y-%m-%d %H:%M')} UTC{rest}. That stands."


def take_back_release(desk: Desk, row: DocumentRow, *, actor: str) -> None:
    """A release was a mistake: the document waits again. Raises DecisionError when it is being posted already."""
    now = desk.clock.now()
    with desk.write() as tx:
        known = documents.get(tx, desk.connection_id, row.invoice_id)
        if (
            known is None
            or not is_released(known)
            or not documents.release(tx, desk.connection_id, row.invoice_id, None, now, proposal=known.proposal)
        ):
            state = known.state.value if known else "gone"
            raise DecisionError(
                f"Invoice {row.invoice_number} is {state} and does not wait with a release: there is nothing to take back."
            )
        audit.record(
            tx, desk.connection_id, at=now, actor=actor, action="release taken back", subject=row.invoice_id,
            before=known.proposal,
        )  # fmt: skip


def set_review(desk: Desk, flow: Flow, *, on: bool, actor: str) -> None:
    """Switch the review of a flow on or off, from the next run on. Switched off, what waits for a release is posted by that run."""
    now = desk.clock.now()
    with desk.write() as tx:
        known = connections.get(tx, desk.connection_id)
        settings = decode_settings(known.settings)
        review = msgspec.structs.replace(settings.review, **{flow.value: on})
        changed = msgspec.structs.replace(settings, review=review)
        connections.update_settings(tx, desk.connection_id, encode_settings(changed), now)
        audit.record(
            tx, desk.connection_id, at=now, actor=actor, action=f"review of {flow} switched {'on' if on else 'off'}",
            subject=known.name,
        )  # fmt: skip
        if not on:
            jobs.bring_forward(tx, desk.connection_id, Job.INVOICES, now, now)


def waiting(desk: Desk, wanted: DocumentFilter | None = None) -> dict[str, str]:
    """What waits for a release and has none, of all documents or of those that fit: what is proposed, by invoice id."""
    with desk.database.read() as tx:
        return document_search.proposals(tx, desk.connection_id, wanted or DocumentFilter())


def release_all(desk: Desk, wanted: DocumentFilter, seen: str, *, actor: str) -> Released | None:
    """Release all that waits and fits, if it is still what somebody looked at: `seen` is its `token_of`. None where it is not.

    What others released since it was looked at is no change of the plan: it is told as released before, and stands.
    """
    proposals = _looked_at(desk, wanted, seen)
    return None if proposals is None else release(desk, proposals, actor=actor)


def _looked_at(desk: Desk, wanted: DocumentFilter, seen: str) -> dict[str, str] | None:
    """The proposals that `seen` stands for: those that wait, with those of the last releases that waited then; None if it never
    stood for such."""
    found = waiting(desk, wanted)
    if token_of(found) == seen:
        return found
    with desk.database.read() as tx:
        entries = audit.listing(tx, desk.connection_id, action=_RELEASED, limit=_LATELY)
        fits = msgspec.structs.replace(wanted, states=frozenset())  # by now they may be posted
        fitting = document_search.fitting(tx, desk.connection_id, fits, {one.subject for one in entries})
    for _, act in islice(groupby(entries, key=lambda one: (one.at, one.actor)), _LAST_ACTS):
        found = {one.subject: one.after for one in act if one.subject in fitting} | found
        if token_of(found) == seen:
            return found
    return None


def token_of(proposals: Mapping[str, str]) -> str:
    """A name for many proposals together, so that a page can say which ones somebody looked at."""
    return sha256(msgspec.json.encode(sorted(proposals.items()))).hexdigest()
