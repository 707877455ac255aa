"""Lists of imported data at the API layer: reading and paging. What P2P makes of the records is in test_imports."""

import pytest

from twins.basware.resources import RESOURCES
from twins.basware.schemas import schema

TOKEN = "x-amz-meta-continuationtoken"


def pages(importer, tools, path, wrapper, key="externalCode"):
    """Keys page by page, following the continuation token."""
    found, headers = [], {}
    while True:
        page = importer.get(f"/v1/{path}", headers)
        assert page.status == 200
        found.append([record[key] for record in tools.parsed(page)[wrapper]])
        if TOKEN not in page.headers:
            return found
        headers = {TOKEN: page.headers[TOKEN]}


def errors(answer, tools):
    return [(one["externalCode"], one["code"], one["message"]) for one in tools.parsed(answer)["errors"]]


class TestReading:
    @pytest.mark.row("S4")
    def test_an_empty_list_is_404_without_a_body(self, importer):
        for path in ("vendors", "accounts", "lists/ACC_LIST_1", "matchingOrders", "errorFeedbacks", "requestStatus"):
            answer = importer.get(f"/v1/{path}")
            assert (path, answer.status, answer.body) == (path, 404, b"")

    @pytest.mark.row("S5")
    def test_pages_follow_a_token_in_the_header_and_the_last_page_has_none(self, importer, tools):
        importer.put("vendors", *(tools.vendor(number) for number in range(5)))
        assert pages(importer, tools, "vendors?pageSize=2", "vendorEntities") == [
            ["E-0", "E-1"],
            ["E-2", "E-3"],
            ["E-4"],
        ]

    @pytest.mark.row("S5")
    def test_a_page_that_ends_exactly_at_the_last_record_has_no_token(self, importer, tools):
        importer.put("vendors", *(tools.vendor(number) for number in range(4)))
        assert pages(importer, tools, "vendors?pageSize=2", "vendorEntities") == [["E-0", "E-1"], ["E-2", "E-3"]]

    @pytest.mark.row("S5")
    def test_a_token_is_bound_to_its_query_and_its_list(self, importer, tools):
        importer.put("vendors", *(tools.vendor(number) for number in range(3)))
        importer.put("accounts", tools.account(6000))
        first = importer.get("/v1/vendors?pageSize=2&companyCode=US10")
        headers = {TOKEN: first.headers[TOKEN]}
        assert importer.get("/v1/vendors?companyCode=US10&PAGESIZE=2", headers).status == 200
        for changed in (
            "vendors?pageSize=1&companyCode=US10",
            "vendors?pageSize=2",
            "accounts?pageSize=2&companyCode=US10",
        ):
            answer = importer.get(f"/v1/{changed}", headers)
            assert answer.status == 400
            assert errors(answer, tools)[0][1] == "PARAMETER_VALIDATION_ERROR"
        assert importer.get("/v1/vendors?pageSize=2&companyCode=US10", {TOKEN: "made up"}).status == 400

    @pytest.mark.row("S5")
    def test_a_token_can_expire(self, importer, tools):
        importer.twin.switches.continuation_seconds = 60
        importer.put("vendors", *(tools.vendor(number) for number in range(3)))
        headers = {TOKEN: importer.get("/v1/vendors?pageSize=2").headers[TOKEN]}
        importer.clock.advance(60)
        assert importer.get("/v1/vendors?pageSize=2", headers).status == 200
        importer.clock.advance(1)
        assert importer.get("/v1/vendors?pageSize=2", headers).status == 400

    def test_a_record_changed_while_pages_are_read_comes_again_at_the_end(self, importer, tools):
        importer.put("accounts", *(tools.account(number) for number in (1, 2, 3)))
        first = importer.get("/v1/accounts?pageSize=2")
        importer.put("accounts", tools.account(1, text1="changed"))
        second = importer.get("/v1/accounts?pageSize=2", {TOKEN: first.headers[TOKEN]})
        assert [each["externalCode"] for each in tools.parsed(second)["accounts"]] == ["A-3", "A-1"]

    @pytest.mark.parametrize(
        ("path", "usual", "most"), [("vendors", 100, 500), ("accounts", 500, 500), ("matchingOrderLines", 100, 100)]
    )
    def test_every_list_has_page_sizes_of_its_own(self, importer, tools, path, usual, most):
        [resource] = [each for each in RESOURCES if each.name == path]
        assert (resource.page, resource.page_most) == (usual, most)
        importer.put("matchingOrderLines", tools.order_line(1))
        narrowed = "&orderExternalCode=O-1" if path == "matchingOrderLines" else ""
        assert importer.get(f"/v1/{path}?pageSize={most}{narrowed}").status in {200, 404}
        for size in ("0", str(most + 1), "many"):
            assert importer.get(f"/v1/{path}?pageSize={size}{narrowed}").status == 400

    def test_without_a_page_size_vendors_come_by_the_hundred(self, importer, tools):
        importer.put("vendors", *(tools.vendor(number) for number in range(150)))
        assert [len(page) for page in pages(importer, tools, "vendors", "vendorEntities")] == [100, 50]

    def test_only_what_changed_after_an_instant(self, importer, tools):
        importer.put("accounts", tools.account(1))
        [stored] = importer.found("accounts")["accounts"]
        importer.clock.advance(10)
        importer.put("accounts", tools.account(2))
        found = importer.found(f"accounts?lastUpdated={stored['lastUpdated']}")["accounts"]
        assert [each["externalCode"] for each in found] == ["A-2"]
        importer.twin.switches.last_updated_inclusive = True
        found = importer.found(f"accounts?lastUpdated={stored['lastUpdated']}")["accounts"]
        assert [each["externalCode"] for each in found] == ["A-1", "A-2"]
        assert importer.get("/v1/accounts?lastUpdated=2030-01-01").status == 404
        assert importer.get("/v1/accounts?lastUpdated=yesterday").status == 400

    def test_only_the_records_of_a_company(self, importer, tools):
        elsewhere = [{"companyCode": "US20", "inherit": False, "active": True}]
        importer.put("accounts", tools.account(1), tools.account(2, companies=elsewhere))
        importer.put("matchingOrders", tools.order(1), tools.order(2, companyCode="US20", isClosed=True))
        assert [each["externalCode"] for each in importer.found("accounts?companyCode=US20")["accounts"]] == ["A-2"]
        found = importer.found("matchingOrders?companyCode=US20")["matchingOrders"]
        assert [each["externalCode"] for each in found] == ["O-2"]
        found = importer.found("matchingOrders?orderStatus=Closed")["matchingOrders"]
        assert [each["externalCode"] for each in found] == ["O-2"]

    def test_lines_are_asked_for_by_order(self, importer, tools):
        importer.put("matchingOrderLines", tools.order_line(1), tools.order_line(2, orderExternalCode="O-2"))
        answer = importer.get("/v1/matchingOrderLines")
        assert (answer.status, errors(answer, tools)[0][2]) == (400, "orderExternalCode: required")
        found = importer.found("matchingOrderLines?orderExternalCode=O-2")["matchingOrderLines"]
        assert [each["externalCode"] for each in found] == ["L-2"]

    def test_one_record_comes_as_itself(self, importer, tools):
        importer.put("accounts", tools.account(1))
        assert importer.found("accounts/A-1")["accountCode"] == "1"
        assert importer.get("/v1/accounts/A-2").status == 404

    @pytest.mark.row("S28")
    def test_names_of_parameters_have_no_case_and_unknown_ones_are_ignored(self, importer, tools):
        importer.put("matchingOrderLines", tools.order_line(1))
        importer.put("vendors", tools.vendor(1))
        assert importer.get("/v1/matchingOrderLines?OrderExternalCode=O-1&system=P2P").status == 200
        assert importer.get("/v1/vendors?system=P2P&PageSize=1").status == 200

    @pytest.mark.row("S28")
    def test_a_strict_service_refuses_unknown_parameters_and_wrong_case(self, importer, tools):
        importer.twin.switches.strict_parameters = True
        importer.put("vendors", tools.vendor(1))
        assert importer.get("/v1/vendors?pageSize=1").status == 200
        for query in ("system=P2P", "PageSize=1"):
            answer = importer.get(f"/v1/vendors?{query}")
            assert (answer.status, errors(answer, tools)[0][1]) == (400, "PARAMETER_VALIDATION_ERROR")

    @pytest.mark.row("S27")
    def test_lists_come_wrapped_under_their_own_name_or_bare(self, importer, tools):
        importer.put("vendors", tools.vendor(1))
        importer.put("matchingOrderLines", tools.order_line(1))
        importer.put("accounts", tools.account(1))
        lines = "matchingOrderLines?orderExternalCode=O-1"
        assert list(importer.found("vendors")) == ["vendorEntities"]
        assert list(importer.found(lines)) == ["matchingOrderLines"]
        importer.twin.switches.bare_vendors_and_lines = True
        assert [each["externalCode"] for each in importer.found("vendors")] == ["E-1"]
        assert [each["externalCode"] for each in importer.found(lines)] == ["L-1"]
        assert list(importer.found("accounts")) == ["accounts"]
        importer.twin.switches.bare_lists = True
        assert [each["externalCode"] for each in importer.found("accounts")] == ["A-1"]

    @pytest.mark.row("S33")
    def test_a_later_release_adds_fields_and_values_at_every_depth(self, importer, tools):
        contact = {"name": "Desk", "role": "PrimaryContact", "email": None}
        importer.put("vendors", tools.vendor(1, contacts=[contact]))
        switches = importer.twin.switches
        switches.extra_fields = switches.unknown_enum_values = True
        shown = importer.found("vendors/E-1")
        known = schema("VendorContactEntity")
        assert shown.keys() - schema("VendorEntity").keys()
        assert shown["contacts"][0].keys() - known.keys()
        assert shown["contacts"][0]["role"] not in known["role"].words
        switches.extra_fields = switches.unknown_enum_values = False
        assert importer.found("vendors/E-1")["contacts"] == [contact]
        switches.null_fields = "omit"
        assert importer.found("vendors/E-1")["contacts"] == [{"name": "Desk", "role": "PrimaryContact"}]


