//! `farthest scaling`: what it makes of studies whose answer is known, what it refuses, that it needs
//! no MPI, and that its files hold what its table says.

#![cfg(feature = "mpi")]

mod common;

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use common::{Folder, Job, Random, SOME_RANKS};
use farthest::output::{finish_all, prepare_file};
use farthest::scaling::Study;
use farthest::scaling::rows::Row;
use farthest::scaling::statistics::{Sorted, coverage};
use farthest::scaling::verdict::verdict;
use serde_json::{Value, json};

/// A run of a strong study that went well.
fn strong(ranks: u64, repeat: u64, time_s: f64) -> Value {
    run("strong", Value::Null, 10_001, [ranks, repeat], time_s)
}

/// A run of a weak study that went well, with so many cities.
fn weak(scale: &str, cities: u64, ranks: u64, repeat: u64, time_s: f64) -> Value {
    run("weak", scale.into(), cities, [ranks, repeat], time_s)
}

fn run(kind: &str, scale: Value, cities: u64, [ranks, repeat]: [u64; 2], time_s: f64) -> Value {
    let pairs = cities * (cities - 1) / 2;
    let phase = |share: f64| json!({ "min": 0.0, "mean": 0.0, "max": share * time_s });
    json!({
        "kind": kind,
        "scale": scale,
        "ranks": ranks,
        "repeat": repeat,
        "status": "ok",
        "exit_code": 0,
        "command": ["mpirun", "-n", ranks.to_string(), "farthest", "pair", "the cities"],
        "date": format!("2026-11-22T15:{repeat:02}:00Z"),
        "host": {
            "hostname": "node1", "processor": "Some Processor", "cores": 2048,
            "memory_bytes": 1_u64 << 34, "kernel": "Linux", "binding": "core",
            "launcher": "mpirun", "slurm_job_id": null,
        },
        "report": {
            "status": "ok", "version": "0.1.0", "cities": cities, "pairs": pairs,
            "pairs_covered": pairs, "method": "exhaustive", "isa": "avx2", "ranks": ranks,
            "nproc": ranks, "nodes": 1, "hosts": ["node1"], "mpi": "Some MPI 1.0",
            "execution_time": time_s, "load_balance": 0.97, "pairs_per_s": pairs as f64 / time_s,
            "times_s": { "read": phase(0.125), "search": phase(0.75), "reduce": phase(0.25) },
            "file": { "path": "x", "bytes": 9, "format": "packed",
                      "checksum": format!("xxh3:{cities:016x}") },
        },
        "error": null,
    })
}

/// The run with the parts of reading, as newer reports have them: of eighths of the time, the reading
/// takes one.
fn with_parts(mut line: Value) -> Value {
    let time_s = line["report"]["execution_time"].as_f64().expect("a time");
    for (part, share) in [("open", 0.0), ("parse", 0.0625), ("order", 0.03125), ("share", 0.03125)]
    {
        line["report"]["times_s"][part] = json!({ "min": 0.0, "mean": 0.0, "max": share * time_s });
    }
    line
}

/// A run that went wrong.
fn problem(status: &str, ranks: u64, repeat: u64) -> Value {
    let mut line = strong(ranks, repeat, 1e9);
    line["status"] = status.into();
    line["exit_code"] = 1.into();
    line["error"] = "farthest: it broke\nand said more".into();
    if status == "failed" {
        line["report"] = Value::Null;
    }
    line
}

