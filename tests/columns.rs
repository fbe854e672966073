//! Proves which columns are taken by their names, in which languages, and where nothing is taken
//! because two readings are possible.

use std::path::Path;

use farthest::columns::Wishes;
use farthest::error::Error;
use farthest::formats::{ReadOptions, Reading, read};

fn read_with(text: &str, wishes: Wishes) -> Result<Reading, Error> {
    let options = ReadOptions { columns: wishes, ..ReadOptions::default() };
    read(Path::new("cities.csv"), text.as_bytes(), &options)
}

/// Reads a header and one row, in which 10 stands for the latitude and 20 for the longitude.
#[track_caller]
fn assert_takes(header: &str, row: &str) {
    let text = format!("{header}\n{row}\n");
    let reading = read_with(&text, Wishes::default()).unwrap_or_else(|e| panic!("{text}{e}"));
    let place = reading.list.coordinates(0);
    assert_eq!((place.lat_deg(), place.lon_deg()), (10.0, 20.0), "{text}");
}

#[track_caller]
fn refusal(text: &str) -> String {
    match read_with(text, Wishes::default()) {
        Err(Error::Line { problem, .. }) => problem,
        other => panic!("{text}: not refused at a line: {other:?}"),
    }
}

#[track_caller]
fn assert_refused(text: &str, words: &[&str]) {
    let problem = refusal(text);
    for word in words {
        assert!(problem.contains(word), "{text}: {word:?} is not in: {problem}");
    }
}

/// The second cure: 0.1.0 looks for each of the two by itself and takes the first name.
#[test]
fn latitude_and_longitude_are_a_pair() {
    // A column of the same word that belongs to something else.
    assert_takes("country_long,long,latitude,longitude", "Canada,3,10,20");
    assert_takes("lat_wgs84;y;x;longitude", "10;33.4;46.9;20");
    assert_takes("Isolation,platform,lat,lon", "1,2,10,20");
    // The same words and the same qualifier on both.
    assert_takes("stop_lon,stop_lat", "20,10");
    assert_takes(
        "decimalLatitude,decimalLongitude,verbatimLatitude,verbatimLongitude",
        "10,20,1,2",
    );
    assert_takes("hq_longitude,hq_latitude,longitude,latitude", "2,1,20,10");
    assert_takes("fooLat,fooLng,barLat", "10,20,1");
    assert_takes("INTPTLAT,INTPTLONG", "10,20");
    assert_takes("reclat,reclong,flat", "10,20,1");
    assert_takes("point latitude,point longitude", "10,20");
    assert_takes("Lat (N),Lon (E)", "10,20");
    assert_takes("Latitude[°WGS84],Longitude[°WGS84]", "10,20");
    assert_takes("latitude (degrees_north),longitude (degrees_east)", "10,20");
    assert_takes("@lat,@lon", "10,20");
    assert_takes("GPSLatitude,GPSLongitude", "10,20");
    // Before y and x.
    assert_takes("x,y,lat,lon", "1,2,10,20");
    assert_takes("X,Y", "20,10");
    assert_takes("coord_y,coord_x", "10,20");
}

#[test]
fn equal_candidates_are_refused_with_both() {
    assert_refused(
        "trip,pickup_longitude,pickup_latitude,dropoff_longitude,dropoff_latitude\n0,1,2,3,4\n",
        &[
            "\"pickup_latitude\" + \"pickup_longitude\" (columns 3, 2)",
            "\"dropoff_latitude\" + \"dropoff_longitude\" (columns 5, 4)",
            "--lat pickup_latitude --lon pickup_longitude",
        ],
    );
    assert_refused(
        "lat,lon,lat,lon\n1,2,3,4\n",
        &["(columns 1, 2)", "(columns 3, 4)", "--lat 1 --lon 2"],
    );
    assert_refused("Latitude,Longitude,lat,lng\n1,2,3,4\n", &["several", "\"lat\" + \"lng\""]);
    assert_refused("lat,lon,long\n1,2,3\n", &["several", "\"lat\" + \"long\""]);
    assert_refused("lat1,lon1,lat2,lon2\n1,2,3,4\n", &["several"]);
    assert_refused("o_lat,o_lon,d_lat,d_lon\n1,2,3,4\n", &["several", "\"d_lat\" + \"d_lon\""]);
    // Tables that pandas has merged.
    for [first, second] in [
        ["lat_x,lon_x", "lat_y,lon_y"],
        ["x_lat,x_lon", "y_lat,y_lon"],
        ["latitude.x,longitude.x", "latitude.y,longitude.y"],
    ] {
        assert_refused(
            &format!("{first},{second}\n1,2,3,4\n"),
            &["several", "(columns 1, 2)", "(columns 3, 4)"],
        );
    }
    assert_takes("Latitude (Y),Longitude (X)", "10,20");
    assert_takes("Latitude (WGS 84),Longitude (EPSG:4326)", "10,20");
    assert_refused("lat_2011,lon_2011,lat_2021,lon_2021\n1,2,3,4\n", &["several"]);
    for lone in ["lat,x\n1,2\n", "y,lon\n1,2\n", "stop_lat,lon\n1,2\n", "lat,country_long\n1,2\n"] {
        assert_refused(lone, &["latitude", "--lat"]);
    }
}

