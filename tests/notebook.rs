//! Proves that the lesson of `scripts/notebook.ipynb` holds: it is stored without results, and runs
//! from start to end on the virtual cluster, where every way finds the answer that it should.
//!
//! The lesson needs Python packages, among them Jupyter. `scripts/test` installs them and names the
//! Python that has them in FARTHEST_NOTEBOOK_PYTHON; without that, and where no cluster is possible,
//! the run is left out. No time is looked at but that there is one.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Stdio};

use common::cluster::Cluster;
use common::{Folder, Job, Mpi, Outcome, REPOSITORY};
use serde_json::Value;

const NOTEBOOK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/notebook.ipynb");
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/notebook");
const BINARY: &str = env!("CARGO_BIN_EXE_farthest");

/// Some 20 starts of MPI programs and a few seconds of Python, on a machine that is busy.
const LIMIT_S: &str = "900";

const USAGE: i32 = 2;

/// A notebook as it is stored (nbformat 4).
struct Notebook(Value);

impl Notebook {
    fn read(path: &str) -> Notebook {
        let text = fs::read_to_string(path).expect("the notebook is there");
        Notebook(serde_json::from_str(&text).expect("a notebook is JSON"))
    }

    fn cells(&self) -> &[Value] {
        self.0["cells"].as_array().expect("a notebook has cells")
    }

    fn code_cells(&self) -> impl Iterator<Item = &Value> {
        self.cells().iter().filter(|cell| cell["cell_type"] == "code")
    }

    fn outputs(&self, id: &str) -> &[Value] {
        let cell = self.cells().iter().find(|cell| cell["id"] == id);
        let outputs = cell.and_then(|cell| cell["outputs"].as_array());
        outputs.unwrap_or_else(|| panic!("no code cell is called {id}"))
    }

    /// What a cell printed.
    fn printed(&self, id: &str) -> String {
        self.outputs(id).iter().map(|output| text(&output["text"])).collect()
    }

    /// What a cell shows, of a type of content.
    fn shown(&self, id: &str, mime: &str) -> String {
        self.outputs(id).iter().map(|output| text(&output["data"][mime])).collect()
    }
}

/// Text is stored as one string or as the list of its lines.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(lines) => lines.iter().map(text).collect(),
        _ => String::new(),
    }
}

/// A row of the lesson's table of all ways.
#[derive(Debug)]
struct Row {
    way: String,
    on: String,
    cities: String,
    seconds: f64,
    rows: String,
    distance: String,
}

fn table(markdown: &str) -> Vec<Row> {
    let lines = markdown.lines().filter(|line| line.starts_with("| ")).skip(2);
    lines.map(row).collect()
}

fn row(line: &str) -> Row {
    let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
    let [way, on, cities, seconds, _, rows, distance] = cells[..] else { panic!("{line}") };
    let [way, on, cities, rows, distance] = [way, on, cities, rows, distance].map(str::to_string);
    let seconds = seconds.parse().unwrap_or_else(|_| panic!("no time in {line}"));
    Row { way, on, cities, seconds, rows, distance }
}

#[test]
fn the_lesson_is_stored_without_results() {
    let notebook = Notebook::read(NOTEBOOK);
    assert!(notebook.code_cells().count() > 10, "the lesson has code");
    for cell in notebook.code_cells() {
        let found = (cell["outputs"].to_string(), cell["execution_count"].is_null());
        assert_eq!(found, ("[]".to_string(), true), "clear the outputs of {}", cell["id"]);
    }
}

/// It must run wherever the repository lies.
#[test]
fn the_lesson_names_no_absolute_path() {
    let is_path = |word: &&str| {
        let second = word.strip_prefix('/').and_then(|rest| rest.chars().next());
        second.is_some_and(char::is_alphabetic)
    };
    for cell in Notebook::read(NOTEBOOK).cells() {
        let source = text(&cell["source"]);
        let ends_word = |c: char| c.is_whitespace() || "\"'`(=".contains(c);
        let path = source.split(ends_word).find(is_path);
        assert_eq!(path, None, "in {}", cell["id"]);
    }
}

#[test]
fn a_command_line_that_is_wrong_is_refused() {
    for (arguments, part) in [
        (&["--execute"][..], "expected a value after --execute"),
        (&["--execute", "out.txt"], "expected a name that ends in .ipynb"),
        (&["--execute", "out.ipynb", "more"], "expected no more beside --execute, found 'more'"),
        (&["--folder", "a b"], "expected a folder without white space"),
        (&["--port", "http"], "expected a port, found 'http'"),
        (&["--program", "missing"], "expected a program at --program"),
    ] {
        let mut command = Command::new(SCRIPT);
        let output = command.args(arguments).output().expect("the script is there");
        let outcome = Outcome::of(format!("{command:?}"), output).expect_end();
        assert_eq!((outcome.code, outcome.stdout.as_str()), (USAGE, ""), "{outcome:#?}");
        assert!(outcome.stderr.contains(part), "expected {part:?} in {outcome:#?}");
    }
}

/// Runs the lesson with the binary of these tests, on the first node.
fn executed(cluster: &Cluster, folder: &Folder) -> Notebook {
    let path = folder.file("executed.ipynb");
    let mut command = Command::new("timeout");
    command.args(["--kill-after=5", LIMIT_S, "scripts/cluster", "run", "--state"]);
    command.arg(cluster.state()).args([SCRIPT, "--execute", &path, "--program", BINARY]);
    command.args(["--folder", &folder.file("files")]);
    command.current_dir(REPOSITORY).stdin(Stdio::null());
    let output = command.output().expect("timeout(1) is installed");
    let outcome = Outcome::of(format!("{command:?}"), output).expect_end();
    assert_eq!((outcome.code, outcome.stdout.trim()), (0, &path[..]), "{outcome:#?}");
    Notebook::read(&path)
}

