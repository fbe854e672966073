//! In which order the two numbers of one key stand, where neither the user nor its name says it.
//!
//! A value beyond ±90, which is no latitude, proves it for all; else the list is refused.

use super::header::Header;
use super::record::Record;
use crate::angle;
use crate::columns::{self, Columns, OrderProof, Wishes};
use crate::error::Result;
use crate::formats::json::{Cursor, Items};

/// Names that say "latitude first" in text alone: in arrays Elasticsearch and MongoDB have longitude
/// first under the same names.
const OF_TEXT_ALONE: [&str; 2] = ["geopoint", "geolocation"];

/// Settles the order in `columns`. `first` is before the first of all records, `rest` are those after
/// it.
///
/// # Errors
/// The order is not known; or the text is no JSON.
pub fn settle<'a>(
    header: &Header<'a>,
    columns: &mut Columns,
    wishes: &Wishes,
    mut first: Cursor<'a>,
    mut rest: Items,
) -> Result<()> {
    let [column, _] = columns.lat_lon();
    let is_told = wishes.name_a_place() || !says_little(header, columns);
    if columns.open().is_none() && is_told {
        return Ok(());
    }
    let mut begin = first;
    let as_found = columns.clone();
    let mut record = Record::new(header, &as_found);
    let mut proof = OrderProof::default();
    loop {
        record.read(&mut first)?;
        // What is no pair of numbers is refused when the records are read.
        if let Ok(Some(numbers)) = angle::two_numbers(record.text(column)) {
            proof.see(numbers);
        }
        if !rest.next(&mut first)? {
            break;
        }
    }
    let Some(order) = proof.order() else {
        let at = begin.offset();
        return Err(begin.error_at(at, columns::unordered(&header.names()[column], column)));
    };
    columns.settle(order);
    Ok(())
}

/// Whether a key's name says the order for text, and it holds arrays.
fn says_little(header: &Header<'_>, columns: &Columns) -> bool {
    let [column, lon] = columns.lat_lon();
    let letters = |name: &str| -> String {
        let letters = name.chars().filter(|c| c.is_ascii_alphanumeric());
        letters.map(|c| c.to_ascii_lowercase()).collect()
    };
    let is_array = |row: &Vec<&[u8]>| row[column].starts_with(b"[");
    column == lon
        && OF_TEXT_ALONE.contains(&letters(&header.names()[column]).as_str())
        && header.sample().iter().any(is_array)
}
