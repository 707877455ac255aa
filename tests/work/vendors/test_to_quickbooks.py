"""Vendors of Basware in QuickBooks, conflicts, names, merges, bank details, screens: what the books of both say in the end."""

import pytest

from ml_connector.model.holds import Cause
from ml_connector.rules.vendor_names import TakenName
from ml_connector.store import alerts, audit, books, links
from ml_connector.work.decisions import DecisionError, MissingReasonError
from ml_connector.work.jobs import Job
from ml_connector.work.vendors import decisions
from ml_connector.work.vendors.views import review_list, vendor_view
from twins.faults import FaultKind
from vendor_scenes import bank, by_another_program


def causes(vendors, code: str) -> list[Cause]:
    """What a vendor waits for."""
    return [hold.cause for hold in vendors.pair(code).holds]


def test_a_vendor_another_program_gave_to_basware_is_created_in_quickbooks_once_with_all_its_fields(in_step):
    in_step.post(
        by_another_program(
            "V-800",
            "Delta Freight Ltd",
            contacts=[{"name": "AP", "email": "ap@delta.example", "telephone": "555-0100", "role": "PrimaryContact"}],
            addresses=[
                {
                    "externalCode": "A1",
                    "name": "Office",
                    "addressType": "PostalAddress",
                    "streetName": "4 Quay",
                    "cityName": "Salem",
                    "postalZone": "97301",
                }
            ],
            paymentTerms={"paymentTermCode": "NET45"},
            identifiers=[{"id": "98-7654321", "schemeId": "TaxId"}],
        )
    )
    in_step.sync(3)

    made = in_step.in_quickbooks("V-800")
    assert made["DisplayName"] == "Delta Freight Ltd"
    assert made["PrimaryEmailAddr"]["Address"] == "ap@delta.example"
    assert made["PrimaryPhone"]["FreeFormNumber"] == "555-0100"
    assert (made["BillAddr"]["Line1"], made["BillAddr"]["City"]) == ("4 Quay", "Salem")
    assert made["TermRef"]["value"] == "4"
    assert in_step.names_in_quickbooks().count("Delta Freight Ltd") == 1
    assert causes(in_step, "V-800") == []
    with in_step.world.database.read() as tx:
        [link] = links.for_record(tx, in_step.world.connection_id, "vendor", "V-800")
    assert link.quickbooks_id == made["Id"]


def test_a_payment_term_that_quickbooks_has_not_got_stays_in_basware_and_waits_for_a_person(in_step):
    in_step.post(by_another_program("V-800", "Delta Freight Ltd", paymentTerms={"paymentTermCode": "NET77"}))
    in_step.sync(4)

    assert "TermRef" not in in_step.in_quickbooks("V-800")
    assert in_step.posted("V-800")["paymentTerms"]["paymentTermCode"] == "NET77"
    assert causes(in_step, "V-800") == [Cause.VENDOR_TERM_UNKNOWN]


@pytest.mark.parametrize("kind", [FaultKind.LOST_BEFORE, FaultKind.LOST_AFTER])
def test_a_vendor_whose_creation_got_no_answer_is_there_exactly_once(in_step, kind):
    in_step.post(by_another_program("V-800", "Delta Freight Ltd"))
    in_step.perform(Job.MASTER_DATA)
    in_step.fail_quickbooks(kind=kind, path="batch", times=1)
    in_step.sync(5)

    assert in_step.names_in_quickbooks().count("Delta Freight Ltd") == 1


def test_a_name_that_a_customer_has_waits_or_gets_the_code_behind_it_and_basware_keeps_its_own(in_step):
    customer = in_step.act("enter", entity="Customer", body={"DisplayName": "Delta Freight Ltd"})
    in_step.post(by_another_program("V-800", "Delta Freight Ltd"))
    in_step.sync()
    assert causes(in_step, "V-800") == [Cause.VENDOR_NAME_TAKEN]
    assert in_step.pair("V-800").holds[0].facts["taken"] == f"customer {customer['Id']}"

    in_step.change(taken_name=TakenName.SUFFIX)
    in_step.sync(4)

    assert in_step.in_quickbooks("V-800")["DisplayName"] == "Delta Freight Ltd (V-800)"
    assert in_step.posted("V-800")["name"] == "Delta Freight Ltd"


