"""The query language: what it finds, how it pages, and what it refuses."""

import pytest


@pytest.fixture
def bills(qbo):
    for number in range(1, 26):
        qbo.post(
            "Bill",
            qbo.bill(
                qbo.line(number),
                vendor="50" if number % 2 else "51",
                DocNumber=f"N-{number:02}",
                TxnDate=f"2026-10-{number:02}",
            ),
        )
        qbo.clock.advance(1)
    return qbo


def numbers(qbo, statement):
    return [each["DocNumber"] for each in qbo.query(statement).get("Bill", [])]


def test_pages_are_cut_by_start_and_size_in_either_order(bills):
    expected = [f"N-{number:02}" for number in range(11, 16)]
    assert numbers(bills, "SELECT * FROM Bill STARTPOSITION 11 MAXRESULTS 5") == expected
    assert numbers(bills, "select * from bill maxresults 5 startposition 11") == expected
    page = bills.query("SELECT * FROM Bill STARTPOSITION 24 MAXRESULTS 5")
    assert (page["startPosition"], page["maxResults"]) == (24, 2)


def test_an_empty_result_has_no_keys_and_a_count_has_only_one(bills):
    assert bills.query("select * from Bill where DocNumber = 'nothing'") == {}
    assert bills.query("select count(*) from Bill") == {"totalCount": 25}
    assert bills.query("SELECT COUNT(*) FROM Bill WHERE TotalAmt > '20'") == {"totalCount": 5}


def test_a_page_holds_100_unless_asked_and_1000_at_most(qbo):
    for start in range(0, 120, 30):
        qbo.batch(*({"operation": "create", "Bill": qbo.bill(DocNumber=f"D-{start + step}")} for step in range(30)))
    assert qbo.query("select * from Bill")["maxResults"] == 100
    assert qbo.query("select * from Bill maxresults 1000")["maxResults"] == 120
    assert qbo.query_code("select * from Bill maxresults 1001") == "4001"
    qbo.twin.switches.clamp_page_size = True
    assert qbo.query("select * from Bill maxresults 5000")["maxResults"] == 120


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("TotalAmt >= 24", ["N-24", "N-25"]),
        ("TotalAmt < 3 AND VendorRef = '51'", ["N-02"]),
        ("TxnDate > '2026-10-23' AND TxnDate <= '2026-10-24'", ["N-24"]),
        ("TxnDate >= CURRENT_DATE", []),
        ("DocNumber IN ('n-03', 'N-01', 'zzz') ORDERBY DocNumber", ["N-01", "N-03"]),
        (
            "DocNumber LIKE 'N-2%' AND Balance != 25 ORDER BY TotalAmt DESC, Id ASC",
            ["N-24", "N-23", "N-22", "N-21", "N-20"],
        ),
        ("DocNumber LIKE '%-0_'", []),
        ("docnumber = 'n-07'", ["N-07"]),
        ("VendorRef.value = '51' MAXRESULTS 2", ["N-02", "N-04"]),
        ("MetaData.LastUpdatedTime > '2026-11-02T12:00:22+00:00'", ["N-24", "N-25"]),
        ("MetaData.CreateTime < '2026-11-02T04:00:01-08:00'", ["N-01"]),
        (
            "MetaData.LastUpdatedTime >= '2026-11-02T04:00:23' AND MetaData.LastUpdatedTime < '2026-11-02T12:00:24Z'",
            ["N-24"],
        ),
        ("MetaData.LastUpdatedTime > CURRENT_DATE AND DocNumber = 'N-25'", ["N-25"]),
        ("TotalAmt = '7.00'", ["N-07"]),
        ("VendorRef IN ('51', '52') AND TotalAmt <= 4 ORDERBY Id DESC", ["N-04", "N-02"]),
        ("DocNumber = ' '", []),
        ("TxnDate = '2026-10-09T23:59:59-07:00'", ["N-09"]),
        ("DocNumber LIKE '%-1%' AND TotalAmt < 12 ORDER BY DocNumber DESC", ["N-11", "N-10"]),
        ("DUEDATE > '2026-10-24' And vendorref = '51'", []),
        ("Id IN ('999', '998')", []),
    ],
)
def test_conditions(bills, where, expected):
    assert numbers(bills, f"SELECT * FROM Bill WHERE {where}") == expected


