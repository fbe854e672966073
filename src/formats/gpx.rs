//! GPX: the points of GPS receivers.
//!
//! A GPX file holds three kinds of points: waypoints, points of routes, and points of tracks. A list
//! of cities is one kind. If the file holds one kind, it is meant; if it holds several, only the user
//! knows which. That shows at the end of the file alone, so the first kind is kept and the others are
//! counted: one walk, and no second copy.
//!
//! A point is a point wherever it stands, for programs put them in places that the schema does not
//! know; but what lies in `extensions` belongs to other programs.

use super::reading::{ColumnFact, ColumnFacts, Reading};
use super::rows::{Rows, Sink};
use super::text::Text;
use super::xml::{Gathered, Piece, Tag, Walker, root_name};
use super::{Flag, Form, Layer, ReadOptions};
use crate::angle::{self, Axis, shown};
use crate::cities::{Coordinates, RowError};
use crate::error::Result;

pub(super) const FORM: Form = Form { name: "GPX", obeys: &[Flag::Layer], sniff, read };

/// A kind of points.
struct Kind {
    element: &'static str,
    /// One of them, in words.
    noun: &'static str,
    layer: Layer,
    /// What `--layer` calls them.
    flag: &'static str,
}

const KINDS: [Kind; 3] = [
    Kind { element: "wpt", noun: "waypoint", layer: Layer::Waypoints, flag: "waypoints" },
    Kind { element: "trkpt", noun: "track point", layer: Layer::Tracks, flag: "tracks" },
    Kind { element: "rtept", noun: "route point", layer: Layer::Routes, flag: "routes" },
];

/// A place, none because the point says so, or what is wrong with it.
type Place = std::result::Result<Option<Coordinates>, RowError>;

/// A point whose element is open.
struct Point {
    depth: usize,
    offset: usize,
    /// Its place, or `None` if it is of a kind that is only counted.
    place: Option<Place>,
}

/// What was found so far.
struct Points<'a> {
    rows: Rows<'a>,
    /// The kind that is kept, by its number in [`KINDS`].
    kept: Option<usize>,
    was_asked: bool,
    counts: [u64; KINDS.len()],
    /// Where the first point of another kind stands.
    other_offset: Option<usize>,
    point: Option<Point>,
    name: Gathered,
    has_names: bool,
}

fn sniff(text: &Text<'_>) -> bool {
    root_name(text.start()).as_deref() == Some("gpx")
}

fn read(text: &Text<'_>, options: &ReadOptions, sink: Sink<'_>) -> Result<Reading> {
    let asked = options.layer.map(|layer| KINDS.iter().position(|kind| kind.layer == layer));
    let mut points = Points {
        rows: Rows::new(text, options.skip_invalid, sink),
        kept: asked.flatten(),
        was_asked: asked.is_some(),
        counts: [0; KINDS.len()],
        other_offset: None,
        point: None,
        name: Gathered::default(),
        has_names: false,
    };
    let mut walker = Walker::new(text);
    loop {
        match walker.next()? {
            Piece::Open(tag) if tag.local() == "extensions" => walker.skip(tag.depth)?,
            Piece::Open(tag) => points.open(&tag, &walker)?,
            Piece::Text(piece) => points.name.add(&piece),
            Piece::Close(depth) => points.close(depth)?,
            Piece::End => return points.finish(walker),
        }
    }
}

impl<'a> Points<'a> {
    fn open(&mut self, tag: &Tag<'_>, walker: &Walker<'_>) -> Result<()> {
        let local = tag.local();
        match (&self.point, KINDS.iter().position(|kind| kind.element == local)) {
            (None, Some(kind)) => self.open_point(kind, tag, walker),
            (Some(_), Some(_)) => {
                let problem = format!(
                    "expected the end of a point, found a <{local}> inside it; close the point first"
                );
                Err(walker.error_at(tag.offset, problem))
            }
            (Some(point), None) => {
                if local == "name" && tag.depth == point.depth + 1 {
                    self.name.open(tag.depth);
                }
                Ok(())
            }
            (None, None) => Ok(()),
        }
    }

