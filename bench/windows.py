"""A window of a real Chromium in front of a served installation, which remembers what its browser complains about."""

from collections.abc import Callable
from dataclasses import dataclass, field

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page

from visits import Visit

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}
PATIENCE = 10_000
"""Milliseconds until a page that does not do what it should fails the test."""
TELL_POLICY = (
    "document.addEventListener('securitypolicyviolation', "
    "(event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`))"
)
_GUIDELINES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]


@dataclass
class Window:
    """One window of somebody's browser. `complaints`: what its console told as an error, thrown or refused by the policy."""

    page: Page
    url: str
    person: Visit
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Go to one of the console's addresses, and wait until everything it needs has come."""
        self.page.goto(self.url + path, wait_until="load")
        return self.page

    def barriers(self) -> list[str]:
        """What of the open page breaks WCAG 2.1 A or AA, as axe sees it: rule, what it is about, and where."""
        options = {"runOnly": {"type": "tag", "values": _GUIDELINES}, "resultTypes": ["violations"]}
        found = Axe().run(self.page, options=options).response["violations"]
        return [f"{one['id']}: {one['help']}: {node['html'][:160]}" for one in found for node in one["nodes"]]

    def forgive(self, *words: str) -> None:
        """Forget complaints that are about what a test wanted: to a browser, an answer that refuses something is an error."""
        self.complaints = [one for one in self.complaints if not any(word in one for word in words)]

    def is_too_wide(self) -> bool:
        """Whether one would have to scroll sideways."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))

    def heard(self, message: ConsoleMessage) -> None:
        """Note what the browser complains about."""
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{self.page.url}: {message.text}")


OpenWindow = Callable[..., Window]
"""`window(world, Role.ACCOUNTANT)`: a window of a person with these roles, signed in; without roles one of somebody who is not.
With `known=False` the installation knows nobody by it."""
