"""The charts of a race: answers per second, and latencies from the quickest answer to the slowest.

Drawn with matplotlib into a PNG, for any viewer. Colours are those of the timeline; line styles and labels also tell the servers
apart, so that a chart is legible without colour.
"""

import base64
import html
import io
import math
from statistics import median_low as median  # always one of the measured values, even for an even count

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from clients.lab.ui.colours import HAIR, INK, MUTED, PAPER, colour_at
from clients.lab.ui.pictures import with_picture

STYLES = "-", "--", "-.", ":"
TICKS = 0, 50, 90, 99, 99.9  # percent, on a scale where each further tenth of the rest has the same width


class Chart:
    """A picture and its description in words, shown at the end of a cell."""

    def __init__(self, figure, words):
        self.words = words
        file = io.BytesIO()
        FigureCanvasAgg(figure).print_png(file)
        self.png = file.getvalue()
        self.width = round(figure.get_figwidth() * figure.dpi)  # in CSS pixels

    def html(self):
        """Return an <img> element, for a widget."""
        data = base64.b64encode(self.png).decode()
        return f'<img style="max-width: 100%" alt="{html.escape(self.words, quote=True)}" src="data:image/png;base64,{data}">'

    def __repr__(self):
        return "a chart of " + self.words.partition(":")[0]

    def _repr_mimebundle_(self, **options):
        return with_picture({}, self.png, self.width, self.words, repr(self))


def race(rounds):
    """Return a Chart of throughput and latency side by side. rounds: {server: its reports, one for each round}."""
    figure = new_figure(9.6, 1.6 + 0.42 * max(len(rounds), 4))
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.15))
    _draw_throughput(left, rounds)
    _draw_latency(right, {name: middle(reports) for name, reports in rounds.items()})
    best = sorted(rounds, key=lambda name: -middle(rounds[name]).throughput)
    words = ", ".join(f"{name} {middle(rounds[name]).throughput:.0f}" for name in best)
    return Chart(figure, f"{len(rounds)} servers: answers a second, {words}")


def bars(values, label, title=""):
    """Return a Chart with a bar for each name and a dot for each measurement. values: {name: [numbers]}."""
    figure = new_figure(7.2, 1.2 + 0.38 * len(values))
    axes = figure.subplots()
    _draw_bars(axes, values)
    axes.set_xlabel(label)
    axes.set_title(title, loc="left", fontsize=11)
    words = ", ".join(f"{name} {median(numbers):.3g}" for name, numbers in values.items())
    return Chart(figure, f"{title or label}: {words}.")


# ---------------------------------------------------------------- parts


def new_figure(width, height):
    """Return an empty figure of this width and height, in inches."""
    return Figure(figsize=(width, height), dpi=110, layout="constrained", facecolor=PAPER)


def _draw_bars(axes, values):
    """Draw a bar as long as the median, and dots that show the spread."""
    for place, numbers in enumerate(values.values()):
        colour = colour_at(place)
        axes.barh(place, median(numbers), height=0.62, color=colour, alpha=0.75)
        axes.plot(numbers, [place] * len(numbers), "o", markersize=4, color=INK, markerfacecolor=PAPER, markeredgewidth=1)
    axes.set_yticks(range(len(values)), list(values))
    axes.invert_yaxis()
    axes.set_xlim(left=min(0, *(min(numbers) for numbers in values.values())) * 1.05)
    tidy(axes)


def _draw_throughput(axes, rounds):
    _draw_bars(axes, {name: [report.throughput for report in reports] for name, reports in rounds.items()})
    for place, reports in enumerate(rounds.values()):
        report = middle(reports)
        if report.starved:
            axes.annotate(
                f" {report.starved} of {report.load.connections} clients never answered",
                (0, place),
                va="center",
                fontsize=7.5,
                color=INK,
                bbox={"facecolor": PAPER, "edgecolor": "none", "alpha": 0.8, "pad": 1},
            )
    axes.set_xlabel("correct answers a second (dots: single rounds)")


def _draw_latency(axes, reports):
    """Draw latencies by percentile, with the slowest tenth, hundredth and thousandth enlarged: users remember the slow answers."""
    for place, (name, report) in enumerate(reports.items()):
        if report.quantiles:
            steps = range(0, 1000)
            axes.plot(
                [_tail(step / 10) for step in steps],
                [max(report.quantiles[step], 1e-3) for step in steps],
                STYLES[place % len(STYLES)],
                color=colour_at(place),
                label=name,
            )
    axes.set_yscale("log")
    low, high = axes.get_ylim()
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter("{x:g}" if high < 10 * low else "")  # within one decade, powers of ten give too few labels
    axes.set_xticks([_tail(percent) for percent in TICKS], [f"{percent:g} %" for percent in TICKS])
    axes.set_ylabel("milliseconds, at most")
    axes.set_xlabel("of all questions")
    if any(report.quantiles for report in reports.values()):
        axes.legend(frameon=False, fontsize=8)
    tidy(axes)


def _tail(percent):
    """Return a percentile's place on the axis: 0 % at 0, 90 % at 1, 99 % at 2."""
    return -math.log10(1 - percent / 100)


def tidy(axes):
    """Set the background, hairlines and muted labels used in all pictures of the course."""
    axes.set_facecolor(PAPER)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="both", color=HAIR)
    axes.set_axisbelow(True)
    axes.tick_params(colors=INK, labelsize=8.5)
    axes.xaxis.label.set_color(MUTED)
    axes.yaxis.label.set_color(MUTED)


# ---------------------------------------------------------------- several rounds


def middle(reports, by=lambda report: -report.throughput):
    """Return the median report of several rounds; for an even count, the worse of the middle two."""
    return sorted(reports, key=by)[len(reports) // 2]