#[test]
fn named_columns_are_taken_and_the_other_of_a_pair_is_found() {
    let text = "pickup_lat,pickup_lon,dropoff_lat,dropoff_lon\n1,2,10,20\n";
    let wish = |lat: Option<&str>, lon: Option<&str>| Wishes {
        lat: lat.map(String::from),
        lon: lon.map(String::from),
        ..Wishes::default()
    };
    for wishes in [
        wish(Some("dropoff_lat"), Some("dropoff_lon")),
        wish(Some("DROPOFF_LAT"), None),
        wish(None, Some("dropoff_lon")),
        wish(Some("3"), Some("4")),
        wish(Some("dropoff_lat"), Some("4")),
    ] {
        let reading = read_with(text, wishes.clone()).unwrap_or_else(|e| panic!("{wishes:?}: {e}"));
        assert_eq!(reading.list.coordinates(0).lat_deg(), 10.0, "{wishes:?}");
        assert_eq!(reading.list.coordinates(0).lon_deg(), 20.0, "{wishes:?}");
    }
    for (text, wishes, words) in [
        ("a,a,lon\n1,2,3\n", wish(Some("a"), None), "found two: 1 and 2"),
        ("a,lon,lng\n1,2,3\n", wish(Some("a"), None), "--lon"),
    ] {
        let problem = read_with(text, wishes).expect_err(text).to_string();
        assert!(problem.contains(words), "{problem}");
    }
}

#[test]
fn pairs_are_known_in_the_larger_languages() {
    for pair in [
        "Breite,Länge",
        "Geogr. Breite,Geogr. Laenge",
        "Breitengrad,Längengrad",
        "Latitud,Longitud",
        "latitudine,longitudine",
        "breedtegraad,lengtegraad",
        "Bredde,Længde",
        "szerokość geograficzna,długość geograficzna",
        "Zeměpisná šířka,Zeměpisná délka",
        "Leveys,Pituus",
        "Enlem,Boylam",
        "Lintang,Bujur",
        "Широта,Долгота",
        "Широта,Довгота",
        "Γεωγραφικό πλάτος,Γεωγραφικό μήκος",
        "纬度,经度",
        "緯度,経度",
        "緯度,經度",
        "위도,경도",
        "خط العرض,خط الطول",
        "קו רוחב,קו אורך",
        "अक्षांश,देशांतर",
        "ละติจูด,ลองจิจูด",
    ] {
        assert_takes(pair, "10,20");
        let (lat, lon) = pair.split_once(',').expect("two");
        assert_takes(&format!("{lon};{lat}"), "20;10");
    }
    // Words of two languages are a pair only where each is alone.
    assert_takes("Breite,lon", "10,20");
    assert_takes("Breite,Länge,lat", "10,20,3");
    assert_refused("Breite,lon,lng\n1,2,3\n", &["latitude", "--lat"]);
}

