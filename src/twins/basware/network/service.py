"""Requests to the Network: HTTP Basic with the company's own account, and a fresh UUID version 4 in every X-BW-REQUEST-ID.

Polled, not pushed: notifications, then the document, then its files, then a confirmation, then the notification is deleted.
"""

import base64
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from twins.basware.answers import in_file, in_json
from twins.basware.credentials import read_basic
from twins.basware.downloads import scheme_of
from twins.basware.network.mailbox import CONFIRMATIONS, KINDS, Document, Mailbox, NetworkFile, Notification
from twins.basware.routing import segments
from twins.basware.state import World
from twins.basware.values import decode, new_uuid, stamp
from twins.http import Request, Response

T = TypeVar("T")

REQUEST_ID = "x-bw-request-id"
VERSION = "2.0"
_PAGE = 100
_RESOURCES = ("invoices", "files", "notifications")


class _RefusedError(Exception):
    """A request that is answered with an error body."""

    def __init__(self, message: str, *, status: int = 400, code: str = "Error.004.0002") -> None:
        super().__init__(message)
        self.status = status
        self.code = code


@dataclass(frozen=True)
class _Visit:
    """One request of a company that has signed in."""

    world: World
    box: Mailbox
    request: Request
    now: datetime

    @property
    def body(self) -> dict[str, Any]:
        """The JSON object sent. Raises _RefusedError for anything else."""
        try:
            found = decode(self.request.body)
        except msgspec.DecodeError as error:
            raise _RefusedError(f"the body is not JSON: {error}") from error
        if not isinstance(found, dict):
            raise _RefusedError("the body must be a JSON object")
        return found

    def link(self, path: str) -> str:
        """An absolute address on this service."""
        return f"{scheme_of(self.request.host)}://{self.request.host}{path}"


def is_network(path: str) -> bool:
    """Whether a path belongs to the Network and not to P2P."""
    version, _, rest = path.strip("/").partition("/")
    return version in {"v1", "v1.1", "v2"} and rest.partition("/")[0] in _RESOURCES


def serve(world: World, request: Request) -> Response:
    """Answer a request: signed in first, then the request id, then the operation."""
    box = _box(world, request)
    if box is None:
        return _error(401, "Error.001.0001", "The user name or the password is wrong")
    if problem := _request_id_problem(box, request):
        return _error(400, "Error.002.0001", problem)
    box.requests.add(request.headers[REQUEST_ID].lower())
    visit = _Visit(world, box, request, world.clock.now())
    version, resource, *rest = segments(request.path)
    operation = _OPERATIONS.get((request.method, version, resource, len(rest)))
    if operation is None:
        known = any(key[1:] == (version, resource, len(rest)) for key in _OPERATIONS)
        return _error(405 if known else 404, "Error.003.0001", f"{request.method} {request.path} is not offered")
    try:
        return operation(visit, *rest)
    except _RefusedError as refused:
        return _error(refused.status, refused.code, str(refused))


def _box(world: World, request: Request) -> Mailbox | None:
    user, password = read_basic(request.headers.get("authorization", ""))
    if not user:
        return None
    boxes = (tenant.network for tenant in world.tenants.values() if tenant.network.user == user)
    return next((box for box in boxes if hmac.compare_digest(password.encode(), box.password.encode())), None)


def _request_id_problem(box: Mailbox, request: Request) -> str:
    """What is wrong with the request id; empty when nothing is."""
    given = request.headers.get(REQUEST_ID, "")
    try:
        version = UUID(given).version
    except ValueError:
        version = None
    if version != 4 or len(given) != 36:
        return "X-BW-REQUEST-ID must be a UUID of version 4"
    return (
        f"X-BW-REQUEST-ID {given} was used before; every request needs its own" if given.lower() in box.requests else ""
    )


def _list_notifications(visit: _Visit) -> Response:
    """GET /v1.1/notifications: the oldest that wait."""
    waiting = list(visit.box.notifications.values())[:_PAGE]
    return in_json({"notifications": [_shown_notification(visit, each) for each in waiting]})


def _shown_notification(visit: _Visit, notification: Notification) -> dict[str, Any]:
    return {
        "id": notification.id,
        "type": notification.kind,
        "bumId": notification.bum_id,
        "timestamp": stamp(notification.at),
        "links": [{"rel": "document", "href": visit.link(f"/v1/invoices/{notification.bum_id}"), "method": "GET"}],
    }


def _delete_notification(visit: _Visit, notification_id: str) -> Response:
    """DELETE /v1.1/notifications/{id}: it was dealt with."""
    _found(visit.box.notifications, notification_id)
    del visit.box.notifications[notification_id]
    return Response(204)


