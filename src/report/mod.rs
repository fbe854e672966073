//! What rank 0 says: the same facts as text for people and as JSON for programs.
//!
//! The structs are the JSON, field by field; the text is written from them. `nproc` repeats
//! `ranks` and `execution_time` is in seconds because plotting scripts of HPC courses read those
//! two names.
//!
//! Architecture Invariant: a report computes nothing but shares and rates, and prints nothing.

mod each;
mod explain;
mod geojson;
mod length;
mod line;
mod reading;
mod run;
mod times;

pub use each::{EachReport, EachTimes, HistogramFacts};
pub use explain::{RankShare, ReadShare};
pub use geojson::geojson;
pub use length::{Length, Unit};
pub use line::{json_line, on_one_line};
use reading::notes_text;
pub use reading::reading_text;
pub use run::{CountFacts, EarthFacts, NO_ISA, Name, RankFacts, RunReport, TimeFacts, WayFacts};
use times::seconds;
pub use times::{PhaseTimes, RankTimes, Spread};

pub use crate::plain::printable;

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::formats::{ColumnFacts, Skipped};
use crate::metric::Azimuths;

/// Version of this crate.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A city as it was given.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct City {
    /// Row in the source, counted from 0.
    pub row: u64,
    /// Name; empty if the source has none.
    pub name: String,
    /// Latitude in degrees.
    pub lat: f64,
    /// Longitude in degrees.
    pub lon: f64,
}

impl City {
    /// For people. Where there is no name the row stands alone.
    fn text(&self) -> String {
        let City { row, name, lat, lon } = self;
        let named = if name.is_empty() { String::new() } else { format!(", {}", printable(name)) };
        format!("row {row}{named} ({lat}, {lon})")
    }
}

/// One of the farthest pairs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RankedPair {
    /// Its distance, `distance_km`.
    #[serde(flatten)]
    pub distance: Length,
    /// The two cities, the lower row first.
    pub pair: [City; 2],
    /// Where they stand in their lists.
    #[serde(flatten)]
    pub origin: Origin,
}

/// Where the two cities of a pair stand in their lists, as far as that is told.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Origin {
    /// The lines in which their rows begin, counted from 1; not known of packed files, and of lists that would take
    /// long to be read again. A pair is the same from text and packed, so that they stand beside the answer alone.
    #[serde(skip)]
    pub lines: Option<[u64; 2]>,
    /// What stands in the column of identifiers; left out unless one was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ids: Option<[String; 2]>,
}

impl Origin {
    /// The line of one of the two, for people, to stand behind its city.
    fn line_text(&self, of: usize) -> String {
        self.lines.map(|lines| format!(", line {}", lines[of])).unwrap_or_default()
    }

    /// The identifier of one of the two likewise.
    fn id_text(&self, of: usize) -> String {
        let id = self.ids.as_ref().map(|ids| format!(", id {}", printable(&ids[of])));
        id.unwrap_or_default()
    }
}

/// The file that was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FileFacts {
    /// As given on the command line.
    #[serde(default)]
    pub path: String,
    /// Its length.
    #[serde(default)]
    pub bytes: u64,
    /// XXH3-64 of a text file, in blocks, or of header and section table of a packed one.
    pub checksum: String,
    /// "text" or "packed".
    #[serde(default)]
    pub format: Name,
}

/// A list that was read.
#[derive(Clone, Debug, Serialize)]
pub struct ListFacts {
    /// Its file.
    pub file: FileFacts,
    /// Number of its cities.
    #[serde(skip)]
    pub cities: u64,
    /// What was taken for what.
    pub columns: ColumnFacts,
    /// Rows left out.
    pub skipped: Skipped,
}

/// The lists that pairs are of: the facts of one as they are, those of two in an array.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Lists {
    /// Pairs within it.
    One(Box<ListFacts>),
    /// Pairs of a city of one and a city of the other.
    Two {
        /// The first and the second.
        files: Box<[ListOfTwo; 2]>,
    },
}

/// One of two lists.
#[derive(Clone, Debug, Serialize)]
pub struct ListOfTwo {
    /// Its file.
    #[serde(flatten)]
    pub file: FileFacts,
    /// Number of its cities.
    pub cities: u64,
    /// What was taken for what.
    pub columns: ColumnFacts,
    /// Rows left out.
    pub skipped: Skipped,
}

impl Lists {
    /// Of the facts of one list or two.
    ///
    /// # Panics
    /// If there are more or none.
    pub fn new(facts: Vec<ListFacts>) -> Lists {
        let of_two = |ListFacts { file, cities, columns, skipped }| ListOfTwo {
            file,
            cities,
            columns,
            skipped,
        };
        match <[ListFacts; 1]>::try_from(facts) {
            Ok([one]) => Lists::One(Box::new(one)),
            Err(facts) => {
                let two: Box<[ListOfTwo]> = facts.into_iter().map(of_two).collect();
                Lists::Two { files: two.try_into().expect("one list or two") }
            }
        }
    }

