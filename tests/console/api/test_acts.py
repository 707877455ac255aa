"""What people do every day, done by a program: documents, changes afterwards, vendors, orders, rules, webhooks, people. What comes
of it is looked for in the books of both twins, or in what the connector keeps.
"""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import httpx2
import msgspec
import pytest

from ml_connector.model.people import EVERY_CONNECTION, Role
from ml_connector.quickbooks.webhooks import signature
from ml_connector.store import alerts, secrets
from ml_connector.store.schema import Severity
from ml_connector.work.jobs import Job
from ml_connector.work.p2p_settings import OrdersFeed
from ml_connector.work.people.identity import operator
from ml_connector.work.people.links import accept
from ml_connector.work.people.sessions import Browser, sign_in
from ml_connector.work.people.tokens import make, owner_of
from ml_connector.work.registry import PERFORM
from paperwork import BEACON, invoice
from programs import Program
from twins.http import Response
from twins.outgoing import OutgoingRequest
from vendor_scenes import Vendors, bank, by_another_program
from world import World

Calling = Callable[..., Program]
HERE = "/connections/demo"
WHY = {"reason": "agreed with Kim"}


@pytest.fixture
def accountant(calling: Calling) -> Program:
    return calling(Role.ACCOUNTANT)


def done(answer: httpx2.Response) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_document_is_kept_back_let_go_ignored_and_put_back(world: World, accountant: Program) -> None:
    world.approve(invoice("A-1", supplier="V-0815", supplier_name="Nobody & Sons"))
    world.settle()
    one = f"{HERE}/documents/A-1"
    done(accountant.post(f"{one}/hold", WHY))
    assert done(accountant.get(f"{HERE}/documents"))["items"][0]["on_hold"] is True
    done(accountant.post(f"{one}/let-go", WHY))
    world.settle()
    done(accountant.post(f"{one}/ignore", WHY))
    assert world.state("A-1") == "ignored"
    done(accountant.post(f"{one}/put-back", WHY))
    assert world.state("A-1") != "ignored"
    world.settle()
    card = done(accountant.get(f"{HERE}/causes"))["items"][0]["card"]
    assert "1 of them" in done(accountant.post(f"{HERE}/causes/{card}/reject", WHY))["told"]
    world.settle()
    assert world.state("A-1") == "returned"


def test_documents_are_found_by_the_day_they_were_posted_on(world: World, accountant: Program) -> None:
    world.approve(invoice("A-1"))
    world.settle()
    day = done(accountant.get(f"{HERE}/today"))["day"]
    [found] = done(accountant.get(f"{HERE}/documents", posted=day))["items"]
    assert found["line"]["invoice_number"] == "A-1"
    for other in ("2020-01-31", "9999-12-31", "0001-01-01"):
        assert done(accountant.get(f"{HERE}/documents", posted=other))["items"] == []


def test_a_release_is_taken_back(world: World, calling: Calling, accountant: Program) -> None:
    done(calling(Role.ADMINISTRATOR).post(f"{HERE}/review", {"flow": "invoices", "on": True}))
    world.restart()
    world.approve(invoice("A-1"))
    world.settle()
    seen = done(accountant.get(f"{HERE}/plan/waiting"))["seen"]
    done(accountant.post(f"{HERE}/plan/release-all", {"seen": seen}))

    done(accountant.post(f"{HERE}/documents/A-1/take-back-release"))
    world.settle()
    assert world.transactions() == []


@pytest.mark.parametrize(("choice", "total"), [("restore", "100.00"), ("accept", "120.00"), ("ignore", "120.00")])
def test_what_was_changed_afterwards_is_decided(world: World, accountant: Program, choice: str, total: str) -> None:
    PERFORM[Job.CHANGES](world.desk())
    world.approve(invoice("A-1"))
    world.settle()
    world.act("change_bill", id=world.only_transaction("A-1")[1]["Id"], amount="120.00")
    world.clock.advance(120)
    PERFORM[Job.CHANGES](world.desk())
    case = done(accountant.get(f"{HERE}/drift"))["items"][0]
    assert case["differences"]
    one = f"{HERE}/documents/A-1"
    assert done(accountant.get(f"{one}/drift"))["items"] == [case]
    (sides,) = done(accountant.get(f"{one}/sides"))["transactions"]
    shown = next(field for field in sides["fields"] if field["name"] == "total")
    assert (sides["where"], shown["differs"]) == ("in QuickBooks", True)
    assert ("100.00" in shown["basware"], "120.00" in shown["quickbooks"]) == (True, True)
    assert sides["id"] == world.only_transaction("A-1")[1]["Id"]
    sent = done(accountant.get(f"{one}/technical"))["writes"]
    assert next((write["system"], write["entity"], write["state"]) for write in sent) == ("quickbooks", "Bill", "done")
    another = accountant.post(f"{HERE}/documents/A-1/drift/{choice}", WHY | {"seen": ["something else"]})
    assert "differs in another way by now" in another.json()["detail"]

    done(accountant.post(f"{HERE}/documents/A-1/drift/{choice}", WHY | {"seen": [case["seen"]]}))
    world.settle()
    assert world.only_transaction("A-1")[1]["TotalAmt"] == Decimal(total)
    assert done(accountant.get(f"{HERE}/drift"))["items"] == []


