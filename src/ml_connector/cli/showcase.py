"""`ml-connector demo --console`: the showcase told on twins, then served, so that the console has something real on every page."""

import logging
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from secrets import token_urlsafe

from ml_connector.app import App
from ml_connector.basware.errors import BaswareError
from ml_connector.cli.output import ExitCode, say
from ml_connector.cli.serve import listen, serve_until_stopped, shown
from ml_connector.demonstration.announcing import announce
from ml_connector.demonstration.companies import companies
from ml_connector.demonstration.showcase import ACTOR, EPILOGUE, Place, Showcase, connect
from ml_connector.demonstration.stage import StageError, installation, serving
from ml_connector.demonstration.telling import MovedClock, Told, telling
from ml_connector.model.people import EVERY_CONNECTION, Role
from ml_connector.work.people.directory import Grant, add
from ml_connector.work.people.identity import operator
from ml_connector.work.people.links import WELCOME, accept, first_link
from ml_connector.work.people.sessions import Browser, sign_out

LOGIN = "demo"
_BEFORE = timedelta(days=27, hours=8)
"""How long before now the story begins: a little more than it takes."""


def show_console(folder: Path, port: int) -> int:
    """Tell the showcase's story and serve the console on it until Ctrl-C. Raises CommandError and StageError."""
    clock = MovedClock(_BEFORE)
    with closing(listen("127.0.0.1", port)) as listening, serving("showcase", clock.now()) as twins:
        url = str(twins["quickbooks"]["url"])
        say(
            "Four companies work for four weeks on offline twins of QuickBooks and Basware. This takes a minute or two."
        )
        with telling(url, clock) as told:
            _tell(folder, clock, told, _places(twins["quickbooks"]), _places(twins["basware"]))
            with installation(folder, public_url=shown(listening)) as app:
                password = _make_people(app)
                say(f"Open {shown(listening)} and sign in as {LOGIN} with the password {password}")
                say(f"Both systems' own books, side by side: {twins['page']['url']}")
                say(f"Commands see the same with: export ML_CONNECTOR_HOME={folder}")
                serve_until_stopped(app, listening, once_served=lambda: _go_on(app, told, url))
    return ExitCode.DONE


def _go_on(app: App, told: Told, quickbooks_twin: str) -> None:
    """Once the console answers: both systems announce to it what happens, and something does."""
    try:
        announce(app, quickbooks_twin)
        told.play(EPILOGUE)
    except (StageError, BaswareError) as error:
        say(f"Nothing will be announced by webhook, everything is polled: {error}")


def _tell(folder: Path, clock: MovedClock, told: Told, quickbooks: list[Place], basware: list[Place]) -> None:
    """The whole story, up to the present moment."""
    # Jobs that fail are part of it: one company's sign-in is over. Their problems are on the pages.
    logging.getLogger("ml_connector").setLevel(logging.ERROR)
    with installation(folder, clock=clock) as app:
        own = companies(clock.now().date())
        rows = connect(app, own, quickbooks, basware)
        Showcase(app, told, rows, own).perform(tell=say)
        told.catch_up()
    logging.getLogger("ml_connector").setLevel(logging.NOTSET)


def _places(twin: dict[str, object]) -> list[Place]:
    known = twin["companies"]
    return [Place(str(twin["url"]), one) for one in known] if isinstance(known, list) else []


def _make_people(app: App) -> str:
    """Somebody who may do everything, and colleagues who have not chosen a password yet; the password of the first."""
    identity, password = app.identity, token_urlsafe(12)
    secret = first_link(identity, by=ACTOR).path.removeprefix(WELCOME)
    session = accept(identity, secret, login=LOGIN, name="Dana Demo", password=password, browser=Browser())
    sign_out(identity, session)
    by = operator(ACTOR)
    for login, name, company, role in (
        ("alex", "Alex Accountant", "calloway-us", Role.ACCOUNTANT),
        ("mina", "Mina Mapper", "thames-uk", Role.MAPPER),
        ("vito", "Vito Viewer", "", Role.VIEWER),
    ):
        place = app.connection(company).id if company else EVERY_CONNECTION
        add(identity, login, name, [Grant(connection_id=place, role=role)], by=by)
    return password
