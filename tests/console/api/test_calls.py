"""The API does what the console and the command line do, for whoever may, once for each key, with errors in words."""

from base64 import urlsafe_b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import delete

from ml_connector.console.api import OPERATIONS
from ml_connector.console.api.operation import Operation
from ml_connector.model.people import EVERY_CONNECTION, Right, Role
from ml_connector.store import audit, vendor_pairs
from ml_connector.store.schema import VendorState
from ml_connector.store.schema import vendor_pairs as vendor_table
from ml_connector.store.vendor_pairs import VendorPair
from ml_connector.work.review import Flow, set_review
from paperwork import invoice
from programs import Program, another_connection
from receiver import receiving
from world import World

Calling = Callable[..., Program]
HERE = "/connections/demo"


def hold(world: World, *numbers: str) -> None:
    """Documents of a supplier whom QuickBooks does not know."""
    for number in numbers:
        world.approve(invoice(number, supplier="V-0815", supplier_name="Nobody & Sons"))
    world.settle()


def test_documents_come_page_by_page_latest_first_with_what_they_became(world: World, calling: Calling) -> None:
    for number in range(7):
        world.approve(invoice(f"A-{number}"))
    world.settle()
    program, seen, cursor = calling(Role.VIEWER), list[dict[str, Any]](), ""
    while True:
        page = program.get(f"{HERE}/documents", limit=3, cursor=cursor).json()
        seen += page["items"]
        cursor = page["next"]
        if not cursor:
            break

    seen = [one["line"] for one in reversed(seen)]
    assert [one["invoice_number"] for one in seen] == [f"A-{number}" for number in range(7)]
    assert {one["state"] for one in seen} == {"confirmed"}
    assert seen[0]["total"] == 100
    assert seen[0]["transactions"][0]["id"] == world.only_transaction("A-0")[1]["Id"]
    assert program.get(f"{HERE}/documents", text="A-3").json()["items"][0]["line"] == seen[3]
    assert program.get(f"{HERE}/documents", state=["held", "returned"]).json()["items"] == []
    assert program.get(f"{HERE}/documents/A-3").json()["document"] == seen[3]


def test_a_cause_is_seen_fixed_and_its_documents_are_posted(world: World, calling: Calling) -> None:
    hold(world, "A-1", "A-2")
    viewer, mapper, accountant = (calling(role) for role in (Role.VIEWER, Role.MAPPER, Role.ACCOUNTANT))
    cause = viewer.get(f"{HERE}/causes").json()["items"][0]
    assert (cause["numbers"], cause["money"]) == ({"documents": 2}, {"USD": 200})
    assert "Nobody & Sons" in cause["cause"]["why"]

    vendor = next(iter(world.books().vendors))
    rule = {"dimension": "vendor", "code": "V-0815", "target": vendor, "note": "the same"}
    assert accountant.post(f"{HERE}/mapping/rules", rule).status_code == 403
    said = mapper.post(f"{HERE}/mapping/rules", rule).json()
    assert said["rule"]["target_id"] == vendor
    assert accountant.post(f"{HERE}/causes/{cause['card']}/retry", {}).status_code == 200
    world.settle()

    assert world.only_transaction("A-1")[1]["VendorRef"]["value"] == vendor
    assert viewer.get(f"{HERE}/causes").json()["items"] == []
    with world.database.read() as tx:
        actors = {one.actor for one in audit.listing(tx, world.connection_id, action="retry asked for")}
    assert [actor for actor in actors if "accountant" in actor] == list(actors)


def test_a_document_is_ignored_with_a_reason_and_without_one_nothing_happens(world: World, calling: Calling) -> None:
    hold(world, "A-1")
    program = calling(Role.ACCOUNTANT)

    for reason in ({}, {"reason": ""}, {"reason": "   "}, {"reason": "x", "more": 1}, {"reason": 7}):
        refused = program.post(f"{HERE}/documents/A-1/ignore", reason)
        assert refused.status_code == 422
        assert refused.headers["content-type"] == "application/problem+json"
        assert set(refused.json()) == {"type", "code", "title", "status", "detail", "what_to_do"}
    assert world.state("A-1") == "held"
    done = program.post(f"{HERE}/documents/A-1/ignore", {"reason": "paid in cash"})

    assert done.json()["document"]["state"] == "ignored"
    assert world.state("A-1") == "ignored"


