"""`ml-connector people …`: who may use the console, and what they may do in which connection."""

from typing import Annotated

from cyclopts import App, Parameter

from ml_connector.app import App as Installation
from ml_connector.cli.options import Json, Limit
from ml_connector.cli.output import CommandError, ExitCode, out, print_json, print_lines, say
from ml_connector.cli.session import opened
from ml_connector.cli.session import person as whoami
from ml_connector.model.people import EVERY_CONNECTION, Role, Visitor
from ml_connector.store.people import PeopleAuditRow
from ml_connector.work.people import directory, shown
from ml_connector.work.people import sessions as session_work
from ml_connector.work.people.directory import Grant
from ml_connector.work.people.identity import operator
from ml_connector.work.people.links import WelcomeLink
from ml_connector.work.people.links import first_link as make_first_link
from ml_connector.work.people.shown import PersonLine, SessionLine
from ml_connector.work.people.tokens import owner_of

app = App(name="people", help="Who may use the console, and what they may do in which connection.")

Login = Annotated[str, Parameter(help="The person's login.")]
Where = Annotated[str, Parameter(help="The connection the role counts in; the only one when left out.")]
Everywhere = Annotated[
    bool, Parameter(help="The role counts in every connection, also in those added later.", negative="")
]
Url = Annotated[str, Parameter(help="Where browsers reach the console; ML_CONNECTOR_PUBLIC_URL when left out.")]


@app.command(name="list")
def list_(*, json: Json = False) -> int:
    """List everybody by name, with their roles."""
    with opened() as installation:
        lines = shown.directory(installation.identity, _me())
    columns = ("Login", "Name", "State", "Roles", "Last sign-in (UTC)")
    print_lines(lines, columns, _row, json=json)
    return ExitCode.DONE


def _row(line: PersonLine) -> tuple[str, ...]:
    roles = ", ".join(f"{role.role} in {_place(role.connection)}" for role in line.roles)
    signed_in = line.signed_in_at.isoformat(timespec="seconds") if line.signed_in_at else ""
    return line.login, line.name, line.state, roles, signed_in


@app.command
def add(
    login: Login,
    role: Role,
    *,
    name: str = "",
    connection: Where = "",
    everywhere: Everywhere = False,
    url: Url = "",
    json: Json = False,
) -> int:
    """Add somebody with a first role; prints the link with which they choose their password.

    Parameters
    ----------
    role
        viewer, accountant, mapper or administrator.
    name
        What they are called; their login when left out.
    """
    with opened() as installation:
        grant = grant_of(installation, role, connection, everywhere=everywhere)
        link = directory.add(installation.identity, login, name, [grant], by=_me())
        return _print_link(installation, login, link, url, json=json)


@app.command
def role(
    login: Login,
    role: Role,
    *,
    connection: Where = "",
    everywhere: Everywhere = False,
    take: bool = False,
    json: Json = False,
) -> int:
    """Give somebody a role, or take it away.

    Parameters
    ----------
    role
        viewer, accountant, mapper or administrator.
    take
        Take it away instead.
    """
    with opened() as installation:
        grant = grant_of(installation, role, connection, everywhere=everywhere)
        change = directory.take if take else directory.give
        changed = change(installation.identity, login, grant, by=_me())
        line = shown.one(installation.identity, login, _me())
    say(f"{line.login} {'is no longer' if take else 'is'} {role.value} there." if changed else "Nothing changed.")
    if json:
        print_json(line)
    return ExitCode.DONE


@app.command
def disable(login: Login, *, undo: bool = False, json: Json = False) -> int:
    """Let somebody in no more: sessions end, tokens and links stop working. Their roles are kept.

    Parameters
    ----------
    undo
        Let them in again, with their former password. Tokens stay revoked.
    """
    with opened() as installation:
        (directory.enable if undo else directory.disable)(installation.identity, login, by=_me())
        line = shown.one(installation.identity, login, _me())
    say(f"{line.login} can sign in again." if undo else f"{line.login} is not let in any more.")
    if json:
        print_json(line)
    return ExitCode.DONE


@app.command
def reset(login: Login, *, url: Url = "", json: Json = False) -> int:
    """Print a link with which somebody chooses a new password. The old one, all sessions and all tokens end at once."""
    with opened() as installation:
        link = directory.reset(installation.identity, login, by=_me())
        return _print_link(installation, login, link, url, json=json)


@app.command
def sessions(login: Login, *, end: int = 0, end_all: bool = False, json: Json = False) -> int:
    """List where somebody is signed in, the last used first; or end sessions.

    Parameters
    ----------
    end
        End the session of this number.
    end_all
        End all of them.
    """
    with opened() as installation:
        identity, person = installation.identity, owner_of(installation.identity, login, by=_me())
        if end and not session_work.end_one(identity, person, end, actor=whoami()):
            raise CommandError(f"{person.login} has no session {end}. `ml-connector people sessions` lists all.")
        if end_all:
            number = session_work.end_all(identity, person, actor=whoami())
            say(f"Sessions of {person.login} that ended: {number}.")
        lines = shown.sessions_of(identity, person)
    print_lines(
        lines, ("Session", "Signed in (UTC)", "Last used (UTC)", "Ends (UTC)", "From", "Browser"), _session, json=json
    )
    return ExitCode.DONE


def _session(line: SessionLine) -> tuple[str, ...]:
    moments = (line.signed_in_at, line.used_at, line.ends_at)
    return str(line.session), *(at.isoformat(timespec="seconds") for at in moments), line.address, line.browser


@app.command
def history(login: str = "", *, limit: Limit = 100, json: Json = False) -> int:
    """List what was done to people and who signed in, newest first.

    Parameters
    ----------
    login
        Only about this person; everybody when left out.
    """
    with opened() as installation:
        entries = shown.history(installation.identity, login, limit=limit)
    print_lines(entries, ("When (UTC)", "Who", "What", "About", "Detail", "From"), _entry, json=json)
    return ExitCode.DONE


def _entry(entry: PeopleAuditRow) -> tuple[str, ...]:
    at = entry.at.isoformat(timespec="seconds")
    return at, entry.actor, entry.action, entry.subject, entry.detail, entry.address


@app.command(name="first-link")
def first_link(*, url: Url = "", json: Json = False) -> int:
    """Print the link with which the first person sets the console up. Works only while there is nobody."""
    with opened() as installation:
        link = make_first_link(installation.identity, by=whoami())
        return _print_link(installation, "", link, url, json=json)


def grant_of(installation: Installation, role: Role, connection: str, *, everywhere: bool) -> Grant:
    """The role a person means. Raises CommandError where they say both, and ConnectionUnknownError."""
    if everywhere and connection:
        raise CommandError("Say either --connection or --everywhere.")
    place = EVERY_CONNECTION if everywhere else installation.connection(connection).id
    return Grant(connection_id=place, role=role)


def _me() -> Visitor:
    return operator(whoami())


def _place(connection: str) -> str:
    return "every connection" if connection == EVERY_CONNECTION else connection


def _print_link(installation: Installation, login: str, link: WelcomeLink, url: str, *, json: bool) -> int:
    address = f"{(url or installation.public_url or 'http://127.0.0.1:8080').rstrip('/')}{link.path}"
    if json:
        print_json({"login": login.strip().lower(), "link": address, "expires_at": link.expires_at})
    else:
        out().print(address, markup=False, soft_wrap=True)
    say(
        f"The link works once, until {link.expires_at.isoformat(timespec='minutes')}, where `ml-connector serve` runs. Whoever "
        "has it chooses the password: hand it on in a way that only its person can read."
    )
    return ExitCode.DONE
