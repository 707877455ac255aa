"""The product at work while the twins are watched: the demo company in several moods of the services, and the crash matrix."""

import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from rich.console import Console

import crash_matrix
from contract.court import Court
from contract.watching import watched
from databases import SqliteFiles, sqlite_files
from world import World, build_world

LIVES = 6  # every so many steps of the crash matrix
PAGE = 7


def _as_documented(_world: World) -> None:
    """Nothing out of the ordinary."""


def _redirected(world: World) -> None:
    world.basware.switches.redirect = "always"
    world.basware.switches.continuation_on = "both"


def _bare(world: World) -> None:
    world.basware.switches.bare_lists = True


def _of_a_later_release(world: World) -> None:
    world.basware.switches.extra_fields = True
    world.basware.switches.unknown_enum_values = True
    world.quickbooks.switches.additive_share = 1.0


def _short_of_time(world: World) -> None:
    world.basware.switches.token_seconds = 300


MOODS: Mapping[str, Callable[[World], None]] = {
    "as documented": _as_documented,
    "every read redirected": _redirected,
    "bare lists": _bare,
    "fields and values of a later release": _of_a_later_release,
    "tokens of five minutes": _short_of_time,
}


def play(court: Court, *, short: bool) -> list[str]:
    """Run every scene; what went wrong with the runs themselves, in words."""
    problems: list[str] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        sqlite_files(Path(folder)) as databases,
        watched(court.hear, court.hear_of_damage),
    ):
        for mood, change in list(MOODS.items())[: 1 if short else None]:
            court.seen = f"demo company, {mood}"
            problems += [f"{court.seen}: {one}" for one in _demo_company(databases, change)]
        if not short:
            court.seen = "crash matrix"
            problems += _crashes(databases)
    return problems


def _demo_company(databases: SqliteFiles, change: Callable[[World], None]) -> list[str]:
    """Post the demo company's invoices, send one of them again, and look at the books."""
    with databases.fresh() as url:
        world = build_world(url, company="demo", page_size=PAGE)
        try:
            change(world)
            world.settle()
            world.send_again("QP-INV-20991")
            world.settle()
            return world.check()
        finally:
            world.database.close()


def _crashes(databases: SqliteFiles) -> list[str]:
    rows, _ = crash_matrix.matrix("SQLite", databases, LIVES, Console(file=sys.stderr, quiet=True))
    return [f"crash matrix: {step}: {cell}" for step, row in rows.items() for cell in row if cell not in {"1 / 1", "-"}]
