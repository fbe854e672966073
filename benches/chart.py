"""The bar chart of `scripts/compare`: the time of each way on all cities, on a logarithmic scale.

A solid bar is measured, a hatched one estimated from a subset. The colours are those of Okabe and
Ito, which people with any colour vision tell apart; the order of the bars and the hatching say the
same without colour.
"""

from pathlib import Path

import matplotlib
from matplotlib import pyplot
from matplotlib.patches import Patch

from tables import short

# Text stays text, which can be searched and read aloud; the same numbers give the same file.
matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "farthest", "font.size": 10})

COLOURS = {"notebook": "#D55E00", "careful Python": "#0072B2", "farthest": "#009E73"}
GROUPS = {
    "notebook": "the notebook: a list of all pairs",
    "careful Python": "careful Python",
    "farthest": "farthest",
}
BAR_INCHES = 0.3
HATCH = "////"


def draw(outcomes, path: Path):
    """Writes the chart; the ending of the path says in which format."""
    shown = [outcome for outcome in outcomes if outcome.whole_time_s is not None]
    if not shown:
        return
    figure, axes = pyplot.subplots(figsize=(9, 1.8 + BAR_INCHES * len(shown)), layout="constrained")
    for place, outcome in enumerate(shown):
        draw_bar(axes, place, outcome)
    times = [outcome.whole_time_s for outcome in shown]
    axes.set_xscale("log")
    # A bar on a logarithmic scale begins nowhere; a decade below the shortest shows each of them.
    axes.set_xlim(min(times) / 10, max(times) * 30)
    axes.set_yticks(range(len(shown)), [outcome.name for outcome in shown])
    axes.invert_yaxis()
    axes.set_xlabel("seconds from the cities in memory to the farthest pair, logarithmic")
    axes.set_title(title(shown), loc="left")
    axes.grid(axis="x", color="#cccccc", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(handles=key(shown), loc="outside lower center", ncols=2, frameon=False)
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
    pyplot.close(figure)


def draw_bar(axes, place, outcome):
    colour = COLOURS[outcome.way.group]
    is_estimate = bool(outcome.remark)
    hatched = {"color": "white", "edgecolor": colour, "hatch": HATCH}
    fill = hatched if is_estimate else {"color": colour}
    axes.barh(place, outcome.whole_time_s, height=0.7, **fill)
    text = f" {'≈ ' if is_estimate else ''}{short(outcome.whole_time_s)} s"
    axes.text(outcome.whole_time_s, place, text, va="center")


def title(shown):
    cities = max(len(outcome.listing.cities) for outcome in shown)
    return f"The farthest pair of {cities:,} cities, by each way"


def key(shown):
    groups = dict.fromkeys(outcome.way.group for outcome in shown)
    patches = [Patch(color=COLOURS[group], label=GROUPS[group]) for group in groups]
    if any(outcome.remark for outcome in shown):
        label = "hatched: estimated from a subset, as the way was stopped"
        patches.append(Patch(facecolor="white", edgecolor="#555555", hatch=HATCH, label=label))
    return patches
