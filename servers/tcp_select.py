"""I/O multiplexing I/O 多路复用 with select(): one thread, many clients, and it waits for none.

What changes  against tcp_thread: nothing blocks but select(), which waits for all sockets at once
              and tells which are ready; an object for each client keeps what a thread kept in its
              local variables
It buys       clients for a few kilobytes each; no lock, since only one thing happens at a time
It costs      one client's work stops all: after `burn 2` nobody is answered for two seconds; and
              each call looks at every socket
Break it      `burn 2` from one client beside `hello` from another; more than 1,000 clients, which
              is all that select() can hold
"""

import selectors
import socket

from servers import app, main, sockets

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


def serve(options):
    with sockets.tcp_listener(options) as listener:
        main.announce(listener)
        sockets.allow_descriptors(1024)  # FD_SETSIZE, select(2): more clients wait in the backlog
        multiplex(listener, selectors.SelectSelector())


def multiplex(listener, selector):
    """Serve all clients of this listener from one loop."""
    listener.setblocking(False)
    selector.register(listener, READ)
    while True:
        for key, ready in selector.select():
            if key.fileobj is listener:
                welcome(listener, selector)
            elif not attend(key.data, ready, selector):
                say_goodbye(key.fileobj, listener, selector)


def welcome(listener, selector):
    try:
        connection, peer = listener.accept()
    except (BlockingIOError, ConnectionAbortedError):  # it was there, but has left since
        return
    except OSError:  # no descriptor is free: new clients wait in the backlog until one leaves
        if len(selector.get_map()) == 1:
            raise  # there is no client that could leave
        selector.unregister(listener)
        return
    connection.setblocking(False)
    selector.register(connection, READ, Client(connection))


def attend(client, ready, selector):
    """Do what can be done for this client now. False when it has left."""
    try:
        client.receive() if ready == READ else client.send()
    except BlockingIOError:  # it was ready a moment ago, but no longer is
        pass
    except OSError:  # it has reset the connection
        return False
    wanted = WRITE if client.unsent else READ  # backpressure: unsent answers go before new lines
    if wanted != ready:
        selector.modify(client.connection, wanted, client)
    return not client.gone


def say_goodbye(connection, listener, selector):
    selector.unregister(connection)
    connection.close()
    if listener not in selector.get_map():  # a descriptor is free again
        selector.register(listener, READ)


class Client:
    """What the server remembers of one client between two of its turns."""

    def __init__(self, connection):
        self.connection = connection
        self.conversation = app.Conversation()
        self.unsent = b""
        self.left = self.gone = False

    def receive(self):
        piece = self.connection.recv(4096)
        self.left = not piece
        self.unsent = self.conversation.hear(piece)
        self.send()

    def send(self):
        if self.unsent:
            sent = self.connection.send(self.unsent)  # as much as fits into the socket's buffer
            self.unsent = self.unsent[sent:]
        if self.conversation.over and not self.unsent:
            self.finish()

    def finish(self):
        """A lingering close: our end, then read and drop until the peer's; see sockets.linger."""
        self.connection.shutdown(socket.SHUT_WR)
        self.gone = self.left


if __name__ == "__main__":
    main.run(serve, main.parser(__doc__))
