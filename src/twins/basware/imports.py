"""From the API layer into P2P, some time after a request was accepted: each record gets its own outcome.

Source: Basware P2P specification, ProcessedItem: unchanged records are skipped (NotProcessed), of two versions posted within a
second the older one is (RecordExpired), a request is in error when any of its records has errors or warnings; the lines of one
request are saved in one transaction (note of POST matchingOrderLines).
"""

import heapq
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from twins.basware.answers import Call
from twins.basware.import_rules import RULES, Candidate, account_code, bank_accounts
from twins.basware.intake import REQUEST_ERROR, REQUEST_SUCCESS, Finding, Intake, Item, Outcome, Submission
from twins.basware.notices import Notice
from twins.basware.order_rules import ORDER_RULES, order_number_code
from twins.basware.p2p_store import ORDER_LINES, ORDERS, VENDORS, Code, Row, codes_of
from twins.basware.resources import BY_NAME, Resource
from twins.basware.state import Tenant, World
from twins.basware.values import encode, new_uuid, stamp, to_moment

TARGET_SYSTEM = "P2P"

_RULES = {**RULES, **ORDER_RULES}
_EXPIRED = Finding("A more recent version of the record was posted", "RecordExpired")
_ROLLED_BACK = Finding("Not saved, because another line of the same request was refused")


def accept(call: Call, entity_type: str, version: str, operation: str, items: list[Item]) -> Submission:
    """Start what happens after a request was accepted. Its status can be asked for from now on, or a little later."""
    switches, received = call.world.switches, to_moment(call.now)
    wait = switches.processing_seconds
    if switches.processing_jitter_seconds:
        wait += call.world.source.random() * switches.processing_jitter_seconds
    submission = Submission(
        request_id=call.request_id,
        entity_type=entity_type,
        version=version,
        operation=operation,
        received=received,
        visible=received + timedelta(seconds=switches.request_status_delay_seconds),
        due=received + timedelta(seconds=wait),
        items=items,
    )
    intake = call.tenant.intake
    intake.requests[call.request_id] = submission
    intake.statuses.put(call.request_id, submission.updated, submission.shown_status)
    heapq.heappush(intake.waiting, (submission.due, len(intake.requests), call.request_id))
    return submission


def settle(world: World, now: datetime) -> None:
    """Process what is due. What a later version could still expire waits for that, unless somebody looks (`look`)."""
    for tenant in world.tenants.values():
        _settle_tenant(world, tenant, now, timedelta(seconds=world.switches.record_expired_seconds))


def look(world: World, tenant: Tenant) -> None:
    """Process everything that is due, because somebody is about to look at the outcome."""
    _settle_tenant(world, tenant, world.clock.now(), timedelta(0))


def _settle_tenant(world: World, tenant: Tenant, now: datetime, hold: timedelta) -> None:
    intake = tenant.intake
    while intake.waiting:
        due, _, request_id = intake.waiting[0]
        submission = intake.requests[request_id]
        if due > now or submission.received + hold > now:
            return
        heapq.heappop(intake.waiting)
        _process(world, tenant, submission)


def _process(world: World, tenant: Tenant, submission: Submission) -> None:
    """Decide on every record of a request, and finish the request."""
    intake, saved = tenant.intake, []
    for item in submission.items:
        outcome, findings = _verdict(world, intake, submission, item)
        _finish(item, outcome, findings)
        if outcome in {"Success", "Warning"} and item.entity is not None and item.take_in is None:
            saved.append(item)
            if submission.resource != ORDER_LINES:
                save(intake, BY_NAME[submission.resource], submission.list_key, item.entity, submission.due)
    if submission.resource == ORDER_LINES:
        _save_lines(world, intake, submission, saved)
    failed = any(item.outcome in {"Error", "Warning"} for item in submission.items)
    submission.status = REQUEST_ERROR if failed else REQUEST_SUCCESS
    submission.updated = max(submission.due, submission.visible)
    intake.statuses.put(submission.request_id, submission.updated, submission.shown_status)
    _note_errors(world, intake, submission)
    world.announce(Notice(tenant.client_id, "RequestStatus", submission.status, submission.request_id))


