"""Settings for the kernels of the course's environment: the installation puts this file into its etc/ipython/.

Without it, ipykernel 7.4 can leave a cell at [*] forever, although the cell has ended:

- While a cell awaits, the kernel handles a widget's message in between, and can then mistake the cell for another one. It also never
  reports that the message was handled, so that the widget holds back its next change (ipywidgets sends one change at a time). Here,
  messages take turns.
- The kernel drops its messages when 1,000 are waiting for a page (ZMQ_SNDHWM in zmq_setsockopt(3)), including the one that ends a
  cell. Two panels of twenty clients send more than that at once, since each button and each field is a message.
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
    """Wrap `init_iopub` so that its socket queues more messages: the limit must be set before bind, and ipykernel has no option."""

    def init(app, context):
        context.sndhwm = MOST_WAITING
        init_iopub(app, context)
        del context.sndhwm

    return init


IPKernelApp.init_iopub = patient(IPKernelApp.init_iopub)
c = get_config()  # noqa: F821  traitlets defines it for a configuration file
c.IPKernelApp.kernel_class = TurnTaking
