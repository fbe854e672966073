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
            let (_, instead) = INSTEAD.into_iter().find(|(words, _)| is_it(words))?;
            Some(format!(
                "expected an option of this command, found {typed}; type {instead}; all options: --help"
            ))
        }
        ErrorKind::InvalidSubcommand => {
            let typed = word(ContextKind::InvalidSubcommand)?;
            let is_file = typed.contains(['.', '/']);
            is_file.then(|| {
                format!(
                    "expected a command, found {typed}; for the farthest pair of that list type: farthest pair {typed}"
                )
            })
        }
        ErrorKind::MissingRequiredArgument => {
            let missing = stop.get(ContextKind::InvalidArg);
            let is_list = matches!(missing, Some(ContextValue::Strings(words)) if words.iter().any(|word| word == "<FILE>"));
            is_list.then(|| {
                "expected a city list as <FILE>, found none; type its path behind the command, as in: farthest \
                 pair cities.csv, or - for standard input; --help has examples"
                    .into()
            })
        }
        _ => None,
    }
}
