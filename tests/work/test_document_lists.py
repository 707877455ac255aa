"""Documents as people page through them: latest first, with the transactions of the page and no others."""

from datetime import date
from decimal import Decimal

from databases import SqliteFiles
from ml_connector.store.database import Database
from ml_connector.store.document_search import DocumentFilter
from ml_connector.work.document_lists import documents_page, every_document
from world import build_world


def test_a_list_is_paged_forwards_and_back_and_ends(sqlite: SqliteFiles) -> None:
    with sqlite.fresh() as url:
        database = Database.open(url)
        world = build_world(database)
        world.settle()
        everything = [one.line.invoice_id for one in every_document(world.desk(), DocumentFilter())]
        size = len(everything) // 2
        first = documents_page(world.desk(), DocumentFilter(), size=size)
        second = documents_page(world.desk(), DocumentFilter(), size=size, below=first.older)
        back = documents_page(world.desk(), DocumentFilter(), size=size, above=second.newer)
        last = documents_page(world.desk(), DocumentFilter(), size=len(everything), below=first.older)
        database.close()
    shown = [[one.line.invoice_id for one in page.documents] for page in (first, second, back, last)]
    assert shown == [everything[:size], everything[size : 2 * size], everything[:size], everything[size:]]
    assert (first.newer, back.newer, last.older) == (None, None, None)
    assert sum(first.counts.values()) == len(everything)


def test_a_line_shows_what_the_document_became(sqlite: SqliteFiles) -> None:
    with sqlite.fresh() as url:
        database = Database.open(url)
        world = build_world(database)
        world.settle()
        listed = list(every_document(world.desk(), DocumentFilter()))
        posted = next(one for one in listed if len(one.line.transactions) == 1 and one.line.state == "confirmed")
        number = posted.line.transactions[0].id
        (found,) = [one for one in every_document(world.desk(), DocumentFilter(text=number)) if one == posted]
        day = date.fromisoformat(posted.invoice_date)
        same_day = every_document(world.desk(), DocumentFilter(since=day, until=day, amount=posted.line.total))
        assert posted in list(same_day)
        kind, record = world.only_transaction(found.line.invoice_number)
        database.close()
    assert (kind, record["Id"]) == (posted.line.transactions[0].type, number)
    assert Decimal(str(record["TotalAmt"])) == abs(found.line.total or 0)
