"""People, secrets, sign-in, webhooks and causes through the API: the same as on the pages, and no secret is told."""

from collections.abc import Callable

import pytest

from ml_connector.app.messenger import Messenger
from ml_connector.model.holds import Cause
from ml_connector.model.people import EVERY_CONNECTION, Role
from ml_connector.store import alerts, audit, secrets
from ml_connector.store.schema import Severity
from paperwork import invoice
from programs import Program
from receiver import receiving
from visits import signed_in
from world import World

Calling = Callable[..., Program]
HERE = "/connections/demo"
PUBLIC = "https://connector.example.com"


@pytest.fixture
def boss(world: World, calling: Calling) -> Program:
    world.app.public_url = PUBLIC
    return calling(Role.ADMINISTRATOR, EVERY_CONNECTION)


def test_secrets_go_in_and_are_told_nowhere(world: World, boss: Program) -> None:
    wrong = boss.post(f"{HERE}/secrets", {"secrets": {"basware.nonsense": "geheim-1"}})
    assert wrong.status_code == 422
    assert "geheim-1" not in wrong.text
    said = boss.post(
        f"{HERE}/secrets", {"secrets": {"basware.client_secret": "geheim-2", "basware.user": ""}, "reason": "x"}
    )
    assert said.json() == {"replaced": ["basware.client_secret"]}

    shown = {one["field"]: one["stored"] for one in boss.get(f"{HERE}/secrets", limit=50).json()["items"]}
    assert (shown["basware.client_secret"], shown["basware.user"]) == (True, False)
    with world.database.read() as tx:
        kept = secrets.get(tx, world.app.vault, world.connection_id, "basware.client_secret")
        noted = str(audit.listing(tx, world.connection_id))
    assert kept is not None
    assert kept.reveal() == "geheim-2"
    assert "geheim-2" not in noted + said.text + boss.get(f"{HERE}/settings").text + boss.get(f"{HERE}/audit").text


def test_the_sign_in_is_seen_linked_and_given_back(world: World, boss: Program) -> None:
    assert boss.get(f"{HERE}/sign-in").json()["signed_in"] is True
    first, again = boss.post(f"{HERE}/sign-in/link", key="k"), boss.post(f"{HERE}/sign-in/link", key="k")
    assert first.json()["link"].startswith(f"{PUBLIC}/connect/quickbooks/")
    assert again.json() == first.json() | {"link": ""}
    last = boss.get(f"{HERE}/sign-in").json()["last_link"]
    assert last["state"] == "not followed yet"
    assert "token" in last["asked_by"]
    world.clock.advance(31 * 60)
    assert boss.get(f"{HERE}/sign-in").json()["last_link"]["state"] == "expired"

    assert boss.post(f"{HERE}/disconnect", {"reason": " "}).status_code == 422
    gone = boss.post(f"{HERE}/disconnect", {"reason": "sold"}).json()
    assert gone["connection"]["card"]["status"] == "disconnected"
    assert boss.get(f"{HERE}/sign-in").json()["signed_in"] is False
    refused = boss.post(f"{HERE}/mapping/refresh")
    assert (refused.status_code, refused.json()["code"]) == (409, "sign-in-needed")
    assert refused.json()["type"] == f"{PUBLIC}/errors/api/sign-in-needed"


def test_what_to_enter_at_intuit_is_told_and_its_token_stored_for_what_one_administers(
    world: World, boss: Program, calling: Calling
) -> None:
    told = boss.get(f"{HERE}/webhooks/quickbooks").json()
    assert (told["endpoint"], told["verifier"]) == (f"{PUBLIC}/webhooks/quickbooks", False)
    stored = boss.post(f"{HERE}/webhooks/quickbooks/verifier", {"verifier_token": "verifier-geheim"})
    assert stored.json() == {"connections": ["demo"]}
    assert boss.post(f"{HERE}/webhooks/quickbooks/verifier", {"verifier_token": "verifier-other"}).status_code == 200
    assert boss.get(f"{HERE}/webhooks/quickbooks").json()["old_verifier"] is True
    assert boss.post(f"{HERE}/webhooks/quickbooks/verifier/drop-former").json() == {"dropped": True}
    assert "verifier-" not in boss.get(f"{HERE}/webhooks/quickbooks").text + boss.get(f"{HERE}/audit").text
    missing = boss.get(f"{HERE}/webhooks/basware").json()["items"]
    assert {one["state"] for one in missing} == {"missing"}
    assert calling(Role.ACCOUNTANT).post(f"{HERE}/webhooks/basware/subscribe", {}).status_code == 403


