"""What the two systems exchange, looked at and decided by a program: payments, order links, records, the Network, extracts.

What comes of it is looked for in the books of the twins.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import msgspec

import feed_scenes
from ml_connector.model.people import Role
from ml_connector.work.feed_settings import ExtractsSettings, NetworkSettings
from ml_connector.work.feeds.extracts import load_extracts
from ml_connector.work.feeds.network import take_from_network
from ml_connector.work.jobs import Job
from ml_connector.work.p2p_settings import AttachmentsFeed
from ml_connector.work.settings import ConnectionSettings
from paper_files import paper
from paperwork import invoice, line
from payday import Payday
from programs import Program
from sent_lists import SentLists, is_active
from twins.faults import FaultKind, FaultRule
from world import World

Calling = Callable[..., Program]
HERE = "/connections/demo"


def done(answer: httpx2.Response) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_payment_basware_refused_is_told_once_more(world: World, calling: Calling) -> None:
    payday, accountant = Payday(world), calling(Role.ACCOUNTANT)
    world.basware.act(
        "refuse_imports", message="Unknown method", entity_type="PaymentResponse", category="DataValidation", times=1
    )
    invoice_id = payday.bill("P-1", "60.00")
    payday.pay("P-1")
    payday.follow()
    payday.hear()
    one = f"{HERE}/documents/P-1/payments"
    assert done(accountant.get(one))["document"]["state"] == "refused"

    assert done(accountant.post(f"{one}/retry"))["document"]["state"] == "due"
    payday.do(Job.PAYMENTS)
    payday.hear()
    assert payday.state(invoice_id) == "told"
    assert len(payday.responses(invoice_id)) == 2
    assert payday.paid(invoice_id) == 60
    assert "told" in accountant.post(f"{one}/retry").json()["detail"]


def test_a_bill_stays_without_the_order_links_quickbooks_left_out(world: World, calling: Calling) -> None:
    payday, accountant = Payday(world), calling(Role.ACCOUNTANT)
    order = world.act("create_order", vendor="101", lines=[{"account": "55", "amount": 300}], number="1005")
    world.act("close_order", id=order["Id"])
    payday.do(Job.CHANGES)
    document = invoice("B-1", line("100.00"))
    for row in document["codingRows"]:
        row |= {"orderNumber": "1005", "orderLineNumber": "1"}
    world.approve(document)
    world.settle()
    assert [one["state"] for one in done(accountant.get(f"{HERE}/order-links"))["items"]] == ["dropped"]

    accept = f"{HERE}/documents/B-1/order-links/accept"
    (accepted,) = done(accountant.post(accept, {"reason": "old order"}))["items"]
    assert (accepted["invoice_number"], accepted["state"], accepted["why"]) == ("B-1", "accepted", "old order")
    assert not any(one.get("LinkedTxn") for one in world.only_transaction("B-1")[1]["Line"])
    assert accountant.post(accept, {"reason": "once more"}).status_code == 422


def test_a_record_is_shown_as_basware_has_it_and_taken_out_of_use(world: World, calling: Calling) -> None:
    lists, viewer = SentLists(world), calling(Role.VIEWER)
    lists.go()

    (shown,) = done(viewer.get(f"{HERE}/records/Account 55"))["items"]
    (name,) = shown["body"]["accountNames"]
    assert (shown["record"]["code"], shown["body"]["accountCode"]) == ("6110", "6110")
    assert lists.names("accounts")["6110"] == name["translation"] == "Office Costs: Office Supplies"
    assert shown in done(viewer.get(f"{HERE}/records/6110"))["items"]
    assert viewer.get(f"{HERE}/records/Account 9999").status_code == 404

    lists.in_quickbooks("inactivate", entity="Account", id="55")
    again = {"kind": "Account", "what": "reactivate", "item": "55"}
    assert calling(Role.MAPPER).post(f"{HERE}/alignment/fix", again).status_code == 422
    done(calling(Role.MAPPER).post(f"{HERE}/alignment/fix", again | {"reason": "It is used"}))
    lists.do(Job.INVOICES)
    lines = done(viewer.get(f"{HERE}/alignment?kind=Account"))["lines"]
    assert [one["standing"] for one in lines if one["code"] == "6110"] == ["aligned"]

    retired = {"kind": "Account", "what": "retire", "item": "6110"}
    assert "6110" in done(calling(Role.MAPPER).post(f"{HERE}/alignment/fix", retired))["told"]
    lists.go()
    assert not is_active(lists.in_p2p("accounts")["6110"])


def test_a_document_of_the_network_is_shown_with_its_files(world: World, calling: Calling) -> None:
    feed_scenes.with_feeds(world, network=NetworkSettings(enabled=True))
    bum_id = feed_scenes.arrive(world, files={"scan.pdf": feed_scenes.file()})
    take_from_network(world.desk())
    viewer = calling(Role.VIEWER)

    shown = done(viewer.get(f"{HERE}/network/{bum_id}"))
    assert (shown["document"]["number"], shown["document"]["total"]) == ("NW-77", 1080.25)
    assert [one["size"] for one in shown["files"]] == [len(b"%PDF-1.7")]
    assert "NW-77" in shown["raw"]
    confirmed = feed_scenes.mailbox(world).received[bum_id].confirmations
    assert [one["actionCode"] for one in confirmed] == ["Delivered"]
    assert viewer.get(f"{HERE}/network/nothing").status_code == 404


def test_an_extract_is_shown_with_what_was_loaded_of_it(world: World, calling: Calling, tmp_path: Path) -> None:
    feed_scenes.with_feeds(world, extracts=ExtractsSettings(enabled=True, spool=str(tmp_path)))
    world.clock.advance(3600)
    made = world.basware.act("extract")
    load_extracts(world.desk())
    viewer = calling(Role.VIEWER)

    shown = done(viewer.get(f"{HERE}/extracts/{made}"))
    [tenant] = world.basware._world.tenants.values()
    assert shown["extract"]["state"] == "acknowledged"
    (file,) = shown["files"]
    assert (file["table"], shown["extract"]["rows"]) == ("ADM_SUPPLIER", file["rows"])
    assert file["size"] == len(tenant.extracts.made[made].files[file["file_name"]].content)
    assert viewer.get(f"{HERE}/extracts/nothing").status_code == 404


def test_a_file_that_basware_did_not_give_is_asked_for_again(world: World, calling: Calling, tmp_path: Path) -> None:
    def once(settings: ConnectionSettings) -> ConnectionSettings:
        own = msgspec.structs.replace(settings.basware, attachments=AttachmentsFeed(tries=1))
        return msgspec.structs.replace(settings, basware=own)

    world.app.home = tmp_path
    world.change_settings(once)
    world.basware_faults.add(FaultRule(kind=FaultKind.STATUS, path="/attachments/", status=404, times=None))
    world.basware.act("approve", document=invoice("A-1"), files={"F1": paper("invoice.pdf")})
    world.settle()
    payday, accountant = Payday(world), calling(Role.ACCOUNTANT)
    payday.do(Job.ATTACHMENTS)
    assert [one["state"] for one in done(accountant.get(f"{HERE}/files"))["items"]] == ["failed"]

    world.basware_faults.clear()
    assert done(accountant.post(f"{HERE}/documents/A-1/files/retry"))["tried"] == 1
    payday.do(Job.ATTACHMENTS)
    (file,) = world.quickbooks.books(world.realm_id)["Attachable"]
    assert file["FileName"] == "invoice.pdf"
