"""What becomes of posted records in P2P: when, with which outcome, and what people do there meanwhile."""

import pickle

import pytest

US20 = [{"companyCode": "US20", "inherit": True, "active": True}]


def accounts(importer):
    return {row["accountCode"]: row["accountNames"][0]["translation"] for row in importer.in_p2p("accounts")}


class TestTime:
    @pytest.mark.row("S12")
    def test_an_accepted_record_reaches_p2p_later(self, importer, tools):
        importer.twin.switches.processing_seconds = 90
        request_id = importer.put("accounts", tools.account(6000))
        assert importer.found("accounts/A-6000")["accountCode"] == "6000"
        assert (importer.outcomes(request_id), accounts(importer)) == ({"A-6000": "InProgress"}, {})
        importer.clock.advance(90)
        assert (importer.outcomes(request_id), accounts(importer)) == ({"A-6000": "Success"}, {"6000": "Account 6000"})

    @pytest.mark.row("S12")
    def test_how_long_it_takes_can_vary_by_the_seed(self, importer, tools):
        importer.twin.switches.processing_jitter_seconds = 100
        ids = [importer.put("accounts", tools.account(number)) for number in range(20)]
        importer.clock.advance(50)
        halfway = [importer.status(each)["requestStatus"] for each in ids]
        assert set(halfway) == {"InProgress", "Success"}
        importer.clock.advance(50)
        assert {importer.status(each)["requestStatus"] for each in ids} == {"Success"}

    @pytest.mark.row("S12")
    def test_every_record_has_an_outcome_of_its_own(self, importer, tools):
        request_id = importer.put("accounts", tools.account(1), tools.account(2, companies=US20), tools.account(3))
        assert importer.outcomes(request_id) == {"A-1": "Success", "A-2": "Error", "A-3": "Success"}
        assert importer.complaints(request_id) == ["Record skipped: company code US20 was not found"]
        assert set(accounts(importer)) == {"1", "3"}
        assert importer.found("accounts/A-2")["companies"] == US20


class TestUnchangedAndOvertaken:
    @pytest.mark.row("S13")
    def test_an_identical_record_is_not_processed_again(self, importer, tools):
        importer.put("accounts", tools.account(1, text1=None))
        importer.clock.advance(60)
        again = importer.put("accounts", tools.account(1), tools.account(2))
        assert importer.outcomes(again) == {"A-1": "NotProcessed", "A-2": "Success"}
        assert importer.status(again)["requestStatus"] == "Success"
        changed = importer.put("accounts", tools.account(1, text1="changed"))
        assert importer.outcomes(changed) == {"A-1": "Success"}

    @pytest.mark.row("S13")
    def test_even_a_record_that_failed_must_change_before_it_is_tried_again(self, importer, tools):
        vendor = tools.vendor(1, paymentTerms={"paymentTermCode": "NET30"})
        assert importer.outcomes(importer.put("vendors", vendor)) == {"E-1": "Error"}
        importer.put("paymentTerms", tools.term("NET30"))
        importer.clock.advance(60)
        assert importer.outcomes(importer.put("vendors", vendor)) == {"E-1": "NotProcessed"}
        assert importer.outcomes(importer.put("vendors", {**vendor, "description": "again"})) == {"E-1": "Success"}

    @pytest.mark.row("S13")
    def test_a_tenant_can_have_identical_records_processed(self, importer, tools):
        importer.twin.switches.prevent_duplicate_records = False
        importer.put("accounts", tools.account(1))
        importer.clock.advance(60)
        assert importer.outcomes(importer.put("accounts", tools.account(1))) == {"A-1": "Success"}

    @pytest.mark.row("S14")
    def test_of_two_posts_within_a_second_the_older_one_expires(self, importer, tools):
        older = importer.put("accounts", tools.account(1, accountNames=tools.named("Older")))
        importer.clock.advance(0.5)
        newer = importer.put("accounts", tools.account(1, accountNames=tools.named("Newer")))
        assert (importer.outcomes(older), importer.outcomes(newer)) == ({"A-1": "RecordExpired"}, {"A-1": "Success"})
        [system] = importer.status(older)["systems"]
        assert system["items"][0]["errors"][0]["type"] == "RecordExpired"
        assert accounts(importer) == {"1": "Newer"}

    @pytest.mark.row("S14")
    def test_posts_further_apart_are_both_processed(self, importer, tools):
        older = importer.put("accounts", tools.account(1, text1="older"))
        importer.clock.advance(1)
        newer = importer.put("accounts", tools.account(1, text1="newer"))
        assert (importer.outcomes(older), importer.outcomes(newer)) == ({"A-1": "Success"}, {"A-1": "Success"})

    @pytest.mark.row("S14")
    def test_the_time_within_which_a_version_expires_can_be_another(self, importer, tools):
        importer.twin.switches.record_expired_seconds = 10
        older = importer.put("accounts", tools.account(1))
        importer.clock.advance(9)
        importer.put("accounts", tools.account(1, text1="newer"))
        assert importer.outcomes(older) == {"A-1": "RecordExpired"}

    @pytest.mark.row("S14")
    def test_of_versions_that_arrive_in_the_wrong_order_the_newest_stays(self, importer, tools):
        importer.twin.switches.processing_seconds = 60
        older = importer.put("accounts", tools.account(1, accountNames=tools.named("Older")))
        importer.clock.advance(10)
        importer.twin.switches.processing_seconds = 5
        importer.put("accounts", tools.account(1, accountNames=tools.named("Newer")))
        importer.clock.advance(60)
        assert (importer.outcomes(older), accounts(importer)) == ({"A-1": "RecordExpired"}, {"1": "Newer"})


