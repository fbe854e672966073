//! A study for other programs: CSV, one line for each number of ranks, and Extra-P's JSON lines, one
//! for each sample.

use std::io::{self, Write};

use serde::Serialize;

use super::Study;
use super::rows::Row;
use crate::report::RunReport;

/// A line of the CSV; its fields are the header.
#[derive(Serialize)]
struct CsvRow {
    ranks: u64,
    nodes: String,
    cities: String,
    pairs: String,
    runs: usize,
    median_s: f64,
    min_s: f64,
    max_s: f64,
    interval_low_s: f64,
    interval_high_s: f64,
    interval_coverage: f64,
    speedup: f64,
    efficiency: f64,
    karp_flatt: Option<f64>,
    load_balance: f64,
    pairs_per_s: f64,
    pairs_per_s_per_rank: f64,
    open_s: Option<f64>,
    parse_s: Option<f64>,
    order_s: Option<f64>,
    share_s: Option<f64>,
    read_s: Option<f64>,
    search_s: Option<f64>,
    reduce_s: Option<f64>,
    total_s: f64,
    total_speedup: f64,
    total_efficiency: f64,
}

impl From<&Row> for CsvRow {
    fn from(row: &Row) -> CsvRow {
        let [open_s, parse_s, order_s, share_s, read_s, search_s, reduce_s] = row.phases_s;
        CsvRow {
            ranks: row.ranks,
            nodes: row.nodes.to_string(),
            cities: row.cities.to_string(),
            pairs: row.pairs.to_string(),
            runs: row.times_s.samples().len(),
            median_s: row.median_s(),
            min_s: row.times_s.min(),
            max_s: row.times_s.max(),
            interval_low_s: row.interval_s.low,
            interval_high_s: row.interval_s.high,
            interval_coverage: row.interval_s.coverage,
            speedup: row.speedup,
            efficiency: row.efficiency,
            karp_flatt: row.karp_flatt,
            load_balance: row.load_balance,
            pairs_per_s: row.pairs_per_s,
            pairs_per_s_per_rank: row.pairs_per_s_per_rank(),
            open_s,
            parse_s,
            order_s,
            share_s,
            read_s,
            search_s,
            reduce_s,
            total_s: row.total.median_s,
            total_speedup: row.total.speedup,
            total_efficiency: row.total.efficiency,
        }
    }
}

/// Writes the rows with a header; all digits, times in seconds, nothing where there is no value.
///
/// # Errors
/// Those of `out`.
pub fn csv(study: &Study, out: &mut impl Write) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    for row in &study.rows {
        writer.serialize(CsvRow::from(row))?;
    }
    writer.flush()
}

/// A measurement as Extra-P reads it.
#[derive(Serialize)]
struct Measurement {
    params: Params,
    callpath: &'static str,
    metric: &'static str,
    value: f64,
}

#[derive(Clone, Copy, Serialize)]
struct Params {
    p: u64,
}

/// Writes four measurements for each counted run: its phases, each on the slowest rank, and `main`,
/// which is all of it, reading and the timed region. The one parameter is the number of ranks p, in a
/// weak study too: the number of cities follows from it there, and of points no two of which have
/// either number in common Extra-P models nothing but constants.
///
/// # Errors
/// Those of `out`.
pub fn extrap(study: &Study, out: &mut impl Write) -> io::Result<()> {
    for (run, report) in study.counted() {
        let params = Params { p: run.line.ranks };
        for (callpath, value) in callpaths(report) {
            serde_json::to_writer(
                &mut *out,
                &Measurement { params, callpath, metric: "time", value },
            )?;
            writeln!(out)?;
        }
    }
    Ok(())
}

fn callpaths(report: &RunReport) -> [(&'static str, f64); 4] {
    let times = &report.times.times_s;
    [
        ("main", report.times.total_s()),
        ("main->read", times.read.max),
        ("main->search", times.search.max),
        ("main->reduce", times.reduce.max),
    ]
}
