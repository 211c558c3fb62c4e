"""One client of a server, driven from a notebook without ever blocking it. It knows no widget.

    client       LabClient: connect, send, ask, close; its state in words.
    transport    How its bytes travel: a TCP connection, or a UDP socket.
    accepts      Which clients a watched server has accepted, as its events tell.
    records      What a client did and met, who keeps that, and what can go wrong.
"""

from clients.lab.lab_client.accepts import Accepts
from clients.lab.lab_client.client import LabClient
from clients.lab.lab_client.records import ClientError, Record, RecordingClient

__all__ = ["Accepts", "ClientError", "LabClient", "Record", "RecordingClient"]
