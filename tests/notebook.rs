//! Proves that the lesson of `scripts/notebook.ipynb` holds: it is stored without results, runs from
//! start to end on the virtual cluster, where every way finds the answer that it should, and opens in
//! the browser until its script ends.
//!
//! The lesson needs Python packages, among them Jupyter. `scripts/test` installs them and names the
//! Python that has them in FARTHEST_NOTEBOOK_PYTHON; without that, and where no cluster is possible,
//! the run is left out. No time is looked at but that there is one.

#![cfg(feature = "mpi")]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use common::cluster::Cluster;
use common::{Folder, Job, Mpi, Outcome, REPOSITORY, left_out};
use serde_json::Value;

const NOTEBOOK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/notebook.ipynb");
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/notebook");
const BINARY: &str = env!("CARGO_BIN_EXE_farthest");

/// Some 20 starts of MPI programs and a few seconds of Python, on a machine that is busy.
const LIMIT_S: &str = "1800";

/// For Jupyter to begin and to end, on such a machine.
const BROWSER_LIMIT_S: &str = "900";

const FAILED: i32 = 1;
const USAGE: i32 = 2;
/// 128 and the number of SIGTERM.
const ENDED: i32 = 143;

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
        ("--execute", "expected a value after --execute"),
        ("--execute out.txt", "expected a name that ends in .ipynb"),
        ("--execute README.md/out.ipynb", "found a file above"),
        ("--execute out.ipynb more", "expected no more beside --execute, found 'more'"),
        ("--execute out.ipynb --on-cluster state", "use scripts/cluster run --state"),
        ("--execute out.ipynb --port 5", "expected no --port beside --execute"),
        ("--execute out.ipynb --setup", "expected one of --execute and --setup"),
        ("--setup --on-cluster state", "expected no --on-cluster beside --setup"),
        ("--python --folder out", "expected no more beside --python"),
        ("--folder README.md", "expected a folder, found a file"),
        ("--setup --folder README.md/out", "expected a folder, found a file"),
        ("--port http", "expected a port of 1 to 65535, found 'http'"),
        ("--port 65536", "expected a port of 1 to 65535, found '65536'"),
        ("--program missing", "expected a program at --program"),
        ("--program scripts", "expected a program at --program"),
    ] {
        assert_refused(Command::new(SCRIPT).args(arguments.split(' ')), USAGE, part);
    }
    let spaced = ["--folder", "a b"];
    let part = "expected a folder without white space";
    assert_refused(Command::new(SCRIPT).args(spaced), USAGE, part);
    let part = "expected node n1 of a cluster";
    assert_refused(Command::new(SCRIPT).args(["--on-cluster", "missing"]), FAILED, part);
}

/// Asserts that a command is refused in one message, which has the words of `part`.
fn assert_refused(command: &mut Command, code: i32, part: &str) {
    let output = command.current_dir(REPOSITORY).output().expect("the script is there");
    let outcome = Outcome::of(format!("{command:?}"), output).expect_end();
    assert_eq!((outcome.code, outcome.stdout.as_str()), (code, ""), "{outcome:#?}");
    assert!(outcome.stderr.contains(part), "expected {part:?} in {outcome:#?}");
    assert_eq!(outcome.stderr.lines().count(), 1, "one message: {outcome:#?}");
}

/// The scripts alone, in a repository where nothing was built or installed.
fn bare_repository() -> Folder {
    let folder = Folder::new();
    fs::create_dir(folder.file("scripts")).expect("it is ours");
    for script in ["notebook", "build", "build-folder", "python-folder", "patiently"] {
        let there = folder.file(&format!("scripts/{script}"));
        fs::copy(format!("{REPOSITORY}/scripts/{script}"), there).expect("the script is there");
    }
    folder
}