class TestListsAndProjects:
    def test_every_list_has_records_of_its_own(self, importer):
        importer.put("lists/ACC_LIST_1", {"externalCode": "x", "text_1": "one"})
        importer.put("lists/INV_LIST_20", {"externalCode": "x", "text_1": "two"})
        assert importer.found("lists/ACC_LIST_1/x")["text_1"] == "one"
        assert [each["text_1"] for each in importer.found("lists/INV_LIST_20")["listItems"]] == ["two"]
        assert importer.patch("lists/ACC_LIST_1/x", text_2="more").status == 200
        assert importer.found("lists/ACC_LIST_1/x")["text_2"] == "more"

    @pytest.mark.parametrize("key", ["ACC_LIST_36", "INV_LIST_21", "CUST_RESOLVER_6", "ACC_LIST_01", "DEPARTMENTS"])
    def test_other_lists_do_not_exist(self, importer, tools, key):
        record = {"externalCode": "x"}
        for answer in (
            importer.get(f"/v1/lists/{key}"),
            importer.get(f"/v1/lists/{key}/x"),
            importer.post(f"/v1/lists/{key}", [record]),
            importer.patch(f"lists/{key}/x", text_1="y"),
            importer.delete(f"lists/{key}", externalCode="x"),
        ):
            assert (answer.status, errors(answer, tools)[0][1]) == (400, "PARAMETER_VALIDATION_ERROR")

    def test_the_two_versions_of_projects_are_two_lists(self, importer):
        common = {
            "externalCode": "P-1",
            "projectCode": "P1",
            "validFrom": "2026-01-01",
            "validUntil": "2026-12-31",
            "companies": [{"companyCode": "US10", "active": True}],
        }
        names = [{"language": "en-US", "translation": "Old style"}]
        importer.put("projects", {**common, "projectNames": names})
        assert importer.get("/v2/projects").status == 404
        assert importer.post("/v2/projects", [{**common, "projectNames": names}]).status == 400
        assert importer.post("/v2/projects", [{**common, "projectName": "New style"}]).status == 200
        assert importer.found("projects/P-1")["projectNames"] == names
        assert {row["projectCode"] for row in importer.in_p2p("ADM_PROJECTS")} == {"P1"}
        assert [row["projectName"] for row in importer.in_p2p("GDM_CUSTOMER_PROJECTS")] == ["New style"]


