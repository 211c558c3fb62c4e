"""A locust user that sends a line over TCP and waits for the answer, again and again: `locust -f locustfile.py --headless ...`"""

import os
import socket
import time

from locust import User, constant, task

LINE = b"x" * (int(os.environ["BENCH_BYTES"]) - 1) + b"\n"
ADDRESS = "127.0.0.1", int(os.environ["BENCH_PORT"])


class Asker(User):
    wait_time = constant(0)

    def on_start(self):
        self.connection = socket.create_connection(ADDRESS)

    @task
    def ask(self):
        began = time.perf_counter()
        problem = None
        try:
            self.connection.sendall(LINE)
            answer = self.connection.recv(len(LINE))
            if answer != LINE:
                problem = ValueError(f"wrong answer: {answer!r}")
        except OSError as error:
            problem = error
        took = (time.perf_counter() - began) * 1000
        self.environment.events.request.fire(
            request_type="line", name="echo", response_time=took, response_length=len(LINE), exception=problem
        )
