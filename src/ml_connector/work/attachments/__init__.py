"""Files of posted documents, from Basware to QuickBooks: `noting.py` learns which there are, `copying.py` copies one."""
