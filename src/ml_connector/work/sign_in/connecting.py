"""Connecting a company through a person's browser: from the link to the stored tokens, all or nothing.

A link is good for one browser. That browser gets a state for Intuit and a session of its own; only both together, once, within ten
minutes, lead to tokens. Knows nothing of HTTP; `console/connect.py` has the pages.
"""

import hmac
import logging
import re
import secrets as random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ml_connector.model.clock import Clock
from ml_connector.quickbooks.auth import TokenSet
from ml_connector.quickbooks.sign_in import SignedInCompany
from ml_connector.store import audit, connections, secrets, sign_ins
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Database, Tx
from ml_connector.store.errors import ConnectionExistsError
from ml_connector.store.rows import lock_connection
from ml_connector.store.sign_ins import SignInRow
from ml_connector.store.vault import Vault
from ml_connector.work.company import CONNECTED, ZONE_SAID
from ml_connector.work.sign_in import disconnecting, keeping
from ml_connector.work.sign_in.disconnecting import REALM, give_back, sharing
from ml_connector.work.sign_in.intuit import Intuit, company_of, exchanged
from ml_connector.work.sign_in.links import CALLBACK, KEPT, LINK_LIFE, START, STATE_LIFE, Link, Opened, hash_of
from ml_connector.work.sign_in.outcomes import Outcome