def test_ids_are_found_by_equality_and_by_list_only(bills):
    ids = [each["Id"] for each in bills.query("select * from Bill maxresults 3")["Bill"]]
    listed = ", ".join(f"'{each}'" for each in ids)
    assert bills.query(f"select * from Bill where Id in ({listed})")["maxResults"] == 3
    assert bills.query_code(f"select * from Bill where Id > '{ids[0]}'") == "4001"


@pytest.mark.row("Q2")
def test_inactive_records_stay_hidden_until_active_is_asked_for(qbo):
    assert qbo.query("select count(*) from Vendor") == {"totalCount": 2}
    assert qbo.query("select count(*) from Vendor where Active IN (true, false)") == {"totalCount": 3}
    gone = qbo.query("select * from Vendor where Active = false")["Vendor"]
    assert [each["DisplayName"] for each in gone] == ["Gone Ltd (deleted)"]


def test_quotes_are_escaped_with_a_backslash(qbo):
    qbo.post("Vendor", {"DisplayName": "Amy's Birds & Co"})
    found = qbo.query("select * from Vendor where DisplayName = 'amy\\'s birds & co'")
    assert found["maxResults"] == 1
    assert qbo.query_code("select * from Vendor where DisplayName = 'Amy''s Birds & Co'") == "4000"


@pytest.mark.parametrize(
    "statement",
    [
        "",
        "delete from Bill",
        "select * from",
        "select * from Bill where",
        "select * from Bill where DocNumber",
        "select * from Bill where DocNumber = ",
        "select * from Bill where DocNumber = 'a' or DocNumber = 'b'",
        "select * from Bill where DocNumber in ('a'",
        "select * from Bill where Balance is null",
        "select * from Bill maxresults ten",
        "select * from Bill maxresults 1 maxresults 2",
        "select * from Bill group by VendorRef",
        "select * from Bill where DocNumber = 'open",
        "select * from Bill where DocNumber = open",
        "select * from Bill startposition 1.5",
        "select * from Bill, Vendor",
        "select count(Id) from Bill",
        "select * from where Id = '1'",
    ],
)
def test_what_is_not_the_language_is_4000(qbo, statement):
    assert qbo.query_code(statement) == "4000"


@pytest.mark.parametrize(
    "statement",
    [
        "select * from Bill where VendorRef > '5'",
        "select * from Bill where VendorRef like '5%'",
        "select Nonsense from Bill",
        "select * from Vendor orderby Active",
        "select * from Bill where Active in (true, false)",
        "select * from Vendor where Active = 'perhaps'",
        "select * from Bill where TxnDate > 'soon'",
        "select * from CompanyInfo where CompanyName = 'x'",
        "select * from Attachable where AttachableRef.EntityRef.Colour = 'x'",
        "select * from Custmoer",
        "select * from Bill where PrivateNote = 'x'",
        "select * from Bill where Line.Amount > 1",
        "select * from Vendor where AcctNum = 'V-1'",
        "select * from Bill orderby PrivateNote",
        "select * from Bill startposition 0",
        "select * from Bill where TotalAmt > 'much'",
        "select * from Bill where MetaData.LastUpdatedTime > 'yesterday'",
    ],
)
def test_what_cannot_be_asked_is_4001(qbo, statement):
    assert qbo.query_code(statement) == "4001"


def test_a_query_can_be_posted_as_text(bills):
    answer = bills.raw("POST", "query", b"select count(*) from Bill", headers={"content-type": "application/text"})
    assert b'"totalCount":25' in answer.body


def test_long_lists_of_numbers_are_answered(bills):
    wanted = ", ".join(f"'N-{number:02}'" for number in range(200))
    assert bills.query(f"select * from Bill where DocNumber in ({wanted}) maxresults 1000")["maxResults"] == 25


