# Misconception: the half second is for the whole visit, also of a client that talks all the time.
# Fails: is not too impatient
# Told: silent for 0.2 s
# Changes: the lesson's solution
CHANGES = {
    "from socket import create_server\n": "import time\nfrom socket import create_server\n",
    "            connection.settimeout(0.5)\n": """            end = time.monotonic() + 0.5
            connection.settimeout(0.5)
""",
    "                    connection.sendall(data)\n": """                    connection.sendall(data)
                    connection.settimeout(max(end - time.monotonic(), 0.001))
""",
}
