"""The tables, by subject. Every one but the registry of connections and what belongs to no one connection is scoped to one.

`migrations/` holds the same as steps; a test keeps the two equal. Nothing here says what a state means to the business:
the modules beside this package do.
"""

from ml_connector.store.schema.accruals import accruals
from ml_connector.store.schema.attachments import attachments
from ml_connector.store.schema.audit_chain import audit_chain, people_audit_chain
from ml_connector.store.schema.base import metadata
from ml_connector.store.schema.books import book_cursors, books, own_writes
from ml_connector.store.schema.connecting import (
    alerts,
    budget_slots,
    budgets,
    jobs,
    meters,
    sign_ins,
    token_chains,
)
from ml_connector.store.schema.credits import credit_applications
from ml_connector.store.schema.dimensions import given_codes, listed_records
from ml_connector.store.schema.documents import documents, inbox, links
from ml_connector.store.schema.drift import drift_cases
from ml_connector.store.schema.feeds import (
    copies,
    cursors,
    deliveries,
    extract_files,
    extract_rows,
    extracts,
    network_documents,
    network_files,
    notices,
    request_outcomes,
    requests,
    webhook_forms,
)
from ml_connector.store.schema.held import held_causes
from ml_connector.store.schema.mapping import mapping_versions, mappings
from ml_connector.store.schema.messages import message_targets, messages, told_causes
from ml_connector.store.schema.orders import order_links, taken_orders
from ml_connector.store.schema.outbox import batches, intents
from ml_connector.store.schema.outgoing import outgoing
from ml_connector.store.schema.payments import payment_documents, payment_lines, payment_parts, payment_versions
from ml_connector.store.schema.people import (
    api_tokens,
    idempotency_keys,
    people,
    people_audit,
    provider_tries,
    roles,
    sessions,
    sign_in_tries,
    welcome_links,
)
from ml_connector.store.schema.reactivations import reactivations
from ml_connector.store.schema.registry import audit, calls, connections, leases, secrets
from ml_connector.store.schema.runs import job_runs
from ml_connector.store.schema.states import (
    ACCRUES,
    RESTORES,
    UNDOES,
    WRITES,
    AccrualState,
    BatchState,
    ChainState,
    ConnectionState,
    DeliveryOutcome,
    DocumentState,
    ExtractState,
    IntentState,
    MessageState,
    NetworkState,
    NoticeState,
    Operation,
    OrderLinkState,
    OutgoingState,
    PaymentState,
    Priority,
    ReactivationState,
    RequestState,
    RunEnding,
    Severity,
    System,
    TakenState,
    VendorState,
    WithdrawalState,
)
from ml_connector.store.schema.vendors import vendor_pairs
from ml_connector.store.schema.withdrawals import withdrawals

__all__ = [
    "ACCRUES",
    "RESTORES",
    "UNDOES",
    "WRITES",
    "AccrualState",
    "BatchState",
    "ChainState",
    "ConnectionState",
    "DeliveryOutcome",
    "DocumentState",
    "ExtractState",
    "IntentState",
    "MessageState",
    "NetworkState",
    "NoticeState",
    "Operation",
    "OrderLinkState",
    "OutgoingState",
    "PaymentState",
    "Priority",
    "ReactivationState",
    "RequestState",
    "RunEnding",
    "Severity",
    "System",
    "TakenState",
    "VendorState",
    "WithdrawalState",
    "accruals",
    "alerts",
    "api_tokens",
    "attachments",
    "audit",
    "audit_chain",
    "batches",
    "book_cursors",
    "books",
    "budget_slots",
    "budgets",
    "calls",
    "connections",
    "copies",
    "credit_applications",
    "cursors",
    "deliveries",
    "documents",
    "drift_cases",
    "extract_files",
    "extract_rows",
    "extracts",
    "given_codes",
    "held_causes",
    "idempotency_keys",
    "inbox",
    "intents",
    "job_runs",
    "jobs",
    "leases",
    "links",
    "listed_records",
    "mapping_versions",
    "mappings",
    "message_targets",
    "messages",
    "metadata",
    "meters",
    "network_documents",
    "network_files",
    "notices",
    "order_links",
    "outgoing",
    "own_writes",
    "payment_documents",
    "payment_lines",
    "payment_parts",
    "payment_versions",
    "people",
    "people_audit",
    "people_audit_chain",
    "provider_tries",
    "reactivations",
    "request_outcomes",
    "requests",
    "roles",
    "secrets",
    "sessions",
    "sign_in_tries",
    "sign_ins",
    "taken_orders",
    "token_chains",
    "told_causes",
    "vendor_pairs",
    "webhook_forms",
    "welcome_links",
    "withdrawals",
]
