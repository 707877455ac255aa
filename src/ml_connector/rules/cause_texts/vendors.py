"""Words of the causes that lie in a vendor: whose a document is, or one that both systems are to have.

Written for accountants; which cause applies is decided elsewhere.
"""

from ml_connector.model.holds import Cause
from ml_connector.rules.cause_texts.template import (
    ACCOUNTANT,
    ACCOUNTANT_HERE,
    AP,
    MAPPER,
    MAPPER_OR_ACCOUNTANT,
    CauseTemplate,
)

OF_VENDORS: dict[Cause, CauseTemplate] = {
    Cause.VENDOR_UNKNOWN: CauseTemplate(
        MAPPER_OR_ACCOUNTANT,
        "Vendor unknown",
        "No QuickBooks vendor belongs to {supplier}: {why}.",
        "Create the vendor in QuickBooks with Basware's vendor code as vendor number, or link Basware's vendor to it here.",
        "Create {supplier} as a QuickBooks vendor or link it to one.",
    ),
    Cause.VENDOR_AMBIGUOUS: CauseTemplate(
        MAPPER,
        "Several vendors have the number",
        "Several active QuickBooks vendors have the number of {supplier}: {vendors}.",
        "Link the vendor to one of them, or make the others inactive in QuickBooks.",
        "Link {supplier} to one QuickBooks vendor: {vendors}.",
    ),
    Cause.VENDOR_INACTIVE: CauseTemplate(
        MAPPER,
        "Vendor inactive",
        "{supplier} is QuickBooks vendor {vendor}, which is {state}.",
        "Reactivate the vendor, or link the supplier to another one.",
        "QuickBooks vendor {vendor} is {state}: reactivate it or link the vendor elsewhere.",
    ),
    Cause.VENDOR_NAME_TAKEN: CauseTemplate(
        MAPPER,
        "Vendor's name is taken",
        "{supplier} can't be created: QuickBooks already has the name {name}[ for {taken}].",
        "Link the vendor to that record if it is the same, or rename one of them.",
        "Link {supplier} to a QuickBooks vendor: the name {name} is taken.",
    ),
    Cause.VENDOR_CURRENCY_DIFFERS: CauseTemplate(
        MAPPER_OR_ACCOUNTANT,
        "Vendor has another currency",
        "Vendor {vendor} is kept in {vendor_currency} in QuickBooks, which can't be changed[, and the document is in {currency}]"
        "[, and Basware has {code} in {in_basware}].",
        "Create a vendor in the other currency with the same number in QuickBooks, or say which vendor it is[; or change "
        "{in_basware} in Basware].",
        "[Create a QuickBooks vendor in {currency}: ]{vendor} is kept in {vendor_currency}.",
    ),
    Cause.VENDOR_UNSURE: CauseTemplate(
        MAPPER,
        "Vendor to review",
        "Basware's vendor {name} ({code}) may be one that QuickBooks has already[: {candidates}].",
        "Say which one it is, or that it is new: under Needs you in the console, or with `ml-connector vendors link` or "
        "`ml-connector vendors create`.",
        "Vendor {name} has to be matched.",
    ),
    Cause.VENDOR_GONE: CauseTemplate(
        MAPPER,
        "Vendor is gone in QuickBooks",
        "QuickBooks no longer has the vendor with id {id}, which was {name} ({code}), and names none that took it over.",
        "Link another vendor or have it created again: under Needs you in the console, or with `ml-connector vendors link` or "
        "`ml-connector vendors create`.",
        "Vendor {name} is gone in QuickBooks.",
    ),
    Cause.VENDOR_TYPED_IN: CauseTemplate(
        AP,
        "Only Basware's screens can change it",
        "{name} ({code}) was typed into Basware, so its interface cannot change it: {fields} changed in QuickBooks.",
        "Enter the change in Basware's supplier screen, or take the vendor out of use there: then QuickBooks' is sent.",
        "Change {fields} of vendor {name} in Basware.",
    ),
    Cause.VENDOR_TERM_UNKNOWN: CauseTemplate(
        MAPPER,
        "Payment term is not mapped",
        "The vendor's payment term {term} has no counterpart in {system}.",
        "Map the term, under Needs you in the console or with `ml-connector mapping set term`; or let QuickBooks' terms be given "
        "to Basware.",
        "Payment term {term} is not mapped.",
    ),
    Cause.VENDOR_TAX_ID_DIFFERS: CauseTemplate(
        ACCOUNTANT,
        "Tax id differs",
        "QuickBooks shows a tax id of {name} ({code}) that ends in {tail}; Basware has another one.",
        "Enter the right tax id in QuickBooks or in Basware. QuickBooks never shows it whole, so it is not copied from there.",
        "The tax id of vendor {name} differs.",
    ),
    Cause.VENDOR_BANK_CHANGED: CauseTemplate(
        ACCOUNTANT_HERE,
        "Bank details changed",
        "The bank details of {name} ({code}) changed in Basware and nobody has approved that yet.",
        "Ask the vendor by a known phone number, then approve or reject them: under Needs you in the console, or with "
        "`ml-connector vendors approve` or `ml-connector vendors reject`.",
        "Bank details of vendor {name} wait for approval.",
    ),
    Cause.VENDOR_NOT_TAKEN: CauseTemplate(
        ACCOUNTANT,
        "QuickBooks refused the vendor",
        "QuickBooks did not take the change of {name} ({code})[: {detail}].",
        "Put right what QuickBooks names there or in Basware; a change is sent by itself.",
        "QuickBooks refused vendor {name}[: {detail}].",
    ),
}
