//! The words that names of columns are made of, in the larger languages.
//!
//! Words stand here as [`super::name::words`] gives them: lower case, without accents.
//!
//! Architecture Invariant: tables, and look-ups in them.

use super::Told;
use crate::angle::{Axis, Order};

/// Words for latitude and for longitude that belong together: a pair of columns takes both of one
/// style.
struct Style {
    lat: &'static [&'static str],
    lon: &'static [&'static str],
}

/// Of the first style each word is a part of longer ones (`reclat` and `reclong`); the last style is
/// that of plane coordinates.
const STYLES: [Style; 24] = [
    Style { lat: &["lat"], lon: &["lon", "lng", "long"] },
    Style { lat: &["latitude"], lon: &["longitude"] },
    // Spanish, Catalan, Swedish; Italian and Romanian.
    Style { lat: &["latitud"], lon: &["longitud"] },
    Style { lat: &["latitudine"], lon: &["longitudine"] },
    // German, Dutch, Swedish, Danish and Norwegian.
    Style {
        lat: &["breite", "breitengrad"],
        lon: &["lange", "laenge", "langengrad", "laengengrad"],
    },
    Style { lat: &["breedte", "breedtegraad"], lon: &["lengte", "lengtegraad"] },
    Style { lat: &["bredd", "breddgrad"], lon: &["langd", "langdgrad"] },
    Style {
        lat: &["bredde", "breddegrad"],
        lon: &["lengde", "lengdegrad", "længde", "længdegrad", "laengdegrad"],
    },
    // Polish, Czech and Slovak, Hungarian, Croatian and Slovene.
    Style { lat: &["szerokosc"], lon: &["dlugosc"] },
    Style { lat: &["sirka"], lon: &["delka", "dlzka"] },
    Style { lat: &["szelesseg"], lon: &["hosszusag"] },
    Style { lat: &["sirina"], lon: &["duzina", "dolzina"] },
    // Finnish, Turkish, Indonesian, Vietnamese.
    Style { lat: &["leveys", "leveysaste"], lon: &["pituus", "pituusaste"] },
    Style { lat: &["enlem"], lon: &["boylam"] },
    Style { lat: &["lintang"], lon: &["bujur"] },
    Style { lat: &["vi"], lon: &["kinh"] },
    // Russian and Ukrainian; Bulgarian and Serbian; Greek.
    Style { lat: &["широта"], lon: &["долгота", "довгота"] },
    Style { lat: &["ширина"], lon: &["дължина", "дужина"] },
    Style { lat: &["πλάτος", "πλατος"], lon: &["μήκος", "μηκος"] },
    // Arabic and Persian, Hebrew, Hindi, Thai.
    Style {
        lat: &["عرض", "العرض", "רוחב", "अक्षांश", "ละติจูด"],
        lon: &["طول", "الطول", "אורך", "देशांतर", "ลองจิจูด"],
    },
    // Chinese, simplified and traditional, and Japanese; Korean.
    Style { lat: &["纬度", "緯度"], lon: &["经度", "經度", "経度"] },
    Style { lat: &["위도"], lon: &["경도"] },
    Style { lat: &["北緯", "北纬"], lon: &["東経", "東經", "东经"] },
    Style { lat: &["y", "ycoord", "ykoord"], lon: &["x", "xcoord", "xkoord"] },
];

/// The style of plane coordinates, which may be degrees.
pub(super) const PLANE: usize = STYLES.len() - 1;

/// The style and the axis of a word, if it is one of those above.
pub(super) fn role(word: &str) -> Option<(usize, Axis)> {
    STYLES.iter().enumerate().find_map(|(style, words)| {
        let is_lat = words.lat.contains(&word);
        let axis = if is_lat { Axis::Latitude } else { Axis::Longitude };
        (is_lat || words.lon.contains(&word)).then_some((style, axis))
    })
}

/// The beginning of a word that ends in one of the first two styles, with its style and axis:
/// `intptlat`, `reclong`.
pub(super) fn glued(word: &str) -> Option<(&str, usize, Axis)> {
    // The longer words first, for each ends in itself alone.
    [1, 0].into_iter().find_map(|style| {
        let words = &STYLES[style];
        let ends = |ends: &[&str], axis| {
            let begin = ends.iter().find_map(|end| word.strip_suffix(end));
            begin.filter(|begin| !begin.is_empty()).map(|begin| (begin, style, axis))
        };
        ends(words.lat, Axis::Latitude).or_else(|| ends(words.lon, Axis::Longitude))
    })
}

/// A word like `latdeg` or `latmin`, whose end is one of those that stand beside `lat`: that end, with
/// style and axis.
pub(super) fn unglued(word: &str) -> Option<(&str, usize, Axis)> {
    [1, 0].into_iter().find_map(|style| {
        let all = STYLES[style].lat.iter().chain(STYLES[style].lon);
        let mut rests = all.filter_map(|begin| Some((begin, word.strip_prefix(begin)?)));
        let is_known =
            |rest: &str| changes_nothing(rest) || part(rest).is_some() || is_statistic(rest);
        let (begin, rest) = rests.find(|(_, rest)| is_known(rest))?;
        role(begin).map(|(style, axis)| (rest, style, axis))
    })
}

