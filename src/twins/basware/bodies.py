"""Reading a request's body as JSON."""

from typing import Any

import msgspec

from twins.basware.answers import Call, Code, empty
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
