"""Group 2: a watched server against the same one unwatched, ten clients that ask as fast as they can."""

from measuring import SERVER_CORE, c_rate, in_turns, pin, ratios, row

from servers import launch

MODELS = "tcp_epoll", "tcp_thread", "tcp_fork", "tcp_asyncio"
SECONDS = 1


def run(rounds):
    rows = []
    for model in MODELS:
        found = in_turns({True: lambda m=model: rate(m, True), False: lambda m=model: rate(m, False)}, rounds)
        rows.append(row(f"{model}: watched / unwatched", ratios(found[True], found[False]), "ratio", 0.8))
    return rows


def rate(model, watch):
    with launch(model, name="bench", watch=watch) as server:
        pin(server.pid, SERVER_CORE)
        return c_rate(server.port, 10, SECONDS)