#[test]
fn what_setup_has_not_done_is_told_at_once_with_the_line_that_does_it() {
    let folder = bare_repository();
    let script = folder.file("scripts/notebook");
    for (more, part) in [
        (&[][..], "expected the program of farthest, found none; run: scripts/notebook --setup"),
        (
            &["--program", BINARY],
            "packages of the lesson, of this version, found none; run: scripts",
        ),
    ] {
        let mut command = Command::new(&script);
        command.args(["--execute", "out.ipynb"]).args(more).env_remove("FARTHEST_NOTEBOOK_PYTHON");
        assert_refused(&mut command, FAILED, part);
    }
    assert_eq!(folder.names(), ["scripts"], "nothing was begun");
}

/// A Python whose environments are its own copies, and whose pip takes eleven seconds, or fails.
const FAKE_PYTHON: &str = r#"#!/bin/sh
case "$*" in
    --version) echo "Python 3.99" ;;
    "-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
    *"pip install"*broken*) echo "no such package"; exit 1 ;;
    *"pip install"*slow*) echo "Collecting slow"; sleep 11 ;;
esac
"#;

#[test]
fn installing_shows_that_it_goes_on_and_touches_no_folder_that_works() {
    let folder = bare_repository();
    folder.write_program("python3", FAKE_PYTHON);
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").expect("a PATH"));
    let run = |words: &[&str]| {
        let mut command = Command::new(folder.file("scripts/python-folder"));
        let output = command.args(words).env("PATH", &path).output().expect("the script is there");
        Outcome::of(format!("{command:?}"), output).expect_end()
    };
    let first = run(&["lesson", "slow==1"]);
    assert_eq!(first.code, 0, "{first:#?}");
    let said = &first.stderr;
    assert!(said.contains("installing slow==1 and what they need into target/lesson-"), "{said}");
    assert!(said.contains(" s so far: Collecting slow\n") && said.contains("done in 1"), "{said}");
    let made = fs::metadata(first.stdout.trim()).expect("a Python").modified().expect("a time");

    // One that cannot be installed leaves the other as it was, and is none.
    let broken = run(&["lesson", "broken==2"]);
    assert_eq!((broken.code, &broken.stdout[..]), (1, ""), "{broken:#?}");
    assert!(broken.stderr.contains("no such package\n"), "{broken:#?}");
    assert_eq!(run(&["--if-there", "lesson", "broken==2"]).code, 3);
    for words in [&["lesson", "slow==1"][..], &["--if-there", "lesson", "slow==1"]] {
        let again = run(words);
        assert_eq!((&again.stdout, &again.stderr[..]), (&first.stdout, ""), "{again:#?}");
    }
    let then = fs::metadata(first.stdout.trim()).expect("a Python").modified().expect("a time");
    assert_eq!(then, made);
}

