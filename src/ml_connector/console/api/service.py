"""Does the operations of the API: who asks, what was sent, doing it once, and the answer. Decides nothing about the business."""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, get_origin

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ml_connector.console.api.operation import Call, InputError, Operation
from ml_connector.console.api.problems import Kind, of_status, of_trouble, problem
from ml_connector.console.screens import Console, SignInNeededError, require_who
from ml_connector.console.trouble import ERRORS, ForbiddenError, NotFoundError, trouble_of
from ml_connector.model.people import Right, Visitor
from ml_connector.work.people import repeats
from ml_connector.work.people.repeats import RepeatError, StillBeingDoneError

ROOT = "/api/v1"
LARGEST_BODY = 5_000_000
"""Bytes. A mapping of 20 000 rules has about two million."""

_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_UNUSABLE = re.compile("[\x00\ud800-\udfff]")
_ENCODER = msgspec.json.Encoder(decimal_format="number", order="deterministic")


class Service:
    """The operations of one installation as routes."""

    def __init__(self, console: Console, operations: Sequence[Operation]) -> None:
        self._console = console
        self._operations = operations

    def routes(self) -> list[Route]:
        """One route for each address."""
        by_path: dict[str, dict[str, Operation]] = {}
        for one in self._operations:
            by_path.setdefault(one.path, {})[one.method] = one
        return [self._route(path, methods) for path, methods in by_path.items()]

    def _route(self, path: str, methods: Mapping[str, Operation]) -> Route:
        async def endpoint(request: Request) -> Response:
            operation = methods["GET" if request.method == "HEAD" else request.method]
            body = await _body_of(request) if operation.body else b""
            return await run_in_threadpool(self._answer, operation, request, body)

        return Route(ROOT + path, endpoint, methods=list(methods))

    def _answer(self, operation: Operation, request: Request, body: bytes | None) -> Response:
        """Every answer there is, but for defects of ours."""
        base = base_of(self._console)
        try:
            call = self._call(operation, request, body)
            return self._once(operation, call, body or b"") if operation.writes else _success(operation.run(call))
        except SignInNeededError:
            return problem(Kind.NO_VALID_TOKEN, base=base)
        except _RefusedError as refused:
            return problem(refused.kind, str(refused), base=base)
        except StillBeingDoneError as error:
            return problem(Kind.STILL_BEING_DONE, str(error), base=base)
        except (InputError, RepeatError) as error:
            return problem(Kind.NOT_AS_DESCRIBED, str(error), base=base)
        except ERRORS as error:
            return of_trouble(trouble_of(error), base)

    def _call(self, operation: Operation, request: Request, body: bytes | None) -> Call:
        """Who asks, then what they sent: whoever may not ask is told nothing about the rest."""
        visitor = self._console.visitor(request)
        given = dict(request.path_params)
        if any(_UNUSABLE.search(part) for part in given.values()):
            raise NotFoundError
        row = None
        if "connection" in given:
            row = self._console.connection(request, given["connection"], operation.right)
        else:
            _require(operation, visitor)
        for name, kind in operation.given.items():
            given[name] = _converted(given[name], kind, name, HTTPStatus.NOT_FOUND)
        return Call(
            console=self._console, request=request, visitor=visitor, row=row, given=given,
            query=_query_of(operation, request), body=_parsed(operation, request, body),
        )  # fmt: skip

    def _once(self, operation: Operation, call: Call, body: bytes) -> Response:
        """Do a write; with the caller's own key once, however often it is sent."""
        key = call.request.headers.get("Idempotency-Key")
        if key is None:
            return _success(operation.run(call))
        if not _KEY.fullmatch(key):
            raise InputError("The Idempotency-Key is up to 200 visible characters of ASCII, without spaces.")
        identity = self._console.app.identity
        scope, digest = _scope_of(call), _digest_of(call, operation, body)
        known = repeats.claim(identity, scope=scope, key=key, request_hash=digest)
        if known is not None:
            return Response(
                known.text.encode(), status_code=known.status, media_type="application/json",
                headers={"Idempotent-Replayed": "true"},
            )  # fmt: skip
        try:
            answer = _success(operation.run(call))
        except BaseException:
            repeats.give_up(identity, scope=scope, key=key)
            raise
        text = _to_keep(bytes(answer.body), operation.once)
        repeats.keep(identity, scope=scope, key=key, status=answer.status_code, text=text)
        return answer


