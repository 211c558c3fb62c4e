# Misconception: numbers that came as text sort as numbers. "10" comes before "9".
# Fails: by nearest rank
# Told: sent 'p 50', expected '5', came '4'
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
                    latencies.append(f"{float(answered) - float(due):g}")
                    said = "noted"
                case ["p", percent]:
                    rank = math.ceil(float(percent) * len(latencies) / 100)
                    said = sorted(latencies)[rank - 1]
            self.wfile.write(said.encode() + b"\n")


with ThreadingTCPServer(("127.0.0.1", 0), Scribe) as server:
    server.serve_forever()
