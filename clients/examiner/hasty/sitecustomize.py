"""Python runs this before the server, when the examiner wants its threads to take turns as often as they can."""

import sys

sys.setswitchinterval(1e-6)
