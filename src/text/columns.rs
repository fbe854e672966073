//! Which column is which: by its usual name, or by the name that the user gave.
//!
//! Architecture Invariant: the header alone decides; no row is looked at.

use super::TextOptions;
use super::field::{self, shown};
use crate::cities::Coordinates;

/// The usual names of each column, the likeliest first; case does not matter.
const LAT_NAMES: &[&str] = &["lat", "latitude", "lat_deg", "latitude_deg", "y"];
const LON_NAMES: &[&str] = &["lon", "lng", "long", "longitude", "lon_deg", "longitude_deg", "x"];
const NAME_NAMES: &[&str] =
    &["name", "city", "city_name", "cityname", "place", "place_name", "town", "label", "title"];

/// Where the columns stand, counted from 0.
pub(super) struct Columns {
    lat: usize,
    lon: usize,
    name: Option<usize>,
}

impl Columns {
    /// The city of a record of so many fields, or what is wrong with it.
    pub(super) fn row<'r>(
        &self,
        fields: usize,
        field: impl Fn(usize) -> Option<&'r [u8]>,
    ) -> std::result::Result<(Coordinates, &'r [u8]), String> {
        let required = |column: usize, what: &str| {
            field(column).ok_or_else(|| {
                let wanted = column + 1;
                format!("expected a {what} in column {wanted}, found {fields} column(s)")
            })
        };
        let (lat, lon) = (required(self.lat, "latitude")?, required(self.lon, "longitude")?);
        let name = self.name.and_then(field).unwrap_or_default();
        Ok((field::coordinates(lat, lon)?, name.trim_ascii()))
    }
}

/// Finds the columns in the trimmed fields of a header.
pub(super) fn find(
    header: &[String],
    options: &TextOptions,
) -> std::result::Result<Columns, String> {
    let lat = required(header, &options.lat_column, LAT_NAMES, "latitude", "--lat")?;
    let lon = required(header, &options.lon_column, LON_NAMES, "longitude", "--lon")?;
    let name = match &options.name_column {
        Some(_) => Some(required(header, &options.name_column, &[], "name", "--name")?),
        None => usual(header, NAME_NAMES),
    };
    Ok(Columns { lat, lon, name })
}

/// The column that the user named, or the one with a usual name.
fn required(
    header: &[String],
    named: &Option<String>,
    usual_names: &[&str],
    what: &str,
    flag: &str,
) -> std::result::Result<usize, String> {
    let found = match named {
        Some(name) => usual(header, &[name]),
        None => usual(header, usual_names),
    };
    found.ok_or_else(|| {
        let expected = match named {
            Some(name) => format!("a column named {name:?} (from {flag})"),
            None => format!(
                "either a line 'lat lon name' or a header with a {what} column ({})",
                usual_names.join(", ")
            ),
        };
        let header = shown(header.join(" | ").as_bytes());
        format!("expected {expected}, found {header}; name the column with {flag}, or add a header")
    })
}

fn usual(header: &[String], names: &[&str]) -> Option<usize> {
    names.iter().find_map(|name| header.iter().position(|field| field.eq_ignore_ascii_case(name)))
}
