//! Words that say of a column that it holds no degrees, and what to do then.
//!
//! Such a column is not taken for a coordinate. Where nothing better is found, its reason is what the
//! user is told.
//!
//! Architecture Invariant: tables, and look-ups in them.

use super::words::is_in;
use crate::angle::Axis;

/// What a column holds that is no degree.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Stop {
    Radians,
    Scaled,
    /// Counted to the west or to the south.
    Mirrored,
    Projected,
    Sky,
    Code,
    /// Another unit of angles, or one that is not known.
    Unit,
    /// An error, an index, a difference: derived from coordinates.
    Derived,
}

/// What a word says of the column of a latitude or longitude, if it says that these are no degrees.
pub(super) fn beside(word: &str, axis: Axis) -> Option<Stop> {
    const STOPS: [(Stop, &str); 6] = [
        (Stop::Radians, "rad rads radian radians radianes radiant radianten"),
        (
            Stop::Scaled,
            "e5 e6 e7 1e5 1e6 1e7 micro microdegrees microdeg mas udeg mdeg millideg millidegrees",
        ),
        (Stop::Projected, "km metre metres meter meters utm mercator ft feet"),
        (
            Stop::Sky,
            "gal galactic galactique supergalactic ecl ecliptic mag geomag magnetic geomagnetic cgm aacgm qd mlt",
        ),
        (
            Stop::Unit,
            "gon gons gradian gradians arcmin arcsec arcminutes arcseconds mrad hours hour hrs hms \
             semicircle semicircles rotated dms ddmm ddmmss dmm dm",
        ),
        (
            Stop::Derived,
            "err error errors std sd stdev stddev sigma var variance rms delta diff difference offset \
             accuracy acc precision uncertainty uncert resolution res idx index bin bins count step spacing \
             id no num nr qc flag vel velocity speed accel acceleration force",
        ),
    ];
    let mirrored = match axis {
        Axis::Latitude => "south sud sur sul",
        Axis::Longitude => "w west ouest oeste ovest westing",
    };
    let found = STOPS.iter().find(|(_, list)| is_in(word, list)).map(|(stop, _)| *stop);
    found.or_else(|| is_in(word, mirrored).then_some(Stop::Mirrored))
}

/// What the words of a name say by themselves.
pub(super) fn alone(words: &[String]) -> Option<Stop> {
    const PROJECTED: &str = "easting northing eastings northings utm rechtswert hochwert ostwert \
        nordwert gkx gky lambert mercator";
    const CODES: &str = "geohash mgrs usng pluscode pluscodes olc what3words w3w quadkey maidenhead \
        gridref gridreference gridsquare georef gars h3 h3index h3cell s2 s2cell locator qth \
        openlocationcode utmzone";
    let is_any = |list: &str| words.iter().any(|word| is_in(word, list));
    if is_sky(words) {
        Some(Stop::Sky)
    } else if is_any(PROJECTED) {
        Some(Stop::Projected)
    } else {
        (is_any(CODES) || is_in(&words.concat(), CODES)).then_some(Stop::Code)
    }
}

/// Whether words name a coordinate of the sky: right ascension or declination, in any catalogue's way.
fn is_sky(words: &[String]) -> bool {
    const NAMES: &str = "ra dec decl de raj dej rad ded rarad decrad radeg dedeg decdeg rahms decdms rightascension";
    const REST: &str = "2000 1950 icrs j b ep deg degrees rad hours hour hr h hms dms";
    let has = |word: &str| words.iter().any(|other| other == word);
    let is_named = words.first().is_some_and(|first| is_in(first, NAMES));
    (is_named && words[1..].iter().all(|word| is_in(word, REST)))
        || is_in(&words.concat(), NAMES)
        || (has("right") && has("ascension"))
        || has("declination")
}

/// What is wrong with columns that hold no degrees, and what to do.
pub(super) fn reason(stop: Stop) -> &'static str {
    match stop {
        Stop::Radians => {
            "radians; write degrees into the file (multiply by 180/pi), or, if they are degrees after all, \
             name the columns with --lat and --lon"
        }
        Stop::Scaled => {
            "scaled integers, such as millionths of a degree; divide by 1e6 or 1e7 first, or, if they are \
             degrees after all, name the columns with --lat and --lon"
        }
        Stop::Mirrored => {
            "degrees counted to the west or to the south, which are positive to the east and north here; \
             change the sign (west is negative) and the name, or, if the sign is right, name the columns \
             with --lat and --lon"
        }
        Stop::Projected => {
            "projected coordinates in metres or kilometres and no degrees; convert them: ogr2ogr -f GeoJSON \
             /vsistdout/ FILE -oo X_POSSIBLE_NAMES=EASTING -oo Y_POSSIBLE_NAMES=NORTHING -s_srs EPSG:N -t_srs \
             EPSG:4326 | farthest pack - OUT.cities, or, if they are degrees after all, name the columns with \
             --lat and --lon"
        }
        Stop::Sky => {
            "right ascension and declination, places on the sky, of which the first may count hours; if \
             both are degrees, say so with --lat DECLINATION --lon RIGHT_ASCENSION"
        }
        Stop::Unit => {
            "another unit or notation than degrees, or one that is not known; write degrees into the file, or, if \
             they are degrees after all, name the columns with --lat and --lon"
        }
        Stop::Derived => {
            "errors, indices or the like and no coordinates; if they are coordinates after all, name the columns \
             with --lat and --lon"
        }
        Stop::Code => {
            "codes of a grid (geohash, MGRS and the like) and no degrees; convert them to latitude and \
             longitude first"
        }
    }
}
