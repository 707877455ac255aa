"""`ml-connector tokens …`: tokens for programs that use the API."""

from cyclopts import App

from ml_connector.cli.options import Json
from ml_connector.cli.output import ExitCode, out, print_json, print_lines, say
from ml_connector.cli.people import Everywhere, Login, Where, grant_of
from ml_connector.cli.session import opened
from ml_connector.cli.session import person as whoami
from ml_connector.model.people import EVERY_CONNECTION, Role
from ml_connector.work.people import shown
from ml_connector.work.people import tokens as token_work
from ml_connector.work.people.identity import operator
from ml_connector.work.people.shown import TokenLine

app = App(name="tokens", help="Tokens for programs that use the API.")


@app.command(name="list")
def list_(login: str = "", *, json: Json = False) -> int:
    """List tokens, newest first; of each only how it begins can be shown.

    Parameters
    ----------
    login
        Only those of this person; everybody's when left out.
    """
    with opened() as installation:
        identity = installation.identity
        owner = token_work.owner_of(identity, login, by=operator(whoami())) if login else None
        lines = shown.tokens(identity, owner)
    columns = ("Token", "Login", "For", "Begins", "May do", "State", "Ends (UTC)", "Last used (UTC)")
    print_lines(lines, columns, _row, json=json)
    return ExitCode.DONE


def _row(line: TokenLine) -> tuple[str, ...]:
    place = "every connection" if line.connection == EVERY_CONNECTION else line.connection
    used = line.used_at.isoformat(timespec="seconds") if line.used_at else ""
    ends = line.ends_at.isoformat(timespec="seconds")
    return str(line.token), line.login, line.name, line.begins, f"{line.role} in {place}", line.state, ends, used


@app.command
def add(
    login: Login,
    role: Role,
    *,
    name: str,
    connection: Where = "",
    everywhere: Everywhere = False,
    days: int = 90,
    json: Json = False,
) -> int:
    """Make a token for somebody, and print it: this once, it is kept nowhere.

    Parameters
    ----------
    role
        What it may do at most: viewer, accountant, mapper or administrator.
    name
        Which program it is for.
    days
        How long it works, 365 at most.
    """
    with opened() as installation:
        identity, me = installation.identity, operator(whoami())
        grant = grant_of(installation, role, connection, everywhere=everywhere)
        owner = token_work.owner_of(identity, login, by=me)
        made = token_work.make(
            identity, owner, name=name, connection_id=grant.connection_id, role=role, days=days, by=me
        )
    if json:
        print_json({"token": made.row.id, "secret": made.secret, "ends_at": made.row.expires_at})
    else:
        out().print(made.secret, markup=False, soft_wrap=True)
    say(
        f"Token {made.row.id} of {owner.login} works until {made.row.expires_at.isoformat(timespec='minutes')}. Keep it like a "
        "password: it cannot be shown again."
    )
    return ExitCode.DONE


@app.command
def revoke(token: int, *, json: Json = False) -> int:
    """Let a token work no more.

    Parameters
    ----------
    token
        Its number, as the list shows it.
    """
    with opened() as installation:
        identity = installation.identity
        token_work.revoke(identity, token, by=operator(whoami()))
        line = next(one for one in shown.tokens(identity) if one.token == token)
    say(f"The token {line.name} of {line.login} works no more.")
    if json:
        print_json(line)
    return ExitCode.DONE
