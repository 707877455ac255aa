"""Vendors in P2P: what must be there first, what is unique, and what people do with them in P2P's screens."""

from decimal import Decimal

import pytest


def banked(*accounts, currency="USD"):
    """Payment means with bank accounts, each a number or all its fields; the first one is the default."""
    identifiers = [
        {"schemeId": "BBAN", "default": index == 0, **({"id": each} if isinstance(each, str) else each)}
        for index, each in enumerate(accounts)
    ]
    bank = {"financialInstitution": {"id": "EXMPUS33", "name": "Bank", "schemeId": "BIC"}}
    means = {"paymentMeansCode": "ACH", "currencyCode": currency, "default": True}
    return [{**means, "financialAccounts": [{**bank, "financialAccountIdentifiers": identifiers}]}]


def vendors(importer):
    return {row["vendorCode"]: row["name"] for row in importer.in_p2p("vendors")}


class TestWhatMustBeThereFirst:
    @pytest.mark.row("S12")
    def test_a_payment_term_must_be_in_p2p_before_its_vendor(self, importer, tools):
        vendor = tools.vendor(1, paymentTerms={"paymentTermCode": "NET30"})
        early = importer.put("vendors", vendor)
        assert importer.complaints(early) == ["Payment term NET30 was not found in company US10"]
        importer.put("paymentTerms", tools.term("NET30"))
        importer.clock.advance(5)
        later = importer.put("vendors", {**vendor, "name": "Renamed"})
        assert importer.outcomes(later) == {"E-1": "Success"}

    def test_a_payment_term_must_be_active_and_valid_today(self, importer, tools):
        asleep = [{"companyCode": "US10", "inherit": True, "active": False}]
        importer.put("paymentTerms", tools.term("OLD", validTo="2026-11-19"), tools.term("NEW", validFrom="2026-11-21"))
        importer.put("paymentTerms", tools.term("TODAY", validFrom="2026-11-20", validTo="2026-11-20"))
        importer.put("paymentTerms", tools.term("ASLEEP", companies=asleep))
        complaints = {
            code: importer.complaints(
                importer.put("vendors", tools.vendor(code, paymentTerms={"paymentTermCode": code}))
            )
            for code in ("OLD", "NEW", "TODAY", "ASLEEP")
        }
        assert complaints == {
            "OLD": ["Payment term OLD is not valid at present"],
            "NEW": ["Payment term NEW is not valid at present"],
            "TODAY": [],
            "ASLEEP": ["Payment term ASLEEP was not found in company US10"],
        }

    def test_units_inherit_what_the_unit_above_shares(self, tools):
        importer = tools.importer(units={"US10": "GROUP"})
        shared = [{"companyCode": "GROUP", "inherit": True, "active": True}]
        own = [{"companyCode": "GROUP", "inherit": False, "active": True}]
        importer.put("paymentTerms", tools.term("SHARED", companies=shared), tools.term("OWN", companies=own))
        found = importer.put("vendors", tools.vendor(1, paymentTerms={"paymentTermCode": "SHARED"}))
        missing = importer.put("vendors", tools.vendor(2, paymentTerms={"paymentTermCode": "OWN"}))
        assert (importer.outcomes(found), importer.outcomes(missing)) == ({"E-1": "Success"}, {"E-2": "Error"})

    def test_currencies_classes_and_identifiers_are_set_up_in_p2p(self, tools):
        importer = tools.importer(currencies=["USD"], vendor_classes=["A"], identifier_keys=["TaxId"])
        identifiers = [{"id": "1", "schemeId": "TaxId"}, {"id": "2", "schemeId": "DUNS"}]
        bad = tools.vendor(1, paymentMeans=banked("1", currency="SEK"), vendorClass="Z")
        warned = tools.vendor(2, identifiers=identifiers, vendorClass="A", paymentMeans=banked("2"))
        request_id = importer.put("vendors", bad, warned)
        assert importer.outcomes(request_id) == {"E-1": "Error", "E-2": "Warning"}
        assert importer.complaints(request_id) == [
            "Currency SEK is not active",
            "Vendor class Z is not configured",
            "Identifier key DUNS is not configured; the identifier was left out",
        ]

    def test_p2p_leaves_out_addresses_of_types_it_does_not_have(self, importer, tools):
        addresses = [
            {"externalCode": kind, "name": kind, "addressType": kind} for kind in ("PostalAddress", "VisitingAddress")
        ]
        request_id = importer.put("vendors", tools.vendor(1, addresses=addresses))
        assert importer.outcomes(request_id) == {"E-1": "Warning"}
        assert importer.complaints(request_id) == ["Address VisitingAddress was left out: P2P has no VisitingAddress"]


