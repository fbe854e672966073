//! The words that start the ranks of a run.

use std::ffi::OsString;
use std::path::Path;

use super::program::{LAUNCH, find, repository, shortest};
use super::{OrHalt, refused};
use crate::error::Result;

/// The words before the program, with `{ranks}` and `{nodes}` in them.
pub(super) struct Launcher(Vec<String>);

impl Launcher {
    /// By its name, or by a line; `plugin` finds the plugin of `srun`.
    ///
    /// # Errors
    /// [`crate::error::Error::Usage`] for what is no launcher, or is not installed.
    pub(super) fn new(typed: &str, plugin: impl FnOnce() -> OrHalt<String>) -> OrHalt<Launcher> {
        let words = match typed {
            "mpirun" => on_one_machine(),
            "srun" => {
                let plugin = format!("--mpi={}", plugin()?);
                ["srun", "-n", "{ranks}", "-N", "{nodes}", &plugin].map(String::from).to_vec()
            }
            line => words_of(line)?,
        };
        let first = words.first().map_or("", String::as_str);
        if find(Path::new(first)).is_none() {
            let message =
                format!("expected the launcher {first} in PATH, found none; load its module");
            return Err(refused(message).into());
        }
        Ok(Launcher(words))
    }

    /// The words for so many ranks on so many nodes.
    pub(super) fn words(&self, ranks: u64, nodes: u64) -> Vec<OsString> {
        let [ranks, nodes] = [ranks, nodes].map(|number| number.to_string());
        let word = |word: &String| word.replace("{ranks}", &ranks).replace("{nodes}", &nodes);
        self.0.iter().map(|one| word(one).into()).collect()
    }

    /// The name of its program; that of the script for one machine is `mpirun`.
    pub(super) fn name(&self) -> String {
        match self.program() {
            "launch" => "mpirun".into(),
            name => name.into(),
        }
    }

    /// How it binds ranks to cores, as far as its words say.
    pub(super) fn binding(&self) -> String {
        const OPTIONS: [&str; 2] = ["bind-to", "cpu-bind"];
        for (at, word) in self.0.iter().enumerate() {
            let Some(option) = word.strip_prefix('-') else { continue };
            let option = option.strip_prefix('-').unwrap_or(option);
            let (name, value) = option.split_once('=').unwrap_or((option, ""));
            let value =
                if option == name { self.0.get(at + 1).map_or("", |next| next) } else { value };
            if OPTIONS.contains(&name) && !value.is_empty() {
                return value.into();
            }
        }
        if self.program() == "launch" { "none".into() } else { "default".into() }
    }

    fn program(&self) -> &str {
        let path = self.0.first().map(Path::new);
        path.and_then(Path::file_name).and_then(|name| name.to_str()).unwrap_or_default()
    }
}

/// The script of the repository, which knows what one machine needs, or `mpirun` where there is none.
fn on_one_machine() -> Vec<String> {
    let script = repository().and_then(|folder| folder.join(LAUNCH).canonicalize().ok());
    match script {
        Some(script) => vec![shortest(&script).to_string_lossy().into_owned(), "{ranks}".into()],
        None => ["mpirun", "-n", "{ranks}"].map(String::from).to_vec(),
    }
}

fn words_of(line: &str) -> Result<Vec<String>> {
    let words = shlex::split(line).filter(|_| line.contains("{ranks}"));
    words.ok_or_else(|| {
        refused(format!(
            "expected --launcher mpirun, srun or a line with {{ranks}} in it, found '{line}'; for example \
             'mpirun -n {{ranks}}'"
        ))
    })
}
