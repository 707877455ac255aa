"""Error feedbacks: the older way to learn what P2P refused. It tells the same errors as requestStatus and can't be acknowledged.

Source: Basware P2P specification, errorFeedbacks and ErrorFeedbackEntity.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from twins.basware.answers import Call, Code, empty, in_json
from twins.basware.deleting import clean_up
from twins.basware.imports import look
from twins.basware.intake import Intake
from twins.basware.pages import Query, answer_page
from twins.basware.resources import ENTITY_TYPES
from twins.basware.routing import Route
from twins.basware.shelf import Place
from twins.http import Response

_LIMIT = 500


def list_feedbacks(call: Call) -> Response:
    """GET /v1/errorFeedbacks."""
    query = Query(call, ("targetSystem", "entityType", "pageSize", "lastUpdated"))
    system, entity_type = query.text("targetSystem"), query.word("entityType", ENTITY_TYPES)
    size, since = query.size(_LIMIT, _LIMIT), query.since()
    if query.wrong:
        return call.refuse(400, Code.PARAMETER, query.wrong)
    wanted = {"targetSystem": system, "entityType": entity_type}
    found = (
        (place, entry)
        for place, entry in _entries(call, query.start(since))
        if all(not value or entry[name] == value for name, value in wanted.items())
    )
    return answer_page(query, "errorList", size, found)


def feedbacks_of_request(call: Call, request_id: str) -> Response:
    """GET /v1/errorFeedbacks/{requestId}."""
    query = Query(call, ("pageSize",))
    size = query.size(_LIMIT, _LIMIT)
    if query.wrong:
        return call.refuse(400, Code.PARAMETER, query.wrong)
    found = [entry for _, entry in _entries(call, None) if entry["requestId"] == request_id]
    return in_json({"errorList": found[:size]}) if found else empty(404)


def feedbacks_of_record(call: Call, entity_type: str, external_code: str) -> Response:
    """GET /v1/errorFeedbacks/{entityType}/{errorEntityExternalCode}."""
    if entity_type not in ENTITY_TYPES:
        return call.refuse(400, Code.PARAMETER, [f"entityType: {entity_type} is not one of Basware's"])
    wanted = (entity_type, external_code)
    found = [entry for _, entry in _entries(call, None) if (entry["entityType"], entry["externalCode"]) == wanted]
    return in_json({"errorList": found}) if found else empty(404)


def delete_feedbacks(call: Call) -> Response:
    """DELETE /v1/errorFeedbacks: those of a record, or all after an instant; of one type if that is named."""
    query = Query(call, ("entityType",))
    entity_type = query.word("entityType", ENTITY_TYPES)
    if query.wrong:
        return call.refuse(400, Code.PARAMETER, query.wrong)
    return clean_up(call, "errorFeedbacks", FeedbackBin(call.tenant.intake, entity_type))


class FeedbackBin:
    """Error feedbacks as something to be deleted from; records are named by their external code."""

    def __init__(self, intake: Intake, entity_type: str) -> None:
        self._intake = intake
        self._entity_type = entity_type

    def delete_one(self, external_code: str) -> int:
        """Delete the feedbacks of one record."""
        return self._delete(None, None, external_code)

    def delete_since(self, place: Place, until: datetime) -> int:
        """Delete the feedbacks between two instants."""
        return self._delete(place, until, "")

    def _delete(self, place: Place | None, until: datetime | None, external_code: str) -> int:
        entries, shelf = self._intake.feedback, self._intake.feedback_shelf
        doomed = [
            key
            for (instant, _), key in shelf.after(place)
            if (until is None or instant <= until)
            and (not external_code or entries[key]["externalCode"] == external_code)
            and (not self._entity_type or entries[key]["entityType"] == self._entity_type)
        ]
        for key in doomed:
            del entries[key]
            shelf.take(key)
        return len(doomed)


def _entries(call: Call, place: Place | None) -> Iterator[tuple[Place, dict[str, Any]]]:
    """The feedbacks behind a place that can be seen by now."""
    look(call.world, call.tenant)
    intake = call.tenant.intake
    return ((spot, intake.feedback[key]) for spot, key in intake.feedback_shelf.after(place, "") if spot[0] <= call.now)


ROUTES = (
    Route("GET", ("v1", "errorFeedbacks"), "errorFeedbacks", list_feedbacks, "errorFeedbacks"),
    Route("DELETE", ("v1", "errorFeedbacks"), "errorFeedbacks", delete_feedbacks, "errorFeedbacks"),
    Route("GET", ("v1", "errorFeedbacks", "*"), "errorFeedbacks", feedbacks_of_request, "errorFeedbacks"),
    Route("GET", ("v1", "errorFeedbacks", "*", "*"), "errorFeedbacks", feedbacks_of_record, "errorFeedbacks"),
)
