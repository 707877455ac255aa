"""The page: both books side by side for people, without a script, a secret, or a way to change anything."""

import base64
import itertools
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from html.parser import HTMLParser

import pytest

from twins import demo_company
from twins.clock import Clock
from twins.faults import FaultKind, FaultRule
from twins.http import LostAnswerError, Request, Response
from twins.keep import Story
from twins.page import matching, views
from twins.page.service import Page

HOOK = {"url": "http://127.0.0.1:9/hook", "verifier_token": "canary-verifier"}
PATHS = ("", "documents", "vendors", "ledger", "requests", "notifications")
BASIC = "Basic " + base64.b64encode(b"calloway.api:demo-basware-password").decode()
VOID = {"meta", "link", "input", "br", "hr"}


@dataclass
class Reader(HTMLParser):
    """Reads a page and complains about what is not well formed."""

    tags: list = field(default_factory=list)
    words: list = field(default_factory=list)
    rows: list = field(default_factory=list)
    _open: list = field(default_factory=list)

    def __post_init__(self):
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)
        if tag == "tr":
            self.rows.append("")

    def handle_endtag(self, tag):
        assert self._open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data):
        self.words.append(data)
        if "tr" in self._open and self.rows:
            self.rows[-1] = " ".join(f"{self.rows[-1]} {data}".split())

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


@pytest.fixture
def story():
    """The demo company on November 20, 2026, at noon."""
    story = Story.begin(Clock(datetime(2026, 11, 20, 12, tzinfo=UTC), running=False))
    story.quickbooks.panel.seed(demo_company.quickbooks_seed() | {"webhooks": HOOK})
    story.basware.panel.seed(demo_company.basware_seed())
    return story


@pytest.fixture
def page(story):
    return Page(story)


def asked(page, path, method="GET", host="127.0.0.1:8103", headers=()):
    return page.handle(Request.build(method, f"http://{host}/{path}", headers, b""))


def read(page, path):
    answer = asked(page, path)
    assert answer.status == 200, answer.body
    reader = Reader()
    reader.feed(answer.body.decode())
    reader.close()
    assert reader._open == []
    return reader


def test_a_document_that_both_have_stands_in_one_row(page):
    [row] = [row for row in read(page, "documents?search=HS-7731").rows if "HS-7731" in row]
    assert row.count("HS-7731") == 2
    assert row.count("Hartwell & Sons Printing") == 2
    assert row.count("1,148.00") == 2
    assert "WaitingForTransfer" in row
    assert "Bill, open" in row


def test_a_document_of_one_side_only_says_so(page):
    assert next(row for row in read(page, "documents?search=F-2314").rows if "F-2314" in row).endswith("not there")
    assert next(row for row in read(page, "documents?search=MPM-PARK-10").rows if "PARK" in row).startswith("not there")
    total = len(demo_company.basware_seed()["accountingDocuments"])
    assert f"1 to 50 of {total - 1} " in read(page, "documents?side=basware").text
    assert "1 to 1 of 1 " in read(page, "documents?side=both").text


@pytest.fixture
def seconds(monkeypatch):
    """Real time as the page measures its own work, and what each matching costs of it; both can be set."""
    now, cost = [1_000.0], [0.0]
    monkeypatch.setattr(views, "monotonic", lambda: now[0])
    monkeypatch.setattr(matching, "documents", partial(_slowly, matching.documents, now, cost))
    return now, cost


def _slowly(match, now, cost, basware, quickbooks):
    now[0] += cost[0]
    return match(basware, quickbooks)


def test_a_change_is_seen_at_once_and_what_time_changes_soon(page, story, seconds):
    acknowledge(story)
    assert "TransferInProgress" in read(page, "documents?search=HS-7731").text
    story.clock.advance(2 * 86_400)
    assert "TransferFailed" in read(page, "documents?search=HS-7731").text, "Basware gave up waiting for the answer"


def test_matching_a_large_company_leaves_the_twins_nine_tenths_of_the_time(page, story, seconds):
    now, cost = seconds
    cost[0] = 4.0
    assert "WaitingForTransfer" in read(page, "documents?search=HS-7731").text
    acknowledge(story)
    now[0] += 35
    assert "WaitingForTransfer" in read(page, "documents?search=HS-7731").text
    now[0] += 1
    assert "TransferInProgress" in read(page, "documents?search=HS-7731").text


