//! Proves that GPX and KML are read as they were meant or refused at the right line: as the usual
//! programs write them, broken, cut short, and hostile.

mod common;

use std::path::Path;

use common::cities_of;
use farthest::error::Error;
use farthest::formats::{Encoding, Layer, ReadOptions, Reading, read};
use proptest::prelude::*;

/// A city as a test writes it: latitude, longitude, name.
type City<'a> = (f64, f64, &'a str);

/// What GDAL's drivers GPX, KML and LIBKML make of these two.
const TWO: [City<'static>; 2] = [(56.5, -3.25, "Kirk & Øre"), (-33.75, 151.125, "Tūr <North>")];

const GDAL_GPX: &str = r#"<?xml version="1.0"?>
<gpx version="1.1" creator="GDAL 3.6.2" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns="http://www.topografix.com/GPX/1/1" xsi:schemaLocation="http://www.topografix.com/GPX/1/1 http://www.topografix.com/GPX/1/1/gpx.xsd">
<metadata><bounds minlat="-33.750000000000000" minlon="-3.250000000000000" maxlat="56.500000000000000" maxlon="151.125000000000000"/></metadata>
<wpt lat="56.5" lon="-3.25">
  <name>Kirk &amp; Øre</name>
</wpt>
<wpt lat="-33.75" lon="151.125">
  <name>Tūr &lt;North&gt;</name>
</wpt>
</gpx>"#;

const GDAL_KML: &str = r##"<?xml version="1.0" encoding="utf-8" ?>
<kml xmlns="http://www.opengis.net/kml/2.2">
<Document id="root_doc">
<Schema name="in" id="in">
	<SimpleField name="X" type="float"></SimpleField>
</Schema>
<Folder><name>in</name>
  <Placemark>
	<name>Kirk &amp; Øre</name>
	<ExtendedData><SchemaData schemaUrl="#in">
		<SimpleData name="X">-3.25</SimpleData>
	</SchemaData></ExtendedData>
      <Point><coordinates>-3.25,56.5</coordinates></Point>
  </Placemark>
  <Placemark>
	<name>Tūr &lt;North&gt;</name>
      <Point><coordinates>151.125,-33.75</coordinates></Point>
  </Placemark>
</Folder>
</Document></kml>"##;

const GDAL_LIBKML: &str = r##"<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2">
  <Document id="root_doc">
    <Document id="in">
      <name>in</name>
      <Placemark id="in.1">
        <name><![CDATA[Kirk & Øre]]></name>
        <Point>
          <coordinates>
            -3.25,56.5,0
          </coordinates>
        </Point>
      </Placemark>
      <Placemark id="in.2">
        <name><![CDATA[Tūr <North>]]></name>
        <Point>
          <coordinates>
            151.125,-33.75,0
          </coordinates>
        </Point>
      </Placemark>
    </Document>
  </Document>
</kml>"##;

fn read_with(text: impl AsRef<[u8]>, options: &ReadOptions) -> Result<Reading, Error> {
    read(Path::new("cities.xml"), text.as_ref(), options)
}

fn skipping() -> ReadOptions {
    ReadOptions { skip_invalid: true, ..ReadOptions::default() }
}

fn layer(layer: Layer) -> ReadOptions {
    ReadOptions { layer: Some(layer), ..ReadOptions::default() }
}

#[track_caller]
fn reading_with(text: impl AsRef<[u8]>, options: &ReadOptions) -> Reading {
    let shown = String::from_utf8_lossy(text.as_ref()).into_owned();
    read_with(text, options).unwrap_or_else(|error| panic!("{shown}: {error}"))
}

#[track_caller]
fn reading(text: impl AsRef<[u8]>) -> Reading {
    reading_with(text, &ReadOptions::default())
}

fn cities(reading: &Reading) -> Vec<(f64, f64, String)> {
    cities_of(&reading.list)
}

#[track_caller]
fn assert_cities(reading: &Reading, expected: &[City<'_>]) {
    let expected: Vec<_> = expected.iter().map(|&(lat, lon, n)| (lat, lon, n.into())).collect();
    assert_eq!(cities(reading), expected);
}

#[track_caller]
fn assert_reads(text: impl AsRef<[u8]>, expected: &[City<'_>]) {
    let reading = reading(text);
    assert_cities(&reading, expected);
    assert_eq!(reading.skipped.count, 0);
}

#[track_caller]
fn assert_refused_with(text: impl AsRef<[u8]>, options: &ReadOptions, line: u64, words: &[&str]) {
    let shown = String::from_utf8_lossy(text.as_ref()).chars().take(400).collect::<String>();
    match read_with(text, options) {
        Err(Error::Line { line: found, problem, .. }) => {
            for word in words {
                assert!(problem.contains(word), "{word:?} is not in: {problem}");
            }
            assert_eq!(found, line, "{problem}");
            assert!(problem.contains("expected ") && problem.contains("; "), "{problem}");
        }
        Err(error) => panic!("{shown}: not the error of a line: {error}"),
        Ok(reading) => panic!("{shown}: taken for {} cities", reading.list.len()),
    }
}

#[track_caller]
fn assert_refused(text: impl AsRef<[u8]>, line: u64, words: &[&str]) {
    assert_refused_with(text, &ReadOptions::default(), line, words);
}

/// GPX around some points, which begin on line 2.
fn gpx(points: &str) -> String {
    format!("<gpx version=\"1.1\">\n{points}\n</gpx>\n")
}

/// KML around some placemarks, which begin on line 2.
fn kml(placemarks: &str) -> String {
    format!("<kml><Document>\n{placemarks}\n</Document></kml>\n")
}

/// KML with one placemark on line 2, which holds this.
fn placemark(inside: &str) -> String {
    kml(&format!("<Placemark><name>a</name>{inside}</Placemark>"))
}

fn point(coordinates: &str) -> String {
    placemark(&format!("<Point><coordinates>{coordinates}</coordinates></Point>"))
}

fn fact(column: &Option<farthest::formats::ColumnFact>) -> Option<&str> {
    column.as_ref().and_then(|fact| fact.name.as_deref())
}

// ---- As programs write them ----

#[test]
fn what_gdal_writes_is_read() {
    for text in [GDAL_GPX, GDAL_KML, GDAL_LIBKML] {
        assert_reads(text, &TWO);
        assert_reads(text.replace('\n', "\r\n"), &TWO);
        assert_reads(format!("\n  {text}\n<!-- end -->\n<?end?>\n"), &TWO);
    }
}

#[test]
fn the_facts_say_what_was_taken() {
    let columns = reading(GDAL_GPX).columns;
    assert_eq!(columns.form, "GPX");
    assert_eq!(fact(&columns.latitude), Some("wpt/@lat"));
    assert_eq!(fact(&columns.longitude), Some("wpt/@lon"));
    assert_eq!(fact(&columns.name), Some("wpt/name"));
    let columns = reading(gpx("<trkpt lat=\"1\" lon=\"2\"/>")).columns;
    assert_eq!((fact(&columns.latitude), fact(&columns.name)), (Some("trkpt/@lat"), None));
    let columns = reading(GDAL_KML).columns;
    assert_eq!(columns.form, "KML");
    assert_eq!(fact(&columns.latitude), Some("Point/coordinates"));
    assert_eq!(fact(&columns.longitude), Some("Point/coordinates"));
    assert_eq!(fact(&columns.name), Some("Placemark/name"));
}

#[test]
fn prefixes_do_not_matter() {
    let text = "<g:gpx xmlns:g=\"x\"><g:wpt lat=\"1\" lon=\"2\"><g:name>a</g:name></g:wpt></g:gpx>";
    assert_reads(text, &[(1.0, 2.0, "a")]);
    let text = "<kml:kml xmlns:kml=\"x\"><kml:Placemark><kml:name>a</kml:name><kml:Point>\
                <kml:coordinates>2,1</kml:coordinates></kml:Point></kml:Placemark></kml:kml>";
    assert_reads(text, &[(1.0, 2.0, "a")]);
}

#[test]
fn comments_and_instructions_may_stand_above_the_root() {
    let licence = format!("<!-- {} -->", "licence <gpx> & \n".repeat(1000));
    let text = format!("<?xml version='1.0'?>\n{licence}<?style x?><!DOCTYPE gpx>{}", gpx(""));
    assert_reads(text, &[]);
    // Too much of it is refused and not taken for something else.
    let long = format!("<!-- {} --><gpx/>", "x".repeat(70_000));
    assert_refused(long, 1, &["GPX or KML", "64 KiB"]);
}

#[test]
fn text_comes_in_pieces() {
    let name = "a&#233;&#xE9;<![CDATA[ <b> & ]]>c<!-- no -->&lt;&amp;&quot;&apos;&gt; d";
    let text = gpx(&format!("<wpt lat=\"1\" lon=\"2\"><name>\n {name}\t</name></wpt>"));
    assert_reads(text, &[(1.0, 2.0, "aéé <b> & c<&\"'> d")]);
    assert_reads(
        gpx("<wpt lat='&#49;' lon=\"&#x32;\"><name>a<b>c</b></name></wpt>"),
        &[(1.0, 2.0, "ac")],
    );
    assert_reads(point("2,<!-- x -->1<![CDATA[0]]>.&#53;"), &[(10.5, 2.0, "a")]);
}

// ---- GPX ----

#[test]
fn names_stand_directly_below_their_points() {
    let text = gpx("<metadata><name>file</name></metadata><trk><name>way</name><trkseg>\
         <trkpt lat=\"1\" lon=\"2\"><link href=\"x\"><name>link</name></link></trkpt>\
         <trkpt lat=\"3\" lon=\"4\"><name>b</name><extensions><name>no</name></extensions></trkpt>\
         <trkpt lat=\"5\" lon=\"6\"></trkpt></trkseg></trk>");
    assert_reads(text, &[(1.0, 2.0, ""), (3.0, 4.0, "b"), (5.0, 6.0, "")]);
    let twice = gpx("\n<wpt lat=\"1\" lon=\"2\"><name>a</name><name>b</name></wpt>");
    assert_refused(twice, 3, &["one <name>", "found 2", "--skip-invalid"]);
}

#[test]
fn extensions_hold_no_points_of_ours() {
    let inside = "<extensions><x><wpt lat=\"9\" lon=\"9\"/></x></extensions>";
    let text = gpx(&format!("{inside}<wpt lat=\"1\" lon=\"2\">{inside}<name>a</name></wpt>"));
    assert_reads(text, &[(1.0, 2.0, "a")]);
    assert_reads(gpx("<extensions/><wpt lat=\"1\" lon=\"2\"/>"), &[(1.0, 2.0, "")]);
}

const MIXED: &str = "<wpt lat=\"1\" lon=\"2\"><name>w</name></wpt>
    <rte><rtept lat=\"3\" lon=\"4\"><name>r</name></rtept></rte>
    <trk><trkseg><trkpt lat=\"x\" lon=\"6\"/><trkpt lat=\"7\" lon=\"8\"/></trkseg></trk>";

#[test]
fn several_kinds_of_points_are_refused_with_their_numbers() {
    let text = gpx(MIXED);
    let words = ["1 waypoint (wpt) and 2 track points (trkpt) and 1 route point (rtept)"];
    assert_refused(&text, 3, &words);
    assert_refused(&text, 3, &["--layer waypoints or --layer tracks or --layer routes"]);
    assert_refused_with(&text, &skipping(), 3, &words);
}

#[test]
fn a_layer_picks_one_kind_whose_rows_are_numbered_alone() {
    let text = gpx(MIXED);
    assert_cities(&reading_with(&text, &layer(Layer::Waypoints)), &[(1.0, 2.0, "w")]);
    let routes = reading_with(&text, &layer(Layer::Routes));
    assert_cities(&routes, &[(3.0, 4.0, "r")]);
    assert_eq!((routes.list.row(0), routes.list.source_rows()), (0, 1));
    assert_eq!(fact(&routes.columns.latitude), Some("rtept/@lat"));
    assert_refused_with(&text, &layer(Layer::Tracks), 4, &["a latitude", "\"x\""]);
    let options = ReadOptions { skip_invalid: true, ..layer(Layer::Tracks) };
    let tracks = reading_with(&text, &options);
    assert_cities(&tracks, &[(7.0, 8.0, "")]);
    assert_eq!((tracks.list.row(0), tracks.skipped.count), (1, 1));
}

#[test]
fn a_layer_without_points_is_refused_with_what_there_is() {
    let text = gpx("<wpt lat=\"1\" lon=\"2\"/><wpt lat=\"1\" lon=\"3\"/>");
    let words = ["route points (rtept)", "--layer routes", "2 waypoints (wpt)"];
    assert_refused_with(text, &layer(Layer::Routes), 1, &words);
    assert_refused_with(gpx(""), &layer(Layer::Tracks), 1, &["no points at all"]);
    assert_reads(gpx(""), &[]);
    assert_reads("<gpx/>", &[]);
}

#[test]
fn only_gpx_has_layers() {
    let error = read_with(GDAL_KML, &layer(Layer::Tracks)).expect_err("no layers");
    assert!(matches!(error, Error::Usage { .. }), "{error}");
}

#[test]
fn a_point_needs_both_attributes() {
    for (point, word) in [
        ("<wpt/>", "neither"),
        ("<wpt lat=\"1\"/>", "without lon"),
        ("<wpt lon=\"1\"/>", "without lat"),
        ("<wpt Lat=\"1\" Lon=\"2\"/>", "neither"),
        ("<wpt x:lat=\"1\" lon=\"2\"/>", "without lat"),
        ("<wpt lat=\"\" lon=\"2\"/>", "a latitude"),
        ("<wpt lat=\"1\" lon=\"b\"/>", "a longitude"),
        ("<wpt lat=\"95\" lon=\"200\"/>", "[-90, 90]"),
    ] {
        assert_refused(gpx(&format!("\n{point}")), 3, &[word, "--skip-invalid"]);
        let good = "<wpt lat=\"1\" lon=\"2\"/>";
        let reading = reading_with(gpx(&format!("{point}\n{good}")), &skipping());
        assert_cities(&reading, &[(1.0, 2.0, "")]);
        assert_eq!((reading.skipped.count, reading.list.row(0)), (1, 1));
        assert!(reading.skipped.first[0].starts_with("line 2: "), "{:?}", reading.skipped);
    }
}

#[test]
fn a_point_that_says_it_has_no_place_is_left_out_and_counted() {
    let reading = reading(gpx("<wpt lat=\"\" lon=\"\"/><wpt lat=\"1\" lon=\"2\"/>"));
    assert_cities(&reading, &[(1.0, 2.0, "")]);
    assert_eq!((reading.skipped.without_coordinates, reading.list.row(0)), (1, 1));
}

#[test]
fn swapped_coordinates_are_refused_even_when_rows_may_be_skipped() {
    assert_refused_with(gpx("<wpt lat=\"120\" lon=\"30\"/>"), &skipping(), 2, &["swapped"]);
    assert_refused_with(point("30,120"), &skipping(), 2, &["swapped"]);
}

#[test]
fn a_broken_tag_or_a_point_in_a_point_is_no_matter_of_one_row() {
    for (points, words) in [
        ("<wpt lat=\"1\" lon=\"2\" lat=\"3\"/>", ["lat", "twice"]),
        ("<wpt lat=\"1\" lon=2/>", ["a tag like", "enclosed"]),
        ("<wpt lat lon=\"2\"/>", ["a tag like", "`=`"]),
        ("<wpt lat=\"1\" lon=\"2\"><wpt lat=\"3\" lon=\"4\"/></wpt>", ["end of a point", "<wpt>"]),
        ("<wpt lat=\"1\" lon=\"2\"><trkpt/></wpt>", ["end of a point", "<trkpt>"]),
        // A no-break space would make the whole tag the name of an unknown element.
        ("<wpt\u{a0}lat=\"1\" lon=\"2\"/>", ["name of an element", "<wpt"]),
        ("< wpt lat=\"1\" lon=\"2\"/>", ["name of an element", "&lt;"]),
    ] {
        assert_refused_with(gpx(points), &skipping(), 2, &words);
    }
}

// ---- KML ----

#[test]
fn blanks_around_and_inside_one_tuple_are_allowed() {
    for tuple in
        ["2.5,48", " 2.5,48 ", "2.5, 48, 0", "\n 2.5 ,\n\t48 , 35.5\n", "2.5,48,", "+2.5,48,NaN"]
    {
        assert_reads(point(tuple), &[(48.0, 2.5, "a")]);
    }
}

#[test]
fn anything_but_one_tuple_is_refused() {
    for tuple in [
        "2,3 48,8",
        "1,2,0 3,4,0",
        "1,2 3",
        "1 2",
        "1",
        "1,2,3,4",
        "1;2",
        "1,2,x",
        "1,",
        "2 5,48",
        "1,2\n3,4",
        "1,2<b/>3",
        "<x>1,2</x>",
    ] {
        assert_refused(point(tuple), 2, &["placemark 1: expected ", "--skip-invalid"]);
    }
    let twice = "<Point><coordinates>1,2</coordinates><coordinates>3,4</coordinates></Point>";
    assert_refused(placemark(twice), 2, &["2 <coordinates>"]);
    assert_refused(placemark("<name>b</name>"), 2, &["2 names"]);
}

#[test]
fn a_placemark_without_a_geometry_has_no_place() {
    for inside in [
        "",
        "<address>Paris</address>",
        "<Point/>",
        "<Point><coordinates> </coordinates></Point>",
        "<MultiGeometry/>",
        "<LookAt><longitude>1</longitude><latitude>2</latitude></LookAt>",
        "<Camera><longitude>1</longitude><latitude>2</latitude></Camera>",
    ] {
        let reading = reading(placemark(inside));
        assert_cities(&reading, &[]);
        assert_eq!((reading.skipped.count, reading.skipped.without_coordinates), (1, 1));
    }
}

#[test]
fn views_and_foreign_data_are_not_the_place() {
    let view = "<longitude>1</longitude><latitude>2</latitude>";
    let text = kml(&format!(
        "<LookAt>{view}</LookAt><GroundOverlay><LatLonBox><north>1</north></LatLonBox></GroundOverlay>
         <PhotoOverlay><Point><coordinates>8,9</coordinates></Point></PhotoOverlay>
         <Placemark><ExtendedData><Point><coordinates>8,9</coordinates></Point></ExtendedData>
         <Camera>{view}</Camera><Point><altitudeMode>x</altitudeMode><coordinates>3,4</coordinates>
         </Point><name>a</name><Style><name>no</name></Style></Placemark>"
    ));
    assert_reads(text, &[(4.0, 3.0, "a")]);
}

#[test]
fn other_geometries_are_refused_with_their_name_and_number() {
    let good = "<Placemark><Point><coordinates>1,2</coordinates></Point></Placemark>\n";
    for name in ["LineString", "LinearRing", "Polygon", "Model", "gx:Track", "gx:MultiTrack"] {
        let bad =
            format!("<Placemark><{name}><coordinates>1,2 3,4</coordinates></{name}></Placemark>");
        let text = kml(&format!("{good}{bad}"));
        let local = name.trim_start_matches("gx:");
        assert_refused(&text, 3, &["placemark 2", local, "no one place", "ST_Centroid"]);
        let reading = reading_with(&text, &skipping());
        assert_cities(&reading, &[(2.0, 1.0, "")]);
        assert_eq!(reading.skipped.count, 1);
        let inside = format!(
            "<MultiGeometry><Point><coordinates>1,2</coordinates></Point><{name}/></MultiGeometry>"
        );
        assert_refused(placemark(&inside), 2, &["placemark 1", local]);
    }
}

#[test]
fn a_collection_of_one_point_is_that_point_and_of_more_is_none() {
    let one = "<Point><coordinates>1,2</coordinates></Point>";
    for collection in ["MultiGeometry", "GeometryCollection"] {
        let around = |inside: &str| format!("<{collection}>{inside}</{collection}>");
        assert_reads(placemark(&around(one)), &[(2.0, 1.0, "a")]);
        assert_reads(placemark(&around(&around(one))), &[(2.0, 1.0, "a")]);
        let three = around(&format!("{one}{}", around(&format!("{one}{one}"))));
        assert_refused(placemark(&three), 2, &["3 Points", "-explodecollections"]);
        assert_refused(placemark(&(around("") + one + one)), 2, &["2 Points"]);
    }
}

#[test]
fn a_point_in_nothing_we_know_is_refused() {
    let point = "<Point><coordinates>1,2</coordinates></Point>";
    // KML 2.0 lets a schema give placemarks a name of its own.
    assert_refused(kml(&format!("<S_city>{point}</S_city>")), 2, &["a Point elsewhere"]);
    assert_refused(kml(&format!("<placemark>{point}</placemark>")), 2, &["a Point elsewhere"]);
    assert_refused(placemark(&format!("<x>{point}</x>")), 2, &["a Point elsewhere"]);
    assert_refused(placemark("<Placemark/>"), 2, &["a Placemark elsewhere"]);
    assert_refused(placemark("<x><Placemark/></x>"), 2, &["a Placemark elsewhere"]);
}

#[test]
fn what_lies_in_other_files_is_never_fetched_but_told() {
    let link = "<NetworkLink><Link><href>http://localhost/x.kml</href></Link></NetworkLink>";
    let update = "<NetworkLinkControl><Update><Change><Placemark targetId=\"a\"><Point><coordinates>\
                  1,2</coordinates></Point></Placemark></Change></Update></NetworkLinkControl>";
    assert_refused(kml(&format!("{link}{link}")), 1, &["2 <NetworkLink> alone", "never fetched"]);
    assert_refused(kml(update), 1, &["1 <Update> alone"]);
    let good = "<Placemark><Point><coordinates>1,2</coordinates></Point></Placemark>";
    let reading = reading(kml(&format!("{good}{link}{update}")));
    assert_cities(&reading, &[(2.0, 1.0, "")]);
    assert!(reading.notes[0].contains("1 <NetworkLink> and 1 <Update>"), "{:?}", reading.notes);
    assert_reads(kml(""), &[]);
}

// ---- Other XML ----

#[test]
fn other_xml_is_refused_with_its_root_and_a_way_out() {
    for (text, words) in [
        ("<?xml version=\"1.0\"?>\n<osm><node lat=\"1\" lon=\"2\"/></osm>", ["<osm>", "points"]),
        ("<rss version=\"2.0\"/>", ["<rss>", "ogr2ogr"]),
        ("<TrainingCenterDatabase/>", ["<TrainingCenterDatabase>", "GPSBabel"]),
        ("<a:FeatureCollection/>", ["<FeatureCollection>", "-t_srs EPSG:4326"]),
        (
            "<?mso-application progid=\"Excel.Sheet\"?>\n<Workbook \
             xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\"/>",
            ["<Workbook>, a spreadsheet", "save it as CSV"],
        ),
        (
            "<office:document office:mimetype=\"application/vnd.oasis.opendocument.spreadsheet\"/>",
            ["<document>, a spreadsheet", "save it as CSV"],
        ),
        ("<Workbook/>", ["<Workbook>; export it as CSV", "ogr2ogr"]),
        (
            "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>",
            ["<Error>; ", "error answer of a server"],
        ),
        ("<ows:ExceptionReport/>", ["<ExceptionReport>", "download the file again"]),
        ("<GPX/>", ["<GPX>", "GPX or KML"]),
        ("<gpxx/>", ["<gpxx>", "GPX or KML"]),
        ("<?xml version=\"1.0\"?>", ["without a root", "cut short"]),
        ("<", ["without a root", "cut short"]),
        ("<!-- only -->", ["without a root", "cut short"]),
    ] {
        assert_refused(text, 1, &words);
        assert_refused_with(text, &layer(Layer::Tracks), 1, &words);
    }
    assert_refused("\n\n <osm/>", 3, &["<osm>"]);
}

// ---- Hostile and broken files ----

#[test]
fn entities_are_neither_expanded_nor_fetched() {
    let name =
        |entity: &str| gpx(&format!("<wpt lat=\"1\" lon=\"2\"><name>\n{entity}</name></wpt>"));
    assert_refused(name("&eacute;"), 3, &["&eacute;", "neither expanded nor fetched"]);
    assert_refused(name("&AMP;"), 3, &["&AMP;"]);
    for wrong in ["&#0;", "&#xD800;", "&#1114112;", "&#;", "&#x;", "&#-1;", "&#99999999999;"] {
        assert_refused(name(wrong), 3, &["number of a character", wrong]);
    }
    for bare in ["A & B", "A&B;C<x/>&amp", "A &amp B", "&;x &"] {
        assert_refused(name(bare), 3, &["&amp;"]);
    }
    for value in ["a&b=c", "&x;", "&#0;", "a&", "a&amp;&y;"] {
        assert_refused(gpx(&format!("\n<link href=\"{value}\"/>")), 3, &["expected "]);
        assert_refused(gpx(&format!("\n<wpt lat=\"{value}\"/>")), 3, &["expected "]);
    }
    assert_reads(gpx("<link href=\"a?b&amp;c&#61;d\"/>"), &[]);
}

#[test]
fn declarations_are_refused_at_once() {
    let laughs: String = (1..30)
        .map(|i| format!("<!ENTITY l{i} \"{}\">\n", format!("&l{};", i - 1).repeat(10)))
        .collect();
    let point = "<wpt lat=\"1\" lon=\"2\"><name>&l29;</name></wpt>";
    // Whoever expanded them would not come to an end.
    for (declarations, line) in [
        (format!("\n<!DOCTYPE gpx [<!ENTITY l0 \"ha\">\n{laughs}]>\n"), 2),
        ("<!DOCTYPE gpx [<!ENTITY l29 SYSTEM \"file:///etc/passwd\">]>".to_string(), 1),
        ("<!DOCTYPE gpx [<!ENTITY % p SYSTEM \"http://localhost/x.dtd\"> %p;]>".to_string(), 1),
        ("<!DOCTYPE gpx SYSTEM \"x\" [ ]>".to_string(), 1),
    ] {
        assert_refused(format!("{declarations}{}", gpx(point)), line, &["DOCTYPE", "entities"]);
    }
    assert_refused(format!("<!DOCTYPE gpx <!ENTITY l29 \"x\">>{}", gpx(point)), 1, &["GPX or KML"]);
    let plain = "<!DOCTYPE gpx PUBLIC \"a\" \"http://localhost/x.dtd\">";
    assert_reads(format!("{plain}{}", gpx("<wpt lat=\"1\" lon=\"2\"/>")), &[(1.0, 2.0, "")]);
    assert_refused(format!("{plain}{}", gpx(point)), 2, &["&l29;"]);
    assert_refused(gpx("<!DOCTYPE gpx>"), 2, &["above the root"]);
}

#[test]
fn deep_nesting_is_refused_without_recursion() {
    let nested = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    assert_reads(gpx(&nested(999)), &[]);
    assert_refused(gpx(&nested(1000)), 2, &["at most 1000 elements"]);
    for deep in ["<a>".repeat(100_000), nested(100_000)] {
        assert_refused(gpx(&deep), 2, &["at most 1000 elements"]);
        assert_refused(gpx(&format!("<extensions>{deep}")), 2, &["at most 1000 elements"]);
        assert_refused(placemark(&format!("<MultiGeometry>{deep}")), 2, &["at most 1000 elements"]);
    }
}

#[test]
fn elements_that_do_not_match_are_refused_with_their_line() {
    for (points, words) in [
        ("<wpt lat=\"1\" lon=\"2\"><name>a</wpt>", ["</name>", "</wpt>"]),
        ("<wpt lat=\"1\" lon=\"2\"></WPT>", ["</wpt>", "</WPT>"]),
        ("<wpt lat=\"1\" lon=\"2\"></x:wpt>", ["</wpt>", "</x:wpt>"]),
        ("</wpt>", ["</gpx>", "</wpt>"]),
        ("</\u{1b}[31m>", ["</gpx>", "\\u{1b}[31m"]),
    ] {
        assert_refused_with(gpx(points), &skipping(), 2, &words);
    }
    assert_refused(gpx("") + "</gpx>", 4, &["no end tag", "</gpx>"]);
}

#[test]
fn what_could_swallow_points_is_refused() {
    let point = "<wpt lat=\"1\" lon=\"2\"></wpt>";
    // Two quotation marks are missing, and the tags between them look like the value of an attribute.
    let quotes = format!("<link href=\"a/>{point}<link href=\"/>{point}");
    assert_refused(gpx(&quotes), 2, &["the tag <link …>", "another <"]);
    let comments = format!("<!-- a ->{point}<!-- b -->{point}");
    assert_refused(gpx(&comments), 2, &["a comment without --"]);
    assert_refused(format!("{}{}", gpx(point), gpx(point)), 4, &["another root"]);
    assert_refused(format!("{}<?xml version=\"1.0\"?>{}", gpx(""), gpx("")), 4, &["declaration"]);
    assert_refused(gpx("") + "text", 3, &["no text outside", "\"text\""]);
    assert_refused(gpx("") + "&amp;", 4, &["no text outside", "\"&\""]);
}

#[test]
fn a_file_cut_at_any_byte_is_refused() {
    let mixed = gpx(MIXED);
    for text in [GDAL_GPX, GDAL_KML, GDAL_LIBKML, mixed.trim_end()] {
        for options in [skipping(), ReadOptions::default()] {
            for end in 1..text.len() {
                let cut = &text.as_bytes()[..end];
                let found = read_with(cut, &options).map(|reading| reading.list.len());
                assert!(found.is_err(), "{}: {found:?}", String::from_utf8_lossy(cut));
            }
        }
    }
    assert_refused(&GDAL_GPX[..GDAL_GPX.len() - 7], 9, &["cut short", "1 of them"]);
    let tag = GDAL_GPX.rfind("lon=\"151").expect("the second point");
    assert_refused(&GDAL_GPX[..tag], 7, &["cut short"]);
}

#[test]
fn bytes_that_are_not_utf_8_are_refused_where_utf_8_was_asked_for() {
    let options = ReadOptions { encoding: Some(Encoding::Utf8), ..ReadOptions::default() };
    let text =
        [b"<gpx>\n<wpt lat='1' lon='2'><name>\n".as_slice(), b"Z\xfcrich</name></wpt></gpx>"];
    assert!(read_with(text.concat(), &options).is_err());
}

#[test]
fn a_declared_encoding_that_is_not_decoded_is_noted() {
    let text = |encoding: &str, name: &str| {
        let point = format!("<wpt lat=\"1\" lon=\"2\"><name>{name}</name></wpt>");
        format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?>{}", gpx(&point))
    };
    let notes = |text: String| reading(text).notes;
    assert!(notes(text("windows-1251", "é"))[0].contains("\"windows-1251\""));
    assert!(notes(text("windows-1251", "e")).is_empty());
    assert!(notes(text("UTF-8", "é")).is_empty());
    assert!(notes(text("iso-8859-1", "é")).is_empty());
}

#[test]
fn a_hundred_thousand_wrong_rows_are_counted_in_passing() {
    let text = gpx(&"<wpt lat=\"95\" lon=\"200\"/>\n".repeat(100_000));
    let reading = reading_with(&text, &skipping());
    assert_eq!((reading.list.len(), reading.skipped.count), (0, 100_000));
    assert!(reading.skipped.first[4].starts_with("line 6: "), "{:?}", reading.skipped.first);
}

#[test]
fn lines_of_an_old_macintosh_are_counted() {
    assert_refused(gpx("\n\n<wpt/>").replace('\n', "\r"), 4, &["neither"]);
    let two = gpx("<wpt/>\n<wpt/>").replace('\n', "\r");
    let reading = reading_with(two, &skipping());
    assert!(reading.skipped.first[1].starts_with("line 3: "), "{:?}", reading.skipped.first);
}

// ---- Whatever is written is read ----

/// Names with what XML trips over. A lone CR must be written as a reference, so it is in none.
fn any_name() -> impl Strategy<Value = String> {
    let awkward =
        prop::sample::select(vec!["&", "<", ">", "]]>", "<![CDATA[", "\"", "'", "\n", "--"]);
    let part = prop_oneof![2 => "\\PC{0,6}", 3 => awkward.prop_map(String::from)];
    prop::collection::vec(part, 0..6).prop_map(|parts| parts.concat().trim_ascii().to_string())
}

fn escaped(name: &str, by_number: bool) -> String {
    let one = |c: char| match c {
        _ if by_number => format!("&#x{:X};", u32::from(c)),
        '&' => "&amp;".to_string(),
        '<' => "&lt;".to_string(),
        '>' => "&gt;".to_string(),
        _ => c.to_string(),
    };
    name.chars().map(one).collect()
}

fn in_cdata(name: &str) -> String {
    format!("<![CDATA[{}]]>", name.replace("]]>", "]]]]><![CDATA[>"))
}

fn any_cities() -> impl Strategy<Value = Vec<(f64, f64, String)>> {
    prop::collection::vec((-90.0..90.0_f64, -180.0..360.0_f64, any_name()), 0..12)
}

/// What another parser finds: the attributes of every waypoint outside extensions, and its name.
fn waypoints_of_roxmltree(text: &str) -> Option<Vec<[Option<String>; 3]>> {
    let document = roxmltree::Document::parse(text).ok()?;
    let is_ours = |node: &roxmltree::Node<'_, '_>| {
        let is_extension = |above: roxmltree::Node<'_, '_>| above.tag_name().name() == "extensions";
        node.tag_name().name() == "wpt" && !node.ancestors().any(is_extension)
    };
    let facts = |node: roxmltree::Node<'_, '_>| {
        let name = node.children().find(|child| child.tag_name().name() == "name");
        let text = |node: roxmltree::Node<'_, '_>| {
            let texts = node.descendants().filter(|inner| inner.is_text());
            texts.filter_map(|inner| inner.text()).collect::<String>().trim_ascii().to_string()
        };
        [
            node.attribute("lat").map(String::from),
            node.attribute("lon").map(String::from),
            name.map(text),
        ]
    };
    Some(document.descendants().filter(is_ours).map(facts).collect())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 3000, failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn what_is_written_as_xml_comes_back(
        cities_written in any_cities(), style in 0..3_usize, is_gpx in any::<bool>(),
    ) {
        let name_of = |name: &str| match style {
            0 => in_cdata(name),
            1 => escaped(name, true),
            _ => escaped(name, false),
        };
        let row = |(lat, lon, name): &(f64, f64, String)| {
            let name = name_of(name);
            match is_gpx {
                true => format!("<wpt lat=\"{lat}\" lon='{lon}'><name>{name}</name></wpt>\n"),
                false => format!(
                    "<Placemark><name>{name}</name><Point><coordinates>{lon}, {lat}, 0</coordinates>\
                     </Point></Placemark>\n"
                ),
            }
        };
        let rows: String = cities_written.iter().map(row).collect();
        let found = reading(if is_gpx { gpx(&rows) } else { kml(&rows) });
        prop_assert_eq!(cities(&found), cities_written);
    }

    /// A few bytes are changed, put in or taken out. Nothing panics; every error has a line that
    /// exists; and what is read is what another parser finds in the same bytes.
    #[test]
    fn a_changed_file_is_refused_or_read_as_another_parser_does(
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0..3_u8, prop_oneof![
            4 => prop::sample::select(b"<>/\"'&;=![]-? \n\r0x".to_vec()), 1 => any::<u8>(),
        ]), 1..6),
        text in prop::sample::select(vec![GDAL_GPX, GDAL_KML, GDAL_LIBKML, "<gpx><wpt lat='1' \
            lon='2'><!-- a --><name><![CDATA[b]]>&#233;</name></wpt><wpt lat='1' lon='2'/></gpx>"]),
        skip_invalid in any::<bool>(),
    ) {
        let mut bytes = text.as_bytes().to_vec();
        for (at, how, byte) in changes {
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => drop(bytes.remove(at)),
            }
        }
        let options = ReadOptions { skip_invalid, ..ReadOptions::default() };
        match read_with(&bytes, &options) {
            Err(Error::Line { line, .. }) => {
                let ends = bytes.iter().filter(|byte| b"\r\n".contains(byte)).count() as u64;
                prop_assert!((1..=ends + 1).contains(&line), "line {} of {}", line, ends + 1);
            }
            Err(_) => {}
            Ok(found) if found.columns.form == "GPX" => {
                let text = std::str::from_utf8(&bytes);
                let Some(others) = text.ok().and_then(waypoints_of_roxmltree) else {
                    return Ok(());
                };
                prop_assert_eq!(found.list.source_rows(), others.len() as u64);
                for index in 0..found.list.len() {
                    let [lat, lon, name] = &others[found.list.row(index) as usize];
                    let (lat_deg, lon_deg, found_name) = &cities(&found)[index];
                    prop_assert_eq!(lat.as_ref().map(|lat| lat.trim().parse()), Some(Ok(*lat_deg)));
                    prop_assert_eq!(lon.as_ref().map(|lon| lon.trim().parse()), Some(Ok(*lon_deg)));
                    // roxmltree leaves a CR as it is where a reference follows.
                    let name = name.as_deref().unwrap_or_default().replace('\r', "\n");
                    prop_assert_eq!(&name, found_name);
                }
            }
            Ok(_) => {}
        }
    }
}
