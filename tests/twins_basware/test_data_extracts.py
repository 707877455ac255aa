"""The Data Access interface: tables of P2P as files, extracted from time to time."""

import csv
import gzip
import io

import msgspec
import pytest

VENDOR = {"vendorCode": "V-9", "name": "Typed In Ltd", "companies": [{"companyCode": "US10"}]}


def extracts(caller, tools, query=""):
    return tools.parsed(caller.get(f"/v1/dataExtracts{query}"))


def fetch(caller, address):
    """Follow the address of a file to the host that has it, without credentials there."""
    hop = caller.get(address)
    assert hop.status == 302
    return caller.get(hop.headers["Location"], anonymous=True)


def table(caller, tools, extract, name):
    """All records of one table in an extract."""
    found = []
    for file in tools.parsed(caller.get(f"/v1/dataExtracts/{extract}")):
        if file["tableName"] == name:
            found += msgspec.json.decode(gzip.decompress(fetch(caller, file["downloadUrl"]).body))
    return found


def test_the_first_extract_has_everything_and_later_ones_what_changed(caller, tools):
    [first] = extracts(caller, tools)
    assert (first["type"], first["processingStatus"]) == ("Initial", "WaitingForExport")
    assert first["endDate"] == "20/11/2026, 12:00:00"
    assert {row["INVOICE_ID"] for row in table(caller, tools, first["id"], "IA_INVOICE")} == {"inv1", "inv2", "inv3"}

    caller.clock.advance(3600)
    caller.acknowledge("inv2")
    caller.clock.advance(86_400)
    _, second = extracts(caller, tools)
    assert second["type"] == "Delta"
    [row] = table(caller, tools, second["id"], "IA_INVOICE")
    assert (row["INVOICE_ID"], row["PROCESSING_STATUS"]) == ("inv2", "TransferInProgress")


def test_a_supplier_entered_by_hand_is_in_the_extract_although_the_interface_does_not_show_it(caller, tools):
    caller.twin.act("add_vendor", vendor=VENDOR)
    [extract] = extracts(caller, tools)
    [row] = table(caller, tools, extract["id"], "ADM_SUPPLIER")
    assert (row["SUPPLIER_CODE"], row["ORIGIN"], row["IS_ACTIVE"]) == ("V-9", "MANUAL", 1)


def test_a_range_of_dates_is_extracted_on_order(caller, tools):
    caller.twin.switches.extract_every_hours = None
    assert extracts(caller, tools) == []
    made = caller.twin.act("extract", start="2026-11-10T08:02:00Z", end="2026-11-10T08:02:30Z")
    [extract] = extracts(caller, tools)
    assert (extract["id"], extract["type"]) == (made, "DateRange")
    assert [row["INVOICE_ID"] for row in table(caller, tools, made, "IA_INVOICE")] == ["inv2"]
    with pytest.raises(ValueError, match="before it begins"):
        caller.twin.act("extract", start="2026-11-11T00:00:00Z", end="2026-11-10T00:00:00Z")


def test_an_acknowledged_extract_is_exported_and_an_unknown_one_refused(caller, tools):
    [extract] = extracts(caller, tools)
    assert tools.parsed(caller.post(f"/v1/dataExtracts/{extract['id']}/acknowledge"))["succeeded"] is True
    assert extracts(caller, tools, "?processingStatus=WaitingForExport") == []
    assert [each["id"] for each in extracts(caller, tools, "?processingStatus=Exported")] == [extract["id"]]
    assert caller.post("/v1/dataExtracts/nothing/acknowledge").status == 422
    assert tools.parsed(caller.get("/v1/dataExtracts/nothing")) == {"detail": "no extract nothing"}
    assert caller.get("/v1/dataExtracts?processingStatus=Done").status == 400


def test_a_file_comes_by_redirect_and_five_times_only(caller, tools):
    [extract] = extracts(caller, tools)
    address = tools.parsed(caller.get(f"/v1/dataExtracts/{extract['id']}"))[0]["downloadUrl"]
    for _ in range(5):
        assert fetch(caller, address).status == 200
    assert caller.get(address).status == 404
    assert caller.get(f"/v1/dataExtracts/{extract['id']}/getFile?file=OTHER.json.gz").status == 404


def test_a_tenant_may_have_agreed_on_csv_and_every_column_is_in_the_definition(caller, tools):
    caller.twin.switches.extract_form = "csv"
    [extract] = extracts(caller, tools)
    files = tools.parsed(caller.get(f"/v1/dataExtracts/{extract['id']}"))
    definition = tools.parsed(caller.get("/v1/dataExtracts/specification/tableDefinition"))
    columns = {each["Table name"]: [column["Column name"] for column in each["Columns"]] for each in definition}
    for file in files:
        assert file["fileName"].endswith(".csv.gz")
        text = gzip.decompress(fetch(caller, file["downloadUrl"]).body).decode()
        assert next(csv.reader(io.StringIO(text))) == columns[file["tableName"]]
    log = tools.parsed(caller.get("/v1/dataExtracts/specification/tableDefinition/changeLog"))
    assert {name for version in log for name in version["Added tables"]} == columns.keys()


def test_an_extract_is_kept_for_a_year(caller, tools):
    [first] = extracts(caller, tools)
    caller.clock.advance(366 * 86_400)
    assert first["id"] not in [each["id"] for each in extracts(caller, tools)]


def test_nobody_reads_extracts_without_signing_in(caller, tools):
    refused = caller.get("/v1/dataExtracts", anonymous=True)
    assert (refused.status, tools.parsed(refused)) == (401, {"message": "Unauthorized"})


def test_a_record_imported_at_the_last_moment_is_in_no_gap_between_two_extracts(importer, tools):
    importer.put("vendors", tools.vendor(1))
    importer.clock.advance(0.5)
    [first] = extracts(importer, tools)
    importer.clock.advance(86_400)
    _, second = extracts(importer, tools)
    rows = [table(importer, tools, each["id"], "ADM_SUPPLIER") for each in (first, second)]
    assert [[row["SUPPLIER_CODE"] for row in found] for found in rows] == [["V-1"], []]


def test_a_vendor_that_does_not_say_whether_it_is_active_is_active(importer, tools):
    importer.put("vendors", tools.vendor(1, processingStatus={"active": None, "paymentDenied": None}))
    [extract] = extracts(importer, tools)
    [row] = table(importer, tools, extract["id"], "ADM_SUPPLIER")
    assert (row["IS_ACTIVE"], row["IS_PAYMENT_DENIED"]) == (1, 0)