def test_a_number_that_is_taken_is_settled(world: World, accountant: Program) -> None:
    row = {"Amount": 100, "DetailType": "AccountBasedExpenseLineDetail"}
    row["AccountBasedExpenseLineDetail"] = {"AccountRef": {"value": "56"}}
    bill = {"VendorRef": {"value": "101"}, "DocNumber": "A-1", "TxnDate": "2026-11-05", "Line": [row]}
    entered = world.act("enter", entity="Bill", body=bill)
    world.approve(invoice("A-1", supplier=BEACON))
    PERFORM[Job.CHANGES](world.desk())
    world.settle()
    assert done(accountant.get(f"{HERE}/causes"))["items"][0]["cause"]["cause"] == "duplicate-number", entered
    [there] = done(accountant.get(f"{HERE}/documents/A-1/link-candidates"))["items"]
    assert "same number" in there["fits"]

    chosen = {"choice": "link", "link_to": there["link"], "reason": "typed in by hand"}
    done(accountant.post(f"{HERE}/documents/A-1/decide", chosen))
    world.settle()
    assert world.state("A-1") == "confirmed"
    assert [one["DocNumber"] for one in world.quickbooks.books(world.realm_id)["Bill"]].count("A-1") == 1


def test_closed_books_are_posted_on_the_first_open_day(world: World, calling: Calling) -> None:
    world.act("close_books", date="2026-11-10")
    world.approve(invoice("A-1"))
    world.settle()
    boss = calling(Role.ADMINISTRATOR)
    card = next(one for one in done(boss.get(f"{HERE}/causes"))["items"] if one["cause"]["cause"] == "period-closed")

    done(boss.post(f"{HERE}/causes/{card['card']}/first-open-day", WHY))
    world.restart()
    world.settle()
    assert world.only_transaction("A-1")[1]["TxnDate"] == "2026-11-11"


def test_a_document_and_a_whole_cause_are_posted_on_another_day(world: World, accountant: Program) -> None:
    world.act("close_books", date="2026-11-10")
    for number in ("A-1", "A-2"):
        world.approve(invoice(number))
    world.settle()
    chosen = done(accountant.post(f"{HERE}/documents/A-1/change-date", WHY | {"day": "2026-11-16"}))["chosen_date"]
    assert (chosen["day"], chosen["reason"], chosen["voucher_date"]) == ("2026-11-16", WHY["reason"], "2026-11-05")
    assert done(accountant.post(f"{HERE}/documents/A-1/undo-date", WHY))["chosen_date"] is None
    world.settle()
    card = done(accountant.get(f"{HERE}/causes"))["items"][0]["card"]
    whole = done(accountant.get(f"{HERE}/causes/{card}"))
    assert whole["days"] == {"proposed": "2026-11-11", "first": "2026-11-11", "latest": "2027-02-18"}
    assert {"act": "change date", "right": "decide"} in whole["acts"]
    early = accountant.post(f"{HERE}/causes/{card}/change-date", WHY | {"day": "2026-11-10"})
    assert (early.status_code, "closed through 2026-11-10" in early.json()["detail"]) == (422, True)

    told = done(accountant.post(f"{HERE}/causes/{card}/change-date", WHY | {"day": "2026-11-11"}))["told"]
    world.settle()
    assert "2 of them will be posted on 2026-11-11" in told
    assert [world.only_transaction(number)[1]["TxnDate"] for number in ("A-1", "A-2")] == ["2026-11-11"] * 2


def test_a_rule_is_tried_and_moved_before_another(world: World, calling: Calling) -> None:
    mapper = calling(Role.MAPPER)
    target = done(mapper.get(f"{HERE}/mapping/targets", dimension="account", text="6"))["items"][0]
    rules = [
        {"dimension": "account", "conditions": f"accountCode={code}", "target": target["id"], "priority": priority}
        for code, priority in (("9901", 10), ("9902", 20))
    ]
    before = done(mapper.get(f"{HERE}/mapping"))["version"]
    assert done(mapper.post(f"{HERE}/mapping/rules/try", rules[0]))["concerned"] == 0
    assert done(mapper.get(f"{HERE}/mapping"))["version"] == before
    first, second = (done(mapper.post(f"{HERE}/mapping/rules", one))["rule"]["id"] for one in rules)

    assert done(mapper.post(f"{HERE}/mapping/rules/move", {"rule": second, "way": "earlier"}))["moved"] is True
    order = [
        one["id"] for one in done(mapper.get(f"{HERE}/mapping", limit=200))["items"] if one["id"] in {first, second}
    ]
    assert order == [second, first]
    assert done(mapper.post(f"{HERE}/mapping/rules/remove", {"rule": first, "reason": "never used"}))["rule"] == first


