"""Basware's Data Access interface: tables of P2P as files to fetch, made from time to time and not at once."""