def acknowledge(story):
    url = f"https://x/v1/accountingDocuments/{bill_in_basware(story)}/acknowledge"
    answer = story.basware.handle(Request.build("POST", url, [("Authorization", BASIC)], b""))
    assert answer.status == 200


def test_a_document_posted_with_another_total_is_found(page, story, seconds):
    story.basware.panel.act("", "edit", {"invoice_id": bill_in_basware(story), "changes": {"grossSum": 1000}})
    found = read(page, "documents?side=differs")
    assert [row for row in found.rows if "1,000.00" in row and "1,148.00" in row]
    assert {"class": "differs"} in found.all("tr")


def bill_in_basware(story):
    return next(row.id for row in story.basware.panel.documents("") if row.number == "HS-7731")


def test_payments_and_orders_are_listed_apart(page, story):
    bill = next(row for row in story.quickbooks.panel.documents("") if row.number == "HS-7731")
    bank = next(row.id for row in story.quickbooks.panel.trial_balance("") if row.type == "Bank")
    story.quickbooks.panel.act("", "pay", {"id": bill.id, "account": bank, "number": "CHK-9"})
    assert any("CHK-9" in row and "1,148.00" in row for row in read(page, "documents?kind=BillPayment").rows)
    assert "Bill, paid" in read(page, "documents?search=HS-7731").text


def test_a_record_is_shown_in_full_with_what_it_posts(page, story):
    bill = next(row for row in story.quickbooks.panel.documents("") if row.number == "HS-7731")
    shown = read(page, f"document?twin=quickbooks&kind=Bill&id={bill.id}").text
    assert "General ledger lines" in shown
    assert '"DocNumber": "HS-7731"' in shown
    other = read(page, f"document?twin=basware&kind=accountingDocument&id={bill_in_basware(story)}").text
    assert '"invoiceNumber": "HS-7731"' in other


def test_the_ledger_balances_and_leads_to_the_postings(page):
    found = read(page, "ledger")
    sums = next(row for row in found.rows if row.startswith("Sum")).split()[1:]
    assert sums[0] == sums[1]
    assert "Sound:" in found.text
    assert any(row.startswith("V-10021 Hartwell & Sons Printing 1,148.00") for row in found.rows)
    vendor = next(link["href"] for link in found.all("a") if link["href"].startswith("/postings?vendor"))
    assert any("Bill" in row for row in read(page, vendor.lstrip("/")).rows)


def test_unsound_books_are_reported(page, story):
    company = next(iter(story.company_books.companies.values()))
    company.vendor_balance["103"] += 5
    quickbooks, _, basware = read(page, "ledger").text.partition("Check of Basware")
    assert ("Sound:" in quickbooks, "Sound:" in basware) == (False, True)


def test_a_vendor_of_one_side_only_says_so():
    story = Story.begin(Clock())
    story.quickbooks.panel.seed(demo_company.quickbooks_seed())
    found = read(Page(story), "vendors?search=beacon")
    assert next(row for row in found.rows if "Beacon Office Supply Co." in row).startswith("not there")
    assert "1 to 1 of 1 " in found.text


def test_a_vendor_that_both_have_stands_in_one_row_and_leads_to_both_records():
    story = Story.begin(Clock(datetime(2026, 11, 20, 12, tzinfo=UTC), running=False))
    story.quickbooks.panel.seed(demo_company.quickbooks_seed())
    vendor = {"externalCode": "x-1", "vendorCode": "V-10011", "name": "Beacon", "companies": [{"companyCode": "US10"}]}
    story.basware.panel.seed(demo_company.basware_seed() | {"vendors": [vendor]})
    page = Page(story)
    found = read(page, "vendors?search=beacon")
    [row] = found.rows[2:]
    assert row.startswith("V-10011 Beacon interface V-10011 Beacon Office Supply Co. yes")
    links = [link["href"] for link in found.all("a") if link["href"].startswith("/document?")]
    assert "Beacon Office Supply Co." in read(page, links[1].lstrip("/")).text
    assert '"externalCode": "x-1"' in read(page, links[0].lstrip("/")).text


