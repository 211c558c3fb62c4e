"""I/O multiplexing IO多路复用 with select(): one thread, many clients, none of which it waits for.

What changes  against tcp_thread: nothing blocks but select(), which waits for all sockets at once and says which are ready;
              what a thread kept in its local variables, an object for each client keeps now
It buys       clients for a few kilobytes each; no lock, since only one thing happens at a time
It costs      whoever works, works alone: one `burn 2`, and nobody is answered for two seconds; and all sockets are looked at each time
Break it      `burn 2` from one client beside `hello` from another; more than 1,000 clients, which is all that select() can hold
"""

import selectors
import socket

from servers import app

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


def serve(listener):
    app.allow_descriptors(1024)  # select() knows no higher ones (FD_SETSIZE, select(2)): who comes then waits in the backlog
    multiplex(listener, selectors.SelectSelector())


def multiplex(listener, selector):
    """Serve all clients of this listener from one loop."""
    listener.setblocking(False)
    selector.register(listener, READ)
    while True:
        for key, _ in selector.select():
            if key.fileobj is listener:
                welcome(listener, selector)
            else:
                attend(key.data, listener, selector)


def welcome(listener, selector):
    try:
        connection, peer = listener.accept()
    except BlockingIOError:  # it was ready, but the client has left since
        return
    except OSError:  # no descriptor is left: clients wait in the backlog until one has left
        selector.unregister(listener)
        return
    connection.setblocking(False)
    selector.register(connection, READ, Client(connection))


def attend(client, listener, selector):
    waited_for = client.waits_for
    try:
        client.receive() if waited_for == READ else client.send()
    except BlockingIOError:  # ready a moment ago, and not any more
        pass
    except OSError:  # the peer has reset the connection
        client.gone = True
    if client.gone:
        selector.unregister(client.connection)
        client.connection.close()
        if listener not in selector.get_map():  # a descriptor is free again
            selector.register(listener, READ)
    elif client.waits_for != waited_for:
        selector.modify(client.connection, client.waits_for, client)


class Client:
    """What there is to remember of one client between two of its turns."""

    def __init__(self, connection):
        self.connection = connection
        self.conversation = app.Conversation()
        self.unsent = b""
        self.left = self.gone = False

    @property
    def waits_for(self):
        """Whoever does not take the answers is not heard: so what is unsent stays small, however slowly it reads."""
        return WRITE if self.unsent else READ

    def receive(self):
        piece = self.connection.recv(4096)
        self.left = not piece
        self.unsent = self.conversation.hear(piece)
        self.send()

    def send(self):
        if self.unsent:
            sent = self.connection.send(self.unsent)  # as much as fits into the socket's buffer, and no more
            self.unsent = self.unsent[sent:]
        if self.conversation.over and not self.unsent:
            self.connection.shutdown(socket.SHUT_WR)  # the peer reads our last words, and then the end
            self.gone = self.left  # until then, what it still sends is read and dropped: see app.refuse


if __name__ == "__main__":
    app.run(serve, __doc__)
