"""What launch() runs: no more than it must be, since Python compiles the script that it is given anew each time."""

import sys

sys.path[0] = sys.argv[1]  # the folder that holds `servers`

from servers.runtime import supervisor  # noqa: E402

run = supervisor.main()
try:
    run()
except BaseException as error:  # the script's own: its traceback begins with the script, and a bare `raise` adds nothing
    error.__traceback__ = error.__traceback__.tb_next.tb_next.tb_next
    raise
