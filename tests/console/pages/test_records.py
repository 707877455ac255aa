"""Vendors, purchase orders, payments and dimensions in the console: both sides shown, decided by whoever may, seen in the books."""

from decimal import Decimal

import msgspec
import pytest

from ml_connector.model.people import Role
from ml_connector.store import audit, mappings
from ml_connector.store.audit import AuditRow
from ml_connector.store.audit_chain import Chain
from ml_connector.work.audit_views import shown_change
from ml_connector.work.jobs import Job
from ml_connector.work.p2p_settings import OrdersFeed
from ml_connector.work.people import tokens
from ml_connector.work.people.identity import operator
from ml_connector.work.sending.shown import records_named
from ml_connector.work.settings import BaswareSettings, ConnectionFile, ConnectionSettings
from ml_connector.work.vendors import decisions
from ml_connector.work.vendors.keeping import bank_digest
from payday import Payday
from sent_lists import SentLists
from vendor_scenes import Vendors, bank, by_another_program
from visits import Visit, VisitAs, text_of
from world import World

ANNA, BEN = "anna", "ben"


@pytest.fixture
def world(empty_world: World) -> World:
    return empty_world


# Vendors


@pytest.fixture
def vendors(world: World) -> Vendors:
    made = Vendors(world)
    made.sync()
    return made


def new_bank_details(vendors: Vendors) -> None:
    vendors.edit("V-10011", lambda one: one.update(paymentMeans=bank("021-1")))
    vendors.sync()
    vendors.edit("V-10011", lambda one: one.update(paymentMeans=bank("666-9")))
    vendors.sync()


def test_vendors_are_listed_searched_and_shown_with_both_sides(vendors: Vendors, visit: VisitAs) -> None:
    viewer = visit(vendors.world, Role.VIEWER)
    listed = text_of(viewer.get("/c/demo/vendors"))
    one = text_of(viewer.get("/c/demo/vendors/V-10011"))
    assert "Active yes yes yes" in one
    assert "Term Net 30 Net 30 Net 30" in one

    assert "Beacon Office Supply Co." in listed
    assert "Beacon Office Supply Co." in text_of(viewer.get("/c/demo/vendors?text=beacon"))
    assert "Nothing fits" in text_of(viewer.get("/c/demo/vendors?text=zzz"))
    assert "written in" in one
    assert "What you can do" in one
    rows = {row["code"]: row for row in viewer.table("/c/demo/vendors?format=csv")}
    assert rows["V-10011"]["id in QuickBooks"] == vendors.pair("V-10011").quickbooks_id
    assert viewer.get("/c/demo/vendors/nobody").status_code == 404
    assert viewer.get("/c/demo/vendors?start=999999999999999").status_code == 200


def test_an_inactive_vendor_is_made_active_from_its_page(vendors: Vendors, visit: VisitAs) -> None:
    vendors.act("inactivate", entity="Vendor", id="101")
    vendors.sync()
    mapper = visit(vendors.world, Role.MAPPER)
    assert "Inactive in QuickBooks" in text_of(mapper.get("/c/demo/vendors/V-10011"))

    answer = mapper.post("/c/demo/vendors/V-10011/reactivate", reason="delivers again")

    assert "is made active in QuickBooks with the next run" in text_of(mapper.follow(answer))
    vendors.sync()
    assert vendors.in_quickbooks("101")["Active"] is True
    assert "Inactive in QuickBooks" not in text_of(mapper.get("/c/demo/vendors/V-10011"))


def test_an_unsure_vendor_is_linked_on_the_page_and_in_the_books(vendors: Vendors, visit: VisitAs) -> None:
    wanted = vendors.new_in_quickbooks("Delta Freight Inc.")
    vendors.post(by_another_program("V-800", "Delta Freight, Ltd"))
    vendors.sync()
    mapper = visit(vendors.world, Role.MAPPER)
    page = mapper.get("/c/demo/vendors/unsure")
    assert "Delta Freight, Ltd" in text_of(page)

    assert visit(vendors.world, Role.ACCOUNTANT).post(
        "/c/demo/vendors/V-800/link", quickbooks_id=wanted
    ).status_code == 403  # fmt: skip
    done = mapper.post("/c/demo/vendors/V-800/link", quickbooks_id=wanted, back="unsure")

    assert done.headers["location"] == "/c/demo/vendors/unsure"
    assert "Every vendor is known" in text_of(mapper.follow(done))
    assert vendors.pair("V-800").quickbooks_id == wanted


