"""What counts as a violation in the traffic with a Basware twin, on a small file of our own."""

import msgspec
import pytest

from contract.basware_judge import BaswareJudge
from contract.specification import Specifications
from contract.tally import Tally
from twins.http import Request, Response

JSON = {"Content-Type": "application/json"}
SIGNED = {"authorization": "Basic eDp5"}
PAGE = msgspec.json.encode({"things": []})


class Twin:
    """Only its identity counts."""


class Traffic:
    """Exchanges with one twin, each judged at once."""

    def __init__(self, specifications: Specifications, *, product_asks: bool = False) -> None:
        self.tally = Tally()
        self.twin = Twin()
        self.judge = BaswareJudge(specifications, self.tally, product_asks=product_asks)

    def get(self, url: str, answer: Response | Exception, headers: dict[str, str] | None = None) -> list[str]:
        """The rules broken by a request and its answer."""
        request = Request.build("GET", f"https://b.test{url}", (SIGNED if headers is None else headers).items(), b"")
        return [one.rule.value for one in self.judge.judge(self.twin, request, answer, "here")]


@pytest.fixture
def traffic(specifications: Specifications) -> Traffic:
    return Traffic(specifications)


@pytest.fixture
def product(specifications: Specifications) -> Traffic:
    return Traffic(specifications, product_asks=True)


def test_every_exchange_is_counted_by_its_operation(traffic: Traffic) -> None:
    traffic.get("/v1/things?companyCode=a", Response(200, JSON, PAGE))
    traffic.get("/v1/things?companyCode=a", Response(404))
    line = traffic.tally.lines["GET /v1/things"]
    assert (line.exchanges, line.bodies, line.statuses, line.good) == (2, 1, {200: 1, 404: 1}, 1)


def test_a_twin_may_refuse_whatever_it_likes_but_must_not_accept_what_the_file_forbids(traffic: Traffic) -> None:
    assert traffic.get("/v1/things?companyCode=a&pageSize=x", Response(404)) == []
    assert traffic.get("/v1/things?companyCode=a&pageSize=x", Response(200, JSON, PAGE)) == ["accepted"]
    assert traffic.get("/v1/things?companyCode=a", Response(200, JSON, PAGE), headers={}) == ["accepted"]


def test_unknown_parameters_are_ignored_by_the_service_but_not_sent_by_the_product(
    traffic: Traffic, product: Traffic
) -> None:
    url, page = "/v1/things?companyCode=a&system=P2P", Response(200, JSON, PAGE)
    assert traffic.get(url, page) == ["accepted"]
    assert traffic.tally.used == {"unknown parameters": 1}
    assert product.get(url, page) == ["request"]
    assert product.tally.used == {}


def test_the_product_is_held_to_the_file_even_where_the_twin_refuses(product: Traffic) -> None:
    assert product.get("/v1/things?pageSize=1", Response(404)) == ["request"]


def test_a_twin_that_breaks_is_a_violation(traffic: Traffic) -> None:
    assert traffic.get("/v1/things?companyCode=a", KeyError("x")) == ["crash"]
    assert traffic.get("/v1/things?companyCode=a", Response(500)) == ["status", "crash"]


def test_what_no_file_knows_must_not_be_there(traffic: Traffic, product: Traffic) -> None:
    assert traffic.get("/v1/secrets", Response(404)) == []
    assert traffic.get("/v1/secrets", Response(200, JSON, b"{}")) == ["path"]
    assert product.get("/v1/secrets", Response(404)) == ["request"]


def test_what_a_download_address_brings_is_judged_as_the_answer_of_the_read_that_led_there(traffic: Traffic) -> None:
    elsewhere = Response(302, {"Location": "https://downloads.b.test/download/1?s=2"})
    assert traffic.get("/v1/things?companyCode=a", elsewhere) == []
    assert traffic.get("/download/1?s=2", Response(200, JSON, PAGE), headers={}) == []
    assert traffic.get("/download/1?s=2", Response(200, JSON, b'{"thing":1}'), headers={}) == ["body"]
    assert traffic.get("/download/2?s=2", Response(200, JSON, PAGE), headers={}) == ["path"]


def test_the_product_must_not_send_credentials_to_a_download_address(product: Traffic) -> None:
    product.get("/v1/things?companyCode=a", Response(302, {"Location": "https://downloads.b.test/download/1"}))
    assert product.get("/download/1", Response(200, JSON, PAGE), headers={}) == []
    assert product.get("/download/1", Response(200, JSON, PAGE)) == ["request"]
    assert product.get("/download/1", Response(400)) == ["status", "request"]


def test_what_somebody_corrupted_on_purpose_is_told_from_what_is_wrong_by_itself(traffic: Traffic) -> None:
    broken = Response(200, JSON, b"{")
    assert traffic.get("/v1/things?companyCode=a", broken) == ["body"]
    traffic.judge.expect_damage(traffic.twin)
    assert traffic.get("/v1/things?companyCode=a", broken) == ["body"]
    assert [one.keyword for one in traffic.tally.found] == ["unreadable", "corrupted"]


def test_the_same_violation_is_listed_once_with_how_often_it_came(traffic: Traffic) -> None:
    for value in ("x", "y"):
        traffic.get(f"/v1/things?companyCode=a&pageSize={value}", Response(200, JSON, PAGE))
    [found] = traffic.tally.found
    assert (found.times, found.where, found.seen) == (2, "pageSize", "here")