def test_select_lists_bring_whole_objects_unless_switched(bills):
    for columns in ("Id, DocNumber", "*, PrivateNote"):
        assert "Line" in bills.query(f"select {columns} from Bill maxresults 1")["Bill"][0]
    bills.twin.switches.narrow_select_lists = True
    row = bills.query("select id, docnumber, VendorRef.value from Bill maxresults 1")["Bill"][0]
    assert set(row) == {"Id", "DocNumber", "VendorRef"}
    assert "Line" in bills.query("select *, DocNumber from Bill maxresults 1")["Bill"][0]


def test_a_start_of_zero_is_refused_in_the_recorded_words(qbo):
    status, body = qbo.call("GET", "query", query="select * from Bill startposition 0")
    error = body["Fault"]["Error"][0]
    assert (status, error["code"]) == (400, "4001")
    assert error["Detail"] == "QueryValidationError: value 0 is too small. Min allowed value is 1"


def test_a_wrong_entity_is_refused_in_the_recorded_words(qbo):
    error = qbo.call("GET", "query", query="select * from Custmoer")[1]["Fault"]["Error"][0]
    assert error["Detail"] == "QueryValidationError: invalid context declaration: Custmoer"


def test_the_count_of_all_rows_can_stand_beside_a_page(bills):
    bills.twin.switches.total_count_with_rows = True
    page = bills.query("select * from Bill where TotalAmt > 20 maxresults 2")
    assert (page["maxResults"], page["totalCount"]) == (2, 5)


def test_the_unequal_sign_can_be_switched_off(bills):
    assert bills.query("select count(*) from Bill where DocNumber != 'N-01'") == {"totalCount": 24}
    bills.twin.switches.unequal_operator = False
    assert bills.query_code("select * from Bill where DocNumber != 'N-01'") == "4001"


def test_a_blank_stands_for_no_value(bills):
    bare = bills.post("Bill", bills.bill())
    found = bills.query("select * from Bill where DocNumber = ' '")["Bill"]
    assert [each["Id"] for each in found] == [bare["Id"]]
    assert bills.query("select count(*) from Bill where DocNumber != ' '") == {"totalCount": 25}


@pytest.mark.parametrize("condition", ["< 'z'", "> ''", "<= 'z'", "!= 'x'", "like '%'", "in ('')"])
def test_a_record_without_a_value_meets_no_comparison_of_it(qbo, condition):
    qbo.post("Bill", qbo.bill())
    assert qbo.query(f"select count(*) from Bill where DocNumber {condition}") == {"totalCount": 0}


def test_pages_in_the_order_of_ids_hold_every_row_once_while_rows_come_and_go(bills):
    first = bills.query("select * from Bill orderby Id maxresults 10")["Bill"]
    bills.post("Bill", {"Id": first[3]["Id"], "SyncToken": "0"}, operation="delete")
    bills.post("Bill", bills.bill(DocNumber="late"))
    rest = [
        each["DocNumber"]
        for start in (10, 20)
        for each in bills.query(f"select * from Bill orderby Id startposition {start} maxresults 10")["Bill"]
    ]
    assert rest == [*(f"N-{number:02}" for number in range(11, 26)), "late"]


def test_ids_are_ordered_as_numbers(qbo):
    found = qbo.query("select * from Account orderby Id desc maxresults 2 startposition 1")["Account"]
    assert [int(each["Id"]) for each in found] == [31, 25]
    names = [each["Id"] for each in qbo.query("select * from TaxCode orderby Id")["TaxCode"]]
    assert names == ["NON", "TAX"]


def test_balances_that_other_records_make_can_be_asked_for(bills):
    rich = bills.query("select * from Vendor where Balance > 160 orderby Balance")["Vendor"]
    assert [each["Balance"] for each in rich] == [169]
    assert bills.query("select count(*) from Vendor where Balance > 100") == {"totalCount": 2}


