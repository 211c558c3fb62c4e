"""The connection from a kernel to its page, without Nagle's delay.

To one click a kernel says several small things. TCP may hold the second back until the first is acknowledged, and the other
side may take 40 ms for that (RFC 896; RFC 1122, 4.2.3.2 and 4.2.3.4; TCP_NODELAY in tcp(7)). Jupyter leaves it so.
"""

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class Connection(ZMQChannelsWebsocketConnection):
    def connect(self):
        self.websocket_handler.set_nodelay(True)
        return super().connect()