def test_the_later_of_two_changes_stands_on_both_sides_and_the_other_is_in_the_audit_trail(in_step):
    in_step.act("edit_vendor", id="101", changes={"PrimaryEmailAddr": {"Address": "older@beacon.example"}})
    in_step.edit("V-10011", lambda one: one.update(contacts=[{"name": "AP", "email": "newer@beacon.example"}]))
    in_step.sync(3)

    assert in_step.in_quickbooks("101")["PrimaryEmailAddr"]["Address"] == "newer@beacon.example"
    assert in_step.posted("V-10011")["contacts"][0]["email"] == "newer@beacon.example"
    with in_step.world.database.read() as tx:
        found = audit.listing(
            tx, in_step.world.connection_id, subject="vendor V-10011", action="vendor change overruled"
        )
    assert [(one.before, one.after) for one in found] == [("older@beacon.example", "newer@beacon.example")]


def test_what_only_one_side_has_survives_a_change_from_the_other(vendors):
    vendors.act("edit_vendor", id="101", changes={"TaxIdentifier": "12-3456789", "PrintOnCheckName": "Beacon Check"})
    extra = {
        "customFields": [{"name": "Segment", "value": "A"}],
        "orderingDetails": {"orderingFormat": "email", "orderEmail": "o@beacon.example"},
        "tags": [{"name": "group", "value": "x"}],
        "processingStatus": {"active": True, "paymentDenied": True},
        "paymentMeans": bank("021-1"),
    }
    vendors.edit("V-10011", lambda one: one.update(extra))
    vendors.sync()
    vendors.act("edit_vendor", id="101", changes={"DisplayName": "Beacon Two"})
    vendors.sync(3)
    vendors.edit("V-10011", lambda one: one.update(contacts=[{"name": "AP", "email": "new@beacon.example"}]))
    vendors.sync(3)

    theirs, ours = vendors.posted("V-10011"), vendors.in_quickbooks("101")
    assert theirs["name"] == "Beacon Two"
    assert {name: theirs[name] for name in extra if name != "tags"} == {k: v for k, v in extra.items() if k != "tags"}
    assert {"name": "group", "value": "x"} in theirs["tags"]
    assert ours["PrimaryEmailAddr"]["Address"] == "new@beacon.example"
    assert (ours["TaxIdentifier"], ours["PrintOnCheckName"]) == ("XXXXXX6789", "Beacon Check")
    assert all(one.get("schemeId") != "TaxId" for one in theirs.get("identifiers", []))


def test_out_of_use_and_back_in_use_follow_in_both_directions(in_step):
    in_step.act("inactivate", entity="Vendor", id="101")
    in_step.edit("V-10012", lambda one: one.update(processingStatus={"active": False, "paymentDenied": False}))
    in_step.sync(3)
    assert in_step.in_p2p("V-10011")["processingStatus"]["active"] is False
    assert in_step.in_p2p("V-10011")["name"] == "Beacon Office Supply Co."
    assert in_step.in_quickbooks("102")["Active"] is False

    in_step.edit("V-10011", lambda one: one.update(processingStatus={"active": True, "paymentDenied": False}))
    in_step.sync(3)

    ours = in_step.in_quickbooks("101")
    assert (ours["Active"], ours["DisplayName"]) == (True, "Beacon Office Supply Co.")


def test_a_vendor_that_basware_took_out_of_use_is_not_reactivated_from_here_and_neither_side_is_changed_back(in_step):
    in_step.edit("V-10012", lambda one: one.update(processingStatus={"active": False, "paymentDenied": False}))
    in_step.sync(3)
    ours = in_step.in_quickbooks("102")
    assert ours["Active"] is False
    with pytest.raises(DecisionError, match="V-10012 was taken out of use in Basware on"):
        decisions.reactivate(in_step.world.desk(), "V-10012", reason="delivers again", actor="kim")
    in_step.sync(2)
    assert in_step.in_quickbooks("102")["SyncToken"] == ours["SyncToken"]
    assert in_step.in_p2p("V-10012")["processingStatus"]["active"] is False

    in_step.act("inactivate", entity="Vendor", id="101")
    in_step.sync(3)
    assert in_step.in_p2p("V-10011")["processingStatus"]["active"] is False
    decisions.reactivate(in_step.world.desk(), "V-10011", reason="delivers again", actor="kim")
    in_step.sync(3)
    back = in_step.in_quickbooks("101")
    assert (back["Active"], back["DisplayName"]) == (True, "Beacon Office Supply Co.")
    in_step.sync(3)
    assert in_step.in_quickbooks("101")["SyncToken"] == back["SyncToken"]
    assert in_step.in_p2p("V-10011")["processingStatus"]["active"] is True


