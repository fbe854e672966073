//! The command line: what may be typed, and what it means once validated.
//!
//! `clap` reads what was typed (`Typed`); [`parse`] turns it into a [`Command`] that needs no
//! further questions, or into a text to print (help, version) or a usage error.
//!
//! Architecture Invariant: nothing outside this module sees what was typed, and nothing here
//! opens a file or prints.

mod documents;
mod help_words;
mod near_misses;
mod study_words;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::columns::Wishes;
use crate::driver::progress::Asked;
use crate::each::Form;
use crate::error::{Error, Result};
use crate::formats::{Encoding, Layer, ReadOptions};
use crate::generate::{Distribution, Recipe};
use crate::kernel::{Isa, Kernel};
use crate::metric::Metric;
use crate::picture;
use crate::plain::printable;
use crate::report::Unit;
use crate::search::{Method, Wanted};
use crate::source::{LoadOptions, STANDARD_INPUT};
use crate::sphere::RADIUS_KM;
use crate::study;

/// What to do, validated.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "there is one, and it lives as long as the program")]
pub enum Command {
    /// Find the farthest pair.
    Pair(PairOptions),
    /// Write the farthest city of each city.
    Each(EachOptions),
    /// Write a packed file.
    Pack(PackOptions),
    /// Describe a file.
    Info(InfoOptions),
    /// Write a file of invented cities.
    Generate(GenerateOptions),
    /// Say what the runs of a scaling study mean.
    Scaling(ScalingOptions),
    /// Make the runs of a scaling study.
    Study(StudyTask),
    /// Print this text: help or version.
    Print(String),
}

impl Command {
    /// Whether the command works with MPI, which may not even start where the others are used.
    pub fn needs_world(&self) -> bool {
        !matches!(self, Command::Scaling(_) | Command::Study(_) | Command::Print(_))
    }
}

/// How a report looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON object.
    Json,
    /// A line for each pair that was asked for, of `pair` alone.
    Csv,
}

/// How the pairs come to the ranks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Dist {
    /// Every rank maps the file and works out which pairs are its own
    Mapped,
    /// Rank 0 lists all pairs and scatters the list, as the notebook does, by the naive method
    Scatter,
}

impl Dist {
    /// The name on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Dist::Mapped => "mapped",
            Dist::Scatter => "scatter",
        }
    }
}

/// Options of `farthest pair`.
#[derive(Debug)]
pub struct PairOptions {
    /// The city list, or the two of which a pair has a city each.
    pub files: Vec<PathBuf>,
    /// How to search.
    pub method: Method,
    /// How the pairs come to the ranks; with [`Dist::Scatter`] the method is naive.
    pub dist: Dist,
    /// The kernels to search with.
    pub kernel: Kernel,
    /// How to report.
    pub format: Format,
    /// Which pairs are wanted.
    pub wanted: Wanted,
    /// Whether the report lists them, as it does where their number was typed.
    pub lists_pairs: bool,
    /// Radius of the sphere that is reported.
    pub radius_km: f64,
    /// Unit in which people see distances.
    pub unit: Unit,
    /// Only the answer and the last two lines.
    pub quiet: bool,
    /// Say which rank did what.
    pub explain: bool,
    /// Check every checksum first.
    pub verify: bool,
    /// When to show how far the search is.
    pub progress: Asked,
    /// The time after which the search stops, from the start of the command on.
    pub max_time: Option<Duration>,
    /// The file that a search goes on from, and that says what it has done.
    pub checkpoint: Option<PathBuf>,
    /// Time between two checkpoints.
    pub every: Duration,
    /// The column with identifiers.
    pub id: Option<String>,
    /// A file of the pairs for maps.
    pub geojson: Option<PathBuf>,
    /// A picture of the answer.
    pub map: Option<MapFile>,
    /// Replace an existing file.
    pub force: bool,
    /// How to read a list.
    pub load: LoadOptions,
}

/// A picture to write.
#[derive(Debug)]
pub struct MapFile {
    /// Where.
    pub file: PathBuf,
    /// In which form.
    pub form: picture::Form,
}

/// Options of `farthest each`.
#[derive(Debug)]
pub struct EachOptions {
    /// The city list, and the other one that may have the farthest cities.
    pub files: Vec<PathBuf>,
    /// The file to write.
    pub output: PathBuf,
    /// In which form.
    pub form: Form,
    /// A picture of the answer.
    pub map: Option<MapFile>,
    /// Replace an existing file.
    pub force: bool,
    /// The kernels to search with.
    pub kernel: Kernel,
    /// How to report.
    pub format: Format,
    /// What a distance is.
    pub metric: Metric,
    /// Radius of the sphere that is reported.
    pub radius_km: f64,
    /// Unit in which people see distances.
    pub unit: Unit,
    /// Check every checksum first.
    pub verify: bool,
    /// The column with identifiers.
    pub id: Option<String>,
    /// How to read a list.
    pub load: LoadOptions,
}

/// Options of `farthest pack`.
#[derive(Debug)]
pub struct PackOptions {
    /// The city file to read.
    pub input: PathBuf,
    /// The packed file to write.
    pub output: PathBuf,
    /// Replace an existing file.
    pub force: bool,
    /// How to read a list.
    pub load: LoadOptions,
}

