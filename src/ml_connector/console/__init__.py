"""The web application: webhook receivers and what a browser is shown. Decisions are made below; this is HTTP only."""
