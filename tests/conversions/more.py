"""Makes the list of places in forms that messages tell how to convert, and the README does not.

usage: more.py CITIES.csv FOLDER

Folders and files are those of the table in tests/conversions.rs; layers and tables are called
cities, and the column of a geometry place. For the rest see make.py, with whose words it is written.
"""

import gzip
import json
import sqlite3
import subprocess
import tarfile
from xml.sax.saxutils import quoteattr

import pandas
import pyarrow
import pyarrow.feather
import shapely

from make import FORMS, MISLED, PLACES, POINTS, SHAPEFILE, SOURCE, TEXT, archive, make_all, ogr2ogr

RECORDS = [
    {"name": name, "lat": lat, "lon": lon}
    for name, lat, lon in zip(PLACES.name, PLACES.lat, PLACES.lon)
]
TWICE = [shapely.MultiPoint([point, point]) for point in POINTS.geometry]
# From a place to itself, for KML ends at 90 and 180 degrees.
LINES = [shapely.LineString([point, point]) for point in POINTS.geometry]
HALF = 0.001
AREAS = shapely.box(PLACES.lon - HALF, PLACES.lat - HALF, PLACES.lon + HALF, PLACES.lat + HALF)


def geojson(layer):
    """With the layer's name and the reference system, as GDAL writes them."""
    system = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{layer.crs.to_epsg()}"}}
    return json.dumps({"name": "cities", "crs": system, **json.loads(layer.to_json(default=str))})


def with_geometry(geometry):
    return geojson(POINTS.set_geometry(list(geometry)))


def kml(folder, geometry):
    source = folder / "source.geojson"
    source.write_text(with_geometry(geometry))
    ogr2ogr(folder, "-f", "KML", "in.kml", source.name, "-dsco", "NameField=name")
    source.unlink()


def old_kml(folder):
    """A Schema gives placemarks a name of their own, as Google Earth did before KML 2.2."""
    FORMS["KMZ"](folder)
    subprocess.run(["unzip", "-q", "in.kmz"], cwd=folder, check=True)
    (folder / "in.kmz").unlink()
    text = (folder / "doc.kml").read_text().replace("Placemark", "Town")
    schema = '<Document><Schema name="Town" parent="Placemark"></Schema>'
    begin, end = text.split("<Folder>", 1)
    (folder / "in.kml").write_text(f"{begin.split('<Document')[0]}{schema}<Folder>{end}")
    (folder / "doc.kml").unlink()


def esri_json(folder):
    metres = POINTS.to_crs(3857).geometry
    features = [
        {"attributes": {"name": name}, "geometry": {"x": x, "y": y}}
        for name, x, y in zip(TEXT.name, metres.x, metres.y)
    ]
    esri = {
        "geometryType": "esriGeometryPoint",
        "spatialReference": {"wkid": 102100, "latestWkid": 3857},
        "fields": [{"name": "name", "type": "esriFieldTypeString", "length": 80}],
        "features": features,
    }
    (folder / "in.json").write_text(json.dumps(esri))


def openstreetmap(folder):
    nodes = "".join(
        f'<node id="{at}" version="1" lat="{lat}" lon="{lon}"><tag k="name" v={quoteattr(name)}/></node>\n'
        for at, (name, lat, lon) in enumerate(zip(TEXT.name, TEXT.lat, TEXT.lon), 1)
    )
    (folder / "in.osm").write_text(f'<?xml version="1.0"?>\n<osm version="0.6">\n{nodes}</osm>\n')


def gml(folder):
    source = folder / "source.geojson"
    source.write_text(geojson(POINTS))
    ogr2ogr(folder, "-f", "GML", "in.gml", source.name)
    source.unlink()


def dbase(folder):
    """The table of a shapefile, with the columns of degrees as text, as they are."""
    ogr2ogr(folder, "in.dbf", str(SOURCE), "-f", "ESRI Shapefile", "-lco", "ENCODING=UTF-8", "-lco", "SHPT=NULL")


def shapefile_in_folder(folder):
    ogr2ogr(folder, *SHAPEFILE)
    parts = sorted(folder.iterdir())
    archive(folder / "in.zip", {f"data/{part.name}": part.read_bytes() for part in parts})
    for part in parts:
        part.unlink()


def sqlite(folder):
    database = sqlite3.connect(folder / "in.sqlite")
    PLACES.to_sql("cities", database, index=False)
    database.close()


def arrow_stream(folder):
    table = pyarrow.Table.from_pandas(PLACES)
    with pyarrow.ipc.new_stream(folder / "in.arrows", table.schema) as stream:
        stream.write(table)


def tar(folder):
    with tarfile.open(folder / "in.tar", "w") as archive:
        archive.add(SOURCE, "cities.csv")


def overpass(folder):
    """Every second place is a way, which has its place in its center."""
    elements = [
        {"type": "node", "lat": lat, "lon": lon, "tags": {"name": name}}
        if at % 2
        else {"type": "way", "center": {"lat": lat, "lon": lon}, "tags": {"name": name}}
        for at, (name, lat, lon) in enumerate(zip(PLACES.name, PLACES.lat, PLACES.lon))
    ]
    (folder / "in.json").write_text(json.dumps({"version": 0.6, "elements": elements}))


