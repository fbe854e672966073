//! What comes of a list: its cities, and what was taken, left out and doubted.

use serde::Serialize;

use crate::cities::CityList;
use crate::columns::Columns;

/// A list that was read.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// The cities.
    pub list: CityList,
    /// Rows that were left out.
    pub skipped: Skipped,
    /// What was taken for what.
    pub columns: ColumnFacts,
    /// What a reader should doubt, a sentence each.
    pub notes: Vec<String>,
}

/// The rows that were left out: those without a place, and on request those that are no city.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Skipped {
    /// How many.
    pub count: u64,
    /// How many of them because they say that they have no place.
    pub without_coordinates: u64,
    /// What was wrong with the first few of the others, each with its line.
    pub first: Vec<String>,
}

/// A column: its name, where it has one, and its number, counted from 1, where it has one.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ColumnFact {
    /// Its name in the header.
    pub name: Option<String>,
    /// Its number, counted from 1.
    pub number: Option<usize>,
    /// Columns with its minutes, seconds and hemisphere; left out where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<ColumnFact>,
}

impl ColumnFact {
    /// A column that has a name alone.
    pub fn named(name: impl Into<String>) -> ColumnFact {
        ColumnFact { name: Some(name.into()), ..ColumnFact::default() }
    }
}

/// Which columns were taken, and from what kind of file.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ColumnFacts {
    /// Where latitudes stand.
    pub latitude: Option<ColumnFact>,
    /// Where longitudes stand; the same column as that of latitudes where one holds both.
    pub longitude: Option<ColumnFact>,
    /// Where names stand.
    pub name: Option<ColumnFact>,
    /// The form of the file.
    pub form: &'static str,
    /// What stands between two fields.
    pub delimiter: Option<&'static str>,
    /// Encoding of the text.
    pub encoding: Option<&'static str>,
    /// How the file is compressed.
    pub compression: Option<&'static str>,
}

impl ColumnFacts {
    /// The columns that were taken, of which `fact` tells each by its number, counted from 0.
    pub(super) fn of(columns: &Columns, fact: impl Fn(usize) -> Option<ColumnFact>) -> ColumnFacts {
        let [lat, lon] = columns.lat_lon();
        let [lat_parts, lon_parts] = columns.parts();
        let with_parts = |(column, parts): (usize, Vec<usize>)| {
            let parts = parts.into_iter().filter_map(&fact).collect();
            fact(column).map(|fact| ColumnFact { parts, ..fact })
        };
        let [latitude, longitude] = [(lat, lat_parts), (lon, lon_parts)].map(with_parts);
        let name = columns.name().and_then(&fact);
        ColumnFacts { latitude, longitude, name, ..ColumnFacts::default() }
    }
}