class TestTrouble:
    @pytest.mark.row("S12")
    def test_errors_come_by_rule_as_often_as_wanted(self, importer, tools):
        importer.twin.act(
            "refuse_imports", message="the queue is down", entity_type="Account", external_code="A-6*", times=1
        )
        first = importer.put("accounts", tools.account(61), tools.account(71), tools.account(62))
        assert importer.outcomes(first) == {"A-61": "Error", "A-71": "Success", "A-62": "Success"}
        [system] = importer.status(first)["systems"]
        assert system["items"][0]["errors"] == [
            {"type": "Error", "message": "the queue is down", "category": "Technical"}
        ]

    @pytest.mark.row("S12")
    def test_a_warning_lets_the_record_through_and_trouble_can_end(self, importer, tools):
        importer.twin.act("refuse_imports", message="cut", outcome="Warning", category="DataValidation")
        warned = importer.put("accounts", tools.account(1))
        assert (importer.outcomes(warned), set(accounts(importer))) == ({"A-1": "Warning"}, {"1"})
        assert importer.status(warned)["requestStatus"] == "Error"
        assert importer.twin.act("accept_imports") == "1"
        assert importer.outcomes(importer.put("accounts", tools.account(2))) == {"A-2": "Success"}

    def test_trouble_must_be_described_in_basware_s_own_words(self, importer):
        for wrong in ({"entity_type": "Bill"}, {"outcome": "Fatal"}, {"category": "Mood"}):
            with pytest.raises(ValueError, match=r"is not one of|knows no"):
                importer.twin.act("refuse_imports", message="x", **wrong)

    @pytest.mark.row("S12")
    def test_a_finished_request_is_announced_once(self, importer, tools):
        heard = []
        importer.twin._world.listeners.append(heard.append)
        good = importer.put("accounts", tools.account(1))
        bad = importer.put("accounts", tools.account(2, companies=US20))
        importer.clock.advance(2)
        importer.get("/v1/accounts")
        importer.status(good)
        told = [(each.tenant, each.task_type, each.task_sub_type, each.document_id) for each in heard]
        assert told == [("client", "RequestStatus", "Success", good), ("client", "RequestStatus", "Error", bad)]