/// Options of `farthest info`.
#[derive(Debug)]
pub struct InfoOptions {
    /// The city file.
    pub file: PathBuf,
    /// How to report.
    pub format: Format,
    /// Check every checksum first.
    pub verify: bool,
    /// How to read a list.
    pub load: LoadOptions,
}

/// Options of `farthest generate`.
#[derive(Debug)]
pub struct GenerateOptions {
    /// What cities.
    pub recipe: Recipe,
    /// The file to write.
    pub output: PathBuf,
    /// In which form.
    pub form: FileForm,
    /// Whether the cities have names.
    pub with_names: bool,
    /// Bytes of memory that the cities may take; `None` is half of what is free.
    pub memory_bytes: Option<u64>,
    /// Replace an existing file.
    pub force: bool,
}

/// Options of `farthest scaling`.
#[derive(Debug)]
pub struct ScalingOptions {
    /// The runs files.
    pub runs: Vec<PathBuf>,
    /// Compare runs that differ in more than their ranks.
    pub mix: bool,
    /// The table as CSV.
    pub csv: Option<PathBuf>,
    /// The plot.
    pub svg: Option<PathBuf>,
    /// The samples for Extra-P.
    pub extrap: Option<PathBuf>,
    /// Print Markdown.
    pub markdown: bool,
    /// Replace existing files.
    pub force: bool,
}

/// What to do about a study.
#[derive(Debug)]
pub enum StudyTask {
    /// Make its runs.
    Make(Box<study::Options>),
    /// Make its results again, from this folder.
    Table(PathBuf),
}

/// The form of a file to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileForm {
    /// Packed.
    Packed,
    /// Text with a header and this delimiter.
    Delimited(char),
    /// Text without a header, `lat lon name`.
    Notebook,
}

/// Whether `--allow-singletons` was typed: asked before anything else, because it decides how MPI
/// is started.
pub fn allows_singletons(arguments: &[OsString]) -> bool {
    arguments.iter().any(|argument| argument == "--allow-singletons")
}

/// Whether errors are to be reported as JSON: asked even of a command line that is wrong.
pub fn wants_json(arguments: &[OsString]) -> bool {
    arguments.iter().any(|argument| argument == "--format=json")
        || arguments.windows(2).any(|pair| pair[0] == "--format" && pair[1] == "json")
}

/// The arguments as bytes that differ where they do; without the program's name, which may differ
/// between hosts.
pub fn fingerprint(arguments: &[OsString]) -> Vec<u8> {
    let words = arguments.iter().skip(1).map(|word| word.as_encoded_bytes());
    words.collect::<Vec<_>>().join(&0)
}

/// Reads the arguments, the program's name first.
///
/// # Errors
/// [`Error::Usage`].
pub fn parse(arguments: &[OsString]) -> Result<Command> {
    match Typed::try_parse_from(arguments) {
        Ok(typed) => validate(typed.command),
        Err(stop) if stop.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            Err(usage(
                "expected a command: pair, each, pack, info, generate, scaling or study; see farthest --help",
            ))
        }
        // clap returns help and version as errors that belong on standard output.
        Err(stop) if !stop.use_stderr() => Ok(Command::Print(stop.to_string())),
        Err(stop) => {
            let stop = said_of_harmless(arguments).unwrap_or(stop);
            Err(usage(near_misses::better_words(&stop).unwrap_or_else(|| in_one_line(&stop))))
        }
    }
}

/// What clap says of the same arguments without what steers a terminal or makes a line: it repeats words as they
/// are, and leaves out what it takes for a colour.
fn said_of_harmless(arguments: &[OsString]) -> Option<clap::Error> {
    let harmless = arguments.iter().map(|word| printable(&word.to_string_lossy()));
    Typed::try_parse_from(harmless).err().filter(clap::Error::use_stderr)
}

