"""Behaviours of the twin that a test or a person can turn: undocumented points, and conditions a company may be in.

Each default is what the vendor documents, what was measured on a real company, or the stricter of two readings.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass
class Switches:
    """The state of all switches. Change a field at any time; it counts from the next request on."""

    throttle: bool = True
    """Enforce the limits of requests below (Intuit's limits page)."""

    environment: Literal["sandbox", "production"] = "sandbox"
    """Which keys applications use. Production takes only https redirect addresses."""

    consent: Literal["page", "grant at once", "deny at once"] = "page"
    """Who answers the consent page: a person, or nobody, at once; then the company is the only one, or the parameter realmId."""

    require_state: bool = True
    """Refuse an authorization request without state. Intuit lists it among the parameters."""

    rotate_after_seconds: int = 86_400
    """The age at which a refresh value is replaced; Intuit says 24 to 26 hours. 0 for a new value with every refresh."""

    lose_rotated_answer: bool = False
    """Cut the connection after a refresh value was replaced, so that the new one never arrives."""

    concurrent_refresh_seconds: float = 0.0
    """Two refreshes with one value within this time end the whole grant, as if the value had been stolen; 0 for never."""

    describe_invalid_grant: bool = False
    """Give `invalid_grant` an error_description, as the service sometimes does."""

    rotation_overlap_seconds: int = 0
    """How long a replaced refresh value still works. Intuit documents none."""

    reuse_revokes_grant: bool = False
    """Treat the use of a replaced refresh value as theft and end the whole grant."""

    replay_faults: bool = True
    """A repeated request id brings back a stored refusal too, not only a stored success."""

    refuse_changed_request: bool = False
    """Answer a repeated request id whose body differs with 600 instead of the stored answer."""

    refuse_currency_when_single: bool = True
    """Refuse a new transaction that names a currency while the company uses only one."""

    vendor_currency_ignored: bool = True
    """Accept a foreign currency on a new vendor and keep home currency, as measured in July 2026."""

    us_latin1_only: bool = True
    """US companies refuse characters outside ISO-8859-1 (Intuit's schema page)."""

    refuse_untracked_dimensions: bool = True
    """Refuse a class or location while its tracking is off; otherwise drop it in silence."""

    read_only: bool = False
    """The subscription has ended: reads work, every write is refused with 6190."""

    cdc_refuses_old_dates: bool = True
    """Refuse a change query older than 30 days instead of serving what there is."""

    cdc_empty_groups: bool = True
    """Answer an entity in which nothing changed with an empty group; otherwise leave its group out."""

    cdc_marks_updates_deleted: bool = False
    """Show updated records with the status Deleted, as reported of the service (.NET SDK, issue 189)."""

    clamp_page_size: bool = False
    """Serve 1 000 rows where a query asks for more, instead of refusing it with 4001. Undocumented."""

    narrow_select_lists: bool = False
    """Answer `SELECT Id, Name` with these properties only; the service is said to bring whole objects."""

    unequal_operator: bool = True
    """Understand `!=`, which the documents do not list but clients use."""

    total_count_with_rows: bool = False
    """Put the count of all rows found beside a page of them; answers sometimes carry it."""

    longest_statement_in_url: int = 16_000
    """Characters of a statement that fit an address; longer ones need POST. The edge answers 414. Undocumented."""

    batch_items: int = 30
    """Items a batch may have: 30 by the limits page, 10 by the older batch page."""

    repeated_bids: bool = False
    """Accept several items of a batch with the same bId. Undocumented."""

    request_ids_kept_seconds: float = 0.0
    """How long the answer to a request id is kept; 0 for ever. Undocumented."""

    xml_by_default: bool = True
    """Answer in XML whoever does not ask for JSON."""

    gateway_xml: bool = False
    """The gateway's own refusals (401, 403) are XML even for who asks for JSON."""

    gzip_answers: bool = False
    """Compress answers for who accepts that. Requests may always be compressed."""

    wrong_environment: bool = False
    """Keys of one environment at the host of the other: every call is refused with 403 and 3100."""

    company_state: Literal["open", "wrong cluster", "locked", "maintenance"] = "open"
    """Why the company cannot be reached at present: codes 130, 140 and 150."""

    additive_share: float = 0.0
    """The share of records, between 0 and 1, that get a property nobody knows; the same ones in every run. Additive fields come
    without a new minor version."""

    requests_per_minute: int = 500
    """Requests to one company, of all applications together."""

    requests_per_second: int = 10
    """Requests of one application to one company. The older rule of 10 at the same time cannot be shown by a twin that does
    one thing after the other."""

    batches_per_minute: int = 40
    """Batches of one application to one company."""

    batches_per_minute_of_all: int = 120
    """Batches to one company, of all applications together; in addition to the limit of each."""

    all_requests_per_minute: int = 800
    """Requests of one application for one company to all of Intuit's endpoints."""

    core_plus_limit: int = 0
    """Metered calls a workspace may make in a month before they are blocked with 429: 500 000 in the Builder tier, 0 for no end."""

    batch_reads_metered_each: bool = True
    """Meter every query of a batch; otherwise a batch with queries counts as one call. Undocumented."""

    failed_calls_metered: bool = True
    """Meter reads that were refused as well. Undocumented."""

    webhook_head_of_line_blocking: bool = True
    """Withhold an application's later events until a failed call is acknowledged (Intuit's best practices say it may happen)."""

    webhook_patience_seconds: float = 3.0
    """How long an application may take to acknowledge a call."""

    webhook_echoes: bool = True
    """Announce an application's own writes to it, too."""

    webhook_companies_together: bool = True
    """One CloudEvents call may carry events of several companies. The older format never does."""

    webhook_bytes: int = 1_000_000
    """A call ends before its events grow beyond this; Intuit says about 1 MB."""

    webhook_opaque_ids: bool = False
    """Event ids such as `<uuid>-PurchaseOrder-45`, as captured once, not bare UUIDs."""

    webhook_data: Literal["empty", "absent", "alternative_ids"] = "empty"
    """What an event's `data` is: Intuit's own samples show `{}`, nothing at all, or a list of other ids."""

    webhook_time: Literal["nanoseconds", "seconds"] = "nanoseconds"
    """The precision of an event's `time`."""

    webhook_deleted_id: Literal["data", "absent"] = "data"
    """Where a CloudEvents merge names the record that vanished; not confirmed by Intuit."""

    webhook_legacy_time: Literal["offset", "milliseconds"] = "offset"
    """The older format's `lastUpdated`: Pacific time with an offset without colon, or UTC with milliseconds."""

    webhook_merges_of_lists: bool = False
    """Announce merges of classes and locations, too; Intuit's list leaves it open."""

    outgoing_lost: float = 0.0
    """Per cent of all webhook events that are never sent."""

    outgoing_duplicates: float = 0.0
    """Per cent of all events that are sent twice."""

    outgoing_overtaken: float = 0.0
    """Per cent of all events that later ones overtake."""

    outgoing_delayed: float = 0.0
    """Per cent of all events that are held back, with those behind them."""

    outgoing_seconds: float = 60.0
    """How long events that come twice, late or overtaken are held back."""

    duplicate_number_scope: Literal["vendor", "company", "any type"] = "vendor"
    """Where a number of a bill or vendor credit must be new: among those of its vendor, of the company, or of all transactions.
    Undocumented."""

    number_vendor_credits: bool = False
    """Number vendor credits that come without number, unless the company numbers by itself. The documents leave both open."""

    closing_date_has_password: bool = True
    """Closed books answer 6210; without a password they answer 6200."""

    paid_delete_code: Literal["6000", "620", "800"] = "6000"
    """The code that refuses to delete what a payment settles. Not confirmed."""

    inactive_reference_code: Literal["610", "2500"] = "610"
    """The code for a reference to something inactive; both were reported."""

    duplicate_name_detail: Literal["another and id", "another", "null", "type"] = "another and id"
    """What the detail of 6240 says: each of these forms was seen."""

    renaming_touches_children: bool = True
    """A new name of a parent moves the sync tokens of its children, whose full names change with it. Undocumented."""

    merging_touches_records: bool = True
    """A merge moves the sync tokens of the records that now name the survivor. Undocumented."""

    masked_tax_identifier_kept: bool = True
    """A masked tax number sent back leaves the stored one alone; otherwise the mask is stored. Unverified."""

    one_control_line: bool = True
    """Journal entries have at most one payable or receivable line, as in QuickBooks' own pages. Unverified."""

    payable_account_currency: bool = True
    """The payable account must have the transaction's currency; otherwise the service picks the one that has. Unverified."""

    order_link_needs_head: bool = True
    """A link to an order must stand in the head of the bill as well as on its line, or it is dropped."""

    order_link_with_line_number: bool = False
    """Keep a new link on a bill line that carries a LineNum; it was seen to be dropped."""

    orders_close_when_billed: bool = True
    """An order closes once all its lines are billed, and opens again when they no longer are. Unverified."""

    order_location_kept: bool = False
    """Keep a location in the head of an order, which the API reference does not list there."""

    line_tax_amount_counts: bool = True
    """Outside the US a TaxAmount on a line, even 0, replaces the tax computed for it, as was seen."""

    inactive_needs_zero_balance: bool = False
    """Refuse with 6220 to make a vendor or customer inactive who has an open balance. Undocumented."""