def test_new_bank_details_are_approved_by_somebody_who_may_and_reach_basware(vendors: Vendors, visit: VisitAs) -> None:
    new_bank_details(vendors)
    accountant, mapper = visit(vendors.world, Role.ACCOUNTANT), visit(vendors.world, Role.MAPPER)
    page = text_of(accountant.get("/c/demo/vendors/V-10011"))
    assert "New bank details wait for approval" in page
    assert "…66-9" in page
    assert "666-9" not in page
    assert "They are right" not in text_of(mapper.get("/c/demo/vendors/V-10011"))
    assert mapper.post("/c/demo/vendors/V-10011/approve", reason="sure").status_code == 403
    assert accountant.post("/c/demo/vendors/V-10011/approve", reason=" ").status_code == 422

    seen = bank_digest(vendors.pair("V-10011"))
    assert f'name="seen" value="{seen}"' in accountant.get("/c/demo/vendors/V-10011").text
    assert accountant.post("/c/demo/vendors/V-10011/approve", reason="called them", seen=seen).status_code == 303

    vendors.sync(3)
    assert vendors.posted("V-10011")["paymentMeans"] == bank("666-9")


def another_account_after_an_approved_one(vendors: Vendors) -> None:
    """666-9 is approved, 777-8 waits."""
    new_bank_details(vendors)
    decisions.approve_bank(vendors.world.desk(), "V-10011", reason="called them", actor=BEN)
    vendors.sync(3)
    vendors.edit("V-10011", lambda one: one.update(paymentMeans=bank("777-8")))
    vendors.sync()