def _scope_of(call: Call) -> str:
    """A key is one token's own: another token of the same person may have less of a role, and is told nothing by it."""
    token = call.request.headers.get("Authorization", "")
    return hashlib.sha256(f"{call.visitor.person_id}\n{token}".encode()).hexdigest()


def _digest_of(call: Call, operation: Operation, body: bytes) -> str:
    """Tells whether another call came with a key. Keyed with the caller's token, which is kept nowhere: a body may hold secrets,
    and nobody who reads the table may try out which."""
    asked = f"{operation.method} {call.request.url.path}?{call.request.url.query}\n".encode() + body
    return hmac.new(call.request.headers.get("Authorization", "").encode(), asked, hashlib.sha256).hexdigest()


def _to_keep(body: bytes, once: Sequence[str]) -> str:
    """An answer as it is kept for a repetition: whatever lets somebody in, or is shown once, is kept nowhere."""
    if not once:
        return body.decode()
    told: dict[str, Any] = msgspec.json.decode(body)
    return msgspec.json.encode(told | {name: type(told[name])() for name in once}).decode()


def _require(operation: Operation, visitor: Visitor) -> None:
    """What an operation needs that is of no one connection: somebody who looks after people, and no token that only reads."""
    require_who(operation.who, visitor)
    if (
        operation.writes
        and visitor.token_id
        and not any(visitor.rights(place) - {Right.VIEW} for place in visitor.roles)
    ):
        raise ForbiddenError(
            "This token only reads. Use one with another role; a viewer changes their own things in the console."
        )


def base_of(console: Console) -> str:
    """Where the console is, as links begin that lead there; only the path of it where nobody said."""
    return console.app.public_url or console.url("")


class _RefusedError(Exception):
    """The request is refused before anything of it is looked at."""

    def __init__(self, kind: Kind, words: str) -> None:
        super().__init__(words)
        self.kind = kind


def _success(value: Any) -> Response:
    return Response(_ENCODER.encode(value), media_type="application/json")


async def _body_of(request: Request) -> bytes | None:
    """What was sent; None when it is too much, of which no more is read."""
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > LARGEST_BODY:
            return None
    return bytes(content)


def _parsed(operation: Operation, request: Request, body: bytes | None) -> Any:
    if operation.body is None:
        return None
    if body is None:
        raise _RefusedError(Kind.TOO_LARGE, f"The body has more than {LARGEST_BODY:,} bytes.")
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise _RefusedError(Kind.NOT_JSON, "Send JSON, with Content-Type: application/json.")
    try:
        tree = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _RefusedError(Kind.UNREADABLE, f"The body is no JSON: {error}.") from error
    return _converted(tree, operation.body, "The body", HTTPStatus.UNPROCESSABLE_ENTITY, strict=True)


def _query_of(operation: Operation, request: Request) -> Any:
    sent = request.query_params
    if operation.query is None:
        if sent:
            raise InputError(f"This operation takes no parameters, and {', '.join(sorted(sent))[:100]} came.")
        return None
    lists = {
        field.encode_name
        for field in msgspec.structs.fields(operation.query)
        if get_origin(field.type) in {tuple, list}
    }
    tree = {name: sent.getlist(name) if name in lists else sent[name] for name in sent}
    return _converted(tree, operation.query, "The parameters", HTTPStatus.UNPROCESSABLE_ENTITY)


def _converted(value: Any, kind: Any, what: str, status: HTTPStatus, *, strict: bool = False) -> Any:
    try:
        found = msgspec.convert(value, kind, strict=strict)
    except (msgspec.ValidationError, ValueError, OverflowError) as error:
        if status is HTTPStatus.NOT_FOUND:
            raise NotFoundError from error
        raise InputError(f"{what} cannot be used: {error}.") from error
    if _UNUSABLE.search(str(value)):
        raise InputError(f"{what} cannot be used: there are characters in it that cannot be stored.")
    return found


def no_such(console: Console, status: HTTPStatus, headers: Mapping[str, str]) -> Response:
    """What the framework answers by itself below the API's address: no such address, or not this method."""
    answer = of_status(status, base_of(console))
    answer.headers.update(headers)
    return answer