class TestRules:
    def test_a_business_code_belongs_to_one_record_of_a_company(self, tools):
        importer = tools.importer(
            companies=[{"companyCode": code, "name": code} for code in ("US10", "US20")],
        )
        importer.put("accounts", tools.account(1))
        same = importer.put("accounts", tools.account(2, accountCode="1"))
        other_company = importer.put("accounts", tools.account(3, accountCode="1", companies=US20))
        assert importer.complaints(same) == ["accountCode 1 is in use in company US10 by another record"]
        assert importer.outcomes(other_company) == {"A-3": "Success"}
        importer.put("accounts", tools.account(1, accountCode="9"))
        freed = importer.put("accounts", tools.account(2, accountCode="1", text1="again"))
        assert importer.outcomes(freed) == {"A-2": "Success"}

    @pytest.mark.parametrize("path", ["accounts", "costCenters", "taxCodes", "paymentTerms", "projects"])
    def test_a_name_in_american_english_is_needed(self, importer, path):
        name = {"costCenters": "costCenter", "taxCodes": "taxCode", "paymentTerms": "paymentTerm"}.get(path, path[:-1])
        record = {
            "externalCode": "x",
            f"{name}Code" if path != "taxCodes" else "taxCode": "X1",
            f"{name}Names": [{"language": "de-DE", "translation": "Konto"}],
            "companies": [{"companyCode": "US10", "inherit": True, "active": True}],
        }
        if path in {"costCenters", "projects"}:
            record["companies"] = [{"companyCode": "US10", "active": True}]
        record |= {
            "taxCodes": {"taxPercentage": 5},
            "paymentTerms": {"validFrom": "2020-01-01", "validTo": "2030-01-01"},
            "projects": {"validFrom": "2020-01-01", "validUntil": "2030-01-01"},
        }.get(path, {})
        assert importer.complaints(importer.put(path, record)) == [f"{name}Names: a name in en-US is missing"]

    @pytest.mark.parametrize(
        ("changes", "complaint"),
        [
            ({"validTo": "2019-01-01"}, "The validity ends before it begins"),
            ({"dueDateEom": 13}, "dueDateEom: at most 12 month-ends"),
            ({"cashDueDateCalc": 2}, "cashDueDateCalc 2 needs paymentTermDiscountRules"),
            (
                {
                    "paymentTermDiscountRules": [
                        {"externalCode": code, "discountDays": 10, "discountPercent": 2, "active": True}
                        for code in ("a", "b")
                    ]
                },
                "paymentTermDiscountRules: two rules have the same discountDays",
            ),
        ],
    )
    def test_payment_terms_must_be_computable(self, importer, tools, changes, complaint):
        assert importer.complaints(importer.put("paymentTerms", tools.term("NET30", **changes))) == [complaint]

    def test_a_project_must_not_end_before_it_begins(self, importer):
        project = {
            "externalCode": "P",
            "projectCode": "P",
            "projectName": "Bridge",
            "validFrom": "2026-02-01",
            "validUntil": "2026-01-01",
            "companies": [{"companyCode": "US10", "active": True}],
        }
        answer = importer.post("/v2/projects", [project])
        assert importer.complaints(answer.headers["x-amzn-RequestId"]) == ["The validity ends before it begins"]

    @pytest.mark.parametrize(
        ("key", "columns", "complaints"),
        [
            ("ACC_LIST_1", {"text_5": "x" * 250, "number_3": 1}, []),
            ("ACC_LIST_1", {"text_6": "x"}, ["ACC_LIST_1 has no column text_6"]),
            ("ACC_LIST_10", {"dateValue_1": "2026-01-01"}, ["ACC_LIST_10 has no column dateValue_1"]),
            ("ACC_LIST_11", {"text_1": "x" * 51}, ["text_1 has more than the 50 characters of ACC_LIST_11"]),
            ("ACC_LIST_21", {"text_10": "x", "number_5": 1, "dateValue_5": "2026-01-01"}, []),
            ("ACC_LIST_35", {"text_25": "x", "number_10": 1, "dateValue_10": "2026-01-01"}, []),
            ("INV_LIST_1", {"number_1": 1}, ["INV_LIST_1 has no column number_1"]),
            ("INV_LIST_11", {"number_6": 1}, ["INV_LIST_11 has no column number_6"]),
            ("CUST_RESOLVER_5", {"text_15": "x", "number_15": 1, "dateValue_15": "2026-01-01"}, []),
        ],
    )
    def test_p2p_knows_the_columns_of_every_list_where_the_interface_does_not(self, importer, key, columns, complaints):
        request_id = importer.put(f"lists/{key}", {"externalCode": "x", **columns})
        assert importer.complaints(request_id) == complaints
        assert len(importer.in_p2p(f"EXT_{key}")) == (0 if complaints else 1)
        assert importer.status(request_id)["genericListKey"] == key

    def test_a_record_without_a_company_is_skipped_and_a_list_entry_is_not(self, importer, tools):
        skipped = importer.put("accounts", tools.account(1, companies=[]))
        assert importer.complaints(skipped) == ["Record skipped: it names no company"]
        kept = importer.put("lists/ACC_LIST_1", {"externalCode": "x"})
        assert importer.outcomes(kept) == {"x": "Success"}

    def test_exchange_rates_are_imported_for_known_companies(self, importer):
        rate = {
            "externalCode": "r",
            "rate": 1.1,
            "currencyCodeFrom": "EUR",
            "currencyCodeTo": "USD",
            "validFrom": "2026-01-01",
            "companies": [{"companyCode": "US10", "active": True}],
        }
        assert importer.outcomes(importer.put("exchangeRates", rate)) == {"r": "Success"}
        lost = {**rate, "externalCode": "s", "companies": [{"companyCode": "XX", "active": True}]}
        assert importer.outcomes(importer.put("exchangeRates", lost)) == {"s": "Error"}


