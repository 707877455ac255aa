"""The forms answers of the sign-in service take: JSON, an error code in JSON, a page, a redirect; and how forms are read."""

from urllib.parse import parse_qsl, urlencode

from twins.http import Request, Response
from twins.quickbooks.values import Json, encode

_JSON = "application/json;charset=utf-8"
_FORM = "application/x-www-form-urlencoded"


def in_json(status: int, body: Json) -> Response:
    """A JSON answer."""
    return Response(status, {"Content-Type": _JSON}, encode(body))


def error(status: int, code: str, description: str = "") -> Response:
    """An OAuth error. Without a description `invalid_grant` is exactly the 25 bytes seen on the wire."""
    return in_json(status, {"error": code, **({"error_description": description} if description else {})})


def not_allowed(*methods: str) -> Response:
    """405, with the methods that are allowed."""
    refused = error(405, "invalid_request")
    return Response(405, {**refused.headers, "Allow": ", ".join(methods)}, refused.body)


def redirect(address: str, **parameters: str) -> Response:
    """Send the browser on, with those parameters that are not empty."""
    query = urlencode({name: value for name, value in parameters.items() if value})
    return Response(302, {"Location": f"{address}?{query}" if query else address, "Cache-Control": "no-store"})


def form_of(request: Request) -> dict[str, str] | None:
    """The fields of a form body; None when it is no form, or names a field twice."""
    if _FORM not in request.headers.get("content-type", _FORM).lower():
        return None
    try:
        pairs = parse_qsl(request.body.decode("ascii"), keep_blank_values=True, strict_parsing=True)
    except ValueError:
        return None
    return dict(pairs) if len(dict(pairs)) == len(pairs) else None
