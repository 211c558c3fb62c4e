# Misconception: the mean says it all; and whoever asks for a percentile gets it.
# Fails: by nearest rank
# Told: sent 'p 50', expected '5', came '5.5'
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
                    said = f"{sum(latencies) / len(latencies):g}"
            self.wfile.write(said.encode() + b"\n")


with ThreadingTCPServer(("127.0.0.1", 0), Scribe) as server:
    server.serve_forever()
