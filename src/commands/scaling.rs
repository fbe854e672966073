//! `farthest scaling`: runs of a study in, table, fit, verdict and plot out. It needs no MPI.
//!
//! Architecture Invariant: nothing here is collective.

use std::io::Write;

use crate::cli::ScalingOptions;
use crate::error::{Error, Result};
use crate::output::write_file;
use crate::scaling::{Study, export, plot, table};

pub(super) fn scaling(options: &ScalingOptions) -> Result<String> {
    let study = Study::open(&options.runs, options.mix)?;
    let force = options.force;
    if let Some(file) = &options.csv {
        write_file(file, force, |out| export::csv(&study, out))?;
    }
    if let Some(file) = &options.svg {
        let drawn = plot::svg(&study);
        let fail = |source| Error::Io { file: file.clone(), action: "cannot draw", source };
        let picture = drawn.map_err(fail)?;
        write_file(file, force, |out| out.write_all(picture.as_bytes()))?;
    }
    if let Some(file) = &options.extrap {
        write_file(file, force, |out| export::extrap(&study, out))?;
    }
    Ok(if options.markdown { table::markdown(&study) } else { table::text(&study) })
}