/// The message of clap, whose paragraphs are lists, hints and the usage.
fn in_one_line(stop: &clap::Error) -> String {
    let text = stop.to_string();
    let paragraphs = text.trim_start_matches("error: ").split("\n\n");
    let lines = paragraphs.map(|lines| lines.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ")
}

fn usage(message: impl Into<String>) -> Error {
    Error::Usage { message: message.into() }
}

/// Find the farthest pair of cities on Earth, exactly, at any scale, on any number of MPI ranks.
#[derive(Parser)]
#[command(name = "farthest", version, max_term_width = 100, disable_help_subcommand = true)]
#[command(before_help = help_words::EXAMPLES, after_help = help_words::CODES_IN_SHORT)]
#[command(after_long_help = help_words::CODES_AND_FILES)]
struct Typed {
    #[command(subcommand)]
    command: TypedCommand,
    /// Let a rank run alone although its launcher started more
    #[arg(long, global = true, help_heading = JOB)]
    allow_singletons: bool,
}

#[derive(Subcommand)]
#[allow(clippy::large_enum_variant, reason = "there is one, and it lives as long as the program")]
enum TypedCommand {
    /// Find the two cities that are farthest apart (start it under mpirun to use all cores)
    #[command(before_help = help_words::EXAMPLES_OF_PAIR, after_long_help = help_words::OF_PAIR)]
    Pair {
        /// City list in any form that is read, packed or not, as its content tells; - for standard input
        file: PathBuf,
        /// Another list: then a pair is a city of the first and a city of this one
        other: Option<PathBuf>,
        #[command(flatten)]
        text: TypedText,
        /// Column with identifiers, to be told beside names; the list is read again for it
        ///
        /// They go into the report (ids), the CSV (id_1, id_2) and the GeoJSON (id). One rank reads the list twice
        /// more for it: before the search for the column, after it for the cities. A packed file has none.
        #[arg(long, value_name = "COLUMN", help_heading = INPUT)]
        id: Option<String>,
        /// List the K farthest pairs, the farthest first
        ///
        /// Up to a million. Every pair is there once; ties go to the lowest rows. The report has a table, in JSON top,
        /// an array of distance_km and pair.
        #[arg(long, value_name = "K", value_parser = clap::value_parser!(u64).range(1..=MOST_PAIRS))]
        #[arg(help_heading = QUESTION)]
        top: Option<u64>,
        /// Take cities at the same place as one, that with the lowest row
        #[arg(long, help_heading = QUESTION)]
        distinct: bool,
        #[command(flatten)]
        scale: TypedScale,
        /// How to search [default: pruned; with --dist scatter: naive]
        ///
        /// naive and --dist scatter say beforehand how long they will take, on standard error, where that is more than
        /// ten seconds and the report is text.
        #[arg(long, value_enum, help_heading = SEARCH)]
        method: Option<TypedMethod>,
        /// How the pairs come to the ranks
        ///
        /// scatter is for teaching: it does what the notebook does with MPI, on equal terms, and its answer is that of
        /// naive. The list has 32 bytes a pair; one for which rank 0 has no memory is refused.
        #[arg(long, value_enum, default_value_t = Dist::Mapped, help_heading = SEARCH)]
        dist: Dist,
        /// Instruction set of the kernels; the answer is the same [default: the fastest of this processor]
        #[arg(long, value_enum, help_heading = SEARCH)]
        isa: Option<TypedIsa>,
        #[command(flatten)]
        report: TypedReport,
        #[command(flatten)]
        unit: TypedUnit,
        /// Print the answer, the maximum distance and the computing time alone
        #[arg(long, short, help_heading = REPORT)]
        quiet: bool,
        /// Tell of each rank which blocks of pairs it took, how many pairs, and how long it searched
        ///
        /// And what it read of a list: bytes, rows, cities. In JSON that is the field explain. With --dist scatter the
        /// blocks are the rows of a rank's part of the list.
        #[arg(long, conflicts_with = "quiet", help_heading = REPORT)]
        explain: bool,
        /// Write the pairs as GeoJSON too: their cities, and the shortest ways between them
        ///
        /// Of --top all; a pair takes some 2 KB. Points have place (1 is the farthest pair), city (1 or 2), row, name,
        /// lat and lon as they were given, line and id where they are known, and distance_km; lines have place,
        /// distance_km, row_1, name_1, row_2, name_2, metric and way. A line is the great circle or the geodesic
        /// itself, with a position every two degrees, cut at the antimeridian (RFC 7946); its length is the distance
        /// to a millimetre. Between exact antipodes there is no one way: the line leads over the north pole, cut
        /// there, and way says how many others are as short. Between other places near the antipode two geodesics may
        /// be equally long, mirrored at the equator; one of them is drawn, and between cities at one place none. The
        /// file is not written when the search was stopped.
        #[arg(long, value_name = "FILE", help_heading = REPORT)]
        geojson: Option<PathBuf>,
        /// Draw a map of the cities and the pairs: .svg or .png
        ///
        /// A page, as a .png 2400 pixels wide. Cities are cells in the colour of how many there are in the area of one,
        /// or dots where they are few. The ways are the shortest ones by the metric, cut at the antimeridian; where two
        /// cities are antipodes to within the width of the line, each has a circle, as every direction is as short.
        /// Cities all over the world are on a map of it (Equal Earth; areas are true). Below that, one pair has two
        /// hemispheres, around the first city and around its antipode, on which distances from the middle are true,
        /// and its other city beside that antipode with the length of a kilometre; of several the ten farthest are
        /// numbered and listed, and the ways of a thousand are drawn. Cities that are all within 40° of one place have
        /// a map of their region (azimuthal, areas are true). Names that are too long end in an ellipsis. The bytes are
        /// the same for any number of ranks, and packed or not. In a .png, words are in DejaVu Sans, which is in the
        /// program; scripts that it lacks, as Chinese, are in a font of the machine, and where that has none, boxes.
        /// The file is not written when the search was stopped.
        #[arg(long, value_name = "FILE", help_heading = REPORT)]
        map: Option<PathBuf>,
        /// Replace an existing file
        #[arg(long, help_heading = REPORT)]
        force: bool,
        #[command(flatten)]
        run: TypedRun,
    },
    /// Write a file with the farthest city of each city (start it under mpirun to use all cores)
    Each(TypedEach),
    /// Write a packed file, which all ranks map and share, and which opens at once
    #[command(after_long_help = help_words::OF_PACK)]
    Pack {
        /// City list in any form, or - for standard input
        input: PathBuf,
        /// File to write; the usual extension is .cities
        output: PathBuf,
        /// Replace an existing file
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        text: TypedText,
    },
    /// Describe a city list, without a search: the columns taken, rows left out, cities, bounds, duplicates, checksum
    #[command(after_long_help = help_words::OF_INFO)]
    Info {
        /// City list in any form, or - for standard input
        file: PathBuf,
        #[command(flatten)]
        text: TypedText,
        #[command(flatten)]
        report: TypedReport,
    },
    /// Write a list of invented cities, the same bytes for the same arguments everywhere
    Generate(TypedGenerate),
    /// Say what the runs of a scaling study mean: table, fit, verdict, plot (needs no MPI)
    Scaling(TypedScaling),
    /// Make a scaling study, strong or weak: start its runs, one after the other, and say what they mean
    Study(study_words::TypedStudy),
    /// Print the manual page of the program, or of a command, for man(1) (scripts/install installs them)
    Man {
        /// The command
        command: Option<String>,
    },
    /// Print the script that completes commands and options in a shell (scripts/install installs them)
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
}

#[derive(Args)]
#[command(before_help = help_words::EXAMPLES_OF_EACH, after_long_help = help_words::OF_EACH)]
struct TypedEach {
    /// City list in any form that is read, packed or not, as its content tells; - for standard input
    file: PathBuf,
    /// Another list: then the farthest city of each is one of this
    other: Option<PathBuf>,
    #[command(flatten)]
    text: TypedText,
    /// Column with identifiers, which the lines of OUT then have too
    ///
    /// As columns id and far_id behind the others. The ranks of the first node read the list once more for it, with
    /// identifiers for names, and hold it twice. A packed file has none.
    #[arg(long, value_name = "COLUMN", help_heading = INPUT)]
    id: Option<String>,
    #[command(flatten)]
    scale: TypedScale,
    /// Instruction set of the kernels [default: the fastest that this processor has]
    #[arg(long, value_enum, help_heading = SEARCH)]
    isa: Option<TypedIsa>,
    /// File to write: .csv, .tsv or .geojson
    #[arg(long, value_name = "OUT", help_heading = REPORT)]
    out: PathBuf,
    /// Draw a map of the cities, coloured by how far their farthest ones are: .svg or .png
    #[arg(long, value_name = "FILE", help_heading = REPORT)]
    map: Option<PathBuf>,
    /// Replace an existing file
    #[arg(long, help_heading = REPORT)]
    force: bool,
    #[command(flatten)]
    report: TypedReport,
    #[command(flatten)]
    unit: TypedUnit,
}

/// Headings of options in the help, so that each is found by what it is about.
const INPUT: &str = "Input";
const QUESTION: &str = "Question";
const SEARCH: &str = "Search";
const REPORT: &str = "Report";
const JOB: &str = "Job";

#[derive(Args)]
struct TypedScale {
    /// What the Earth is: sphere, wgs84, grs80, or A,1/F
    ///
    /// A is the equatorial radius in kilometres and 1/F the flattening of any oblate ellipsoid up to 1/50. The report
    /// has metric, a_km, inverse_flattening and azimuths_deg, the direction at each city, clockwise from north; and
    /// no radius_km. At exact antipodes there is no direction, and the way leads over either pole. naive knows the
    /// sphere alone. On the sphere and on WGS84 a note of the text report says how far apart the pair is on the other
    /// one. A packed file serves every metric.
    #[arg(long, default_value = "sphere", value_parser = metric_of, help_heading = QUESTION)]
    metric: Metric,
    /// Radius of the sphere in kilometres: 1737.4 is the Moon, 3389.5 is Mars; the pair is the same
    #[arg(long, value_name = "R", default_value_t = RADIUS_KM, value_parser = radius_of)]
    #[arg(allow_negative_numbers = true, help_heading = QUESTION)]
    radius_km: f64,
}

#[derive(Args)]
struct TypedUnit {
    /// Unit of distances in reports; JSON has it beside kilometres
    #[arg(long, value_enum, default_value_t = Unit::Km, help_heading = REPORT)]
    unit: Unit,
}

#[derive(Args)]
#[command(next_help_heading = JOB)]
struct TypedRun {
    /// Say every so many seconds, on standard error, how far the search is [default: after 10 s on a terminal]
    ///
    /// The share done, pairs covered, pairs per second, time left, and the farthest so far. It is rank 0's share that
    /// is told; ranks take blocks in turn, so it stands for all. Where standard error is no terminal nothing is said
    /// that was not asked for.
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, value_parser = interval_of)]
    progress: Option<Option<Duration>>,
    /// Stop after so many seconds, and report what is known by then (exit code 75)
    #[arg(long, value_name = "SECONDS", value_parser = time_of)]
    max_seconds: Option<Duration>,
    /// Keep in this file what the search has done, and go on from there if it is there already
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    /// Write the checkpoint every so many seconds
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = time_of, requires = "checkpoint")]
    every: Duration,
}

