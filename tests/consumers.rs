//! Proves that the programs of others read what farthest writes: the real ReFrame runs a check on
//! both reports, the real Extra-P reads the samples of real studies and models them, the real pandas reads
//! the farthest of each, which scipy finds anew, the real geopandas and GDAL read
//! the pairs for maps, and the real jsonschema every report.
//!
//! `FARTHEST_CONSUMERS_PYTHON` names a Python that has all of them, as `scripts/test` makes one. The first two are
//! started as modules of it, because a plain folder of packages has no programs.

#![cfg(feature = "mpi")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::{Mutex, MutexGuard, PoisonError};

use common::{Folder, Outcome, REPOSITORY, command_in, left_out};
use serde_json::{Value, json};

const BINARY: &str = env!("CARGO_BIN_EXE_farthest");
const REFRAME: &str = "from reframe.frontend.cli import main; main()";

/// Nothing here works longer than a minute.
const LIMIT_S: &str = "900";

/// A folder to work in and the Python, one test at a time: their jobs have several ranks.
struct Place {
    folder: Folder,
    python: String,
    _turn: MutexGuard<'static, ()>,
}

impl Place {
    /// `None`, and a line that says so, where no Python is named.
    fn new() -> Option<Place> {
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let Ok(python) = std::env::var("FARTHEST_CONSUMERS_PYTHON") else {
            left_out(
                "consumers",
                "FARTHEST_CONSUMERS_PYTHON names no Python with ReFrame, Extra-P, pandas and geopandas",
            );
            return None;
        };
        let turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        Some(Place { folder: Folder::new(), python, _turn: turn })
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Outcome {
        let mut command = command_in(&self.folder, "timeout");
        command.args(["--kill-after=5", LIMIT_S, program]).args(arguments);
        // Nothing is written beside the sources.
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        let output = command.output().expect("timeout(1) of coreutils is installed");
        Outcome::of(format!("{command:?}"), output).expect_end()
    }

    /// A program that runs the binary under test and edits what it says with sed(1).
    fn edited(&self, name: &str, edits: [&str; 2]) -> String {
        let [text, json] = edits;
        let script = format!("#!/bin/sh\n{BINARY} \"$@\" | sed -E '{text}; {json}'\n");
        self.folder.write_program(name, script)
    }

    /// Runs the check with ReFrame; returns how that ended, and ReFrame's own report.
    fn reframe(&self, cities: &str, arguments: &[&str]) -> (Outcome, Value) {
        let [settings, check] = ["settings.py", "farthest_check.py"]
            .map(|name| format!("{REPOSITORY}/tests/consumers/{name}"));
        let prefix = self.folder.file("reframe");
        let file = self.folder.file("run-report.json");
        let mut words = vec!["-c", REFRAME, "-C", &settings, "-c", &check];
        words.extend(["--prefix", &prefix, "--report-file", &file, "--nocolor", "-r"]);
        let cities = format!("cities={cities}");
        words.extend(["-S", &cities]);
        words.extend(arguments);
        let outcome = self.run(&self.python, &words);
        let report =
            fs::read_to_string(&file).unwrap_or_else(|_| panic!("no report: {outcome:#?}"));
        (outcome, serde_json::from_str(&report).expect("JSON"))
    }

    /// Makes a study of the binary under test in the folder `out`, two runs on each of five rank
    /// counts: Extra-P wants five points.
    fn study(&self, kind: &str) {
        let script = format!("{REPOSITORY}/scripts/study");
        let words = ["--ranks", "1,2,3,4,5", "--repeat", "2", "--cities", "1000"];
        let files = ["--farthest", BINARY, "--out", "out"];
        let outcome = self.run(&script, &[&[kind], &words[..], &files[..]].concat());
        assert_eq!(outcome.code, 0, "{outcome:#?}");
    }

    fn json_lines(&self, file: &str) -> Vec<Value> {
        let text = fs::read_to_string(self.folder.file(file)).expect("the file is there");
        text.lines().map(|line| serde_json::from_str(line).expect("a JSON object")).collect()
    }

    /// What Extra-P has read of a file, and the model that it makes of it, for each call path.
    fn extrap(&self, file: &str, options: &[&str]) -> Vec<Read> {
        let file = self.folder.file(file);
        let words = ["-m", "extrap", "--json", &file, "--disable-progress", "--print", PRINTED];
        let outcome = self.run(&self.python, &[&words[..], options].concat());
        assert_eq!(outcome.code, 0, "{outcome:#?}");
        outcome.stdout.lines().filter(|line| !line.is_empty()).map(Read::of_line).collect()
    }
}

fn assert_close(found: f64, expected: f64, error: f64) {
    assert!((found - expected).abs() <= error, "expected {expected}, found {found}");
}

/// The cases of ReFrame's only run.
fn cases(report: &Value) -> &Vec<Value> {
    report["runs"][0]["testcases"].as_array().expect("a run with cases")
}

/// What ReFrame has saved of a job's standard output.
fn saved_stdout(case: &Value) -> String {
    let path = |name: &str| case[name].as_str().expect("a path").to_string();
    fs::read_to_string(format!("{}/{}", path("outputdir"), path("job_stdout"))).expect("the output")
}

/// The number in a text report between two parts.
fn number_between(text: &str, before: &str, after: &str) -> f64 {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("no {before:?} in {text}"));
    let (number, _) = rest.split_once(after).expect("the line goes on");
    number.trim().parse().expect("a number")
}