#[test]
fn a_python_that_is_none_or_has_no_packages_is_refused() {
    let folder = Folder::new();
    // Whatever packages that of the system has.
    let bare = folder.write_program("bare", "#!/bin/sh\nexec python3 -I -S \"$@\"\n");
    for (python, part) in [
        ("missing", "found no program 'missing'"),
        (REPOSITORY, "found no program"),
        ("cat", "found 'cat', which is none"),
        (&bare, "without jupyterlab nbconvert ipykernel"),
    ] {
        let mut command = Command::new(SCRIPT);
        command.arg("--python").env("FARTHEST_NOTEBOOK_PYTHON", python);
        assert_refused(&mut command, USAGE, part);
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
    // One table tells what each rank read, and one what it searched.
    assert!(hosts.len() == 8 && hosts[..4] == hosts[4..] && hosts[1] != hosts[2], "{explained}");
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

/// The pair of the sphere is the fourth on WGS84.
fn the_earths_differ(notebook: &Notebook) {
    let printed = notebook.printed("earth");
    for part in [
        "\n1. 20014.361 km  Las Varillas, AR - Hefei, CN\n",
        "\n1. 20003.496 km  Ovalle, CL - Baitu, CN\n",
        "\n4. 20003.210 km  Las Varillas, AR - Hefei, CN\n",
    ] {
        assert!(printed.contains(part), "expected {part:?} in {printed}");
    }
    let printed = notebook.printed("earths");
    assert_eq!(printed, "on WGS84 rows 542 and 6375 are number 4, 286 m behind\n");
}

fn the_map_and_the_scaling_plot_are_shown(notebook: &Notebook) {
    for cell in ["map", "plot"] {
        let picture = notebook.shown(cell, "image/svg+xml");
        let picture = roxmltree::Document::parse(&picture).expect("the picture is XML");
        assert_eq!(picture.root_element().tag_name().name(), "svg");
    }
    let printed = notebook.printed("study");
    assert!(printed.contains("Submitted batch job"), "{printed}");
}

/// A cluster, where all is there that the lesson needs.
fn cluster() -> Option<Cluster> {
    if std::env::var_os("FARTHEST_NOTEBOOK_PYTHON").is_none() {
        left_out("notebook", "FARTHEST_NOTEBOOK_PYTHON names no Python with the lesson's packages");
        return None;
    }
    if Mpi::of_binary() != Mpi::OpenMpi {
        left_out("open-mpi", "the mpi4py of the lesson is compiled for Open MPI");
        return None;
    }
    Cluster::up()
}

#[test]
fn the_lesson_runs_from_start_to_end_on_a_cluster() {
    let Some(cluster) = cluster() else { return };
    let folder = Folder::new();
    let notebook = executed(&cluster, &folder);
    every_cell_has_run(&notebook);
    every_way_has_a_time_and_the_answer(&notebook, &folder);
    jobs_ran_on_two_nodes(&notebook);
    the_answer_is_told_in_full(&notebook);
    the_earths_differ(&notebook);
    the_map_and_the_scaling_plot_are_shown(&notebook);
}

/// A port that nobody listens on.
fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("there are free ports");
    listener.local_addr().expect("it has an address").port()
}

/// What a browser is told first at a path.
fn status_line(port: u16, path: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the port is open");
    let request = format!("GET {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("the request is taken");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the page is text");
    answer.lines().next().unwrap_or_default().to_string()
}

fn has_jupyter(cluster: &Cluster) -> bool {
    cluster.script("run", &["pgrep", "-f", "jupyterlab"]).code == 0
}

/// The folder's path is too long for a socket's.
#[test]
fn the_lesson_opens_on_a_cluster_and_ends_with_the_script() {
    let Some(cluster) = cluster() else { return };
    let folder = Folder::new();
    let port = free_port();
    let mut command = Command::new("timeout");
    // In the foreground it passes a signal to the script alone.
    command.args(["--foreground", "--kill-after=5", BROWSER_LIMIT_S, SCRIPT]);
    command.args(["--on-cluster", &cluster.state(), "--port", &port.to_string()]);
    command.args(["--program", BINARY, "--folder", &folder.file(&"long".repeat(30))]);
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut script = command.spawn().expect("timeout(1) is installed");
    let mut line = String::new();
    let stdout = script.stdout.take().expect("it is a pipe");
    BufReader::new(stdout).read_line(&mut line).expect("it is text");
    let path = line.trim().strip_prefix(&format!("http://127.0.0.1:{port}"));
    let path = path.unwrap_or_else(|| panic!("no address in {line:?}"));
    assert_eq!(status_line(port, path), "HTTP/1.1 200 OK");
    assert!(has_jupyter(&cluster), "it is there on the node");

    let kill = Command::new("kill").arg(script.id().to_string()).status();
    assert!(kill.expect("kill(1) is installed").success());
    assert_eq!(script.wait().expect("it ends").code(), Some(ENDED));
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err(), "nobody listens any more");
    // It ends behind the script, once its notebooks are closed.
    let is_left = (0..1200).all(|_| {
        sleep(Duration::from_millis(500));
        has_jupyter(&cluster)
    });
    assert!(!is_left, "Jupyter is left on the node");
}