def test_vendors_are_linked_unlinked_created_and_their_bank_details_decided(world: World, calling: Calling) -> None:
    vendors = Vendors(world)
    vendors.sync()
    mapper, accountant = calling(Role.MAPPER), calling(Role.ACCOUNTANT)
    one, linked = f"{HERE}/vendors/V-10011", vendors.pair("V-10011").quickbooks_id
    assert done(mapper.get(one))["vendor"]["quickbooks_id"] == linked
    done(mapper.post(f"{one}/unlink", WHY))
    assert vendors.pair("V-10011").quickbooks_id == ""
    done(mapper.post(f"{one}/link", {"quickbooks_id": linked}))
    assert vendors.pair("V-10011").quickbooks_id == linked
    done(accountant.post(f"{one}/retry"))

    for number, act, kept in (("021-1", "", ""), ("666-9", "approve", "666-9"), ("777-1", "reject", "666-9")):
        vendors.edit("V-10011", lambda there, number=number: there.update(paymentMeans=bank(number)))
        vendors.sync()
        if act:
            digest = done(accountant.get(one))["bank_waiting_digest"]
            seen = {"seen": digest} if act == "approve" else {}
            done(accountant.post(f"{one}/bank/{act}", {"reason": "called them"} | seen))
            vendors.sync(3)
            assert vendors.posted("V-10011")["paymentMeans"] == bank(kept)

    vendors.new_in_quickbooks("Delta Freight Inc.")
    vendors.post(by_another_program("V-800", "Delta Freight, Ltd"))
    vendors.sync()
    assert [line["code"] for line in done(mapper.get(f"{HERE}/vendor-reviews"))["items"]] == ["V-800"]
    done(mapper.post(f"{HERE}/vendors/V-800/create"))
    vendors.sync()
    assert {"Delta Freight, Ltd", "Delta Freight Inc."} <= set(vendors.names_in_quickbooks())


def test_what_is_inactive_is_made_active_by_cause_and_by_vendor(world: World, calling: Calling) -> None:
    vendors = Vendors(world)
    vendors.act("inactivate", entity="Vendor", id="101")
    vendors.sync()
    world.approve(invoice("A-1", supplier=BEACON))
    world.approve(invoice("A-2", supplier="V-10009"))
    world.settle()
    mapper = calling(Role.MAPPER)
    found = {one["cause"]["subject"]: one["card"] for one in done(mapper.get(f"{HERE}/causes"))["items"]}
    redfern = f"{HERE}/causes/{found['Redfern Couriers']}"
    [record] = done(mapper.get(redfern))["inactive"]

    told = done(mapper.post(f"{redfern}/reactivate", WHY | {"quickbooks_id": record["quickbooks_id"]}))["told"]
    assert "Redfern Couriers (113) is made active" in told
    done(mapper.post(f"{HERE}/vendors/V-10011/reactivate", WHY))
    assert [one["state"] for one in done(mapper.get(f"{HERE}/reactivations"))["items"]] == ["asked", "asked"]
    world.settle()

    assert [world.only_transaction(number)[1]["VendorRef"]["value"] for number in ("A-1", "A-2")] == ["101", "113"]
    assert [one["state"] for one in done(mapper.get(f"{HERE}/reactivations"))["items"]] == ["done", "done"]


def test_an_order_is_shown_and_planned_again(world: World, accountant: Program) -> None:
    def taken_over(settings: Any) -> Any:
        own = msgspec.structs.replace(settings.basware, orders=OrdersFeed(enabled=True, post=True))
        return msgspec.structs.replace(settings, basware=own)

    world.change_settings(taken_over)
    world.basware.act(
        "purchase_order", document={"externalCode": "PO-1", "orderNumber": "PO-1", "supplierCode": "V-9999"},
        lines=[{"quantity": 10, "netUnitPrice": Decimal(20), "description": "Paper", "coding": [{"accountCode": "6110"}]}],
    )  # fmt: skip
    for job in (Job.CHANGES, Job.ORDERS):
        world.clock.advance(61)
        desk = world.desk()
        desk.take_lease()
        PERFORM[job](desk)
        desk.release_lease()

    assert done(accountant.get(f"{HERE}/orders/PO-1"))["lines"][0]["description"] == "Paper"
    assert done(accountant.post(f"{HERE}/orders/PO-1/retry"))["number"] == "PO-1"
    assert accountant.get(f"{HERE}/orders/PO-2").status_code == 404


