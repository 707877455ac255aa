"""The tables of an installation's people: who they are, what they may do where, and how they have shown who they are.

None belongs to one connection: a person may have roles in several, and signs in before it is known which they want to see. Of
whatever lets somebody in (session, link, token) only a hash is kept.
"""

from sqlalchemy import Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, Table, UniqueConstraint

from ml_connector.model.people import Role
from ml_connector.store.columns import Choice, Instant, Key, RowId, Words
from ml_connector.store.schema.base import metadata, optional, required


def _person() -> Column[str]:
    return Column("person_id", Key, ForeignKey("people.id", ondelete="RESTRICT"), nullable=False)


people = Table(
    "people",
    metadata,
    Column("id", Key, primary_key=True),
    required("login", Key),
    required("name", Words),
    required("password", Words),
    optional("password_changed_at", Instant),
    optional("subject", Key),
    required("created_at", Instant),
    required("created_by", Words),
    optional("signed_in_at", Instant),
    optional("disabled_at", Instant),
    UniqueConstraint("login"),
    UniqueConstraint("subject"),
)

roles = Table(
    "roles",
    metadata,
    _person(),
    required("connection_id", Key),
    required("role", Choice(Role)),
    required("given_at", Instant),
    required("given_by", Words),
    PrimaryKeyConstraint("person_id", "connection_id", "role"),
    Index("ix_roles_connection", "connection_id"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    _person(),
    required("hash", Key),
    required("created_at", Instant),
    required("seen_at", Instant),
    required("expires_at", Instant),
    optional("ended_at", Instant),
    required("ended_by", Words),
    required("address", Words),
    required("browser", Words),
    required("means", Words),
    UniqueConstraint("hash"),
    Index("ix_sessions_person", "person_id", "created_at"),
)

welcome_links = Table(
    "welcome_links",
    metadata,
    required("hash", Key),
    Column("person_id", Key, ForeignKey("people.id", ondelete="RESTRICT"), nullable=True),
    required("made_by", Words),
    required("created_at", Instant),
    required("expires_at", Instant),
    optional("used_at", Instant),
    PrimaryKeyConstraint("hash"),
    Index("ix_welcome_links_person", "person_id"),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    _person(),
    required("hash", Key),
    required("shown", Words),
    required("name", Words),
    required("connection_id", Key),
    required("role", Choice(Role)),
    Column("made_with", RowId, nullable=True),
    required("created_at", Instant),
    required("expires_at", Instant),
    optional("used_at", Instant),
    optional("revoked_at", Instant),
    required("revoked_by", Words),
    UniqueConstraint("hash"),
    Index("ix_api_tokens_person", "person_id", "created_at"),
)

sign_in_tries = Table(
    "sign_in_tries",
    metadata,
    required("key", Key),
    required("tries", Integer),
    required("last_at", Instant),
    optional("wait_until", Instant),
    PrimaryKeyConstraint("key"),
    Index("ix_sign_in_tries_last", "last_at"),
)

provider_tries = Table(
    "provider_tries",
    metadata,
    required("state_hash", Key),
    required("browser_hash", Key),
    required("to", Words),
    required("expires_at", Instant),
    PrimaryKeyConstraint("state_hash"),
)

people_audit = Table(
    "people_audit",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    required("at", Instant),
    required("actor", Words),
    required("action", Words),
    required("subject", Key),
    required("detail", Words),
    required("address", Words),
    Index("ix_people_audit_subject", "subject", "id"),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    required("scope", Key),
    required("key", Key),
    required("request_hash", Key),
    required("claimed_at", Instant),
    required("status", Integer),
    required("answer", Words),
    required("expires_at", Instant),
    PrimaryKeyConstraint("scope", "key"),
    Index("ix_idempotency_keys_expires", "expires_at"),
)
