"""Whatever somebody calls a vendor or writes on an invoice is shown as they wrote it, and does nothing."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from databases import SqliteFiles
from ml_connector.console.navigation import SECTIONS
from ml_connector.model.people import Role
from paperwork import invoice, line
from windows import OpenWindow
from world import World, build_world

MARKUP = "<img src=x onerror=alert(1)><script>alert(2)</script>'\"{{7*7}}"
FORMULA = '=HYPERLINK("http://elsewhere.example")'


@pytest.fixture
def hostile(sqlite: SqliteFiles) -> Iterator[World]:
    """Both systems are full of markup: names of vendors, numbers, texts of lines."""
    with sqlite.fresh() as url:
        world = build_world(url, company="empty")
        world.act("create_vendor", name=MARKUP[:100], number="V-MARKUP")
        world.act("rename", entity="Department", id=next(iter(world.books().locations)), name="<b>Lexington</b>")
        world.approve(invoice("<i>1</i>", line("10.00", text=MARKUP), supplier="V-MARKUP", supplier_name=MARKUP))
        world.approve(invoice(FORMULA, line("20.00"), supplier="V-MARKUP", supplier_name=MARKUP))
        world.settle()
        yield world
        world.database.close()


def test_markup_from_either_system_runs_on_no_screen(hostile: World, window: OpenWindow) -> None:
    one = window(hostile, Role.ADMINISTRATOR, everywhere=True)
    one.page.on("dialog", lambda dialog: one.complaints.append(f"a dialog: {dialog.message}"))
    documents = [f"documents/{row['invoiceId']}" for row in hostile.basware.documents()]
    for path in [
        *(section.path for section in SECTIONS),
        *documents,
        "documents?text=%3Cimg%20src=x%20onerror=alert(3)%3E",
    ]:
        one.open(f"/c/demo/{path}")
        assert one.page.locator("main img, main script, main b > i, main u").count() == 0, path
    one.open("/c/demo/documents")
    expect(one.page.get_by_role("main")).to_contain_text("<img src=x onerror=alert(1)>")


def test_a_table_for_a_spreadsheet_holds_no_formula(hostile: World, window: OpenWindow) -> None:
    one = window(hostile, Role.VIEWER)
    answer = one.person.get("/c/demo/documents?format=csv")
    assert answer.headers["content-type"].startswith("text/csv")
    cells = [cell.strip('"') for row in answer.text.splitlines() for cell in row.split(",")]
    assert any(cell.startswith("'=HYPERLINK") for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "@", "+"))]
