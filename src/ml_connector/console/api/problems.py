"""Errors of the API: one shape for all of them (RFC 9457, application/problem+json), in the words people are shown elsewhere."""

from http import HTTPStatus

import msgspec
from starlette.responses import Response

from ml_connector.console.trouble import Trouble

MEDIA = "application/problem+json"


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong (`title`), why (`detail`), and what to do about it. `status` is that of the answer."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    what_to_do: str = ""


ABOUT = {
    HTTPStatus.BAD_REQUEST: "The request cannot be read.",
    HTTPStatus.UNAUTHORIZED: "There is no valid token.",
    HTTPStatus.FORBIDDEN: "The token's role does not allow this.",
    HTTPStatus.NOT_FOUND: "There is no such thing, or none that the token may know of.",
    HTTPStatus.METHOD_NOT_ALLOWED: "The address takes other methods.",
    HTTPStatus.CONFLICT: "It cannot be done now: a sign-in is needed, or the first call with this key is still being done.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is too large.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "The body is not JSON.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "It cannot be done as asked; nothing was changed.",
    HTTPStatus.BAD_GATEWAY: "QuickBooks or Basware refused.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Not right now: the database, QuickBooks or Basware is away, or somebody else is at it.",
}
"""What each status means that an operation may answer instead of success."""

WHAT_TO_DO = {
    HTTPStatus.UNAUTHORIZED: "Send `Authorization: Bearer …` with a token that has not ended. People make theirs in the console.",
    HTTPStatus.NOT_FOUND: "Check the address; `GET /api/v1/connections` lists what the token may see.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Try again in a moment, with the same Idempotency-Key.",
}


def problem(status: HTTPStatus, detail: str, *, title: str = "", what_to_do: str = "") -> Response:
    """An answer that says what went wrong."""
    told = Problem(
        title=title or status.phrase, status=status, detail=detail, what_to_do=what_to_do or WHAT_TO_DO.get(status, "")
    )
    headers = {"WWW-Authenticate": "Bearer"} if status is HTTPStatus.UNAUTHORIZED else {}
    return Response(msgspec.json.encode(told), status_code=status, media_type=MEDIA, headers=headers)


def of_trouble(trouble: Trouble) -> Response:
    """The product's own errors."""
    return problem(trouble.status, trouble.words, title=trouble.title, what_to_do=trouble.what_to_do)
