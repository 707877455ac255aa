"""Everything that is kept: tables, migrations, the vault for secrets, and the questions the rest of the program asks of them."""
