"""The QuickBooks sign-in of a connection: a link for a person, what became of it, giving it back; the company's own sign-in.

Nobody but a person who administers the QuickBooks company can agree at Intuit, in a browser. The API hands out the link for them,
and tells what came of it; no token of Intuit's passes through here.
"""

from datetime import datetime
from typing import Any

import msgspec

from ml_connector.app import set_up
from ml_connector.console.api.connections import ConnectionLine, line_of
from ml_connector.console.api.operation import Because, Call, reader, writer
from ml_connector.console.pages.connections import public_url
from ml_connector.console.screens import Who
from ml_connector.model.people import Right
from ml_connector.work.people.provider import CALLBACK
from ml_connector.work.sign_in.shown import SignInLine, sign_in_line


class ConnectLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link for a person who administers the QuickBooks company. It works once; `redirect_uri` has to stand in the Intuit app."""

    link: str
    redirect_uri: str
    ends_at: datetime


class GivenBack(msgspec.Struct, frozen=True, kw_only=True):
    """The connection, which rests now, and what became of the sign-in at Intuit."""

    connection: ConnectionLine
    at_intuit: str


class CompanySignIn(msgspec.Struct, frozen=True, kw_only=True):
    """How people sign in with the company's own OpenID provider. All is empty where none is set.

    `redirect_uri` has to stand at the provider; `new_people` is what somebody new becomes whose address is in `domains`.
    """

    name: str
    issuer: str
    client_id: str
    redirect_uri: str
    new_people: str
    domains: tuple[str, ...]
    trust_email: bool


def _state(call: Call) -> SignInLine:
    with call.app.database.read() as tx:
        return sign_in_line(tx, call.connection.id, call.now)


def _link(call: Call) -> ConnectLink:
    where = public_url(call.console, call.request)
    made = set_up.link_to_connect(call.app, call.connection, where, actor=call.visitor.actor)
    return ConnectLink(link=made.address, redirect_uri=made.redirect_uri, ends_at=made.expires_at)


def _disconnect(call: Call) -> GivenBack:
    body: Because = call.body
    told = set_up.disconnect(call.app, call.connection, reason=body.reason, actor=call.visitor.actor)
    return GivenBack(connection=line_of(call, call.connection), at_intuit=told)


def _company(call: Call) -> CompanySignIn:
    own = call.app.provider.settings if call.app.provider else None
    if own is None:
        return CompanySignIn(
            name="", issuer="", client_id="", redirect_uri="", new_people="", domains=(), trust_email=False
        )
    return CompanySignIn(
        name=own.name,
        issuer=own.issuer,
        client_id=own.client_id,
        redirect_uri=f"{call.app.public_url}{CALLBACK}",
        new_people=f"{own.new_role.value}@{own.new_connection}" if own.new_role else "",
        domains=own.domains,
        trust_email=own.trust_email,
    )


_TAG, _HERE = "sign-in", "/connections/{connection}/sign-in"
_MAY: dict[str, Any] = {"right": Right.ADMINISTER}
OPERATIONS = (
    reader(_TAG, _HERE, "How the QuickBooks sign-in stands, and what became of the last link", SignInLine, _state),
    writer(
        _TAG, f"{_HERE}/link", "A link with which a person connects QuickBooks", ConnectLink, _link, once=("link",), **_MAY,
        note="A person has to follow it and agree at Intuit: no program can. Ask GET …/sign-in until it is connected.",
    ),
    writer(
        _TAG, "/connections/{connection}/disconnect", "Give the sign-in back to Intuit and forget its tokens", GivenBack,
        _disconnect, body=Because, asks_vendors=True, **_MAY,
    ),
    reader(
        _TAG, "/company-sign-in", "How people sign in with the company's own OpenID provider", CompanySignIn, _company,
        who=Who.ALL, note="It is set by variables of the installation, so that no token can move everybody's sign-in elsewhere.",
    ),
)  # fmt: skip