fn every_cell_has_run(notebook: &Notebook) {
    for cell in notebook.code_cells() {
        assert!(cell["execution_count"].is_u64(), "{cell:#}");
        let outputs = cell["outputs"].as_array().expect("a code cell has outputs");
        assert!(outputs.iter().all(|output| output["output_type"] != "error"), "{cell:#}");
    }
}

/// The rows and the distance of a list's farthest pair as the lesson's table has them, by the binary
/// alone.
fn answer(file: &str) -> (String, String) {
    let report = Job::alone().run(&["pair", file, "--format", "json"]).expect_json();
    let rows = [0, 1].map(|city| report["pair"][city]["row"].to_string());
    let distance_km = report["distance_km"].as_f64().expect("a report has a distance");
    (rows.join(" and "), format!("{distance_km:.3} km"))
}

/// On the short lists the haversine formula of the other ways rounds to the same metre.
fn every_way_has_a_time_and_the_answer(notebook: &Notebook, folder: &Folder) {
    let sample = answer(&folder.file("files/every-34th.tsv"));
    let tenth = answer(&folder.file("files/every-10th.tsv"));
    let whole = ("542 and 6375".to_string(), "20014.361 km".to_string());
    let expected = [
        ("loop", "1 process", "1,001", &sample),
        ("multiprocessing", "2 processes", "1,001", &sample),
        ("ipyparallel", "2 engines", "1,001", &sample),
        ("mpi4py", "4 ranks", "1,001", &sample),
        ("numpy", "1 process", "34,006", &whole),
        ("cKDTree", "1 process", "34,006", &whole),
        ("farthest", "1 rank", "34,006", &whole),
        ("farthest", "4 ranks", "34,006", &whole),
        ("farthest --method exhaustive", "4 ranks", "34,006", &whole),
        ("farthest --method naive", "4 ranks", "1,001", &sample),
        ("farthest --method naive --dist scatter", "4 ranks", "3,401", &tenth),
        ("farthest --method naive --dist mapped", "4 ranks", "3,401", &tenth),
    ];
    let rows = table(&notebook.shown("table", "text/markdown"));
    assert_eq!(rows.len(), expected.len(), "{rows:#?}");
    for (row, (way, on, cities, (pair, distance))) in rows.iter().zip(expected) {
        assert_eq!((&row.way[..], &row.on[..], &row.cities[..]), (way, on, cities), "{row:?}");
        assert_eq!((&row.rows, &row.distance), (pair, distance), "{row:?}");
        assert!(row.seconds > 0.0, "{row:?}");
    }
}

/// On any two of the nodes: those of the last job may not be free again.
fn jobs_ran_on_two_nodes(notebook: &Notebook) {
    for cell in ["mpi4py", "ours"] {
        let printed = notebook.printed(cell);
        let hosts = printed.lines().find_map(|line| line.strip_prefix("hosts: "));
        let hosts: BTreeSet<&str> = hosts.unwrap_or_default().split(' ').collect();
        assert!(hosts.len() == 2 && hosts.iter().all(|host| host.starts_with('n')), "{printed}");
    }
    let explained = notebook.printed("exhaustive");
    let hosts = explained.lines().filter_map(|line| line.split('|').nth(1)).map(str::trim);
    let hosts: Vec<&str> = hosts.filter(|host| host.starts_with('n')).collect();
    assert!(hosts.len() == 4 && hosts[1] != hosts[2], "{explained}");
}

fn the_answer_is_told_in_full(notebook: &Notebook) {
    let printed = notebook.printed("ours");
    for part in [
        "\nrow 542: Las Varillas, AR (-31.8704, -62.71968)\n",
        "\nrow 6375: Hefei, CN (31.86389, 117.28083)\n",
        "\n20014.361316640 km\n",
        "\n578,187,015 pairs covered, ",
    ] {
        assert!(printed.contains(part), "expected {part:?} in {printed}");
    }
}

fn the_scaling_plot_is_shown(notebook: &Notebook) {
    let plot = notebook.shown("plot", "image/svg+xml");
    let plot = roxmltree::Document::parse(&plot).expect("the plot is XML");
    assert_eq!(plot.root_element().tag_name().name(), "svg");
    let printed = notebook.printed("study");
    assert!(printed.contains("Submitted batch job"), "{printed}");
}

#[test]
fn the_lesson_runs_from_start_to_end_on_a_cluster() {
    if std::env::var_os("FARTHEST_NOTEBOOK_PYTHON").is_none() {
        println!("left out: FARTHEST_NOTEBOOK_PYTHON names no Python with the lesson's packages");
        return;
    }
    if Mpi::of_binary() != Mpi::OpenMpi {
        println!("left out: the mpi4py of the lesson is compiled for Open MPI");
        return;
    }
    let Some(cluster) = Cluster::up() else { return };
    let folder = Folder::new();
    let notebook = executed(&cluster, &folder);
    every_cell_has_run(&notebook);
    every_way_has_a_time_and_the_answer(&notebook, &folder);
    jobs_ran_on_two_nodes(&notebook);
    the_answer_is_told_in_full(&notebook);
    the_scaling_plot_is_shown(&notebook);
}
