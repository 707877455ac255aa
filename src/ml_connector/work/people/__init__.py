"""Who is who: people, their roles, how they show who they are, and programs that act for them. Knows nothing of HTTP and of pages.

`identity.py` is what all of it needs; `passwords.py`, `tries.py` and `sessions.py` are signing in, `directory.py` who may do what,
`links.py` the first way in, `tokens.py` programs, `shown.py` what of it people see, `repeats.py` calls that are sent again.
"""