def test_records_are_found_under_their_present_names_and_vendors_only(bills):
    bill = bills.query("select * from Bill where DocNumber = 'N-01'")["Bill"][0]
    bills.post("Bill", {**bill, "VendorRef": {"value": "51"}, "DocNumber": "M-1"})
    bills.act("rename", entity="Vendor", id="50", name="Nordlys AS")
    assert numbers(bills, "select * from Bill where VendorRef = '51' and TotalAmt < 3") == ["M-1", "N-02"]
    assert bills.query("select * from Bill where DocNumber in ('N-01')") == {}
    assert bills.query("select * from Vendor where DisplayName = 'Nordlys Print'") == {}
    assert bills.query("select * from Vendor where DisplayName in ('NORDLYS as', 'Acme')")["maxResults"] == 1


def test_a_clock_set_back_does_not_hide_changes(bills):
    bills.clock.advance(-20)
    early = bills.post("Bill", bills.bill(DocNumber="early"))
    since = "select count(*) from Bill where MetaData.LastUpdatedTime >= '{}'"
    assert bills.query(since.format(early["MetaData"]["LastUpdatedTime"])) == {"totalCount": 21}
    assert bills.query(since.format("2026-11-02T04:00:20-08:00")) == {"totalCount": 5}
    assert early["MetaData"]["LastUpdatedTime"] == "2026-11-02T04:00:05-08:00"


@pytest.mark.parametrize(
    "entity", ["Term", "TaxCode", "TaxRate", "CompanyCurrency", "Department", "Class", "Item", "Employee"]
)
def test_every_list_can_be_asked_for(make_caller, entity):
    company = make_caller(country="NO", home="NOK", multicurrency=True)
    assert company.query(f"select * from {entity.lower()}")[entity]


def test_company_information_and_preferences_can_be_asked_for(qbo):
    assert qbo.query("select * from CompanyInfo")["CompanyInfo"][0]["CompanyName"] == "Trial Company"
    assert qbo.query("select * from preferences")["Preferences"][0]["CurrencyPrefs"]
    assert qbo.query("select count(*) from CompanyInfo where Id = '1'") == {"totalCount": 1}
    assert qbo.query("select * from CompanyInfo startposition 2") == {}


def test_exchange_rates_hold_until_the_next_one(world):
    asked = "select * from exchangerate where sourcecurrencycode in ('EUR') and asofdate = '{}'"
    rates = {
        day: [(each["Rate"], each["AsOfDate"]) for each in world.query(asked.format(day)).get("ExchangeRate", [])]
        for day in ("2026-09-30", "2026-10-14", "2026-10-20")
    }
    assert [[str(rate) for rate, _ in each] for each in rates.values()] == [[], ["1.0825"], ["1.0911"]]
    assert rates["2026-10-20"][0][1] == "2026-10-20"
    assert world.query("select * from ExchangeRate where SourceCurrencyCode = 'EUR'")["maxResults"] == 2


def test_a_statement_too_long_for_an_address_has_to_be_posted(qbo):
    wanted = ", ".join(f"'N-{number:05}'" for number in range(2000))
    statement = f"select * from Bill where DocNumber in ({wanted})"
    assert qbo.raw("GET", "query", query=statement).status == 414
    assert qbo.raw("POST", "query", statement.encode(), headers={"content-type": "application/text"}).status == 200
    qbo.twin.switches.longest_statement_in_url = 100_000
    assert qbo.raw("GET", "query", query=statement).status == 200


def test_a_query_without_statement_is_4000(qbo):
    assert qbo.call("GET", "query")[1]["Fault"]["Error"][0]["code"] == "4000"


def test_values_can_hold_anything_that_is_escaped(qbo):
    qbo.post("Vendor", {"DisplayName": "Back\\slash (a, 'b') = %", "CompanyName": "Plus + & more"})
    assert qbo.query("select * from Vendor where DisplayName = 'back\\\\slash (a, \\'b\\') = %'")["maxResults"] == 1
    assert qbo.query("select * from Vendor where CompanyName like '%+ &%'")["maxResults"] == 1
    assert qbo.query("select * from Vendor where CompanyName like '+%'") == {}
