"""A client inside the process sees what it would see on the network."""

import httpx2
import pytest

from twins.basware import BaswareTwin
from twins.faults import FaultInjector, FaultKind, FaultRule
from twins.transport import TwinTransport


@pytest.fixture
def unlucky(till, clock):
    return FaultInjector(till, clock)


@pytest.fixture
def client(unlucky, clock):
    with httpx2.Client(transport=TwinTransport({"till.test": unlucky}, clock=clock), timeout=10) as client:
        yield client


def test_requests_reach_the_twin_of_their_host(client, till):
    answer = client.post("https://till.test/pay?x=1", content=b"coins")
    assert (answer.status_code, answer.json()["taken"]) == (200, 1)
    assert client.get("https://branch.till.test/look").status_code == 200
    assert client.get("http://till.test:8080/look").status_code == 200
    assert till.taken == ["POST /pay", "GET /look", "GET /look"]


def test_an_unknown_host_cannot_be_reached_unless_a_default_takes_it(client, till, clock):
    with pytest.raises(httpx2.ConnectError):
        client.get("https://bank.test/")
    with pytest.raises(httpx2.ConnectError):
        client.get("https://evil-till.test/")
    with httpx2.Client(transport=TwinTransport({}, clock=clock, default=till)) as open_client:
        assert open_client.get("https://bank.test/").status_code == 200


@pytest.mark.parametrize(("kind", "done"), [(FaultKind.LOST_BEFORE, 0), (FaultKind.LOST_AFTER, 1)])
def test_a_lost_answer_looks_the_same_whether_the_work_was_done_or_not(client, unlucky, till, kind, done):
    unlucky.add(FaultRule(kind=kind))
    with pytest.raises(httpx2.ReadError) as raised:
        client.post("https://till.test/pay")
    assert str(raised.value) == "the connection was cut before an answer came"
    assert len(till.taken) == done


@pytest.mark.row("S35")
def test_an_answer_slower_than_the_clients_patience_times_out_with_the_work_done(client, unlucky, till, clock):
    before = clock.now()
    unlucky.add(FaultRule(kind=FaultKind.SLOW, delay=10.5))
    with pytest.raises(httpx2.ReadTimeout):
        client.post("https://till.test/pay")
    assert len(till.taken) == 1
    assert (clock.now() - before).total_seconds() == 10


def test_a_late_answer_within_the_patience_moves_a_stopped_clock(client, unlucky, clock):
    before = clock.now()
    unlucky.add(FaultRule(kind=FaultKind.SLOW, delay=9.5, times=2))
    assert client.post("https://till.test/pay").status_code == 200
    assert (clock.now() - before).total_seconds() == 9.5
    assert client.post("https://till.test/pay", timeout=None).status_code == 200


def test_an_answer_broken_off_in_the_middle_is_no_answer(client, unlucky, till):
    unlucky.add(FaultRule(kind=FaultKind.BROKEN_OFF))
    with pytest.raises(httpx2.RemoteProtocolError, match="22 of 44 bytes"):
        client.post("https://till.test/pay")
    assert len(till.taken) == 1


def test_a_head_request_gets_no_body(client):
    assert client.head("https://till.test/look").content == b""


def test_a_redirected_download_is_followed_without_the_credentials(clock):
    twin = BaswareTwin(clock)
    twin.switches.redirect = "always"
    document = {
        "invoiceId": "a",
        "processingStatus": "WaitingForTransfer",
        "companyCode": "US10",
        "supplierCode": "V-1",
        "currencyCode": "USD",
        "paymentBlock": False,
    }
    twin.add_tenant(
        {
            "client_id": "c",
            "client_secret": "s",
            "user": "u",
            "password": "p",
            "bwcid": "b",
            "scopes": ["accountingDocuments.read"],
            "companies": [],
            "accountingDocuments": [document],
        }
    )
    transport = TwinTransport({"basware.test": twin}, clock=clock)
    with httpx2.Client(transport=transport, auth=("u", "p"), follow_redirects=True) as client:
        answer = client.get("https://basware.test/v1/accountingDocuments")
    assert answer.url.host == "downloads.basware.test"
    assert answer.json()["accountingDocuments"][0]["invoiceId"] == "a"
