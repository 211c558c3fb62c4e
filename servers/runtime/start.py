"""What launch() runs: no more than it must be, since Python compiles the script that it is given anew each time."""

import sys

sys.path[0] = sys.argv[1]  # the folder that holds `servers`

from servers.runtime import supervisor  # noqa: E402

supervisor.main()
