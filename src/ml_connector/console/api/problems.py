"""Errors of the API: one shape for all of them (RFC 9457, application/problem+json), each with a page that explains its kind.

`type` is that page's address, `code` the end of it, for programs. The words of what went wrong are the product's own.
"""

from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus

import msgspec
from starlette.responses import Response

from ml_connector.console.trouble import Trouble

MEDIA = "application/problem+json"
PAGES = "/errors/api"
"""Where the pages are, below the console's own address; the kind follows."""


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong (`title`), why (`detail`), and what to do next. `type` is a page about it, `code` the end of its
    address, for programs. `status` is that of the answer.
    """

    type: str
    code: str
    title: str
    status: int
    detail: str
    what_to_do: str


class Kind(StrEnum):
    """The kinds of errors there are. Values are part of addresses and never change."""

    UNREADABLE = "unreadable"
    NO_VALID_TOKEN = "no-valid-token"
    NOT_ALLOWED = "not-allowed"
    NOT_FOUND = "not-found"
    OTHER_METHOD = "other-method"
    SIGN_IN_NEEDED = "sign-in-needed"
    STILL_BEING_DONE = "still-being-done"
    TOO_LARGE = "too-large"
    NOT_JSON = "not-json"
    NOT_AS_DESCRIBED = "not-as-described"
    NOT_POSSIBLE = "not-possible"
    TOO_MANY_TRIES = "too-many-tries"
    FAILED = "failed"
    OTHER_SYSTEM_REFUSED = "other-system-refused"
    NOT_NOW = "not-now"


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What a kind of error means (`why`) and what a program or its person does (`next`)."""

    status: HTTPStatus
    title: str
    why: str
    next: str


ABOUT: Mapping[Kind, About] = {
    Kind.UNREADABLE: About(
        status=HTTPStatus.BAD_REQUEST, title="The request cannot be read", why="The body is no JSON.",
        next="Send one JSON document in UTF-8. Nothing was changed.",
    ),
    Kind.NO_VALID_TOKEN: About(
        status=HTTPStatus.UNAUTHORIZED, title="There is no valid token",
        why="No token came along, or it was revoked, has ended, or its person is not let in any more.",
        next="Send `Authorization: Bearer …` with a token that works. People make theirs in the console, under their name.",
    ),
    Kind.NOT_ALLOWED: About(
        status=HTTPStatus.FORBIDDEN, title="The token may not do this",
        why="The token may see this and not do it: it can do what its role allows, and never more than its person.",
        next="Use a token of a role that may; an administrator of the connection can give its person that role.",
    ),
    Kind.NOT_FOUND: About(
        status=HTTPStatus.NOT_FOUND, title="There is no such thing",
        why="The address leads nowhere, or to something the token may not know of: both look the same.",
        next="Check the address; `GET /api/v1/connections` lists what the token may see.",
    ),
    Kind.OTHER_METHOD: About(
        status=HTTPStatus.METHOD_NOT_ALLOWED, title="The address takes other methods",
        why="Reading is GET, everything that changes something is POST.", next="Look at the header Allow of the answer.",
    ),
    Kind.SIGN_IN_NEEDED: About(
        status=HTTPStatus.CONFLICT, title="A sign-in is needed",
        why="QuickBooks or Basware does not let this connection in: a person has to agree again, or credentials have changed.",
        next="`POST …/sign-in/link` gives a link for a person who administers the QuickBooks company; `POST …/secrets` takes new "
        "credentials of Basware.",
    ),
    Kind.STILL_BEING_DONE: About(
        status=HTTPStatus.CONFLICT, title="The first call is still being done",
        why="A call with this Idempotency-Key came before and has not ended yet.",
        next="Ask again in a moment with the same key; then the first answer comes.",
    ),
    Kind.TOO_LARGE: About(
        status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE, title="The body is too large", why="It has more than five million bytes.",
        next="Send less at once, such as a mapping in several tables.",
    ),
    Kind.NOT_JSON: About(
        status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE, title="The body is not JSON", why="Operations that take a body take JSON.",
        next="Send it with `Content-Type: application/json`.",
    ),
    Kind.NOT_AS_DESCRIBED: About(
        status=HTTPStatus.UNPROCESSABLE_ENTITY, title="The call is not as described",
        why="A parameter, a field of the body or a header is missing, unknown, or not of its type.",
        next="Compare the call with `GET /api/v1/openapi.json`. Nothing was changed.",
    ),
    Kind.NOT_POSSIBLE: About(
        status=HTTPStatus.UNPROCESSABLE_ENTITY, title="That cannot be done",
        why="The call is understood, and what it asks for cannot be done as things stand.",
        next="Do what `detail` says, then send it again. Nothing was changed.",
    ),
    Kind.TOO_MANY_TRIES: About(
        status=HTTPStatus.TOO_MANY_REQUESTS, title="Wait a moment",
        why="Too many wrong tokens or passwords came from this address or for this person.",
        next="Wait as many seconds as the header Retry-After says, and look which program still sends the old one.",
    ),
    Kind.FAILED: About(
        status=HTTPStatus.INTERNAL_SERVER_ERROR, title="Something failed here", why="This is a defect of ml-connector.",
        next="Try again with the same Idempotency-Key. If it stays, look at the log of `ml-connector serve`.",
    ),
    Kind.OTHER_SYSTEM_REFUSED: About(
        status=HTTPStatus.BAD_GATEWAY, title="The other system refused",
        why="The operation asks QuickBooks or Basware while you wait, and they said no.",
        next="Do what `detail` says; `POST …/check` looks at each part of a connection.",
    ),
    Kind.NOT_NOW: About(
        status=HTTPStatus.SERVICE_UNAVAILABLE, title="Not right now",
        why="The database, QuickBooks or Basware is away, or somebody else is at it.",
        next="Try again in a moment, with the same Idempotency-Key.",
    ),
}  # fmt: skip
"""The text of each page, and what is said where an error has no words of its own."""

_BY_STATUS = {one.status: kind for kind, one in ABOUT.items()}
"""Of two kinds with one status the later one: what a person or the business runs into, rather than how a call is written."""
_OF_TROUBLE = _BY_STATUS | {HTTPStatus.CONFLICT: Kind.SIGN_IN_NEEDED}


def problem(kind: Kind, detail: str = "", *, base: str, what_to_do: str = "", wait: int = 0) -> Response:
    """An answer that says what went wrong. `base`: where the console is; `wait`: seconds before it is worth another try."""
    about = ABOUT[kind]
    told = Problem(
        type=f"{base}{PAGES}/{kind}", code=kind.value, title=about.title, status=about.status, detail=detail or about.why,
        what_to_do=what_to_do or about.next,
    )  # fmt: skip
    headers = {"WWW-Authenticate": "Bearer"} if about.status is HTTPStatus.UNAUTHORIZED else {}
    headers |= {"Retry-After": str(wait)} if wait else {}
    return Response(msgspec.json.encode(told), status_code=about.status, media_type=MEDIA, headers=headers)


def of_trouble(trouble: Trouble, base: str) -> Response:
    """The product's own errors."""
    kind = _OF_TROUBLE[trouble.status]
    if kind is Kind.NOT_FOUND:
        return problem(kind, base=base)
    return problem(kind, trouble.words, base=base, what_to_do=trouble.what_to_do, wait=trouble.wait)


def of_status(status: HTTPStatus, base: str) -> Response:
    """What the framework answers by itself: no such address, or not this method."""
    return problem(_OF_TROUBLE.get(status, Kind.NOT_AS_DESCRIBED), base=base)
