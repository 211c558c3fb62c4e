# Misconception: a client has one line to say, so whatever comes after it is not read; and what is not read makes close() a reset.
# Fails: goes on
# Told: closed the connection after a line
# Changes: 01.2-one-line-a-client.py
CHANGES = {
    "from socket import socket\n": "import select\nfrom socket import socket\n",
    "    connection.close()\n": "    select.select([connection], [], [])\n    connection.close()\n",
}