/// The third cure: 0.1.0 ignores such columns.
#[test]
fn hemispheres_minutes_and_seconds_are_used_or_refused() {
    let places = |text: &str| -> Vec<(f64, f64)> {
        let reading = read_with(text, Wishes::default()).unwrap_or_else(|e| panic!("{text}{e}"));
        let place = |index| {
            let place = reading.list.coordinates(index);
            (place.lat_deg(), place.lon_deg())
        };
        (0..reading.list.len()).map(place).collect()
    };
    let four = [(10.5, 20.25), (10.5, -20.25), (-10.5, 20.25), (-10.5, -20.25)];
    for header in
        ["lat,N/S,lon,E/W", "Latitude,lat_dir,Longitude,lon_dir", "lat,NS,lon,EW", "lat,a,lon,b"]
    {
        let rows = "10.5,N,20.25,E\n10.5,N,20.25,W\n10.5,s,20.25,e\n10.5,S,20.25,W\n";
        assert_eq!(places(&format!("{header}\n{rows}")), four, "{header}");
    }
    // Degrees and minutes as GPS receivers write them.
    assert_eq!(places("lat,lat_dir,lon,lon_dir\n1030.0,N,02015.0,W\n"), [(10.5, -20.25)]);
    let header = "lat_deg,lat_min,lat_sec,lon_deg,lon_min,lon_sec";
    let rows = "10,30,0,20,15,0\n-10,30,0,-20,15,0.0\n-0,30,0,0,0,36\n";
    assert_eq!(
        places(&format!("{header}\n{rows}")),
        [(10.5, 20.25), (-10.5, -20.25), (-0.5, 0.01)]
    );
    let header = "LatD,LatM,LatS,NS,LonD,LonM,LonS,EW,City";
    assert_eq!(places(&format!("{header}\n10,30,0,S,20,15,0,W,a\n")), [(-10.5, -20.25)]);
    assert_eq!(
        places(
            "\"LatD\", \"LatM\", \"NS\", \"LonD\", \"LonM\", \"EW\"\n  10,  30, \"N\",  20, 15, \"W\"\n"
        ),
        [(10.5, -20.25)]
    );

    assert_refused("lat_deg,lat_min,lon_deg,lon_min\n10.5,30,20,15\n", &["a latitude in degrees"]);
    assert_refused("lat_deg,lat_min,lon_deg,lon_min\n10,61,20,15\n", &["minutes"]);
    assert_refused("lat_deg,lat_min,lon_deg\n10,30,20\n", &["minutes", "\"lat_min\" (2) alone"]);
    assert_refused("lat,lat_dir,lon\n10,N,20\n", &["hemispheres", "\"lat_dir\" (2) alone"]);
    assert_refused("lat,lat_dir,lon,lon_dir\n-10,N,20,E\n", &["a latitude", "sign"]);
    assert_refused("lat,lat_dir,lon,lon_dir\n10,N,20,E\n10,,20,E\n", &["a latitude"]);
    // Beside a greatest the least is no minutes.
    assert_takes("lat,lon,lat_min,lon_min,lat_max,lon_max", "10,20,3,4,5,6");
    assert_refused(
        "lat_min,lon_min,lat_max,lon_max\n3,4,5,6\n",
        &["several", "\"lat_min\" + \"lon_min\" (columns 1, 2)", "(columns 3, 4)"],
    );
    // Words, names of units alone, and other ways to call such columns.
    assert_eq!(
        places("GPSLatitude,GPSLatitudeRef,GPSLongitude,GPSLongitudeRef\n10,South,20,West\n"),
        [(-10.0, -20.0)]
    );
    assert_eq!(places("lat,min,sec,lon,min,sec\n10,30,0,20,15,0\n"), [(10.5, 20.25)]);
    assert_eq!(
        places("LAT_DD,LAT_MM,LAT_SS,LON_DD,LON_MM,LON_SS\n10,30,0,20,15,0\n"),
        [(10.5, 20.25)]
    );
    assert_eq!(
        places("latd,latm,lats,latNS,lond,lonm,lons,lonEW\n10,30,0,S,20,15,0,E\n"),
        [(-10.5, 20.25)]
    );
    assert_eq!(
        places("nombre,latitud,hemisferio,longitud,hemisferio\nLima,12.0,Sur,77.0,Oeste\n"),
        [(-12.0, -77.0)]
    );
    assert_eq!(places("lat,lat_sens,lon,lon_sens\n12,Sud,77,Ouest\n"), [(-12.0, -77.0)]);
    // Elsewhere in the row such letters may be something else.
    assert_refused("id,lat,lon,lanes,side,bound\n1,52.2,5.2,2,S,W\n", &["side", "hemispheres"]);
    // Most of a column are hemispheres, and one is none.
    assert_refused(
        "name,lat,d1,lon,d2\na,12,S,77,W\nb,33,S,151,E\nc,0,?,0,?\n",
        &["\"d1\" (3)", "\"?\""],
    );
    // What is called a hemisphere and holds none is not left out.
    assert_refused("lat,lat_dir,lon,lon_dir\n10,E,20,N\n", &["lat_dir", "found \"E\""]);
    assert_refused("lat,lat_sign,lon,lon_sign\n10,-1,20,1\n", &["lat_sign"]);
    assert_refused("lat,lon,quadrant\n10,20,SW\n", &["quadrant"]);
    assert_refused("lat,,,lon,,\n10,30,0,20,15,0\n", &["without a name", "minutes"]);
    assert_refused("lat_x,lat_min,lon_x,lon_min\n48,51,2,21\n", &["lat_min", "minutes"]);
    assert_eq!(places("lat_grado,lat_min,lon_grado,lon_min\n10,30,20,15\n"), [(10.5, 20.25)]);
    assert_refused("lat,lon\n-0015,-0130\n0030,0045\n", &["ddmm", "\"-0015\""]);
    // The least and the greatest of a box are no minutes, nor is `min` behind a fraction.
    assert_takes("lat,lon,latmin,latmax,lonmin,lonmax", "10,20,47,49,10,12");
    assert_takes("lon,lat,min,max", "20,10.0,5.5,30\n1.5,2.5,1,2");
    // A flag beside a signed number is no hemisphere.
    assert_takes("closed,lat,lon", "N,10,20\nN,-1,2");
}

