"""Two companies of one service: what happens to one is nothing to the other."""

import pytest


@pytest.mark.row("Q13")
def test_a_token_of_one_company_opens_no_other_that_exists(qbo, second_company):
    before = qbo.twin.books(second_company.realm)
    qbo.realm = second_company.realm
    for method, path, body in (("GET", "preferences", None), ("POST", "bill", qbo.bill()), ("POST", "batch", {})):
        status, answer = qbo.call(method, path, body)
        assert (status, answer["fault"]["error"][0]["code"]) == (403, "3100")
    assert qbo.twin.books(second_company.realm) == before


def test_writes_change_the_books_of_their_own_company_only(qbo, second_company):
    before = qbo.twin.books(second_company.realm)
    bill = qbo.post("Bill", qbo.bill(DocNumber="7"))
    qbo.post("Vendor", {"DisplayName": "New"})
    qbo.act("set_preference", path="OtherPrefs.WarnDuplicateBillNumber", value=False)
    assert qbo.twin.books(second_company.realm) == before
    assert second_company.query("select * from Bill") == {}
    assert second_company.call("GET", "cdc", entities="Bill", changedSince="2026-11-02T12:00:01Z")[1][
        "CDCResponse"
    ] == [{"QueryResponse": [{}]}]
    assert second_company.call("GET", f"bill/{bill['Id']}")[0] == 400


def test_the_same_names_and_numbers_are_free_in_another_company(qbo, second_company):
    for company in (qbo, second_company):
        company.post("Vendor", {"DisplayName": "New"})
        company.post("Bill", company.bill(DocNumber="7"))


@pytest.mark.row("Q12")
@pytest.mark.parametrize(
    "limit",
    [
        "requests_per_minute",
        "requests_per_second",
        "batches_per_minute",
        "batches_per_minute_of_all",
        "all_requests_per_minute",
    ],
)
def test_one_companys_limits_hold_up_no_other_not_even_that_of_the_same_application(qbo, second_company, limit):
    setattr(qbo.twin.switches, limit, 2)
    qbo.twin.sign_in.grant(second_company.realm, "app", "RT1-third")
    same_application = type(qbo)(qbo.twin, qbo.clock, second_company.realm, "RT1-third")
    same_application.refresh()
    qbo.twin.switches.throttle = True
    batch = {"BatchItemRequest": [{"bId": "1", "Query": "select * from Term"}]}
    assert [qbo.raw("POST", "batch", batch).status for _ in range(3)] == [200, 200, 429]
    assert same_application.raw("POST", "batch", batch).status == 200


def test_a_file_of_one_company_is_not_to_be_had_under_anothers_name(qbo, second_company):
    parts = (
        b'--b\r\nContent-Disposition: form-data; name="file_content_1"; filename="a.pdf"\r\n'
        b"Content-Type: application/pdf\r\n\r\n%PDF\r\n--b--"
    )
    headers = {"content-type": "multipart/form-data; boundary=b", "content-length": str(len(parts))}
    uploaded = qbo.raw("POST", "upload", parts, headers=headers)
    assert uploaded.status == 200
    (record,) = qbo.query("select * from Attachable")["Attachable"]
    assert qbo.raw("GET", f"download/{record['Id']}").status == 200
    assert second_company.raw("GET", f"download/{record['Id']}").status == 400
    assert second_company.query("select * from Attachable") == {}


def test_losing_rights_or_the_connection_concerns_one_company(qbo, second_company):
    qbo.act("lose_admin_rights")
    assert second_company.raw("GET", "preferences").status == 200
    qbo.act("disconnect_app")
    assert second_company.raw("GET", "preferences").status == 200
    assert qbo.raw("GET", "preferences").status == 401


def test_no_two_companies_can_be_connected_by_the_same_token(qbo, second_company):
    with pytest.raises(ValueError, match="refresh token of its own"):
        qbo.twin.sign_in.grant(qbo.realm, "app", "RT1-second")
    assert second_company.raw("GET", "preferences").status == 200


def test_a_company_that_does_not_exist_cannot_be_connected(qbo):
    with pytest.raises(KeyError, match="no company"):
        qbo.twin.authorize("404", "app", "https://conn.example/cb")