class TestBankAccounts:
    def test_a_bank_account_belongs_to_one_vendor(self, importer, tools):
        importer.put("vendors", tools.vendor(1, paymentMeans=banked("111")))
        taken = importer.put("vendors", tools.vendor(2, paymentMeans=banked("111")))
        assert importer.complaints(taken) == ["Bank account 111 belongs to vendor V-1"]
        importer.twin.switches.bank_accounts_unique = "within a vendor"
        shared = importer.put("vendors", tools.vendor(3, paymentMeans=banked("111")))
        assert importer.outcomes(shared) == {"E-3": "Success"}

    @pytest.mark.parametrize(
        ("accounts", "complaint"),
        [
            (["111", "111"], "Bank account 111 is there twice"),
            ([{"id": "111", "default": False}], "No bank account is the default one"),
            (["1" * 33], f"Bank account {'1' * 33} has more than 32 characters"),
        ],
    )
    def test_what_is_wrong_within_one_vendor(self, importer, tools, accounts, complaint):
        assert importer.complaints(importer.put("vendors", tools.vendor(1, paymentMeans=banked(*accounts)))) == [
            complaint
        ]

    def test_a_vendor_may_have_several_accounts_and_change_them(self, importer, tools):
        importer.put("vendors", tools.vendor(1, paymentMeans=banked("111", "222")))
        importer.clock.advance(5)
        importer.put("vendors", tools.vendor(1, paymentMeans=banked("222")))
        freed = importer.put("vendors", tools.vendor(2, paymentMeans=banked("111")))
        assert importer.outcomes(freed) == {"E-2": "Success"}


class TestPeople:
    def test_an_edit_in_p2p_stays_until_a_changed_record_comes(self, importer, tools):
        importer.put("vendors", tools.vendor(1))
        assert importer.twin.act("edit_vendor", vendor="V-1", changes={"name": "Edited by hand"}) == "E-1"
        assert (vendors(importer), importer.found("vendors/E-1")["name"]) == ({"V-1": "Edited by hand"}, "Vendor 1")
        importer.clock.advance(5)
        same = importer.put("vendors", tools.vendor(1))
        assert (importer.outcomes(same), vendors(importer)) == ({"E-1": "NotProcessed"}, {"V-1": "Edited by hand"})
        importer.put("vendors", tools.vendor(1, description="changed"))
        assert vendors(importer) == {"V-1": "Vendor 1"}

    def test_a_vendor_entered_by_hand_is_unknown_to_the_interface(self, importer, tools):
        entered = {"vendorCode": "V-9", "name": "By hand", "companies": [{"companyCode": "US10"}]}
        assert importer.twin.act("add_vendor", vendor=entered) == "P2P-1"
        assert (vendors(importer), importer.get("/v1/vendors").status) == ({"V-9": "By hand"}, 404)
        [row] = importer.in_p2p("vendors")
        assert row["origin"] == "person"
        clash = importer.put("vendors", tools.vendor(9))
        assert importer.complaints(clash) == ["vendorCode V-9 is in use in company US10 by another record"]
        importer.put("matchingOrders", tools.order(1, supplierCode="V-9"))
        assert importer.outcomes(importer.put("matchingOrderLines", tools.order_line(1))) == {"L-1": "Success"}

    def test_a_vendor_is_taken_out_of_use(self, importer, tools):
        importer.put("vendors", tools.vendor(1, processingStatus={"active": True, "paymentDenied": True}))
        importer.twin.act("inactivate_vendor", vendor="E-1")
        [row] = importer.in_p2p("vendors")
        assert row["processingStatus"] == {"active": False, "paymentDenied": True}
        assert importer.found("vendors/E-1")["processingStatus"]["active"] is True

    def test_p2p_refuses_people_what_it_refuses_the_interface(self, importer, tools):
        importer.put("vendors", tools.vendor(1), tools.vendor(2))
        with pytest.raises(ValueError, match="V-2 is in use in US10"):
            importer.twin.act("edit_vendor", vendor="V-1", changes={"vendorCode": "V-2"})
        with pytest.raises(ValueError, match="maximum length 250"):
            importer.twin.act("edit_vendor", vendor="V-1", changes={"name": "x" * 251})
        with pytest.raises(ValueError, match="a vendor needs vendorCode, companies"):
            importer.twin.act("add_vendor", vendor={"name": "Nobody"})
        with pytest.raises(KeyError, match="no vendor V-7"):
            importer.twin.act("inactivate_vendor", vendor="V-7")

    def test_an_emptied_field_is_gone(self, importer, tools):
        importer.put("vendors", tools.vendor(1, description="old"))
        importer.twin.act("edit_vendor", vendor="V-1", changes={"description": None})
        [row] = importer.in_p2p("vendors")
        assert "description" not in row


def test_amounts_of_a_vendor_stay_exact(importer, tools):
    importer.put("vendors", tools.vendor(1, orderingDetails={"minimumOrderAllowed": Decimal("0.10")}))
    assert str(importer.found("vendors/E-1")["orderingDetails"]["minimumOrderAllowed"]) == "0.10"
