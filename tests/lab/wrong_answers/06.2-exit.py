# sys.exit() in the handler is a clean end: nothing after serve_forever() runs.
# Fails: says goodbye
# Told: its log has no 'goodbye'
# Changes: the lesson's solution
CHANGES = {
    """from socketserver import StreamRequestHandler, TCPServer
""": """import sys
from socketserver import StreamRequestHandler, TCPServer
""",
    """                Thread(target=self.server.shutdown).start()
                return
""": """                sys.exit(0)
""",
}