#[test]
fn a_reframe_check_passes_and_records_the_performance_that_each_report_tells() {
    let Some(place) = Place::new() else { return };
    let cities = format!("{REPOSITORY}/data/cities15000.tsv");
    let program = format!("program={BINARY}");
    // The text tells milliseconds, of which this method needs some.
    let method = "pair_options=--method,exhaustive";
    let (outcome, report) = place.reframe(&cities, &["-S", &program, "-S", method]);
    assert_eq!(outcome.code, 0, "{outcome:#?}");
    let facts = &report["session_info"];
    assert_eq!((&facts["num_cases"], &facts["num_failures"]), (&json!(2), &json!(0)), "{facts}");

    for (case, form) in cases(&report).iter().zip(["text", "json"]) {
        assert_eq!((&case["report"], &case["result"]), (&json!(form), &json!("pass")), "{case:#}");
        let text = saved_stdout(case);
        let expected = if form == "text" {
            assert!(text.contains("\nranks:           2\n"), "{text}");
            [
                ("execution_time", number_between(&text, "Computing time: ", " sec")),
                ("pairs_per_s", number_between(&text, "pairs/second:", " covered")),
                ("load_balance", number_between(&text, "load balance:", "\n")),
            ]
        } else {
            let object: Value = serde_json::from_str(&text).expect("standard output is JSON alone");
            assert_eq!((&object["status"], &object["nproc"]), (&json!("ok"), &json!(2)));
            ["execution_time", "pairs_per_s", "load_balance"]
                .map(|name| (name, object[name].as_f64().expect("a number")))
        };
        for (name, printed) in expected {
            let recorded = &case["perfvalues"][format!("machine:default:{name}")][0];
            let recorded = recorded.as_f64().unwrap_or_else(|| panic!("no {name} in {case:#}"));
            assert!(recorded > 0.0, "{name}: {recorded}");
            assert_close(recorded, printed, 1e-12 * printed);
        }
    }
}

