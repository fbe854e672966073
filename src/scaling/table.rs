//! A study as text for a terminal and as Markdown for a report: facts, the table of the search, the table
//! of all phases, notes, fits, verdict.
//!
//! Both forms are made from the same sections, so that they say the same.

use std::collections::BTreeSet;
use std::fmt::{Display, Write as _};

use crate::report::{RunReport, key_values, printable};

use super::Study;
use super::fit::{Fit, RANKS_FOR_UNCERTAINTY};
use super::rows::{PHASES, Range, Row, drift};
use super::runs::{Kind, Run, Scale, Status, shown};
use super::verdict::{WEAK_DRIFT, crowding, verdict};

/// How many runs that do not count are shown one by one.
const SHOWN_PROBLEMS: usize = 5;

const COLUMNS: [&str; 15] = [
    "ranks",
    "nodes",
    "n",
    "pairs",
    "runs",
    "median s",
    "min s",
    "max s",
    "interval s",
    "speedup",
    "efficiency",
    "Karp-Flatt",
    "balance",
    "pairs/s",
    "pairs/s/rank",
];

/// What stands above the two tables.
const SEARCH_TITLE: &str = "Search and reduction";
const PHASES_TITLE: &str = "Where the time goes: medians in seconds, each phase on its slowest rank; the \
                            total is reading, search and reduction";

/// The study for a terminal.
pub fn text(study: &Study) -> String {
    let mut text = key_values(&facts(study));
    let [search, phases] = tables(study);
    let _ = write!(
        text,
        "\n{SEARCH_TITLE}:\n{}\n{PHASES_TITLE}:\n{}\n",
        aligned(&search),
        aligned(&phases)
    );
    for note in notes(study) {
        let _ = writeln!(text, "{note}");
    }
    let _ = writeln!(text, "\n{}", fit_sentences(study).join("\n"));
    let _ = writeln!(text, "Verdict: {}.", verdict(&study.rows, study.kind).join("; "));
    text
}

/// The study for a report.
pub fn markdown(study: &Study) -> String {
    let mut text = String::new();
    for (key, value) in facts(study) {
        let _ = writeln!(text, "- **{key}**: {}", escaped(&value));
    }
    let [search, phases] = tables(study);
    let _ = write!(
        text,
        "\n{SEARCH_TITLE}:\n\n{}\n{PHASES_TITLE}:\n\n{}\n",
        piped(&search),
        piped(&phases)
    );
    for note in notes(study) {
        let _ = writeln!(text, "- {}", escaped(&note));
    }
    let _ = writeln!(text, "\n{}\n", fit_sentences(study).join("\n\n"));
    let _ = writeln!(text, "**Verdict:** {}.", verdict(&study.rows, study.kind).join("; "));
    text
}

/// What all runs have in common, in words; several values where they are mixed.
pub(super) fn facts(study: &Study) -> Vec<(&'static str, String)> {
    let title = match (study.kind, study.scale) {
        (Kind::Strong, _) => "strong: the same cities on more ranks",
        (Kind::Weak, Some(Scale::Memory)) => "weak: constant cities per rank",
        (Kind::Weak, _) => "weak: constant pairs per rank",
    };
    let of = |one: &dyn Fn(&Run, &RunReport) -> String| {
        let values: BTreeSet<String> =
            study.counted().map(|(run, report)| printable(&one(run, report))).collect();
        values.into_iter().collect::<Vec<_>>().join("; ")
    };
    vec![
        ("study", title.to_string()),
        (
            "machine",
            of(&|run, _| {
                let host = &run.line.host;
                format!("{}, {} cores", host.processor, host.cores)
            }),
        ),
        ("host", hosts(study)),
        ("crowded", crowding(&study.rows).unwrap_or_else(|| "no: a core for each rank".into())),
        ("MPI", of(&|run, report| format!("{}, {}", report.ranks.mpi, run.line.host.launcher))),
        ("binding", of(&|run, _| run.line.host.binding.clone())),
        ("method", of(&|_, report| format!("{}, {}", report.way.method, report.way.isa))),
        ("version", of(&|_, report| format!("farthest {}", report.version))),
        ("date", dates(study)),
    ]
}

