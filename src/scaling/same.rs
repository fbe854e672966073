//! Refuses to compare what cannot be compared: the runs of one table differ in their ranks alone.
//!
//! The machine is its processor and number of cores, not its name: the nodes of a cluster are alike,
//! and the repetitions of a job array land on any of them.

use crate::error::Result;

use super::runs::{Kind, Run, Scale, excerpt, shown};

/// What the runs must have in common, with the words for it.
struct Trait {
    name: &'static str,
    /// Its value in a run; nothing where the run does not say.
    of: fn(&Run) -> Option<String>,
    /// Whether it may differ between rank counts.
    within_ranks: bool,
}

/// Which study: not even `--mix` makes one table of two kinds, which define efficiency differently.
const STUDY: Trait = Trait { name: "kind of study", of: study, within_ranks: false };

const TRAITS: [Trait; 9] = [
    everywhere("machine", |run| {
        let host = &run.line.host;
        Some(format!("{}, {} cores", host.processor, host.cores))
    }),
    everywhere("binding", |run| Some(run.line.host.binding.clone())),
    everywhere("distribution", |run| run.line.distribution.clone()),
    everywhere("method", |run| Some(run.report.as_ref()?.way.method.to_string())),
    everywhere("isa", |run| Some(run.report.as_ref()?.way.isa.to_string())),
    everywhere("version", |run| Some(run.report.as_ref()?.version.clone())),
    everywhere("MPI library", |run| Some(run.report.as_ref()?.ranks.mpi.clone())),
    everywhere("city file", |run| match run.line.kind {
        Kind::Strong => Some(run.report.as_ref()?.file.checksum.clone()),
        Kind::Weak => None,
    }),
    Trait {
        // The files of a weak study grow with the ranks.
        name: "city file for each number of ranks",
        of: |run| Some(run.report.as_ref()?.file.checksum.clone()),
        within_ranks: true,
    },
];

const fn everywhere(name: &'static str, of: fn(&Run) -> Option<String>) -> Trait {
    Trait { name, of, within_ranks: false }
}

fn study(run: &Run) -> Option<String> {
    Some(match (run.line.kind, run.line.scale) {
        (Kind::Strong, _) => "strong".into(),
        (Kind::Weak, Some(Scale::Memory)) => "weak (constant cities per rank)".into(),
        (Kind::Weak, _) => "weak (constant pairs per rank)".into(),
    })
}

/// Refuses runs of different studies; and, but for `mix`, runs that went well but differ in anything
/// that a time depends on.
///
/// # Errors
/// [`crate::error::Error::Line`] for the first run that differs from one before it.
pub fn require_one_study(runs: &[Run], mix: bool) -> Result<()> {
    let all: Vec<&Run> = runs.iter().collect();
    require(&STUDY, &all, "study them apart")?;
    if mix {
        return Ok(());
    }
    let fine: Vec<&Run> = runs.iter().filter(|run| run.report.is_some()).collect();
    TRAITS.iter().try_for_each(|one| {
        require(one, &fine, "study them apart, or say --mix to compare them all the same")
    })
}

fn require(one: &Trait, runs: &[&Run], remedy: &str) -> Result<()> {
    let stated = runs.iter().filter_map(|run| Some((*run, (one.of)(run)?)));
    let stated: Vec<(&Run, String)> = stated.collect();
    for (at, (run, value)) in stated.iter().enumerate() {
        let is_peer = |other: &Run| !one.within_ranks || other.line.ranks == run.line.ranks;
        let Some((first, expected)) = stated[..at].iter().find(|(other, _)| is_peer(other)) else {
            continue;
        };
        if value != expected {
            let (name, place) = (one.name, shown(&first.place));
            let [expected, value] = [expected, value].map(|text| excerpt(text));
            return Err(run.place.error(format!(
                "expected the {name} of {place}, {expected}, found {value}; {remedy}"
            )));
        }
    }
    Ok(())
}