def test_an_administrator_of_one_connection_touches_no_other_of_the_same_intuit_app(
    world: World, boss: Program, calling: Calling
) -> None:
    other = boss.post("/connections", {"name": "other", "company_codes": ["ZZ"]})
    assert other.status_code == 200
    own = boss.get(f"{HERE}/settings").json()
    same = {f"{system}.base_url": own[system]["base_url"] for system in ("quickbooks", "basware")}
    assert boss.post("/connections/other/settings", {"settings": same, "reason": "x"}).json()["changed"] is True
    row = world.app.connection("other")
    with world.database.write() as tx:
        for field in ("quickbooks.client_id", "quickbooks.client_secret", "basware.client_id", "basware.client_secret"):
            known = secrets.get(tx, world.app.vault, world.connection_id, field)
            assert known is not None
            secrets.put(tx, world.app.vault, row.id, field, known.reveal(), world.clock.now())
    mine = calling(Role.ADMINISTRATOR)

    assert mine.post(f"{HERE}/webhooks/quickbooks/verifier", {"verifier_token": "a"}).json() == {
        "connections": ["demo"]
    }
    refused = mine.post(f"{HERE}/webhooks/basware/subscribe", {})
    assert refused.status_code == 422
    assert "other" not in refused.json()["detail"].lower().replace("other connections", "")
    both = boss.post(f"{HERE}/webhooks/quickbooks/verifier", {"verifier_token": "b"}).json()
    assert set(both["connections"]) == {"demo", "other"}


def test_people_are_invited_get_new_passwords_and_lose_sessions_and_tokens(world: World, boss: Program) -> None:
    invited = boss.post(
        "/people", {"login": "pat@example.com", "roles": [{"connection": "demo", "role": "accountant"}]}
    ).json()
    assert invited["link"].startswith("/welcome/")
    first, again = (boss.post("/people/pat@example.com/reset", key="k") for _ in range(2))
    assert first.json()["link"] != invited["link"]
    assert again.json() == first.json() | {"link": ""}
    assert boss.get("/people/pat@example.com/sessions").json()["items"] == []
    assert boss.get("/people-history", login="pat@example.com").json()["items"][0]["action"] == "password reset"
    assert boss.post("/people/pat@example.com/tokens/987654/revoke").status_code == 404
    assert boss.post("/people/nobody@example.com/reset").status_code == 404


def test_oneself_is_looked_after_through_a_program(world: World, boss: Program, calling: Calling) -> None:
    program = calling(Role.ACCOUNTANT)
    login = program.get("/me").json()["actor"].partition(" ")[0]
    visit = signed_in(world.app, program.client, [])
    program.client.cookies.clear()
    assert boss.get(f"/people/{visit.login}/sessions").json()["items"][0]["means"] == "password"
    assert boss.post(f"/people/{visit.login}/sessions/end").json() == {"ended": 1}
    assert program.post("/me/sessions/end", {"session": 1}).status_code == 404
    assert program.post("/me/sessions/end", {}).json() == {"ended": 0}
    refused = program.post("/me/password", {"current": "wrong", "new": "several words in a row"})
    assert refused.status_code == 422
    assert login in boss.get("/people").text


def test_a_cause_is_looked_at_with_what_it_holds_and_part_of_it_goes_again(world: World, calling: Calling) -> None:
    for number in ("A-1", "A-2"):
        world.approve(invoice(number, supplier="V-0815", supplier_name="Nobody & Sons"))
    world.settle()
    program = calling(Role.ACCOUNTANT)
    card = program.get(f"{HERE}/causes").json()["items"][0]["card"]

    seen = program.get(f"{HERE}/causes/{card}").json()

    assert {one["held"]["number"] for one in seen["items"]} == {"A-1", "A-2"}
    assert seen["codes"][0]["code"] == "V-0815"
    assert {"act": "reject", "right": "decide"} in seen["acts"]
    assert seen["explained"].endswith("/errors/vendor-unknown")
    assert program.get("/errors/vendor-unknown").json()["text"].startswith("#")
    assert program.get("/errors/nonsense").status_code == 404
    keys = [one["held"]["key"] for one in seen["items"][:1]]
    told = program.post(f"{HERE}/causes/{card}/ignore", {"reason": "paid in cash", "keys": keys}).json()["told"]
    assert told.startswith("1 of them")
    assert sorted(world.state(number) for number in ("A-1", "A-2")) == ["held", "ignored"]
    assert program.get(f"{HERE}/causes/nothing").status_code == 404


