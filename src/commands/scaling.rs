//! `farthest scaling`: runs of a study in, table, fit, verdict and plot out. It needs no MPI.
//!
//! Architecture Invariant: nothing here is collective.

use std::io::Write;
use std::path::Path;

use crate::cli::ScalingOptions;
use crate::error::{Error, Result};
use crate::output::{Output, finish_all, prepare_file, require_apart};
use crate::scaling::{Study, export, plot, table};

pub(super) fn scaling(options: &ScalingOptions) -> Result<String> {
    let ScalingOptions { runs, csv, svg, extrap, .. } = options;
    let inputs: Vec<&Path> = runs.iter().map(AsRef::as_ref).collect();
    let outputs: Vec<&Path> = [csv, svg, extrap].into_iter().flatten().map(AsRef::as_ref).collect();
    require_apart(&inputs, &outputs)?;
    let study = Study::open(runs, options.mix)?;
    // A second try would find those that are there already in its way.
    finish_all(written(&study, options)?)?;
    Ok(if options.markdown { table::markdown(&study) } else { table::text(&study) })
}

/// The files that were asked for, each whole but without a name yet.
fn written(study: &Study, options: &ScalingOptions) -> Result<Vec<Output>> {
    let force = options.force;
    let mut outputs = Vec::new();
    if let Some(file) = &options.csv {
        outputs.push(prepare_file(file, force, |out| export::csv(study, out))?);
    }
    if let Some(file) = &options.svg {
        let drawn = plot::svg(study);
        let fail = |source| Error::Io { file: file.clone(), action: "cannot draw", source };
        let picture = drawn.map_err(fail)?;
        outputs.push(prepare_file(file, force, |out| out.write_all(picture.as_bytes()))?);
    }
    if let Some(file) = &options.extrap {
        outputs.push(prepare_file(file, force, |out| export::extrap(study, out))?);
    }
    Ok(outputs)
}