    /// The file, the cities and what was read, of each.
    fn each(&self) -> Vec<(&FileFacts, u64, &ColumnFacts, &Skipped)> {
        match self {
            Lists::One(one) => vec![(&one.file, one.cities, &one.columns, &one.skipped)],
            Lists::Two { files } => files
                .iter()
                .map(|ListOfTwo { file, cities, columns, skipped }| {
                    (file, *cities, columns, skipped)
                })
                .collect(),
        }
    }
}

/// The answer of `farthest pair`.
#[derive(Clone, Debug, Serialize)]
pub struct PairReport {
    /// "ok", or "stopped" if the search was ended before it had settled all pairs.
    pub status: &'static str,
    /// Version of farthest.
    pub version: &'static str,
    /// The greatest distance, `distance_km`; of a search that was stopped, the greatest so far.
    #[serde(flatten)]
    pub distance: Length,
    /// Kilometres that no pair is farther apart than, of a search that was stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upper_bound_km: Option<f64>,
    /// The two cities, the lower row first, or that of the first list.
    pub pair: [City; 2],
    /// Where they stand in their lists.
    #[serde(flatten)]
    pub origin: Origin,
    /// At each of the two the direction of the shortest way to the other, in degrees clockwise from north; null where
    /// it is not defined, and left out on the sphere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub azimuths_deg: Option<Azimuths>,
    /// The farthest pairs, as many as were asked for or there are; left out unless their number was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top: Option<Vec<RankedPair>>,
    /// How much there was to cover, and was covered.
    #[serde(flatten)]
    pub counts: CountFacts,
    /// Pairs covered by this run in a second of its `execution_time`.
    pub pairs_per_s: f64,
    /// Pairs that it looked at one by one in a second of the same.
    pub pairs_evaluated_per_s: f64,
    /// The way in which it was searched.
    #[serde(flatten)]
    pub way: WayFacts,
    /// The ranks that worked.
    #[serde(flatten)]
    pub ranks: RankFacts,
    /// The time that they took.
    #[serde(flatten)]
    pub times: TimeFacts,
    /// The list, or the two.
    #[serde(flatten)]
    pub lists: Lists,
    /// The lines in which the rows of the two begin, counted from 1, where they are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<[u64; 2]>,
    /// What a reader should doubt, a sentence each.
    pub notes: Vec<String>,
    /// How far apart the pair is on another Earth, for people alone.
    #[serde(skip)]
    pub elsewhere: Option<String>,
    /// What each rank did; left out unless it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explain: Option<Vec<RankShare>>,
}

/// The description of `farthest info`.
#[derive(Clone, Debug, Serialize)]
pub struct InfoReport {
    /// "ok".
    pub status: &'static str,
    /// Version of farthest.
    pub version: &'static str,
    /// Number of cities.
    pub cities: u64,
    /// Number of pairs, n(n − 1)/2.
    pub pairs: u128,
    /// Least and greatest latitude in degrees.
    pub lat_bounds: [f64; 2],
    /// Least and greatest longitude in degrees.
    pub lon_bounds: [f64; 2],
    /// Cities with the same coordinates as another of a lower row.
    pub duplicates: u64,
    /// The first and second city of the source.
    pub first_cities: Vec<City>,
    /// Seconds to open the file: header and section table of a packed one, all of a text.
    pub open_time_s: f64,
    /// The file.
    pub file: FileFacts,
    /// What was taken for what.
    pub columns: ColumnFacts,
    /// Rows left out.
    pub skipped: Skipped,
    /// What a reader should doubt, a sentence each.
    pub notes: Vec<String>,
}

#[derive(Serialize)]
struct ErrorReport<'a> {
    status: &'static str,
    version: &'static str,
    code: u8,
    class: &'static str,
    message: &'a str,
}

/// A report as one JSON object and a line feed.
pub fn json(report: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(report).expect("reports have string keys only");
    text + "\n"
}

/// An error as a JSON object.
pub fn error_json(error: &Error) -> String {
    let (code, class) = (error.exit_code(), error.class());
    let message = &error.to_string();
    json(&ErrorReport { status: "error", version: VERSION, code, class, message })
}

/// An error as text: one message, in one line.
pub fn error_text(error: &Error) -> String {
    format!("farthest: {error}")
}

