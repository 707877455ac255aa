"""The Basware Network as a company sees it: documents that arrive from senders, their files, and what is answered to them."""
