"""`python -m gateway.main` is the command line."""

import sys

from gateway.main import main

sys.exit(main())
