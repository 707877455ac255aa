"""What became of a request after it was taken (requestStatus), and the list of companies.

Source: Basware P2P specification, requestStatus: by request id or by filter, `status` defaults to Error unless the search is
narrowed, acknowledged once; companies as stored in the API layer.
"""

from datetime import timedelta
from typing import Any

import msgspec

from twins.basware.answers import Call, Code, empty, in_json, in_text
from twins.basware.values import decode, parse_instant, stamp
from twins.http import Response

_ACKNOWLEDGED = {"Success": "AcknowledgedSuccess", "Error": "AcknowledgedError"}
_PAGE_LIMIT = 500


def note_response(call: Call, entity_type: str, invoice_id: str, external_code: str) -> None:
    """Start the request status of a response that was just taken."""
    call.tenant.statuses[call.request_id] = {
        "requestId": call.request_id,
        "entityType": entity_type,
        "entityVersion": f"{entity_type}V1",
        "operationType": "POST",
        "received": call.now,
        "acknowledged": False,
        "externalCode": external_code,
        "parentExternalCode": invoice_id,
    }


def request_status(call: Call, request_id: str) -> Response:
    """GET /v1/requestStatus/{requestId}."""
    noted = call.tenant.statuses.get(request_id)
    return in_json({"requestStatus": [_shown(call, noted)]}) if noted else empty(404)


def request_statuses(call: Call) -> Response:
    """GET /v1/requestStatus."""
    parameter = call.request.parameter
    entity_type, system = parameter("entityType"), parameter("system")
    status = parameter("status") or ("" if entity_type or system else "Error")
    shown = (_shown(call, noted) for noted in call.tenant.statuses.values())
    found = [
        item
        for item in shown
        if (not status or item["requestStatus"] == status)
        and (not entity_type or item["entityType"] == entity_type)
        and (not system or system == "P2P")
    ]
    return in_json({"requestStatus": found[:_PAGE_LIMIT]}) if found else empty(404)


def acknowledge_statuses(call: Call) -> Response:
    """POST /v1/requestStatus/acknowledge: hides requests from the default list; 405 for one acknowledged before."""
    try:
        body = decode(call.request.body)
    except msgspec.DecodeError as error:
        return call.refuse(400, Code.SCHEMA, [f"the body is not JSON: {error}"])
    ids = body.get("requestIds") if isinstance(body, dict) else None
    if not isinstance(ids, list) or not ids or not all(isinstance(item, str) for item in ids):
        return call.refuse(400, Code.SCHEMA, ["requestIds: must be a list of request ids"])
    noted = [call.tenant.statuses.get(item) for item in ids]
    if None in noted:
        return empty(404)
    if any(item and item["acknowledged"] for item in noted):
        return empty(405)
    for item in noted:
        if item:
            item["acknowledged"] = True
    return in_text("Acknowledged.")


def companies(call: Call) -> Response:
    """GET /v1/companies."""
    since = call.request.parameter("lastUpdated")
    try:
        after = parse_instant(since) if since else None
    except ValueError:
        return call.refuse(400, Code.PARAMETER, ["lastUpdated: must be a date-time"])
    found = [
        company for company in call.tenant.companies if after is None or parse_instant(company["lastUpdated"]) > after
    ]
    if not found:
        return empty(404)
    return in_json(found if call.world.switches.bare_lists else {"companies": found})


def _shown(call: Call, noted: dict[str, Any]) -> dict[str, Any]:
    """A request status as the interface shows it now."""
    done = noted["received"] + timedelta(seconds=call.world.switches.processing_seconds)
    status = "Success" if call.now >= done else "InProgress"
    overall = _ACKNOWLEDGED.get(status, status) if noted["acknowledged"] else status
    updated = stamp(min(done, call.now))
    item = {
        "externalCode": noted["externalCode"],
        "parentExternalCode": noted["parentExternalCode"],
        "status": status,
        "errors": [],
    }
    return {
        "requestId": noted["requestId"],
        "entityType": noted["entityType"],
        "entityVersion": noted["entityVersion"],
        "requestStatus": overall,
        "operationType": noted["operationType"],
        "lastUpdated": updated,
        "systems": [
            {"system": "P2P", "module": "IA", "systemStatus": overall, "lastUpdated": updated, "items": [item]}
        ],
    }
