"""I/O multiplexing I/O 多路复用 with select(): one thread, many clients, and it blocks on none.

What changes  against tcp_thread: only select() blocks; it waits for all sockets at once and
              returns the ready ones. An object per client keeps what a thread kept in its
              local variables
It buys       clients for a few kilobytes each; no locks, since only one thing happens at a time
It costs      one client's work stalls all: during `burn 2`, no client gets an answer; and each
              call scans every socket
Break it      send `burn 2` from one client and `hello` from another; connect more than 1,000
              clients, which is all that select() can hold
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
    except (BlockingIOError, ConnectionAbortedError):  # the client has left since
        return
    except OSError:  # no descriptor is free: new clients wait in the backlog until one leaves
        if len(selector.get_map()) == 1:
            raise  # no client could leave
        selector.unregister(listener)
        return
    connection.setblocking(False)
    selector.register(connection, READ, Client(connection))


def attend(client, ready, selector):
    """Do what this client is ready for. Return False once it has left."""
    try:
        client.receive() if ready == READ else client.send()
    except BlockingIOError:  # no longer ready
        pass
    except OSError:  # the client has reset the connection
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
    """What the server remembers about a client between two of its turns."""

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
        """Begin a lingering close (see sockets.linger): discard all input until the peer closes."""
        self.connection.shutdown(socket.SHUT_WR)
        self.gone = self.left


if __name__ == "__main__":
    main.run(serve, main.parser(__doc__))
