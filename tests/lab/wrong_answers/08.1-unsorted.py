# Misconception: the order in which the answers came is the order of the ranks.
# Fails: by nearest rank
# Told: sent 'p 90', expected '9', came '7'
import math
from socketserver import StreamRequestHandler, ThreadingTCPServer

latencies = []


class Scribe(StreamRequestHandler):
    def handle(self):
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
                    said = f"{latencies[rank - 1]:g}"
            self.wfile.write(said.encode() + b"\n")


with ThreadingTCPServer(("127.0.0.1", 0), Scribe) as server:
    server.serve_forever()