/// A radius in kilometres. Distances are measured on the sphere of the exercise, and only what is reported is scaled, so
/// that the pair is the same for every radius.
fn radius_of(typed: &str) -> std::result::Result<f64, String> {
    let radius = typed.parse().ok().filter(|radius| (1e-9..=1e12).contains(radius));
    radius.ok_or_else(|| "expected a radius in kilometres, from 1e-9 to 1e12".into())
}

fn metric_of(typed: &str) -> std::result::Result<Metric, String> {
    typed.parse()
}

/// A time in seconds, which may be left out: then what follows is taken for it.
fn interval_of(typed: &str) -> std::result::Result<Duration, String> {
    time_of(typed).map_err(|problem| format!("{problem}; name the file before --progress"))
}

/// A time in seconds, a thousandth at least.
fn time_of(typed: &str) -> std::result::Result<Duration, String> {
    let seconds = typed.parse().ok().filter(|seconds| (1e-3..=1e9).contains(seconds));
    let time = seconds.map(Duration::from_secs_f64);
    time.ok_or_else(|| "expected a number of seconds from 0.001 to 1e9".into())
}

#[derive(Args)]
struct TypedGenerate {
    /// How many cities, planted ones included
    #[arg(value_name = "N")]
    cities: u64,
    /// File to write: .cities is packed, .tsv and .csv have a header, .txt is 'lat lon name'
    #[arg(value_name = "OUT")]
    output: PathBuf,
    /// How the cities are spread
    #[arg(long, value_enum, default_value_t = TypedDistribution::Uniform)]
    distribution: TypedDistribution,
    /// Radius of the cap in kilometres, from 1 to 10000 [default: 500]
    #[arg(long, value_name = "KM")]
    radius_km: Option<f64>,
    /// Where the random numbers begin
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Make two of the cities a pair that is known to be the farthest, to test against, and print it
    #[arg(long)]
    plant: bool,
    /// Write no names, which are c0, c1 and so on (not to .txt, whose lines need one)
    #[arg(long)]
    no_names: bool,
    #[command(flatten)]
    memory: TypedMemory,
    /// Replace an existing file
    #[arg(long)]
    force: bool,
}

