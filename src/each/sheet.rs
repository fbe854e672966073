//! The file of all lines, which the ranks of a node write side by side.
//!
//! In each round every rank makes the lines of some rows, tells the others how many bytes they are, and writes them
//! where those of the ranks before it end.
//!
//! Architecture Invariant: every rank takes every step of the team.

use std::ops::Range;

use super::form::{Form, Lines, Named};
use super::histogram::{Bins, Histogram};
use super::order::{RowOrder, Standing};
use crate::atlas::Atlas;
use crate::error::{Error, Result};
use crate::search::each::Far;
use crate::team::Team;
use crate::unnamed::Unnamed;

/// What the lines are made of.
pub struct Sheet<'a> {
    /// The cities, and those that may be their farthest.
    pub atlases: [Atlas<'a>; 2],
    /// The same cities at the same positions with identifiers for names, if lines are to have them.
    pub ids: Option<[Atlas<'a>; 2]>,
    /// The farthest city from each, by its position.
    pub answers: &'a [Far],
    /// How the lines look.
    pub form: Form,
    /// What a kilometre of the sphere that distances are measured on is on the one that is reported.
    pub scale: f64,
    /// Bins to count distances in, and what a kilometre that is reported is in their unit.
    pub bins: Bins,
    /// See above.
    pub of_km: f64,
}

/// Cities whose lines a rank makes in a round: some 6 MB of text.
const ROUND_CITIES: u64 = 1 << 16;

/// Cities that all ranks collect at a time, or an eighth of all if that is more: 16 bytes each.
const SWEEP_CITIES: u64 = 1 << 24;

impl Sheet<'_> {
    /// Writes the lines of all cities into an empty file, and counts their distances. `damaged` makes an error of
    /// what is wrong with the cities.
    ///
    /// # Errors
    /// That, or [`Error::Io`] if the file cannot be written, on all ranks.
    pub fn write(
        &self,
        team: &dyn Team,
        out: &Unnamed,
        damaged: &dyn Fn(String) -> Error,
    ) -> Result<Histogram> {
        let [own, _] = &self.atlases;
        let order = team.agree(RowOrder::new(own.points(), own.source_rows()).map_err(damaged))?;
        let (rank, ranks) = (team.rank(), team.ranks());
        let windows = order.windows(ROUND_CITIES * ranks as u64);
        let sweep_cities = SWEEP_CITIES.max(own.cities() as u64 / 8);
        let windows_of_sweep = (sweep_cities / ROUND_CITIES / ranks as u64).max(1) as usize;
        let mut counts = vec![0; self.bins.many()];
        let (mut end, mut written) = (0, Ok(()));
        let mut lines = Lines::new(self.form);
        if rank == 0 {
            lines.begin(self.ids.is_some());
        }
        let last = windows.len() - 1;
        let parts: Vec<Range<usize>> =
            windows.iter().map(|window| order.part(window, rank, ranks)).collect();
        for (sweep, parts) in parts.chunks(windows_of_sweep).enumerate() {
            for (at, standings) in order.collect(parts).into_iter().enumerate() {
                self.push_lines(&standings, order.lowest_row(), &mut lines, &mut counts);
                if sweep * windows_of_sweep + at == last && rank == ranks - 1 {
                    lines.end();
                }
                let text = written.map(|()| lines.take());
                let (text, lengths) = team.tell(text, |text| vec![text.len() as u64])?;
                let lengths = lengths.concat();
                let before: u64 = lengths[..rank].iter().sum();
                written = out.write_at(&text, end + before);
                end += lengths.iter().sum::<u64>();
            }
        }
        let ((), all) = team.tell(written, |()| counts.clone())?;
        let sum = |bin: usize| all.iter().map(|counts| counts[bin]).sum();
        Ok(self.bins.with((0..self.bins.many()).map(sum).collect()))
    }

    fn push_lines(
        &self,
        standings: &[Standing],
        lowest_row: u64,
        lines: &mut Lines,
        counts: &mut [u64],
    ) {
        let [own, others] = &self.atlases;
        let mut fetched = Vec::with_capacity(BATCH_CITIES);
        for standings in standings.chunks(BATCH_CITIES) {
            self.fetch(standings, &mut fetched);
            for fetched in &fetched {
                let [name, far_name] =
                    [own.name(fetched.position), others.name(fetched.far_position)];
                let Fetched { row, far_row, degrees, far_degrees, distance_km, .. } = *fetched;
                let km = distance_km * self.scale;
                counts[self.bins.bin(km * self.of_km)] += 1;
                let ids = self.ids.as_ref().map(|[own, others]| {
                    [own.name(fetched.position), others.name(fetched.far_position)]
                });
                let [id, far_id] = [0, 1].map(|of| ids.as_ref().map(|ids| &*ids[of]));
                let city = Named { row, name: &name, id, degrees };
                let far = Named { row: far_row, name: &far_name, id: far_id, degrees: far_degrees };
                lines.push(&city, &far, km, row == lowest_row);
            }
        }
    }

    /// Fetches the numbers of some lines. They lie far apart in memory, so that they are asked for many at once, with
    /// nothing else between: their cache misses overlap.
    fn fetch(&self, standings: &[Standing], fetched: &mut Vec<Fetched>) {
        let [own, others] = &self.atlases;
        fetched.clear();
        fetched.extend(standings.iter().map(|&[row, position]| {
            let Far { distance_km, position: far_position } = self.answers[position as usize];
            let (position, far_position) = (position as usize, far_position as usize);
            Fetched { row, position, far_position, distance_km, ..Fetched::default() }
        }));
        for line in fetched {
            line.degrees = own.degrees(line.position);
            line.far_degrees = others.degrees(line.far_position);
            line.far_row = others.row(line.far_position);
        }
    }
}

/// Cities of which the numbers are fetched at once.
const BATCH_CITIES: usize = 64;

/// The numbers of a line.
#[derive(Default)]
struct Fetched {
    row: u64,
    position: usize,
    degrees: [f64; 2],
    far_row: u64,
    far_position: usize,
    far_degrees: [f64; 2],
    distance_km: f64,
}
