"""Every address the application has, as nobody and as somebody of another company: whatever screen is added later is tried too."""

import re
from collections.abc import Iterator

import httpx2
import pytest
from fastapi.routing import iter_route_contexts

from ml_connector.app import App
from ml_connector.console import forgery
from ml_connector.console.application import create_application
from ml_connector.model.people import Role
from ml_connector.store import people
from ml_connector.store.database import Database
from ml_connector.work.people import tokens
from ml_connector.work.people.identity import operator
from ml_connector.work.settings import BaswareSettings, ConnectionFile, ConnectionSettings
from page_addresses import addresses
from visits import Visit, VisitAs
from world import World, build_world

FOR_ANYBODY = {
    "/healthz": "says nothing but that the process runs",
    "/readyz": "says nothing but that the database can be used",
    "/sign-in": "where people show who they are",
    "/sign-in/provider": "where people show who they are",
    "/sign-in/provider/callback": "with a state and its own browser's cookie",
    "/welcome": "with the secret of a link",
    "/welcome/{link}": "with the secret of a link",
    "/webhooks/quickbooks": "signed by Intuit",
    "/webhooks/basware": "signed by Basware",
    "/connect/quickbooks/callback": "with a state and its own browser's cookie",
    "/connect/quickbooks/{ticket}": "with the secret of a link",
    "/connect/done": "what became of that, in words",
    "/static/{digest}/{name:path}": "stylesheets and scripts",
    "/errors/api": "tells what errors of the interface mean, the same for every installation",
    "/errors/api/{kind}": "tells what errors of the interface mean, the same for every installation",
    "/api/v1/openapi.json": "describes the interface, the same for every installation",
}
"""Why each of these needs no sign-in. Everything else does."""

UNKNOWN = "nosuch"
NOT_UNDERSTOOD = {"error": "the request is not understood"}
"""The same for everybody and for every connection: a parameter of the query is missing."""
CHANGES = {"POST", "PUT", "PATCH", "DELETE"}


@pytest.fixture
def world(database: Database) -> World:
    return build_world(database, company="empty", mapping=False)


@pytest.fixture
def stranger(world: World, visit: VisitAs) -> Visit:
    """Administrator of another company's connection in the same installation."""
    settings = ConnectionSettings(basware=BaswareSettings(company_codes=("ZZ",)))
    other = world.app.add_connection(ConnectionFile(name="other", settings=settings, secrets={}), {})
    return visit(world, Role.ADMINISTRATOR, elsewhere=other.id)


def changing(app: App) -> Iterator[tuple[str, str, list[str]]]:
    """Method, path and the names of what is sent of each route that changes something."""
    for route in iter_route_contexts(create_application(app).routes):
        dependant = getattr(route, "dependant", None)
        for method in sorted(set(getattr(route, "methods", None) or ()) & CHANGES):
            if dependant is not None and route.path is not None:
                yield method, route.path, [field.alias for field in dependant.body_params]


def filled(path: str, connection: str) -> str:
    """The path with values for its parameters: of a connection, and of things inside it that need not exist."""
    named = path.replace("{connection}", connection).replace("{connection:path}", connection)
    return re.sub(r"\{[^}]+\}", "1", named)


def asked(visit: Visit, method: str, path: str, fields: list[str], token: str = "") -> httpx2.Response:
    """The request as a page of ours, or a program with a token, would send it, with something in each field."""
    sent = dict.fromkeys(fields, "1")
    if token:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"{method} {path}"}
        return visit.client.request(method, path, headers=headers, json=sent if method in CHANGES else None)
    return visit.post(path, **sent) if method in CHANGES else visit.get(path)


def test_there_are_addresses_to_try(world: World) -> None:
    known = set(addresses(world.app))

    assert ("POST", "/people/{person}/roles") in known
    assert ("GET", "/healthz") in known
    assert {path for _, path in known} >= set(FOR_ANYBODY)


