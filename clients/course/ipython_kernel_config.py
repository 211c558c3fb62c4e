"""What a kernel is told in the course's environment: the installation puts this file into its etc/ipython/.

Without it, ipykernel 7.4 can leave a cell at [*] for ever, although it has ended:

- While a cell awaits, the kernel lets a widget's message in between, and can then take the cell for another one. It also never says
  that it has dealt with the message, so that the widget keeps its next change back (ipywidgets sends one change at a time). Here
  messages take turns.
- What a kernel says is dropped when 1,000 messages wait for a page (ZMQ_SNDHWM in zmq_setsockopt(3)), the end of a cell among them.
  Two panels of twenty clients are more than that, at once, since each button and each field is a message.
"""

from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp

MOST_WAITING = 100_000  # messages; of a kilobyte each, as most are, 100 MB


class TurnTaking(IPythonKernel):
    async def shell_main(self, subshell_id, msg):
        subshells = self.shell_channel_thread.manager
        async with self._main_asyncio_lock if subshell_id is None else subshells.get_subshell_asyncio_lock(subshell_id):
            await self.dispatch_shell(msg, subshell_id=subshell_id)


def patient(init_iopub):
    """The same, but its socket keeps more that waits: this must be said before it is bound, and ipykernel has no setting for it."""

    def init(app, context):
        context.sndhwm = MOST_WAITING
        init_iopub(app, context)
        del context.sndhwm

    return init


IPKernelApp.init_iopub = patient(IPKernelApp.init_iopub)
c = get_config()  # noqa: F821  traitlets defines it for a configuration file
c.IPKernelApp.kernel_class = TurnTaking
