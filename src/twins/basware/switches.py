"""What differs between Basware tenants, or isn't settled by Basware's documents, as switches of the twin.

Defaults follow the published specification; where it is silent they follow the stricter reading.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass
class Switches:
    """All switches of a Basware twin. Change them at any time; they act from the next request on."""

    redirect: Literal["large", "always", "never"] = "always"
    """When reads of documents, orders and requisitions answer 302 to a download address. `large`: above `redirect_bytes`."""
    redirect_bytes: int = 64 * 1024
    continuation_on: Literal["final", "redirect", "both"] = "final"
    """Which hop of a redirected list carries the continuation header; the documents don't say."""
    download_host: str = ""
    """Host of download addresses; empty: `downloads.<host>`, and the other name of the same machine on loopback."""
    download_seconds: float = 900.0
    """How long a download address is valid (15 minutes, from the attachments endpoint)."""
    page_bytes: int = 1024 * 1024
    """A page ends before it grows beyond this, however many documents were asked for; one document always fits."""
    request_bytes: int = 6 * 1024 * 1024
    """Largest request body; more is answered 413."""
    continuation_seconds: float | None = None
    """How long a continuation token is valid; None: for ever."""
    bare_lists: bool = False
    """Lists as bare arrays, as older clients of the service have seen them, not wrapped in an object."""
    allow_basic: bool = True
    allow_bearer: bool = True
    """The two ways to sign in on business endpoints."""
    token_seconds: int = 3600
    """Life of an access token; Basware sets 300 to 86 400 per client, other values are refused."""
    expires_in: Literal["seconds", "minutes"] = "seconds"
    """The unit of `expires_in` beside a token: the specification's text says minutes, its example means seconds."""
    missing_form_fields: Literal["validation error", "invalid request"] = "validation error"
    """What a token request without grant_type or scope gets: 422, or 400 as in the specification's example of one."""
    ungranted_scopes: Literal["refuse", "drop"] = "refuse"
    """What a token request gets for a scope the client doesn't have: 400, or a token without it."""
    missing_scope_status: Literal[403, 401] = 403
    recovery_seconds: float | None = 86_400.0
    """After how long without an answer an acknowledged document becomes TransferFailed; None: Transfer Recovery is off."""
    answer_without_acknowledge: bool = True
    """Whether a transfer response is taken for a document that was never acknowledged."""
    answer_after_failure: bool = True
    """Whether a transfer response is taken for a document that is TransferFailed (and so for prebooking and enrichment)."""
    acknowledge_seconds: float = 0.0
    """How long an acknowledgement takes to complete; a response that comes meanwhile is answered 409 or 500, by chance."""
    acknowledge_requests: bool = False
    """Whether acknowledging also takes requests to cancel a prebooking or to complete; otherwise 405."""
    swap_done_codes: bool = False
    """A transfer response for what is Transferred gets 409 and a prebook response for what is Prebooked 400, not the reverse."""
    paid_when: Literal["covered", "first success"] = "covered"
    """When an invoice is Paid: once paidTotal and cashDiscount reach its gross sum, or with the first successful payment."""
    credit_notes: Literal["negative", "positive"] = "negative"
    """How credit notes are shown: with negative sums, or with positive ones and a type code of their own."""
    processing_seconds: float = 0.0
    processing_jitter_seconds: float = 0.0
    """How long P2P takes to process a request, and at most how much longer, drawn from the seed; until then it is InProgress."""
    request_status_delay_seconds: float = 0.0
    """How long the status of a new request can't be asked for (404)."""
    record_expired_seconds: float = 1.0
    """Of two versions of a record posted within this time the older one expires."""
    prevent_duplicate_records: bool = True
    """Whether a record that didn't change is left out of the import."""
    lines_all_or_nothing: bool = True
    """Whether the order lines of one request are saved together or not at all; otherwise each one that is good is saved."""
    bank_accounts_unique: Literal["everywhere", "within a vendor"] = "everywhere"
    """Whether two vendors may have one bank account; Basware's FAQ says that they are unique and not where."""
    vendor_patch: Literal["ignore", "refuse", "replace"] = "ignore"
    """What a PATCH does with a vendor's addresses, contacts and so on that are there already."""
    patch_busy_seconds: float = 0.0
    """How long a PATCH of an order line takes; another one of the same line that comes meanwhile is answered 503."""
    delete_seconds: float = 5.0
    """How long a mass deletion takes; until it is done another one of the same list is refused."""
    bare_vendors_and_lines: bool = False
    """Lists of vendors and of matching order lines as bare arrays, as an older client of the service reads just these two."""
    strict_parameters: bool = False
    """Whether unknown query parameters are refused and names are compared with case."""
    attachments: Literal["always", "after transfer", "off"] = "always"
    """Files are offered once a document waits for transfer, or only when it is Transferred, or never (no list, 404)."""
    status_lookup: bool = True
    """Whether Basware enabled the status search for the tenant; otherwise it finds nothing."""
    last_updated_inclusive: bool = False
    """Whether the lastUpdated filter includes the instant itself."""
    extra_fields: bool = False
    """Records and the records inside them carry a field no specification knows."""
    unknown_enum_values: bool = False
    """Records carry enum values no specification knows; of documents only removalReason and the category of attachments."""
    drift_share: float = 1.0
    """The share of records, drawn anew for each reading, on which these two act."""
    receipts_echoed_as_array: bool = False
    """Whether the answer to one posted goods receipt is an array as everywhere else; published is a single object."""
    null_fields: Literal["as stored", "omit"] = "as stored"
    """Whether fields that are null are left out of documents, imported and exported records."""
    push_signature: Literal["hex", "upper-case hex", "base64"] = "hex"
    push_signature_prefix: bool = False
    """How the signature of a notification is written, and whether `sha256=` stands before it; not published."""
    push_attempts: int = 3
    push_retry_seconds: float = 10.0
    push_retry_factor: float = 2.0
    """How often a notification is sent until its task fails, the first wait, and by what each next one is longer."""
    push_patience_seconds: float = 3.0
    """How long a receiver may take to answer a notification or a connection test."""
    push_wants_echo: bool = False
    """Only an answer that sends the notification back is good, as the callback's schema has it; otherwise a bare 200 is."""
    push_expiration_seconds: float = 86_400.0
    """From a task to its expirationTime."""
    push_misspelled_type: bool = False
    """Notifications about documents say `AccoutingDocuments`, as in the specification's example."""
    push_unknown_tasks: Literal["never", "listed", "sent"] = "never"
    """Whether there are tasks of a type that nobody can subscribe to, and whether they are sent to subscribers."""
    repeated_subscription: Literal["replace", "add"] = "replace"
    """What a subscription of the same type, sub type and address does to the one there is."""
    tasks_per_page: int = 100
    """Tasks in one page of the history."""
    extract_every_hours: float | None = 24.0
    """How often the tables of P2P are extracted; None: only when somebody orders it."""
    extract_form: Literal["json", "csv"] = "json"
    """The form of extract files, agreed once for the tenant."""
    outgoing_lost: float = 0.0
    outgoing_duplicates: float = 0.0
    outgoing_overtaken: float = 0.0
    outgoing_delayed: float = 0.0
    """Per cent of all notifications that are never sent, sent twice, overtaken by later ones, or late."""
    outgoing_seconds: float = 60.0
    """How long notifications that come twice, late or overtaken are held back."""

    def __setattr__(self, name: str, value: object) -> None:
        """Set a switch. Raises ValueError for a token life that Basware doesn't offer."""
        if name == "token_seconds" and not (isinstance(value, int) and 300 <= value <= 86_400):
            raise ValueError(f"an access token lives from 300 to 86400 seconds, not {value}")
        super().__setattr__(name, value)