#[derive(Args)]
struct TypedScaling {
    /// Runs files that scripts/study wrote, one JSON object on each line
    #[arg(required = true, value_name = "RUNS.jsonl")]
    runs: Vec<PathBuf>,
    /// Compare runs although they differ in more than their ranks
    ///
    /// In city file, method, isa, version, MPI, binding or machine. Strong and weak runs are never compared.
    #[arg(long)]
    mix: bool,
    /// Write the table as CSV too
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Write a plot of time, speedup, efficiency and phases
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Write every sample as JSON lines for Extra-P
    ///
    /// Extra-P models a study of five rank counts or more: extrap --json FILE --options allow_negative_exponents=true.
    /// The option lets it find times that fall with the ranks, as those of a strong study do.
    #[arg(long, value_name = "FILE")]
    extrap: Option<PathBuf>,
    /// Print Markdown
    #[arg(long)]
    markdown: bool,
    /// Replace existing files
    #[arg(long)]
    force: bool,
}

#[derive(Args)]
struct TypedReport {
    /// How to report
    ///
    /// In json errors too are an object, with "status": "error". src/report/schema.json is its JSON Schema: a key that
    /// is required there is promised, with its name, unit and meaning, in every version with the same first number;
    /// keys may be added. csv has the columns place, distance_km, row_1, name_1, lat_1, lon_1, row_2, name_2, lat_2,
    /// lon_2.
    #[arg(long, value_enum, default_value_t = Format::Text, help_heading = REPORT)]
    format: Format,
    /// Check all of a packed file first, which reads it whole
    ///
    /// By all ranks of a node together: checksums, and what the content means. Places, order and bounds must be those
    /// of the degrees, each row must be there once, names must stand one behind the other. Without it only header,
    /// regions and the two cities of the answer are looked at.
    #[arg(long, help_heading = INPUT)]
    verify: bool,
}

#[derive(Args)]
#[command(next_help_heading = INPUT)]
struct TypedText {
    /// Column with latitudes, by its name or its number counted from 1
    #[arg(long, value_name = "COLUMN")]
    lat: Option<String>,
    /// Column with longitudes
    #[arg(long, value_name = "COLUMN")]
    lon: Option<String>,
    /// Column with names
    #[arg(long, value_name = "COLUMN")]
    name: Option<String>,
    /// Column with latitude and longitude in one, in this order
    #[arg(long, value_name = "COLUMN", conflicts_with_all = ["lat", "lon", "lon_lat"])]
    lat_lon: Option<String>,
    /// Column with longitude and latitude in one, in this order
    #[arg(long, value_name = "COLUMN", conflicts_with_all = ["lat", "lon"])]
    lon_lat: Option<String>,
    /// Character between two fields: itself, or tab, comma, semicolon, bar, space
    #[arg(long, value_name = "C", value_parser = delimiter_of)]
    delimiter: Option<u8>,
    /// Encoding of the text [default: as its bytes tell]
    #[arg(long, value_enum)]
    encoding: Option<TypedEncoding>,
    /// Which points of a GPX file are the cities
    #[arg(long, value_enum)]
    layer: Option<TypedLayer>,
    /// Leave out rows that are no city, count them and show the first few
    #[arg(long)]
    skip_invalid: bool,
    #[command(flatten)]
    memory: TypedMemory,
}

