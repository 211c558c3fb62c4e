# Misconception: the value at int(n * p / 100), counted from 0. Of ten values, 50 percent gives the sixth.
# Fails: by nearest rank
# Told: sent 'p 50', expected '5', came '6'
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
                    place = min(int(len(latencies) * float(percent) / 100), len(latencies) - 1)
                    said = f"{sorted(latencies)[place]:g}"
            self.wfile.write(said.encode() + b"\n")


with ThreadingTCPServer(("127.0.0.1", 0), Scribe) as server:
    server.serve_forever()