def _verdict(world: World, intake: Intake, submission: Submission, item: Item) -> tuple[Outcome, tuple[Finding, ...]]:
    if item.unchanged:
        return "NotProcessed", ()
    if _is_expired(item, world.switches.record_expired_seconds):
        return "RecordExpired", (_EXPIRED,)
    findings = [fault.finding for fault in intake.faults if fault.strikes(submission.entity_type, item.external_code)]
    if item.take_in is not None:
        findings = item.take_in(world, intake, item, findings, submission.due)
    elif item.entity is not None:
        findings += check(world, intake, submission, item.entity)
    if any(finding.type == "Error" for finding in findings):
        return "Error", tuple(findings)
    return ("Warning" if findings else "Success"), tuple(findings)


def check(world: World, intake: Intake, submission: Submission, entity: dict[str, Any]) -> Iterator[Finding]:
    """What P2P has to say about a record of a request."""
    resource = BY_NAME[submission.resource]
    together = submission.items if resource.name == ORDER_LINES else []
    lines = tuple(item.entity for item in together if item.entity is not None)
    candidate = Candidate(intake.p2p, world.switches, resource, submission.list_key, entity, submission.due, lines)
    for rule in _RULES[resource.name]:
        yield from rule(candidate)


def save(intake: Intake, resource: Resource, list_key: str, entity: dict[str, Any], now: datetime) -> None:
    """Put a record into P2P's table, in place of whatever P2P had under its key."""
    row = Row(str(entity[resource.key]), entity, "interface", now)
    intake.p2p.save(resource.imported_to(list_key), row, codes_in_p2p(resource, entity))


def codes_in_p2p(resource: Resource, entity: dict[str, Any]) -> list[Code]:
    """Everything about a record that must not occur twice."""
    if resource.name == ORDERS:
        return [order_number_code(entity)]
    codes = list(codes_of(entity, resource.code))
    if resource.name == VENDORS:
        codes += [account_code(str(account["id"])) for account in bank_accounts(entity)]
    return codes


def _save_lines(world: World, intake: Intake, submission: Submission, items: list[Item]) -> None:
    """The lines of one request are saved together, or, where one is refused, not at all."""
    refused = any(item.outcome == "Error" for item in submission.items)
    if refused and world.switches.lines_all_or_nothing:
        stored = intake.records(ORDER_LINES).stored
        for item in items:
            _finish(item, "Error", (*item.findings, _ROLLED_BACK))
            if item.external_code in stored and stored[item.external_code].forwarded is item:
                stored[item.external_code].forwarded = None
        return
    for item in items:
        if item.entity is not None:
            save(intake, BY_NAME[ORDER_LINES], "", item.entity, submission.due)


def _note_errors(world: World, intake: Intake, submission: Submission) -> None:
    """Keep what P2P refused of a request as error feedbacks."""
    for item in submission.items:
        if item.outcome != "Error":
            continue
        feedback_id = new_uuid(world.source)
        intake.feedback[feedback_id] = {
            "id": feedback_id,
            "requestId": submission.request_id,
            "externalCode": item.external_code,
            "errorEntity": encode(item.entity or {}).decode(),
            "entityType": submission.entity_type,
            "errorStamp": stamp(submission.updated),
            "errors": [finding.message for finding in item.findings if finding.type == "Error"],
            "targetSystem": TARGET_SYSTEM,
        }
        intake.feedback_shelf.put(feedback_id, submission.updated)


def _is_expired(item: Item, seconds: float) -> bool:
    """Whether a later version overtook this one: posted right after it, or already processed."""
    newer = item.newer
    if newer is None:
        return False
    return newer.received - item.received < timedelta(seconds=seconds) or newer.outcome != "InProgress"


def _finish(item: Item, outcome: Outcome, findings: tuple[Finding, ...]) -> None:
    item.outcome, item.findings, item.newer = outcome, findings, None