#[derive(Args)]
struct TypedMemory {
    /// Memory that a list may take on a node, as 4G or 500M; more goes to a disk [default: half of what is free]
    ///
    /// Above that, and above what is free, it goes beside the output or to TMPDIR. A list takes about 27 bytes a city
    /// with names, and as much again while it is made, however many ranks there are. What ranks take besides is small,
    /// some 6 bytes a city of a node; where that is not free either, the list is refused before it is read.
    #[arg(long, value_name = "SIZE", value_parser = bytes_of)]
    memory: Option<u64>,
}

fn load_options_of(typed: TypedText) -> Result<LoadOptions> {
    let memory_bytes = typed.memory.memory;
    Ok(LoadOptions { read: read_options_of(typed)?, memory_bytes })
}

/// A number of bytes, or of units of 1024, 1024² and so on: 500M, 4G, 4GiB.
fn bytes_of(typed: &str) -> std::result::Result<u64, String> {
    let expected = || "expected a number of bytes, as 500M or 4G".to_string();
    let digits = typed.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit = typed[digits.len()..].to_ascii_uppercase();
    let unit = unit.trim_end_matches('B').trim_end_matches('I');
    let power = match unit {
        "" => 0,
        unit => {
            1 + ["K", "M", "G", "T"].iter().position(|one| *one == unit).ok_or_else(expected)?
        }
    };
    let number: u64 = digits.parse().map_err(|_| expected())?;
    number.checked_mul(1 << (10 * power)).ok_or_else(expected)
}

fn read_options_of(typed: TypedText) -> Result<ReadOptions> {
    let TypedText { lat, lon, name, lat_lon, lon_lat, .. } = typed;
    if let (Some(lat), Some(lon)) = (&lat, &lon)
        && lat.to_lowercase() == lon.to_lowercase()
    {
        return Err(usage(format!(
            "expected two columns, found --lat {lat} and --lon {lon}, which are one; if it holds both, say \
             --lat-lon {lat} or --lon-lat {lat}"
        )));
    }
    Ok(ReadOptions {
        columns: Wishes { lat, lon, name, is_id: false, lat_lon, lon_lat },
        delimiter: typed.delimiter,
        encoding: typed.encoding.map(|encoding| match encoding {
            TypedEncoding::Utf8 => Encoding::Utf8,
            TypedEncoding::Utf16 => Encoding::Utf16,
            TypedEncoding::Windows1252 => Encoding::Windows1252,
        }),
        layer: typed.layer.map(|layer| match layer {
            TypedLayer::Waypoints => Layer::Waypoints,
            TypedLayer::Tracks => Layer::Tracks,
            TypedLayer::Routes => Layer::Routes,
        }),
        skip_invalid: typed.skip_invalid,
        // The command knows how many ranks share the memory.
        room_bytes: None,
    })
}

