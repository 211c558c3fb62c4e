# Misconception: a question's latency begins when it is sent. This is coordinated omission: the wait before is left out.
# Fails: counts from the moment it was due
# Told: sent 'p 100', expected '21', came '1'
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
                    latencies.append(float(answered) - float(sent))
                    said = "noted"
                case ["p", percent]:
                    rank = math.ceil(float(percent) * len(latencies) / 100)
                    said = f"{sorted(latencies)[rank - 1]:g}"
            self.wfile.write(said.encode() + b"\n")


with ThreadingTCPServer(("127.0.0.1", 0), Scribe) as server:
    server.serve_forever()
