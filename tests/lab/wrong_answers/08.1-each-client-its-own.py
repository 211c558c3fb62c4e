# Misconception: each client sees its own percentiles. What users meet is all of them together.
# Fails: of all clients
# Told: sent 'p 100', expected '100', came '2'
import math
from socketserver import StreamRequestHandler, ThreadingTCPServer



class Scribe(StreamRequestHandler):
    def handle(self):
        latencies = []
        for line in self.rfile:
            match line.decode().split():
                case ["new"]:
                    latencies.clear()
                    said = "forgotten"
                case [due, sent, answered]:
                    latencies.append(float(answered) - float(due))
                    said = "noted"
                case ["p", percent]:
                    rank = math.ceil(float(percent) * len(latencies) / 100)
                    said = f"{sorted(latencies)[rank - 1]:g}"
            self.wfile.write(said.encode() + b"\n")


with ThreadingTCPServer(("127.0.0.1", 0), Scribe) as server:
    server.serve_forever()
