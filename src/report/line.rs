//! JSON on one line: for files of which each line is an object, and for messages.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

/// A value as JSON on one line, with a blank behind each comma and colon, and without a line feed.
pub fn json_line(value: &impl Serialize) -> String {
    let mut bytes = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut bytes, Spaced);
    value.serialize(&mut serializer).expect("what is reported has string keys only");
    String::from_utf8(bytes).expect("JSON is UTF-8")
}

/// The text of a JSON value on one line. No line ends within a string of JSON, so that ends of lines and the blanks
/// around them mean nothing.
pub fn on_one_line(json: &str) -> String {
    let mut line = String::with_capacity(json.len());
    for part in json.lines().map(str::trim) {
        line.push_str(part);
        if part.ends_with(',') {
            line.push(' ');
        }
    }
    line
}

struct Spaced;

impl Formatter for Spaced {
    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        separate(out, first)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        separate(out, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }
}

fn separate<W: ?Sized + Write>(out: &mut W, is_first: bool) -> io::Result<()> {
    if is_first { Ok(()) } else { out.write_all(b", ") }
}
