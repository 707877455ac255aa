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
    ],
)
def test_conditions(bills, where, expected):
    assert numbers(bills, f"SELECT * FROM Bill WHERE {where}") == expected


def test_ids_are_found_by_equality_and_by_list_only(bills):
    ids = [each["Id"] for each in bills.query("select * from Bill maxresults 3")["Bill"]]
    listed = ", ".join(f"'{each}'" for each in ids)
    assert bills.query(f"select * from Bill where Id in ({listed})")["maxResults"] == 3
    assert bills.query_code(f"select * from Bill where Id > '{ids[0]}'") == "4001"


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
    ],
)
def test_what_is_not_the_language_is_4000(qbo, statement):
    assert qbo.query_code(statement) == "4000"


@pytest.mark.parametrize(
    "statement",
    [
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


def test_projections_bring_whole_objects(bills):
    row = bills.query("select Id, DocNumber from Bill maxresults 1")["Bill"][0]
    assert "Line" in row
