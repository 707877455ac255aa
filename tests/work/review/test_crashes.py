"""The job crashes before and after each of its steps, and so does the release: what is released is posted once.

How it crashes: bench/crashes.py.
"""

from decimal import Decimal

import pytest

from crashes import Saboteur, every_fault, live, perform
from databases import Databases, PostgresServer, SqliteFiles
from ml_connector.app import App
from ml_connector.work import review
from ml_connector.work.jobs import Job
from ml_connector.work.review import Flow
from paperwork import invoice, line
from world import build_world, payable


def corrected(net: str) -> dict[str, object]:
    fresh = invoice("A-1", line(net))
    return {name: fresh[name] for name in ("codingRows", "netSum", "grossSum", "netSumCompany", "grossSumCompany")}


def struck(saboteur: Saboteur, databases: Databases) -> None:
    """Two invoices are proposed, one is released and posted, then corrected, released again and brought up to date."""
    with databases.fresh() as url:
        world = build_world(url, company="empty")
        review.set_review(world.desk(), Flow.INVOICES, on=True, actor="Ada")
        world.restart()
        never = world.approve(invoice("A-2"))
        world.approve(invoice("A-1", line("100.00")))

        def act(app: App) -> bool:
            perform(app, Job.INVOICES)
            desk = app.desk(app.connection(""))
            proposals = {key: value for key, value in review.waiting(desk).items() if key != never}
            review.release(desk, proposals, actor="Ada")
            return not proposals

        live(world, url, saboteur, act)
        world.settle()
        assert payable(*world.only_transaction("A-1")) == Decimal(100)
        world.send_again("A-1", **corrected("75.00"))
        live(world, url, saboteur, act)
        world.settle()
        assert payable(*world.only_transaction("A-1")) == Decimal(75)
        assert (world.state("A-1"), len(world.answers("A-1"))) == ("confirmed", 2)
        assert (world.state("A-2"), len(world.transactions())) == ("planned", 1)
        assert world.check() == []
        world.database.close()


def test_whatever_happens_at_any_step_what_is_released_is_posted_once(
    request: pytest.FixtureRequest, database_kind: str
):
    databases: SqliteFiles | PostgresServer = request.getfixturevalue(
        "sqlite" if database_kind == "sqlite" else "postgres"
    )

    def strikes(label: str, _fault: str) -> bool:
        return not label.startswith(("commit: desk.", "commit: tenure."))  # those only prolong the lease

    assert every_fault(lambda saboteur: struck(saboteur, databases), strikes=strikes) > 30
