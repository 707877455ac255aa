"""What a token may and may not: its person's rights at most, its own connection, its own life, and nothing for whoever guesses."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from ml_connector.model.people import EVERY_CONNECTION, Role
from ml_connector.store import people
from ml_connector.work.people import directory, tries
from ml_connector.work.people.directory import Grant
from ml_connector.work.people.identity import operator
from ml_connector.work.people.tokens import make, visitor_of_token
from programs import Program, another_connection, token_for
from world import World

Calling = Callable[..., Program]
HERE = "/connections/demo"
BY = operator("the test")


def with_token(program: Program, secret: str) -> Program:
    return Program(program.client, secret)


def login_of(program: Program) -> str:
    return str(program.get("/me").json()["actor"]).partition(" ")[0]


def another_token(world: World, program: Program, role: Role, place: str, days: int = 30) -> Program:
    """A further token of the same person, as they would make it themselves."""
    with world.database.read() as tx:
        owner = people.by_login(tx, login_of(program))
    assert owner is not None
    secret = make(world.app.identity, owner, name="other", connection_id=place, role=role, days=days, by=BY).secret
    return with_token(program, secret)


def test_a_token_that_reads_changes_nothing_not_even_its_persons_own_things(world: World, calling: Calling) -> None:
    boss = calling(Role.ADMINISTRATOR, EVERY_CONNECTION)
    reader = another_token(world, boss, Role.VIEWER, EVERY_CONNECTION)
    assert reader.get("/me").status_code == 200
    assert reader.get(f"{HERE}/documents").status_code == 200

    number = reader.get("/me/tokens").json()["items"][0]["token"]
    for path, body in (
        ("/me/tokens", {"name": "more", "connection": "*", "role": "administrator", "days": 1}),
        ("/me/sessions/end", {}),
        ("/me/password", {"current": "x", "new": "several words in a row"}),
        (f"/me/tokens/{number}/revoke", None),
        ("/connections", {"name": "mine", "company_codes": ["Z"]}),
        ("/people", {"login": "x@example.com"}),
        (f"{HERE}/pause", {"reason": "x"}),
    ):
        refused = reader.post(path, body)
        assert (refused.status_code, refused.json()["code"]) == (403, "not-allowed"), path
    assert boss.get("/me").status_code == 200


def test_a_token_asked_for_with_a_token_is_never_more_lives_no_longer_and_is_revoked_with_it(
    world: World, calling: Calling
) -> None:
    boss = calling(Role.ADMINISTRATOR, EVERY_CONNECTION)
    mapper = another_token(world, boss, Role.MAPPER, world.connection_id, days=10)
    wanted = {"name": "helper", "connection": "demo", "role": "mapper", "days": 5}

    for more in ({"role": "accountant"}, {"role": "administrator"}, {"connection": "*"}, {"days": 11}):
        assert mapper.post("/me/tokens", wanted | more).status_code == 422, more
    made = mapper.post("/me/tokens", wanted).json()
    helper = with_token(boss, made["secret"])
    assert helper.get(f"{HERE}/mapping").status_code == 200
    assert made["secret"] not in helper.get("/me/tokens").text

    parent = next(one for one in boss.get("/me/tokens").json()["items"] if one["begins"] == mapper.token[:10])
    assert boss.post(f"/me/tokens/{parent['token']}/revoke").status_code == 200
    assert [one.get("/me").status_code for one in (mapper, helper, boss)] == [401, 401, 200]


@pytest.mark.parametrize("act", ["reset", "disable"])
def test_a_reset_after_a_theft_ends_every_token_and_those_that_programs_asked_for_with_them(
    world: World, calling: Calling, act: str
) -> None:
    boss, stolen = (calling(Role.ADMINISTRATOR, EVERY_CONNECTION) for _ in range(2))
    identity = world.app.identity
    with world.database.read() as tx:
        thief, victim = (people.by_login(tx, login_of(one)) for one in (stolen, boss))
    assert thief is not None
    assert victim is not None
    by = visitor_of_token(identity, stolen.token)
    assert by is not None
    planted = make(identity, victim, name="quiet", connection_id=EVERY_CONNECTION, role=Role.VIEWER, days=9, by=by)
    assert with_token(boss, planted.secret).get("/me").status_code == 200

    assert boss.post(f"/people/{thief.login}/{act}").status_code == 200

    told = [one.get("/me").status_code for one in (stolen, with_token(boss, planted.secret), boss)]
    assert told == [401, 401, 200]
    with world.database.read() as tx:
        actions = [one.action for one in people.notes(tx, limit=3)]
    assert actions.count("token revoked") == 2


def test_a_made_token_is_told_once_and_kept_nowhere(world: World, calling: Calling) -> None:
    boss = calling(Role.ADMINISTRATOR, EVERY_CONNECTION)
    wanted = {"name": "x", "connection": "demo", "role": "viewer", "days": 5}

    first, again = boss.post("/me/tokens", wanted, key="k"), boss.post("/me/tokens", wanted, key="k")

    assert first.json()["secret"].startswith("mlc_")
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json() == first.json() | {"secret": ""}
    with world.database.read() as tx:
        stored = str(
            [tx.exec_driver_sql(f"select * from {table}").all() for table in ("idempotency_keys", "people_audit")]
        )
    assert first.json()["secret"] not in stored


def test_a_token_for_one_connection_learns_nothing_of_another(world: World, calling: Calling) -> None:
    boss = calling(Role.ADMINISTRATOR, EVERY_CONNECTION)
    elsewhere = another_token(world, boss, Role.ADMINISTRATOR, another_connection(world, "second"))
    here = another_token(world, boss, Role.ADMINISTRATOR, world.connection_id)

    assert [one["connection"] for one in here.get("/connections").json()["items"]] == ["demo"]
    hidden, unknown = here.get("/connections/second/card"), here.get("/connections/nowhere/card")
    assert (hidden.status_code, hidden.json()) == (404, unknown.json())
    assert "second" not in here.get("/me/tokens").text + here.get("/me").text
    theirs = next(one for one in boss.get("/me/tokens").json()["items"] if one["begins"] == elsewhere.token[:10])
    refused = here.post(f"/me/tokens/{theirs['token']}/revoke")
    assert refused.status_code == here.post("/me/tokens/987654/revoke").status_code == 422
    assert (
        refused.json()["detail"].replace(str(theirs["token"]), "987654")
        == here.post("/me/tokens/987654/revoke").json()["detail"]
    )
    assert elsewhere.get("/me").status_code == 200
    made = {"name": "x", "connection": "second", "role": "viewer", "days": 1}
    assert here.post("/me/tokens", made).status_code == 404


def test_a_token_loses_what_its_person_loses_and_ends_by_itself(world: World, calling: Calling) -> None:
    program, identity = calling(Role.ACCOUNTANT), world.app.identity
    login, grant = login_of(program), Grant(connection_id=world.connection_id, role=Role.ACCOUNTANT)
    assert program.post(f"{HERE}/pause", {"reason": "x"}).status_code == 200

    directory.give(identity, login, Grant(connection_id=world.connection_id, role=Role.VIEWER), by=BY)
    directory.take(identity, login, grant, by=BY)
    assert program.post(f"{HERE}/resume", {}).status_code == 403
    directory.give(identity, login, grant, by=BY)
    assert program.post(f"{HERE}/resume", {}).status_code == 200
    world.clock.advance(timedelta(days=30).total_seconds())
    assert program.get("/me").status_code == 401


def test_whoever_guesses_tokens_has_to_wait_and_nobody_else_does(world: World, calling: Calling) -> None:
    program, guessing = calling(Role.VIEWER), calling()
    answers = [with_token(guessing, f"mlc_{number}").get("/me") for number in range(tries.FREE_TOKENS + 1)]

    assert [one.status_code for one in answers] == [401] * (tries.FREE_TOKENS - 1) + [429] * 2
    assert answers[-1].json()["code"] == "too-many-tries"
    assert 0 < int(answers[-1].headers["retry-after"]) <= 10
    assert program.get("/me").status_code == 200
    assert guessing.get("/me").status_code == 401
    assert guessing.client.get("/metrics", headers={"Authorization": "Bearer mlc_x"}).status_code == 429
    world.clock.advance(11)
    assert with_token(guessing, "mlc_x").get("/me").json()["code"] == "too-many-tries"
    with world.database.read() as tx:
        assert [one.action for one in people.notes(tx, limit=5)].count("wrong tokens") == 1


def test_what_was_sent_cannot_be_tried_out_on_what_is_kept_of_it(world: World, calling: Calling) -> None:
    """Bodies may hold secrets: two people who send the same one leave different traces, and none is a plain hash."""
    sent = {"secrets": {"basware.client_secret": "winter"}, "reason": "rotated"}
    for program in (calling(Role.ADMINISTRATOR), calling(Role.ADMINISTRATOR)):
        assert program.post(f"{HERE}/secrets", sent, key="k").json() == {"replaced": ["basware.client_secret"]}

    with world.database.read() as tx:
        hashes = {row[0] for row in tx.exec_driver_sql("select request_hash from idempotency_keys").all()}
        stored = str(tx.exec_driver_sql("select * from idempotency_keys").all())
        noted = str(tx.exec_driver_sql("select * from audit").all())
    assert len(hashes) == 2
    assert "winter" not in stored + noted


@pytest.mark.parametrize("role", [Role.ACCOUNTANT, Role.ADMINISTRATOR])
def test_a_token_is_no_way_into_what_is_of_no_one_connection(world: World, calling: Calling, role: Role) -> None:
    program = calling(role)
    for method, path, body in (
        ("GET", "/people-history", None),
        ("GET", "/company-sign-in", None),
        ("POST", "/connections", {"name": "mine", "company_codes": ["Z"]}),
        ("POST", "/people", {"login": "x@example.com"}),
        ("GET", "/people/x@example.com/tokens", None),
    ):
        assert program.send(method, path, body).status_code == 403, path
    assert token_for(world.app, role).startswith("mlc_")
