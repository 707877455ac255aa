"""`python -m twins`: both twins on loopback for anybody who wants to try something, and a look into running ones.

`serve` prints one line of JSON once both are ready (addresses and the credentials of the seeded companies) and runs until it is
told to stop. Everything meant for people goes to standard error.
"""

import sys

from twins.commands.app import main

if __name__ == "__main__":
    sys.exit(main())