def _confirm(visit: _Visit) -> Response:
    """POST /v1.1/notifications: technical or business answer to a document that was received."""
    body = visit.body
    action, bum_id = _word(body, "actionCode", CONFIRMATIONS), _text(body, "bumId")
    document = _found(visit.box.received, bum_id)
    document.confirmations.append({**body, "receivedTime": stamp(visit.now)})
    return in_json({"bumId": bum_id, "actionCode": action})


def _read_document(visit: _Visit, bum_id: str) -> Response:
    """GET /v1/invoices/{bumId}: a document that was received, with links to its files."""
    document, files = _found(visit.box.received, bum_id), visit.box.files
    links = [
        {"rel": files[ref].file_type, "href": visit.link(f"/v2/files/{ref}"), "method": "GET"} for ref in document.files
    ]
    return in_json(
        {
            "bumId": bum_id,
            "documentType": document.kind,
            "fileRefs": [{"refId": ref, "fileType": files[ref].file_type} for ref in document.files],
            "links": links,
            "origin": {"channel": "Network", "receivedTime": stamp(document.at)},
            "data": document.data,
            "customFields": list(document.custom_fields),
        }
    )


def _send_document(visit: _Visit, bum_id: str) -> Response:
    """POST /v2/invoices/{bumId}: send a document; the same client token again brings back the first outcome."""
    body = visit.body
    token = _text(body, "clientToken")
    tokens = visit.box.document_tokens
    if token in tokens:
        return in_json({"bumId": tokens[token]})
    kind = _word(body, "documentType", KINDS)
    if not isinstance(body.get("data"), dict):
        raise _RefusedError("data must be an object")
    if bum_id in visit.box.sent:
        raise _RefusedError(f"{bum_id} was sent already, under another clientToken")
    refs = _file_refs(body)
    if missing := [ref for ref in refs if ref not in visit.box.files]:
        raise _RefusedError(f"unknown files: {', '.join(missing)}")
    visit.box.sent[bum_id] = Document(bum_id, kind, body["data"], visit.now, refs)
    tokens[token] = bum_id
    return in_json({"bumId": bum_id})


def _send_file(visit: _Visit) -> Response:
    """POST /v2/files: a file to be named in a document that is sent afterwards."""
    body = visit.body
    token = _text(body, "clientToken")
    tokens = visit.box.file_tokens
    if token not in tokens:
        try:
            content = base64.b64decode(_text(body, "content"), validate=True)
        except ValueError as error:
            raise _RefusedError("content must be base64") from error
        ref = new_uuid(visit.world.source)
        given = {"fileType": "attachmentFile", "contentType": "application/octet-stream", **body}
        kind, name, media = (_text(given, each) for each in ("fileType", "fileName", "contentType"))
        if not (media.isascii() and media.isprintable()):
            raise _RefusedError("contentType must be a media type")
        visit.box.files[ref] = NetworkFile(ref, kind, name, media, content)
        tokens[token] = ref
    return in_json({"refId": tokens[token]})


def _read_file(visit: _Visit, ref_id: str) -> Response:
    """GET /v1/files/{refId} and /v2/files/{refId}: the bytes."""
    file = _found(visit.box.files, ref_id)
    return in_file(file.filename, f"{file.content_type};charset=utf-8", file.content)


def _found(things: Mapping[str, T], name: str) -> T:
    """The thing of that name. Raises _RefusedError (404) when there is none."""
    if name not in things:
        raise _RefusedError(f"there is nothing by the name {name}", status=404, code="Error.003.0002")
    return things[name]


def _file_refs(body: dict[str, Any]) -> tuple[str, ...]:
    """The files that a document names."""
    refs = body.get("fileRefs") or []
    if not isinstance(refs, list) or not all(isinstance(each, dict) for each in refs):
        raise _RefusedError("fileRefs must be an array of objects")
    return tuple(_text(each, "refId") for each in refs)


def _word(body: dict[str, Any], name: str, words: frozenset[str]) -> str:
    value = _text(body, name)
    if value not in words:
        raise _RefusedError(f"{name} must be one of {', '.join(sorted(words))}")
    return value


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise _RefusedError(f"{name} is required")
    return value


def _error(status: int, code: str, message: str) -> Response:
    """An error body as older clients of the Network have recorded it."""
    errors = {"validationErrors": [], "message": message, "id": code, "type": "Error", "info": "", "code": code}
    return in_json({"version": VERSION, "errors": errors}, status)


_OPERATIONS: dict[tuple[str, str, str, int], Callable[..., Response]] = {
    ("GET", "v1.1", "notifications", 0): _list_notifications,
    ("POST", "v1.1", "notifications", 0): _confirm,
    ("DELETE", "v1.1", "notifications", 1): _delete_notification,
    ("GET", "v1", "invoices", 1): _read_document,
    ("POST", "v2", "invoices", 1): _send_document,
    ("POST", "v2", "files", 0): _send_file,
    ("GET", "v1", "files", 1): _read_file,
    ("GET", "v2", "files", 1): _read_file,
}
"""By method, version, resource and how many names follow."""
