//! The runs of a study, one after the other: what each is started with, and what is recorded of it.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::asked::{Asked, Options, Set};
use super::clock::{Clock, duration};
use super::folder::Folder;
use super::launcher::Launcher;
use super::outcome::Outcome;
use super::place::{allocation, default_ranks, host};
use super::processes::{Ended, Processes};
use super::program::{shortest, to_measure};
use super::{OrHalt, Run, refused, sizes};
use crate::console;
use crate::error::{Error, Result};
use crate::scaling::runs::{Kind, Line};

/// Seconds between two lines of a run that tells of its progress.
const PROGRESS_S: &str = "10";

/// Makes the runs of a study.
pub(super) struct Runner<'a> {
    options: &'a Options,
    processes: &'a Processes,
    program: PathBuf,
    nodes: u64,
    most_ranks: u64,
    launcher_name: String,
    launcher: Launcher,
    /// Each number of ranks, with that of the cities of its generated set.
    sizes: Vec<(u64, u64)>,
    clock: Clock,
}

impl<'a> Runner<'a> {
    pub(super) fn new(options: &'a Options, processes: &'a Processes) -> OrHalt<Runner<'a>> {
        if let Set::File(file) = &options.set
            && !file.is_file()
        {
            let file = file.display();
            return Err(refused(format!("expected a city file, found nothing at {file}")).into());
        }
        let program = to_measure(options.farthest.as_deref())?;
        let (nodes, most_ranks) = allocation();
        let usual = if nodes > 1 { "srun" } else { "mpirun" };
        let launcher_name = options.launcher.clone().unwrap_or(usual.into());
        let launcher = Launcher::new(&launcher_name, || match &options.mpi {
            Some(plugin) => Ok(plugin.clone()),
            None => plugin_of(&program, processes),
        })?;
        let ranks = options.ranks.clone().unwrap_or_else(|| default_ranks(most_ranks));
        let size = |ranks| Ok((ranks, sizes::cities_on(options, ranks)?));
        let sizes = ranks.into_iter().map(size).collect::<Result<_>>()?;
        let clock = Clock::default();
        Ok(Runner {
            options,
            processes,
            program,
            nodes,
            most_ranks,
            launcher_name,
            launcher,
            sizes,
            clock,
        })
    }

    /// All that decides what the runs are.
    pub(super) fn asked(&self) -> Asked {
        let options = self.options;
        let ranks: Vec<u64> = self.sizes.iter().map(|(ranks, _)| *ranks).collect();
        let mut asked = vec![
            ("kind", json!(options.kind)),
            ("scale", json!(options.scale)),
            ("ranks", json!(ranks)),
            ("repeats", json!(options.repeats)),
            ("method", json!(options.method)),
            ("pair_options", json!(options.pair_options)),
            ("launcher", json!(self.launcher_name)),
            ("mpi", json!(options.mpi)),
            ("farthest", json!(self.program.to_string_lossy())),
        ];
        match &options.set {
            Set::File(file) => {
                let path = file.canonicalize().unwrap_or_else(|_| file.clone());
                let bytes = path.metadata().map_or(0, |facts| facts.len());
                asked.extend([
                    ("file", json!(path.to_string_lossy())),
                    ("file_bytes", json!(bytes)),
                ]);
            }
            Set::Generated { distribution, seed, .. } => {
                let cities = self.sizes.iter().map(|(ranks, n)| (ranks.to_string(), json!(n)));
                let cities = Value::Object(cities.collect::<Map<_, _>>());
                asked.extend([
                    ("cities", cities),
                    ("distribution", json!(distribution)),
                    ("seed", json!(seed)),
                ]);
            }
        }
        Asked(asked)
    }

    /// The sizes of a weak study, for people.
    pub(super) fn sizes(&self) -> Result<Option<String>> {
        let is_weak = self.options.kind == Kind::Weak;
        is_weak.then(|| sizes::text(self.options, &self.sizes)).transpose()
    }

    /// All runs, in their order.
    pub(super) fn planned(&self) -> Vec<Run> {
        let round = |&repeat| self.sizes.iter().map(move |&(ranks, _)| Run { ranks, repeat });
        self.options.repeats.iter().flat_map(round).collect()
    }

    /// Makes and records those that are missing of so many.
    pub(super) fn make_all(
        &mut self,
        folder: &Folder,
        planned: usize,
        missing: &[Run],
    ) -> OrHalt<()> {
        for (at, &run) in missing.iter().enumerate() {
            let number = planned - missing.len() + at + 1;
            let file = self.city_file(folder, run)?;
            let name = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy();
            console::print_part(&format!("run {number} of {planned}: {run}, {name} … "));
            let words = self.words(run, &file);
            let ended = self.processes.run(&words, self.options.limit_s)?;
            let (line, result) = self.line(run, &words, &ended);
            folder.append(&line)?;
            self.clock.saw(run, ended.elapsed_s);
            let left = duration(self.clock.left_s(&missing[at + 1..]));
            let elapsed_s = ended.elapsed_s;
            console::print_error(&format!(
                "{result} (whole command {elapsed_s:.2} s); {left} left"
            ));
        }
        Ok(())
    }

    /// The file to run on; a generated set is made when it is first needed.
    fn city_file(&self, folder: &Folder, run: Run) -> OrHalt<PathBuf> {
        let (distribution, seed) = match &self.options.set {
            Set::File(file) => return Ok(file.clone()),
            Set::Generated { distribution, seed, .. } => (distribution, seed),
        };
        let cities =
            self.sizes.iter().find(|(ranks, _)| *ranks == run.ranks).map_or(0, |(_, n)| *n);
        let path = folder.path().join(format!("{distribution}-{cities}-seed-{seed}.cities"));
        if !path.exists() {
            console::print_error(&format!("farthest: generating {}", path.display()));
            let [cities, seed] = [cities, *seed].map(|number| OsString::from(number.to_string()));
            let mut words = vec![shortest(&self.program).into(), "generate".into(), cities];
            words.push(path.clone().into());
            words.extend(["--distribution".into(), distribution.into(), "--seed".into(), seed]);
            let ended = self.processes.run(&words, None)?;
            if ended.exit_code != 0 {
                let (path, found) = (path.display(), ended.stderr.trim());
                let message = format!("expected {path} to be generated, found: {found}");
                return Err(refused(message).into());
            }
        }
        Ok(path)
    }

    /// The words of a run. Ranks fill a node before the next one is used.
    fn words(&self, run: Run, file: &Path) -> Vec<OsString> {
        let on_node = self.most_ranks.div_ceil(self.nodes);
        let nodes = self.nodes.min(run.ranks.div_ceil(on_node));
        let mut words = self.launcher.words(run.ranks, nodes);
        words.extend([shortest(&self.program).into(), "pair".into(), file.into()]);
        let own = &self.options.pair_options;
        words.extend(["--method", &self.options.method, "--format", "json"].map(OsString::from));
        // A list that is scattered has no progress to tell.
        let is_silent = own.iter().any(|word| word == "--progress" || word.contains("scatter"));
        if !is_silent {
            words.extend(["--progress", PROGRESS_S].map(OsString::from));
        }
        words.extend(own.iter().map(OsString::from));
        words
    }

    /// What is recorded of a run, and said of it.
    fn line(&self, run: Run, words: &[OsString], ended: &Ended) -> (Line, String) {
        let outcome = Outcome::of(ended, run.ranks, self.options.limit_s);
        let result = outcome.text(ended.exit_code);
        let distribution = match &self.options.set {
            Set::File(_) => None,
            Set::Generated { distribution, .. } => Some(distribution.clone()),
        };
        let line = Line {
            kind: self.options.kind,
            scale: self.options.scale,
            distribution,
            ranks: run.ranks,
            repeat: run.repeat,
            status: outcome.status,
            exit_code: Some(ended.exit_code),
            command: words.iter().map(|word| word.to_string_lossy().into_owned()).collect(),
            date: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            host: host(&self.launcher),
            report: outcome.json,
            error: outcome.error,
        };
        (line, result)
    }
}

/// The plugin of srun for the MPI that a program was built with, which it tells alone.
fn plugin_of(program: &Path, processes: &Processes) -> OrHalt<String> {
    let fail =
        |source| Error::Io { file: "a temporary list".into(), action: "cannot write", source };
    let mut tiny = tempfile::Builder::new().suffix(".txt").tempfile().map_err(fail)?;
    tiny.write_all(b"0 0 here\n0 1 there\n").map_err(fail)?;
    let mut words: Vec<OsString> = vec![program.into(), "pair".into(), tiny.path().into()];
    words.extend(["--format", "json"].map(OsString::from));
    let ended = processes.run(&words, None)?;
    let report: Value = serde_json::from_str(&ended.stdout).unwrap_or_default();
    match report["mpi"].as_str() {
        Some(library) if library.starts_with("Open MPI") => Ok("pmix".into()),
        Some(_) => Ok("pmi2".into()),
        None => {
            let program = program.display();
            let message =
                format!("expected {program} to tell its MPI, found none; use --mpi PLUGIN");
            Err(refused(message).into())
        }
    }
}
