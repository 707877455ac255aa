"""Writing imported data at the API layer: POST replaces whole records, PATCH changes some of their fields."""

import pytest


def errors(answer, tools):
    return [(one["externalCode"], one["code"], one["message"]) for one in tools.parsed(answer)["errors"]]


class TestPosting:
    @pytest.mark.row("S8")
    def test_one_record_alone_is_refused_because_it_is_no_array(self, importer, tools):
        answer = importer.post("/v1/vendors", tools.vendor(1))
        assert answer.status == 400
        assert errors(answer, tools) == [("", "SCHEMA_VALIDATION_ERROR", "the body must be an array")]

    @pytest.mark.row("S9")
    def test_one_bad_record_stops_the_whole_request(self, importer, tools):
        bad = tools.vendor(2, vendorCode="V" * 26, companies=[{"code": "US10"}], role="x")
        answer = importer.post("/v1/vendors", [tools.vendor(1), bad])
        assert answer.status == 400
        assert errors(answer, tools) == [
            ("E-2", "SCHEMA_VALIDATION_ERROR", "role: additional properties are not allowed"),
            ("E-2", "SCHEMA_VALIDATION_ERROR", "vendorCode: maximum length 25 exceeded"),
            ("E-2", "SCHEMA_VALIDATION_ERROR", "companies[0].code: additional properties are not allowed"),
            ("E-2", "SCHEMA_VALIDATION_ERROR", "companies[0].companyCode: required"),
        ]
        assert importer.get("/v1/vendors").status == 404
        assert importer.get("/v1/requestStatus?entityType=Vendor").status == 404

    @pytest.mark.row("S9")
    @pytest.mark.parametrize(
        ("path", "broken", "message"),
        [
            ("accounts", {"accountNames": [{"language": "en-US", "translation": "x"}]}, "minimum length 2 not reached"),
            ("accounts", {"accountNames": {}}, "must be an array"),
            ("accounts", {"accountCode": 6000}, "must be a string"),
            ("accounts", {"companies": [{"companyCode": "US10", "inherit": "yes", "active": True}]}, "true or false"),
            ("accounts", {"externalCode": None}, "required"),
            ("accounts", {"lastUpdated": None}, "must not be null"),
            ("paymentTerms", {"dueDateCalc": 2}, "must have the form 0|1"),
            ("paymentTerms", {"moveDueDatesTo": 1}, "must be a string"),
            ("paymentTerms", {"cashDiscount": -1}, "must be from 0 to 1000000000"),
            ("paymentTerms", {"dueDateDays": "30"}, "must be a number"),
            ("paymentTerms", {"dueDateDays": 2**31}, "whole number of 32 bits"),
            ("paymentTerms", {"validFrom": "soon"}, "must be a date-time"),
            ("vendors", {"orderingDetails": {"orderEmail": "Orders@Vendor.Example"}}, "must have the form"),
            ("vendors", {"orderingDetails": {"orderingFormat": "fax"}}, "must be one of"),
            ("vendors", {"orderingDetails": "none"}, "must be an object"),
        ],
    )
    def test_every_kind_of_fault_is_found(self, importer, tools, path, broken, message):
        record = {"accounts": tools.account(1), "paymentTerms": tools.term("NET30"), "vendors": tools.vendor(1)}[path]
        answer = importer.post(f"/v1/{path}", [{**record, **broken}])
        assert answer.status == 400
        assert message in errors(answer, tools)[0][2]

    def test_what_is_not_json_is_refused(self, importer, tools):
        answer = importer.send("POST", "/v1/vendors", b"[{", {"Content-Type": "application/json"})
        assert (answer.status, errors(answer, tools)[0][1]) == (400, "SCHEMA_VALIDATION_ERROR")
        assert importer.send("POST", "/v1/vendors", b"[]", {"Content-Type": "text/xml"}).status == 415
        assert importer.post("/v1/vendors", ["E-1"]).status == 400

    @pytest.mark.row("S10")
    @pytest.mark.parametrize(("path", "most"), [("vendors", 200), ("accounts", 500), ("matchingOrderLines", 100)])
    def test_too_many_records_are_refused(self, importer, tools, path, most):
        build = {"vendors": tools.vendor, "accounts": tools.account, "matchingOrderLines": tools.order_line}[path]
        records = [build(number) for number in range(most + 1)]
        answer = importer.post(f"/v1/{path}", records)
        assert (answer.status, tools.parsed(answer)["hasErrors"]) == (400, True)
        assert importer.post(f"/v1/{path}", records[:most]).status == 200

    @pytest.mark.row("S10")
    def test_more_than_six_megabytes_are_too_many(self, importer, tools):
        spaces = b" " * (6 * 1024 * 1024)
        answer = importer.send("POST", "/v1/vendors", b"[" + spaces + b"]", {"Content-Type": "application/json"})
        assert answer.status == 413

    @pytest.mark.row("S11")
    def test_what_was_stored_comes_back_with_a_request_id(self, importer, tools):
        answer = importer.post("/v1/accounts", [tools.account(1), tools.account(2)])
        assert answer.status == 200
        assert len(answer.headers["x-amzn-RequestId"]) == 36
        echoed = tools.parsed(answer)
        assert [each.pop("lastUpdated") for each in echoed] == ["2026-11-20T12:00:00.000Z"] * 2
        assert echoed == [tools.account(1), tools.account(2)]

    def test_a_code_that_is_twice_in_one_request_is_a_conflict(self, importer, tools):
        answer = importer.post("/v1/accounts", [tools.account(1), tools.account(1, accountCode="2")])
        assert (answer.status, errors(answer, tools)[0][:2]) == (409, ("A-1", "CONFLICT_IN_POST"))
        assert importer.get("/v1/accounts").status == 404

    def test_a_second_post_replaces_everything(self, importer, tools):
        importer.put("accounts", tools.account(1, text1="old", taxCode="T1"))
        importer.put("accounts", tools.account(1, text2="new"))
        shown = importer.found("accounts/A-1")
        assert ("text1" in shown, "taxCode" in shown, shown["text2"]) == (False, False, "new")

    def test_time_stamps_and_basware_s_own_ids_cannot_be_set(self, importer, tools):
        importer.put("vendors", tools.vendor(1, lastUpdated="2001-01-01T00:00:00Z", buvid="mine"))
        shown = importer.found("vendors/E-1")
        assert (shown["lastUpdated"], shown["buvid"] != "mine") == ("2026-11-20T12:00:00.000Z", True)
        importer.put("vendors", tools.vendor(1, name="Other"))
        assert importer.found("vendors/E-1")["buvid"] == shown["buvid"]

    def test_an_operation_nobody_offers_is_405(self, importer, tools):
        importer.put("companies", {"companyCode": "US30", "name": "Third", "active": True})
        assert importer.patch("companies/US30", name="x").status == 405
        assert importer.delete("companies", externalCode="US30").status == 405

    @pytest.mark.row("S3")
    def test_reading_does_not_allow_writing(self, tools):
        reader = tools.importer()
        seed = tools.tenant([], client_id="reader", user="reader", scopes=["vendors.read"])
        reader.twin.add_tenant(seed)
        reader.authorization = tools.basic("reader", "pass word")
        assert reader.get("/v1/vendors").status == 404
        assert reader.post("/v1/vendors", [tools.vendor(1)]).status == 403
        assert reader.patch("vendors/E-1", name="x").status == 403
        assert reader.delete("vendors", externalCode="E-1").status == 403


