"""What waits for a person: causes with everything they hold, what can be done about each, and doing it."""
