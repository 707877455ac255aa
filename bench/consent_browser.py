"""A person's browser in front of Intuit's consent page, for tests: it opens the page, reads it, and sends its form."""

from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode, urlsplit

from twins.http import Request, Response
from twins.quickbooks import QuickBooksTwin

ACCOUNTING = "com.intuit.quickbooks.accounting"
REDIRECT = "http://127.0.0.1:8765/callback"


class Page(HTMLParser):
    """What a browser makes of the page: fields and their values, buttons, text, and anything that would run."""

    def __init__(self, answer: Response) -> None:
        super().__init__()
        self.fields: list[tuple[str, str]] = []
        self.buttons: list[str] = []
        self.text = ""
        self.running: list[str] = []
        self.feed(answer.body.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "input":
            self.fields.append((str(given["name"]), str(given["value"])))
        if tag == "button":
            self.buttons.append(str(given["value"]))
        if tag == "script" or any(name.startswith("on") for name in given):
            self.running.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data

    def values(self, name: str) -> list[str]:
        return [value for field, value in self.fields if field == name]


class Browser:
    """A person's browser in front of one twin."""

    def __init__(self, twin: QuickBooksTwin) -> None:
        self.twin = twin

    def open(self, path: str = "/connect/oauth2", **query: str) -> Response:
        return self.twin.handle(Request("GET", "appcenter", path, tuple(query.items())))

    def ask(self, **changes: str | None) -> Response:
        wanted = {
            "client_id": "app",
            "response_type": "code",
            "scope": ACCOUNTING,
            "redirect_uri": REDIRECT,
            "state": "s-1",
            **changes,
        }
        return self.open(**{name: value for name, value in wanted.items() if value is not None})

    def send(self, page: Response, decision: str, company: str = "", ticket: str = "") -> Response:
        fields = {"ticket": ticket or Page(page).values("ticket")[0], "company": company, "decision": decision}
        headers = {"content-type": "application/x-www-form-urlencoded"}
        return self.twin.handle(
            Request("POST", "appcenter", "/connect/oauth2", (), headers, urlencode(fields).encode())
        )


def led_back(answer: Response, address: str = REDIRECT) -> dict[str, str]:
    """The parameters an application gets back."""
    assert answer.status == 302, answer.body.decode()
    parts = urlsplit(answer.headers["Location"])
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == address
    return dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True))


def told_off(answer: Response) -> str:
    """The text of a page that leads nowhere."""
    assert answer.status == 400
    assert "Location" not in answer.headers
    page = Page(answer)
    assert not page.buttons
    return page.text
