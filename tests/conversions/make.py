"""Makes one list of places in every form of README.md's table of conversions, with the tools that
people have.

usage: make.py CITIES.csv FOLDER

The list has the columns name, lat and lon. For each form it makes a folder of the form's name, and in
it the file `in.…` that the line of the table converts. What is known to go wrong on the way is built
in: attributes called lat, lon, x and y that hold something else, a projection in metres, names that
are an index, numbers that are text. Prints nothing; what a tool says is printed if it fails.
"""

import json
import pathlib
import subprocess
import sys
import zipfile

import geopandas
import pandas
import shapely

SOURCE, TARGET = (pathlib.Path(argument).resolve() for argument in sys.argv[1:])

# Names are text, also those that pandas takes for a missing value.
TEXT = pandas.read_csv(SOURCE, dtype=str, keep_default_na=False)
PLACES = TEXT.astype({"lat": float, "lon": float})
POINTS = geopandas.GeoDataFrame(
    TEXT[["name"]], geometry=geopandas.points_from_xy(PLACES.lon, PLACES.lat), crs=4326
)
# What the attributes say is wrong on purpose; the geometry is right.
MISLED = POINTS.assign(lat=1.5, lon=2.5, x=3.5, y=4.5, seen=pandas.Timestamp("2026-01-02"))

# How GDAL knows the columns of the list, and that names in other than Latin letters stay.
FROM_LIST = [
    "-oo", "X_POSSIBLE_NAMES=lon", "-oo", "Y_POSSIBLE_NAMES=lat", "-oo", "KEEP_GEOM_COLUMNS=NO",
    "-a_srs", "EPSG:4326", "-nln", "cities",
]  # fmt: skip
SHAPEFILE = ["in.shp", str(SOURCE), *FROM_LIST, "-lco", "ENCODING=UTF-8"]


def ogr2ogr(folder, *words):
    run = subprocess.run(["ogr2ogr", *words], cwd=folder, text=True, capture_output=True)
    if run.returncode != 0:
        sys.exit(f"ogr2ogr {' '.join(words)}: {run.stdout}{run.stderr}")


def archive(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in members.items():
            opened.writestr(name, content)


def compress(folder, program, extension):
    packed = subprocess.run([program, "-c", SOURCE], check=True, capture_output=True).stdout
    (folder / f"in.csv.{extension}").write_bytes(packed)


def geopackage(folder):
    misled = folder.parent / "misled.geojson"
    misled.write_text(MISLED.to_json(default=str))
    ogr2ogr(folder, "in.gpkg", str(misled), "-t_srs", "EPSG:3857", "-nln", "cities")
    misled.unlink()


def shapefile_without_projection(folder):
    ogr2ogr(folder, *SHAPEFILE)
    (folder / "in.prj").unlink()


def zipped_shapefile(folder):
    ogr2ogr(folder, *SHAPEFILE)
    parts = sorted(folder.iterdir())
    archive(folder / "in.zip", {part.name: part.read_bytes() for part in parts})
    for part in parts:
        part.unlink()


def csv_in_metres(folder):
    metres = POINTS.to_crs(3857).geometry
    list_ = TEXT[["name"]].assign(easting=metres.x, northing=metres.y)
    list_.to_csv(folder / "in.csv", index=False)


def topojson(folder):
    points = [
        {"type": "Point", "coordinates": [lon, lat], "properties": {"name": name}}
        for name, lat, lon in zip(PLACES.name, PLACES.lat, PLACES.lon)
    ]
    collection = {"type": "GeometryCollection", "geometries": points}
    topology = {"type": "Topology", "objects": {"cities": collection}, "arcs": []}
    (folder / "in.topojson").write_text(json.dumps(topology))


def write_layer(folder, geometry):
    layer = geopandas.GeoDataFrame(TEXT[["name"]], geometry=geometry, crs=4326)
    layer.to_file(folder / "in.gpkg", layer="cities")


def multipoints(folder):
    """Each place twice in one feature, so that the list of places stays the same."""
    write_layer(folder, [shapely.MultiPoint([point, point]) for point in POINTS.geometry])


def areas(folder):
    half = 0.001
    corners = [PLACES.lon - half, PLACES.lat - half, PLACES.lon + half, PLACES.lat + half]
    write_layer(folder, shapely.box(*corners))


def kmz(folder):
    ogr2ogr(folder, "-f", "KML", "doc.kml", str(SOURCE), *FROM_LIST, "-dsco", "NameField=name")
    archive(folder / "in.kmz", {"doc.kml": (folder / "doc.kml").read_bytes()})
    (folder / "doc.kml").unlink()


def excel(folder):
    comma = TEXT.assign(lat=TEXT.lat.str.replace(".", ","), lon=TEXT.lon.str.replace(".", ","))
    comma.to_excel(folder / "in.xlsx", index=False)


def nested_json(folder):
    records = [
        {"id": at, "location": {"lat": lat, "lng": lon}, "name": name}
        for at, (name, lat, lon) in enumerate(zip(PLACES.name, PLACES.lat, PLACES.lon))
    ]
    (folder / "in.json").write_text(json.dumps(records))


FORMS = {
    "GeoPackage": geopackage,
    "shapefile": lambda folder: ogr2ogr(folder, *SHAPEFILE),
    "shapefile without `.prj`, in degrees": shapefile_without_projection,
    "zipped shapefile": zipped_shapefile,
    "FlatGeobuf": lambda folder: ogr2ogr(folder, "in.fgb", str(SOURCE), *FROM_LIST),
    "TopoJSON": topojson,
    "several points in one feature": multipoints,
    "lines and areas, by their centres": areas,
    "CSV in metres of a projection": csv_in_metres,
    "GeoParquet": lambda folder: MISLED.to_crs(3857).to_parquet(folder / "in.parquet"),
    "Parquet": lambda folder: PLACES.set_index("name").to_parquet(folder / "in.parquet"),
    "Arrow, Feather": lambda folder: PLACES.to_feather(folder / "in.arrow"),
    "Excel": excel,
    "OpenDocument": lambda folder: PLACES.to_excel(folder / "in.ods", index=False),
    "nested JSON": nested_json,
    "zip": lambda folder: archive(
        folder / "in.zip", {"read.me": "Not a list.\n", "cities.csv": SOURCE.read_bytes()}
    ),
    "KMZ": kmz,
    "KMZ whose `doc.kml` has only links": lambda folder: ogr2ogr(
        folder, "-f", "LIBKML", "in.kmz", str(SOURCE), *FROM_LIST
    ),
    "xz": lambda folder: compress(folder, "xz", "xz"),
    "bzip2": lambda folder: compress(folder, "bzip2", "bz2"),
    "text in another encoding": lambda folder: (folder / "in.csv").write_text(
        SOURCE.read_text(), encoding="gb18030"
    ),
}


def make_all(forms):
    for form, make in forms.items():
        folder = TARGET / form
        folder.mkdir(parents=True)
        make(folder)


if __name__ == "__main__":
    make_all(FORMS)
