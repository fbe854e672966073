//! What was typed and is no option → the one that was meant.
//!
//! `clap` looks for options that are spelled alike. People who come from other programs type what those have, and of
//! that spelling tells nothing.
//!
//! Architecture Invariant: it sees one word, and knows no file.

use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// Words that others use, and what to type instead.
const INSTEAD: [(&str, &str); 17] = [
    ("--miles --mile --mi", "--unit mi"),
    ("--nautical --nautical-miles --nmi", "--unit nmi"),
    ("--meters --metres --meter --metre", "--unit m"),
    ("--km --kilometers --kilometres", "nothing, as kilometres are the default"),
    (
        "--ellipsoid --wgs84 --wgs-84 --geodesic --geodetic --datum --earth --crs --model",
        "--metric wgs84 (or grs80, or A,1/F)",
    ),
    ("--radius --r", "--radius-km R"),
    ("--json", "--format json"),
    ("--csv", "--format csv"),
    (
        "--output -o --out --save --to-file",
        "--geojson FILE, or > FILE behind the command, with --format csv or json",
    ),
    (
        "--plot --picture --image --draw --svg --png --chart --view",
        "--map FILE.svg or --map FILE.png",
    ),
    ("--k -k --count --number --limit --best", "--top K"),
    ("--from --to --other --second --against --between", "a second list: farthest pair A B"),
    ("--threads -j --jobs --cores --ranks -n --np -np", "mpirun -n N before farthest"),
    ("--latitude --longitude -x -y --x --y", "--lat COLUMN and --lon COLUMN"),
    ("--separator --sep --delim -d -F", "--delimiter C"),
    ("--timeout --time-limit --max-time", "--max-seconds S"),
    ("--algorithm --algo --mode", "--method naive, exhaustive or pruned"),
];

/// The same of `each`, asked first.
const INSTEAD_IN_EACH: [(&str, &str); 1] = [(
    "--output -o --save --to-file --geojson --csv --tsv",
    "--out OUT, which ends in .csv, .tsv or .geojson",
)];

/// What a command wants that was not typed, and how to type it.
const MISSING: [(&str, &str); 4] = [
    (
        "<FILE>",
        "a city list as <FILE>, found none; type its path behind the command, as in: farthest pair cities.csv, or - \
         for standard input; --help has examples",
    ),
    (
        "--out <OUT>",
        "a file to write as --out OUT, found none; it ends in .csv, .tsv or .geojson, as in: farthest each cities.csv \
         --out far.csv",
    ),
    (
        "<OUTPUT>",
        "a list as <INPUT> and a file to write as <OUTPUT>, found one at most; as in: farthest pack cities.csv \
         cities.cities",
    ),
    (
        "<N>",
        "how many cities, and the file to write, found neither; as in: farthest generate 100000 cities.csv",
    ),
];

/// What to say of a command line that clap has refused, where there is something better than its own words.
pub(super) fn better_words(stop: &Error) -> Option<String> {
    let word = |kind| match stop.get(kind) {
        Some(ContextValue::String(word)) => Some(word.as_str()),
        _ => None,
    };
    match stop.kind() {
        ErrorKind::UnknownArgument => {
            let typed = word(ContextKind::InvalidArg)?;
            let is_it = |words: &str| words.split(' ').any(|word| word == typed);
            let of_each =
                INSTEAD_IN_EACH.iter().filter(|_| usage_of(stop).contains("farthest each"));
            let (_, instead) = of_each.chain(&INSTEAD).find(|(words, _)| is_it(words))?;
            Some(format!(
                "expected an option of this command, found {typed}; type {instead}; all options: --help"
            ))
        }
        ErrorKind::InvalidSubcommand => {
            let typed = word(ContextKind::InvalidSubcommand)?;
            // What is spelled like a command is meant to be one.
            let is_spelled_alike = stop.get(ContextKind::SuggestedSubcommand).is_some();
            let is_list = typed.contains(['.', '/']) || !is_spelled_alike;
            is_list.then(|| {
                format!(
                    "expected a command, found {typed}; for the farthest pair of that list type: farthest pair \
                     {typed}; all commands: --help"
                )
            })
        }
        ErrorKind::MissingRequiredArgument => {
            let Some(ContextValue::Strings(missing)) = stop.get(ContextKind::InvalidArg) else {
                return None;
            };
            let (_, words) =
                MISSING.into_iter().find(|(one, _)| missing.iter().any(|it| it == one))?;
            Some(format!("expected {words}"))
        }
        _ => None,
    }
}

/// How the command is used that was typed.
fn usage_of(stop: &Error) -> String {
    stop.get(ContextKind::Usage).map(ToString::to_string).unwrap_or_default()
}
