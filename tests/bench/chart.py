"""The chart of the results: how close each server comes to the one in C, over open connections and with one for each question."""

from matplotlib.backends.backend_agg import FigureCanvasAgg

from clients.lab.panels import race_charts as charts
from clients.lab.ui.colours import INK, MUTED, colour_at

PANELS = {
    "100 connections": "100 open connections",
    "1000 connections": "1,000 open connections",
    "a connection for each": "one question a connection",
}


def draw(rows, folder):
    """Draw the rows of group 3 as bench.png in the folder; return its path."""
    panels = {title: bars(rows, where) for where, title in PANELS.items()}
    figure = charts.new_figure(11.5, 1.4 + 0.24 * max(map(len, panels.values())))
    for axes, (title, values) in zip(figure.subplots(1, 3), panels.items(), strict=True):
        names = list(values)
        colours = [colour_at(0 if name.startswith(("tcp_", "udp_")) else 1) for name in names]
        axes.barh(range(len(names)), [values[name]["value"] for name in names], color=colours, alpha=0.8)
        for place, name in enumerate(names):
            axes.plot([values[name]["least"], values[name]["most"]], [place] * 2, color=INK, linewidth=1)
        axes.set_yticks(range(len(names)), names)
        axes.invert_yaxis()
        axes.axvline(1, color=MUTED, linestyle="--", linewidth=1)
        axes.set_title(title, loc="left", fontsize=10)
        axes.set_xlabel("answers a second, C = 1", fontsize=8.5)
        charts.tidy(axes)
    figure.suptitle(
        "Blue: models of this course. Orange: others. Lines: from the worst to the best round", fontsize=9, color=MUTED
    )
    path = folder / "bench.png"
    FigureCanvasAgg(figure).print_png(path)
    return path


def bars(rows, where):
    """Return {server: row} for one load, the best first."""
    ending = f" / C, {where}"
    found = {row["name"].removesuffix(ending): row for row in rows if row["name"].endswith(ending)}
    return dict(sorted(found.items(), key=lambda one: -one[1]["value"]))
