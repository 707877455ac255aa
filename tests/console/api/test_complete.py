"""What the console can do, the API can do: every form and every page has its operation, for whoever has the same rights.

The table that says which is part of docs/api.md; what it leaves out is named here, with the reason.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
from fastapi.routing import iter_route_contexts

from ml_connector.console import forgery
from ml_connector.console.api import OPERATIONS
from ml_connector.console.api.description import describe
from ml_connector.console.api.operation import Operation, Page
from ml_connector.console.api.problems import ABOUT, MEDIA
from ml_connector.console.application import create_application
from ml_connector.console.pages import documents, drift, vendors
from ml_connector.model.people import RIGHTS, Right, Role
from ml_connector.work.people.directory import Grant
from programs import Program
from visits import signed_in
from world import World

Calling = Callable[..., Program]
DOCUMENT = (Path(__file__).parents[3] / "docs" / "api.md").read_text(encoding="utf-8")
ACTS = {
    "/c/{connection}/documents/{invoice_id}/{act}": ("{act}", tuple(documents._ACTS)),
    "/c/{connection}/vendors/{code}/{act}": ("{act}", tuple(vendors.RIGHTS)),
    "/c/{connection}/drift/{invoice_id}/{part}/{choice}": ("{choice}", tuple(drift._CHOICES)),
}
"""Addresses of pages that stand for several acts, each of which needs its own operation."""
WITHOUT = {
    "POST /sign-in": "how a person shows who they are: a program has a token",
    "POST /sign-out": "ends the browser's own session: POST /me/sessions/end does it from elsewhere",
    "POST /welcome": "where a person chooses their password; the API hands out the link",
    "GET /": "leads on to a connection",
    "GET /connections/new": "a form; it shows nothing",
    "GET /errors/api": "explains the errors of the API itself, for anybody",
    "GET /errors/api/{kind}": "explains the errors of the API itself, for anybody",
    "GET /sign-in/provider": "a browser on its way to the company's own sign-in",
    "GET /sign-in/provider/callback": "a browser on its way back from it",
    "GET /welcome": "where a person chooses their password",
    "GET /welcome/{link}": "where a person chooses their password",
}
"""Addresses of pages without an operation, and why."""
WIDER = {
    "POST /c/{connection}/setup/match": "a step of the set-up; the same is open to mappers on the page of the mapping"
}
"""Forms that fewer people see than may do what they do, and why."""
OURS = re.compile(
    r"^(GET|POST) (/c/\{connection\}/|/connections|/people|/me(?:/|$)|/errors|/sign-in|/sign-out|/welcome|/$)"
)


def of_pages(world: World) -> Iterator[str]:
    """Method and address of every page and form; one for each act where an address stands for several."""
    for route in iter_route_contexts(create_application(world.app).routes):
        for method in sorted(set(getattr(route, "methods", None) or ()) - {"HEAD"}):
            path = str(route.path)
            named, acts = ACTS.get(path, ("", ("",)))
            for act in acts:
                one = f"{method} {path.replace(named, act) if named else path}"
                if OURS.match(one):
                    yield one


def table() -> dict[str, list[str]]:
    """The table of docs/api.md: what stands on the left, as pages are addressed, with the operations on the right."""
    rows = re.findall(r"^\| (`(?:GET|POST) [^|]+) \| ([^|]+) \|$", DOCUMENT, re.MULTILINE)
    told: dict[str, list[str]] = {}
    for page, operations in rows:
        key = page.strip("` ").replace("/c/…", "/c/{connection}")
        assert key not in told, key
        told[key] = [one.replace(" …", " /connections/{connection}") for one in re.findall(r"`([^`]+)`", operations)]
    return told


def test_every_form_and_every_page_has_an_operation_or_a_reason_to_have_none(world: World) -> None:
    pages, known, told = set(of_pages(world)), {f"{one.method} {one.path}" for one in OPERATIONS}, table()

    assert sorted(pages - set(told) - set(WITHOUT)) == []
    assert sorted((set(told) | set(WITHOUT)) - pages) == []
    assert sorted(one for some in told.values() for one in some if one not in known) == []
    assert all(operations for operations in told.values())
    assert [
        page for page, some in told.items() if page.startswith("POST") and not any("POST" in one for one in some)
    ] == []


def test_whoever_is_refused_on_the_page_is_refused_by_the_operation(world: World, calling: Calling) -> None:
    client = calling().client
    fields = {
        f"{method} {route.path}": [field.alias for field in route.dependant.body_params]
        for route in iter_route_contexts(create_application(world.app).routes)
        for method in (set(getattr(route, "methods", None) or ()) & {"POST"})
        if getattr(route, "dependant", None) is not None
    }
    compared = 0
    for role in (Role.VIEWER, Role.ACCOUNTANT, Role.MAPPER):
        person = signed_in(world.app, client, [Grant(connection_id=world.connection_id, role=role)])
        for page, operations in table().items():
            if not page.startswith("POST /c/") or page in WIDER:
                continue
            path = re.sub(r"\{[^}]+\}", "1", page.removeprefix("POST ").replace("{connection}", "demo"))
            own = next(names for one, names in fields.items() if _fits(one, page))
            form = {"csrf": forgery.token(person.secret)} | dict.fromkeys(own, "1")
            answer = client.post(path, data=form, headers=person.headers)
            if answer.status_code == 422 and "not understood" in answer.text:
                continue  # the form has fields in which only certain words may stand
            needed = [_operation(one).right for one in operations]
            assert (answer.status_code == 403) is not (needed[0] in RIGHTS[role]), (page, role, answer.status_code)
            compared += 1
    client.cookies.clear()
    assert compared > 130


def _fits(route: str, page: str) -> bool:
    pattern = re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(route))
    return re.fullmatch(pattern, page) is not None


def _operation(text: str) -> Operation:
    return next(one for one in OPERATIONS if f"{one.method} {one.path}" == text)


def test_whoever_may_only_look_has_nothing_asked_of_the_vendors() -> None:
    asking = [one for one in OPERATIONS if one.asks_vendors]
    assert asking
    assert [one.name for one in asking if one.right is Right.VIEW] == []


def test_lists_come_in_pages_and_say_where_the_next_begins() -> None:
    for one in OPERATIONS:
        origin = getattr(one.answer, "__origin__", None)
        assert origin not in {list, tuple}, one.name
        if origin is Page and not one.writes:
            assert one.query is not None, one.name
            assert {"limit", "cursor"} <= set(one.query.__struct_fields__) or "schedule" in one.path, one.name


def test_every_operation_is_described_completely() -> None:
    document = describe(OPERATIONS)
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            name = told["operationId"]
            assert told["summary"], name
            assert told["description"], name
            assert {"200", "401", "422", "429", "503"} <= set(told["responses"]), name
            assert ("403" in told["responses"]) or method == "get", name
            assert "404" in told["responses"] or "{" not in path, name
            content = [told["responses"]["200"]["content"]["application/json"]]
            content += [told["requestBody"]["content"]["application/json"]] if "requestBody" in told else []
            for media in content:
                _holds(media["schema"], media["example"], document, name)
            for one in told["parameters"]:
                assert one["in"] == "query" or "example" in one, name
                if "example" in one:
                    _holds(one["schema"], one["example"], document, name)
            for status, refusal in told["responses"].items():
                if status != "200":
                    media = refusal["content"][MEDIA]
                    for example in media["examples"].values():
                        _holds(media["schema"], example["value"], document, name)


def _holds(schema: dict[str, Any], example: Any, document: dict[str, Any], name: str) -> None:
    whole = schema | {"components": document["components"]}
    problems = [one.message for one in jsonschema.Draft202012Validator(whole).iter_errors(example)]
    assert problems == [], name


def test_the_example_of_a_body_is_one_the_operation_takes() -> None:
    document = describe(OPERATIONS)
    for one in OPERATIONS:
        if one.body is not None:
            told = document["paths"][f"/api/v1{one.path}"][one.method.lower()]
            msgspec.convert(told["requestBody"]["content"]["application/json"]["example"], one.body)


def test_the_page_of_each_error_is_there_for_anybody_and_the_document_names_it(calling: Calling) -> None:
    client = calling().client
    assert client.get("/errors/api").status_code == 200
    assert client.get("/errors/api/nonsense").status_code in {303, 404}
    for kind, about in ABOUT.items():
        page = client.get(f"/errors/api/{kind}")
        assert page.status_code == 200
        assert about.title in page.text
        assert re.search(rf"^\| {int(about.status)} \| `{kind}` \|", DOCUMENT, re.MULTILINE), kind