#[test]
fn columns_that_are_no_degrees_are_refused_with_their_reason() {
    for (header, words) in [
        ("latitude (rad),longitude (rad)", &["radians", "180/pi"][..]),
        ("lat_rad,lon_rad", &["radians"]),
        ("lat_e6,lon_e6", &["scaled", "1e6"]),
        ("latitudeE7,longitudeE7", &["scaled", "1e7"]),
        ("Lat (N),Long (W)", &["west", "sign"]),
        ("easting_km,northing_km", &["projected"]),
        ("Easting,Northing", &["projected"]),
        ("Rechtswert,Hochwert", &["projected"]),
        ("utm_x,utm_y", &["projected"]),
        ("ra,dec", &["right ascension", "sky"]),
        ("RA_ICRS,DE_ICRS", &["right ascension"]),
        ("ra,dec,x,y", &["right ascension"]),
        ("RAJ2000,DEJ2000", &["right ascension"]),
        ("ra_hms,dec_dms", &["right ascension"]),
        ("gal_lat,gal_lon", &["sky"]),
        ("ra,dec,some_lat,some_lon", &["sky"]),
        ("Latitude [gon],Longitude [gon]", &["unit"]),
        ("lat (semicircles),lon (semicircles)", &["unit"]),
        ("lat (EPSG:2154),lon (EPSG:2154)", &["unit"]),
        ("lat_err,lon_err", &["errors"]),
        ("ilat,ilon", &["indices"]),
        ("mlat,mlon", &["sky"]),
        ("lat_vel,long_vel", &["errors"]),
        ("LatS,LonE", &["south"]),
        ("x_m,y_m", &["projected"]),
        ("GeoHash,name", &["geohash"]),
        ("name,geohash", &["geohash", "degrees"]),
        ("name,mgrs", &["MGRS", "degrees"]),
    ] {
        let row = header.split(',').map(|_| "1").collect::<Vec<_>>().join(",");
        assert_refused(&format!("{header}\n{row}\n"), words);
    }
    // Beside a pair in degrees they do not matter.
    assert_takes("ra,dec,lat,lon,lat_rad,lon_rad,geohash", "1,2,10,20,3,4,u281");
    assert_takes("lat_err,lon_err,y,x", "1,1,10,20");
    assert_takes("lat_err,lon_err,geom", "1,1,POINT(20 10)");
    // Who names them is believed.
    let wishes = Wishes { lat: Some("dec".into()), lon: Some("ra".into()), ..Wishes::default() };
    let reading = read_with("ra,dec\n20,10\n", wishes).expect("named");
    assert_eq!(reading.list.coordinates(0).lat_deg(), 10.0);
}

#[test]
fn both_coordinates_may_stand_in_one_column() {
    assert_takes("name,geom", "a,POINT (20 10)");
    assert_takes("WKT,", "\"POINT (20 10)\"");
    assert_takes("name,place", "a,10N 20E");
    assert_takes("name;where", "a;+1000+02000/");
    assert_takes("name;latlon", "a;10, 20");
    assert_takes("name;lonlat", "a;[20, 10]");
    assert_takes("name;Geo Point", "a;10.0,20.0");
}