class TestPatching:
    @pytest.mark.row("S15")
    def test_what_is_not_sent_stays_and_null_counts_as_not_sent(self, importer, tools):
        importer.put("accounts", tools.account(1, text1="kept", text2="old"))
        answer = importer.patch("accounts/A-1", text1=None, text2="new")
        assert answer.status == 200
        shown = importer.found("accounts/A-1")
        assert (shown["text1"], shown["text2"], shown["accountCode"]) == ("kept", "new", "1")
        assert tools.parsed(answer) == shown

    @pytest.mark.row("S15")
    def test_only_what_is_there_can_be_patched(self, importer):
        answer = importer.patch("accounts/A-1", text1="x")
        assert (answer.status, answer.body) == (404, b"")

    @pytest.mark.row("S15")
    def test_a_patch_is_checked_but_nothing_is_required(self, importer, tools):
        importer.put("accounts", tools.account(1))
        assert importer.patch("accounts/A-1").status == 200
        for wrong in ({"text1": "x" * 251}, {"nothing": 1}, {"companies": [{"companyCode": "US10"}]}):
            answer = importer.patch("accounts/A-1", **wrong)
            assert (answer.status, errors(answer, tools)[0][:2]) == (400, ("A-1", "SCHEMA_VALIDATION_ERROR"))
        assert importer.send("PATCH", "/v1/accounts/A-1", [{"text1": "x"}]).status == 400

    def test_the_code_in_the_body_must_be_that_of_the_path(self, importer, tools):
        importer.put("accounts", tools.account(1))
        answer = importer.patch("accounts/A-1", externalCode="A-2")
        assert (answer.status, errors(answer, tools)[0][1]) == (400, "EXTERNAL_CODE_MISMATCH")
        assert importer.patch("accounts/A-1", externalCode="A-1").status == 200

    @pytest.mark.row("S15")
    def test_records_inside_a_vendor_are_left_alone(self, importer, tools):
        importer.put("vendors", tools.vendor(1, contacts=[{"name": "Ann", "email": "ann@v.example"}]))
        changes = {"contacts": [{"name": "Ann", "email": "new@v.example"}], "processingStatus": {"active": False}}
        assert importer.patch("vendors/E-1", name="Renamed", **changes).status == 200
        shown = importer.found("vendors/E-1")
        assert shown["contacts"] == [{"name": "Ann", "email": "ann@v.example"}]
        assert (shown["name"], shown["processingStatus"]) == ("Renamed", {"active": False})

    @pytest.mark.row("S15")
    def test_a_tenant_may_refuse_or_take_changes_inside_a_vendor(self, importer, tools):
        importer.put("vendors", tools.vendor(1, contacts=[{"name": "Ann"}]))
        importer.twin.switches.vendor_patch = "refuse"
        answer = importer.patch("vendors/E-1", contacts=[{"name": "Bob"}])
        assert (answer.status, errors(answer, tools)[0][:2]) == (400, ("E-1", "DATA_VALIDATION_FAILED"))
        importer.twin.switches.vendor_patch = "replace"
        assert importer.patch("vendors/E-1", contacts=[{"name": "Bob"}]).status == 200
        assert importer.found("vendors/E-1")["contacts"] == [{"name": "Bob"}]
