//! Records in JSON: an array of flat objects, or objects one after the other, like one a line (NDJSON).
//!
//! What enters is a text, what leaves are its records that are places, in their order. The keys of the
//! first records are the header, under the same rules as that of a table; each record may have them in
//! another order and lack some. Values that are objects or arrays themselves are no fields: a record
//! whose place is in one is refused, with the line of jq that takes it out. The one exception is an
//! array of two numbers, whose order is asked for like that of two numbers in a text.
//!
//! A record that has neither key of a place has none, and is counted; but if it has a key that stands
//! beside no place in the first records, its place may stand under that, and it is refused.

mod header;
mod order;
mod record;
mod shape;

use super::json::{self, Cursor, Items};
use super::reading::{ColumnFact, ColumnFacts, Reading};
use super::rows::{Rows, Sink};
use super::text::Text;
use super::{Flag, Form, ReadOptions};
use crate::columns::{self, Columns, Complaint, Rank, Wishes};
use crate::error::Result;
use header::Header;
use record::{Nested, Record};
use shape::Problem;

pub(super) const FORM: Form =
    Form { name: "JSON records", obeys: &[Flag::Place, Flag::Name], sniff: json::is_json, read };

fn read(text: &Text<'_>, options: &ReadOptions, sink: Sink<'_>) -> Result<Reading> {
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
    let header = Header::read(first, rest)?;
    let columns = find(&header, first, rest, &options.columns)?;
    let mut record = Record::new(&header, &columns);
    let mut rows = Rows::new(text, options.skip_invalid, sink);
    while items.next(&mut cursor)? {
        let at = cursor.offset();
        record.read(&mut cursor)?;
        let row = record.place().map_err(|error| error.prefixed(&cursor.item()));
        rows.take(row, record.name(), at)?;
    }
    cursor.require_end()?;
    let columns = facts(&header, &columns);
    let (list, skipped) = rows.finish()?;
    Ok(Reading { list, skipped, columns, ..Reading::default() })
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
        return Err(shape::explain(first, rest, &Problem::NoColumns(problem)));
    }
    let is_wish = wishes.name_any();
    let mut columns = match columns::find(header.names(), &header.sample(), wishes) {
        Ok(columns) => columns,
        Err(Complaint::None(problem)) if is_wish => {
            return Err(shape::explain(first, rest, &Problem::UnderKeys(problem)));
        }
        Err(Complaint::None(problem)) => {
            return Err(shape::explain(first, rest, &Problem::NoColumns(problem)));
        }
        Err(Complaint::Refused(problem)) if is_wish => return Err(first.error_at(at, problem)),
        Err(Complaint::Refused(problem)) => return Err(shape::refuse(first, rest, problem)),
    };
    require_flat(header, &columns, first, rest)?;
    if !wishes.name_a_place() {
        shape::require_one_list(first, rest)?;
        if columns.rank() == Rank::Plane {
            shape::require_nothing_better(first, rest)?;
        }
    }
    order::settle(header, &mut columns, wishes, first, rest)?;
    Ok(columns)
}

/// Refuses records whose columns hold objects or arrays, by the first that has a key of a place.
fn require_flat(
    header: &Header<'_>,
    columns: &Columns,
    first: Cursor<'_>,
    rest: Items,
) -> Result<()> {
    let (mut cursor, mut items) = (first, rest);
    let at = cursor.offset();
    let mut record = Record::new(header, columns);
    for _ in 0..header.sampled() {
        record.read(&mut cursor)?;
        if record.has_place_key() {
            break;
        }
        if !items.next(&mut cursor)? {
            return Ok(());
        }
    }
    match record.nested() {
        Some(Nested { problem, is_name: false }) => {
            Err(shape::explain(first, rest, &Problem::UnderKeys(problem)))
        }
        Some(nested) => Err(cursor.error_at(at, nested.with_remedy(header.source))),
        None => Ok(()),
    }
}

fn facts(header: &Header<'_>, columns: &Columns) -> ColumnFacts {
    let fact = |index: usize| header.names().get(index).map(ColumnFact::named);
    ColumnFacts::of(columns, fact)
}