#[test]
fn the_order_of_two_numbers_is_proven_or_refused() {
    let first = |text: &str| {
        let reading = read_with(text, Wishes::default()).unwrap_or_else(|e| panic!("{text}{e}"));
        (reading.list.coordinates(0).lat_deg(), reading.list.coordinates(0).lon_deg())
    };
    assert_eq!(first("name;position\na;10, 20\nb;1, 120\n"), (10.0, 20.0));
    assert_eq!(first("name;position\na;20, 10\nb;120, 1\n"), (10.0, 20.0));
    let words = ["\"position\" (2)", "order", "--lat-lon", "--lon-lat"];
    assert_refused("name;position\na;20, 10\nb;12, 1\n", &words);
    assert_refused("name;position\na;120, 10\nb;12, 100\n", &words);
    let wishes = |lat_lon: Option<&str>, lon_lat: Option<&str>| Wishes {
        lat_lon: lat_lon.map(String::from),
        lon_lat: lon_lat.map(String::from),
        ..Wishes::default()
    };
    let text = "name;position\na;20, 10\nb;12, 1\n";
    let lat = |wishes| read_with(text, wishes).expect("named").list.coordinates(0).lat_deg();
    assert_eq!(lat(wishes(Some("position"), None)), 20.0);
    assert_eq!(lat(wishes(None, Some("2"))), 10.0);
    // WKT says its order itself.
    let text = "name;position\na;POINT(20 10)\n";
    let reading = read_with(text, wishes(Some("position"), None)).expect("WKT");
    assert_eq!(reading.list.coordinates(0).lat_deg(), 10.0);
    // Two that hold both are one too many.
    assert_refused("a;b\nPOINT(20 10);POINT(1 2)\n", &["several", "\"a\" (1) and \"b\" (2)"]);
}

#[test]
fn the_name_that_goes_with_the_pair_is_taken() {
    for (header, name) in [
        ("stop_id,stop_name,stop_lat,stop_lon", 1),
        ("lat,lon,country,city", 3),
        ("lat,lon,STATION NAME", 2),
        ("itemLabel,lat,lon", 0),
        ("Ort;Breite;Länge", 0),
        ("Название,Широта,Долгота", 0),
        ("lat,lon,名称", 2),
        ("depot,shop_name,lat,lon", 1),
        ("lat,lon,population,name_of_shop", 3),
        ("id,label,lat,lon", 1),
    ] {
        let row = |name: usize, header: &str| {
            let fields = header.split([',', ';']).enumerate().map(|(at, _)| match at == name {
                true => "the name",
                false => "5",
            });
            fields.collect::<Vec<_>>().join(if header.contains(';') { ";" } else { "," })
        };
        let text = format!("{header}\n{}\n", row(name, header));
        let reading = read_with(&text, Wishes::default()).unwrap_or_else(|e| panic!("{text}{e}"));
        assert_eq!(reading.list.name(0), b"the name", "{header}");
        assert_eq!(reading.columns.name.expect("a name").number, Some(name + 1));
    }
}

#[test]
fn where_no_column_has_names_those_that_could_are_told() {
    let notes = |text: &str| read_with(text, Wishes::default()).expect("read").notes;
    // What tells cities apart is no name of theirs.
    assert!(notes("station_id,lat,lon\nS1,1,2\n")[0].ends_with("takes one of: \"station_id\""));
    let told = notes("lat,lon,shop,population\n1,2,a,3\n");
    assert!(
        told.len() == 1 && told[0].contains("--name COLUMN takes one of: \"shop\", \"population\""),
        "{told:?}"
    );
    assert!(
        notes(
            "lat,lon,,one,two,three,four,five,six,seven,eight,nine\n1.5,2.5,3,4,5,6,7,8,9,10,11,12\n"
        )[0]
        .ends_with("\"seven\", \"eight\", …")
    );
    for told in ["lat,lon\n1,2\n", "lat,lon,name,shop\n1,2,a,b\n", "1 2 a\n3 4 b\n"] {
        assert_eq!(notes(told), [""; 0], "{told}");
    }
}

#[test]
fn what_was_taken_is_told() {
    let reading = read_with("id\tlat\tlon\tname\n1\t2\t3\ta\n", Wishes::default()).expect("read");
    let told = serde_json::to_value(&reading.columns).expect("strings and numbers");
    let expected = serde_json::json!({
        "latitude": {"name": "lat", "number": 2},
        "longitude": {"name": "lon", "number": 3},
        "name": {"name": "name", "number": 4},
        "form": "delimited text",
        "delimiter": "tab",
        "encoding": "UTF-8",
        "compression": null,
    });
    assert_eq!(told, expected);
}