def test_nobody_sees_or_changes_anything_without_a_sign_in(world: World, visit: VisitAs) -> None:
    nobody = visit(world)
    nobody.client.cookies.clear()
    for method, path in addresses(world.app):
        if path in FOR_ANYBODY:
            continue
        answer = nobody.client.request(method, filled(path, "demo"), headers=nobody.headers)
        to_form = answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")
        told_nothing = answer.status_code == 422 and answer.json() == NOT_UNDERSTOOD
        assert to_form or told_nothing or answer.status_code in {401, 403, 404}, (
            f"{method} {path}: {answer.status_code}"
        )
        assert "demo" not in answer.text.replace(filled(path, "demo"), ""), f"{method} {path}"
        assert world.connection_id not in answer.text, f"{method} {path}"


def test_nothing_is_changed_by_another_site_in_the_name_of_who_is_signed_in(world: World, visit: VisitAs) -> None:
    boss = visit(world, Role.ADMINISTRATOR, everywhere=True)
    for method, path in addresses(world.app):
        if method not in CHANGES or path.startswith(("/api/", "/webhooks/")):
            continue
        target, good = filled(path, "demo"), {"X-CSRF-Token": forgery.token(boss.secret)}
        for headers in ({}, {"Sec-Fetch-Site": "same-origin"}, good | {"Sec-Fetch-Site": "cross-site"}):
            answer = boss.client.request(method, target, headers=headers)
            assert answer.status_code in {403, 422}, f"{method} {path}: {answer.status_code}"
            assert answer.status_code == 403 or "not understood" in answer.text, f"{method} {path}"


def test_a_cookie_is_nothing_to_the_api(world: World, visit: VisitAs) -> None:
    boss = visit(world, Role.ADMINISTRATOR, everywhere=True)
    for method, path in addresses(world.app):
        if path.startswith("/api/") and "openapi" not in path:
            answer = boss.client.request(method, filled(path, "demo"), headers=boss.headers)
            assert answer.status_code == 401, f"{method} {path}: {answer.status_code}"


def test_another_companys_connection_is_like_one_that_does_not_exist(world: World, stranger: Visit) -> None:
    """Each address in a connection answers somebody of another company with the bytes it has for a name that is nobody's."""
    token = _token(world, stranger)
    known = {(method, path): fields for method, path, fields in changing(world.app)}
    for method, path in addresses(world.app):
        if "{connection}" not in path:
            continue
        used, fields = token if path.startswith("/api/") else "", known.get((method, path), [])
        theirs = asked(stranger, method, filled(path, "demo"), fields, used)
        nobodys = asked(stranger, method, filled(path, UNKNOWN), fields, used)
        assert theirs.status_code in {404, 422}, f"{method} {path}: {theirs.status_code}"
        assert theirs.status_code == nobodys.status_code, f"{method} {path}"
        assert theirs.text.replace("/demo", f"/{UNKNOWN}") == nobodys.text, f"{method} {path}"
        assert theirs.headers.get("set-cookie") == nobodys.headers.get("set-cookie"), f"{method} {path}"


def test_a_viewer_changes_nothing_in_a_connection(world: World, visit: VisitAs) -> None:
    """Every address that changes something, with something in each field: whoever may only look is refused by the server."""
    viewer = visit(world, Role.VIEWER)
    token = _token(world, viewer, Role.VIEWER)
    tried = dict[str, int]()
    for method, path, fields in changing(world.app):
        if "{connection}" not in path:
            continue
        target = filled(path, "demo")
        answer = asked(viewer, method, target, fields, token if path.startswith("/api/") else "")
        tried[f"{method} {path}"] = answer.status_code
    assert {call: status for call, status in tried.items() if status not in {403, 404, 422}} == {}
    refused = [call for call, status in tried.items() if status == 403]
    assert len(refused) > len(tried) / 2, tried  # the others ask for what these values cannot be


def _token(world: World, person: Visit, role: Role = Role.ADMINISTRATOR) -> str:
    identity = world.app.identity
    owner = tokens.owner_of(identity, person.login, by=operator("the test"))
    with world.database.read() as tx:
        (place,) = people.roles_of(tx, owner.id)
    made = tokens.make(identity, owner, name="x", connection_id=place, role=role, days=1, by=operator("the test"))
    return made.secret
