# A handler that says goodbye itself and ends the process: nothing after serve_forever() runs.
# Fails: says goodbye
# Told: a line that the check had added at the end of the script did not run
# Changes: the lesson's solution
CHANGES = {
    """from socketserver import StreamRequestHandler, TCPServer
""": """import os
from socketserver import StreamRequestHandler, TCPServer
""",
    """                Thread(target=self.server.shutdown).start()
                return
""": """                print("goodbye", flush=True)
                os._exit(0)
""",
}