class TestBothSides:
    def test_what_is_under_way_survives_being_kept_in_a_file(self, importer, tools):
        importer.twin.switches.processing_seconds = 60
        request_id = importer.put("accounts", tools.account(1))
        importer.put("accounts", tools.account(1, text1="newer"))
        importer.delete("vendors", lastUpdated="0001-01-01")
        twin = pickle.loads(pickle.dumps(importer.twin))
        twin.clock.advance(60)
        [row] = twin.p2p_rows("accounts")
        assert row["text1"] == "newer"
        importer.twin, importer.clock = twin, twin.clock
        assert importer.outcomes(request_id) == {"A-1": "RecordExpired"}
        assert importer.delete("vendors", lastUpdated="0001-01-01").status == 202

    def test_a_patch_is_imported_with_all_that_was_there(self, importer, tools):
        importer.put("accounts", tools.account(1, text1="kept"))
        importer.clock.advance(5)
        answer = importer.patch("accounts/A-1", text2="new")
        request_id = answer.headers["x-amzn-RequestId"]
        assert importer.status(request_id)["operationType"] == "PATCH"
        [row] = importer.in_p2p("accounts")
        assert (row["text1"], row["text2"]) == ("kept", "new")

    def test_the_books_show_the_interface_and_p2p_side_by_side(self, importer, tools):
        importer.put("accounts", tools.account(1), tools.account(2, companies=US20))
        books = importer.twin.master_data()
        assert [each["externalCode"] for each in books["interface"]["accounts"]] == ["A-1", "A-2"]
        assert [each["externalCode"] for each in books["p2p"]["accounts"]] == ["A-1"]
        assert books["p2p"]["accounts"][0]["origin"] == "interface"