def test_what_changed_is_shown_without_bank_details(world: World, calling: Calling) -> None:
    with world.database.write() as tx:
        audit.record(
            tx, world.connection_id, at=world.clock.now(), actor="kim", action="x", subject="v", before="",
            after='{"bankAccountNumber": "DE12500105170648489890"}',
        )  # fmt: skip
    assert "DE12500105170648489890" not in calling(Role.VIEWER).get(f"{HERE}/audit").text


def test_all_that_was_looked_at_is_released_and_nothing_once_it_has_changed(world: World, calling: Calling) -> None:
    program, boss = calling(Role.ACCOUNTANT), calling(Role.ADMINISTRATOR)
    assert boss.post(f"{HERE}/review", {"flow": "invoices", "on": True}).status_code == 200
    world.restart()
    world.approve(invoice("A-1"))
    world.settle()
    seen = program.get(f"{HERE}/plan/waiting").json()
    assert seen["documents"] == 1
    world.approve(invoice("A-2"))
    world.settle()

    assert program.post(f"{HERE}/plan/release-all", {"seen": seen["seen"]}).status_code == 422
    fresh = program.get(f"{HERE}/plan/waiting", text="A-1").json()["seen"]
    done = program.post(f"{HERE}/plan/release-all", {"seen": fresh, "text": "A-1"}).json()
    assert len(done["released"]) == 1
    world.settle()
    assert world.only_transaction("A-1")


def test_what_is_in_the_way_is_not_named_to_whoever_may_not_know_of_it(
    world: World, boss: Program, calling: Calling
) -> None:
    boss.post("/connections", {"name": "hidden", "company_codes": ["ZZ"]})
    own = boss.get(f"{HERE}/settings").json()["basware"]
    same = {"settings": {"basware.base_url": own["base_url"]}, "reason": "x"}
    assert boss.post("/connections/hidden/settings", same).status_code == 200
    keys = {"basware.client_id": "demo-basware-client", "basware.client_secret": "demo-basware-secret"}
    assert boss.post("/connections/hidden/secrets", {"secrets": keys}).status_code == 200
    taken = {"settings": {"basware.company_codes": "US10, ZZ"}, "reason": "x"}

    refused, told = (one.post(f"{HERE}/settings", taken) for one in (calling(Role.ADMINISTRATOR), boss))

    assert (refused.status_code, told.status_code) == (422, 422)
    assert "Another connection already takes over" in refused.json()["detail"]
    assert "hidden" not in refused.text
    assert "The connection hidden already takes over" in told.json()["detail"]


def test_what_there_is_to_choose_and_to_go_wrong_is_told_to_programs(world: World, boss: Program) -> None:
    described = boss.get(f"{HERE}/settings/described", text="posting_date").json()["items"]
    date = next(one for one in described if one["name"] == "policy.posting_date")
    assert (date["value"], date["changed"]) == (world.desk().policy.posting_date.value, False)
    assert {"invoice date", "voucher date"} <= set(date["choices"])

    causes = boss.get("/errors", limit=200).json()["items"]
    assert {one["cause"] for one in causes} == {cause.value for cause in Cause}
    assert boss.get("/company-sign-in").json()["issuer"] == "", "none is set"


def test_messages_that_went_out_are_listed(world: World, boss: Program) -> None:
    with receiving() as receiver:
        world.app.messenger = Messenger(private=True)
        assert boss.post(f"{HERE}/targets", {"address": receiver.address}).status_code == 200
        with world.database.write() as tx:
            alerts.raise_(
                tx, world.connection_id, kind="sign-in", subject="", message="Sign in again.", severity=Severity.ERROR,
                now=world.clock.now(),
            )  # fmt: skip
        world.app.courier().look()
        assert len(receiver.taken) == 1

    (message,) = boss.get(f"{HERE}/messages").json()["items"]
    assert (message["state"], "Sign in again." in message["body"]) == ("sent", True)
