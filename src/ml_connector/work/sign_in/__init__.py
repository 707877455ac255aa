"""Signing in to QuickBooks and staying signed in: the token chain, its limits, and the way through a person's browser.

`chain.py` gives out access tokens as `held.py` judges them, `renewal.py` renews them under the lease of `lease.py`, `keeping.py`
stores them and what follows from it, `limits.py` has the rules of time, `job.py` the job that keeps idle sign-ins alive.
`connecting.py` is the way through the browser, with the links of `links.py`, the questions to Intuit of `intuit.py` and the words
of `outcomes.py`; `disconnecting.py` gives sign-ins back.
"""
