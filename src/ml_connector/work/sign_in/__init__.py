"""Signing in to QuickBooks and staying signed in: the token chain, its limits, and the way through a person's browser.

`chain.py` gives out access tokens and renews them, `keeping.py` stores them and what follows from it, `limits.py` has the rules of
time, `job.py` the job that keeps idle sign-ins alive, `connecting.py` and `outcomes.py` the way through the browser.
"""
