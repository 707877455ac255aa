"""What settings are called on screens, where the words of their own names say too little.

Every other setting is called by the last part of its name. What each means is in docs/connect.md (`settings_texts.py`).
"""

LABELS = {
    "quickbooks.environment": "Kind of QuickBooks company",
    "quickbooks.base_url": "Address of the API",
    "quickbooks.discovery_url": "Address of Intuit's discovery document",
    "quickbooks.authorize_url": "Address where people agree",
    "quickbooks.token_url": "Address for tokens",
    "quickbooks.revoke_url": "Address where tokens are given back",
    "basware.company_codes": "Basware company codes",
    "basware.region": "Region of Basware",
    "basware.environment": "Kind of Basware system",
    "basware.auth": "Kind of credentials",
    "basware.base_url": "Address of the API",
    "basware.token_url": "Address for tokens",
    "policy.sources.account": "Field with the account",
    "policy.sources.location": "Field with the location",
    "policy.sources.class": "Field with the class",
    "policy.sources.customer": "Field with the customer or project",
    "policy.several_locations": "Invoices for several locations",
    "policy.empty_location": "Rows without a location",
    "policy.empty_class": "Rows without a class",
    "policy.us_tax": "Sales tax of a US company",
    "policy.non_us_tax": "Tax of a company outside the US",
    "policy.posting_date": "Posting date",
    "policy.closed_period": "Posting date in closed books",
    "policy.unknown_vendor": "Suppliers that QuickBooks does not know",
    "policy.rate_source": "Exchange rate",
    "policy.payment_block": "Invoices blocked for payment",
    "policy.taken_back": "Posted invoices that Basware takes back",
    "policy.answer_fixable_in_basware": "Telling Basware what must be corrected there",
    "policy.answer_fixable_here": "Telling Basware what can be put right here",
    "policy.hold_days": "Days until Basware is told",
}
