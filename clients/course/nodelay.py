"""The connection from a kernel to its page, without Nagle's delay.

A kernel answers one click with several small messages. TCP may hold back the second until the first is acknowledged, and the peer
may delay that by 40 ms (RFC 896; RFC 1122, 4.2.3.2 and 4.2.3.4; TCP_NODELAY in tcp(7)). Jupyter does not change this.
"""

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class Connection(ZMQChannelsWebsocketConnection):
    def connect(self):
        self.websocket_handler.set_nodelay(True)
        return super().connect()