def test_requests_are_listed_newest_first_and_shown_in_full(page, story):
    url = "https://api.basware.com/v1/companies?secretly=1"
    word = "Basic " + base64.b64encode(b"calloway.api:demo-basware-password").decode()
    story.basware.handle(Request.build("GET", url, [("Authorization", word)], b""))
    story.basware.faults.add(FaultRule(kind=FaultKind.LOST_AFTER))
    with pytest.raises(LostAnswerError):
        story.basware.handle(Request.build("GET", "https://api.basware.com/v1/vendors", [], b""))
    rows = read(page, "requests?twin=basware").rows[1:]
    assert [row.split()[0] for row in rows] == ["2", "1"]
    assert "lost, done" in rows[0]
    assert " 200 " in rows[1]
    assert "Nothing to show" in read(page, "requests").text
    assert len(read(page, "requests?twin=basware&path=companies&status=2xx").rows) == 2
    full = read(page, "request?twin=basware&number=1").text
    assert "secretly" in full
    assert '"companyCode": "US10"' in full
    assert "after the work was done" in read(page, "request?twin=basware&number=2").text


def test_notifications_show_what_was_sent_and_to_whom(page, story):
    story.quickbooks.panel.act("", "rename", {"entity": "Vendor", "id": "101", "name": "Renamed"})
    story.company_books.outbox.deliver_due(lambda _: Response(503))
    shown = read(page, "notifications").text
    assert "http://127.0.0.1:9/hook" in shown
    assert "delivery-1" in shown
    assert "HTTP 503" in shown


def test_the_header_tells_the_time_and_the_bad_luck(page, story):
    story.quickbooks.faults.add(FaultRule(kind=FaultKind.SLOW, delay=3, times=None))
    for path in PATHS:
        shown = read(page, path).text
        assert "2026-11-20 12:00:00 UTC , stopped" in shown
        assert "quickbooks: slow, struck 0" in shown
    story.clock.run(scale=60)
    assert "running 60 times as fast" in read(page, "").text


def test_no_secret_is_on_any_page(page, story):
    quickbooks, basware = demo_company.quickbooks_seed(), demo_company.basware_seed()
    secrets = [quickbooks["client_secret"], quickbooks["refresh_token"], basware["client_secret"], basware["password"]]
    word = "Basic " + base64.b64encode(f"{basware['client_id']}:{basware['client_secret']}".encode()).decode()
    body = b"grant_type=client_credentials&scope=companies.read"
    headers = [("Authorization", word), ("Content-Type", "application/x-www-form-urlencoded")]
    answer = story.basware.handle(Request.build("POST", "https://api.basware.com/v1/tokens", headers, body))
    secrets += [json.loads(answer.body)["access_token"], word, "canary-verifier"]
    for path in (*PATHS, "requests?twin=basware", "request?twin=basware&number=1"):
        shown = asked(page, path).body.decode()
        assert [secret for secret in secrets if secret in shown] == [], path


NASTY = '<script>alert("x")</script><img src=x onerror=y>'


def test_names_from_outside_are_text_and_nothing_else(page, story):
    story.basware.panel.act("", "edit", {"invoice_id": bill_in_basware(story), "changes": {"supplierName": NASTY}})
    story.basware.handle(Request.build("GET", "https://x/v1/companies", [("X-Note", NASTY)], NASTY.encode()))
    paths = (
        "documents?search=HS-7731",
        f"documents?search={NASTY.replace('<', '%3C')}",
        "request?twin=basware&number=1",
        "requests?contains=%22%3E%3Cscript%3E",
        "document?twin=quickbooks&kind=%3Cscript%3E&id=1",
        "%3Cscript%3E",
    )
    for path in paths:
        reader = Reader()
        reader.feed(asked(page, path).body.decode())
        assert not {tag for tag, _ in reader.tags} & {"script", "img"}, path
    assert NASTY in read(page, "documents?search=HS-7731").text


def test_browsers_are_told_to_allow_nothing(page):
    for path in (*PATHS, "style.css", "nowhere"):
        headers = asked(page, path).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "script" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_can_be_changed_by_the_page(page, method):
    assert asked(page, "documents", method).status == 405


