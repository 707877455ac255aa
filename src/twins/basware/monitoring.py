"""What became of a request after it was taken (requestStatus).

Source: Basware P2P specification, requestStatus: by request id or by filter; `status` is Error unless the search is narrowed by
entityType or system; acknowledged once. Note that the two reads spell the parameter that hides successful records differently.
"""

import heapq
from collections.abc import Iterator
from typing import Any

from twins.basware.answers import Call, Code, empty, in_json, in_text
from twins.basware.bodies import read_entity
from twins.basware.imports import TARGET_SYSTEM, accept, look
from twins.basware.intake import REQUEST_ERROR, REQUEST_SUCCESS, STATUSES, Item, Submission
from twins.basware.pages import Query, answer_page
from twins.basware.resources import ENTITY_TYPES
from twins.basware.routing import Route
from twins.basware.schemas import schema
from twins.basware.shelf import Place
from twins.basware.values import stamp, to_moment
from twins.http import Response

MODULE = "IA"
_LIMIT = 500
_HIDDEN_WHEN_IGNORING = frozenset({"Success", "NotProcessed"})


def note_response(call: Call, entity_type: str, invoice_id: str, external_code: str) -> None:
    """Start the request status of a response about an invoice that was just taken."""
    item = Item(external_code, to_moment(call.now), parent=invoice_id)
    accept(call, entity_type, "V1", "POST", [item])


def request_status(call: Call, request_id: str) -> Response:
    """GET /v1/requestStatus/{requestId}."""
    query = Query(call, ("system", "ignoreSuccessfulItems"))
    system, ignoring = query.text("system"), query.flag("ignoreSuccessfulItems")
    if query.wrong:
        return call.refuse(400, Code.PARAMETER, query.wrong)
    submission = _visible(call, request_id)
    if submission is None or system not in {"", TARGET_SYSTEM}:
        return empty(404)
    return in_json({"requestStatus": [_shown(submission, ignoring=ignoring)]})


def request_statuses(call: Call) -> Response:
    """GET /v1/requestStatus."""
    query = Query(call, ("status", "entityType", "ignoreSuccessfullItems", "system", "pageSize", "lastUpdated"))
    entity_type, system = query.word("entityType", ENTITY_TYPES), query.text("system")
    status = query.word("status", frozenset(STATUSES)) or ("" if entity_type or system else REQUEST_ERROR)
    ignoring = query.flag("ignoreSuccessfullItems")
    size, since = query.size(_LIMIT, _LIMIT), query.since()
    if query.wrong:
        return call.refuse(400, Code.PARAMETER, query.wrong)
    look(call.world, call.tenant)
    found = (
        (place, submission)
        for place, submission in _requests(call, status, query.start(since))
        if entity_type in {"", submission.entity_type} and system in {"", TARGET_SYSTEM}
    )
    return answer_page(
        query, "requestStatus", size, ((place, _shown(each, ignoring=ignoring)) for place, each in found)
    )


def acknowledge_statuses(call: Call) -> Response:
    """POST /v1/requestStatus/acknowledge: hides requests from the default list; 405 for one acknowledged before."""
    body = read_entity(call, schema("ProcessingStatusGetBatchRequest"))
    if isinstance(body, Response):
        return body
    if not body.get("requestIds"):
        return call.refuse(400, Code.SCHEMA, ["requestIds: must name a request"])
    submissions = {request_id: _visible(call, request_id) for request_id in body["requestIds"]}
    for request_id, submission in submissions.items():
        if submission is None:
            return empty(404)
        if submission.acknowledged or submission.status not in {REQUEST_SUCCESS, REQUEST_ERROR}:
            message = f"request {request_id} is {submission.shown_status} and can't be acknowledged"
            return call.refuse(405, Code.NOT_ALLOWED, [message])
    for submission in filter(None, submissions.values()):
        submission.acknowledged = True
        submission.updated = to_moment(call.now)
        call.tenant.intake.statuses.put(submission.request_id, submission.updated, submission.shown_status)
    return in_text("Acknowledged.")


def _visible(call: Call, request_id: str) -> Submission | None:
    """A request whose status can be asked for by now."""
    look(call.world, call.tenant)
    submission = call.tenant.intake.requests.get(request_id)
    return submission if submission is not None and submission.visible <= call.now else None


def _requests(call: Call, status: str, place: Place | None) -> Iterator[tuple[Place, Submission]]:
    """The requests of a status ("" for all) behind a place, oldest change first."""
    intake = call.tenant.intake
    groups = [status] if status else list(STATUSES)
    for spot, key in heapq.merge(*(intake.statuses.after(place, group) for group in groups)):
        submission = intake.requests[key]
        if submission.visible <= call.now:
            yield spot, submission


def _shown(submission: Submission, *, ignoring: bool) -> dict[str, Any]:
    """A request as the interface shows it, perhaps without the records that went well."""
    items = [_shown_item(item) for item in submission.items if not (ignoring and item.outcome in _HIDDEN_WHEN_IGNORING)]
    status, updated = submission.shown_status, stamp(submission.updated)
    listed = {"genericListKey": submission.list_key} if submission.list_key else {}
    return {
        "requestId": submission.request_id,
        "entityType": submission.entity_type,
        "entityVersion": f"{submission.entity_type}{submission.version}",
        "requestStatus": status,
        "operationType": submission.operation,
        **listed,
        "lastUpdated": updated,
        "systems": [
            {"system": TARGET_SYSTEM, "module": MODULE, "systemStatus": status, "lastUpdated": updated, "items": items}
        ],
    }


def _shown_item(item: Item) -> dict[str, Any]:
    errors = [
        {"type": finding.type, "message": finding.message, "category": finding.category} for finding in item.findings
    ]
    parent = {"parentExternalCode": item.parent} if item.parent else {}
    return {"externalCode": item.external_code, **parent, "status": item.outcome, "errors": errors}


_PATH, _SCOPE = ("v1", "requestStatus"), "requestStatus"

ROUTES = (
    Route("GET", _PATH, "requestStatus", request_statuses, _SCOPE),
    Route("POST", (*_PATH, "acknowledge"), "requestStatus", acknowledge_statuses, _SCOPE),
    Route("GET", (*_PATH, "*"), "requestStatus", request_status, _SCOPE),
)
