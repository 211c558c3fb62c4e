# Misconception: a default timeout is for the connections. The listener has it, too, and accept() gives up when nobody comes.
# Fails: survives
# Told: nobody came for 0.8 s, and the server ended
# Changes: the lesson's solution
CHANGES = {
    "from socket import create_server\n": "from socket import create_server, setdefaulttimeout\n\nsetdefaulttimeout(0.5)\n",
    "            connection.settimeout(0.5)\n": "",
}