def test_only_this_machine_is_shown_anything(page):
    assert asked(page, "", host="evil.example:8103").status == 403
    assert asked(page, "", headers=[("Sec-Fetch-Site", "cross-site")]).status == 403
    assert asked(page, "", host="localhost:8103").status == 200
    assert asked(page, "", "HEAD").status == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("nowhere", 404),
        ("document?twin=quickbooks&kind=Bill&id=none", 404),
        ("document?twin=elsewhere", 400),
        ("documents?page=x", 400),
        ("documents?kind=Bill", 400),
        ("documents?side=left", 400),
        ("documents?realm=1", 400),
        ("request?number=1", 404),
        ("requests?twin=x", 400),
        ("requests?status=fine", 400),
        ("notifications?status=abc", 400),
        ("notifications?since=yesterday", 400),
    ],
)
def test_a_wrong_address_is_answered_with_words(page, path, status):
    answer = asked(page, path)
    reader = Reader()
    reader.feed(answer.body.decode())
    assert (answer.status, bool(reader.all("h1"))) == (status, True)


def test_a_page_behind_the_last_is_the_last(page):
    assert "Page 2 of 2" in read(page, "documents?page=999").text


def test_without_a_company_every_page_is_empty_and_whole():
    page = Page(Story.begin(Clock()))
    for path in PATHS:
        assert read(page, path).all("h1")


def test_with_several_companies_one_is_chosen(page, story):
    other = demo_company.basware_seed() | {"client_id": "second", "accountingDocuments": [], "attachments": {}}
    story.basware.panel.seed(other)
    found = read(page, "documents?tenant=second")
    entered = [
        row for row in story.quickbooks.panel.documents("") if row.kind in {"Bill", "VendorCredit", "JournalEntry"}
    ]
    assert f"1 to {len(entered)} of {len(entered)} " in found.text
    assert all("tenant=second" in link["href"] for link in found.all("a") if link["href"].startswith("/documents?"))
    assert {"name": "tenant"} in found.all("select")


def test_the_page_refreshes_itself_only_when_asked(page):
    assert read(page, "requests").all("meta")[-1].get("http-equiv") is None
    metas = read(page, "requests?refresh=15").all("meta")
    assert {"http-equiv": "refresh", "content": "15"} in metas
    assert all(meta.get("http-equiv") is None for meta in read(page, "requests?refresh=0;url=http://x").all("meta"))


@pytest.mark.parametrize(
    "path", [*PATHS, "documents?kind=BillPayment", "postings?account=33", "request?twin=basware&number=1"]
)
def test_pages_can_be_used_with_a_screen_reader_and_a_keyboard(page, story, path):
    story.basware.handle(Request.build("GET", "https://x/v1/companies?a=1", [("X", "1")], b""))
    found = read(page, path)
    assert found.all("html") == [{"lang": "en"}]
    assert len(found.all("h1")) == 1
    levels = [int(tag[1]) for tag, _ in found.tags if re.fullmatch(r"h\d", tag)]
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert len(found.all("caption")) == len(found.all("table"))
    assert all(cell.get("scope") in {"col", "row", "colgroup"} for cell in found.all("th"))
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in found.all("meta")
    assert found.all("a")[0] == {"class": "skip", "href": "#content"}
    assert any(part.get("id") == "content" for part in found.all("main"))
    scrolling = [part for part in found.all("div") if part.get("class") == "wide"]
    assert all(part.get("tabindex") == "0" and part.get("aria-label") for part in [*scrolling, *found.all("pre")])
    assert len(found.all("label")) == len([one for one in found.all("input") if one.get("type") != "hidden"]) + len(
        found.all("select")
    )
    assert not [attributes for _, attributes in found.tags if {"style", "onclick"} & attributes.keys()]


def luminance(colour):
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_text_stands_out_in_light_and_dark(page):
    style = asked(page, "style.css").body.decode()
    schemes = [dict(re.findall(r"--(\w+): (#\w{6})", block)) for block in re.findall(r":root \{(.*?)\}", style, re.S)]
    assert len(schemes) == 2
    for colours in schemes:
        for text in ("text", "quiet", "link", "good", "bad"):
            for back in ("back", "band", "warn"):
                assert contrast(colours[text], colours[back]) >= 4.5, (text, back)
    for rule in ("@media (prefers-color-scheme: dark)", "@media print", "@media (max-width: 40rem)", ":focus-visible"):
        assert rule in style