def test_a_call_of_quickbooks_is_seen_and_read_once_more(world: World, accountant: Program) -> None:
    with world.database.write() as tx:
        secrets.put(tx, world.vault, world.connection_id, "quickbooks.webhook_token", "verifier", world.clock.now())
    event = {"id": "e1", "type": "qbo.bill.updated.v1", "intuitentityid": "145", "intuitaccountid": world.realm_id}
    body = json.dumps([event]).encode()
    headers = {"intuit-signature": signature(body, "verifier")}
    assert accountant.client.post("/webhooks/quickbooks", content=body, headers=headers).status_code == 200

    seen = accountant.get(f"{HERE}/deliveries/1")
    assert done(seen)["delivery"]["id"] == 1
    assert world.realm_id not in seen.text
    assert done(accountant.post(f"{HERE}/deliveries/1/replay"))["waiting"] == 1
    assert done(accountant.post(f"{HERE}/deliveries/replay", {"since": "2026-01-01T00:00:00Z"}))["deliveries"] == 1
    assert accountant.post(f"{HERE}/deliveries/replay", {"since": "lately"}).status_code == 422


def test_an_alert_that_was_dealt_with_is_put_away(world: World, accountant: Program) -> None:
    with world.database.write() as tx:
        alerts.raise_(
            tx,
            world.connection_id,
            kind="test",
            subject="x",
            message="Look.",
            severity=Severity.WARNING,
            now=world.clock.now(),
        )
    number = done(accountant.get(f"{HERE}/alerts"))["items"][0]["id"]
    done(accountant.post(f"{HERE}/alerts/{number}/put-away", WHY))
    assert done(accountant.get(f"{HERE}/alerts"))["items"] == []


def test_a_person_changes_their_password_and_an_administrator_looks_after_others(
    world: World, calling: Calling
) -> None:
    boss = calling(Role.ADMINISTRATOR, EVERY_CONNECTION)
    person = {"login": "pat@example.com", "roles": [{"connection": "demo", "role": "accountant"}]}
    link = done(boss.post("/people", person))["link"]
    pat, first = "/people/pat@example.com", "several words in a row"
    identity, browser = world.app.identity, Browser(address="127.0.0.1")
    accept(identity, link.rpartition("/")[2], login="", name="", password=first, browser=browser)
    owner, by = owner_of(identity, "pat@example.com", by=operator("the test")), operator("the test")
    secret = make(
        identity, owner, name="own", connection_id=world.connection_id, role=Role.ACCOUNTANT, days=9, by=by
    ).secret
    mine = Program(boss.client, secret)

    changed = done(mine.post("/me/password", {"current": first, "new": "other words altogether"}))
    assert changed == {"ended": 1, "tokens": 0}
    assert sign_in(identity, "pat@example.com", "other words altogether", browser)
    assert len(done(mine.get("/me/sessions"))["items"]) == 1
    number = done(boss.get(f"{pat}/tokens"))["items"][0]["token"]
    done(boss.post(f"{pat}/tokens/{number}/revoke"))
    assert mine.get("/me").status_code == 401
    done(boss.post(f"{pat}/disable"))
    assert done(boss.post(f"{pat}/enable"))["login"] == "pat@example.com"
    assert done(boss.get(pat))["roles"][0]["role"] == "accountant"
    gone = done(boss.post(f"{pat}/roles/take", {"connection": "demo", "role": "accountant"}))
    assert gone["roles"] == []


def test_basware_is_asked_to_announce_and_not_to_any_more(world: World, calling: Calling) -> None:
    boss = calling(Role.ADMINISTRATOR, EVERY_CONNECTION)
    world.app.public_url = "https://connector.test"

    def to_us(request: OutgoingRequest) -> Response:
        address = request.url.replace("https://connector.test", str(boss.client.base_url).rstrip("/"))
        answer = httpx2.post(address, content=request.body, headers=dict(request.headers))
        return Response(answer.status_code, {}, answer.content)

    world.basware.connect(to_us)
    made = done(boss.post(f"{HERE}/webhooks/basware/subscribe", {}))["items"]
    assert {one["state"] for one in made} == {"good"}
    assert {one["address"] for one in made} == {"https://connector.test/webhooks/basware"}
    assert done(boss.post(f"{HERE}/webhooks/basware/subscribe", {"new_token": True}))["items"]
    assert done(boss.post(f"{HERE}/webhooks/basware/drop-former"))["dropped"] is True
    assert done(boss.post(f"{HERE}/webhooks/basware/remove", {"force": True}))["left"] == []
    assert {one["state"] for one in done(boss.get(f"{HERE}/webhooks/basware"))["items"]} == {"missing"}
