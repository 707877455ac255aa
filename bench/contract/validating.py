"""A request and an answer held against the operation they belong to."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from jsonschema import ValidationError

from contract.specification import Operation, Parameter
from contract.violations import Rule, Violation
from twins.http import Request, Response

ORDINARY_HEADERS = {"content-type", "content-length", "content-disposition", "location", "date", "cache-control"}
"""Headers of HTTP itself, which OpenAPI leaves unsaid."""

_FORM = "application/x-www-form-urlencoded"
_decode = msgspec.json.Decoder(float_hook=Decimal).decode


def answer_violations(operation: Operation, answer: Response) -> list[Violation]:
    """Everything in an answer that the operation does not describe."""
    return [
        Violation(operation.name, rule, answer.status, keyword, where, what)
        for rule, keyword, where, what in _answer_problems(operation, answer)
    ]


def request_violations(operation: Operation, request: Request, rule: Rule, status: int = 0) -> list[Violation]:
    """Everything in a request that the operation does not describe, filed under `rule`."""
    found = [*_sign_in(operation, request), *_parameters(operation, request), *_sent_body(operation, request)]
    return [Violation(operation.name, rule, status, keyword, where, what) for keyword, where, what in found]


def _answer_problems(operation: Operation, answer: Response) -> Iterator[tuple[Rule, str, str, str]]:
    for name in answer.headers:
        if name.lower() not in ORDINARY_HEADERS:
            yield Rule.HEADER, "undescribed", name.lower(), "the file describes no such header"
    content = operation.answers.get(answer.status)
    if content is None:
        described = ", ".join(str(status) for status in sorted(operation.answers))
        yield Rule.STATUS, "undescribed", "", f"described are {described}"
        return
    if not content:
        if answer.body:
            yield Rule.BODY, "undescribed", "", "the file describes no body for this status"
        return
    media = _media_type(answer.headers)
    validator = content.get(media)
    if validator is None:
        yield Rule.CONTENT_TYPE, "undescribed", media, f"{media or 'none'} is not among {', '.join(content)}"
        return
    try:
        value = _value(media, answer.body, validator)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        yield Rule.BODY, "unreadable", "", f"not {media}: {error}"
        return
    for keyword, where, what in schema_problems(validator, value):
        yield Rule.BODY, keyword, where, what


def _value(media: str, body: bytes, validator: Any) -> Any:
    """What a body says: JSON, or a text where plain text holds a string."""
    if media == "text/plain" and validator.schema.get("type") == "string":
        return body.decode()
    return _decode(body)


def schema_problems(validator: Any, value: Any) -> Iterator[tuple[str, str, str]]:
    """Keyword, place and message of everything a schema has against a value; one for each property that should not be there."""
    for error in validator.iter_errors(value):
        yield from _problems(error)


def _problems(error: ValidationError) -> Iterator[tuple[str, str, str]]:
    where = "".join(f"/{'*' if isinstance(step, int) else step}" for step in error.absolute_path)
    keyword, instance, schema = str(error.validator), error.instance, error.schema
    if keyword == "additionalProperties" and isinstance(instance, dict) and isinstance(schema, Mapping):
        for name in instance.keys() - schema["properties"].keys():
            yield keyword, f"{where}/{name}", "no such property"
    elif keyword == "required":
        name = error.message.split("'")[1]
        yield keyword, f"{where}/{name}", "missing"
    else:
        yield keyword, where, _shortened(error.message)


def _shortened(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:70]} … {text[-40:]}"


def _sign_in(operation: Operation, request: Request) -> Iterator[tuple[str, str, str]]:
    scheme = request.headers.get("authorization", "").partition(" ")[0].lower()
    if operation.sign_in and scheme not in operation.sign_in:
        yield "sign-in", "authorization", f"{scheme or 'nothing'} is not among {', '.join(sorted(operation.sign_in))}"


def _parameters(operation: Operation, request: Request) -> Iterator[tuple[str, str, str]]:
    described = {one.name.lower(): one.name for one in operation.parameters if one.place == "query"}
    query: dict[str, str] = {}
    for name, value in request.query:
        own_name = described.get(name.lower(), name)
        query.setdefault(own_name, value)
        if own_name not in described.values():
            yield "query", name, "no such parameter"
        elif own_name != name:
            yield "query", name, f"is spelled {own_name}"
    given = {"query": query, "header": request.headers, "path": operation.ids(request.path) or {}}
    for parameter in operation.parameters:
        name = parameter.name.lower() if parameter.place == "header" else parameter.name
        if name in given[parameter.place]:
            yield from _parameter_problems(parameter, given[parameter.place][name])
        elif parameter.required:
            yield parameter.place, parameter.name, "missing"


def _parameter_problems(parameter: Parameter, text: str) -> Iterator[tuple[str, str, str]]:
    for _, _, what in schema_problems(parameter.validator, _read(parameter.kind, text)):
        yield parameter.place, parameter.name, what


def _read(kind: str, text: str) -> Any:
    """The value a parameter's text stands for; the text itself where it stands for none, which the schema then refuses."""
    if kind == "string":
        return text
    try:
        value = _decode(text)
    except msgspec.DecodeError:
        return text
    return value if isinstance(value, bool | int | Decimal) else text


def _sent_body(operation: Operation, request: Request) -> Iterator[tuple[str, str, str]]:
    if not operation.bodies:
        if request.body:
            yield "body", "", "the file describes no body"
        return
    if not request.body:
        if operation.body_required:
            yield "body", "", "missing"
        return
    media = _media_type(request.headers)
    validator = _matching(operation.bodies, media)
    if validator is None:
        yield "content type", media, f"{media or 'none'} is not among {', '.join(operation.bodies)}"
        return
    try:
        value = (
            dict(parse_qsl(request.body.decode(), keep_blank_values=True)) if media == _FORM else _decode(request.body)
        )
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        yield "body", "", f"not {media}: {error}"
        return
    yield from schema_problems(validator, value)


def _matching(content: Mapping[str, Any], media: str) -> Any:
    """The validator for a media type, which `application/*+json` may stand for."""
    if media in content:
        return content[media]
    main, _, sub = media.partition("/")
    return content.get(f"{main}/*+{sub.rpartition('+')[2]}") if "+" in sub else None


def _media_type(headers: Mapping[str, str]) -> str:
    value = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    return value.partition(";")[0].strip().lower()
