"""Keeping Basware's lists as they are to be: `sender.py` sends what differs, `heard.py` takes in what P2P made of it."""
