//! Records in JSON: an array of flat objects, or objects one after the other, like one a line (NDJSON).
//!
//! What enters is a text, what leaves are its records that are places, in their order. The keys of the
//! first record are the header, under the same rules as that of a table; the records after it may have
//! them in another order and lack some. Values that are objects or arrays themselves are no fields: a
//! record whose place is in one is refused, with the line of jq that takes it out.
//!
//! A record that has neither key of a place has none, and is counted; but if it has keys that the first
//! record lacks, its place may stand under one of those, and it is refused.

mod header;
mod record;
mod shape;

use super::json::{self, Cursor, Items, Lines};
use super::reading::{ColumnFact, ColumnFacts, Reading};
use super::rows::Rows;
use super::text::Text;
use super::{Flag, Form, ReadOptions};
use crate::columns::{self, Columns, Complaint, Wishes};
use crate::error::Result;
use header::Header;
use record::Record;

pub(super) const FORM: Form =
    Form { name: "JSON records", obeys: &[Flag::Place, Flag::Name], sniff: json::is_json, read };

/// How many records help to choose the columns.
const RECORDS_SAMPLED: usize = 100;

fn read(text: &Text<'_>, options: &ReadOptions) -> Result<Reading> {
    json::require_utf8(text)?;
    let mut cursor = Cursor::new(text, "record");
    let mut items = Items::open(&mut cursor);
    let (mut first, mut rest) = (cursor, items);
    if !rest.next(&mut first)? {
        first.require_end()?;
        return Ok(Reading::default());
    }
    if first.peek() != Some(b'{') {
        return Err(shape::no_record(first));
    }
    let header = Header::read(first)?;
    let columns = find(&header, first, rest, &options.columns)?;
    let mut record = Record::new(&header, &columns);
    let mut rows = Rows::new(text, options.skip_invalid);
    let mut lines = Lines::new(text);
    while items.next(&mut cursor)? {
        let at = cursor.offset();
        record.read(&mut cursor)?;
        let row = record.place().map_err(|error| json::with_item(error, &cursor));
        rows.take(row, record.name(), || lines.line_at(at))?;
    }
    cursor.require_end()?;
    let columns = facts(&header, &columns);
    Ok(Reading { list: rows.list, skipped: rows.skipped, columns, ..Reading::default() })
}

/// Finds the columns by the first records. `first` is before the first of them, which is an object, and
/// `rest` are the records after it.
fn find(
    header: &Header<'_>,
    mut first: Cursor<'_>,
    rest: Items,
    wishes: &Wishes,
) -> Result<Columns> {
    let at = first.offset();
    if !header.is_whole() {
        let problem = format!("expected records, found an object of over {} keys", json::KEYS_MOST);
        return Err(shape::explain(first, rest.is_array(), &problem));
    }
    let sample = header.sample(first, rest, RECORDS_SAMPLED);
    let fields: Vec<Vec<&[u8]>> =
        sample.iter().map(|record| record.iter().map(|field| &**field).collect()).collect();
    let columns = match columns::find(header.names(), &fields, wishes) {
        Ok(columns) => columns,
        Err(Complaint::None(problem)) => {
            return Err(shape::explain(first, rest.is_array(), &problem));
        }
        Err(Complaint::Refused(problem)) => return Err(first.error_at(at, problem)),
    };
    if let Some(key) = columns.open() {
        let problem = columns::unordered(&header.names()[key], key);
        return Err(first.error_at(at, problem));
    }
    let mut record = Record::new(header, &columns);
    record.read(&mut { first })?;
    match record.nested() {
        Some(problem) => Err(shape::explain(first, rest.is_array(), &problem)),
        None => Ok(columns),
    }
}

fn facts(header: &Header<'_>, columns: &Columns) -> ColumnFacts {
    let fact =
        |index: usize| Some(ColumnFact { name: header.names().get(index).cloned(), number: None });
    let [lat, lon] = columns.lat_lon();
    ColumnFacts {
        latitude: fact(lat),
        longitude: fact(lon),
        name: columns.name().and_then(fact),
        ..ColumnFacts::default()
    }
}
