"""Posted transactions that somebody changed or deleted in QuickBooks: noticed, shown, decided, brought back."""