def test_a_merge_in_quickbooks_moves_the_link_and_takes_the_old_vendor_out_of_use_in_basware(in_step):
    in_step.act("merge", entity="Vendor", id="101", vanishing="102")
    with in_step.world.database.write() as tx:
        now = in_step.world.clock.now()
        books.mark_deleted(tx, in_step.world.connection_id, "Vendor", ["102"], now, now, merged_into="101")
    in_step.sync(3)

    pair = in_step.pair("V-10012")
    assert (pair.state.value, pair.quickbooks_id) == ("merged", "101")
    assert in_step.in_p2p("V-10012")["processingStatus"]["active"] is False
    assert in_step.in_p2p("V-10011")["processingStatus"]["active"] is True
    with in_step.world.database.read() as tx:
        [link] = links.for_record(tx, in_step.world.connection_id, "vendor", "V-10012")
    assert link.quickbooks_id == "101"


def test_a_vendor_that_vanished_without_a_word_is_held_until_a_person_names_another(in_step):
    with in_step.world.database.write() as tx:
        now = in_step.world.clock.now()
        books.mark_deleted(tx, in_step.world.connection_id, "Vendor", ["102"], now, now)
    in_step.perform(Job.MASTER_DATA)
    assert causes(in_step, "V-10012") == [Cause.VENDOR_GONE]

    decisions.link(in_step.world.desk(), "V-10012", "103", actor="anna")
    assert in_step.pair("V-10012").quickbooks_id == "103"


def test_changed_bank_details_wait_for_approval_and_nothing_is_sent_meanwhile(vendors):
    vendors.edit("V-10011", lambda one: one.update(paymentMeans=bank("021-1")))
    vendors.sync()
    vendors.edit("V-10011", lambda one: one.update(paymentMeans=bank("666-9")))
    vendors.act("edit_vendor", id="101", changes={"DisplayName": "Beacon Two"})
    vendors.sync()

    assert causes(vendors, "V-10011") == [Cause.VENDOR_BANK_CHANGED]
    assert vendors.posted("V-10011")["name"] == "Beacon Office Supply Co."
    view = vendor_view(vendors.world.desk(), vendors.pair("V-10011"))
    assert (view.bank_approved, view.bank_waiting) == (
        ["BBAN …21-1 at Example Bank"], ["BBAN …66-9 at Example Bank"],
    )  # fmt: skip
    with vendors.world.database.read() as tx:
        raised = [one.subject for one in alerts.listing(tx, vendors.world.connection_id) if "bank" in one.kind]
    assert raised == ["V-10011"]

    decisions.approve_bank(vendors.world.desk(), "V-10011", reason="called them", actor="anna")
    vendors.sync(3)

    posted = vendors.posted("V-10011")
    assert posted["name"] == "Beacon Two"
    assert posted["paymentMeans"] == bank("666-9")
    assert causes(vendors, "V-10011") == []


def test_rejected_bank_details_are_replaced_by_those_that_were_approved(vendors):
    vendors.edit("V-10011", lambda one: one.update(paymentMeans=bank("021-1")))
    vendors.sync()
    vendors.edit("V-10011", lambda one: one.update(paymentMeans=bank("666-9")))
    vendors.sync()
    with pytest.raises(MissingReasonError, match="Give the reason: how you know that it is right"):
        decisions.reject_bank(vendors.world.desk(), "V-10011", reason=" ", actor="anna")
    decisions.reject_bank(vendors.world.desk(), "V-10011", reason="they know nothing of it", actor="anna")
    vendors.sync(3)

    assert vendors.in_p2p("V-10011")["paymentMeans"] == bank("021-1")
    assert causes(vendors, "V-10011") == []


