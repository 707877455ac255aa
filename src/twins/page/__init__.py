"""A page for people to look at: both companies' books side by side, what was asked and what was sent. It changes nothing."""
