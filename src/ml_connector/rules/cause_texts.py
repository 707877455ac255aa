"""The wording of every cause, as data: who can fix it, its title, a sentence with the facts, the way out, and a short form.

Written for accountants; `causes.py` fills in the facts.
"""

import msgspec

from ml_connector.model.holds import Cause, Who


class CauseTemplate(msgspec.Struct, frozen=True):
    """Texts with {facts}. A part in [brackets] appears only if all its facts are known. `short` goes to Basware's log."""

    who: Who
    title: str
    sentence: str
    what_to_do: str
    short: str


_AP, _ACCOUNTANT, _MAPPER, _ADMIN = Who.AP_TEAM, Who.ACCOUNTANT, Who.MAPPER, Who.ADMINISTRATOR

CAUSE_TEMPLATES: dict[Cause, CauseTemplate] = {
    Cause.UNREADABLE_DOCUMENT: CauseTemplate(
        _AP,
        "Document can't be read",
        "Basware's document is incomplete or malformed[: {problems}].",
        "Correct the invoice in Basware and transfer it again.",
        "Correct the invoice[: {problems}].",
    ),
    Cause.WRONG_COMPANY: CauseTemplate(
        _ADMIN,
        "Other company",
        "The document is for company {company}, but this connection posts for {wanted}.",
        "Add the company code to the connection, or transfer the invoice in the right company.",
        "Company {company} isn't posted by this connection; check the company of the invoice.",
    ),
    Cause.MISSING_INVOICE_NUMBER: CauseTemplate(
        _AP,
        "No invoice number",
        "The document has no invoice number, so a duplicate could not be noticed.",
        "Enter the supplier's invoice number in Basware and transfer again.",
        "Enter the supplier's invoice number.",
    ),
    Cause.MISSING_DATE: CauseTemplate(
        _AP,
        "No date",
        "The document has neither a voucher date nor an invoice date.",
        "Enter the invoice date in Basware and transfer again.",
        "Enter the invoice date.",
    ),
    Cause.MISSING_AMOUNT: CauseTemplate(
        _AP,
        "Amount missing",
        "The document does not tell {what}[ ({rows})].",
        "Enter the amount in Basware and transfer again.",
        "Enter {what}[ ({rows})].",
    ),
    Cause.NO_CODING_ROWS: CauseTemplate(
        _AP,
        "No coding rows",
        "The document has no coding rows, so there is nothing to post its amount to.",
        "Code the invoice in Basware and transfer again.",
        "Code the invoice: it has no coding rows.",
    ),
    Cause.TOO_MANY_LINES: CauseTemplate(
        _AP,
        "Too many lines",
        "The transaction would have {lines} lines; QuickBooks takes at most {limit}.",
        "Combine coding rows in Basware, or post the invoice in several documents.",
        "Combine coding rows: {lines} lines, QuickBooks takes {limit}.",
    ),
    Cause.AMOUNT_PRECISION: CauseTemplate(
        _AP,
        "Amount can't be booked exactly",
        "{what} of {amount} can't be booked exactly[ ({rows})]: it is finer than the smallest coin, or too long.",
        "Round the amount in Basware, or allow a rounding line in the posting policy.",
        "Round the amount {amount}[ ({rows})].",
    ),
    Cause.ZERO_TOTAL: CauseTemplate(
        _AP,
        "Total is zero",
        "The document's total is zero: it is neither an invoice nor a credit note, and nothing is owed.",
        "Remove the document in Basware, or correct its amounts.",
        "Total is zero: remove the document or correct its amounts.",
    ),
    Cause.MIXED_SIGNS: CauseTemplate(
        _AP,
        "Signs contradict each other",
        "Invoice or credit note can't be told: {what}.",
        "Correct the amounts in Basware, or post charges and credits as documents of their own.",
        "Correct the signs: {what}.",
    ),
    Cause.LINES_DIFFER_FROM_TOTAL: CauseTemplate(
        _AP,
        "Lines don't add up to the total",
        "The lines come to {lines}, the document to {total}: a difference of {difference}[ ({rounding})].",
        "Correct the coding rows or the total in Basware. Small differences can be allowed as a rounding line.",
        "Correct the coding: lines {lines}, total {total}, difference {difference}.",
    ),
    Cause.ACCOUNT_MISSING: CauseTemplate(
        _AP,
        "Row without an account",
        "There is no {field} on {rows}, and no default account is set.",
        "Code the row in Basware, or set a default account in the mapping.",
        "Enter the account on {rows}.",
    ),
    Cause.ACCOUNT_NOT_MAPPED: CauseTemplate(
        _MAPPER,
        "Account not mapped",
        "{field} {code}[ ({name})] on {rows} leads to no QuickBooks account.",
        "Map the code to an account, or correct the coding in Basware if the code is wrong.",
        "Map account {code}[ ({name})] to QuickBooks, or recode {rows}.",
    ),
    Cause.ACCOUNT_INACTIVE: CauseTemplate(
        _ACCOUNTANT,
        "Account inactive",
        "{field} {code} on {rows} leads to account {target}, which is {state} in QuickBooks.",
        "Make the account active in QuickBooks, or map the code to another one.",
        "QuickBooks account {target} is {state}: reactivate it or map {code} elsewhere.",
    ),
    Cause.ACCOUNT_NOT_POSTABLE: CauseTemplate(
        _MAPPER,
        "Account takes no lines",
        "{rows} would be posted to {target}, which takes no lines: {why}.",
        "Map the code to an account that takes lines.",
        "QuickBooks account {target} takes no lines: map {rows} elsewhere.",
    ),
    Cause.LOCATION_MISSING: CauseTemplate(
        _AP,
        "Row without a location",
        "There is no {field} on {rows}, and the policy asks for a location on every row.",
        "Code the row in Basware, or set a default location in the mapping.",
        "Enter {field} on {rows}.",
    ),
    Cause.LOCATION_NOT_MAPPED: CauseTemplate(
        _MAPPER,
        "Location not mapped",
        "{field} {code}[ ({name})] on {rows} leads to no QuickBooks location.",
        "Map the code to a location or to “leave empty”, or correct the coding in Basware.",
        "Map {field} {code} to a QuickBooks location, or recode {rows}.",
    ),
    Cause.LOCATION_INACTIVE: CauseTemplate(
        _ACCOUNTANT,
        "Location inactive",
        "{field} {code} on {rows} leads to location {target}, which is {state} in QuickBooks.",
        "Make the location active in QuickBooks, or map the code to another one.",
        "QuickBooks location {target} is {state}: reactivate it or map {code} elsewhere.",
    ),
    Cause.LOCATION_TRACKING_OFF: CauseTemplate(
        _ACCOUNTANT,
        "Locations are switched off",
        "{rows} would get a location, but the QuickBooks company does not track locations.",
        "Switch locations on in QuickBooks, or switch the dimension off in the connection's policy.",
        "Switch on locations in QuickBooks: {rows} would lose theirs.",
    ),
    Cause.SEVERAL_LOCATIONS: CauseTemplate(
        _AP,
        "Several locations",
        "The rows belong to several locations ({locations}), which one bill can't hold, and the policy is to hold.",
        "Code the rows to one location in Basware, or choose another policy for several locations.",
        "Code the rows to one location: {locations}.",
    ),
    Cause.CLASS_MISSING: CauseTemplate(
        _AP,
        "Row without a class",
        "There is no {field} on {rows}, and the policy asks for a class on every row.",
        "Code the row in Basware, or set a default class in the mapping.",
        "Enter {field} on {rows}.",
    ),
    Cause.CLASS_NOT_MAPPED: CauseTemplate(
        _MAPPER,
        "Class not mapped",
        "{field} {code}[ ({name})] on {rows} leads to no QuickBooks class.",
        "Map the code to a class or to “leave empty”, or correct the coding in Basware.",
        "Map {field} {code} to a QuickBooks class, or recode {rows}.",
    ),
    Cause.CLASS_INACTIVE: CauseTemplate(
        _ACCOUNTANT,
        "Class inactive",
        "{field} {code} on {rows} leads to class {target}, which is {state} in QuickBooks.",
        "Make the class active in QuickBooks, or map the code to another one.",
        "QuickBooks class {target} is {state}: reactivate it or map {code} elsewhere.",
    ),
    Cause.CLASS_TRACKING_OFF: CauseTemplate(
        _ACCOUNTANT,
        "Classes are switched off",
        "{rows} would get a class, but the QuickBooks company does not track classes.",
        "Switch classes on in QuickBooks, or switch the dimension off in the connection's policy.",
        "Switch on classes in QuickBooks: {rows} would lose theirs.",
    ),
    Cause.SEVERAL_CLASSES: CauseTemplate(
        _AP,
        "Several classes",
        "The rows have several classes ({classes}), but the company keeps one class per transaction.",
        "Code the rows to one class in Basware, or let QuickBooks track classes by line.",
        "Code the rows to one class: {classes}.",
    ),
    Cause.CUSTOMER_NOT_MAPPED: CauseTemplate(
        _MAPPER,
        "Customer or project not mapped",
        "{field} {code}[ ({name})] on {rows} leads to no QuickBooks customer or project.",
        "Map the code to a customer or to “leave empty”, or correct the coding in Basware.",
        "Map {field} {code} to a QuickBooks customer, or recode {rows}.",
    ),
    Cause.CUSTOMER_INACTIVE: CauseTemplate(
        _ACCOUNTANT,
        "Customer or project inactive",
        "{field} {code} on {rows} leads to customer {target}, which is {state} in QuickBooks.",
        "Make the customer active in QuickBooks, or map the code to another one.",
        "QuickBooks customer {target} is {state}: reactivate it or map {code} elsewhere.",
    ),
    Cause.TERM_NOT_MAPPED: CauseTemplate(
        _MAPPER,
        "Payment term not mapped",
        "{field} {code}[ ({name})] leads to no QuickBooks terms, and the document has no due date of its own.",
        "Map the payment term, or enter a due date in Basware.",
        "Map payment term {code} to QuickBooks, or enter a due date.",
    ),
    Cause.TERM_INACTIVE: CauseTemplate(
        _ACCOUNTANT,
        "Terms inactive",
        "{field} {code} leads to the terms {target}, which are {state} in QuickBooks.",
        "Make the terms active in QuickBooks, or map the payment term to others.",
        "QuickBooks terms {target} are {state}: reactivate them or map {code} elsewhere.",
    ),
    Cause.TAX_CODE_MISSING: CauseTemplate(
        _AP,
        "Row without a tax code",
        "There is no usable {field} on {rows}, but the document has tax, and QuickBooks asks for a code on every line.",
        "Enter the tax code in Basware, or set a default tax code in the mapping.",
        "Enter the tax code on {rows}.",
    ),
    Cause.TAX_CODE_NOT_MAPPED: CauseTemplate(
        _MAPPER,
        "Tax code not mapped",
        "{field} {code} on {rows} leads to no QuickBooks tax code.",
        "Map the code to a QuickBooks tax code, or correct it in Basware.",
        "Map tax code {code} to QuickBooks, or correct it on {rows}.",
    ),
    Cause.TAX_CODE_NOT_FOR_PURCHASES: CauseTemplate(
        _MAPPER,
        "Tax code can't be used on purchases",
        "{field} {code} on {rows} leads to tax code {target}, which is {state} in QuickBooks.",
        "Map the code to an active tax code that has a purchase rate.",
        "QuickBooks tax code {target} is {state}: map {code} elsewhere.",
    ),
    Cause.TAX_ACCOUNT_MISSING: CauseTemplate(
        _ADMIN,
        "No account for the tax",
        "Tax of {tax} goes to a line of its own, but it has no account: {why}.",
        "Set the tax account in the connection's posting policy.",
        "Set the tax account for {tax} of tax: {why}.",
    ),
    Cause.TAX_DIFFERS: CauseTemplate(
        _AP,
        "Tax does not agree",
        "Expected {expected}, found {found}: a difference of {difference}[ on {rows}].",
        "Correct the tax or the tax code in Basware.",
        "Correct the tax: expected {expected}, found {found}.",
    ),
    Cause.VENDOR_UNKNOWN: CauseTemplate(
        _ACCOUNTANT,
        "Vendor unknown",
        "No QuickBooks vendor belongs to {supplier}: {why}.",
        "Create the vendor in QuickBooks with the supplier code as vendor number, or link the supplier to a vendor here.",
        "Create {supplier} as a QuickBooks vendor or link it to one.",
    ),
    Cause.VENDOR_AMBIGUOUS: CauseTemplate(
        _MAPPER,
        "Several vendors have the number",
        "Several active QuickBooks vendors have the number of {supplier}: {vendors}.",
        "Link the supplier to one of them, or make the others inactive in QuickBooks.",
        "Link {supplier} to one QuickBooks vendor: {vendors}.",
    ),
    Cause.VENDOR_INACTIVE: CauseTemplate(
        _ACCOUNTANT,
        "Vendor inactive",
        "{supplier} is QuickBooks vendor {vendor}, which is {state}.",
        "Make the vendor active in QuickBooks, or link the supplier to another one.",
        "QuickBooks vendor {vendor} is {state}: reactivate it or link the supplier elsewhere.",
    ),
    Cause.VENDOR_NAME_TAKEN: CauseTemplate(
        _MAPPER,
        "Vendor's name is taken",
        "{supplier} can't be created: QuickBooks already has the name {name}[ for {taken}].",
        "Link the supplier to that record if it is the same, or rename one of them.",
        "Link {supplier} to a QuickBooks vendor: the name {name} is taken.",
    ),
    Cause.VENDOR_CURRENCY_DIFFERS: CauseTemplate(
        _ACCOUNTANT,
        "Vendor has another currency",
        "The document is in {currency}, but vendor {vendor} is kept in {vendor_currency}, which can't be changed.",
        "Create a vendor in {currency} with the same number in QuickBooks, or link the supplier to one.",
        "Create a QuickBooks vendor in {currency}: {vendor} is kept in {vendor_currency}.",
    ),
    Cause.CURRENCY_NOT_ENABLED: CauseTemplate(
        _ACCOUNTANT,
        "Foreign currency not enabled",
        "The document is in {currency}; the QuickBooks company uses {home} only.",
        "Switch multiple currencies on in QuickBooks (this can't be undone), or post the document by hand.",
        "QuickBooks uses {home} only: a document in {currency} can't be posted.",
    ),
    Cause.EXCHANGE_RATE_MISSING: CauseTemplate(
        _AP,
        "No exchange rate",
        "A document in {currency} needs a rate to {home}: {why}.",
        "Enter the rate where the policy takes it from, or change the policy.",
        "Exchange rate {currency} to {home} is missing: {why}.",
    ),
    Cause.PAYABLE_ACCOUNT_MISSING: CauseTemplate(
        _ADMIN,
        "Payable account not clear",
        "There is no one payable account for {currency}: {why}.",
        "Name the payable account for the currency in the connection's posting policy.",
        "Set the payable account for {currency}: {why}.",
    ),
    Cause.PERIOD_CLOSED: CauseTemplate(
        _ACCOUNTANT,
        "Books are closed",
        "The document would be posted on {date} ({source}), but the books are closed through {closed_through}.",
        "Reopen the period in QuickBooks, change the date in Basware, or let the policy move it to the first open day.",
        "Books are closed through {closed_through}: change the {source} or reopen the period.",
    ),
    Cause.DUPLICATE_NUMBER: CauseTemplate(
        _ACCOUNTANT,
        "Number is already in QuickBooks",
        "The number[ {number}] is taken[ by {type} {id}][ of {date} over {amount}][, entered {entered}]"
        "[ by Basware invoice {invoice_id}, which comes first][ ({decision})].",
        "If it is the same invoice, link to it or reject the document; if not, post it anyway.",
        "Number[ {number}] is already in QuickBooks[ ({type} {id})][ ({decision})]: check for a duplicate invoice.",
    ),
    Cause.PAYMENT_BLOCKED: CauseTemplate(
        _AP,
        "Blocked for payment",
        "The document is blocked for payment in Basware, and the policy is to hold such documents.",
        "Lift the payment block in Basware and transfer again.",
        "Lift the payment block.",
    ),
    Cause.REJECTED: CauseTemplate(
        _AP,
        "Rejected",
        "A person here rejected the document[: {reason}].",
        "Correct in Basware what the reason says, or remove the document there, and transfer again.",
        "Rejected by the accountant[: {reason}].",
    ),
    Cause.CHANGED_AFTER_PAYMENT: CauseTemplate(
        _ACCOUNTANT,
        "Changed after payment",
        "Basware sent the document again with other content, but {transaction} is paid or partly paid.",
        "Correct the transaction in QuickBooks by hand, or undo the payment first.",
        "{transaction} is paid in QuickBooks and can't follow the change.",
    ),
    Cause.CHANGED_IN_CLOSED_PERIOD: CauseTemplate(
        _ACCOUNTANT,
        "Changed in a closed period",
        "Basware sent the document again with other content, but {transaction} on {date} would change books that are "
        "closed through {closed_through}.",
        "Reopen the period in QuickBooks, or correct the difference by hand in an open one.",
        "Books are closed through {closed_through}: {transaction} can't follow the change.",
    ),
    Cause.CHANGED_KIND: CauseTemplate(
        _ACCOUNTANT,
        "Would become another kind of transaction",
        "The document is in QuickBooks as {was}, but would now be: {now}.",
        "Delete the old transaction in QuickBooks and choose “post anyway”, or correct it by hand.",
        "Posted as {was}, would now be: {now}. The accountant must correct QuickBooks.",
    ),
    Cause.POSTED_TRANSACTION_GONE: CauseTemplate(
        _ACCOUNTANT,
        "Posted transaction is gone",
        "{type} {id}, which this document belongs to, is no longer in QuickBooks.",
        "If it was deleted by mistake choose “post anyway” to post it anew, else reject the document.",
        "{type} {id} was deleted in QuickBooks: the accountant must decide.",
    ),
    Cause.QUICKBOOKS_REFUSED: CauseTemplate(
        _ADMIN,
        "QuickBooks refused the transaction",
        "QuickBooks refused it[ with code {code}][: {message}][ ({detail})].[ {sentence}]",
        "Put right what QuickBooks names, then try again.",
        "QuickBooks refused it[ (code {code})][: {detail}].",
    ),
    Cause.ANSWER_REFUSED: CauseTemplate(
        _ADMIN,
        "Basware refused the answer",
        "The document is posted, but Basware did not take the answer[: {detail}].",
        "Check the connection's Basware settings, then try again.",
        "Basware refused the answer[: {detail}].",
    ),
    Cause.RECORD_REFUSED: CauseTemplate(
        _ADMIN,
        "Basware refused the record",
        "Basware did not take {name} ({subject})[: {detail}].",
        "Put right what Basware names, in QuickBooks or in Basware; a change is sent by itself, else try again.",
        "Basware refused {name}[: {detail}].",
    ),
    Cause.CODE_TAKEN: CauseTemplate(
        _MAPPER,
        "Code is taken",
        "{name} ({subject}) would have the code {code} in Basware, which is that of {other}.",
        "Give it another number in QuickBooks, or map the code to it here if both are the same.",
        "{name} has no code of its own in Basware.",
    ),
}
