"""Reading a request's body: as JSON, as one entity, or as an array of entities that is taken as a whole or not at all."""

from collections import Counter
from typing import Any

import msgspec

from twins.basware.answers import Call, Code, empty, refusals
from twins.basware.schemas import Schema, problems
from twins.basware.values import decode
from twins.http import Response


def read_json(call: Call) -> Any | Response:
    """The JSON value in the body, or the answer to a body that isn't JSON."""
    if "json" not in call.request.headers.get("content-type", "").lower():
        return empty(415)
    try:
        return decode(call.request.body)
    except msgspec.DecodeError as error:
        return call.refuse(400, Code.SCHEMA, [f"the body is not JSON: {error}"])


def read_entity(call: Call, wanted: Schema) -> dict[str, Any] | Response:
    """The one entity in the body, strictly checked, or the refusal of it."""
    body = read_json(call)
    if isinstance(body, Response):
        return body
    found = problems(wanted, body)
    return call.refuse(400, Code.SCHEMA, found, _code_of(body, "externalCode")) if found else dict(body)


def read_entities(call: Call, wanted: Schema, most: int, key: str = "externalCode") -> list[dict[str, Any]] | Response:
    """The array of entities in the body, each strictly checked and there once, or the refusal of all of them."""
    body = read_json(call)
    if isinstance(body, Response):
        return body
    if not isinstance(body, list):
        return call.refuse(400, Code.SCHEMA, ["the body must be an array"])
    if len(body) > most:
        return call.refuse(400, Code.SCHEMA, [f"at most {most} records in one request"])
    wrong = [(_code_of(entity, key), message) for entity in body for message in problems(wanted, entity)]
    if wrong:
        return refusals(call.request_id, 400, Code.SCHEMA, wrong)
    twice = [code for code, count in Counter(entity[key] for entity in body).items() if count > 1]
    if twice:
        return refusals(call.request_id, 409, Code.CONFLICT, [(code, "there twice in one request") for code in twice])
    return list(body)


def _code_of(entity: Any, key: str) -> str:
    """What identifies an entity, as far as it is one at all."""
    code = entity.get(key) if isinstance(entity, dict) else None
    return code if isinstance(code, str) else ""