impl PairReport {
    /// The report for people. Its last two lines are those of the notebook, and behind them stands
    /// what each rank did, if that was asked for.
    pub fn text(&self) -> String {
        let PairReport { counts, way, ranks, times, .. } = self;
        let hosts = ranks.hosts.join(", ");
        let lists = self.lists.each();
        let numbers: Vec<String> = lists.iter().map(|(_, cities, ..)| cities.to_string()).collect();
        let mut text = key_values(&[("farthest", self.version.to_string())]);
        for (file, ..) in &lists {
            text.push_str(&key_values(&[("file", file.text())]));
        }
        let lines = [
            ("cities", numbers.join(" and ")),
            ("pairs", counts.pairs.to_string()),
            ("ranks", ranks.ranks.to_string()),
            ("nodes", format!("{} ({hosts})", ranks.nodes)),
            ("MPI", ranks.mpi.clone()),
            ("method", way.method.to_string()),
            ("search", way.search.clone().unwrap_or_default().to_string()),
            ("dist", way.dist.to_string()),
            ("isa", if way.isa == NO_ISA { String::new() } else { way.isa.to_string() }),
            ("metric", format!("{}{}", way.metric, way.earth.text())),
        ];
        let said: Vec<_> = lines.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        text.push_str(&key_values(&said));
        for (_, _, columns, skipped) in lists {
            text.push_str(&reading_text(columns, skipped, &[]));
        }
        text.push_str(&notes_text(&self.notes));
        text.push_str(&notes_text(self.elsewhere.as_slice()));
        text.push('\n');
        text.push_str(&self.answer_text(false));
        text.push('\n');
        text.push_str(&times.times_s.table(&[]));
        let _ = writeln!(text, "{:<16} {:.3}", "load balance:", times.load_balance);
        let earlier = |pairs| format!(", {pairs} of them by earlier runs");
        let earlier = counts.pairs_covered_earlier.map(earlier).unwrap_or_default();
        let counts = [
            ("pairs covered", format!("{}{earlier}", counts.pairs_covered)),
            ("pairs evaluated", counts.pairs_evaluated.to_string()),
            ("groups opened", counts.groups_opened.to_string()),
            (
                "pairs/second",
                format!(
                    "{:.3e} covered, {:.3e} evaluated",
                    self.pairs_per_s, self.pairs_evaluated_per_s
                ),
            ),
            ("Result", if self.is_stopped() { "STOPPED" } else { "VALID" }.to_string()),
        ];
        let explained = self.explain.as_deref().map(explain::tables).unwrap_or_default();
        text + &key_values(&counts) + &self.notebooks_lines() + &explained
    }

    /// The answer and the notebook's two lines alone, which are the same from text and packed.
    pub fn quiet_text(&self) -> String {
        self.answer_text(true) + &self.notebooks_lines()
    }

    /// The two cities, how far apart they are, and the farthest pairs if they were asked for.
    fn answer_text(&self, is_quiet: bool) -> String {
        let mut text = String::new();
        for (of, (which, city)) in ["first", "second"].iter().zip(&self.pair).enumerate() {
            let line = if is_quiet { String::new() } else { self.origin.line_text(of) };
            let told = city.text() + &line + &self.origin.id_text(of);
            let _ = writeln!(text, "{:<16} {told}", format!("{which}:"));
        }
        let so_far = if self.upper_bound_km.is_some() { ", the farthest so far" } else { "" };
        let _ = writeln!(text, "{:<16} {}{so_far}", "distance:", self.distance.text(9));
        if let Some(upper_bound_km) = self.upper_bound_km {
            let most = self.in_unit(upper_bound_km).text(9);
            let _ = writeln!(text, "{:<16} {most}", "at most:");
        }
        if let Some(azimuths) = &self.azimuths_deg {
            let _ = writeln!(text, "{:<16} {}", "azimuths:", azimuths_text(azimuths));
        }
        text.push_str(&self.top.as_deref().map(top_table).unwrap_or_default());
        text
    }

    /// The lines with which the notebook ends.
    fn notebooks_lines(&self) -> String {
        let distance = match self.upper_bound_km {
            None => format!("Maximum distance: {}", self.distance.text(0)),
            Some(most) => format!(
                "Maximum distance: not known, the search was stopped; from {} to {}",
                self.distance.text(6),
                self.in_unit(most).text(6)
            ),
        };
        format!("{distance}\nComputing time: {} sec\n", seconds(self.times.execution_time))
    }

    /// A length in the unit of the distance.
    fn in_unit(&self, km: f64) -> Length {
        Length::new(km, self.distance.shown().1)
    }

    /// Makes it the report of a search that was stopped, whose farthest pair is no farther apart than this.
    pub fn stop(&mut self, upper_bound_km: f64) {
        self.status = "stopped";
        self.upper_bound_km = Some(upper_bound_km);
    }

