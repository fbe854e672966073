//! Proves that JSON is read as it was meant or refused at the right line: GeoJSON in each of its
//! layouts, flat records, and all that only looks like either.

mod common;

use std::path::Path;

use common::cities_of;
use farthest::columns::Wishes;
use farthest::error::Error;
use farthest::formats::{ReadOptions, Reading, read};
use proptest::prelude::*;
use serde_json::{Value, json};

/// A city as a test writes it: latitude, longitude, name.
type City<'a> = (f64, f64, &'a str);

const TWO: [City<'static>; 2] = [(10.0, 20.0, "a"), (-30.5, 40.25, "b")];

fn read_with(text: impl AsRef<[u8]>, options: &ReadOptions) -> Result<Reading, Error> {
    read(Path::new("cities.json"), text.as_ref(), options)
}

fn naming(name: &str) -> ReadOptions {
    let columns = Wishes { name: Some(name.into()), ..Wishes::default() };
    ReadOptions { columns, ..ReadOptions::default() }
}

fn skipping() -> ReadOptions {
    ReadOptions { skip_invalid: true, ..ReadOptions::default() }
}

#[track_caller]
fn reading_with(text: impl AsRef<[u8]>, options: &ReadOptions) -> Reading {
    let shown = String::from_utf8_lossy(text.as_ref()).into_owned();
    match read_with(text, options) {
        Ok(reading) => reading,
        Err(error) => panic!("{shown}: {error}"),
    }
}

#[track_caller]
fn reading_of(text: impl AsRef<[u8]>) -> Reading {
    reading_with(text, &ReadOptions::default())
}

fn cities(reading: &Reading) -> Vec<(f64, f64, String)> {
    cities_of(&reading.list)
}

#[track_caller]
fn assert_reads(text: impl AsRef<[u8]>, form: &str, expected: &[City<'_>]) {
    let shown = String::from_utf8_lossy(text.as_ref()).into_owned();
    let reading = reading_of(text);
    let expected: Vec<_> = expected.iter().map(|&(lat, lon, n)| (lat, lon, n.into())).collect();
    assert_eq!(cities(&reading), expected, "{shown}");
    assert_eq!(reading.columns.form, form, "{shown}");
    assert_eq!(reading.skipped.count, 0, "{shown}");
}

/// The line and the problem for which a text is refused.
#[track_caller]
fn refusal_with(text: impl AsRef<[u8]>, options: &ReadOptions) -> (u64, String) {
    let shown: String = String::from_utf8_lossy(text.as_ref()).chars().take(300).collect();
    match read_with(text, options) {
        Err(Error::Line { line, problem, .. }) => (line, problem),
        other => panic!("{shown}: not refused at a line: {other:?}"),
    }
}

#[track_caller]
fn assert_refused(text: impl AsRef<[u8]>, line: u64, parts: &[&str]) {
    let (found_line, problem) = refusal_with(text, &ReadOptions::default());
    for part in parts {
        assert!(problem.contains(part), "{part:?} is not in: {problem}");
    }
    assert_eq!(found_line, line, "{problem}");
}

/// A feature with a geometry in JSON.
fn feature(name: &str, geometry: &str) -> String {
    format!(r#"{{"type":"Feature","properties":{{"name":"{name}"}},"geometry":{geometry}}}"#)
}

fn point(name: &str, coordinates: &str) -> String {
    feature(name, &format!(r#"{{"type":"Point","coordinates":{coordinates}}}"#))
}

fn collection(members: &str, features: &[String]) -> String {
    let features = features.join(",\n");
    format!("{{\"type\":\"FeatureCollection\",{members}\"features\":[\n{features}\n]}}\n")
}

fn two() -> [String; 2] {
    [point("a", "[20, 10]"), point("b", "[40.25, -30.5, 1200]")]
}

// ---- GeoJSON: layouts ----

#[test]
fn features_are_read_in_every_layout() {
    let [a, b] = two();
    let pretty = |text: &str| {
        serde_json::to_string_pretty(&serde_json::from_str::<Value>(text).unwrap()).unwrap()
    };
    let layouts = [
        collection("", &two()),
        pretty(&collection("", &two())),
        format!("[{a},{b}]"),
        format!("\n\t [ {a} , {b} ] \r\n"),
        format!("{a}\n{b}\n"),
        format!("{a}\r\n\r\n{b}"),
        format!("{a}{b}"),
        format!("\u{1e}{a}\n\u{1e}{b}\n"),
        format!("\u{1e}{}\n\u{1e}{}\n", pretty(&a), pretty(&b)),
        format!("{}\n{}\n", pretty(&a), pretty(&b)),
        format!("\u{feff}{a}\n{b}\n"),
    ];
    for text in layouts {
        assert_reads(&text, "GeoJSON", &TWO);
    }
    assert_reads(&a, "GeoJSON", &TWO[..1]);
}

#[test]
fn bare_points_are_read_alone_in_sequences_and_among_features() {
    let bare = r#"{"type":"Point","coordinates":[20,10]}"#;
    assert_reads(bare, "GeoJSON", &[(10.0, 20.0, "")]);
    assert_reads(format!("{bare}\n{bare}"), "GeoJSON", &[(10.0, 20.0, ""), (10.0, 20.0, "")]);
    assert_reads(format!("[{bare}]"), "GeoJSON", &[(10.0, 20.0, "")]);
    let mixed = format!("{bare}\n{}", two()[1]);
    assert_reads(mixed, "GeoJSON", &[(10.0, 20.0, ""), TWO[1]]);
    let multi = r#"{"coordinates":[[20,10]],"type":"MultiPoint"}"#;
    assert_reads(multi, "GeoJSON", &[(10.0, 20.0, "")]);
}

#[test]
fn members_may_stand_in_any_order() {
    let features = r#"[{"geometry":{"coordinates":[20,10],"type":"Point"},"id":[1,{"type":"x"}],
        "properties":{"x":{"name":"no"},"name":"a"},"type":"Feature"}]"#;
    for text in [
        format!(r#"{{"features":{features},"type":"FeatureCollection"}}"#),
        format!(
            r#"{{"bbox":[1,2],"meta":{{"features":[]}},"features":{features},"type":"FeatureCollection"}}"#
        ),
        format!(r#"{{"features":{features},"bbox":[1,2,3,4]}}"#),
    ] {
        assert_reads(text, "GeoJSON", &TWO[..1]);
    }
    let empty_first = r#"{"features":[],"type":"FeatureCollection"}"#;
    assert_reads(empty_first, "GeoJSON", &[]);
    let late = format!(
        r#"{{"meta":"{}","type":"FeatureCollection","features":{features}}}"#,
        "x".repeat(1_000_000)
    );
    assert_eq!(cities(&reading_of(late)).len(), 1);
}

#[test]
fn a_record_with_a_column_named_type_or_features_is_no_geojson() {
    for more in [
        r#""type":"city""#,
        r#""type":"Point""#,
        r#""type":"Feature""#,
        r#""type":"Topology""#,
        r#""type":"Point","coordinates":"10,20""#,
        r#""type":"Feature","properties":"3 rooms""#,
        r#""features":3"#,
        r#""features":["wifi","pool"]"#,
        r#""features":[]"#,
        r#""features":[{"type":"wifi","geometry":null}]"#,
        r#""type":null,"geometry":null"#,
    ] {
        let record = format!(r#"{{{more},"lat":10,"lon":20,"name":"a"}}"#);
        for text in [record.clone(), format!("[{record}]")] {
            assert_reads(text, "JSON records", &TWO[..1]);
        }
    }
}

#[test]
fn a_header_in_brackets_is_no_json() {
    let reading = read_with("[lat],[lon],[name]\n10,20,a\n", &ReadOptions::default());
    assert!(reading.map_or(true, |reading| reading.columns.form == "delimited text"));
}

// ---- GeoJSON: places ----

#[test]
fn features_without_a_place_are_counted_and_keep_their_rows() {
    let features = [
        feature("n", "null"),
        two()[0].clone(),
        r#"{"type":"Feature","properties":{}}"#.to_string(),
        point("e", "[]"),
        feature("e", r#"{"type":"MultiPoint","coordinates":[]}"#),
        point("e", "[null, null]"),
        two()[1].clone(),
    ];
    let reading = reading_of(collection("", &features));
    assert_eq!([reading.list.row(0), reading.list.row(1)], [1, 6]);
    assert_eq!((reading.skipped.count, reading.skipped.without_coordinates), (5, 5));
    assert!(reading.skipped.first.is_empty());
}

#[test]
fn a_multipoint_of_several_is_refused_with_its_feature_and_the_way_to_split_it() {
    let several = feature("m", r#"{"type":"MultiPoint","coordinates":[[1,2],[3,4],[5,6]]}"#);
    let text = collection("", &[two()[0].clone(), several]);
    assert_refused(&text, 3, &["feature 2:", "MultiPoint of 3 points", "-explodecollections"]);
    let reading = reading_with(&text, &skipping());
    assert_eq!(
        (reading.list.len(), reading.skipped.count, reading.skipped.without_coordinates),
        (1, 1, 0)
    );
    assert!(reading.skipped.first[0].starts_with("line 3: feature 2: expected a Point"));
}

#[test]
fn lines_areas_and_collections_are_refused_with_their_type_and_feature() {
    for kind in ["LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection"] {
        let geometry =
            format!(r#"{{"type":"{kind}","coordinates":[[[1,2],[3,4]]],"geometries":[]}}"#);
        let text = collection("", &[two()[0].clone(), feature("x", &geometry), two()[1].clone()]);
        let remedy = match kind {
            "GeometryCollection" => {
                "cities.json -t_srs EPSG:4326 -explodecollections | farthest pack"
            }
            _ => "ST_Centroid(geometry), * from LAYER' | farthest pack - OUT.cities",
        };
        assert_refused(&text, 3, &["feature 2:", kind, remedy]);
        let reading = reading_with(&text, &skipping());
        assert_eq!((reading.list.len(), reading.list.row(1), reading.skipped.count), (2, 2, 1));
        assert_refused(geometry, 1, &[kind, remedy]);
    }
}

#[test]
fn coordinates_that_are_no_numbers_in_range_are_refused() {
    for (coordinates, part) in [
        (r#"["20", "10"]"#, "found a string"),
        ("[20]", "one item alone"),
        ("[20, null]", "found null"),
        ("[null, 10]", "found null"),
        ("[[20, 10]]", "one item alone"),
        ("[[20, 10], [1, 2]]", "found an array"),
        ("[20, 10, [1]]", "found an array"),
        ("[20, 1e999]", "1e999"),
        ("{}", "found an object"),
        ("\"20 10\"", "found a string"),
        ("[361, 10]", "expected a longitude"),
        ("[6265.0, 8793.0]", "metres"),
    ] {
        let text = collection("", &[two()[0].clone(), point("x", coordinates)]);
        assert_refused(&text, 3, &["feature 2:", part]);
        assert_eq!(reading_with(&text, &skipping()).skipped.count, 1, "{coordinates}");
    }
}

#[test]
fn swapped_coordinates_are_a_fault_of_the_file() {
    let text = collection("", &[two()[0].clone(), point("x", "[-12.2, -113.9]")]);
    for options in [ReadOptions::default(), skipping()] {
        let (line, problem) = refusal_with(&text, &options);
        assert!(problem.contains("swapped") && problem.starts_with("feature 2:"), "{problem}");
        assert_eq!(line, 3);
    }
}

#[test]
fn what_is_no_feature_is_refused_as_a_row() {
    for (item, part) in [
        ("null", "found null"),
        ("5", "found a number"),
        (r#"{"type":"feature","geometry":null}"#, "\"feature\""),
        (r#"{"geometry":null}"#, "no \"type\""),
        (r#"{"type":"Feature","geometry":5}"#, "found a number"),
        (r#"{"type":"Feature","geometry":{}}"#, "no \"type\""),
        (r#"{"type":"Feature","geometry":{"type":"Circle"}}"#, "\"Circle\""),
        (r#"{"type":"Feature","geometry":{"type":"Point"}}"#, "\"coordinates\""),
        (r#"{"type":"Feature","geometry":null,"geometry":null}"#, "\"geometry\", found two"),
        (r#"{"type":"Feature","type":"Feature","geometry":null}"#, "\"type\", found two"),
        (
            r#"{"type":"Feature","geometry":{"type":"Point","coordinates":[1,2],"coordinates":[3,4]}}"#,
            "\"coordinates\", found two",
        ),
    ] {
        let text = collection("", &[two()[0].clone(), item.to_string()]);
        assert_refused(&text, 3, &["feature 2:", part]);
        assert_eq!(reading_with(&text, &skipping()).skipped.count, 1, "{item}");
    }
}

#[test]
fn a_collection_that_is_none_is_refused() {
    assert_refused(r#"{"type":"FeatureCollection"}"#, 1, &["\"features\"", "none"]);
    assert_refused(r#"{"type":"FeatureCollection","features":{}}"#, 1, &["\"features\"", "none"]);
    let twice = "{\"type\":\"FeatureCollection\",\"features\":[],\n\"features\":[]}";
    assert_refused(twice, 2, &["\"features\"", "second"]);
    let other = format!("{{\"features\":[{}],\n\"type\":\"Layer\"}}", two()[0]);
    assert_refused(other, 2, &["\"Layer\"", "FeatureCollection"]);
    let whole = collection("", &two());
    assert_refused(format!("{}\n{whole}", two()[0]), 2, &["feature 2", "FeatureCollection", "jq"]);
    assert_refused(format!("[{whole}]"), 1, &["FeatureCollection", "jq"]);
    assert_refused(format!("{whole}{whole}"), 5, &["behind the end"]);
}

// ---- GeoJSON: reference systems ----

#[test]
fn degrees_in_wgs_84_may_be_named_in_any_spelling() {
    for name in [
        "urn:ogc:def:crs:OGC:1.3:CRS84",
        "urn:ogc:def:crs:OGC::CRS84",
        "OGC:CRS84",
        "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
        "EPSG:4326",
        "epsg:4326",
        "urn:ogc:def:crs:EPSG::4326",
        "urn:ogc:def:crs:EPSG:6.9:4326",
        "http://www.opengis.net/def/crs/EPSG/0/4326",
        "http://www.opengis.net/gml/srs/epsg.xml#4326",
        "WGS 84",
    ] {
        let crs = format!(r#""crs":{{"type":"name","properties":{{"name":"{name}"}}}},"#);
        assert_reads(collection(&crs, &two()), "GeoJSON", &TWO);
    }
    let draft = r#""crs":{"type":"EPSG","properties":{"code":4326}},"#;
    assert_reads(collection(draft, &two()), "GeoJSON", &TWO);
}

#[test]
fn another_reference_system_is_refused_by_name_wherever_it_stands() {
    for name in [
        "urn:ogc:def:crs:EPSG::3857",
        "EPSG:4258",
        "EPSG:14326",
        "urn:ogc:def:crs:EPSG::4326:3857",
        "ESRI:4326",
        "local",
    ] {
        let crs = format!(r#""crs":{{"type":"name","properties":{{"name":"{name}"}}}}"#);
        let [a, b] = two();
        let before = collection(&format!("{crs},\n"), &two());
        assert_refused(before, 1, &[name, "-t_srs EPSG:4326"]);
        let after = format!("{{\"type\":\"FeatureCollection\",\"features\":[{a},{b}],\n{crs}}}");
        assert_refused(after, 2, &[name, "-t_srs EPSG:4326"]);
        let at_feature = format!("{a}\n{}", b.replacen("{", &format!("{{{crs},"), 1));
        assert_refused(at_feature, 2, &["feature 2", name]);
        let at_geometry = format!(r#"{{"type":"Point",{crs},"coordinates":[1,2]}}"#);
        assert_refused(at_geometry, 1, &["feature 1", name]);
    }
}

#[test]
fn a_linked_reference_system_is_refused_and_a_null_one_noted() {
    let link = r#""crs":{"type":"link","properties":{"href":"http://example.com/crs"}},"#;
    assert_refused(collection(link, &two()), 1, &["link", "\"http://example.com/crs\"", "ogr2ogr"]);
    let long = link.replace("crs\"}", "a/way/that/is/far/too/long/to/show/26986/proj4/\"}");
    assert_refused(collection(&long, &two()), 1, &["/show/26986/proj4/\""]);
    assert_refused(collection(r#""crs":{},"#, &two()), 1, &["names none"]);
    let long = format!(
        r#""crs":{{"type":"name","properties":{{"name":"EPSG:4326{}"}}}},"#,
        " ".repeat(20_000)
    );
    assert_refused(collection(&long, &two()), 1, &["names none"]);
    let reading = reading_of(collection(r#""crs":null,"#, &two()));
    assert_eq!((reading.list.len(), reading.notes.len()), (2, 1));
    assert!(reading.notes[0].contains("crs"));
    assert!(reading_of(collection("", &two())).notes.is_empty());
}

#[test]
fn a_reference_system_behind_the_features_explains_why_they_are_no_degrees() {
    let metres = [point("a", "[651983.072, 6800034.042]"), point("b", "[651959.0, 6799977.8]")];
    let crs = r#""crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::2154"}}"#;
    for more in [crs.to_string(), format!(r#""a":[{{"crs":null}}],"b":"crs",{crs}"#)] {
        let text = format!(
            "{{\"type\":\"FeatureCollection\",\"features\":[\n{}],\n{more}}}",
            metres.join(",\n")
        );
        for options in [ReadOptions::default(), skipping()] {
            let (line, problem) = refusal_with(&text, &options);
            assert!(problem.contains("EPSG::2154"), "{problem}");
            assert_eq!(line, 4);
        }
    }
    // Another fault stays what it is.
    let degrees = crs.replace("2154", "4326");
    for more in ["\"x\":1", &degrees, "\"x\":"] {
        let text = format!(
            "{{\"type\":\"FeatureCollection\",\"features\":[\n{}],\n{more}}}",
            metres.join(",\n")
        );
        assert_refused(text, 2, &["feature 1", "metres"]);
    }
}

#[test]
fn the_reference_system_of_json_fg_is_obeyed_by_refusing_others() {
    for (system, is_fine) in [
        (r#""http://www.opengis.net/def/crs/OGC/0/CRS84""#, true),
        (r#""http://www.opengis.net/def/crs/OGC/0/CRS84h""#, true),
        (r#""[OGC:CRS84]""#, true),
        (
            r#"{"type":"Reference","href":"http://www.opengis.net/def/crs/EPSG/0/4326","epoch":2016.47}"#,
            true,
        ),
        (r#""http://www.opengis.net/def/crs/EPSG/0/25832""#, false),
        (r#""[EPSG:25832]""#, false),
        (r#"{"type":"Reference","href":"http://www.opengis.net/def/crs/EPSG/0/25832"}"#, false),
        (
            r#"["http://www.opengis.net/def/crs/EPSG/0/25832","http://www.opengis.net/def/crs/EPSG/0/7837"]"#,
            false,
        ),
    ] {
        let member = format!(r#""coordRefSys":{system}"#);
        let [a, b] = two();
        let of_collection = collection(&format!("{member},"), &two());
        let of_feature = format!("{a}\n{}", b.replacen("{", &format!("{{{member},"), 1));
        for text in [of_collection, of_feature] {
            match is_fine {
                true => assert_reads(text, "GeoJSON", &TWO),
                false => {
                    let (_, problem) = refusal_with(text, &ReadOptions::default());
                    assert!(
                        problem.contains("EPSG") && problem.contains("coordRefSys"),
                        "{problem}"
                    );
                }
            }
        }
    }
    let elsewhere = r#"{"type":"Feature","properties":{},"geometry":null,"place":{"type":"Point","coordinates":[1,2]}}"#;
    let text = collection("", &[two()[0].clone(), elsewhere.to_string()]);
    assert_refused(&text, 3, &["feature 2", "\"place\""]);
    let reading =
        reading_of(text.replace(r#"{"type":"Point","coordinates":[1,2]}}"#, "\"Paris\"}"));
    assert_eq!(reading.skipped.without_coordinates, 1);
}

#[test]
fn a_page_of_a_longer_answer_is_noted() {
    for (members, parts) in [
        (r#""exceededTransferLimit":true,"#, "exceededTransferLimit"),
        (r#""properties":{"a":1,"exceededTransferLimit":true},"#, "exceededTransferLimit"),
        (r#""numberMatched":900,"numberReturned":2,"#, "2 of 900"),
        (r#""totalFeatures":3,"#, "2 of 3"),
    ] {
        let reading = reading_of(collection(members, &two()));
        assert_eq!(reading.list.len(), 2);
        assert!(
            reading.notes.len() == 1 && reading.notes[0].contains(parts),
            "{:?}",
            reading.notes
        );
    }
    for whole in [
        r#""exceededTransferLimit":false,"#,
        r#""properties":{"exceededTransferLimit":null},"#,
        r#""properties":[true],"#,
        r#""numberMatched":2,"#,
        r#""totalFeatures":"unknown","#,
        r#""numberMatched":1e99,"#,
    ] {
        assert_eq!(reading_of(collection(whole, &two())).notes, [""; 0], "{whole}");
    }
}

// ---- GeoJSON: names ----

fn with_properties(properties: &[&str]) -> String {
    let feature = |properties: &&str| {
        format!(
            r#"{{"type":"Feature","properties":{properties},"geometry":{{"type":"Point","coordinates":[1,2]}}}}"#
        )
    };
    collection("", &properties.iter().map(feature).collect::<Vec<_>>())
}

fn names(reading: &Reading) -> Vec<String> {
    cities(reading).into_iter().map(|(_, _, name)| name).collect()
}

#[test]
fn the_name_is_a_property_of_that_name() {
    let text = with_properties(&[r#"{"TITLE":"t","Name":"N","name":"n"}"#, r#"{"name":"m"}"#]);
    let reading = reading_of(text);
    assert_eq!(names(&reading), ["n", "m"]);
    let facts = reading.columns;
    assert_eq!(facts.name.unwrap().name.unwrap(), "properties.name");
    assert_eq!(facts.latitude.unwrap().name.unwrap(), "geometry.coordinates[1]");
    assert_eq!(facts.longitude.unwrap().name.unwrap(), "geometry.coordinates[0]");
    let upper = reading_of(with_properties(&[r#"{"id":1,"NAME":"n"}"#]));
    assert_eq!(names(&upper), ["n"]);
    assert_eq!(upper.columns.name.unwrap().name.unwrap(), "properties.NAME");
    let none = reading_of(with_properties(&[r#"{"id":1}"#, "null", "5"]));
    assert_eq!((names(&none).concat(), none.columns.name), (String::new(), None));
}

#[test]
fn a_name_is_text_or_a_number_and_else_empty() {
    let values = [
        r#""\u00e9\n\ud83d\ude00\/""#,
        "12.50",
        "null",
        "true",
        "[1]",
        r#"{"a":1}"#,
        r#""\ud800x""#,
    ];
    let properties: Vec<_> = values.iter().map(|value| format!(r#"{{"name":{value}}}"#)).collect();
    let properties: Vec<_> = properties.iter().map(String::as_str).collect();
    // Half a surrogate pair is no character, and stays as it is written.
    assert_eq!(
        names(&reading_of(with_properties(&properties))),
        ["é\n😀/", "12.50", "", "", "", "", "\\ud800x"]
    );
    assert_eq!(names(&reading_of(with_properties(&[r#"{"name":"a","name":"b"}"#]))), ["a"]);
    // The first features may lack what later ones have.
    let late = with_properties(&["null", "{}", r#"{"id":1}"#, r#"{"name":"d"}"#]);
    assert_eq!(names(&reading_of(late)), ["", "", "", "d"]);
}

#[test]
fn the_user_names_the_property_that_is_the_name() {
    let text = with_properties(&[r#"{"name":"a","ort":"x"}"#, r#"{"name":"b"}"#]);
    let reading = reading_with(&text, &naming("ort"));
    assert_eq!(names(&reading), ["x", ""]);
    assert_eq!(reading.columns.name.unwrap().name.unwrap(), "properties.ort");
    let late = with_properties(&[r#"{"name":"a"}"#, r#"{"ort":"b"}"#]);
    assert_eq!(names(&reading_with(late, &naming("ort"))), ["", "b"]);
    let (line, problem) = refusal_with(&text, &naming("Ort"));
    assert!(problem.contains("\"Ort\"") && problem.contains("\"name\", \"ort\""), "{problem}");
    assert_eq!(line, 2);
    let bare = r#"{"type":"Point","coordinates":[1,2]}"#;
    assert!(refusal_with(bare, &naming("x")).1.contains("without properties"));
}

#[test]
fn geojson_has_no_choice_of_coordinates() {
    let columns = Wishes { lat: Some("y".into()), lon: Some("x".into()), ..Wishes::default() };
    let options = ReadOptions { columns, ..ReadOptions::default() };
    assert!(matches!(read_with(collection("", &two()), &options), Err(Error::Usage { .. })));
}

// ---- JSON that looks like it ----

#[test]
fn forms_that_are_not_read_are_refused_by_name() {
    let topology = r#"{"type":"Topology","bbox":[1,2,3,4],"objects":{"a":{"type":"Point","coordinates":[1,2]}},"arcs":[]}"#;
    assert_refused(topology, 1, &["TopoJSON", "ogr2ogr"]);
    let esri = r#"{"geometryType":"esriGeometryPoint","features":[{"geometry":{"x":1,"y":2},"attributes":{"name":"a"}}]}"#;
    assert_refused(esri, 1, &["Esri", "ogr2ogr"]);
    let overpass =
        r#"{"version":0.6,"elements":[{"type":"node","lat":1,"lon":2,"tags":{"name":"a"}}]}"#;
    assert_refused(
        overpass,
        1,
        &["JSON", "\"elements\"", "[out:csv(::lat, ::lon, name; true)]", "jq -c '.elements[] | "],
    );
}

// ---- Records ----

const TWO_RECORDS: [&str; 2] = [
    r#"{"lat":10,"lon":20,"name":"a","tags":[1,{"lat":5}]}"#,
    r#"{"extra":{},"name":"b","lon":"40.25","lat":-30.5}"#,
];

#[test]
fn records_are_read_in_every_layout() {
    let [a, b] = TWO_RECORDS;
    for text in [
        format!("[{a},{b}]"),
        format!("[\n  {a},\n  {b}\n]\n"),
        format!("{a}\n{b}\n"),
        format!("{a}\r\n\n{b}"),
        format!("{a}{b}"),
        format!("\u{1e}{a}\n\u{1e}{b}\n"),
        format!("\u{feff}[{a},{b}]"),
    ] {
        assert_reads(&text, "JSON records", &TWO);
    }
    let facts = reading_of(format!("[{a},{b}]")).columns;
    let name = |fact: Option<farthest::formats::ColumnFact>| fact.unwrap().name.unwrap();
    assert_eq!(
        [name(facts.latitude), name(facts.longitude), name(facts.name)],
        ["lat", "lon", "name"]
    );
    assert_reads("[]", "JSON records", &[]);
    assert_reads(" [ ] \n", "JSON records", &[]);
}

#[test]
fn names_of_records_are_unescaped() {
    let text = r#"{"l\u0061t":1,"lon":2,"name":"\u00e9\"\\"}"#;
    assert_reads(text, "JSON records", &[(1.0, 2.0, "é\"\\")]);
    assert_reads(r#"{"lat":"1\u002e5","lon":2,"name":7}"#, "JSON records", &[(1.5, 2.0, "7")]);
}

#[test]
fn records_without_a_place_are_counted() {
    let text = r#"{"lat":1,"lon":2,"name":"a"}
        {"name":"b"}
        {"lat":null,"lon":null,"name":"c"}
        {"lat":"","lon":"","name":"d"}
        {}
        {"lat":null,"new":1}
        {"lat":3,"lon":4}"#;
    let reading = reading_of(text);
    assert_eq!((reading.list.len(), reading.list.row(1)), (2, 6));
    assert_eq!((reading.skipped.count, reading.skipped.without_coordinates), (5, 5));
}

#[test]
fn a_record_with_one_coordinate_is_refused() {
    for bad in [r#"{"lat":3,"name":"b"}"#, r#"{"lat":3,"lon":null}"#, r#"{"lat":3,"lon":"x"}"#] {
        let text = format!("{}\n{bad}\n", TWO_RECORDS[0]);
        assert_refused(&text, 2, &["record 2:", "longitude"]);
        assert_eq!(reading_with(&text, &skipping()).skipped.count, 1);
    }
}

#[test]
fn a_record_whose_place_may_stand_under_other_keys_is_refused() {
    let many = [TWO_RECORDS[0]; 120].join("\n");
    for other in [r#""latitude":3,"longitude":4"#, r#""center":{"lat":3,"lon":4}"#, r#""index":{}"#]
    {
        let other = format!(r#"{{{other},"name":"b"}}"#);
        // Behind the records that are asked for their keys, and among them.
        let text = format!("{many}\n{other}\n");
        assert_refused(&text, 121, &["record 121:", "\"lat\"", "\"lon\""]);
        assert_eq!(reading_with(&text, &skipping()).skipped.count, 1);
        if !other.contains("latitude") {
            let text = format!("{other}\n{}", TWO_RECORDS[0]);
            assert_refused(
                &text,
                1,
                &["record 1:", "\"lat\"", "\"lon\"", "stands beside no place"],
            );
            assert_eq!(reading_with(&text, &skipping()).skipped.count, 1);
        }
    }
    let two = format!("{}\n{{\"latitude\":3,\"longitude\":4,\"name\":\"b\"}}\n", TWO_RECORDS[0]);
    assert_refused(&two, 1, &["several", "\"lat\" + \"lon\"", "\"latitude\" + \"longitude\""]);
    let columns = Wishes { lat: Some("lat".into()), lon: Some("lon".into()), ..Wishes::default() };
    let (line, problem) = refusal_with(&two, &ReadOptions { columns, ..ReadOptions::default() });
    assert!(problem.contains("\"longitude\", which stands beside no place"), "{problem}");
    assert_eq!(line, 2);
}

#[test]
fn the_first_record_may_lack_the_place_or_any_key() {
    let [a, b] = TWO_RECORDS;
    for lacking in [r#"{"name":"z"}"#, "{}", r#"{"tags":[]}"#] {
        let reading = reading_of(format!("{lacking}\n{a}\n{b}\n"));
        assert_eq!((reading.list.len(), reading.list.row(0)), (2, 1), "{lacking}");
        assert_eq!((reading.skipped.count, reading.skipped.without_coordinates), (1, 1));
    }
    let late = format!("{}{a}", "{\"name\":\"z\"}\n".repeat(99));
    assert_eq!(reading_of(late).skipped.without_coordinates, 99);
    let named = r#"[{"lat":1,"lon":2},{"name":"b","lat":3,"lon":4}]"#;
    assert_eq!(names(&reading_of(named)), ["", "b"]);
}

// ---- Records: two numbers under one key ----

fn in_order(flag: &str, key: &str) -> ReadOptions {
    let key = Some(key.to_string());
    let columns = match flag {
        "--lat-lon" => Wishes { lat_lon: key, ..Wishes::default() },
        _ => Wishes { lon_lat: key, ..Wishes::default() },
    };
    ReadOptions { columns, ..ReadOptions::default() }
}

#[test]
fn arrays_of_two_numbers_are_read_in_the_order_that_is_told() {
    let text = "[{\"loc\":[20,10],\"name\":\"a\"},{\"name\":\"b\",\"loc\":[\n40.25 ,\t-30.5\n]}]";
    let as_told = |flag| cities(&reading_with(text, &in_order(flag, "loc")));
    let expected = |[a, b]: [City<'_>; 2]| [(a.0, a.1, a.2.into()), (b.0, b.1, b.2.into())];
    assert_eq!(as_told("--lon-lat"), expected(TWO));
    assert_eq!(as_told("--lat-lon"), expected([(20.0, 10.0, "a"), (40.25, -30.5, "b")]));
    for (key, pair) in [
        ("latlon", "[10,20]"),
        ("start_latlng", "[10,20]"),
        ("lat_lng", "[1e1,2.0E1]"),
        ("lonlat", "[20,10]"),
        ("lngLat", "[20,10]"),
        // Opendatasoft has latitude first in arrays too.
        ("geo_point_2d", "[10,20]"),
    ] {
        let record = format!(r#"{{"{key}":{pair},"name":"a"}}"#);
        assert_reads(format!("[{record}]"), "JSON records", &TWO[..1]);
    }
}

#[test]
fn two_numbers_under_a_neutral_key_need_a_value_that_proves_their_order() {
    for key in ["loc", "location", "coordinates", "position", "geopoint", "GeoLocation"] {
        for [first, second] in [["[20,10]", "[100.5,-30]"], ["\"20, 10\"", "\"100.5, -30\""]] {
            if second.starts_with('"') && key.to_lowercase().starts_with("geo") {
                continue;
            }
            let list = |second: &str| {
                format!("{{\"{key}\":{first}}}\n{{\"{key}\":null}}\n{{\"{key}\":{second}}}\n")
            };
            let places: Vec<_> = cities(&reading_of(list(second)));
            assert_eq!(places, [(10.0, 20.0, "".into()), (-30.0, 100.5, "".into())], "{key}");
            let words = [format!("--lat-lon {key:?}"), format!("--lon-lat {key:?}")];
            assert_refused(list(&second.replace("100", "10")), 1, &[&words[0], &words[1]]);
        }
    }
    // Far behind the first records.
    let far = "{\"loc\":[20,10]}\n".repeat(500) + "{\"loc\":[-120,10]}";
    assert_eq!(cities(&reading_of(far)).last().unwrap(), &(10.0, -120.0, String::new()));
    // Both beyond ±90: nothing is proved.
    let both = "{\"loc\":[120,10]}\n{\"loc\":[10,120]}";
    assert_refused(both, 1, &["--lat-lon"]);
    let options = in_order("--lon-lat", "loc");
    let (line, problem) = refusal_with(both, &options);
    assert!(problem.contains("swapped") && line == 2, "{problem}");
}

#[test]
fn pairs_as_text_and_as_arrays_are_a_fault_of_the_file() {
    // Elasticsearch: latitude first in text, longitude first in arrays.
    let text = "{\"location\":\"10,20.5\"}\n{\"location\":null}\n{\"location\":[120,10]}\n";
    let mut options = in_order("--lat-lon", "location");
    for skip_invalid in [false, true] {
        options.skip_invalid = skip_invalid;
        let (line, problem) = refusal_with(text, &options);
        assert!(problem.contains("record 3") && problem.contains("Elasticsearch"), "{problem}");
        assert_eq!(line, 3);
    }
}

#[test]
fn arrays_that_are_no_two_numbers_are_refused_and_empty_ones_have_no_place() {
    for bad in ["[1]", "[1,2,3]", "[\"1\",\"2\"]", "[1,null]", "[[1,2]]", "{\"lat\":1}"] {
        let text = format!("{{\"latlng\":[1,2]}}\n{{\"latlng\":{bad}}}\n");
        assert_refused(&text, 2, &["record 2:", "\"latlng\"", "two numbers"]);
        assert_eq!(reading_with(&text, &skipping()).skipped.count, 1, "{bad}");
    }
    for none in ["[]", "[null,null]", "null", "\"\""] {
        let text = format!("{{\"latlng\":{none}}}\n{{\"latlng\":[1,2]}}\n{{\"latlng\":{none}}}");
        assert_eq!(reading_of(text).skipped.without_coordinates, 2, "{none}");
    }
    let several = r#"[{"start_latlng":[1,2],"end_latlng":[3,4]}]"#;
    assert_refused(several, 1, &["start_latlng", "end_latlng", "--lat-lon"]);
}

#[test]
fn a_key_of_a_column_in_use_may_not_stand_twice() {
    for bad in [r#"{"lat":3,"lon":4,"lat":5}"#, r#"{"lat":3,"name":"x","lon":4,"name":"y"}"#] {
        assert_refused(format!("{}\n{bad}", TWO_RECORDS[0]), 2, &["record 2:", "twice"]);
    }
    let first = r#"{"lat":3,"lon":4,"lat":5}"#;
    assert!(read_with(first, &ReadOptions::default()).is_err());
    let other = r#"{"lat":10,"lon":20,"name":"a","x":1,"x":2}"#;
    assert_reads(other, "JSON records", &TWO[..1]);
}

#[test]
fn values_that_are_no_fields_are_refused_in_columns_in_use() {
    for (bad, part) in [
        (r#"{"lat":[3],"lon":4}"#, "jq"),
        (r#"{"lat":3,"lon":{"deg":4}}"#, "nested"),
        (r#"{"lat":3,"lon":4,"name":{"en":"x"}}"#, "nested"),
        (r#"{"lat":true,"lon":4}"#, "true"),
        (r#"{"lat":3,"lon":4,"name":false}"#, "false"),
    ] {
        let text = format!("[{},\n{bad}]", TWO_RECORDS[0]);
        assert_refused(&text, 2, &["record 2:", part]);
        assert_eq!(reading_with(&text, &skipping()).skipped.count, 1, "{bad}");
    }
}

#[test]
fn what_is_no_object_among_records_is_refused_as_a_row() {
    for (bad, part) in
        [("null", "null"), ("[1,2]", "an array"), ("\"x\"", "a string"), ("-1.5", "a number")]
    {
        for text in [
            format!("[{},\n{bad},\n{}]", TWO_RECORDS[0], TWO_RECORDS[1]),
            format!("{}\n{bad}\n{}", TWO_RECORDS[0], TWO_RECORDS[1]),
        ] {
            assert_refused(&text, 2, &["record 2:", part]);
            let reading = reading_with(&text, &skipping());
            assert_eq!((reading.list.len(), reading.list.row(1)), (2, 2));
        }
    }
}

#[test]
fn nested_records_are_refused_with_the_line_that_flattens_them() {
    let nested = r#"{"id":1,"tags":{},"location":{"zip":5,"latitude":1,"lng":2},"name":"a"}"#;
    let flat = "{lat: .location.latitude, lon: .location.lng, name}";
    assert_refused(format!("[{nested}]"), 1, &["nested", &format!("jq -c 'map({flat})' ")]);
    assert_refused(format!("\n{nested}\n{nested}"), 2, &["nested", &format!("jq -c '{flat}'")]);
    let geo = r#"{"id":1,"place":{"type":"Point","coordinates":[2,1]}}"#;
    assert_refused(
        format!("[{geo}]"),
        1,
        &["lat: .place.coordinates[1], lon: .place.coordinates[0]"],
    );
    let unknown = r#"{"id":1,"where":{"$a'":1}}"#;
    assert_refused(format!("[{unknown}]"), 1, &["nested", "jq"]);
    let taken = r#"{"lat":{"deg":1},"lon":{"deg":2}}"#;
    assert_refused(format!("[{taken}]"), 1, &["\"lat\"", "nested", "jq"]);
}

#[test]
fn tables_in_one_object_are_refused_with_the_line_that_makes_records() {
    let columns = r#"{"latitude":[1,2],"longitude":[3,4],"name":["a","b"]}"#;
    let line = "range(.latitude | length)";
    assert_refused(columns, 1, &["JSON", "columns, not records", "jq", line]);
    let pandas = r#"{"latitude":{"0":1,"1":2},"longitude":{"0":3,"1":4}}"#;
    assert_refused(pandas, 1, &["JSON", "columns, not records", line]);
    let rows = r#"{"0":{"lat":1,"lon":2},"1":{"lat":3,"lon":4}}"#;
    assert_refused(
        rows,
        1,
        &["JSON", "object of objects", "jq -c '.[]' cities.json | farthest pack - OUT.cities"],
    );
    for key in ["data", "results"] {
        let wrapped = format!(r#"{{"count":2,"{key}":[{{"lat":1,"lon":2}},{{"lat":3,"lon":4}}]}}"#);
        let line = format!("jq -c '.{key}[]' cities.json | farthest pack - OUT.cities");
        assert_refused(wrapped, 1, &["JSON", &line]);
    }
    let odd = "{\"a'; rm -rf \\u001b[1m\":[{\"lat\":1,\"lon\":2}]}";
    let (_, problem) = refusal_with(odd, &ReadOptions::default());
    assert!(problem.contains("'.KEY[]'") && !problem.contains('\u{1b}'), "{problem}");
    let many: String = (0..20_000).map(|key| format!(r#""{key}":{{"lat":1,"lon":2}},"#)).collect();
    let many = format!("{{{}}}", many.trim_end_matches(','));
    assert_refused(
        many,
        1,
        &["JSON", "object of objects", "jq -c '.[]' cities.json | farthest pack - OUT.cities"],
    );
}

#[test]
fn a_single_record_and_one_with_lists_besides_are_records() {
    let one = r#"{"lat":10,"lon":20,"name":"a","hourly":{"t":[1,2]},"reviews":[{"stars":5}]}"#;
    assert_reads(one, "JSON records", &TWO[..1]);
    let stops = r#"{"lat":10,"lon":20,"name":"a","stops":[{"lat":5,"lon":6}]}"#;
    assert_reads(format!("[{stops}]"), "JSON records", &TWO[..1]);
    // One city, or the answer to a search around a place.
    assert_refused(stops, 1, &["one city or a list of cities", "\"stops\"", "jq -c '.stops[]'"]);
}

#[test]
fn x_and_y_beside_a_place_in_degrees_are_refused() {
    let text = r#"[{"x":10,"y":20,"name":"a","location":{"lat":48,"lng":2}}]"#;
    assert_refused(
        text,
        1,
        &["--lat y --lon x", "jq -c 'map({lat: .location.lat, lon: .location.lng, name})'"],
    );
    let columns = Wishes { lat: Some("y".into()), lon: Some("x".into()), ..Wishes::default() };
    let options = ReadOptions { columns, ..ReadOptions::default() };
    assert_eq!(cities(&reading_with(text, &options)), [(20.0, 10.0, "a".into())]);
    assert_reads(r#"[{"x":20,"y":10,"name":"a","size":{"w":1}}]"#, "JSON records", &TWO[..1]);
}

// ---- What other programs write: each line was run with jq 1.6, and the cities came out ----

#[test]
fn lists_deep_in_an_answer_are_refused_with_the_line_that_takes_them_out() {
    for (text, line) in [
        (
            r#"{"meta":{"code":200},"response":{"venues":[{"name":"a","location":{"lat":1,"lng":2,"city":"c"}}]}}"#,
            ".response.venues | map({lat: .location.lat, lon: .location.lng, name})",
        ),
        (
            r#"{"took":1,"hits":{"total":1,"hits":[{"_id":"1","_source":{"name":"a","location":{"lat":1,"lon":2}}}]}}"#,
            ".hits.hits | map({lat: ._source.location.lat, lon: ._source.location.lon, name: ._source.name})",
        ),
        (
            r#"{"header":{},"entity":[{"id":"1","vehicle":{"trip":{},"position":{"latitude":1,"longitude":2}}}]}"#,
            ".entity | map({lat: .vehicle.position.latitude, lon: .vehicle.position.longitude, name})",
        ),
        (
            r#"{"results":[{"title":"a","geometry":{"bounds":{"northeast":{"lat":9,"lng":9}},"location":{"lat":1,"lng":2}}}]}"#,
            ".results | map({lat: .geometry.location.lat, lon: .geometry.location.lng, name: .title})",
        ),
        (
            r#"{"plus_code":{},"results":[{"geometry":{"location":{"lat":1,"lng":2}}}]}"#,
            ".results | map({lat: .geometry.location.lat, lon: .geometry.location.lng, name})",
        ),
        (
            r#"{"locations":[{"time":"2020"},{"latitudeE7":1,"longitudeE7":2}]}"#,
            ".locations | map({lat: (.latitudeE7 | if . then . / 1e7 else . end), lon: (.longitudeE7 | if \
             . then . / 1e7 else . end), name})",
        ),
        (
            r#"{"head":{"vars":["l","place"]},"results":{"bindings":[{"l":{"type":"literal","value":"a"},"place":{"type":"literal","value":"Point(2 1)"}}]}}"#,
            ".results.bindings[] | map_values(.value)",
        ),
        (r#"{"data":{"stations":[{"name":"a","lat":1,"lon":2}]}}"#, ".data.stations[]"),
        (
            r#"{"data":{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[1,2]}}]}}"#,
            ".data.features[]",
        ),
        (
            r#"{"list":[{"lat":{"$numberDouble":"1.5"},"lon":{"$numberInt":"2"},"name":"a"}]}"#,
            ".list | map({lat: (.lat | .[]? // .), lon: (.lon | .[]? // .), name})",
        ),
        (
            r#"{"a b":[{"at-place":{"lat":1,"lon":2}}]}"#,
            ".\"a b\" | map({lat: .\"at-place\".lat, lon: .\"at-place\".lon, name})",
        ),
        (
            r#"{"p":{"name":"a","pos":{"lat":1,"lon":2}},"q":{"name":"b","pos":{"lat":1,"lon":2}}}"#,
            "[.[]] | map({lat: .pos.lat, lon: .pos.lon, name})",
        ),
        (
            r#"{"data":{"latitude":[1,2],"longitude":[3,4]}}"#,
            ".data | map_values([.[]]) | . as $c | range(.latitude | length)",
        ),
    ] {
        assert_refused(text, 1, &["JSON", &format!("jq -c '{line}")]);
    }
}

#[test]
fn where_a_record_may_hold_its_place_in_several_objects_all_are_named() {
    let trip = r#"[{"pickup":{"lat":1,"lng":2},"dropoff":{"lat":3,"lng":4}}]"#;
    assert_refused(trip, 1, &["\".pickup\" or \".dropoff\"", "say which"]);
    // Twitter has latitude first in the one and longitude first in the other.
    let tweet = r#"[{"geo":{"type":"Point","coordinates":[1,2]},"coordinates":{"type":"Point","coordinates":[2,1]}}]"#;
    assert_refused(tweet, 1, &["\".geo\" or \".coordinates\"", "say which"]);
    // What does not call itself a point of GeoJSON may have either order, which is asked for then.
    let bare = r#"[{"location":{"coordinates":[1,2]}}]"#;
    assert_refused(bare, 1, &["map({place: .location.coordinates, name})"]);
    // The first record may lack it.
    let late = r#"[{"name":"a","at":null},{"name":"b","at":{"lat":1,"lon":2}}]"#;
    assert_refused(late, 1, &["map({lat: .at.lat, lon: .at.lon, name})"]);
}

#[test]
fn rows_that_are_arrays_are_refused_with_the_line_that_writes_text() {
    let census = r#"[["NAME","INTPTLAT","INTPTLON"],["a","1.5","2"]]"#;
    let (_, problem) = refusal_with(census, &ReadOptions::default());
    assert!(
        problem.ends_with("jq -r '.[] | @csv' cities.json | farthest pack - OUT.cities"),
        "{problem}"
    );
    assert_refused(r#"[["a","1.5","2"]]"#, 1, &["@csv", "--lat 1 --lon 2"]);
    let pandas = r#"{"columns":["name","lat","lon"],"index":[0],"data":[["a",1,2]]}"#;
    assert_refused(pandas, 1, &["jq -r '.columns, .data[] | @csv'"]);
    let socrata = r#"{"meta":{"view":{"columns":[{"name":"lat"}]}},"data":[["a",1,2]]}"#;
    assert_refused(socrata, 1, &["jq -r '.data[] | @csv'", "which number is the latitude"]);
}

#[test]
fn an_answer_that_tells_of_an_error_or_of_nothing_is_called_that() {
    for text in [
        r#"{"error":"no luck"}"#,
        r#"{"Error":"no luck"}"#,
        r#"{"error":{"code":400,"message":"no luck"}}"#,
        r#"{"errors":[{"message":"no luck"}]}"#,
        r#"{"errors":["no luck"]}"#,
        r#"{"message":"no luck","status":404}"#,
        r#"{"message":"no luck","documentation_url":"https://example.com","status":"404"}"#,
        r#"{"error_message":"no luck","results":[],"status":"REQUEST_DENIED"}"#,
        r#"{"status":{"message":"no luck","value":10}}"#,
        r#"{"detail":"no luck"}"#,
        r#"[{"message":"no luck","errorCode":"X"}]"#,
    ] {
        assert_refused(text, 1, &["error answer of a server", "\"no luck\"", "JSON"]);
    }
    let rude = "{\"error\":\"\\u001b[1mno\"}";
    assert!(!refusal_with(rude, &ReadOptions::default()).1.contains('\u{1b}'));
    let deep = format!(r#"{{"error":{}1{}}}"#, r#"{"error":"#.repeat(100), "}".repeat(100));
    assert_refused(deep, 1, &["error answer of a server"]);
    let overpass = r#"{"version":0.6,"elements":[],"remark":"runtime error: timed out"}"#;
    assert_refused(
        overpass,
        1,
        &["nothing in its list \"elements\"", "\"runtime error: timed out\""],
    );
    let google = r#"{"error":null,"results":[],"status":"ZERO_RESULTS"}"#;
    assert_refused(google, 1, &["nothing in its list \"results\"", "\"ZERO_RESULTS\""]);
    let sparql = r#"{"head":{"vars":["a"]},"results":{"bindings":[]}}"#;
    assert_refused(sparql, 1, &["nothing in its list \"bindings\""]);
    // Records may well have a key of that name.
    let record = r#"{"lat":10,"lon":20,"name":"a","error":"none","status":"fine"}"#;
    assert_reads(record, "JSON records", &TWO[..1]);
    let wrapped = r#"{"error":"partial","results":[{"lat":1,"lon":2}]}"#;
    assert_refused(wrapped, 1, &["jq -c '.results[]'"]);
}

#[test]
fn the_key_of_a_place_is_no_name() {
    for key in ["location", "place", "loc"] {
        let text = format!(r#"[{{"{key}":"Point(20 10)","itemLabel":"a"}}]"#);
        assert_reads(text, "JSON records", &TWO[..1]);
    }
}

#[test]
fn a_name_that_is_nested_is_refused_with_the_way_to_choose_another() {
    let text = r#"[{"name":{"common":"a"},"code":"A","latlng":[10,20]}]"#;
    assert_refused(text, 1, &["\"name\"", "nested", "--name"]);
    assert_eq!(cities(&reading_with(text, &naming("code"))), [(10.0, 20.0, "A".into())]);
}

#[test]
fn arrays_and_scalars_are_no_records() {
    assert_refused("[[48.1, 2.3], [1, 2]]", 1, &["array of arrays", "--lat 1"]);
    assert_refused("[\n1, 2]", 2, &["found a number"]);
    assert_refused("[\"a\"]", 1, &["found a string"]);
    assert_refused("[null]", 1, &["found null"]);
    assert_refused("{}", 1, &[]);
}

// ---- Grammar ----

#[test]
fn what_is_no_json_is_refused_at_its_line() {
    let [a, b] = two();
    for (text, line, parts) in [
        (format!("[{a},\n{b},\n]"), 3, &["expected"][..]),
        (format!("[{a}\n{b}]"), 2, &["feature 1", "comma"]),
        (format!("{a},\n{b}"), 1, &["feature 2", "\",\""]),
        (format!("[{a}]\n]"), 2, &["behind the end"]),
        (format!("[{a}]\n{b}"), 2, &["behind the end"]),
        (format!("{a}\nx"), 2, &["feature 2", "\"x\""]),
        (collection("", &two()) + "\n}", 6, &["behind the end"]),
        (point("a\tb", "[1,2]"), 1, &["control character"]),
        (point("a\\x", "[1,2]"), 1, &["escape"]),
        (point("a", "[1,02]"), 1, &["JSON"]),
        (point("a", "[1,+2]"), 1, &["JSON"]),
        (point("a", "[1,.5]"), 1, &["JSON"]),
        (format!("{a}\n{}", point("a", "[NaN,NaN]")), 2, &["feature 2", "NaN", "null"]),
        ("{\"lat\":1,\"lon\":2}\n{'lat':1}".into(), 2, &["record 2", "quotation marks"]),
        ("{\"lat\":1,\"lon\":2}\n{\"lat\" 1}".into(), 2, &["record 2", "colon"]),
        ("[{\"lat\":1,\"lon\":2},\n{\"lat\":NaN,\"lon\":-Infinity}]".into(), 2, &["NaN", "null"]),
        ("[{\"lat\":1,\"lon\":2}]\n[]".into(), 2, &["behind the end"]),
    ] {
        assert_refused(text, line, parts);
    }
}

#[test]
fn what_is_cut_short_is_refused_wherever_it_is_cut() {
    let [a, b] = two();
    let texts = [
        collection(r#""crs":{"type":"name","properties":{"name":"EPSG:4326"}},"#, &two()),
        format!("[{a},{b}]"),
        format!("[{},{}]", TWO_RECORDS[0], TWO_RECORDS[1]),
        a,
        TWO_RECORDS[0].to_string(),
    ];
    for text in texts {
        let text = text.trim_end();
        for cut in 1..text.len() {
            let (line, problem) = refusal_with(&text[..cut], &skipping());
            assert!(problem.contains("cut short"), "{}: {problem}", &text[..cut]);
            assert_eq!(line, 1 + text[..cut].trim_end().matches('\n').count() as u64);
        }
    }
}

#[test]
fn bytes_that_are_not_utf_8_are_refused_at_their_line() {
    let text = [TWO_RECORDS[0].as_bytes(), b"\n{\"lat\":1,\"lon\":2,\"name\":\"\xe9\"}"].concat();
    let options =
        ReadOptions { encoding: Some(farthest::formats::Encoding::Utf8), ..ReadOptions::default() };
    let (line, problem) = refusal_with(text, &options);
    assert!(problem.contains("UTF-8") && line == 2, "{line}: {problem}");
}

#[test]
fn lines_that_end_in_cr_alone_are_counted() {
    let text = format!("{}\r{}\r{}", two()[0], two()[1], point("x", "[1]"));
    assert_refused(text, 3, &["feature 3"]);
}

// ---- Bounds ----

// Texts for which work out of proportion would take hours; how long they take is not looked at, because that is a
// matter of what else the machine does.

#[test]
fn deep_nesting_is_one_error() {
    const DEPTH: usize = 100_000;
    let arrays = ["[".repeat(DEPTH), "[".repeat(DEPTH) + &"]".repeat(DEPTH)];
    let objects = [r#"{"a":"#.repeat(DEPTH), r#"{"a":"#.repeat(DEPTH) + "1" + &"}".repeat(DEPTH)];
    let record = TWO_RECORDS[0];
    for deep in arrays.into_iter().chain(objects) {
        for text in [
            deep.clone(),
            format!("[{deep}]"),
            format!("{record}\n{deep}"),
            format!(r#"[{record},{{"lat":{deep},"lon":1}}]"#),
            format!(r#"[{record},{{"x":{deep},"lat":1,"lon":1}}]"#),
            format!(r#"{{"data":{deep}}}"#),
            format!(r#"{{"data":[{deep}]}}"#),
            point("a", &deep),
            feature("a", &deep),
            collection("", &[two()[0].clone(), deep.clone()]),
            collection(&format!(r#""crs":{deep},"#), &two()),
            collection(&format!(r#""meta":{deep},"#), &two()),
            format!(r#"{{"type":"Feature","properties":{deep},"geometry":null}}"#),
            format!(r#"{{"type":"Feature","properties":{{"name":{deep}}},"geometry":null}}"#),
            format!(r#"{{"meta":{deep},"type":"FeatureCollection","features":[]}}"#),
            format!(r#"{{"features":{deep},"type":"FeatureCollection"}}"#),
            format!(r#"{{"type":"Topology","arcs":{deep}}}"#),
        ] {
            for options in [ReadOptions::default(), skipping()] {
                let outcome = read_with(&text, &options);
                assert!(matches!(outcome, Err(Error::Line { .. })), "{:.100}", text);
            }
        }
    }
    // As deep as serde_json goes by itself is deep enough.
    let fine = "[".repeat(100) + &"]".repeat(100);
    assert_reads(collection(&format!(r#""meta":{fine},"#), &two()), "GeoJSON", &TWO);
}

#[test]
fn the_time_grows_with_the_text_alone() {
    // Each invalid row asks for its line.
    let bad = point("x", "[]").replace("[]", "[1]") + "\n";
    let text = two()[0].clone() + "\n" + &bad.repeat(100_000);
    assert_eq!(read_with(text, &skipping()).unwrap().skipped.count, 100_000);
    // Each record is much smaller than the header.
    let keys: String = (0..9_000).map(|key| format!(r#","k{key}":1"#)).collect();
    let text = format!(r#"{{"lat":1,"lon":2{keys}}}"#) + &"{}\n".repeat(500_000);
    assert_eq!(read_with(text, &skipping()).unwrap().skipped.without_coordinates, 500_000);
    // One value without an end.
    let text = format!("{}\n{{\"lat\":\"{}", TWO_RECORDS[0], "\\n".repeat(2_000_000));
    assert!(read_with(text, &skipping()).is_err());
    // A MultiPoint of many points.
    let points = vec!["[1,2]"; 200_000].join(",");
    let text = feature("m", &format!(r#"{{"type":"MultiPoint","coordinates":[{points}]}}"#));
    assert_eq!(read_with(text, &skipping()).unwrap().skipped.count, 1);
}

// ---- Whatever is written is read ----

fn any_city() -> impl Strategy<Value = (f64, f64, String)> {
    (-90.0..=90.0_f64, -180.0..=360.0_f64, "\\PC{0,8}|[\"\\\\\n\t/é😀{}\\[\\],:]{0,6}")
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[\\PC\n\"\\\\]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 20, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z\"\\\\]{0,3}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Items of a list in one of its layouts.
fn layout(items: &[Value], layout: usize) -> String {
    let compact = |item: &Value| item.to_string();
    let pretty = |item: &Value| serde_json::to_string_pretty(item).unwrap();
    let each = |f: &dyn Fn(&Value) -> String| items.iter().map(f).collect::<String>();
    match layout {
        0 => Value::from(items.to_vec()).to_string(),
        1 => serde_json::to_string_pretty(items).unwrap(),
        2 => each(&|item| compact(item) + "\n"),
        3 => each(&|item| pretty(item) + "\r\n"),
        4 => each(&|item| format!("\u{1e}{}\n", compact(item))),
        _ => each(&compact),
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2_000, failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn features_that_serde_json_writes_come_back(
        expected in prop::collection::vec(any_city(), 1..8),
        extra in any_json(),
        shape in 0..8_usize,
    ) {
        let item = |(lat, lon, name): &(f64, f64, String)| json!({
            "type": "Feature", "id": extra, "properties": { "a": extra, "name": name },
            "geometry": { "type": "Point", "coordinates": [lon, lat] },
        });
        let items: Vec<Value> = expected.iter().map(item).collect();
        let text = match shape {
            6 => json!({ "type": "FeatureCollection", "a": extra, "features": items, "z": extra }).to_string(),
            7 => serde_json::to_string_pretty(&json!({ "features": items, "type": "FeatureCollection" })).unwrap(),
            shape => layout(&items, shape),
        };
        let reading = reading_of(text);
        prop_assert_eq!(reading.columns.form, "GeoJSON");
        prop_assert_eq!(cities(&reading), expected);
    }

    #[test]
    fn records_that_serde_json_writes_come_back(
        expected in prop::collection::vec(any_city(), 1..8),
        extra in any_json(),
        as_text in any::<bool>(),
        shape in 0..6_usize,
    ) {
        let number = |value: f64| if as_text { json!(value.to_string()) } else { json!(value) };
        let item = |(index, (lat, lon, name)): (usize, &(f64, f64, String))| match index % 2 {
            0 => json!({ "lat": number(*lat), "lon": number(*lon), "name": name, "x": extra }),
            // serde_json sorts the keys: these come in another order.
            _ => json!({ "a": extra, "lat": number(*lat), "lon": number(*lon), "name": name }),
        };
        let items: Vec<Value> = expected.iter().enumerate().map(item).collect();
        let reading = reading_of(layout(&items, shape));
        prop_assert_eq!(reading.columns.form, "JSON records");
        prop_assert_eq!(cities(&reading), expected);
    }

    /// What we take for JSON, serde_json does too.
    #[test]
    fn damaged_bytes_are_refused_or_still_json_but_never_a_panic(
        base in 0..4_usize,
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..3_usize, prop_oneof![
            4 => prop::sample::select(b"{}[]\",:\\0123456789.eE+- \n\x1entfu".to_vec()),
            1 => any::<u8>(),
        ]), 1..4),
        skip_invalid in any::<bool>(),
    ) {
        let mut text = [
            collection(r#""crs":{"type":"name","properties":{"name":"EPSG:4326"}},"#, &two()),
            format!("[{},{}]", two()[0], feature("x", "null")),
            format!("[{},\n{}]", TWO_RECORDS[0], TWO_RECORDS[1]),
            r#"[{"lat":1e1,"lon":-0.5E+1,"name":"\u00e9\n"}]"#.to_string(),
        ][base].clone().into_bytes();
        for (place, edit, byte) in edits {
            let at = place.index(text.len());
            match edit {
                0 => text[at] = byte,
                1 => text.insert(at, byte),
                _ => drop(text.remove(at)),
            }
        }
        let options = ReadOptions { skip_invalid, ..ReadOptions::default() };
        match read_with(&text, &options) {
            Ok(reading) if reading.columns.form.contains("JSON") => {
                // Values one after the other are JSON each; record separators are no JSON.
                let text: Vec<u8> = text.iter().map(|&b| if b == 0x1e { b' ' } else { b }).collect();
                let values = serde_json::Deserializer::from_slice(&text).into_iter::<serde::de::IgnoredAny>();
                prop_assert!(values.into_iter().all(|value| value.is_ok()));
            }
            Err(Error::Line { line, .. }) => {
                let ends = |end: u8| text.iter().filter(|&&byte| byte == end).count() as u64;
                let lines = 1 + if text.contains(&b'\n') { ends(b'\n') } else { ends(b'\r') };
                prop_assert!((1..=lines).contains(&line));
            }
            _ => {}
        }
    }

    #[test]
    fn any_characters_of_json_are_read_or_refused_but_never_a_panic(
        start in prop::sample::select(vec!["{", "[", "[{", "{\"type\":\"Feature\",\"geometry\":", "\u{1e}"]),
        rest in "[{}\\[\\]\",:\\\\0-9.eE+\\- \nntfuals\u{1e}]{0,60}",
        skip_invalid in any::<bool>(),
    ) {
        let options = ReadOptions { skip_invalid, ..ReadOptions::default() };
        drop(read_with(format!("{start}{rest}"), &options));
    }
}
