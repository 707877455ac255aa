"""Somebody with the roles a test gives them, signed in to a served installation, and their browser."""

import csv
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import httpx2
from argon2 import PasswordHasher
from sqlalchemy import func, select

from ml_connector.app import App
from ml_connector.console import forgery
from ml_connector.console.visitors import Visitors
from ml_connector.store import people
from ml_connector.store.schema import audit, people_audit
from ml_connector.work.people.directory import Grant, add
from ml_connector.work.people.identity import operator
from ml_connector.work.people.passwords import Passwords
from ml_connector.work.people.sessions import Browser, begin

FAST = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
"""Hashes that cost nothing: what they cost in earnest has a test of its own."""


@dataclass
class Visit:
    """A person's browser. Paths are the console's own; of each answer the status and the text are what a test looks at."""

    client: httpx2.Client
    app: App
    login: str
    person_id: str = ""
    headers: dict[str, str] = field(default_factory=lambda: {"Sec-Fetch-Site": "same-origin"})

    @property
    def secret(self) -> str:
        """What the browser keeps of its session."""
        return self.client.cookies.get(Visitors(self.app).cookie) or ""

    def bring(self, secret: str) -> None:
        """Have the browser keep this, whatever it kept before."""
        self.client.cookies.clear()
        self.client.cookies.set(Visitors(self.app).cookie, secret, domain=self.client.base_url.host, path="/")

    def get(self, path: str, *, part: bool = False, headers: Mapping[str, str] | None = None) -> httpx2.Response:
        """Open a page, or with `part` have a page that is open ask for a piece of itself. Redirects are not followed."""
        asked = {"HX-Request": "true"} if part else {}
        return self.client.get(path, headers=self.headers | asked | dict(headers or {}))

    def table(self, path: str) -> list[dict[str, str]]:
        """Have a table for spreadsheets: its rows, by the names of their columns."""
        answer = self.get(path)
        assert answer.headers["content-type"].startswith("text/csv")
        return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))

    def post(self, path: str, *, files: Mapping[str, Any] | None = None, **form: object) -> httpx2.Response:
        """Send a form as the page would, with its token; a list is a field that is sent several times."""
        data = {"csrf": forgery.token(self.secret)} | form
        before = self._noted()
        answer = self.client.post(path, data=data, files=files, headers=self.headers)
        asks_first = answer.status_code == 200 and path.endswith("/link")
        if answer.status_code < 400 and not asks_first and self._noted() == before:
            said = unquote(answer.cookies.get("ml_connector_said") or "")
            assert self._needs_no_entry(path, form) or NOTHING_DONE.search(said), f"POST {path} left no trace: {said}"
        return answer

    def _noted(self) -> tuple[int, int]:
        """How many entries there are in the audits of connections and of people."""
        with self.app.database.read() as tx:
            counts = [
                tx.execute(select(func.count()).select_from(table)).scalar_one() for table in (audit, people_audit)
            ]
        return counts[0], counts[1]

    @staticmethod
    def _needs_no_entry(path: str, form: Mapping[str, object]) -> bool:
        return any(re.search(one, path) for one in CHANGES_NOTHING) or (
            "/import" in path and form.get("then") != "import"
        )

    def follow(self, answer: httpx2.Response) -> httpx2.Response:
        """Go where an answer sends the browser."""
        return self.get(answer.headers.get("location") or answer.headers["hx-redirect"])


CHANGES_NOTHING = {
    r"/mapping/try$": "what a rule would do; nothing is kept",
    r"/mapping/refresh$": "reads the lists of QuickBooks again",
    r"/dimensions/refresh$": "reads the lists of Basware again",
    r"/connection/check$": "asks both systems how they are",
    r"/setup/look$": "reads what waits and acknowledges nothing",
}
"""What is sent as a change and leaves no entry in an audit, and why. Everything else that succeeds leaves one, or says that nothing
was done."""

NOTHING_DONE = re.compile(r"[Nn]othing|[Nn]o longer there|already|cannot go further|was not refused")

VisitAs = Callable[..., Visit]
"""`visit(world, Role.ACCOUNTANT)`: a person with these roles in the world's connection, signed in."""


def signed_in(app: App, client: httpx2.Client, grants: list[Grant]) -> Visit:
    """A new person with these roles, signed in with this client."""
    login = f"{'-'.join(grant.role.value for grant in grants) or 'nobody'}-{uuid4().hex[:8]}@example.com"
    add(app.identity, login, login.partition("@")[0].capitalize(), grants, by=operator("the test"))
    with app.database.write() as tx:
        person = people.by_login(tx, login)
        assert person is not None
        secret = begin(tx, app.identity, person, Browser(address="127.0.0.1", name="a test"), means="password")
    visit = Visit(client, app, login, person.id)
    visit.bring(secret)
    return visit


def text_of(answer: httpx2.Response) -> str:
    """What a page says, without its markup."""
    words = re.sub(r"<(script|style)\b.*?</\1>|<[^>]+>", " ", answer.text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", words).strip()