def test_bank_accounts_are_shown_in_full_once_to_who_may_approve_them_and_the_audit_has_who_looked(
    vendors: Vendors, visit: VisitAs, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    world, here = vendors.world, "/c/demo/vendors/V-10011"
    early = visit(world, Role.ACCOUNTANT).post(f"{here}/bank")
    assert "No bank details of vendor V-10011 wait" in text_of(early)
    another_account_after_an_approved_one(vendors)
    for role in (Role.VIEWER, Role.MAPPER):
        assert "Show them in full" not in text_of(visit(world, role).get(here))
        assert visit(world, role).post(f"{here}/bank").status_code == 403
    accountant = visit(world, Role.ACCOUNTANT)
    assert "Show them in full" in text_of(accountant.get(here))

    shown = accountant.post(f"{here}/bank", shown_on=here)

    words = text_of(shown)
    assert "Approved until now 666-9 BBAN Example Bank EXMPUS33" in words
    assert "New 777-8 BBAN Example Bank EXMPUS33" in words
    assert (shown.status_code, shown.headers["cache-control"]) == (200, "no-cache, no-store")
    assert "777-8" not in accountant.get(here).text
    with world.database.read() as tx:
        (entry,) = audit.listing(tx, world.connection_id, action="bank details shown in full")
    assert (entry.actor, entry.subject) == (accountant.login, "vendor V-10011")
    assert "777-8" not in str(entry)
    assert f"POST {here}/bank 200" in caplog.text
    assert "777-8" not in caplog.text
    # what is approved from here is what was shown, and a refusal leads back to the vendor's own page
    assert f'name="seen" value="{bank_digest(vendors.pair("V-10011"))}"' in shown.text
    assert f'name="shown_on" value="{here}"' in shown.text


def test_a_program_is_told_accounts_in_full_once_and_no_repetition_keeps_them(vendors: Vendors, visit: VisitAs) -> None:
    another_account_after_an_approved_one(vendors)
    world, accountant = vendors.world, visit(vendors.world, Role.ACCOUNTANT)
    headers = {"Authorization": f"Bearer {program_of(world, accountant)}", "Idempotency-Key": "one-look"}
    path = "/api/v1/connections/demo/vendors/V-10011/bank/show"

    first, again = (accountant.client.post(path, headers=headers).json() for _ in range(2))

    assert [one["number"] for one in (*first["approved"], *first["waiting"])] == ["666-9", "777-8"]
    assert first["bank_waiting_digest"] == bank_digest(vendors.pair("V-10011"))
    assert (again["approved"], again["waiting"]) == ([], [])
    with world.database.read() as tx:
        kept = tx.exec_driver_sql("SELECT answer FROM idempotency_keys").scalars().all()
    assert [("one-look" in one, "777-8" in one) for one in kept] == [(False, False)]


def test_whoever_may_only_look_sees_no_account_whole_in_records_or_the_audit(vendors: Vendors, visit: VisitAs) -> None:
    new_bank_details(vendors)
    decisions.approve_bank(vendors.world.desk(), "V-10011", reason="called them", actor=BEN)
    vendors.act("edit_vendor", id=vendors.pair("V-10011").quickbooks_id, changes={"DisplayName": "Beacon Two"})
    vendors.sync(3)
    world, viewer = vendors.world, visit(vendors.world, Role.VIEWER)
    headers = {"Authorization": f"Bearer {program_of(world, viewer, Role.VIEWER)}"}

    answer = viewer.client.get("/api/v1/connections/demo/records/V-10011", headers=headers)

    (means,) = answer.json()["items"][0]["body"]["paymentMeans"]
    assert means["financialAccounts"][0]["financialAccountIdentifiers"][0]["id"] == "…66-9"
    assert "666-9" not in answer.text
    (row,) = records_named(world.desk(), "V-10011")
    assert "666-9" in row.body


def test_what_basware_did_not_take_is_kept_in_the_audit_with_its_accounts_masked_and_the_export_still_verifies(
    vendors: Vendors, visit: VisitAs
) -> None:
    vendors.edit("V-10011", lambda one: one.update(paymentMeans=bank("021-1234567")))
    vendors.sync()
    decisions.approve_bank(vendors.world.desk(), "V-10011", reason="called them", actor=BEN)
    vendors.basware(
        "refuse_imports", message="Bank account 021-1234567 belongs to vendor V-2", entity_type="Vendor",
        category="DataValidation", times=1,
    )  # fmt: skip
    vendors.act("edit_vendor", id=vendors.pair("V-10011").quickbooks_id, changes={"DisplayName": "Beacon Two"})
    vendors.sync(3)

    world, chain = vendors.world, Chain(vendors.world.connection_id)
    with world.database.write() as tx:
        chain.seal(tx, 100_000)
    with world.database.read() as tx:
        entries = [link.entry for link in chain.links(tx) if isinstance(link.entry, AuditRow)]
        assert chain.verify(tx).problems == ()
    [refused] = [one for one in entries if one.action == "record not taken by Basware"]
    assert "021-1234567" not in str(entries)
    assert (refused.reason, "…4567" in refused.after) == ("Bank account …4567 belongs to vendor V-2", True)
    assert shown_change(refused.after) == refused.after
    assert "021-1234567" not in visit(world, Role.VIEWER).get("/c/demo/needs-you").text
    assert "021-1234567" in records_named(world.desk(), "V-10011")[0].body


def program_of(world: World, person: Visit, role: Role = Role.ACCOUNTANT) -> str:
    identity = world.app.identity
    owner = tokens.owner_of(identity, person.login, by=operator("the test"))
    made = tokens.make(
        identity, owner, name="nightly", connection_id=world.connection_id, role=role, days=1,
        by=operator("the test"),
    )  # fmt: skip
    return made.secret


def test_whoever_said_who_a_vendor_is_cannot_approve_its_bank_details(vendors: Vendors) -> None:
    new_bank_details(vendors)
    desk = vendors.world.desk()
    found = vendors.pair("V-10011").bank_found
    decisions.link(desk, "V-10011", vendors.pair("V-10011").quickbooks_id, actor=ANNA)
    assert vendors.pair("V-10011").bank_found == found
    looks = [
        audit.NewEntry(
            at=vendors.world.clock.now(), actor=ANNA, action="bank details shown in full", subject="vendor V-10011"
        )
    ] * 1001
    with vendors.world.database.write() as tx:
        audit.record_many(tx, desk.connection_id, looks)  # however often somebody looks, who matched is not forgotten

    with pytest.raises(decisions.DecisionError, match="somebody else"):
        decisions.approve_bank(desk, "V-10011", reason="called them", actor=ANNA)
    with pytest.raises(decisions.DecisionError, match="somebody else"):
        decisions.approve_bank(desk, "V-10011", reason="called them", actor=f"{ANNA} (token nightly)")
    decisions.approve_bank(desk, "V-10011", reason="called them", actor=BEN)


def test_four_eyes_are_two_people_whichever_way_they_come(vendors: Vendors, visit: VisitAs) -> None:
    """Who said on a page who a vendor is cannot approve its bank details through their program; somebody else's can."""
    new_bank_details(vendors)
    world, path = vendors.world, "/api/v1/connections/demo/vendors/V-10011/bank/approve"
    anna, ben = (visit(world, Role.MAPPER, Role.ACCOUNTANT) for _ in range(2))
    linked = anna.post("/c/demo/vendors/V-10011/link", quickbooks_id=vendors.pair("V-10011").quickbooks_id)
    assert linked.status_code == 303

    seen = bank_digest(vendors.pair("V-10011"))

    def approve(person: Visit) -> int:
        headers = {"Authorization": f"Bearer {program_of(world, person)}"}
        return person.client.post(path, json={"reason": "called them", "seen": seen}, headers=headers).status_code

    assert approve(anna) == 422
    said = {"dimension": "vendor", "kind": "code", "code": "V-10011", "target": vendors.pair("V-10011").quickbooks_id}
    assert ben.post("/c/demo/mapping/rules", **said).status_code == 303
    assert approve(ben) == 422  # a rule of the mapping says who a vendor is, too
    assert approve(visit(world, Role.ACCOUNTANT)) == 200


# Purchase orders


def test_an_order_is_shown_with_its_lines_and_planned_again_once_what_it_waits_for_is_there(
    world: World, visit: VisitAs
) -> None:
    def taken_over(settings: ConnectionSettings) -> ConnectionSettings:
        own = msgspec.structs.replace(settings.basware, orders=OrdersFeed(enabled=True, post=True))
        return msgspec.structs.replace(settings, basware=own)

    world.change_settings(taken_over)
    rows = [{"quantity": 10, "netUnitPrice": Decimal(20), "description": "Paper", "coding": [{"accountCode": "6110"}]}]
    world.basware.act(
        "purchase_order",
        document={"externalCode": "PO-1", "orderNumber": "PO-1", "supplierCode": "V-9999", "supplierName": "<b>Nobody</b>"},
        lines=rows,
    )  # fmt: skip
    world.do(Job.CHANGES, Job.ORDERS)
    viewer, accountant = visit(world, Role.VIEWER), visit(world, Role.ACCOUNTANT)

    listed, one = viewer.get("/c/demo/orders"), viewer.get("/c/demo/orders/PO-1")
    assert "<b>Nobody</b>" not in listed.text + one.text
    assert "Held" in text_of(listed)
    assert "Paper 6110 10" in text_of(one)
    assert "200.00" in text_of(one)
    assert viewer.post("/c/demo/orders/PO-1/retry").status_code == 403
    assert viewer.table("/c/demo/orders?format=csv")[0]["order"] == "PO-1"
    assert "No bill is linked" in text_of(viewer.get("/c/demo/orders/links"))
    with world.database.write() as tx:
        rule = mappings.load(tx, world.connection_id).rules[0]
        mappings.set_rule(
            tx, world.connection_id,
            msgspec.structs.replace(
                rule, id="v-9999", dimension="vendor", code="V-9999", target_id=next(iter(world.books().vendors)),
                target_name="", conditions=(), is_default=False,
            ),
            by="test", now=world.clock.now(),
        )  # fmt: skip
    assert accountant.post("/c/demo/orders/PO-1/retry").status_code == 303
    world.do(Job.ORDERS, Job.INVOICES)
    orders = world.quickbooks.books(world.realm_id)["PurchaseOrder"]
    assert [one["TotalAmt"] for one in orders if one.get("DocNumber") == "PO-1"] == [Decimal("200.00")]


# Payments


def test_payments_are_listed_with_what_basware_was_told(world: World, visit: VisitAs) -> None:
    payday = Payday(world)
    invoice_id = payday.bill("P-1", "60.00")
    bill = world.only_transaction("P-1")[1]["Id"]
    account = next(one for one in world.quickbooks.books(world.realm_id)["Account"] if one["AccountType"] == "Bank")
    world.act("pay", id=bill, account=account["Id"], amount="20.00", number="10231")
    payday.follow()
    viewer = visit(world, Role.VIEWER)

    listed, one = text_of(viewer.get("/c/demo/payments")), text_of(viewer.get(f"/c/demo/payments/{invoice_id}"))

    assert "P-1" in listed
    assert "20.00 USD" in listed
    assert "10231" in one
    assert "20.00 USD of 60.00 USD paid" in one
    assert "What Basware was told" in one
    assert "Basware was told nothing yet" not in one
    assert viewer.table("/c/demo/payments?format=csv")[0]["paid"] == "20.00"
    assert viewer.post(f"/c/demo/payments/{invoice_id}/retry").status_code == 403
    assert visit(world, Role.ACCOUNTANT).post(f"/c/demo/payments/{invoice_id}/retry").status_code == 422
    assert viewer.post("/c/demo/payments/pick-up").status_code == 403
    assert visit(world, Role.ACCOUNTANT).post("/c/demo/payments/pick-up").status_code == 303


# Dimensions


def test_a_gap_of_dimensions_is_closed_on_the_page(world: World, visit: VisitAs) -> None:
    lists = SentLists(world)
    lists.go()
    viewer, mapper = visit(world, Role.VIEWER), visit(world, Role.MAPPER)
    rows = viewer.table("/c/demo/dimensions?format=csv&every=yes&kind=Account")
    code = next(row for row in rows if row["code in Basware"] and row["stands"] == "aligned")
    gone = {"kind": "Account", "way": "retire", "item": code["code in Basware"]}
    assert viewer.post("/c/demo/dimensions/fix", **gone).status_code == 403

    assert mapper.post("/c/demo/dimensions/fix", **gone).status_code == 303
    lists.go()

    after = viewer.table("/c/demo/dimensions?format=csv&every=yes&kind=Account")
    assert code["code in Basware"] not in {row["code in Basware"] for row in after}
    assert mapper.post("/c/demo/dimensions/fix", kind="Account", way="dance", item="1").status_code == 422
    assert mapper.post("/c/demo/dimensions/refresh").status_code == 303
    assert "Basware's lists were read" in text_of(viewer.get("/c/demo/dimensions"))


def test_an_inactive_record_that_a_code_leads_to_is_reactivated_on_the_page(world: World, visit: VisitAs) -> None:
    lists = SentLists(world)
    lists.go()
    rows = visit(world, Role.VIEWER).table("/c/demo/dimensions?format=csv&every=yes&kind=Account")
    code = next(row for row in rows if row["code in Basware"] and row["stands"] == "aligned")
    account = code["id in QuickBooks"]
    lists.in_quickbooks("inactivate", entity="Account", id=account)
    viewer, mapper = visit(world, Role.VIEWER), visit(world, Role.MAPPER)
    again = {"kind": "Account", "way": "reactivate", "item": account}

    assert "Reactivate in QuickBooks" not in text_of(viewer.get("/c/demo/dimensions?kind=Account"))
    assert "Reactivate in QuickBooks" in text_of(mapper.get("/c/demo/dimensions?kind=Account"))
    assert viewer.post("/c/demo/dimensions/fix", **again, reason="It is used").status_code == 403
    assert mapper.post("/c/demo/dimensions/fix", **again).status_code == 422
    assert mapper.post("/c/demo/dimensions/fix", **again, reason="It is used").status_code == 303
    lists.do(Job.INVOICES)
    lists.go()

    after = viewer.table("/c/demo/dimensions?format=csv&every=yes&kind=Account")
    assert [row["stands"] for row in after if row["code in Basware"] == code["code in Basware"]] == ["aligned"]


@pytest.mark.parametrize("path", ["vendors", "vendors/unsure", "orders", "orders/links", "payments", "dimensions"])
def test_an_empty_list_teaches_and_is_for_nobody_elses_company(world: World, visit: VisitAs, path: str) -> None:
    page = visit(world, Role.VIEWER).get(f"/c/demo/{path}")
    assert page.status_code == 200
    assert 'class="empty"' in page.text
    settings = ConnectionSettings(basware=BaswareSettings(company_codes=("ZZ",)))
    other = world.app.add_connection(ConnectionFile(name="other", settings=settings, secrets={}), {})
    stranger = visit(world, Role.ADMINISTRATOR, elsewhere=other.id)
    assert stranger.get(f"/c/demo/{path}").status_code == 404