fn delimiter_of(typed: &str) -> std::result::Result<u8, String> {
    match (typed, typed.as_bytes()) {
        ("tab" | "\\t", _) => Ok(b'\t'),
        ("comma", _) => Ok(b','),
        ("semicolon", _) => Ok(b';'),
        ("bar" | "pipe", _) => Ok(b'|'),
        ("space", _) => Ok(b' '),
        (_, &[byte]) if byte != b'"' && byte != b'\n' && byte != b'\r' && byte.is_ascii() => {
            Ok(byte)
        }
        _ => Err("expected one character, or tab, comma, semicolon, bar or space".into()),
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum TypedEncoding {
    /// UTF-8; what is none shows as U+FFFD
    #[value(name = "utf-8")]
    Utf8,
    /// UTF-16, in the order of its bytes that its mark or its zeros tell
    #[value(name = "utf-16")]
    Utf16,
    /// Windows-1252, of which ISO 8859-1 is nearly a part
    #[value(name = "windows-1252")]
    Windows1252,
}

#[derive(Clone, Copy, ValueEnum)]
enum TypedLayer {
    /// wpt
    Waypoints,
    /// trkpt
    Tracks,
    /// rtept
    Routes,
}

#[derive(Clone, Copy, ValueEnum)]
enum TypedMethod {
    /// The notebook's algorithm: haversine of every pair; the maximum is that of its own formula, which is off by up to
    /// 0.2 m near antipodes
    Naive,
    /// Every pair, as fast as the core can: for scaling studies
    Exhaustive,
    /// The pairs that no bound rules out, and the same answer: only where near antipodes can be (search: join), or
    /// where cities have none by groups (search: tree)
    Pruned,
    /// The same by the join, as long as it can: for tests
    #[value(hide = true)]
    Join,
    /// The same by the tree alone: for tests
    #[value(hide = true)]
    Tree,
}

#[derive(Clone, Copy, ValueEnum)]
enum TypedIsa {
    /// Plain loops, the specification
    Scalar,
    /// AVX2
    Avx2,
    /// AVX-512 with VNNI
    Avx512,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum TypedDistribution {
    /// Evenly over the sphere
    Uniform,
    /// In clusters of heavy-tailed size, like real cities
    Clustered,
    /// Evenly within a radius, like the cities of one country
    Cap,
}

fn validate(typed: TypedCommand) -> Result<Command> {
    Ok(match typed {
        TypedCommand::Pair {
            file,
            other,
            method,
            dist,
            isa,
            report,
            top,
            distinct,
            scale: TypedScale { metric, radius_km },
            unit: TypedUnit { unit },
            quiet,
            explain,
            id,
            geojson,
            map,
            force,
            run,
            text,
        } => {
            let method = method_of(method, dist)?;
            require_one_to_save(&run, top)?;
            let TypedReport { format, verify } = report;
            require_mapped(&run, dist)?;
            let TypedRun { progress, max_seconds: max_time, checkpoint, every } = run;
            let progress = match progress {
                None => Asked::No,
                Some(None) => Asked::Yes,
                Some(Some(interval)) => Asked::Every(interval),
            };
            Command::Pair(PairOptions {
                files: files_of(file, other)?,
                method,
                dist,
                kernel: kernel_of(isa)?,
                format,
                wanted: Wanted {
                    pairs: top.unwrap_or(1) as usize,
                    is_distinct: distinct,
                    metric: metric_for(method, radius_km, metric)?,
                },
                lists_pairs: top.is_some(),
                radius_km,
                unit,
                quiet,
                explain,
                verify,
                progress,
                max_time,
                checkpoint,
                every,
                id,
                geojson,
                map: map_of(map)?,
                force,
                load: load_options_of(text)?,
            })
        }
        TypedCommand::Each(typed) => Command::Each(each_of(typed)?),
        TypedCommand::Pack { input, output, force, text } => {
            Command::Pack(PackOptions { input, output, force, load: load_options_of(text)? })
        }
        TypedCommand::Info { file, report, text } => {
            let TypedReport { format, verify } = report;
            require_no_pairs(format, "info")?;
            Command::Info(InfoOptions { file, format, verify, load: load_options_of(text)? })
        }
        TypedCommand::Generate(typed) => Command::Generate(generate_of(typed)?),
        TypedCommand::Scaling(typed) => Command::Scaling(scaling_of(typed)),
        TypedCommand::Study(typed) => Command::Study(study_words::task_of(typed)?),
        TypedCommand::Man { command } => Command::Print(documents::manual(command.as_deref())?),
        TypedCommand::Completions { shell } => Command::Print(documents::completions(shell)),
    })
}

/// Refuses to report pairs of a command that has none.
fn require_no_pairs(format: Format, command: &str) -> Result<()> {
    match format {
        Format::Csv => Err(usage(format!(
            "expected --format text or json of {command}, found csv, which has the pairs of pair"
        ))),
        Format::Text | Format::Json => Ok(()),
    }
}

fn each_of(typed: TypedEach) -> Result<EachOptions> {
    let TypedEach { file, other, out: output, map, force, id, isa, .. } = typed;
    let (TypedReport { format, verify }, TypedUnit { unit }) = (typed.report, typed.unit);
    let TypedScale { metric, radius_km } = typed.scale;
    require_no_pairs(format, "each")?;
    let form = match output.extension().and_then(|extension| extension.to_str()) {
        Some("csv") => Form::Csv,
        Some("tsv") => Form::Tsv,
        Some("geojson") => Form::GeoJson,
        _ => {
            return Err(usage(format!(
                "expected a file to write that ends in .csv, .tsv or .geojson, found {}; name one with --out",
                output.display()
            )));
        }
    };
    let (files, kernel, load) =
        (files_of(file, other)?, kernel_of(isa)?, load_options_of(typed.text)?);
    let metric = metric_for(Method::Pruned, radius_km, metric)?;
    Ok(EachOptions {
        files,
        output,
        form,
        map: map_of(map)?,
        force,
        kernel,
        format,
        metric,
        radius_km,
        unit,
        verify,
        id,
        load,
    })
}

/// A picture to write, whose form its name tells.
fn map_of(typed: Option<PathBuf>) -> Result<Option<MapFile>> {
    let Some(file) = typed else { return Ok(None) };
    let form = match file.extension().and_then(|extension| extension.to_str()) {
        Some("svg") => picture::Form::Svg,
        Some("png") => picture::Form::Png,
        _ => {
            return Err(usage(format!(
                "expected a picture to write that ends in .svg or .png, found {}; name one with --map",
                file.display()
            )));
        }
    };
    Ok(Some(MapFile { file, form }))
}

/// One list or two, of which one can come through a pipe.
fn files_of(file: PathBuf, other: Option<PathBuf>) -> Result<Vec<PathBuf>> {
    let files: Vec<PathBuf> = [file].into_iter().chain(other).collect();
    match files.iter().filter(|file| file.as_os_str() == STANDARD_INPUT).count() {
        0 | 1 => Ok(files),
        _ => Err(usage(
            "expected one list from standard input, found - twice; name the other one's file",
        )),
    }
}

/// More pairs than these are no list that anybody reads.
const MOST_PAIRS: u64 = 1_000_000;

/// Refuses to save many pairs: a checkpoint has one.
fn require_one_to_save(run: &TypedRun, top: Option<u64>) -> Result<()> {
    match top {
        Some(pairs) if pairs > 1 && run.checkpoint.is_some() => Err(usage(format!(
            "expected --checkpoint with one pair, found --top {pairs}; leave one of the two out"
        ))),
        _ => Ok(()),
    }
}

/// Refuses what a list that is scattered has not.
fn require_mapped(run: &TypedRun, dist: Dist) -> Result<()> {
    let asked = [
        ("--progress", run.progress.is_some()),
        ("--max-seconds", run.max_seconds.is_some()),
        ("--checkpoint", run.checkpoint.is_some()),
    ];
    match asked.into_iter().find(|(_, is_asked)| *is_asked && dist == Dist::Scatter) {
        Some((option, _)) => Err(usage(format!(
            "expected {option} without --dist scatter, which deals the whole list out at once; leave one of the \
             two out"
        ))),
        None => Ok(()),
    }
}

fn generate_of(typed: TypedGenerate) -> Result<GenerateOptions> {
    let TypedGenerate { cities, output, seed, plant, no_names, force, .. } = typed;
    let distribution = distribution_of(typed.distribution, typed.radius_km)?;
    if cities < 2 {
        return Err(usage(format!("expected at least 2 cities to generate, found {cities}")));
    }
    let form = form_of(&output)?;
    // Lines of two numbers do not say which is the latitude.
    if no_names && form == FileForm::Notebook {
        return Err(usage(format!(
            "expected names for {}, whose lines are 'lat lon name' without a header, found --no-names; leave \
             that out, or write to .tsv, .csv or .cities",
            output.display()
        )));
    }
    let recipe = Recipe { cities, distribution, seed, plant };
    let memory_bytes = typed.memory.memory;
    Ok(GenerateOptions { recipe, output, form, with_names: !no_names, memory_bytes, force })
}

fn method_of(typed: Option<TypedMethod>, dist: Dist) -> Result<Method> {
    let method = match (typed, dist) {
        (Some(TypedMethod::Naive), _) | (None, Dist::Scatter) => Method::Naive,
        (Some(TypedMethod::Exhaustive), _) => Method::Exhaustive,
        (Some(TypedMethod::Pruned), _) | (None, Dist::Mapped) => Method::Pruned,
        (Some(TypedMethod::Join), _) => Method::Join,
        (Some(TypedMethod::Tree), _) => Method::Tree,
    };
    if dist == Dist::Scatter && method != Method::Naive {
        return Err(usage(format!(
            "expected --method naive with --dist scatter, which lists and measures every pair as \
             the notebook does, found --method {}; leave one of the two out",
            method.name()
        )));
    }
    Ok(method)
}

/// The metric, which of the naive method, and where a radius is given, is the sphere.
fn metric_for(method: Method, radius_km: f64, metric: Metric) -> Result<Metric> {
    match (method, metric) {
        (_, Metric::Sphere) => Ok(metric),
        _ if radius_km != RADIUS_KM => Err(usage(format!(
            "expected --metric sphere with --radius-km, which is the radius of a sphere, found --metric {metric}; \
             leave one of the two out"
        ))),
        (Method::Naive, _) => Err(usage(format!(
            "expected --metric sphere with --method naive, which measures by the notebook's formula, found --metric \
             {metric}; leave one of the two out"
        ))),
        _ => Ok(metric),
    }
}

fn scaling_of(typed: TypedScaling) -> ScalingOptions {
    let TypedScaling { runs, mix, csv, svg, extrap, markdown, force } = typed;
    ScalingOptions { runs, mix, csv, svg, extrap, markdown, force }
}

fn kernel_of(typed: Option<TypedIsa>) -> Result<Kernel> {
    let isa = typed.map(|isa| match isa {
        TypedIsa::Scalar => Isa::Scalar,
        TypedIsa::Avx2 => Isa::Avx2,
        TypedIsa::Avx512 => Isa::Avx512,
    });
    Kernel::choose(isa).ok_or_else(|| {
        let wanted = isa.map_or("none", Isa::name);
        let has = Isa::ALL.into_iter().filter(|&isa| Kernel::choose(Some(isa)).is_some());
        let has = has.map(Isa::name).collect::<Vec<_>>().join(", ");
        usage(format!("expected an --isa that this processor has ({has}), found {wanted}"))
    })
}

fn distribution_of(typed: TypedDistribution, radius_km: Option<f64>) -> Result<Distribution> {
    const DEFAULT_RADIUS_KM: f64 = 500.0;
    if radius_km.is_some() && typed != TypedDistribution::Cap {
        return Err(usage("--radius-km belongs to --distribution cap; add that or leave it out"));
    }
    let radius_km = radius_km.unwrap_or(DEFAULT_RADIUS_KM);
    if !(1.0..=10_000.0).contains(&radius_km) {
        return Err(usage(format!("expected --radius-km from 1 to 10000, found {radius_km}")));
    }
    Ok(match typed {
        TypedDistribution::Uniform => Distribution::Uniform,
        TypedDistribution::Clustered => Distribution::Clustered,
        TypedDistribution::Cap => Distribution::Cap { radius_km },
    })
}

fn form_of(output: &std::path::Path) -> Result<FileForm> {
    match output.extension().and_then(|extension| extension.to_str()) {
        Some("cities") => Ok(FileForm::Packed),
        Some("tsv") => Ok(FileForm::Delimited('\t')),
        Some("csv") => Ok(FileForm::Delimited(',')),
        Some("txt") => Ok(FileForm::Notebook),
        _ => Err(usage(format!(
            "expected a file to write that ends in .cities, .tsv, .csv or .txt, found {}",
            output.display()
        ))),
    }
}