    fn open_point(&mut self, kind: usize, tag: &Tag<'_>, walker: &Walker<'_>) -> Result<()> {
        let is_kept = *self.kept.get_or_insert(kind) == kind;
        self.counts[kind] += 1;
        let place = if is_kept {
            Some(place(tag).map_err(|problem| walker.error_at(tag.offset, problem))?)
        } else {
            self.other_offset.get_or_insert(tag.offset);
            None
        };
        self.name.clear();
        self.point = Some(Point { depth: tag.depth, offset: tag.offset, place });
        Ok(())
    }

    fn close(&mut self, depth: usize) -> Result<()> {
        self.name.close(depth);
        let Some(Point { offset, place, .. }) = self.point.take_if(|point| point.depth == depth)
        else {
            return Ok(());
        };
        let Some(mut place) = place else {
            return Ok(());
        };
        if place.is_ok() && self.name.found() > 1 {
            place = Err(RowError::Row(format!(
                "expected one <name> directly below a point, found {}",
                self.name.found()
            )));
        }
        self.has_names |= self.name.found() > 0;
        self.rows.take(place, self.name.text().as_bytes(), offset)
    }

    fn finish(self, walker: Walker<'_>) -> Result<Reading> {
        if let Some(offset) = self.other_offset.filter(|_| !self.was_asked) {
            let flags = self.each_kind(" or ", |kind, _| format!("--layer {}", kind.flag));
            let problem = format!(
                "expected one kind of points, found {}; say which are the cities: {flags}",
                self.counted()
            );
            return Err(walker.error_at(offset, problem));
        }
        let mut columns = ColumnFacts::default();
        if let Some(kept) = self.kept {
            let Kind { element, noun, flag, .. } = KINDS[kept];
            if self.counts[kept] == 0 {
                let problem = format!(
                    "expected {noun}s ({element}), as --layer {flag} says, found {}; leave the option \
                     out, or name another layer",
                    self.counted()
                );
                return Err(walker.error_at(0, problem));
            }
            let fact = |end: &str| Some(ColumnFact::named(format!("{element}/{end}")));
            columns.latitude = fact("@lat");
            columns.longitude = fact("@lon");
            columns.name = fact("name").filter(|_| self.has_names);
        }
        let (list, skipped) = self.rows.finish()?;
        Ok(Reading { list, skipped, columns, notes: walker.note.into_iter().collect() })
    }

    /// "3 waypoints (wpt) and 1 track point (trkpt)".
    fn counted(&self) -> String {
        let counted = self.each_kind(" and ", |kind, count| {
            let plural = if count == 1 { "" } else { "s" };
            format!("{count} {}{plural} ({})", kind.noun, kind.element)
        });
        if counted.is_empty() { "no points at all".to_string() } else { counted }
    }

    /// Words on each kind that is in the file.
    fn each_kind(&self, between: &str, words: impl Fn(&Kind, u64) -> String) -> String {
        let found = KINDS.iter().zip(self.counts).filter(|&(_, count)| count > 0);
        found.map(|(kind, count)| words(kind, count)).collect::<Vec<_>>().join(between)
    }
}

/// The place that the attributes of a point say; the outer error is one of the tag as a whole.
///
/// GPX demands both attributes, so a point without them is none. Two that are there and empty are
/// what a receiver without reception writes: no place.
fn place(tag: &Tag<'_>) -> std::result::Result<Place, String> {
    let [lat, lon] = tag.attributes(["lat", "lon"])?;
    let (Some(lat), Some(lon)) = (&lat, &lon) else {
        let missing = match (lat, lon) {
            (None, None) => "one with neither",
            (None, _) => "one without lat",
            _ => "one without lon",
        };
        let problem = format!("expected a point with the attributes lat and lon, found {missing}");
        return Ok(Err(RowError::Row(problem)));
    };
    let (lat, lon) = (lat.as_bytes(), lon.as_bytes());
    if angle::is_no_place(lat, lon) {
        return Ok(Ok(None));
    }
    // The schema has decimal numbers alone; another notation is more likely damage.
    let degrees = |field: &[u8], axis: Axis| {
        let number = fast_float2::parse::<f64, _>(field.trim_ascii());
        let (axis, found) = (axis.name(), shown(field));
        number.map_err(|_| RowError::Row(format!("expected a {axis} in degrees, found {found}")))
    };
    Ok(degrees(lat, Axis::Latitude)
        .and_then(|lat_deg| Ok((lat_deg, degrees(lon, Axis::Longitude)?)))
        .and_then(|(lat_deg, lon_deg)| Coordinates::new(lat_deg, lon_deg).map(Some)))
}