_REALM_ID = re.compile(r"[0-9]{1,30}")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Connecting:
    """What connecting needs. `intuit` gives the sign-in of a connection's app; it raises when the app's keys are missing."""

    database: Database
    vault: Vault
    clock: Clock
    intuit: Callable[[ConnectionRow], Intuit]

    def link(self, connection: ConnectionRow, public_url: str, by: str) -> Link:
        """Hand out a link to connect. Raises what `intuit` raises when the app's keys are missing."""
        self.intuit(connection)
        now, ticket = self.clock.now(), random.token_urlsafe(32)
        link = Link(
            address=f"{public_url}{START}{ticket}",
            redirect_uri=f"{public_url}{CALLBACK}",
            expires_at=now + LINK_LIFE,
            ticket=ticket,
        )
        with self.database.write() as tx:
            sign_ins.forget_old(tx, now - KEPT)
            sign_ins.add(
                tx, connection.id, ticket_hash=hash_of(ticket), redirect_uri=link.redirect_uri, asked_by=by, now=now,
                expires_at=link.expires_at,
            )  # fmt: skip
            _note(tx, connection.id, now, by, "link to connect made")
        return link

    def open(self, ticket: str, session: str = "") -> Opened | Outcome:
        """Follow a link, once: the way to Intuit for this browser and no other.

        `session` is what the browser has from a link it followed before. While that one is still on its way both share it, so that
        a person can finish them in any order; each has a state of its own.
        """
        now, state = self.clock.now(), random.token_urlsafe(32)
        with self.database.write() as tx:
            if not session or not sign_ins.is_under_way(tx, hash_of(session), now):
                session = random.token_urlsafe(32)
            row = sign_ins.open_(
                tx, hash_of(ticket), state_hash=hash_of(state), session_hash=hash_of(session), now=now,
                expires_at=now + STATE_LIFE,
            )  # fmt: skip
            if row is None:
                return Outcome.LINK_OLD
            connection = connections.get(tx, row.connection_id)
            _note(tx, row.connection_id, now, row.asked_by, "link to connect followed")
        address = self.intuit(connection).authorize_address(redirect_uri=row.redirect_uri, state=state)
        return Opened(address=address, session=session)

    def finish(self, *, state: str, session: str, code: str, realm_id: str, error: str) -> Outcome:
        """Intuit sent a browser back. Whatever comes, a state counts once, and tokens are stored whole or not at all."""
        now = self.clock.now()
        with self.database.write(durable=True) as tx:
            row = sign_ins.use(tx, hash_of(state), now)
            if row is None:
                return self._not_taken(tx, state, now)
        outcome = self._judged(row, session=session, code=code, realm_id=realm_id, error=error)
        if outcome is not Outcome.CONNECTED:
            with self.database.write() as tx:
                sign_ins.settle(tx, row, outcome)
                _note(tx, row.connection_id, now, row.asked_by, "connecting failed", outcome)
        return outcome

    def outcome_of(self, ticket: str) -> Outcome | None:
        """What became of a link so far; None while a person is still at it. One that was left alone too long is `expired`."""
        with self.database.read() as tx:
            row = sign_ins.by_ticket(tx, hash_of(ticket))
        if row is None:
            return Outcome.LINK_OLD
        if row.outcome:
            return Outcome(row.outcome)
        return Outcome.EXPIRED if self.clock.now() > row.expires_at else None

    def connection_of(self, session: str) -> str:
        """The name of the connection that a browser is connecting; empty when it is not connecting any."""
        if not session:
            return ""
        with self.database.read() as tx:
            row = sign_ins.by_session(tx, hash_of(session))
            return "" if row is None else connections.get(tx, row.connection_id).name

    def _not_taken(self, tx: Tx, state: str, now: datetime) -> Outcome:
        row = sign_ins.by_state(tx, hash_of(state))
        if row is None:
            _log.warning("Intuit's answer to a request nobody here made was refused (unknown state)")
            return Outcome.UNKNOWN
        outcome = Outcome.EXPIRED if row.used_at is None else Outcome.USED
        _note(tx, row.connection_id, now, row.asked_by, "answer of Intuit refused", outcome)
        return outcome

    def _judged(self, row: SignInRow, *, session: str, code: str, realm_id: str, error: str) -> Outcome:
        objection = _objection(row, session=session, code=code, realm_id=realm_id, error=error)
        if objection is not None:
            return objection
        with self.database.read() as tx:
            connection = connections.get(tx, row.connection_id)
        intuit = self.intuit(connection)
        tokens = exchanged(intuit, code, row.redirect_uri)
        if isinstance(tokens, Outcome):
            return tokens
        if self._belongs_elsewhere(connection, realm_id):
            self._give_back(intuit, connection, realm_id, tokens)
            return Outcome.OTHER_COMPANY
        company = company_of(intuit, tokens, realm_id)
        if company is None:
            return Outcome.NO_ACCESS
        outcome = self._stored(row, connection, realm_id, tokens, company)
        if outcome is Outcome.OTHER_COMPANY:  # another person's answer for another company was quicker
            self._give_back(intuit, connection, realm_id, tokens)
        return outcome

    def _belongs_elsewhere(self, connection: ConnectionRow, realm_id: str) -> bool:
        with self.database.read() as tx:
            known = secrets.get(tx, self.vault, connection.id, REALM)
        return known is not None and known.reveal() != realm_id

    def _stored(
        self, row: SignInRow, connection: ConnectionRow, realm_id: str, tokens: TokenSet, company: SignedInCompany
    ) -> Outcome:
        """Company, tokens, state, alerts, jobs and audit in one transaction."""
        now, hashes = self.clock.now(), self.vault.fingerprints(realm_id, purpose="realm")
        try:
            with self.database.write(durable=True) as tx:
                lock_connection(tx, connection.id)  # two answers at the same moment take turns
                known = secrets.get(tx, self.vault, connection.id, REALM)
                if known is not None and known.reveal() != realm_id:
                    return Outcome.OTHER_COMPANY
                if known is None:
                    secrets.put(tx, self.vault, connection.id, REALM, realm_id, now)
                connections.set_companies(
                    tx, connection.id, realm_hash=hashes[0], company_code=connection.company_code, now=now,
                    known_as=hashes,
                )  # fmt: skip
                keeping.keep_connected(tx, self.vault, connection.id, tokens, now)
                sign_ins.settle(tx, row, Outcome.CONNECTED)
                audit.record(
                    tx, connection.id, at=now, actor=row.asked_by, action=CONNECTED, subject="quickbooks",
                    reason=company.name, after=company.country,
                )  # fmt: skip
                if company.time_zone:
                    audit.record(
                        tx, connection.id, at=now, actor=row.asked_by, action=ZONE_SAID, subject="quickbooks",
                        after=company.time_zone,
                    )  # fmt: skip
        except ConnectionExistsError:
            return Outcome.COMPANY_TAKEN
        return Outcome.CONNECTED

    def _give_back(self, intuit: Intuit, connection: ConnectionRow, realm_id: str, tokens: TokenSet) -> None:
        with self.database.read() as tx:
            others = sharing(tx, self.vault, connection, realm_id)
        told = give_back(intuit, tokens.refresh_token, others)
        now = self.clock.now()
        with self.database.write() as tx:
            _note(tx, connection.id, now, "ml-connector", "sign-in of another company", told)

    def disconnect(self, connection: ConnectionRow, by: str, why: str = "") -> str:
        """Give the sign-in back to Intuit and let the connection rest; as `disconnecting.disconnect` says."""
        return disconnecting.disconnect(self.database, self.vault, self.clock, connection, self.intuit, by, why)


def _note(tx: Tx, connection_id: str, now: datetime, actor: str, action: str, reason: str = "") -> None:  # noqa: PLR0917
    audit.record(tx, connection_id, at=now, actor=actor, action=action, subject="quickbooks", reason=reason)


def _objection(row: SignInRow, *, session: str, code: str, realm_id: str, error: str) -> Outcome | None:
    """What is wrong with an answer before Intuit is asked anything."""
    if not hmac.compare_digest(hash_of(session), row.session_hash):
        return Outcome.OTHER_BROWSER
    if error:
        return Outcome.DENIED if error == "access_denied" else Outcome.REFUSED
    if not code or not _REALM_ID.fullmatch(realm_id):
        return Outcome.INCOMPLETE
    return None