def test_a_call_sent_again_with_its_key_is_answered_again_and_not_done_again(world: World, calling: Calling) -> None:
    program = calling(Role.ACCOUNTANT)
    first = program.post(f"{HERE}/jobs/invoices/pause", {"reason": "month-end"}, key="key-1")
    again = program.post(f"{HERE}/jobs/invoices/pause", {"reason": "month-end"}, key="key-1")

    assert (first.status_code, again.status_code) == (200, 200)
    assert again.content == first.content
    assert again.headers["idempotent-replayed"] == "true"
    other = program.post(f"{HERE}/jobs/invoices/pause", {"reason": "another"}, key="key-1")
    assert other.status_code == 422
    assert "Idempotency-Key" in other.json()["detail"]
    assert program.post(f"{HERE}/jobs/invoices/pause", {"reason": "month-end"}).status_code == 422
    stranger = calling(Role.ACCOUNTANT)
    assert stranger.post(f"{HERE}/jobs/invoices/resume", {}, key="key-1").status_code == 200


def test_the_key_of_a_call_that_did_nothing_may_be_used_again(world: World, calling: Calling) -> None:
    hold(world, "A-1")
    program = calling(Role.ACCOUNTANT)
    assert program.post(f"{HERE}/documents/A-2/retry", key="k").status_code == 404
    assert program.post(f"{HERE}/jobs/invoices/resume", {}, key="k").status_code == 422
    assert program.post(f"{HERE}/documents/A-1/retry", key="k").json() == {"asked": 1, "retried": 1}


def test_of_calls_at_once_with_one_key_one_is_done(world: World, calling: Calling) -> None:
    hold(world, "A-1")
    program = calling(Role.ACCOUNTANT)

    def send(_: int) -> int:
        return program.post(f"{HERE}/documents/A-1/ignore", {"reason": "once"}, key="same").status_code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(8)))

    assert set(answers) <= {200, 409}
    assert 200 in answers
    with world.database.read() as tx:
        assert len(audit.listing(tx, world.connection_id, action="ignored")) == 1


@pytest.mark.parametrize(
    ("headers", "content", "status"),
    [
        ({"Content-Type": "text/plain"}, b'{"reason": "x"}', 415),
        ({"Content-Type": "application/json"}, b"{", 400),
        ({"Content-Type": "application/json"}, b"[" * 100_000, 400),
        ({"Content-Type": "application/json"}, b'{"reason": "\\ud800"}', 400),
        ({"Content-Type": "application/json"}, b'{"reason": "' + b"x" * 5_000_000 + b'"}', 413),
        ({"Content-Type": "application/json", "Idempotency-Key": "a b"}, b'{"reason": "x"}', 422),
    ],
)
def test_what_cannot_be_read_is_told_so(
    world: World, calling: Calling, headers: dict[str, str], content: bytes, status: int
) -> None:
    program = calling(Role.ACCOUNTANT)
    own = {"Authorization": f"Bearer {program.token}"}

    refused = program.client.post(f"/api/v1{HERE}/pause", content=content, headers=own | headers)

    assert refused.status_code == status
    assert refused.json()["status"] == status


def _path(one: Operation) -> str:
    filled = one.path.replace("{connection}", "demo").replace("{number}", "1").replace("{job}", "invoices")
    return "/".join("x" if part.startswith("{") else part for part in filled.split("/"))


def test_every_operation_is_for_whoever_may_and_nobody_else(world: World, calling: Calling) -> None:
    def status(program: Program, one: Operation) -> int:
        if one.writes:
            return program.send(one.method, _path(one), {} if one.body else None).status_code
        return program.get(_path(one)).status_code

    nobody, stranger = calling(), calling(Role.ADMINISTRATOR, another_connection(world))
    may = {
        Role.VIEWER: {Right.VIEW}, Role.ACCOUNTANT: {Right.VIEW, Right.DECIDE}, Role.MAPPER: {Right.VIEW, Right.MAP},
    }  # fmt: skip
    programs = {role: calling(role) for role in may}
    for one in OPERATIONS:
        assert status(nobody, one) == 401, one.name
        if "{connection}" not in one.path:
            continue
        assert status(stranger, one) == 404, one.name
        for role, program in programs.items():
            assert (status(program, one) != 403) is (one.right in may[role]), (one.name, role)