/// The hosts that runs were started on; of many the first few.
fn hosts(study: &Study) -> String {
    const SHOWN: usize = 4;
    let hosts: BTreeSet<&str> =
        study.counted().map(|(run, _)| run.line.host.hostname.as_str()).collect();
    let shown: Vec<String> = hosts.iter().take(SHOWN).map(|host| printable(host)).collect();
    match hosts.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn dates(study: &Study) -> String {
    // RFC 3339 dates of one zone are in the order of their letters.
    let dates: BTreeSet<&str> = study.counted().map(|(run, _)| run.line.date.as_str()).collect();
    match (dates.first(), dates.last()) {
        (Some(first), Some(last)) if first != last => {
            format!("{} to {}", printable(first), printable(last))
        }
        (first, _) => first.map_or(String::new(), |date| printable(date)),
    }
}

/// Lines of cells; the first is the head.
type Table = Vec<Vec<String>>;

/// The table of the search, and that of all phases.
fn tables(study: &Study) -> [Table; 2] {
    let phases = PHASES.map(|(name, _)| name);
    let total = ["total", "total speedup", "total efficiency"];
    let names = [&["ranks"][..], &phases, &total].concat();
    [(&COLUMNS[..], cells as fn(&Row) -> Vec<String>), (&names[..], phase_cells)].map(
        |(names, cells)| {
            let head = names.iter().map(|name| name.to_string()).collect();
            std::iter::once(head).chain(study.rows.iter().map(cells)).collect()
        },
    )
}

fn phase_cells(row: &Row) -> Vec<String> {
    let mut cells = vec![row.ranks.to_string()];
    let time = |time_s: Option<f64>| time_s.map_or("-".into(), significant);
    cells.extend(row.phases_s.map(time));
    cells.push(significant(row.total.median_s));
    cells.extend([row.total.speedup, row.total.efficiency].map(|share| format!("{share:.3}")));
    cells
}

fn cells(row: &Row) -> Vec<String> {
    vec![
        row.ranks.to_string(),
        row.nodes.to_string(),
        row.cities.to_string(),
        row.pairs.to_string(),
        row.times_s.samples().len().to_string(),
        significant(row.median_s()),
        significant(row.times_s.min()),
        significant(row.times_s.max()),
        interval(row),
        format!("{:.3}", row.speedup),
        format!("{:.3}", row.efficiency),
        row.karp_flatt.map_or("-".into(), |fraction| format!("{fraction:.5}")),
        format!("{:.3}", row.load_balance),
        format!("{:.3e}", row.pairs_per_s),
        format!("{:.3e}", row.pairs_per_s_per_rank()),
    ]
}

fn interval(row: &Row) -> String {
    let interval = &row.interval_s;
    let ends = format!("{}..{}", significant(interval.low), significant(interval.high));
    match interval.is_confident() {
        true => ends,
        false => format!("{ends} ({:.0} %)", interval.coverage * 100.0),
    }
}

/// A number with four significant digits, without an exponent.
pub(super) fn significant(number: f64) -> String {
    const DIGITS: i32 = 4;
    if number == 0.0 {
        return "0".into();
    }
    let decimals = DIGITS - 1 - number.abs().log10().floor() as i32;
    format!("{number:.0$}", decimals.max(0) as usize)
}

impl<T: Display + PartialEq> Display for Range<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.min)?;
        if self.min == self.max { Ok(()) } else { write!(f, "-{}", self.max) }
    }
}

fn aligned(table: &Table) -> String {
    let width = |column: usize| table.iter().map(|line| line[column].len()).max().unwrap_or(0);
    let mut text = String::new();
    for line in table {
        let cells = line.iter().enumerate();
        let cells = cells.map(|(column, cell)| format!("{cell:>0$}", width(column)));
        text += &cells.collect::<Vec<_>>().join("  ");
        text.push('\n');
    }
    text
}

/// A table as Markdown has it.
fn piped(table: &Table) -> String {
    let row = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let rule = row(&vec!["---:".to_string(); table[0].len()]);
    let escaped =
        |line: &Vec<String>| row(&line.iter().map(|cell| escaped(cell)).collect::<Vec<_>>());
    let mut rows = table.iter().map(escaped);
    let head = rows.next().unwrap_or_default();
    head + &rule + &rows.collect::<String>()
}

