"""I/O multiplexing I/O 多路复用 with select(): one thread, many clients, none of which it waits for.

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
    except OSError:  # no descriptor is free: who comes now waits in the backlog until somebody leaves
        if len(selector.get_map()) == 1:
            raise  # there is nobody who could leave
        selector.unregister(listener)
        return
    connection.setblocking(False)
    selector.register(connection, READ, Client(connection))


def attend(client, ready, selector):
    """Do what can be done for this client now. False when it has left."""
    try:
        client.receive() if ready == READ else client.send()
    except BlockingIOError:  # it was ready a moment ago, and is not any more
        pass
    except OSError:  # it has reset the connection
        return False
    wanted = WRITE if client.unsent else READ  # who does not take the answers is not heard: so what is unsent stays small
    if wanted != ready:
        selector.modify(client.connection, wanted, client)
    return not client.gone


def say_goodbye(connection, listener, selector):
    selector.unregister(connection)
    connection.close()
    if listener not in selector.get_map():  # a descriptor is free again
        selector.register(listener, READ)


class Client:
    """What there is to remember of one client between two of its turns."""

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
            sent = self.connection.send(self.unsent)  # as much as fits into the socket's buffer, and no more
            self.unsent = self.unsent[sent:]
        if self.conversation.over and not self.unsent:
            self.finish()

    def finish(self):
        """The peer reads our last words, and then the end; until it leaves too, what it sends is read and dropped: see app.hang_up."""
        self.connection.shutdown(socket.SHUT_WR)
        self.gone = self.left


if __name__ == "__main__":
    app.run(serve, __doc__)