def test_a_connection_one_may_not_know_of_looks_like_one_that_is_not_there(world: World, calling: Calling) -> None:
    stranger = calling(Role.ADMINISTRATOR, another_connection(world))

    unknown, hidden = stranger.get("/connections/nowhere/documents"), stranger.get(f"{HERE}/documents")

    assert (unknown.status_code, unknown.json()) == (hidden.status_code, hidden.json())
    assert [one["connection"] for one in stranger.get("/connections").json()["items"]] == ["another"]


def test_below_its_address_the_api_answers_in_its_own_form(calling: Calling) -> None:
    program = calling(Role.VIEWER)

    for answer, status in ((program.get("/nowhere"), 404), (program.post("/company-sign-in"), 405)):
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["title"]
    assert set(program.post("/company-sign-in").headers["allow"].split(", ")) == {"GET", "HEAD"}


def test_the_cookie_of_a_browser_does_not_count_in_the_api(world: World, calling: Calling) -> None:
    program = calling()
    program.client.cookies.set("ml_connector_session", "anything")
    assert program.get("/connections").status_code == 401


def test_a_cursor_of_somebody_elses_making_is_refused(calling: Calling) -> None:
    for cursor in ("x", "AAAA", "LTE", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5"):
        assert calling(Role.VIEWER).get(f"{HERE}/documents", cursor=cursor).status_code == 422
        assert calling(Role.VIEWER).get(f"{HERE}/vendors", cursor=cursor).status_code == 422
    for content in (
        b'["\xff","a"]',
        b'["a\xed\xa0\x80","a"]',
        b"[null,null]",
        b'["a"]',
        b'["a","b","c"]',
        b'{"a":1}',
        b"[1e999,2]",
    ):
        cursor = urlsafe_b64encode(content).decode().rstrip("=")
        assert calling(Role.VIEWER).get(f"{HERE}/vendors", cursor=cursor).status_code == 422, content
    nul = urlsafe_b64encode(b'["a\\u0000","b"]').decode().rstrip("=")
    assert calling(Role.VIEWER).get(f"{HERE}/vendors", cursor=nul).json() == {"items": [], "next": ""}


def test_a_list_goes_on_behind_the_last_item_had_whatever_is_gone_since(world: World, calling: Calling) -> None:
    pairs = [VendorPair(code=f"V-{one}", name=f"Firm {one}", state=VendorState.LINKED) for one in range(6)]
    with world.database.write() as tx:
        vendor_pairs.put_many(tx, world.connection_id, pairs, world.clock.now())
    program = calling(Role.VIEWER)
    for sort in ("name", "-changed", "code"):
        page = program.get(f"{HERE}/vendors", limit=2, sort=sort).json()
        had = [one["code"] for one in page["items"]]
        with world.database.write() as tx:
            tx.execute(delete(vendor_table).where(vendor_table.c.code == had[0]))
        rest = program.get(f"{HERE}/vendors", limit=200, sort=sort, cursor=page["next"]).json()
        assert sorted([*had, *(one["code"] for one in rest["items"])]) == [one.code for one in pairs], sort
        assert rest["next"] == ""
        with world.database.write() as tx:
            vendor_pairs.put_many(tx, world.connection_id, pairs, world.clock.now())
    by_name = program.get(f"{HERE}/vendors", limit=2).json()["next"]
    for list_, sort in (("vendors", "-changed"), ("vendors", "code"), ("payments", "-changed")):
        assert program.get(f"{HERE}/{list_}", sort=sort, cursor=by_name).status_code == 422


def test_the_mapping_goes_out_and_in_as_a_table_and_its_history_is_kept(world: World, calling: Calling) -> None:
    program = calling(Role.MAPPER)
    table = program.get(f"{HERE}/mapping/table").json()
    rules = program.get(f"{HERE}/mapping", dimension="account").json()["items"]
    assert rules
    checked = program.post(f"{HERE}/mapping/table", {"csv": table["csv"], "replace": True, "dry_run": True}).json()
    assert checked == {"version": table["version"], "rules": len(table["csv"].splitlines()) - 1, "dry_run": True}
    wrong = program.post(f"{HERE}/mapping/table", {"csv": "dimension,target\nnonsense,1\n"})
    assert wrong.status_code == 422
    assert "line 2" in wrong.json()["detail"]

    gone = {"dimension": "account", "code": rules[0]["code"]}
    assert program.post(f"{HERE}/mapping/rules/remove", gone).status_code == 200
    assert program.post(f"{HERE}/mapping/rules/remove", gone).status_code == 404
    history = program.get(f"{HERE}/mapping/history", limit=1).json()
    assert history["items"][0]["version"] == table["version"] + 1
    assert history["next"]
    of_code = program.get(f"{HERE}/mapping/history", text=gone["code"]).json()["items"]
    assert {one["what"] for version in of_code for one in version["changes"]} == {gone["code"]}
    assert program.get(f"{HERE}/mapping/history", text="nowhere").json()["items"] == []


def test_a_job_is_run_paused_and_seen(world: World, calling: Calling) -> None:
    program = calling(Role.ACCOUNTANT)
    assert program.post(f"{HERE}/jobs/changes/run", {}).json()["job"] == "changes"
    seen = {one["job"]: one for one in program.get(f"{HERE}/jobs").json()["items"]}
    assert "accountant" in seen["changes"]["asked_by"]
    assert program.post(f"{HERE}/jobs/nonsense/run", {}).status_code == 404
    assert program.get(f"{HERE}/schedule/preview", count=3, job="invoices").json()["items"][0]["job"] == "invoices"
    assert len(program.get(f"{HERE}/schedule/calendar", days=2).json()["items"]) == 2


def test_an_address_for_messages_is_taken_and_never_shown(
    world: World, calling: Calling, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = calling(Role.ADMINISTRATOR)
    with receiving() as receiver:
        monkeypatch.setattr(world.app.messenger, "_private", True)
        address = receiver.address.replace("json://", "json://user:geheim@")
        made = program.post(f"{HERE}/targets", {"address": address})
        assert made.status_code == 200
        assert program.post(f"{HERE}/targets/{made.json()['id']}/test").json()["done"] == "a trial was sent"
        assert len(receiver.taken) == 1
    assert "geheim" not in program.get(f"{HERE}/targets").text + made.text
    assert program.post(f"{HERE}/targets/{made.json()['id']}/remove").status_code == 200
    assert program.get(f"{HERE}/targets").json()["items"] == []


def test_people_are_added_and_given_roles_by_whoever_administers_everything(world: World, calling: Calling) -> None:
    program, lesser = calling(Role.ADMINISTRATOR, EVERY_CONNECTION), calling(Role.ADMINISTRATOR)
    person = {"login": "pat@example.com", "name": "Pat", "roles": [{"connection": "demo", "role": "viewer"}]}
    assert lesser.post("/people", person).status_code == 403

    made = program.post("/people", person).json()

    assert made["link"].startswith("/welcome/")
    given = program.post("/people/pat@example.com/roles/give", {"connection": "demo", "role": "mapper"}).json()
    assert {one["role"] for one in given["roles"]} == {"viewer", "mapper"}
    assert program.post("/people/pat@example.com/disable").json()["state"] == "disabled"
    assert program.get("/me").json()["rights"]["demo"] == ["administer", "decide", "map", "view"]
    assert calling(Role.VIEWER).get("/people/pat@example.com").status_code == 403


def test_a_proposed_document_is_posted_once_exactly_what_was_looked_at_is_released(
    world: World, calling: Calling
) -> None:
    set_review(world.desk(), Flow.INVOICES, on=True, actor="test")
    world.restart()
    world.approve(invoice("A-1"))
    world.settle()
    program = calling(Role.ACCOUNTANT)
    line = program.get(f"{HERE}/plan").json()["items"][0]
    assert world.posted("A-1") == []

    other = program.post(f"{HERE}/plan/release", {"proposals": {line["invoice_id"]: "something else"}}).json()
    assert other == {"released": [], "changed": [line["invoice_id"]], "before": []}
    done = program.post(f"{HERE}/plan/release", {"proposals": {line["invoice_id"]: line["proposal"]}}).json()
    world.settle()

    assert done["released"] == [line["invoice_id"]]
    world.only_transaction("A-1")


def test_the_mapping_goes_back_to_a_version_and_versions_are_compared(world: World, calling: Calling) -> None:
    program = calling(Role.MAPPER)
    before = program.get(f"{HERE}/mapping").json()
    code = next(one for one in before["items"] if one["dimension"] == "account" and one["code"])["code"]
    program.post(f"{HERE}/mapping/rules/remove", {"dimension": "account", "code": code})
    now = program.get(f"{HERE}/mapping").json()["version"]

    changes = program.get(f"{HERE}/mapping/compare", older=before["version"], newer=now).json()["items"]
    assert [(one["before"]["code"], one["after"]) for one in changes] == [(code, None)]
    assert program.post(f"{HERE}/mapping/restore", {"version": now + 9, "reason": "x"}).status_code == 422
    program.post(f"{HERE}/mapping/restore", {"version": before["version"], "reason": "a slip"})

    assert sorted(one["id"] for one in program.get(f"{HERE}/mapping").json()["items"]) == sorted(
        one["id"] for one in before["items"]
    )


def test_settings_are_saved_all_or_none_by_whoever_administers(world: World, calling: Calling) -> None:
    program = calling(Role.ADMINISTRATOR)
    wrong = {"settings": {"messages.causes": "no", "messages.digest_at": "99:99"}, "reason": "quieter"}
    assert program.post(f"{HERE}/settings", wrong).status_code == 422
    assert program.get(f"{HERE}/settings").json()["messages"]["causes"] is True

    saved = program.post(f"{HERE}/settings", {"settings": {"messages.digest_at": "08:15"}, "reason": "later"})

    assert saved.json()["settings"] == ["messages.digest_at"]
    late = {"settings": {"messages.digest_at": "09:15"}, "reason": "later", "seen": {"messages.digest_at": "07:00"}}
    assert "somebody saved “08:15”" in program.post(f"{HERE}/settings", late).json()["detail"]
    late["seen"] = {"messages.digest_at": "08:15"}
    assert program.post(f"{HERE}/settings", late).json()["changed"] is True
    program.post(f"{HERE}/settings", {"settings": {"messages.digest_at": "08:15"}, "reason": "back"})
    assert program.get(f"{HERE}/settings").json()["messages"]["digest_at"] == "08:15"
    assert program.post(f"{HERE}/review", {"flow": "invoices", "on": True}).status_code == 200
    assert program.get(f"{HERE}/settings").json()["review"]["invoices"] is True
    assert program.get(f"{HERE}/today").json()["sentence"]


def test_a_link_that_lets_somebody_in_is_told_once_and_kept_nowhere(world: World, calling: Calling) -> None:
    program = calling(Role.ADMINISTRATOR, EVERY_CONNECTION)
    person = {"login": "pat@example.com", "name": "Pat", "roles": [{"connection": "demo", "role": "viewer"}]}

    first, again = program.post("/people", person, key="key-1"), program.post("/people", person, key="key-1")

    assert first.json()["link"].startswith("/welcome/")
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json() == first.json() | {"link": ""}


def test_a_key_is_one_tokens_own(world: World, calling: Calling) -> None:
    one, other = calling(Role.ACCOUNTANT), calling(Role.ACCOUNTANT)
    paused = {"reason": "month-end"}
    assert one.post(f"{HERE}/jobs/invoices/pause", paused, key="key-1").status_code == 200
    assert "idempotent-replayed" not in other.post(f"{HERE}/jobs/invoices/pause", paused, key="key-1").headers