/// Runs that are not valid: what to call them, what is edited in the text and in the JSON of a
/// sound run on two ranks, and the reason that the check must give.
const WRONG: [(&str, [&str; 2], &str); 3] = [
    (
        "invalid",
        [r"s/^(Result: +)VALID$/\1INVALID/", r#"s/"status": "ok"/"status": "error"/"#],
        "the run is not valid",
    ),
    (
        "missing",
        [r"s/^(pairs covered: +)45$/\144/", r#"s/("pairs_covered": )45/\144/"#],
        "expected 45 pairs covered, found 44",
    ),
    ("alone", [r"s/^(ranks: +)2$/\11/", r#"s/("nproc": )2/\11/"#], "expected 2 ranks, found 1"),
];

#[test]
fn a_reframe_check_of_a_run_that_is_not_valid_fails_in_its_sanity() {
    let Some(place) = Place::new() else { return };
    let cities = format!("{REPOSITORY}/data/capitals.txt");
    let wrong = WRONG.map(|(name, edits, reason)| (place.edited(name, edits), reason));
    let programs = wrong.each_ref().map(|(program, _)| program.as_str()).join(",");
    let (outcome, report) = place.reframe(&cities, &["-P", &format!("program={programs}")]);
    assert_all_fail(&outcome, &report, 2 * wrong.len());
    for (program, reason) in &wrong {
        let of_program = || cases(&report).iter().filter(|case| case["program"] == **program);
        assert_eq!(of_program().count(), 2, "both reports are checked: {outcome:#?}");
        for case in of_program() {
            let said = case["fail_reason"].as_str().expect("a reason");
            assert!(said.contains(reason), "expected {reason:?} of {program}, found {said:?}");
        }
    }
}

#[test]
fn a_reframe_check_of_a_run_that_fails_fails_in_its_sanity() {
    let Some(place) = Place::new() else { return };
    let program = format!("program={BINARY}");
    let (outcome, report) = place.reframe(&place.folder.file("none"), &["-S", &program]);
    assert_all_fail(&outcome, &report, 2);
    for case in cases(&report) {
        assert_eq!(case["job_exitcode"], 66, "{case:#}");
    }
    assert!(outcome.stdout.contains(r#""status": "error""#), "ReFrame shows it: {outcome:#?}");
}

/// Asserts that ReFrame says of all cases that their sanity failed, and ends accordingly.
fn assert_all_fail(outcome: &Outcome, report: &Value, count: usize) {
    assert_eq!(outcome.code, 1, "{outcome:#?}");
    let facts = &report["session_info"];
    assert_eq!(facts["num_cases"], count, "{outcome:#?}");
    assert_eq!(facts["num_failures"], count, "{outcome:#?}");
    for case in cases(report) {
        assert_eq!((&case["result"], &case["fail_phase"]), (&json!("fail"), &json!("sanity")));
    }
}

/// What Extra-P is to print of each call path: a line with what it has read and its model.
const PRINTED: &str = "{callpath};{metric};{parameters: sep:','};\
    {measurements: sep:'|' format:'{point: sep:',' format:'{parameter}={coordinate}'} \
    {mean:.17g} {median:.17g} {min:.17g} {max:.17g}'};{model}";

/// A line of [`PRINTED`].
struct Read {
    callpath: String,
    metric: String,
    parameters: String,
    /// Mean, median, minimum and maximum at each point.
    points: BTreeMap<String, [f64; 4]>,
    model: String,
}

impl Read {
    fn of_line(line: &str) -> Read {
        let [callpath, metric, parameters, points, model] =
            line.split(';').collect::<Vec<_>>().try_into().expect("five fields");
        let point = |text: &str| {
            let mut words = text.split(' ');
            let place = words.next().expect("a point").to_string();
            let numbers: Vec<f64> = words.map(|word| word.parse().expect("a number")).collect();
            (place, numbers.try_into().expect("four numbers"))
        };
        Read {
            callpath: callpath.into(),
            metric: metric.into(),
            parameters: parameters.into(),
            points: points.split('|').map(point).collect(),
            model: model.into(),
        }
    }
}

/// The samples of a call path at each point, from the file that farthest wrote.
fn samples(lines: &[Value], callpath: &str) -> BTreeMap<String, Vec<f64>> {
    let mut samples = BTreeMap::<String, Vec<f64>>::new();
    for line in lines.iter().filter(|line| line["callpath"] == callpath) {
        let value = line["value"].as_f64().expect("a number");
        samples.entry(format!("p={}", line["params"]["p"])).or_default().push(value);
    }
    samples
}

fn assert_callpaths(found: &[Read]) {
    let callpaths: Vec<&str> = found.iter().map(|read| read.callpath.as_str()).collect();
    assert_eq!(callpaths, ["main", "main->read", "main->search", "main->reduce"]);
}

/// Makes a study and asserts that Extra-P reads of it all that farthest wrote: the ranks that it ran
/// on and, for each call path, the statistics of the samples.
fn assert_study_is_read(place: &Place, kind: &str) {
    place.study(kind);
    let runs = place.json_lines("out/runs.jsonl");
    let points: BTreeSet<String> =
        runs.iter().map(|run| format!("p={}", run["report"]["ranks"])).collect();
    assert_eq!(points.len(), 5, "{points:?}");
    let lines = place.json_lines("out/extrap.jsonl");
    let found = place.extrap("out/extrap.jsonl", &[]);
    assert_callpaths(&found);
    for read in &found {
        assert_eq!((read.metric.as_str(), read.parameters.as_str()), ("time", "p"));
        let samples = samples(&lines, &read.callpath);
        assert!(samples.keys().eq(&points), "{samples:?}");
        assert!(read.points.keys().eq(&points), "{:?}", read.points);
        for (place, samples) in &samples {
            let [a, b] = samples[..].try_into().expect("the study made two runs");
            let middle: f64 = f64::midpoint(a, b);
            let expected = [middle, middle, a.min(b), a.max(b)];
            for (found, expected) in read.points[place].into_iter().zip(expected) {
                assert_close(found, expected, 1e-12 * expected);
            }
        }
        assert!(!read.model.is_empty(), "a model of {}", read.callpath);
    }
}

/// The models that Extra-P makes of the runs of a study, had they taken other times: 0.5 s to read,
/// what a law says of the ranks to search, 0.25 s to reduce.
fn models_of_law(place: &Place, options: &[&str], search_s: impl Fn(f64) -> f64) -> Vec<Read> {
    let law = |mut run: Value| {
        let search_s = search_s(run["ranks"].as_f64().expect("a number"));
        for (phase, time_s) in [("read", 0.5), ("search", search_s), ("reduce", 0.25)] {
            run["report"]["times_s"][phase]["max"] = time_s.into();
        }
        run["report"]["execution_time"] = (search_s + 0.25).into();
        format!("{run}\n")
    };
    let lines: String = place.json_lines("out/runs.jsonl").into_iter().map(law).collect();
    let runs = place.folder.write("law.jsonl", lines);
    let file = place.folder.file("law-extrap.jsonl");
    let written = place.run(BINARY, &["scaling", &runs, "--extrap", &file]);
    assert_eq!(written.code, 0, "{written:#?}");
    place.extrap("law-extrap.jsonl", options)
}

/// Asserts that the models are those of the law constant + factor · term.
fn assert_law_is_found(models: &[Read], constant: f64, factor: f64, term: &str) {
    assert_callpaths(models);
    for read in models {
        let (found_constant, found_factor) = terms(&read.model, term);
        let expected = match read.callpath.as_str() {
            "main" => (constant + 0.75, factor),
            "main->read" => (0.5, 0.0),
            "main->search" => (constant, factor),
            "main->reduce" => (0.25, 0.0),
            other => panic!("no such call path: {other}"),
        };
        assert_close(found_constant, expected.0, 1e-12);
        assert_close(found_factor, expected.1, 1e-12);
    }
}

/// The constant of a model and the factor of the one term in it.
fn terms(model: &str, term: &str) -> (f64, f64) {
    let number =
        |text: &str| text.parse::<f64>().unwrap_or_else(|_| panic!("other terms: {model}"));
    match model.split_once(" + ") {
        None => (number(model), 0.0),
        Some((constant, rest)) => {
            let factor = rest.strip_suffix(&format!(" * {term}"));
            (number(constant), number(factor.unwrap_or_else(|| panic!("other terms: {model}"))))
        }
    }
}

#[test]
fn extra_p_reads_a_strong_study_and_finds_the_law_of_its_times() {
    let Some(place) = Place::new() else { return };
    assert_study_is_read(&place, "strong");
    // By itself Extra-P expects times that grow.
    let options = ["--options", "allow_negative_exponents=true"];
    let models = models_of_law(&place, &options, |p| 8.0 / p);
    assert_law_is_found(&models, 0.0, 8.0, "p^(-1)");
}

#[test]
fn extra_p_reads_a_weak_study_and_finds_the_law_of_its_times() {
    let Some(place) = Place::new() else { return };
    assert_study_is_read(&place, "weak");
    let models = models_of_law(&place, &[], |p| 2.0 + 0.25 * p.log2());
    assert_law_is_found(&models, 2.0, 0.25, "log2(p)^(1)");
}

/// A hundred thousand cities: pandas reads both files, and scipy's tree finds the same for each.
#[test]
fn pandas_reads_the_farthest_of_each_and_scipy_finds_them_too() {
    let Some(place) = Place::new() else { return };
    let list = place.folder.file("cities.tsv");
    let [csv, tsv] = ["far.csv", "far.tsv"].map(|name| place.folder.file(name));
    let made = place.run(BINARY, &["generate", "100000", &list, "--seed", "3"]);
    assert_eq!(made.code, 0, "{made:#?}");
    for out in [&csv, &tsv] {
        let written = place.run(BINARY, &["each", &list, "--out", out]);
        assert_eq!(written.code, 0, "{written:#?}");
    }
    let script = format!("{REPOSITORY}/tests/consumers/farthest_of_each.py");
    let judged = place.run(&place.python, &[&script, &csv, &tsv]);
    assert_eq!((judged.code, judged.stdout.trim()), (0, "100000"), "{judged:#?}");
}

const CITIES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/cities15000.tsv");
const CAPITALS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/capitals.txt");

/// Words of `pair`, its Earth as metres and inverse flattening, and how many pairs it has.
const FOR_MAPS: [(&[&str], [&str; 2], usize); 6] = [
    (&[CITIES], ["6371000", "0"], 1),
    (&[CITIES, "--top", "100"], ["6371000", "0"], 100),
    (&[CAPITALS, CITIES, "--top", "20"], ["6371000", "0"], 20),
    (&[CITIES, "--metric", "wgs84", "--top", "100"], ["6378137", "298.257223563"], 100),
    (&["antipodes.csv", "--metric", "wgs84", "--top", "14"], ["6378137", "298.257223563"], 14),
    (&["antipodes.csv", "--top", "14"], ["6371000", "0"], 14),
];

/// Poles, exact antipodes, copies, the antimeridian by both of its signs.
const ANTIPODES: &str = "lat,lon,name\n90,0,n\n-90,7,s\n10,180,a\n-10,0,b\n10,-180,c\n0,359,d\n";

#[test]
fn geopandas_reads_the_pairs_for_maps_and_their_lines_are_as_long_as_the_distances() {
    let Some(place) = Place::new() else { return };
    place.folder.write("antipodes.csv", ANTIPODES);
    let script = format!("{REPOSITORY}/tests/consumers/pairs_on_map.py");
    for (at, (words, earth, pairs)) in FOR_MAPS.into_iter().enumerate() {
        let out = place.folder.file(&format!("{at}.geojson"));
        let drawn = place.run(BINARY, &[&["pair"], words, &["--geojson", &out]].concat());
        assert_eq!(drawn.code, 0, "{drawn:#?}");
        let judged = place.run(&place.python, &[&[&script[..], &out], &earth[..]].concat());
        let expected = format!("{} {pairs}", 2 * pairs);
        assert_eq!((judged.code, judged.stdout.trim()), (0, &expected[..]), "{judged:#?}");
    }
}

#[test]
fn gdal_reads_the_pairs_for_maps() {
    let Some(place) = Place::new() else { return };
    if !common::is_installed("ogrinfo") {
        return left_out("consumers", "GDAL's ogrinfo is not installed");
    }
    let out = place.folder.file("top.geojson");
    let words = ["pair", CITIES, "--top", "7", "--metric", "wgs84", "--geojson", &out];
    assert_eq!(place.run(BINARY, &words).code, 0);
    let told = place.run("ogrinfo", &["-al", &out]);
    assert_eq!((told.code, told.stderr.as_str()), (0, ""), "{told:#?}");
    let count = |part: &str| told.stdout.matches(part).count();
    assert!(told.stdout.contains("Feature Count: 21"), "{told:#?}");
    assert_eq!((count("  POINT ("), count("LINESTRING (")), (14, 7), "{told:#?}");
    assert_eq!((count("name_1 (String) = "), count("distance_km (Real) = ")), (7, 21));

    // Its own length on WGS84, by SpatiaLite.
    let sql = "select distance_km, st_length(geometry, 1) / 1000 as length_km from top where way is not null";
    let told = place.run("ogrinfo", &["-q", &out, "-dialect", "sqlite", "-sql", sql]);
    let number = |line: &str| line.split(" = ").nth(1)?.parse::<f64>().ok();
    let numbers: Vec<f64> = told.stdout.lines().filter_map(number).collect();
    assert_eq!(numbers.len(), 14, "{told:#?}");
    for pair in numbers.chunks(2) {
        assert_close(pair[1], pair[0], 1e-6);
    }
}

/// The reports of all commands, of all questions, and of how they can end, a line each: the words before `--format json`.
fn reports(place: &Place) -> Vec<String> {
    let folder = &place.folder;
    let packed = common::pack(&folder.write("cities.tsv", include_str!("../data/cities15000.tsv")));
    let minutes = "lat,lat_min,ns,lon,lon_min,ew,stadt\n1,30,N,2,5,E,a\n,,,,,,b\nx,1,N,2,2,E,c\n4,1,S,5,1,W,d\n";
    let minutes = folder.write("minutes.csv", minutes);
    let poles = folder.write("poles.txt", "90 0 n\n-90 0 s\n0 0 o\n");
    let checkpoint = folder.file("checkpoint");
    let outs = ["a.csv", "b.csv", "c.csv"].map(|name| folder.file(name));
    let naive = ["pair", CITIES, "--method", "naive", "--checkpoint", &checkpoint];
    let stopped = [&naive[..], &["--max-seconds", "0.001"]].concat();
    let all: [&[&str]; 18] = [
        &["pair", CITIES],
        &["pair", &packed, "--method", "exhaustive", "--isa", "scalar"],
        &["pair", CAPITALS, "--dist", "scatter", "--explain"],
        &["pair", CITIES, "--top", "3", "--unit", "nmi", "--explain"],
        &["pair", CAPITALS, CITIES, "--top", "2", "--unit", "mi"],
        &["pair", CITIES, "--metric", "wgs84", "--unit", "m", "--id", "name"],
        &["pair", &poles, "--metric", "6000,0"],
        &["pair", &minutes, "--skip-invalid", "--radius-km", "1737.4"],
        &stopped,
        &naive,
        &["each", CITIES, "--out", &outs[0]],
        &["each", CAPITALS, &packed, "--out", &outs[1], "--unit", "mi"],
        &["each", CAPITALS, "--out", &outs[2], "--metric", "grs80"],
        &["info", CITIES],
        &["info", &packed, "--verify"],
        &["info", &minutes, "--skip-invalid"],
        &["pair", "nowhere.txt"],
        &["info", &poles, "--lat"],
    ];
    let of_one = |words: &&[&str]| {
        let outcome = common::Job::on_ranks(2).run(&[words, &["--format", "json"][..]].concat());
        let report: serde_json::Result<Value> = serde_json::from_str(&outcome.stdout);
        report.unwrap_or_else(|_| panic!("no JSON: {outcome:#?}")).to_string() + "\n"
    };
    all.iter().map(of_one).collect()
}

#[test]
fn jsonschema_finds_that_every_report_keeps_the_schema() {
    let Some(place) = Place::new() else { return };
    let reports = reports(&place);
    let file = place.folder.write("reports.jsonl", reports.concat());
    let [script, schema] = ["tests/consumers/reports_keep_schema.py", "src/report/schema.json"]
        .map(|path| format!("{REPOSITORY}/{path}"));
    let judged = place.run(&place.python, &[&script, &schema, &file]);
    assert_eq!((judged.code, judged.stdout.trim()), (0, "18"), "{judged:#?}");
    for status in ["ok", "stopped", "error"] {
        assert!(reports.iter().any(|report| report.contains(&format!("\"status\":\"{status}\""))));
    }
}
