# shutdown() in the child shows the client its end, but the parent still holds the last connection, until the next client comes.
# Fails: holds no connection
# Told: still holds 1 connection.
# Changes: the lesson's solution
CHANGES = {
    "import create_server": "import SHUT_RDWR, create_server",
    """            os._exit(0)
        connection.close()
""": """            connection.shutdown(SHUT_RDWR)
            os._exit(0)
""",
}
