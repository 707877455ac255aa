"""Deleting from the API layer: one record at once, or all that changed after an instant, which takes a while. P2P keeps its own.

Source: Basware P2P specification, DeleteRequest and DeleteResponse. The form of the task status, and that a further deletion is
refused while one runs, are inferred from a published script: it waits between deletions and reads `recordCount`.
"""

from datetime import datetime, timedelta
from typing import Any

from twins.basware.answers import Call, Code, empty, in_json
from twins.basware.bodies import read_entity
from twins.basware.downloads import scheme_of
from twins.basware.intake import Bin, CleanUp, Intake, Records
from twins.basware.routing import Route
from twins.basware.schemas import schema
from twins.basware.shelf import Place, from_instant
from twins.basware.state import World
from twins.basware.values import new_uuid, parse_instant
from twins.http import Response

_STATUS_PATH = ("v1", "taskStatus")
_RUNNING, _DONE = "InProgress", "Completed"


class RecordBin:
    """A collection of the API layer as something to be deleted from."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def delete_one(self, external_code: str) -> int:
        """Delete a record, if it is there."""
        if external_code not in self._records.stored:
            return 0
        self._records.remove(external_code)
        return 1

    def delete_since(self, place: Place, until: datetime) -> int:
        """Delete the records between two instants."""
        doomed = [key for (instant, _), key in self._records.shelf.after(place) if instant <= until]
        for key in doomed:
            self._records.remove(key)
        return len(doomed)


def clean_up(call: Call, name: str, contents: Bin) -> Response:
    """Answer a DELETE on the list of that name."""
    body = read_entity(call, schema("DeleteRequest"))
    if isinstance(body, Response):
        return body
    code, since = body.get("externalCode") or "", body.get("lastUpdated")
    if not code and not since:
        return call.refuse(400, Code.SCHEMA, ["externalCode or lastUpdated: one of them is required"])
    if any(task.name == name and task.count is None for task in call.tenant.intake.clean_ups.values()):
        return call.refuse(400, Code.DATA, [f"a deletion of {name} is still running"], code)
    if not code:
        return _start(call, name, contents, parse_instant(str(since)))
    if not contents.delete_one(code):
        return call.refuse(400, Code.NOT_FOUND, [f"{name}: no record {code}"], code)
    return in_json({"statusApiLink": None, "taskName": f"Delete {name}", "taskStatus": _DONE})


def _start(call: Call, name: str, contents: Bin, since: datetime) -> Response:
    """Begin a mass deletion."""
    task = CleanUp(
        task_id=new_uuid(call.world.source),
        name=name,
        since=since,
        started=call.now,
        done=call.now + timedelta(seconds=call.world.switches.delete_seconds),
        contents=contents,
    )
    call.tenant.intake.clean_ups[task.task_id] = task
    address = "/".join((f"{scheme_of(call.request.host)}://{call.request.host}", *_STATUS_PATH, task.task_id))
    return in_json({"statusApiLink": address, **_status(task)}, 202)


def task_status(call: Call, task_id: str) -> Response:
    """GET /v1/taskStatus/{taskId}, where the answer to a mass deletion points to."""
    task = call.tenant.intake.clean_ups.get(task_id)
    if task is None:
        return empty(404)
    count = {} if task.count is None else {"recordCount": task.count}
    return in_json({**_status(task), **count})


def finish_deletions(world: World, now: datetime) -> None:
    """Carry out the mass deletions whose time has come."""
    for tenant in world.tenants.values():
        _finish(tenant.intake, now)


def _finish(intake: Intake, now: datetime) -> None:
    for task in intake.clean_ups.values():
        if task.count is None and task.done <= now:
            task.count = task.contents.delete_since(from_instant(task.since, inclusive=False), task.started)


def _status(task: CleanUp) -> dict[str, Any]:
    return {"taskName": f"Delete {task.name}", "taskStatus": _RUNNING if task.count is None else _DONE}


ROUTES = (Route("GET", (*_STATUS_PATH, "*"), "taskStatus", task_status, "taskStatus"),)
