"""What the console needs: people, their roles, sessions and tokens, and indexes for lists that people look through."""

import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")
_MONEY = sa.Numeric().with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Add the tables and indexes, by subject."""
    _people()
    _ways_in()
    _idempotency()
    _messages()
    _causes()
    _history()
    _documents()
    _audit_chain()
    _runs()
    _transactions()
    _reactivations()
    _orders_of_lists()
    _contracts()


def _people() -> None:
    op.create_table(
        "people",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password", sa.Text(), nullable=False),
        sa.Column("password_changed_at", _INSTANT, nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("signed_in_at", _INSTANT, nullable=True),
        sa.Column("disabled_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
        sa.UniqueConstraint("login", name="uq_people_login"),
        sa.UniqueConstraint("subject", name="uq_people_subject"),
    )
    op.create_table(
        "roles",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("given_at", _INSTANT, nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "connection_id", "role", name="pk_roles"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_roles_person_id", ondelete="RESTRICT"),
    )
    op.create_index("ix_roles_connection", "roles", ["connection_id"])
    op.create_table(
        "people_audit",
        sa.Column("id", _COUNT, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_people_audit"),
    )
    op.create_index("ix_people_audit_subject", "people_audit", ["subject", "id"])


def _ways_in() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", _COUNT, nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("seen_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.Column("means", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.UniqueConstraint("hash", name="uq_sessions_hash"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_sessions_person_id", ondelete="RESTRICT"),
    )
    op.create_index("ix_sessions_person", "sessions", ["person_id", "created_at"])
    op.create_table(
        "welcome_links",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=True),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("used_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("hash", name="pk_welcome_links"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_welcome_links_person_id", ondelete="RESTRICT"),
    )
    op.create_index("ix_welcome_links_person", "welcome_links", ["person_id"])
    op.create_table(
        "api_tokens",
        sa.Column("id", _COUNT, nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("made_with", _COUNT, nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("used_at", _INSTANT, nullable=True),
        sa.Column("revoked_at", _INSTANT, nullable=True),
        sa.Column("revoked_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_api_tokens"),
        sa.UniqueConstraint("hash", name="uq_api_tokens_hash"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_api_tokens_person_id", ondelete="RESTRICT"),
    )
    op.create_index("ix_api_tokens_person", "api_tokens", ["person_id", "created_at"])
    op.create_table(
        "sign_in_tries",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_at", _INSTANT, nullable=False),
        sa.Column("wait_until", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("key", name="pk_sign_in_tries"),
    )
    op.create_index("ix_sign_in_tries_last", "sign_in_tries", ["last_at"])
    op.create_table(
        "provider_tries",
        sa.Column("state_hash", sa.Text(), nullable=False),
        sa.Column("browser_hash", sa.Text(), nullable=False),
        sa.Column("to", sa.Text(), nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("state_hash", name="pk_provider_tries"),
    )


def _idempotency() -> None:
    op.create_table(
        "idempotency_keys",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("claimed_at", _INSTANT, nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", name="pk_idempotency_keys"),
    )
    op.create_index("ix_idempotency_keys_expires", "idempotency_keys", ["expires_at"])


def _messages() -> None:
    op.create_table(
        "message_targets",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("envelope", sa.Text(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_message_targets"),
    )
    op.create_table(
        "messages",
        sa.Column("id", _COUNT, autoincrement=True, nullable=False),
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("target_id", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", _INSTANT, nullable=False),
        sa.Column("taken_until", _INSTANT, nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("sent_at", _INSTANT, nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
        sa.UniqueConstraint("connection_id", "target_id", "cause", name="uq_messages_cause"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_messages_connection_id", ondelete="RESTRICT"
        ),
    )
    op.create_index("ix_messages_due", "messages", ["state", "due_at"])
    op.create_table(
        "told_causes",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("since", _INSTANT, nullable=False),
        sa.Column("over_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("connection_id", "cause", "subject", name="pk_told_causes"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_told_causes_connection_id", ondelete="RESTRICT"
        ),
    )


def _causes() -> None:
    op.create_table(
        "held_causes",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("invoice_id", sa.Text(), nullable=False),
        sa.Column("card", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("seq", _COUNT, nullable=False),
        sa.Column("total", _MONEY, nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("since", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("connection_id", "invoice_id", "card", name="pk_held_causes"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_held_causes_connection_id", ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["connection_id", "invoice_id"],
            ["documents.connection_id", "documents.invoice_id"],
            name="fk_held_causes_documents",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_held_causes_card", "held_causes", ["connection_id", "card", "seq"])
    op.create_index("ix_held_causes_rank", "held_causes", ["connection_id", "card", "currency", "since", "total"])
    op.create_index("ix_outgoing_waiting", "outgoing", ["connection_id", "state"])
    held = sa.text("holds <> '[]'")
    op.create_index(
        "ix_vendor_pairs_held", "vendor_pairs", ["connection_id", "code"], sqlite_where=held, postgresql_where=held
    )
    _fill_causes()


def _fill_causes() -> None:
    """Documents that are held already. The name of a cause is made as `store/held.py` makes it."""
    columns = ("connection_id", "invoice_id", "seq", "total", "currency", "held_since", "holds")
    documents = sa.table("documents", *(sa.column(name) for name in (*columns, "state")))
    causes = sa.table(
        "held_causes",
        *(sa.column(name) for name in (*columns[:5], "since", "card", "cause", "subject")),
    )
    query = sa.select(*(documents.c[name] for name in columns)).where(documents.c.state == "held")
    for row in op.get_bind().execute(query).mappings().all():
        shared = {name: row[name] for name in columns[:5]} | {"since": row["held_since"]}
        named = {
            (hold["cause"], hold.get("subject", "").replace("\x00", "\ufffd")) for hold in json.loads(row["holds"])
        }
        for cause, subject in sorted(named):
            card = hashlib.sha256(f"{cause}\n{subject}".encode()).hexdigest()[:24]
            op.get_bind().execute(causes.insert(), shared | {"card": card, "cause": cause, "subject": subject})


def _history() -> None:
    op.add_column("documents", sa.Column("last_held_at", _INSTANT, nullable=True))
    op.execute("UPDATE documents SET last_held_at = held_since")
    op.execute("UPDATE documents SET currency = substr(currency, 1, 20)")
    op.create_index("ix_documents_money", "documents", ["connection_id", "state", "currency", "total"])
    op.create_index("ix_documents_last_held_at", "documents", ["connection_id", "last_held_at"])
    op.create_index("ix_attachments_noted_at", "attachments", ["connection_id", "noted_at", "invoice_id", "code"])
    made = ["connection_id", "kind", "part", "created_at", "basware_id"]
    op.create_index("ix_links_created_at", "links", made)


def _documents() -> None:
    """What documents are searched by, what is proposed and released; and indexes of what people look up."""
    for name in ("invoice_date", "orders", "searched", "proposal"):
        op.add_column("documents", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    for name in ("release", "kept", "chosen_date"):
        op.add_column("documents", sa.Column(name, sa.Text(), nullable=True))
    op.execute(
        "UPDATE documents SET searched = lower(substr(invoice_number || ' ' || supplier_code || ' ' || supplier_name"
        " || ' ' || invoice_id, 1, 300))"
    )
    searched = ["connection_id", "seq", "state", "invoice_date", "total", "orders", "searched"]
    op.create_index("ix_documents_search", "documents", searched)
    dated = ["connection_id", "invoice_date", "state", "currency", "total"]
    op.create_index("ix_documents_invoice_date", "documents", dated)
    op.create_index("ix_links_number", "links", ["connection_id", "doc_number"])
    op.create_index("ix_links_quickbooks_id", "links", ["connection_id", "quickbooks_id"])
    op.create_index("ix_calls_request", "calls", ["connection_id", "request_id"])
    op.drop_index("ix_audit_subject", "audit")
    op.create_index("ix_audit_subject", "audit", ["connection_id", "subject", "id"])
    op.create_index("ix_audit_actor", "audit", ["connection_id", "actor", "id"])
    op.create_index("ix_audit_action", "audit", ["connection_id", "action", "id"])


def _runs() -> None:
    op.create_table(
        "job_runs",
        sa.Column("id", _COUNT, autoincrement=True, nullable=False),
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("started_at", _INSTANT, nullable=False),
        sa.Column("finished_at", _INSTANT, nullable=False),
        sa.Column("ending", sa.Text(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_job_runs"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_job_runs_connection_id", ondelete="RESTRICT"
        ),
    )
    op.create_index("ix_job_runs_newest", "job_runs", ["connection_id", "id"])
    op.create_index("ix_job_runs_job", "job_runs", ["connection_id", "job", "id"])


def _transactions() -> None:
    """What a bill, a vendor credit or a journal entry is looked for by. Copies made before get it with their next change."""
    for name in ("number", "vendor_id", "day", "total"):
        op.add_column("books", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    for name in ("number", "day", "total"):
        op.create_index(f"ix_books_{name}", "books", ["connection_id", "entity", name])
    op.create_index("ix_books_vendor_id", "books", ["connection_id", "entity", "vendor_id", "day"])


def _audit_chain() -> None:
    op.create_table(
        "audit_chain",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("position", _COUNT, nullable=False),
        sa.Column("audit_id", _COUNT, nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "position", name="pk_audit_chain"),
        sa.UniqueConstraint("connection_id", "audit_id", name="uq_audit_chain_connection_id_audit_id"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_audit_chain_connection_id", ondelete="RESTRICT"
        ),
    )
    op.create_table(
        "people_audit_chain",
        sa.Column("position", _COUNT, nullable=False),
        sa.Column("audit_id", _COUNT, nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_people_audit_chain"),
        sa.UniqueConstraint("audit_id", name="uq_people_audit_chain_audit_id"),
    )


def _reactivations() -> None:
    op.create_table(
        "reactivations",
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("connection_id", "entity", "quickbooks_id", "name", "state", "reason", "asked_by", "problem")
        ),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "entity", "quickbooks_id", name="pk_reactivations"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_reactivations_connection_id", ondelete="RESTRICT"
        ),
    )
    op.create_index("ix_reactivations_state", "reactivations", ["connection_id", "state"])
    op.create_index("ix_reactivations_newest", "reactivations", ["connection_id", "asked_at"])


def _orders_of_lists() -> None:
    """What lists are put in order by. What was kept before gets it with its next change."""
    op.add_column("copies", sa.Column("number", sa.Text(), nullable=False, server_default=""))
    op.add_column("copies", sa.Column("worth_rank", _COUNT, nullable=False, server_default="0"))
    op.create_index("ix_copies_arrived", "copies", ["connection_id", "feed", "inbox_id"])
    op.create_index("ix_copies_number", "copies", ["connection_id", "feed", "number", "inbox_id"])
    op.create_index("ix_copies_worth", "copies", ["connection_id", "feed", "worth_rank", "inbox_id"])
    op.add_column("payment_documents", sa.Column("paid_on", sa.Text(), nullable=False, server_default=""))
    op.add_column("payment_documents", sa.Column("paid_rank", _COUNT, nullable=False, server_default="0"))
    for name, column in (("changed", "updated_at"), ("paid_on", "paid_on"), ("paid_rank", "paid_rank")):
        covering = ["connection_id", column, "invoice_id", "state"]
        op.create_index(f"ix_payment_documents_{name}", "payment_documents", covering)
    op.create_index("ix_vendor_pairs_changed", "vendor_pairs", ["connection_id", "updated_at", "code"])


def _contracts() -> None:
    """Which contract a document names, and which one a spend belongs to."""
    for table, name in (("documents", "contract"), ("copies", "part_of")):
        op.add_column(table, sa.Column(name, sa.Text(), nullable=False, server_default=""))
    named, part = sa.text("contract <> ''"), sa.text("part_of <> ''")
    op.create_index(
        "ix_documents_contract", "documents", ["connection_id", "contract"], sqlite_where=named, postgresql_where=named
    )
    op.create_index(
        "ix_copies_part_of", "copies", ["connection_id", "feed", "part_of"], sqlite_where=part, postgresql_where=part
    )
    _fill_contracts()


def _fill_contracts() -> None:
    """What is here already. Numbers are kept as `store/contract_documents.py` and `work/feeds/contracts.py` keep them."""
    documents, copies, inbox = (
        sa.table(name, *(sa.column(one) for one in columns))
        for name, columns in (
            ("documents", ("connection_id", "invoice_id", "inbox_id", "contract")),
            ("copies", ("connection_id", "feed", "external_id", "inbox_id", "part_of")),
            ("inbox", ("connection_id", "id", "payload")),
        )
    )
    for table, keys, column, named, wanted in (
        (documents, ("connection_id", "invoice_id"), "contract", _contract_of, sa.true()),
        (
            copies, ("connection_id", "feed", "external_id"), "part_of", _whole_of,
            copies.c.feed == "basware.exportedContractSpends",
        ),
    ):  # fmt: skip
        same = sa.and_(inbox.c.connection_id == table.c.connection_id, inbox.c.id == table.c.inbox_id)
        query = sa.select(*(table.c[key] for key in keys), inbox.c.payload).select_from(table.join(inbox, same))
        query = query.where(wanted, inbox.c.payload.like('%"contract%'))
        rows = op.get_bind().execute(query.execution_options(yield_per=500))
        filled = [
            {f"of_{key}": row[key] for key in keys} | {"value": value}
            for row in rows.mappings()
            if (value := named(_read(row["payload"])))
        ]
        if filled:
            own = (table.c[key] == sa.bindparam(f"of_{key}") for key in keys)
            op.get_bind().execute(sa.update(table).where(*own).values({column: sa.bindparam("value")}), filled)


def _read(payload: str) -> dict[str, object]:
    try:
        fields = json.loads(payload)
    except (ValueError, RecursionError):
        return {}  # what nobody can read names nothing
    return fields if isinstance(fields, dict) else {}


def _contract_of(fields: dict[str, object]) -> str:
    return _text(fields, "contractNumber")[:255]


def _whole_of(fields: dict[str, object]) -> str:
    for kind, name in (("code", "contractExternalCode"), ("number", "contractNumber")):
        if value := _text(fields, name):
            return f"{kind} {value}"[:300]
    return ""


def _text(fields: dict[str, object], name: str) -> str:
    value = fields.get(name)
    return value.replace("\x00", " ").strip() if isinstance(value, str) else ""
