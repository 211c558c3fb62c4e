"""What a kernel is told in the course's environment: the installation puts this file into its etc/ipython/.

While a cell awaits, ipykernel 7.4 lets a widget's message in between, and can then take the cell for another one: the page shows
[*] for ever, although the cell has ended. It also never says that it has dealt with the message, so that the widget keeps the
next one back (ipywidgets sends one change at a time). Here messages take turns, as in ipykernel 7.0 to 7.3.
"""

from ipykernel.ipkernel import IPythonKernel


class TurnTaking(IPythonKernel):
    async def shell_main(self, subshell_id, msg):
        subshells = self.shell_channel_thread.manager
        async with self._main_asyncio_lock if subshell_id is None else subshells.get_subshell_asyncio_lock(subshell_id):
            await self.dispatch_shell(msg, subshell_id=subshell_id)


c = get_config()  # noqa: F821  traitlets defines it for a configuration file
c.IPKernelApp.kernel_class = TurnTaking
