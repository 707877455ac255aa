"""A picture of each screen of the console, as the demo's companies fill it: docs/pictures, shown by docs/console.md.

    python bench/screenshots.py                    # starts the demo's console and looks at it
    python bench/screenshots.py docs/pictures      # where to put them

Exits with 1 when a screen cannot be shown. Needs Chromium (`apt-get install chromium`).
"""

import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Page, sync_playwright
from rich.console import Console
from rich.table import Table

from ml_connector.console.navigation import SECTIONS
from windows import DESK, PHONE

COMPANY = "calloway-us"
OPENED = re.compile(r"Open (http://\S+) and sign in as (\S+) with the password (\S+)")
OTHERS = (
    ("Connections", "/connections"),
    ("People", "/people"),
    ("Oneself", "/me"),
    ("A cause", "/errors/vendor-inactive"),
)


class Place(NamedTuple):
    """Where the demo's console is, and who may come in."""

    url: str
    login: str
    password: str


@contextmanager
def demo() -> Iterator[Place]:
    """The demo's console, ended with Ctrl-C as a person would."""
    command = [str(Path(sys.executable).with_name("ml-connector")), "demo", "--console", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            told = []
            for line in process.stderr:
                told.append(line)
                if found := OPENED.search(line):
                    yield Place(*found.groups())
                    return
            raise SystemExit(f"the demo did not come to its console:\n{''.join(told[-20:])}")
        finally:
            process.send_signal(signal.SIGINT)
            process.stderr.close()


def sign_in(page: Page, place: Place) -> None:
    """Come in as the demo's person."""
    page.goto(f"{place.url}/sign-in")
    page.get_by_label(re.compile("e-mail|login", re.I)).first.fill(place.login)
    page.get_by_label("Password").fill(place.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile(r"/(c|connections)"))


def screens(page: Page, place: Place) -> Iterator[tuple[str, str]]:
    """The name of each screen and its address; of a list that leads further, also its first row."""
    for section in SECTIONS:
        yield section.path, f"/c/{COMPANY}/{section.path}"
    page.goto(f"{place.url}/c/{COMPANY}/documents?state=held")
    for name, row in (("document", "tbody a[href*='/documents/']"),):
        found = page.locator(row).first.get_attribute("href")
        if found is not None:
            yield name, found
    for name, path in OTHERS:
        yield name.lower().replace(" ", "-"), path


def take(folder: Path) -> list[tuple[str, str, int]]:
    """Take every picture: its file, the screen's heading, the status of the answer."""
    taken = []
    with demo() as place, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_context(viewport=DESK, color_scheme="light", reduced_motion="reduce").new_page()
        sign_in(page, place)
        # Today comes last: by then the engines have looked at both systems once.
        for name, path in sorted(screens(page, place), key=lambda one: one[0] == "today"):
            taken.append(_picture(page, place, path, folder / f"{name}.png"))
        kept = page.context.storage_state()
        phone = browser.new_context(viewport=PHONE, color_scheme="dark", storage_state=kept).new_page()
        taken.append(_picture(phone, place, f"/c/{COMPANY}/needs-you", folder / "phone.png"))
        browser.close()
    return taken


def _picture(page: Page, place: Place, path: str, file: Path) -> tuple[str, str, int]:
    answer = page.goto(place.url + path, wait_until="networkidle")
    page.screenshot(path=file)
    heading = page.get_by_role("heading", level=1).first.inner_text()
    return file.name, heading, answer.status if answer else 0


def main() -> int:
    """Take them all and say what is on them."""
    if shutil.which("chromium") is None:
        sys.stderr.write("Chromium is needed: apt-get install chromium\n")
        return 2
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[1] / "docs" / "pictures")
    folder.mkdir(parents=True, exist_ok=True)
    taken = take(folder)
    table = Table("Picture", "Heading", "Status", title=f"{len(taken)} pictures in {folder.name}", title_justify="left")
    for name, heading, status in taken:
        table.add_row(name, heading, str(status))
    Console(width=None if sys.stdout.isatty() else 120).print(table)
    return 0 if all(status == 200 for _, _, status in taken) else 1


if __name__ == "__main__":
    sys.exit(main())