/// Whether a word is in a list of words.
pub(super) fn is_in(word: &str, list: &str) -> bool {
    list.split_ascii_whitespace().any(|other| other == word)
}

/// Whether a word beside `lat` or `lon` changes nothing: units of degrees, systems that differ from
/// WGS 84 by metres at most, "geographic", "coordinate".
pub(super) fn changes_nothing(word: &str) -> bool {
    const UNITS: &str = "decimal decimals dec deg degs degree degrees dd ddd d grado grados gradi grau graus degre degres \
         graden grader";
    const SYSTEMS: &str =
        "wgs wgs84 epsg gps gis gcs crs nad etrs itrf gda cgcs jgd sirgas rgf 世界測地系";
    const GEOGRAPHIC: &str = "geo geogr geog geographic geographical geographisch geographische \
        geografische geografica geografico geographique geograficzna geografisk zemepisna \
        географическая географічна географска γεωγραφικό γεωγραφικο خط دائرة קו do";
    const COORDINATE: &str = "coord coords coordinate coordinates coordonnee coordonnees coordenada \
        coordenadas koordinate koordinaten koord";
    [UNITS, SYSTEMS, GEOGRAPHIC, COORDINATE].iter().any(|list| is_in(word, list))
}

/// Whether a word names a statistic of several angles.
pub(super) fn is_statistic(word: &str) -> bool {
    is_in(word, "max mx mean avg median upper lower")
}

/// Whether a number belongs to the reference system that the word before it names: `wgs 84`.
pub(super) fn is_of_system(word: &str, before: &str) -> bool {
    is_in(word, "84 4326 83 89 94 2020 2000 2011 93 2014")
        && is_in(before, "wgs epsg nad etrs itrf gda cgcs jgd sirgas rgf")
}

/// Whether a word in brackets belongs to a range: `(-90 to 90)`.
pub(super) fn is_of_range(word: &str) -> bool {
    is_in(word, "to of 90 180 360")
}

/// Whether a word beside a latitude or a longitude says only which way its sign counts.
pub(super) fn is_direction_of(word: &str, axis: Axis) -> bool {
    match axis {
        Axis::Latitude => is_in(word, "n north nord norte noord norr"),
        Axis::Longitude => is_in(word, "e east est este ost oost oster"),
    }
}

/// A part of an angle that stands in a column of its own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Part {
    Minutes,
    Seconds,
    /// North or south, east or west.
    Hemisphere,
}

/// Which part of an angle a word beside `lat` or `lon` names.
pub(super) fn part(word: &str) -> Option<Part> {
    const MINUTES: &str = "min mins minute minutes m mm minuten minutos";
    const SECONDS: &str = "sec secs second seconds s ss sekunden segundos";
    const HEMISPHERE: &str = "dir direction hem hemi hemis hemisphere hemisferio hemisphare emisfero ref ns \
        ew h sign sgn sens quadrant";
    let parts =
        [(MINUTES, Part::Minutes), (SECONDS, Part::Seconds), (HEMISPHERE, Part::Hemisphere)];
    parts.into_iter().find(|(list, _)| is_in(word, list)).map(|(_, part)| part)
}

/// What the words of a name like `latlon`, `lng_lat` or `Geo Point` say of a column that holds both
/// coordinates: their order, or that it is a place in an order that is left open.
pub(super) fn both(words: &[String]) -> Option<Told> {
    const OPEN: &str = "position pos location loc coordinates coordinate coords coord point points gps \
        geo geom geometry coordonnees coordonnee koordinaten koordinate coordenadas coordenada \
        ubicacion posicion posizione standort lage wkt shape place xy координаты 坐标 座標 좌표";
    let axes: Vec<Axis> =
        words.iter().filter_map(|word| role(word)).map(|(_, axis)| axis).collect();
    let joined = words.concat();
    let ends = |names: &[&str]| names.iter().any(|name| joined.ends_with(name));
    // As Opendatasoft (geo_point_2d) and NASA's lists of meteorites (GeoLocation) write them.
    let is_by_custom = is_in(&joined, "geopoint geopoint2d geolocation");
    if axes == Axis::BOTH
        || ends(&["latlon", "latlng", "latlong", "latitudelongitude"])
        || is_by_custom
    {
        return Some(Told::As(Order::LatLon));
    }
    if axes == [Axis::Longitude, Axis::Latitude]
        || ends(&["lonlat", "lnglat", "longlat", "longitudelatitude"])
    {
        return Some(Told::As(Order::LonLat));
    }
    words.iter().any(|word| is_in(word, OPEN)).then_some(Told::Open)
}

/// Whether the words are those of an address, `50 S 100 W`.
pub(super) fn is_address(words: &[String]) -> bool {
    words.iter().any(|word| is_in(word, "address addr street block adresse direccion calle"))
}

/// Names of cities, the likeliest first, each as its words joined.
pub(super) const CITY_NAMES: &str = "name city cityname place placename town label title station stationname stop stopname \
    location locationname site sitename asciiname locality airport port country nom nombre \
    nome naam navn namn nimi nazwa nazev ort ortsname stadt ville commune ciudad citta \
    cidade miasto isim ad название имя город назва місто 名称 名稱 名前 城市 地名 都市 이름 도시 όνομα πόλη \
    الاسم proper address";
