"""The Data Access interface (Basware Data Extract specification): which extracts there are, their files, the table definition.

Error bodies are this interface's own. A file's address does not expire, but leads to another host by a redirect.
"""

from datetime import datetime, timedelta
from typing import Any

from twins.basware.answers import Call, in_json
from twins.basware.downloads import redirect, scheme_of
from twins.basware.extracts.making import make
from twins.basware.extracts.shelf import Extract
from twins.basware.extracts.tables import CHANGES, TABLES
from twins.basware.imports import look
from twins.basware.routing import Route
from twins.basware.values import new_uuid
from twins.http import Response

MOST_FETCHES = 5
"""How often a file can be fetched (Data Access manual)."""

_STATUSES = ("WaitingForExport", "Exported")


def catch_up(call: Call) -> None:
    """Make the extract that is due by now, if the tenant has one made regularly."""
    hours, last = call.world.switches.extract_every_hours, call.tenant.extracts.last_end
    if hours is not None and (last is None or call.now - last >= timedelta(hours=hours)):
        look(call.world, call.tenant)
        make(call.tenant, new_uuid(call.world.source).replace("-", ""), call.now, call.world.switches.extract_form)


def list_extracts(call: Call) -> Response:
    """GET /v1/dataExtracts: all extracts, or those of one processing status."""
    wanted = call.request.parameter("processingStatus")
    if wanted and wanted not in _STATUSES:
        message = f"processingStatus must be {' or '.join(_STATUSES)}, not {wanted}"
        errors = [{"type": "VALIDATION", "code": "PARAMETER_VALIDATION_ERROR", "message": message}]
        return in_json({"requestId": call.request_id, "hasError": True, "errorMessages": errors}, 400)
    catch_up(call)
    return in_json([_shown(each) for each in call.tenant.extracts.kept(call.now) if wanted in {"", _status(each)}])


def list_files(call: Call, extract_id: str) -> Response:
    """GET /v1/dataExtracts/{id}: its files and where to fetch them."""
    extract = call.tenant.extracts.made.get(extract_id)
    if extract is None:
        return _unknown("extract", extract_id)
    root = f"{scheme_of(call.request.host)}://{call.request.host}/v1/dataExtracts/{extract_id}/getFile?file="
    span = {"startDate": _written(extract.start), "endDate": _written(extract.end)}
    files = extract.files.values()
    return in_json(
        [
            {
                "extractId": extract_id,
                "tableName": each.table,
                "fileName": each.name,
                **span,
                "downloadUrl": f"{root}{each.name}",
            }
            for each in files
        ]
    )


def get_file(call: Call, extract_id: str) -> Response:
    """GET /v1/dataExtracts/{id}/getFile?file=…: a redirect to where the file can be fetched, five times at most."""
    extract = call.tenant.extracts.made.get(extract_id)
    name = call.request.parameter("file")
    file = extract.files.get(name) if extract else None
    if file is None:
        return _unknown("file", name)
    if file.fetched >= MOST_FETCHES:
        return in_json({"detail": f"{name} was downloaded {MOST_FETCHES} times, which is the limit"}, 404)
    file.fetched += 1
    return redirect(call, Response(200, {"Content-Type": "application/gzip"}, file.content))


def acknowledge(call: Call, extract_id: str) -> Response:
    """POST /v1/dataExtracts/{id}/acknowledge: mark an extract as exported."""
    extract = call.tenant.extracts.made.get(extract_id)
    if extract is None:
        detail = [{"loc": ["path", "extract_id"], "msg": f"no extract {extract_id}", "type": "value_error"}]
        return in_json({"detail": detail}, 422)
    extract.exported = True
    return in_json({"succeeded": True, "message": "Extract marked as exported"})


def table_definition(_: Call) -> Response:
    """GET /v1/dataExtracts/specification/tableDefinition."""
    return in_json(
        [
            {
                "Table name": table.name,
                "Columns": [
                    {
                        "Column name": column.name,
                        "Data Type": column.type,
                        "Field definition": column.meaning,
                        "Example value": column.example,
                    }
                    for column in table.columns
                ],
            }
            for table in TABLES
        ]
    )


def change_log(_: Call) -> Response:
    """GET /v1/dataExtracts/specification/tableDefinition/changeLog."""
    return in_json(
        [
            {
                "Version": version,
                "Added tables": list(tables),
                "Removed tables": [],
                "Column changes": {
                    table: {"Added columns": list(added), "Removed columns": []} for table, added in columns.items()
                },
            }
            for version, tables, columns in CHANGES
        ]
    )


def _shown(extract: Extract) -> dict[str, Any]:
    return {
        "id": extract.id,
        "type": extract.kind,
        "startDate": _written(extract.start),
        "endDate": _written(extract.end),
        "fileCount": len(extract.files),
        "processingStatus": _status(extract),
        "extractDate": _written(extract.made),
        "extractName": "Standard_data_extract",
    }


def _status(extract: Extract) -> str:
    return _STATUSES[extract.exported]


def _written(instant: datetime) -> str:
    """An instant as this interface writes it: day first, without a zone."""
    return instant.strftime("%d/%m/%Y, %H:%M:%S")


def _unknown(what: str, name: str) -> Response:
    return in_json({"detail": f"no {what} {name}"}, 404)


_ROOT = ("v1", "dataExtracts")
_DEFINITION = (*_ROOT, "specification", "tableDefinition")

ROUTES = (
    Route("GET", _ROOT, "dataExtracts", list_extracts),
    Route("GET", _DEFINITION, "dataExtracts", table_definition),
    Route("GET", (*_DEFINITION, "changeLog"), "dataExtracts", change_log),
    Route("GET", (*_ROOT, "*"), "dataExtracts", list_files),
    Route("GET", (*_ROOT, "*", "getFile"), "dataExtracts", get_file),
    Route("POST", (*_ROOT, "*", "acknowledge"), "dataExtracts", acknowledge),
)