fn text(lines: &[Value]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn study(lines: &[Value]) -> Study {
    let folder = Folder::new();
    let file = folder.write("runs.jsonl", text(lines));
    Study::open(&[PathBuf::from(file)], false).expect("a study")
}

/// One run for each number of ranks, of the time that the law gives.
fn of_law(ranks: &[u64], time_s: impl Fn(f64) -> f64) -> Vec<Value> {
    ranks.iter().map(|&ranks| strong(ranks, 1, time_s(ranks as f64))).collect()
}

fn assert_close(found: f64, expected: f64, error: f64) {
    assert!((found - expected).abs() <= error, "expected {expected}, found {found}");
}

/// A strong study with a warm-up, noise of known medians, a failed and an invalid run.
fn noisy() -> Vec<Value> {
    let mut lines = Vec::new();
    for (ranks, median_s) in [(1, 8.0), (2, 4.0), (4, 2.5)] {
        lines.push(strong(ranks, 0, 100.0));
        for (repeat, factor) in [(1, 1.25), (2, 1.0), (3, 0.875), (4, 1.125), (5, 0.9375)] {
            lines.push(strong(ranks, repeat, median_s * factor));
        }
    }
    lines.push(problem("failed", 4, 6));
    lines.push(problem("invalid", 4, 7));
    lines
}

#[test]
fn a_strong_study_has_the_known_medians_speedups_efficiencies_and_fractions() {
    let study = study(&noisy());
    let expected = [
        (1, 8.0, 1.0, 1.0, None),
        (2, 4.0, 2.0, 1.0, Some(0.0)),
        (4, 2.5, 3.2, 0.8, Some(1.0 / 12.0)),
    ];
    assert_eq!(study.rows.len(), expected.len());
    for (row, (ranks, median_s, speedup, efficiency, fraction)) in study.rows.iter().zip(expected) {
        assert_eq!((row.ranks, row.median_s()), (ranks, median_s));
        assert_eq!((row.times_s.min(), row.times_s.max()), (0.875 * median_s, 1.25 * median_s));
        assert_eq!(row.times_s.samples().len(), 5, "warm-ups and problems do not count");
        assert_close(row.speedup, speedup, 1e-12);
        assert_close(row.efficiency, efficiency, 1e-12);
        assert_eq!(row.karp_flatt.is_some(), fraction.is_some());
        assert_close(row.karp_flatt.unwrap_or(0.0), fraction.unwrap_or(0.0), 1e-12);
        assert_close(row.pairs_per_s * median_s, 50_005_000.0, 1e-3);
        assert_close(row.pairs_per_s_per_rank() * ranks as f64, row.pairs_per_s, 1e-3);
        assert_eq!(row.load_balance, 0.97);
    }
}

#[test]
fn speedup_is_relative_to_the_smallest_number_of_ranks() {
    let study = study(&[strong(8, 1, 1.25), strong(2, 1, 4.0)]);
    let row = &study.rows[1];
    assert_eq!((row.ranks, row.karp_flatt), (8, None));
    assert_close(row.speedup, 3.2, 1e-12);
    assert_close(row.efficiency, 0.8, 1e-12);
}

#[test]
fn a_weak_study_compares_times_where_pairs_are_constant_and_rates_where_cities_are() {
    let pairs = study(&[weak("pairs", 10_001, 1, 1, 2.0), weak("pairs", 20_001, 4, 1, 2.5)]);
    assert_close(pairs.rows[1].efficiency, 0.8, 1e-12);
    assert_close(pairs.rows[1].speedup, 3.2, 1e-12);
    assert_eq!(pairs.rows[1].karp_flatt, None);
    // 1000 cities are 499,500 pairs and 4000 are 7,998,000: 4.003 times as many a rank.
    let time_s = 2.0 * 7_998_000.0 / (4.0 * 499_500.0);
    let memory = study(&[weak("memory", 1000, 1, 1, 2.0), weak("memory", 4000, 4, 1, time_s)]);
    assert_close(memory.rows[1].efficiency, 1.0, 1e-12);
    assert_close(memory.rows[1].speedup, 4.0, 1e-12);
}

#[test]
fn the_total_is_reading_search_and_reduction_and_has_a_fit_of_its_own() {
    let study = study(&noisy());
    for (row, median_s) in study.rows.iter().zip([8.0, 4.0, 2.5]) {
        assert_close(row.total.median_s, 1.125 * median_s, 1e-12);
        assert_close(row.total.speedup, row.speedup, 1e-12);
        assert_close(row.total.efficiency, row.efficiency, 1e-12);
    }
    // A search that scales perfectly, and a reading of an eighth of it on one rank that does not at all.
    let mut lines = of_law(&[1, 2, 4, 16], |p| 1.0 / p);
    for line in &mut lines {
        line["report"]["times_s"]["read"]["max"] = 0.125.into();
    }
    let study = self::study(&lines);
    assert_close(study.fit.expect("a fit").serial_fraction, 0.0, 1e-12);
    assert_close(study.total_fit.expect("a fit").serial_fraction, 1.0 / 9.0, 1e-12);
    assert_close(study.total_fit.expect("a fit").time_1_s.expect("a time"), 1.125, 1e-12);
    let said = verdict(&study.rows, study.kind).join("; ");
    assert!(said.ends_with("reading takes 67 % of the total at 16 ranks"), "{said}");
    assert_close(study.rows[3].total.speedup, 6.0, 1e-12);
    // Cities a rank constant: the total is compared by rates too.
    let time_s = 2.0 * 7_998_000.0 / (4.0 * 499_500.0);
    let memory =
        self::study(&[weak("memory", 1000, 1, 1, 2.0), weak("memory", 4000, 4, 1, time_s)]);
    assert_close(memory.rows[1].total.efficiency, 1.0, 1e-12);
    assert_close(memory.rows[1].total.speedup, 4.0, 1e-12);
}

#[test]
fn phases_are_medians_and_reports_without_parts_of_reading_tell_it_as_a_whole() {
    let old = study(&noisy());
    let new = study(&noisy().into_iter().map(with_parts_of_fine).collect::<Vec<_>>());
    for (old, new) in old.rows.iter().zip(&new.rows) {
        let median_s = old.median_s();
        let whole = [0.125, 0.75, 0.25].map(|share| Some(share * median_s));
        assert_eq!(old.phases_s, [&[None; 4][..], &whole].concat()[..]);
        let parts = [0.0, 0.0625, 0.03125, 0.03125].map(|share| Some(share * median_s));
        assert_eq!(new.phases_s, [&parts[..], &whole].concat()[..]);
        let names = |row: &Row| row.parts_s().iter().map(|(name, _)| *name).collect::<Vec<_>>();
        assert_eq!(names(old), ["read", "search", "reduce"]);
        assert_eq!(names(new), ["open", "parse", "order", "share", "search", "reduce"]);
    }
}

/// [`with_parts`] of a run that has a report.
fn with_parts_of_fine(line: Value) -> Value {
    if line["report"].is_null() { line } else { with_parts(line) }
}

#[test]
fn exact_data_of_amdahl_give_back_the_serial_fraction() {
    let mut random = Random::new(1);
    for _ in 0..100 {
        let (serial, time_1_s) = (random.unit(), 10_f64.powf(random.between(-3.0, 4.0)));
        let lines = of_law(&[1, 2, 3, 8, 32], |p| time_1_s * (serial + (1.0 - serial) / p));
        let fit = study(&lines).fit.expect("a fit");
        assert_close(fit.serial_fraction, serial, 1e-10);
        assert_close(fit.time_1_s.expect("a time") / time_1_s, 1.0, 1e-10);
        assert!(fit.standard_error.expect("three rank counts") < 1e-6, "{fit:?}");
    }
}

#[test]
fn exact_data_of_gustafson_give_back_the_serial_fraction() {
    let mut random = Random::new(2);
    for _ in 0..100 {
        let serial = random.between(0.0, 0.9);
        let scaled = |p: f64| p - serial * (p - 1.0);
        let run = |p: u64| weak("pairs", 10_000 + p, p, 1, p as f64 / scaled(p as f64));
        let fit = study(&[1, 2, 5, 16].map(run)).fit.expect("a fit");
        assert_close(fit.serial_fraction, serial, 1e-10);
        assert!(fit.standard_error.expect("three rank counts") < 1e-6, "{fit:?}");
    }
}

/// The expected numbers are those of `scipy.optimize.curve_fit` (1.17, sigma = the values,
/// absolute_sigma = False), which finds them by iteration.
#[test]
fn inexact_data_give_the_fraction_and_error_of_an_independent_fit() {
    let times = [(1, 10.1), (2, 5.2), (4, 2.9), (8, 1.65), (16, 1.02)];
    let fit = study(&times.map(|(ranks, time_s)| strong(ranks, 1, time_s))).fit.expect("a fit");
    assert_close(fit.time_1_s.expect("a time"), 10.128_452_36, 1e-6);
    assert_close(fit.serial_fraction, 0.041_674_38, 1e-7);
    assert_close(fit.standard_error.expect("an error"), 0.002_006_11, 1e-7);

    let times = [(1, 2.0), (2, 2.1), (4, 2.15), (8, 2.3), (16, 2.2)];
    let lines = times.map(|(ranks, time_s)| weak("pairs", 10_000 + ranks, ranks, 1, time_s));
    let fit = study(&lines).fit.expect("a fit");
    assert_close(fit.serial_fraction, 0.112_124_26, 1e-7);
    assert_close(fit.standard_error.expect("an error"), 0.014_375_8, 1e-6);
}

#[test]
fn too_few_rank_counts_have_no_uncertainty_or_no_fit() {
    let fit = study(&of_law(&[1, 4], |p| 0.1 + 0.9 / p)).fit.expect("two make a fit");
    assert_close(fit.serial_fraction, 0.1, 1e-12);
    assert_eq!(fit.standard_error, None);
    assert!(study(&of_law(&[4], |p| 1.0 / p)).fit.is_none());
    let no_base = [weak("pairs", 5000, 2, 1, 1.0), weak("pairs", 7000, 4, 1, 1.0)];
    assert!(study(&no_base).fit.is_none());
    let folder = Folder::new();
    let file = folder.write("runs.jsonl", text(&of_law(&[1, 4], |p| 0.1 + 0.9 / p)));
    let outcome = Job::alone().run(&["scaling", &file]);
    for said in ["expected 3 rank counts or more, found 2", "too few rank counts to tell"] {
        assert!(outcome.expect_ok().contains(said), "{outcome:#?}");
    }
}

/// Samples, rank of the interval's ends, and coverage, from exact fractions of binomial sums.
const INTERVALS: [(usize, usize, f64); 16] = [
    (1, 1, 0.0),
    (2, 1, 0.5),
    (3, 1, 0.75),
    (4, 1, 0.875),
    (5, 1, 0.9375),
    (6, 1, 0.96875),
    (7, 1, 0.984375),
    (8, 1, 0.9921875),
    (9, 2, 0.9609375),
    (10, 2, 0.978515625),
    (11, 2, 0.98828125),
    (12, 3, 0.96142578125),
    (15, 4, 0.96484375),
    (20, 6, 0.9586105346679688),
    (30, 10, 0.9572260547429323),
    (100, 40, 0.9647997997822951),
];

#[test]
fn intervals_of_the_median_are_those_of_the_binomial_table() {
    for (count, rank, coverage) in INTERVALS {
        let mut samples: Vec<f64> = (1..=count).map(|number| number as f64).collect();
        Random::new(count as u64).shuffle(&mut samples);
        let interval = Sorted::new(samples).interval_of_median();
        assert_eq!((interval.low, interval.high), (rank as f64, (count + 1 - rank) as f64));
        assert_close(interval.coverage, coverage, 1e-12);
        assert_eq!(interval.is_confident(), count >= 6, "{count}");
    }
}

#[test]
fn the_coverage_is_the_share_of_all_ways_in_which_samples_fall() {
    for count in 1..=12_usize {
        for rank in 1..=count.div_ceil(2) {
            // A bit for each sample: below the median or above.
            let covers = |falls: &u32| {
                let above = falls.count_ones() as usize;
                above >= rank && count - above >= rank
            };
            let covering = (0..1_u32 << count).filter(covers).count();
            assert_close(coverage(count, rank), covering as f64 / (1 << count) as f64, 1e-12);
        }
    }
    assert!((0.95..0.96).contains(&coverage(10_000, 4902)), "large counts do not underflow");
}

#[test]
fn medians_and_intervals_contain_each_other_and_do_not_know_the_order() {
    let mut random = Random::new(3);
    for count in 1..60 {
        let mut samples: Vec<f64> = (0..count).map(|_| random.between(1.0, 2.0)).collect();
        let sorted = Sorted::new(samples.clone());
        let interval = sorted.interval_of_median();
        let below = samples.iter().filter(|&&sample| sample <= sorted.median()).count();
        assert_eq!(
            below,
            (count as usize).div_ceil(2),
            "half of the samples lie at or below the median"
        );
        assert!(sorted.min() <= interval.low && interval.high <= sorted.max());
        assert!(interval.low <= sorted.median() && sorted.median() <= interval.high);
        random.shuffle(&mut samples);
        assert_eq!(Sorted::new(samples), sorted);
    }
}

#[test]
fn the_verdict_tells_what_limits() {
    let said = |lines: &[Value]| {
        let study = study(lines);
        verdict(&study.rows, study.kind).join("; ")
    };
    let assert_said = |lines: &[Value], part: &str| {
        assert!(said(lines).contains(part), "expected {part:?} in {:?}", said(lines));
    };
    const RANKS: [u64; 5] = [1, 2, 4, 8, 16];
    let serial = of_law(&RANKS, |p| 0.05 + 0.95 / p);
    assert_said(
        &serial,
        "efficiency stays above 0.9 up to 2 ranks and is below it at 4 ranks (0.870)",
    );
    assert_said(&serial, "constant within its noise: serial work limits");
    let perfect = of_law(&RANKS, |p| 1.0 / p);
    assert_said(&perfect, "efficiency stays above 0.9 up to 16 ranks; ");
    assert_said(&perfect, "nothing limits so far");
    let huge = of_law(&[1, 32, 256, 1024], |p| 0.0006 + 0.9994 / p);
    assert_said(&huge, "constant within its noise: serial work limits");
    // A base that looks slow by a fiftieth makes the fraction seem to grow; its own range tells that
    // this may be noise.
    let slow_base = |base: &[f64]| -> Vec<Value> {
        let base = base.iter().zip(1..).map(|(&time_s, repeat)| strong(1, repeat, time_s));
        base.chain(huge[1..].iter().cloned()).collect()
    };
    assert_said(&slow_base(&[1.02]), "grows with the ranks");
    assert_said(&slow_base(&[1.0, 1.04]), "constant within its noise: serial work limits");
    let talking = of_law(&RANKS, |p| 1.0 / p + 0.002 * p);
    assert_said(&talking, "grows with the ranks: communication or imbalance limits");
    let start = of_law(&RANKS, |p| if p > 1.0 { 1.0 / p + 0.2 / (p * p) } else { 1.0 });
    assert_said(&start, "falls with the ranks");
    assert_said(&of_law(&[1, 2], |p| 1.0 / p), "too few rank counts to tell");
    assert_said(&of_law(&[2, 4, 8], |p| 1.0 / p), "no run on 1 rank");
    let mut lame = perfect.clone();
    lame[3]["report"]["load_balance"] = 0.8.into();
    assert_said(&lame, "load imbalance: the load balance falls to 0.800 at 8 ranks");
    let weaks =
        |time_s: fn(f64) -> f64| RANKS.map(|p| weak("pairs", 9 + p, p, 1, time_s(p as f64)));
    assert_said(&weaks(|_| 2.0), "the serial fraction is constant within its noise and not to be");
    assert_said(&weaks(|p| p / (p - 0.2 * (p - 1.0))), "serial work limits");
    assert_said(&weaks(|p| 1.0 + 0.01 * p), "grows with the ranks: communication or imbalance");
    assert!(!said(&perfect).contains("imbalance:"));
}

#[test]
fn warm_ups_failed_and_invalid_runs_are_told_below_the_table() {
    let folder = Folder::new();
    let file = folder.write("runs.jsonl", text(&noisy()));
    for options in [&[][..], &["--markdown"]] {
        let outcome = Job::alone().run(&[&["scaling", &file], options].concat());
        let said = outcome.expect_ok();
        for part in [
            "not in the table: 3 warm-up, 1 failed, 1 invalid",
            ":19: 4 ranks, repeat 6, exit code 1: farthest: it broke\n",
            ":20: 4 ranks, repeat 7, exit code 1: farthest: it broke\n",
            "it is the true coverage",
        ] {
            assert!(said.contains(part), "expected {part:?} in {outcome:#?}");
        }
    }
}

#[test]
fn a_weak_study_says_how_constant_the_load_is() {
    let folder = Folder::new();
    let said = |scale: &str, cities: [u64; 2]| {
        let lines = [weak(scale, cities[0], 1, 1, 1.0), weak(scale, cities[1], 4, 1, 1.0)];
        let file = folder.write("runs.jsonl", text(&lines));
        Job::alone().run(&["scaling", &file]).expect_ok().to_string()
    };
    // 4,498,500 and 4 · 4,497,750.25 pairs; 4,498,500 and 4 · 4,682,565.
    assert!(said("pairs", [3000, 5999]).contains("pairs per rank are constant within 0.017 %"));
    assert!(
        said("pairs", [3000, 6121])
            .contains("pairs per rank are NOT constant: off by up to 4.092 %")
    );
    assert!(said("memory", [3000, 12_000]).contains("cities per rank are constant within 0.000 %"));
    assert!(said("memory", [3000, 6000]).contains("NOT constant: off by up to 50.000 %"));
}

/// Changes one field of the second run and expects a refusal of its line.
fn assert_not_mixed(lines: [Value; 2], field: &str, value: Value, parts: &[&str]) {
    let folder = Folder::new();
    let [first, mut second] = lines;
    *second.pointer_mut(field).expect("a field of the run") = value;
    let files = [folder.write("a.jsonl", text(&[first])), folder.write("b.jsonl", text(&[second]))];
    let arguments = ["scaling", &files[0], &files[1]];
    let place = format!("{}:1: expected the ", files[1]);
    let all: Vec<&str> = [&[place.as_str(), &files[0], "--mix"], parts].concat();
    Job::alone().run(&arguments).expect_error(65, &all);
    Job::alone().run(&[&arguments[..], &["--mix"]].concat()).expect_ok();
}

#[test]
fn runs_that_differ_in_more_than_their_ranks_are_refused_unless_mixed() {
    let strongs = || [strong(1, 1, 2.0), strong(2, 1, 1.0)];
    let cases = [
        ("/report/file/checksum", json!("xxh3:other"), "city file"),
        ("/report/method", json!("pruned"), "method"),
        ("/report/isa", json!("scalar"), "isa"),
        ("/report/version", json!("9.9.9"), "version"),
        ("/report/mpi", json!("Other MPI"), "MPI library"),
        ("/host/binding", json!("none"), "binding"),
        ("/host/processor", json!("Other Processor"), "machine"),
        ("/host/cores", json!(9), "machine"),
    ];
    for (field, value, name) in cases {
        let found = value.as_str().map_or(value.to_string(), str::to_string);
        assert_not_mixed(strongs(), field, value, &[name, &found]);
    }
    let weaks = |ranks| [weak("pairs", 9, ranks, 1, 1.0), weak("pairs", 9, 2, 2, 1.5)];
    assert_not_mixed(
        weaks(2),
        "/report/file/checksum",
        json!("xxh3:other"),
        &["for each number of ranks"],
    );
    let mut spread = weaks(1);
    spread.iter_mut().for_each(|line| line["distribution"] = "uniform".into());
    assert_not_mixed(spread, "/distribution", json!("cap"), &["distribution", "uniform"]);
    // The files of a weak study differ between ranks, and its nodes have names of their own.
    let mut elsewhere = weak("pairs", 12, 2, 2, 1.5);
    elsewhere["host"]["hostname"] = "node2".into();
    assert_eq!(study(&[weak("pairs", 9, 1, 1, 1.0), elsewhere]).rows.len(), 2);
}

#[test]
fn strong_and_weak_runs_are_never_mixed() {
    let folder = Folder::new();
    let lines = [strong(1, 1, 1.0), weak("pairs", 9, 2, 1, 1.0), weak("memory", 9, 2, 1, 2.0)];
    for pair in [[0, 1], [1, 2]] {
        let file = folder.write("runs.jsonl", text(&pair.map(|line| lines[line].clone())));
        for options in [&[][..], &["--mix"]] {
            let job = Job::alone().run(&[&["scaling", &file], options].concat());
            job.expect_error(65, &["runs.jsonl:2: expected the kind of study of", "weak"]);
        }
    }
}

#[test]
fn a_line_that_is_no_run_is_refused_with_its_number() {
    let folder = Folder::new();
    let whole = strong(1, 1, 1.0).to_string();
    let cut = &whole[..whole.len() / 2];
    let without = |field: &str| {
        let mut line = strong(1, 1, 1.0);
        line.as_object_mut().expect("an object").remove(field);
        line.to_string()
    };
    let cases = [
        ("nonsense".to_string(), "expected ident at column 2"),
        (cut.to_string(), "EOF while parsing"),
        ("[1]".to_string(), "expected a run"),
        (without("ranks"), "missing field `ranks`"),
        (without("host"), "missing field `host`"),
        (without("report"), "missing field `report`"),
        (
            whole.replace("\"ok\",\"version\"", "3,\"version\"").replace("\"strong\"", "\"odd\""),
            "odd",
        ),
        (format!("{whole} {whole}"), "trailing characters"),
    ];
    for (line, found) in cases {
        let file = folder.write("runs.jsonl", format!("{whole}\n\n{line}\n"));
        let parts = ["runs.jsonl:3: expected a run as scripts/study writes it", found];
        Job::alone().run(&["scaling", &file]).expect_error(65, &parts);
    }
    let file = folder.write("runs.jsonl", b"\xff\xfe\n");
    Job::alone().run(&["scaling", &file]).expect_error(65, &["runs.jsonl:1: expected a run"]);
}

#[test]
fn a_line_that_contradicts_itself_is_refused() {
    let folder = Folder::new();
    let cases = [
        ("/report/pairs_covered", json!(7), "found ok although 7 of 50005000 pairs are covered"),
        ("/report/ranks", json!(1), "found ok although 1 of 2 ranks worked"),
        ("/report/execution_time", json!(0.0), "expected times above 0 s"),
        ("/report/times_s/read/max", json!(-1.0), "expected times above 0 s"),
        ("/report/times_s/order/max", json!(-1.0), "expected times above 0 s"),
        ("/report/load_balance", json!(1.5), "expected a load_balance above 0 and at most 1"),
        ("/report/cities", json!(1), "expected 2 cities or more, found 1"),
        ("/ranks", json!(0), "expected at least 1 rank, found 0"),
        ("/scale", json!("pairs"), "expected scale null of kind strong"),
        ("/kind", json!("weak"), "expected scale pairs or memory of kind weak"),
    ];
    for (field, value, part) in cases {
        let mut line = with_parts(strong(2, 1, 1.0));
        *line.pointer_mut(field).expect("a field of the run") = value;
        let file = folder.write("runs.jsonl", text(&[strong(1, 1, 2.0), line]));
        Job::alone().run(&["scaling", &file]).expect_error(65, &["runs.jsonl:2: ", part, "mend"]);
    }
}

#[test]
fn more_pairs_than_64_bits_hold_are_read() {
    let pairs = u128::from(u64::MAX) + 1;
    let line = strong(1, 1, 1.0).to_string().replace("50005000", &pairs.to_string());
    let folder = Folder::new();
    let file = folder.write("runs.jsonl", line);
    let study = Study::open(&[PathBuf::from(file)], false).expect("a study");
    assert_eq!(study.rows[0].pairs.min, pairs);
}

#[test]
fn the_same_run_twice_no_valid_run_and_no_file_are_errors() {
    let folder = Folder::new();
    let file = folder.write("runs.jsonl", text(&noisy()));
    let parts = ["runs.jsonl:1: expected each run once", "name each file once"];
    Job::alone().run(&["scaling", &file, &file]).expect_error(65, &parts);
    let empty = folder.write("empty.jsonl", "");
    let lines = [strong(1, 0, 1.0), problem("failed", 1, 1), problem("invalid", 1, 2)];
    let useless = folder.write("useless.jsonl", text(&lines));
    for file in [empty, useless] {
        let parts = [file.as_str(), "expected at least one valid run"];
        Job::alone().run(&["scaling", &file]).expect_error(65, &parts);
    }
    let missing = folder.file("missing.jsonl");
    Job::alone().run(&["scaling", &missing]).expect_error(66, &[&missing, "no such file"]);
    Job::alone().run(&["scaling"]).expect_error(2, &["RUNS.jsonl"]);
}

#[test]
fn it_works_where_mpi_does_not_start() {
    let folder = Folder::new();
    let file = folder.write("runs.jsonl", text(&noisy()));
    // What breaks Open MPI, and what breaks MPICH.
    let broken = || {
        let job = Job::alone().with("OMPI_MCA_pml", "nonsense");
        job.with("PMI_FD", "9999").with("PMI_RANK", "0").with("PMI_SIZE", "1")
    };
    let cities = folder.write("cities.txt", "0 0 here\n0 1 there\n");
    let outcome = broken().run(&["info", &cities]);
    assert_ne!(outcome.code, 0, "MPI starts although it is broken: {outcome:#?}");
    let expected = Job::alone().run(&["scaling", &file]).expect_ok().to_string();
    assert_eq!(broken().run(&["scaling", &file]).expect_ok(), expected);
    assert_eq!(broken().run(&["--allow-singletons", "scaling", &file]).expect_ok(), expected);
    assert!(broken().run(&["scaling", "--help"]).expect_ok().contains("--extrap"));
    broken().run(&["scaling", &folder.file("none")]).expect_error(66, &["no such file"]);
    assert!(broken().run(&["pair", "--help"]).expect_ok().contains("--method"));
    broken().run(&["pair"]).expect_error(2, &["<FILE>"]);
}

#[test]
fn under_a_launcher_the_first_process_alone_works_and_speaks() {
    let folder = Folder::new();
    let file = folder.write("runs.jsonl", text(&noisy()));
    let expected = Job::alone().run(&["scaling", &file]).expect_ok().to_string();
    let csv = folder.file("table.csv");
    let outcome = Job::on_ranks(SOME_RANKS).run(&["scaling", &file, "--csv", &csv]);
    assert_eq!(outcome.expect_ok(), expected);
    assert!(fs::exists(csv).expect("a folder that can be read"));
}

#[test]
fn a_file_that_is_there_is_replaced_with_force_alone_and_runs_never() {
    let folder = Folder::new();
    let runs = folder.write("runs.jsonl", text(&noisy()));
    for option in ["--csv", "--svg", "--extrap"] {
        let file = folder.write("there", "precious");
        let arguments = ["scaling", &runs, option, &file];
        Job::alone().run(&arguments).expect_error(74, &[&file, "--force"]);
        assert_eq!(fs::read_to_string(&file).expect("the file"), "precious");
        Job::alone().run(&[&arguments[..], &["--force"]].concat()).expect_ok();
        assert_ne!(fs::read_to_string(&file).expect("the file"), "precious");
        let arguments = ["scaling", &runs, option, &runs, "--force"];
        Job::alone().run(&arguments).expect_error(2, &["a file of its own"]);
    }
    let arguments = ["scaling", &runs, "--csv", "x", "--svg", "x"];
    Job::alone().run(&arguments).expect_error(2, &["a file of its own", "x and x are one"]);
}

/// A link to a path, by another name in the folder.
fn link(folder: &Folder, name: &str, to: &str) -> String {
    let link = folder.file(name);
    std::os::unix::fs::symlink(to, &link).expect("a folder that takes links");
    link
}

#[test]
fn an_output_that_is_an_input_or_another_output_is_refused_whatever_its_spelling() {
    let folder = Folder::new();
    let content = text(&noisy());
    let runs = folder.write("runs.jsonl", &content);
    let spelled = runs.replace("/runs.jsonl", "/./runs.jsonl");
    let linked = link(&folder, "link", "runs.jsonl");
    let hard = folder.file("hard");
    fs::hard_link(&runs, &hard).expect("a folder that takes links");
    let new = folder.file("new");
    let spelled_new = new.replace("/new", "/./new");
    let linked_new = link(&folder, "link to new", "new");
    let through = link(&folder, "folder", ".") + "/new";
    let refused = |arguments: &[&str]| {
        let arguments = [&["scaling"][..], arguments, &["--force"]].concat();
        Job::alone().run(&arguments).expect_error(2, &["a file of its own", "are one"]);
        assert_eq!(fs::read_to_string(&runs).expect("the runs"), content, "{arguments:?}");
        assert!(!fs::exists(&new).expect("a folder that can be read"), "{arguments:?}");
    };
    for output in [&runs, &spelled, &linked, &hard] {
        for option in ["--csv", "--svg", "--extrap"] {
            refused(&[&runs, option, output]);
        }
    }
    refused(&[&linked, "--csv", &runs]);
    for other in [&new, &spelled_new, &linked_new, &through] {
        refused(&[&runs, "--csv", &new, "--svg", other]);
        refused(&[&runs, "--extrap", other, "--svg", &new]);
    }
    Job::alone().run(&["scaling", &runs, "--csv", &linked_new, "--force"]).expect_ok();
    assert!(fs::read_to_string(&new).expect("the link was followed").starts_with("ranks,"));
}

#[test]
fn all_outputs_appear_or_none() {
    let folder = Folder::new();
    let runs = folder.write("runs.jsonl", text(&noisy()));
    let [first, second] = ["first", "second"].map(|name| folder.file(name));
    let nowhere = folder.file("nowhere/plot.svg");
    let there = folder.write("there", "precious");
    for (last, force) in [(&nowhere, &[][..]), (&nowhere, &["--force"]), (&there, &[])] {
        let arguments = ["scaling", &runs, "--csv", &first, "--svg", &second, "--extrap", last];
        Job::alone().run(&[&arguments[..], force].concat()).expect_error(74, &[last]);
        assert_eq!(folder.names(), ["runs.jsonl", "there"]);
    }
    let arguments = ["scaling", &runs, "--csv", &first, "--svg", &second, "--extrap", &there];
    Job::alone().run(&[&arguments[..], &["--force"]].concat()).expect_ok();
    assert_eq!(folder.names(), ["first", "runs.jsonl", "second", "there"]);
    assert!(fs::read_to_string(&there).expect("the file").contains("callpath"));
}

/// What hinders the last of several files can come up after all were written.
#[test]
fn files_that_got_their_names_lose_them_again_if_a_later_one_gets_none() {
    let folder = Folder::new();
    let written = |name: &str, text: &str, force| {
        let path = folder.file(name);
        let text = text.to_string();
        prepare_file(path.as_ref(), force, |out| out.write_all(text.as_bytes())).expect("room")
    };
    let old = folder.write("old", "old");
    let outputs = vec![
        written("new", "new", false),
        written("old", "replaced", true),
        written("late", "late", false),
    ];
    let late = folder.write("late", "another's");
    let error = finish_all(outputs).expect_err("the last is there by now").to_string();
    assert!(error.contains("exists") && error.contains(&late), "{error}");
    assert_eq!(folder.names(), ["late", "old"]);
    assert_eq!(
        [&old, &late].map(|file| fs::read_to_string(file).expect("a file")),
        ["old", "another's"]
    );

    let outputs = vec![
        written("new", "new", false),
        written("old", "replaced", true),
        written("late", "late", true),
    ];
    finish_all(outputs).expect("all is well");
    assert_eq!(folder.names(), ["late", "new", "old"]);
    assert_eq!(fs::read_to_string(&old).expect("a file"), "replaced");
}

#[test]
fn what_is_no_file_or_has_no_end_is_no_runs_file() {
    let folder = Folder::new();
    let pipe = folder.file("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("mkfifo is there").success());
    for path in [pipe.as_str(), "/dev/zero"] {
        let parts = [path, "expected a runs file", "not a regular file"];
        Job::alone().run(&["scaling", path]).expect_error(66, &parts);
    }
    Job::alone().run(&["scaling", &folder.file("")]).expect_error(66, &["found a directory"]);
    // Without a byte on the disk.
    let endless = folder.write("endless.jsonl", "");
    let file = fs::File::options().write(true).open(&endless).expect("the file");
    file.set_len(1 << 40).expect("a file system that has files with holes");
    let parts = [endless.as_str(), "at most 268435456 bytes", "found 1099511627776"];
    Job::alone().run(&["scaling", &endless]).expect_error(65, &parts);
}

#[test]
fn times_that_no_run_takes_are_refused_and_all_others_are_drawn() {
    let folder = Folder::new();
    let file = folder.file("plot.svg");
    let scaling = |lines: &[Value]| {
        let runs = folder.write("runs.jsonl", text(lines));
        Job::alone().run(&["scaling", &runs, "--svg", &file, "--force"])
    };
    for time_s in [5e-324, 9e-13, 1.1e9, 1.6e308] {
        let parts = ["runs.jsonl:1: expected times above 0 s", "found execution_time", "mend"];
        scaling(&[strong(1, 1, time_s)]).expect_error(65, &parts);
        let mut line = strong(1, 1, 1.0);
        line["report"]["times_s"]["read"]["max"] = json!(time_s.max(2e9));
        scaling(&[line]).expect_error(65, &["runs.jsonl:1: expected times above 0 s"]);
    }
    let extremes = [1e-12, 1.0, 1e9];
    for (one, other) in extremes.iter().flat_map(|one| extremes.map(|other| (*one, other))) {
        for ranks in [2, 1 << 40, u64::MAX] {
            scaling(&[strong(1, 1, one), strong(ranks, 1, other)]).expect_ok();
            let lines =
                [weak("pairs", 2, 1, 1, one), weak("pairs", 4_000_000_000, ranks, 1, other)];
            scaling(&lines).expect_ok();
            let picture = fs::read_to_string(&file).expect("the file");
            assert!(picture.len() < 1 << 20, "{one} s and {other} s on {ranks}: {}", picture.len());
            roxmltree::Document::parse(&picture).expect("well-formed XML");
        }
    }
}

/// The cells of a table that is printed, header first: that of the search, or behind its title that of the
/// phases.
fn printed_table(stdout: &str, title: &str) -> Vec<Vec<String>> {
    let behind = stdout.split_once(title).expect(title).1;
    let lines = behind.lines().skip_while(|line| !line.trim_start().starts_with("ranks  "));
    let cells = |line: &str| line.split("  ").map(str::trim).map(str::to_string).collect();
    let table = lines.take_while(|line| !line.is_empty()).map(cells);
    table
        .map(|line: Vec<String>| line.into_iter().filter(|cell| !cell.is_empty()).collect())
        .collect()
}

#[test]
fn csv_and_markdown_say_what_the_table_says() {
    let folder = Folder::new();
    // Those of 2 ranks tell no parts of their reading.
    let lines = noisy().into_iter().map(|line| match line["ranks"] == 2 {
        true => line,
        false => with_parts_of_fine(line),
    });
    let runs = folder.write("runs.jsonl", text(&lines.collect::<Vec<_>>()));
    let csv = folder.file("table.csv");
    let outcome = Job::alone().run(&["scaling", &runs, "--csv", &csv]);
    let tables = ["", "Where the time goes"].map(|title| printed_table(outcome.expect_ok(), title));
    let mut reader = csv::Reader::from_path(csv).expect("the CSV file");
    let header = reader.headers().expect("a header").clone();
    let records: Vec<csv::StringRecord> = reader.records().map(|r| r.expect("a record")).collect();
    assert_eq!(records.len(), 3);
    let columns: [(&str, &str); 14] = [
        ("ranks", "ranks"),
        ("nodes", "nodes"),
        ("n", "cities"),
        ("pairs", "pairs"),
        ("runs", "runs"),
        ("median s", "median_s"),
        ("min s", "min_s"),
        ("max s", "max_s"),
        ("speedup", "speedup"),
        ("efficiency", "efficiency"),
        ("Karp-Flatt", "karp_flatt"),
        ("balance", "load_balance"),
        ("pairs/s", "pairs_per_s"),
        ("pairs/s/rank", "pairs_per_s_per_rank"),
    ];
    let phases: [(&str, &str); 11] = [
        ("ranks", "ranks"),
        ("open", "open_s"),
        ("parse", "parse_s"),
        ("order", "order_s"),
        ("share", "share_s"),
        ("read", "read_s"),
        ("search", "search_s"),
        ("reduce", "reduce_s"),
        ("total", "total_s"),
        ("total speedup", "total_speedup"),
        ("total efficiency", "total_efficiency"),
    ];
    let all = columns.map(|names| (&tables[0], names)).into_iter();
    for (table, (printed, written)) in all.chain(phases.map(|names| (&tables[1], names))) {
        assert_eq!(table.len(), 4, "{table:?}");
        let at = table[0].iter().position(|name| name == printed).expect(printed);
        let field = header.iter().position(|name| name == written).expect(written);
        for (cells, record) in table[1..].iter().zip(&records) {
            let (cell, field) = (&cells[at], &record[field]);
            match (cell.as_str(), field) {
                ("-", "") => {}
                _ => {
                    let [cell, field]: [f64; 2] =
                        [cell.as_str(), field].map(|text| text.parse().expect("a number"));
                    // Three decimals or four digits are printed.
                    assert_close(cell, field, 5.1e-4 * field.abs().max(1.0));
                }
            }
        }
    }
    let markdown = Job::alone().run(&["scaling", &runs, "--markdown"]);
    for line in tables.iter().flatten() {
        let row = format!("| {} |\n", line.join(" | "));
        assert!(markdown.expect_ok().contains(&row), "expected {row:?} in {markdown:#?}");
    }
}

#[test]
fn the_extra_p_file_has_every_counted_sample_in_four_call_paths() {
    let folder = Folder::new();
    let written = |lines: &[Value]| -> Vec<Value> {
        let runs = folder.write("runs.jsonl", text(lines));
        let file = folder.file("extrap.jsonl");
        Job::alone().run(&["scaling", &runs, "--extrap", &file, "--force"]).expect_ok();
        let content = fs::read_to_string(file).expect("the file");
        content.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    };
    let lines = written(&noisy());
    assert_eq!(lines.len(), 4 * 15);
    let first: Vec<Value> = [("main", 11.25), ("main->read", 1.25), ("main->search", 7.5), ("main->reduce", 2.5)]
        .into_iter()
        .map(|(path, value)| json!({ "params": { "p": 1 }, "callpath": path, "metric": "time", "value": value }))
        .collect();
    assert_eq!(lines[..4], first);
    let lines = written(&[weak("pairs", 9, 1, 1, 1.0), weak("pairs", 12, 2, 1, 1.0)]);
    assert_eq!(lines[4]["params"], json!({ "p": 2 }));
}

/// The same times that make communication the cause make none where ranks had to share cores.
#[test]
fn ranks_beyond_the_cores_are_said_to_be_so_and_are_no_cause() {
    let folder = Folder::new();
    let on = |cores: [Option<u64>; 2]| -> Vec<Value> {
        let times = [(1, 8.0), (2, 4.0), (4, 4.0), (8, 4.2)];
        let line = |(ranks, time_s)| {
            let mut line = strong(ranks, 1, time_s);
            line["host"]["cores"] = json!(cores[0]);
            line["host"]["shared_cores"] = json!(cores[1]);
            line["report"]["nodes"] = json!(if cores[1].is_some() { ranks } else { 1 });
            line
        };
        times.into_iter().map(line).collect()
    };
    let said = |cores: [Option<u64>; 2]| {
        let runs = folder.write("runs.jsonl", text(&on(cores)));
        let svg = folder.file("plot.svg");
        let outcome = Job::alone().run(&["scaling", &runs, "--svg", &svg, "--force"]);
        (outcome.expect_ok().to_string(), fs::read_to_string(svg).expect("a picture"))
    };
    let (enough, _) = said([Some(8), None]);
    assert!(enough.contains("communication or imbalance limits"), "{enough}");
    assert!(enough.contains("no: a core for each rank"), "{enough}");
    for cores in [[Some(2), None], [Some(2), Some(2)]] {
        let (crowded, svg) = said(cores);
        assert!(!crowded.contains("communication or imbalance limits"), "{crowded}");
        // In the head of the table and in the verdict.
        assert_eq!(crowded.matches("4 to 8 ranks shared 2 cores").count(), 2, "{crowded}");
        assert!(svg.contains("4 to 8 ranks shared 2 cores"));
    }
}

#[test]
fn the_picture_is_xml_with_three_dots_for_every_sample_and_all_facts() {
    let folder = Folder::new();
    let hostile = |mut line: Value| {
        line["host"]["hostname"] = "a<b>&\"c'\u{1b}[1m".into();
        line["host"]["binding"] = "core\u{fffe}\u{ffff}\u{202e}\u{2028}".into();
        line
    };
    let strongs: Vec<Value> = noisy().into_iter().map(hostile).collect();
    let weaks: Vec<Value> =
        (1..=30).map(|p| hostile(weak("memory", 1000 * p, p, 1, 1e-5 * (p * p) as f64))).collect();
    for (lines, samples) in [(strongs, 15), (weaks, 30), (vec![hostile(strong(3, 1, 1e5))], 1)] {
        let runs = folder.write("runs.jsonl", text(&lines));
        let file = folder.file("plot.svg");
        Job::alone().run(&["scaling", &runs, "--svg", &file, "--force"]).expect_ok();
        let picture = fs::read_to_string(&file).expect("the file");
        let document = roxmltree::Document::parse(&picture).expect("well-formed XML");
        let number = |node: &roxmltree::Node<'_, '_>, name: &str| -> f64 {
            node.attribute(name).expect(name).parse().expect("a number")
        };
        let size = ["width", "height"].map(|name| number(&document.root_element(), name));
        let dots: Vec<_> =
            document.descendants().filter(|node| node.has_tag_name("circle")).collect();
        assert_eq!(dots.len(), 3 * samples + 1, "and one in the legend");
        for dot in dots {
            let inside = |name: &str, limit: f64| (0.0..limit).contains(&number(&dot, name));
            assert!(inside("cx", size[0]) && inside("cy", size[1]), "{dot:?}");
        }
        let texts = || document.descendants().filter(|node| node.has_tag_name("text"));
        let labels = texts().filter(|node| node.attribute("text-anchor") == Some("end")).count();
        assert!(labels >= 3 * 3, "three panels with three ticks or more: {labels}");
        let mut words: Vec<[f64; 3]> = texts()
            .filter(|node| node.attribute("text-anchor") == Some("middle"))
            .filter(|node| node.attribute("transform").is_none())
            .map(|node| {
                let characters = node.text().expect("a label").trim().len() as f64;
                // Digits are narrower than 0.65 of the height of common fonts.
                let half = characters * 0.65 * number(&node, "font-size") / 2.0;
                [number(&node, "y"), number(&node, "x") - half, number(&node, "x") + half]
            })
            .collect();
        words.sort_by(|a, b| a.partial_cmp(b).expect("numbers"));
        for pair in words.windows(2) {
            let overlaps = pair[0][0] == pair[1][0] && pair[0][2] >= pair[1][1];
            assert!(!overlaps, "labels overlap: {pair:?}");
        }
        assert!(
            words.iter().all(|word| word[1] >= 0.0 && word[2] <= size[0]),
            "cut off: {words:?}"
        );
        let texts: Vec<&str> = document.descendants().filter_map(|node| node.text()).collect();
        let of_element = |node: &roxmltree::Node<'_, '_>| node.has_tag_name("text");
        let said = |words: &str| {
            let elements = document.descendants().filter(of_element);
            elements.filter(|node| node.text().is_some_and(|text| text.trim() == words)).count()
        };
        assert_eq!(said("ranks (logarithmic)"), 4, "each panel says how its ranks stand");
        assert_eq!(said("seconds (logarithmic)") + said("times the base (logarithmic)"), 2);
        let caption = texts.join(" ");
        for fact in [
            "machine: Some Processor, 2048 cores",
            "host: a<b>&\"c'\u{fffd}[1m",
            "MPI: Some MPI 1.0, mpirun",
            "binding: core\u{fffd}\u{fffd}\u{fffd}\u{fffd}",
            "version: farthest 0.1.0",
            "farthest pair 'the cities'",
            "date: 2026-11-22T15:01:00Z",
        ] {
            assert!(caption.contains(fact), "expected {fact:?} in {caption:?}");
        }
    }
}

#[test]
fn every_sample_moves_a_dot_of_each_panel() {
    let folder = Folder::new();
    let dots = |time_s: f64| -> Vec<String> {
        let mut lines = noisy();
        lines[9] = strong(2, 3, time_s);
        let runs = folder.write("runs.jsonl", text(&lines));
        let file = folder.file("plot.svg");
        Job::alone().run(&["scaling", &runs, "--svg", &file, "--force"]).expect_ok();
        let picture = fs::read_to_string(&file).expect("the file");
        picture.lines().filter(|line| line.contains("<circle")).map(str::to_string).collect()
    };
    // Both are below the median and above the least of the study, so that the axes stay.
    let (before, after) = (dots(3.5), dots(3.7));
    let moved = before.iter().zip(&after).filter(|(before, after)| before != after).count();
    assert_eq!(moved, 3, "{before:#?} {after:#?}");
}

/// A message is read by people: whatever a file holds, it says no more of it than they need.
#[test]
fn a_long_text_of_a_runs_file_is_shown_in_part() {
    let folder = Folder::new();
    let mut other = strong(2, 1, 1.0);
    other["host"]["binding"] = "x".repeat(100_000).into();
    let different = folder.write("different.jsonl", text(&[strong(1, 1, 1.0), other]));
    let mut unknown = strong(1, 1, 1.0);
    unknown["kind"] = "y".repeat(100_000).into();
    let unknown = folder.write("unknown.jsonl", text(&[unknown]));
    for (file, begin) in [(different, "xxxx"), (unknown, "yyyy")] {
        let outcome = Study::open(&[PathBuf::from(file)], false);
        let message = outcome.map(|_| ()).expect_err("no study").to_string();
        assert!(message.len() < 2000 && message.contains(begin), "{} bytes", message.len());
    }
}
