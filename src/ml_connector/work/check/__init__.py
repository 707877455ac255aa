"""Whether a connection works, asked line by line without writing anything in either system. `work/ping.py` puts it together."""
