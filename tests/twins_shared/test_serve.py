"""The same twins over real sockets on loopback."""

import socket
import threading
from concurrent.futures import ThreadPoolExecutor, wait

import httpx2
import pytest

from twins.faults import FaultInjector, FaultKind, FaultRule
from twins.http import Response
from twins.serve import TwinServer


class Mirror:
    """Answers with what it was sent."""

    def handle(self, request):
        headers = {
            "X-Method": request.method,
            "X-Path": request.path,
            "X-Query": str(list(request.query)),
            "X-Host": request.host,
        }
        return Response(200, headers, request.body)


@pytest.fixture
def server():
    with TwinServer(Mirror()) as server:
        yield server


@pytest.fixture
def client(server):
    with httpx2.Client(base_url=server.url, timeout=30) as client:
        yield client


def raw(server, text):
    """What comes back for raw bytes, until the server closes."""
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(text)
        received = b""
        while part := connection.recv(65536):
            received += part
    return received


def test_a_request_arrives_whole(client, server):
    answer = client.post("/a%2Fb?q=x%20y&q=2", content=b"body")
    assert (answer.status_code, answer.content) == (200, b"body")
    assert (answer.headers["x-method"], answer.headers["x-path"]) == ("POST", "/a%2Fb")
    assert answer.headers["x-query"] == "[('q', 'x y'), ('q', '2')]"
    assert answer.headers["x-host"] == server.url.removeprefix("http://")


def test_connections_are_kept_and_many_clients_are_served_at_once(server):
    def run(number):
        with httpx2.Client(base_url=server.url, timeout=30) as client:
            return [client.post("/", content=f"{number}-{index}").text for index in range(50)]

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(run, range(4)))
    assert answers == [[f"{number}-{index}" for index in range(50)] for number in range(4)]


def test_one_connection_serves_several_requests(server):
    request = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    last = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    assert raw(server, request + request + last).count(b"HTTP/1.1 200 OK") == 3


def test_six_megabytes_pass(client):
    body = b"0123456789abcdef" * (6 * 65536)
    assert client.post("/", content=body).content == body


def test_a_body_in_chunks_is_put_together(client):
    assert client.post("/", content=iter([b"one ", b"", b"two ", b"x" * 70000])).content == b"one two " + b"x" * 70000


def test_head_and_invented_methods_are_answered(client):
    answer = client.head("/look")
    assert (answer.status_code, answer.headers["x-method"], answer.content) == (200, "HEAD", b"")
    assert client.request("BREW", "/coffee").headers["x-method"] == "BREW"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (b"nonsense\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n", b"413"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"400"),
        (b"GET /" + b"x" * 70000 + b" HTTP/1.1\r\n\r\n", b"414"),
    ],
)
def test_what_is_no_request_is_refused_and_hung_up_on(server, text, status):
    assert status in raw(server, text).partition(b"\r\n")[0]


def test_a_lost_answer_is_a_closed_connection_and_the_next_request_works(till, clock):
    unlucky = FaultInjector(till, clock)
    unlucky.add(FaultRule(kind=FaultKind.LOST_AFTER))
    with TwinServer(unlucky) as server, httpx2.Client(base_url=server.url, timeout=30) as client:
        with pytest.raises(httpx2.TransportError):
            client.post("/pay")
        assert client.post("/pay").json()["taken"] == 2


def test_an_answer_broken_off_in_the_middle_leaves_the_client_waiting_for_the_rest(till, clock):
    unlucky = FaultInjector(till, clock)
    unlucky.add(FaultRule(kind=FaultKind.BROKEN_OFF))
    with TwinServer(unlucky) as server, httpx2.Client(base_url=server.url, timeout=30) as client:
        with pytest.raises(httpx2.RemoteProtocolError):
            client.post("/pay")
        assert client.post("/pay").json()["taken"] == 2


@pytest.mark.row("S35")
def test_a_late_answer_makes_the_client_give_up_while_the_work_is_done(till, clock):
    unlucky = FaultInjector(till, clock)
    unlucky.add(FaultRule(kind=FaultKind.SLOW, delay=600))
    with TwinServer(unlucky) as server, httpx2.Client(base_url=server.url, timeout=30) as client:
        with pytest.raises(httpx2.ReadTimeout):
            client.post("/pay", timeout=0.05)
        assert client.post("/pay").json()["taken"] == 2


def test_servers_of_one_service_may_share_a_lock():
    mirror = Mirror()
    with TwinServer(mirror) as first, TwinServer(mirror, lock=first.lock) as second:
        assert first.lock is second.lock
        assert first.url != second.url
        assert [httpx2.get(server.url).status_code for server in (first, second)] == [200, 200]


class Slow:
    """Announces that a request came, and answers after ten minutes."""

    def __init__(self):
        self.asked = threading.Event()

    def handle(self, request):
        self.asked.set()
        return Response(200, {}, b"", delay=600)


def test_closing_ends_connections_that_wait():
    service = Slow()
    server = TwinServer(service)
    with ThreadPoolExecutor(1) as pool, httpx2.Client(base_url=server.url, timeout=500) as client:
        waiting = pool.submit(client.post, "/pay")
        assert service.asked.wait(30)
        server.close()
        wait([waiting], timeout=30)
        assert waiting.done()
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(server.url)