def test_a_name_alone_goes_to_the_review_list_and_nothing_is_created_until_somebody_decides(vendors):
    vendors.new_in_quickbooks("Delta Freight Inc.")
    vendors.post(by_another_program("V-800", "Delta Freight, Ltd"))
    vendors.sync(3)

    [line] = [one for one in review_list(vendors.world.desk()).page() if one.code == "V-800"]
    [candidate] = line.candidates
    assert (candidate.name, candidate.why) == ("Delta Freight Inc.", ["name"])
    assert [name for name in vendors.names_in_quickbooks() if name.startswith("Delta")] == ["Delta Freight Inc."]

    decisions.create(vendors.world.desk(), "V-800", actor="anna")
    vendors.sync(4)

    assert vendors.in_quickbooks("V-800")["DisplayName"] == "Delta Freight, Ltd"
    assert vendors.posted(f"QB{candidate.quickbooks_id}")["name"] == "Delta Freight Inc."


def test_a_person_undoes_a_wrong_match_and_both_stay_as_they_are(in_step):
    before = in_step.in_quickbooks("102")
    decisions.unlink(in_step.world.desk(), "V-10012", reason="another branch", actor="anna")
    in_step.sync()

    assert in_step.pair("V-10012").state.value == "review"
    assert in_step.in_quickbooks("102") == before


@pytest.mark.parametrize(
    "message",
    ["Record skipped: company code US10 was not found", "Currency USD is not active", "Vendor class A is not configured",
     "vendorCode V-777 is in use in company US10 by another record", "Bank account 1 belongs to vendor V-2",
     "Payment term NET30 was not found in company US10", "Payment term NET30 is not valid at present",
     "No bank account is the default one", "Bank account 1 is there twice"],
)  # fmt: skip
def test_whatever_basware_refuses_a_vendor_for_is_a_cause_with_a_way_out_and_goes_after_a_retry(in_step, message):
    in_step.basware("refuse_imports", message=message, entity_type="Vendor", category="DataValidation", times=1)
    in_step.new_in_quickbooks("Harbor Paper LLC", number="V-777")
    in_step.sync()

    view = vendor_view(in_step.world.desk(), in_step.pair("V-777"))
    [cause] = [one for one in view.vendor.causes if one.code == Cause.RECORD_REFUSED.value]
    assert message in cause.sentence
    assert cause.what_to_do.count(".") >= 2

    decisions.retry(in_step.world.desk(), "V-777", actor="anna")
    in_step.sync()
    assert in_step.in_p2p("V-777")["name"] == "Harbor Paper LLC"


def test_a_technical_error_heals_by_itself_and_a_warning_counts_as_taken(in_step):
    in_step.basware("refuse_imports", message="Timeout", entity_type="Vendor", category="Technical", times=1)
    in_step.new_in_quickbooks("Harbor Paper LLC", number="V-777")
    in_step.sync()
    in_step.world.clock.advance(700)
    in_step.basware("refuse_imports", message="Left out", entity_type="Vendor", outcome="Warning", times=1)
    in_step.sync(2)

    assert in_step.in_p2p("V-777")["name"] == "Harbor Paper LLC"
    assert {row.state.value for row in in_step.rows().values()} == {"done"}


@pytest.mark.parametrize("kind", [FaultKind.LOST_BEFORE, FaultKind.LOST_AFTER])
def test_a_lost_answer_of_basware_ends_with_one_vendor_there(in_step, kind):
    in_step.new_in_quickbooks("Harbor Paper LLC", number="V-777")
    in_step.perform(Job.CHANGES)
    in_step.fail_basware(kind=kind, path="/v1/vendors", method="POST", times=1)
    in_step.sync(3)
    in_step.world.clock.advance(90_000)
    in_step.sync(3)

    assert in_step.in_p2p("V-777")["name"] == "Harbor Paper LLC"
    assert {row.state.value for row in in_step.rows().values()} == {"done"}


def test_a_vendor_refused_for_its_payment_term_goes_by_itself_once_the_term_was_taken(in_step):
    message = "Payment term NET30 was not found in company US10"
    in_step.basware("refuse_imports", message=message, entity_type="Vendor", category="DataValidation", times=1)
    in_step.new_in_quickbooks("Harbor Paper LLC", number="V-777", TermRef={"value": "3"})
    in_step.sync()
    external = in_step.pair("V-777").external_code
    assert in_step.rows()[external].state.value == "refused"

    in_step.act("edit", entity="Term", id="3", changes={"Name": "Net 30 days"})
    in_step.sync(3)

    assert in_step.in_p2p("V-777")["paymentTerms"]["paymentTermCode"] == "NET30"
    assert {row.state.value for row in in_step.rows().values()} == {"done"}
