"""Documents that Basware takes back after they were handed over: noticed, undone in QuickBooks or left to a person."""
