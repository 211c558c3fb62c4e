"""One client of a server, driven from a notebook without ever blocking it. It uses no widgets.

    client       LabClient: connect, send, ask, close; its state in words.
    transport    A TCP connection or a UDP socket that carries the client's bytes.
    accepts      Which clients a watched server has accepted, according to its events.
    records      The records of what a client did, the client that keeps them, its questions, and ClientError.
"""

from clients.lab.lab_client.accepts import Accepts
from clients.lab.lab_client.client import LabClient
from clients.lab.lab_client.records import ClientError, Record, RecordingClient

__all__ = ["Accepts", "ClientError", "LabClient", "Record", "RecordingClient"]