def collections(folder):
    halves = [POINTS.iloc[:90], POINTS.iloc[90:]]
    (folder / "in.json").write_text("[" + ",\n".join(geojson(half) for half in halves) + "]")


def wkt(folder, geometry):
    TEXT[["name"]].assign(place=list(geometry)).to_csv(folder / "cities.csv", index=False)


def packed_geopackage(folder):
    FORMS["GeoPackage"](folder)
    path = folder / "in.gpkg"
    (folder / "in.gpkg.gz").write_bytes(gzip.compress(path.read_bytes()))
    path.unlink()


def packed_geojson(folder):
    subprocess.run(
        ["zstd", "-q", "-o", folder / "in.geojson.zst"], check=True, text=True, input=with_geometry(TWICE)
    )


def records(make):
    return [make(record) for record in RECORDS]


def sparql():
    """As Wikidata answers: WKT, and each value with its type."""
    literal = lambda value: {"type": "literal", "value": value}
    bindings = records(
        lambda r: {"itemLabel": literal(r["name"]), "place": literal(f"Point({r['lon']!r} {r['lat']!r})")}
    )
    return json.dumps({"head": {"vars": ["itemLabel", "place"]}, "results": {"bindings": bindings}})


def text(file, content):
    """A form that is one file with a text."""
    return lambda folder: (folder / file).write_text(content())


make_all(
    {
        "GeoJSON of several points": text("in.geojson", lambda: with_geometry(TWICE)),
        "GeoJSON of areas": text("in.geojson", lambda: with_geometry(AREAS)),
        "GeoJSON in metres": text("in.geojson", lambda: geojson(MISLED.to_crs(3857))),
        "collections of GeoJSON": collections,
        "KML of several points": lambda folder: kml(folder, TWICE),
        "KML of lines": lambda folder: kml(folder, LINES),
        "old KML": old_kml,
        "Esri's JSON": esri_json,
        "OpenStreetMap": openstreetmap,
        "GML": gml,
        "dBASE": dbase,
        "shapefile in a folder of a zip archive": shapefile_in_folder,
        "SQLite": sqlite,
        "a stream of Arrow": arrow_stream,
        "old Feather": lambda folder: pyarrow.feather.write_feather(
            PLACES, folder / "in.feather", version=1
        ),
        "tar": tar,
        "JSON in an object": text("in.json", lambda: json.dumps({"count": 2, "data": RECORDS})),
        "JSON by keys": text("in.json", lambda: json.dumps(dict(enumerate(RECORDS)))),
        "JSON of columns": text("in.json", lambda: PLACES.to_json(orient="columns")),
        "JSON of lists": text("in.json", lambda: json.dumps(PLACES.to_dict("list"))),
        "JSON of rows": text("in.json", lambda: json.dumps(PLACES.values.tolist())),
        "nested JSON, a record a line": text(
            "in.json", lambda: "".join(json.dumps({"name": r["name"], "at": r}) + "\n" for r in RECORDS)
        ),
        "JSON deep in an object": text(
            "in.json",
            lambda: json.dumps(
                {"response": {"venues": records(lambda r: {"title": r["name"], "at": {"lat": r["lat"], "lng": r["lon"]}})}}
            ),
        ),
        "nested JSON by keys": text(
            "in.json",
            lambda: json.dumps(dict(enumerate(records(lambda r: {"name": r["name"], "at": r})))),
        ),
        "JSON with its types": text(
            "in.json",
            lambda: "\n".join(
                json.dumps(r | {key: {"$numberDouble": repr(r[key])} for key in ("lat", "lon")}) for r in RECORDS
            ),
        ),
        "JSON in ten millionths": text(
            "in.json",
            lambda: json.dumps(
                {"locations": records(lambda r: {"name": r["name"]} | {key + "E7": round(r[key] * 1e7) for key in ("lat", "lon")})}
            ),
        ),
        "JSON of a header and rows": text(
            "in.json", lambda: json.dumps([list(PLACES.columns), *PLACES.astype(str).values.tolist()])
        ),
        "JSON of pandas, split": text("in.json", lambda: json.dumps(PLACES.to_dict("split"))),
        "results of SPARQL": text("in.json", sparql),
        "Overpass": overpass,
        "UTF-32": lambda folder: (folder / "in.csv").write_text(
            SOURCE.read_text(), encoding="utf-32"
        ),
        "WKT of several points": lambda folder: wkt(folder, shapely.to_wkt(TWICE, -1)),
        "WKT of areas": lambda folder: wkt(folder, shapely.to_wkt(AREAS, -1)),
        "EWKT in metres": lambda folder: wkt(
            folder, "SRID=3857;" + pandas.Series(POINTS.to_crs(3857).to_wkt().geometry)
        ),
        "GeoPackage in gzip": packed_geopackage,
        "GeoJSON in Zstandard": packed_geojson,
    }
)