/// What a reader of the table must know.
fn notes(study: &Study) -> Vec<String> {
    let mut notes = Vec::new();
    if study.base().ranks != 1 {
        notes.push(format!("speedup and efficiency are relative to {} ranks", study.base().ranks));
    }
    let is_confident = study.rows.iter().all(|row| row.interval_s.is_confident());
    notes.push(match is_confident {
        true => "the interval is that of the median at 95 %".into(),
        false => "the interval is that of the median at 95 %; fewer than 6 runs give none: where a percentage \
                  stands behind min..max, it is the true coverage"
            .into(),
    });
    notes.extend(study.scale.map(|scale| load_note(&study.rows, scale)));
    notes.extend(left_out(study));
    notes
}

fn load_note(rows: &[Row], scale: Scale) -> String {
    let what = match scale {
        Scale::Pairs => "pairs",
        Scale::Memory => "cities",
    };
    let drift = drift(rows, scale);
    let percent = drift * 100.0;
    if drift <= WEAK_DRIFT {
        return format!("{what} per rank are constant within {percent:.3} %");
    }
    format!(
        "{what} per rank are NOT constant: off by up to {percent:.3} %, expected at most {} %; the \
         efficiency compares unequal loads",
        WEAK_DRIFT * 100.0
    )
}

/// The runs that are not in the table, counted, and the first of those that went wrong.
fn left_out(study: &Study) -> Vec<String> {
    let warm_ups = study.runs.iter().filter(|run| run.is_warm_up()).count();
    let problems: Vec<&Run> = study.runs.iter().filter(|run| run.report.is_none()).collect();
    let with = |status| problems.iter().filter(|run| run.line.status == status).count();
    // A warm-up that failed is a warm-up and a failed run.
    let mut notes = vec![format!(
        "not in the table: {warm_ups} warm-up, {} failed, {} invalid",
        with(Status::Failed),
        with(Status::Invalid)
    )];
    notes.extend(problems.iter().take(SHOWN_PROBLEMS).map(|run| problem(run)));
    if problems.len() > SHOWN_PROBLEMS {
        notes.push(format!("and {} more that went wrong", problems.len() - SHOWN_PROBLEMS));
    }
    notes
}

fn problem(run: &Run) -> String {
    let line = &run.line;
    let how = match line.status {
        Status::Invalid => "invalid",
        Status::Ok | Status::Failed => "failed",
    };
    let code = line.exit_code.map_or("none".into(), |code| code.to_string());
    let said = line.error.as_deref().and_then(|error| error.lines().next());
    format!(
        "{how}: {}: {} ranks, repeat {}, exit code {code}: {}",
        printable(&shown(&run.place)),
        line.ranks,
        line.repeat,
        printable(said.unwrap_or("no message"))
    )
}

/// The law of the search, and that of the total.
fn fit_sentences(study: &Study) -> Vec<String> {
    let counts = study.rows.len();
    match (study.fit, study.total_fit, study.kind) {
        (Some(fit), Some(total), _) => {
            vec![fit_sentence("search", fit, counts), fit_sentence("total", total, counts)]
        }
        (_, _, Kind::Strong) => {
            vec![format!("Amdahl: no fit, expected 2 rank counts or more, found {counts}")]
        }
        (_, _, Kind::Weak) => {
            vec!["Gustafson: no fit, expected 1 rank and at least one other rank count".into()]
        }
    }
}

fn fit_sentence(what: &str, fit: Fit, counts: usize) -> String {
    let s = fit.serial_fraction;
    let law = match fit.time_1_s {
        Some(time_s) => {
            format!("Amdahl, {what}: T(p) = {} s * (s + (1 - s)/p)", significant(time_s))
        }
        None => format!("Gustafson, {what}: S(p) = p - s (p - 1)"),
    };
    let beyond = match s {
        ..0.0 => "; below 0: better than perfect scaling",
        1.0.. => "; 1 or more: further ranks do not help",
        _ => "",
    };
    format!("{law}, serial fraction s = {s:.5}{}{beyond}", uncertainty(&fit, counts))
}

fn uncertainty(fit: &Fit, counts: usize) -> String {
    match fit.standard_error {
        Some(error) => format!(" +- {error:.5} (standard error, {counts} rank counts)"),
        None => format!(
            " (no uncertainty: expected {RANKS_FOR_UNCERTAINTY} rank counts or more, found {counts})"
        ),
    }
}

/// Text that Markdown shows as it is.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '|' | '<' | '[' | ']' | '#') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}