    /// Of a search that was stopped, what its farthest pair is worth.
    pub fn so_far(&self) -> Option<String> {
        let most = self.in_unit(self.upper_bound_km?);
        let [distance, most] = [&self.distance, &most].map(|length| length.text(9));
        Some(format!(
            "farthest: the search was stopped; these are the farthest so far, and the answer is from {distance} to {most}"
        ))
    }

    fn is_stopped(&self) -> bool {
        self.upper_bound_km.is_some()
    }
}

/// The directions of a shortest way at both of its ends.
fn azimuths_text(azimuths: &Azimuths) -> String {
    let of_one = |azimuth: &Option<f64>| {
        azimuth.map_or("none at a pole".to_string(), |azimuth| format!("{azimuth:.6} degrees"))
    };
    match azimuths {
        [None, None] => "over either pole, by half a meridian".into(),
        [first, second] => {
            format!("{} at the first, {} at the second", of_one(first), of_one(second))
        }
    }
}

/// The farthest pairs as a table, a line each.
fn top_table(top: &[RankedPair]) -> String {
    let mut text = format!("\n{:>7} {:>22}  pair\n", "place", "distance");
    for (place, RankedPair { distance, pair, origin }) in (1..).zip(top) {
        let [one, other] = [0, 1].map(|of| pair[of].text() + &origin.id_text(of));
        let _ = writeln!(text, "{place:>7} {:>22}  {one} - {other}", distance.text(9));
    }
    text
}

/// The farthest pairs as CSV, a line each behind a header: fields as RFC 4180 has them, lines as Unix has them.
pub fn csv(pairs: &[RankedPair]) -> String {
    let unit = pairs.first().map_or(Unit::Km, |pair| pair.distance.shown().1);
    let distance = format!("distance_{}", unit.symbol());
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = [
        "place", &distance, "row_1", "name_1", "lat_1", "lon_1", "row_2", "name_2", "lat_2",
        "lon_2",
    ];
    let mut write = |fields: &[String]| writer.write_record(fields).expect("memory takes it");
    let has_ids = pairs.iter().any(|pair| pair.origin.ids.is_some());
    let ids = if has_ids { &["id_1", "id_2"][..] } else { &[] };
    write(&header.iter().chain(ids).map(|name| name.to_string()).collect::<Vec<_>>());
    for (place, RankedPair { distance, pair, origin }) in (1..).zip(pairs) {
        let cities = pair.iter().flat_map(|City { row, name, lat, lon }| {
            [row.to_string(), name.clone(), lat.to_string(), lon.to_string()]
        });
        let place: u64 = place;
        write(
            &[place.to_string(), distance.shown().0.to_string()]
                .into_iter()
                .chain(cities)
                .chain(origin.ids.iter().flatten().cloned())
                .collect::<Vec<_>>(),
        );
    }
    String::from_utf8(writer.into_inner().expect("memory takes it")).expect("names are UTF-8")
}

impl InfoReport {
    /// The description for people: what was taken for what, the notebook's sentences, the rest.
    pub fn text(&self) -> String {
        let mut text = reading_text(&self.columns, &self.skipped, &self.notes);
        let _ = writeln!(text, "There are {} cities.", self.cities);
        for (which, city) in ["First", "Second"].iter().zip(&self.first_cities) {
            let City { name, lat, lon, .. } = city;
            let _ = writeln!(text, "{which} city is: ({:?}, {lat:?}, {lon:?})", printable(name));
        }
        let _ = writeln!(text, "There are {} coordinate pairs.\n", self.pairs);
        let range = |[low, high]: [f64; 2]| format!("[{low}, {high}] degrees");
        text + &key_values(&[
            ("latitudes", range(self.lat_bounds)),
            ("longitudes", range(self.lon_bounds)),
            ("duplicates", self.duplicates.to_string()),
            ("format", self.file.format.to_string()),
            ("bytes", self.file.bytes.to_string()),
            ("checksum", self.file.checksum.clone()),
            ("opened in", format!("{:.3} ms", self.open_time_s * 1e3)),
        ])
    }
}

impl FileFacts {
    fn text(&self) -> String {
        let path = printable(&self.path);
        format!("{path} ({}, {} bytes, {})", self.format, self.bytes, self.checksum)
    }
}

/// "key: value" lines, the values aligned.
pub fn key_values(lines: &[(&str, String)]) -> String {
    lines.iter().fold(String::new(), |mut text, (key, value)| {
        let _ = writeln!(text, "{:<16} {value}", format!("{key}:"));
        text
    })
}

/// Each host once, in the order of first appearance.
pub fn distinct(hosts: &[String]) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    hosts.iter().filter(|host| seen.insert(*host)).cloned().collect()
}