class TestSeeds:
    def test_a_seed_brings_records_as_if_they_had_been_imported(self, tools):
        importer = tools.importer(
            vendors=[tools.vendor(1)],
            accounts=[tools.account(6000)],
            paymentTerms=[tools.term("NET30")],
            lists={"ACC_LIST_1": [{"externalCode": "x", "text_1": "one"}]},
            matchingOrders=[tools.order(1)],
            matchingOrderLines=[tools.order_line(1)],
        )
        assert importer.found("vendors/E-1")["name"] == "Vendor 1"
        assert importer.found("lists/ACC_LIST_1/x")["text_1"] == "one"
        assert [row["orderNumber"] for row in importer.in_p2p("matchingOrders")] == ["PO-1"]
        assert importer.outcomes(importer.put("vendors", tools.vendor(1))) == {"E-1": "NotProcessed"}

    @pytest.mark.parametrize(
        ("seed", "complaint"),
        [
            ({"accounts": [{"externalCode": "A-1"}]}, "accountCode: required"),
            ({"lists": {"NO_LIST": []}}, "no list NO_LIST"),
            ({"companies": [{"companyCode": "US10"}]}, "name: required"),
        ],
    )
    def test_a_seed_that_the_interface_would_refuse_is_refused(self, tools, seed, complaint):
        with pytest.raises(ValueError, match=complaint):
            tools.importer(**seed)

    def test_a_seed_with_one_code_twice_is_refused(self, tools):
        with pytest.raises(ValueError, match="E-1 is there twice"):
            tools.importer(vendors=[tools.vendor(1), tools.vendor(1)])
        with pytest.raises(ValueError, match="V-1 in US10"):
            tools.importer(vendors=[tools.vendor(1), tools.vendor(2, vendorCode="V-1")])


class TestCompanies:
    def test_companies_are_posted_for_the_portal_and_never_reach_p2p(self, importer, tools):
        importer.put("companies", {"companyCode": "US20", "name": "Second", "active": True})
        assert [each["companyCode"] for each in importer.found("companies")["companies"]] == ["US10", "US20"]
        assert importer.found("companies/US20")["name"] == "Second"
        elsewhere = [{"companyCode": "US20", "inherit": False, "active": True}]
        request_id = importer.put("accounts", tools.account(1, companies=elsewhere))
        assert importer.outcomes(request_id) == {"A-1": "Error"}
        assert importer.complaints(request_id) == ["Record skipped: company code US20 was not found"]
