"""`python -m labkit.prototype FOLDER`."""

import sys

from labkit.prototype.serve import main

if __name__ == "__main__":
    sys.exit(main())
