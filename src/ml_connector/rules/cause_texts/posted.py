"""Words of the causes that come up in posting and afterwards: changed or taken back, refused by either system.

Written for accountants; which cause applies is decided elsewhere.
"""

from ml_connector.model.holds import Cause
from ml_connector.rules.cause_texts.template import (
    ACCOUNTANT,
    ACCOUNTANT_HERE,
    ACCOUNTANT_HERE_TOO,
    ADMIN,
    CauseTemplate,
)

OF_POSTED: dict[Cause, CauseTemplate] = {
    Cause.CHANGED_AFTER_PAYMENT: CauseTemplate(
        ACCOUNTANT,
        "Changed after payment",
        "Basware sent the document again with other content, but {transaction} is paid or partly paid.",
        "Correct the transaction in QuickBooks by hand, or undo the payment first.",
        "{transaction} is paid in QuickBooks and can't follow the change.",
    ),
    Cause.CHANGED_IN_CLOSED_PERIOD: CauseTemplate(
        ACCOUNTANT,
        "Changed in a closed period",
        "Basware sent the document again with other content, but {transaction} on {date} would change books that are "
        "closed through {closed_through}.",
        "Reopen the period in QuickBooks, or correct the difference by hand in an open one.",
        "Books are closed through {closed_through}: {transaction} can't follow the change.",
    ),
    Cause.CHANGED_KIND: CauseTemplate(
        ACCOUNTANT_HERE_TOO,
        "Would become another kind of transaction",
        "The document is in QuickBooks as {was}, but would now be: {now}.",
        "Delete the old transaction in QuickBooks and choose “post anyway”, or correct it by hand.",
        "Posted as {was}, would now be: {now}. The accountant must correct QuickBooks.",
    ),
    Cause.POSTED_TRANSACTION_GONE: CauseTemplate(
        ACCOUNTANT_HERE,
        "Posted transaction is gone",
        "{type} {id}, which this document belongs to, is no longer in QuickBooks.",
        "If it was deleted by mistake choose “post anyway” to post it anew, else reject the document.",
        "{type} {id} was deleted in QuickBooks: the accountant must decide.",
    ),
    Cause.ON_HOLD: CauseTemplate(
        ACCOUNTANT_HERE,
        "On hold",
        "{by} keeps it from being posted: {reason}.",
        "Release the hold when it may be posted, on its page in the console or with `ml-connector holds release`.",
        "The accountant keeps it from being posted for now.",
    ),
    Cause.TAKEN_BACK: CauseTemplate(
        ACCOUNTANT_HERE,
        "Taken back by Basware",
        "Basware {asked}, and {transaction} stands in QuickBooks: {why}.",
        "Look at the transaction, then decide: delete, reverse or keep.",
        "{transaction} still stands in QuickBooks: {why}.",
    ),
    Cause.TAKEN_BACK_PAID: CauseTemplate(
        ACCOUNTANT_HERE_TOO,
        "Taken back after payment",
        "Basware {asked}, but {transaction} is paid or partly paid.",
        "Undo the payment in QuickBooks and retry, or decide to keep the transaction.",
        "{transaction} is paid in QuickBooks and can't be taken back.",
    ),
    Cause.TAKEN_BACK_IN_CLOSED_PERIOD: CauseTemplate(
        ACCOUNTANT_HERE_TOO,
        "Taken back in closed books",
        "Basware {asked}, but undoing {transaction} would touch {date}, and the books are closed through {closed_through}.",
        "Decide to reverse it, which is dated in an open period, or to keep it; or reopen the books and retry.",
        "{transaction} lies in books closed through {closed_through}.",
    ),
    Cause.TAKEN_BACK_NOT_REVERSIBLE: CauseTemplate(
        ACCOUNTANT_HERE_TOO,
        "Taken back, can't be reversed",
        "Basware {asked}, but {transaction} can't be reversed: {why}.",
        "Reverse it by hand in QuickBooks and keep it here, or decide to delete it.",
        "{transaction} can't be reversed from here.",
    ),
    Cause.QUICKBOOKS_REFUSED: CauseTemplate(
        ADMIN,
        "QuickBooks refused the transaction",
        "QuickBooks refused it[ with code {code}][: {message}][ ({detail})].[ {sentence}]",
        "Put right what QuickBooks names, then try again.",
        "QuickBooks refused it[ (code {code})][: {detail}].",
    ),
    Cause.ANSWER_REFUSED: CauseTemplate(
        ADMIN,
        "Basware refused the answer",
        "The document is posted, but Basware did not take the answer[: {detail}].",
        "Check the connection's Basware settings, then try again.",
        "Basware refused the answer[: {detail}].",
    ),
    Cause.PAYMENT_NOT_TOLD: CauseTemplate(
        ADMIN,
        "Basware was not told of the payment",
        "The document is posted and paid, but Basware does not know how far it is paid[: {detail}].",
        "Put right what Basware names, then tell it once more: on the payment's page in the console, or with "
        "`ml-connector payments retry`. The next change of the payment is told by itself.",
        "Basware was not told of the payment[: {detail}].",
    ),
}
