"""Setting a connection up without anything happening: how far it is, a look at what waits, the first plan, and its release."""
