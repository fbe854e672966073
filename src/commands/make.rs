//! `farthest pack` and `generate`: a packed file, made by all ranks of the node that has rank 0.
//!
//! Other nodes wait: they may not see the disk that the file is written to.
//!
//! Architecture Invariant: every rank of the node takes every step of the team.

use std::io::Write;
use std::path::Path;

use super::files::{open, require_cities};
use crate::atlas::{Checksums, Spool, arrange};
use crate::cities::Coordinates;
use crate::cli::{FileForm, GenerateOptions, PackOptions};
use crate::error::Result;
use crate::generate::{self, Places, Planted};
use crate::intake::Intake;
use crate::notes;
use crate::output::{Output, finish_all, require_apart, write_file};
use crate::report;
use crate::source::{Need, room_for, shared_file};
use crate::sphere::{distance_km, unit_vector};
use crate::team::{Team, part_of};
use crate::unnamed::{Room, Unnamed};
use crate::world::World;

/// Bytes that a city takes on its way to a packed file, which are no more than in it, but for its name.
const SPOOL_BYTES_PER_CITY: u64 = 14;

pub(super) fn pack(world: &World, options: &PackOptions) -> Result<String> {
    on_first_node(world, |team| pack_on(team, options))
}

pub(super) fn generate(world: &World, options: &GenerateOptions) -> Result<String> {
    on_first_node(world, |team| {
        team.agree(require_apart(&[], &[&options.output]))?;
        match options.form {
            FileForm::Packed => generate_packed(team, options),
            _ if team.rank() == 0 => team.agree(generate_text(options)),
            _ => team.agree(Ok(String::new())),
        }
    })
}

/// What the ranks of the node of rank 0 make; the others wait for them, and get the default.
pub(super) fn on_first_node<T: Default>(
    world: &World,
    work: impl FnOnce(&dyn Team) -> Result<T>,
) -> Result<T> {
    let made = if world.is_on_node_of_root() { work(world.node()) } else { Ok(T::default()) };
    world.agree(made)
}

fn pack_on(team: &dyn Team, options: &PackOptions) -> Result<String> {
    let file = open(team, &options.input)?;
    team.agree(require_apart(&[&options.input], &[&options.output]))?;
    file.require_same(team)?;
    let target = Target::create(team, &options.output, options.force)?;
    let need = Need { bytes: file.bytes(), cities: file.cities_about() };
    let room = room_for(team, need, options.load.memory_bytes, target.room.clone())?;
    let intake = file.take_in(team, &options.load.read, &room)?;
    let Intake { spool, source_rows, reading, at_zero, .. } = intake;
    let spools = spool.share(team, source_rows)?;
    team.agree(require_cities(&file, 2, spools.cities() as usize, &reading.skipped))?;
    let bytes = arrange(team, &spools, &target.out, Checksums::Made)?;
    target.finish(team, None)?;
    let facts = report::key_values(&[
        ("packed", report::printable(&options.output.to_string_lossy())),
        ("cities", spools.cities().to_string()),
        ("bytes", bytes.to_string()),
    ]);
    let notes: Vec<String> =
        reading.notes.iter().cloned().chain(notes::of_zero(Some(at_zero), 0)).collect();
    Ok(facts + &report::reading_text(&reading.columns, &reading.skipped, &notes))
}

/// A file that a team writes.
pub(super) struct Target {
    /// That of the first rank is the one that gets its name.
    pub(super) output: Output,
    pub(super) out: Unnamed,
    /// Its disk, for what is not to be in memory.
    pub(super) room: Room,
}

impl Target {
    pub(super) fn create(team: &dyn Team, path: &Path, force: bool) -> Result<Target> {
        let output = team.agree(Output::create(path, force))?;
        let room = Room::Beside(output.place().to_path_buf());
        let out = shared_file(team, Unnamed::of(output.file(), &room), &room)?;
        Ok(Target { output, out, room })
    }

    /// Gives the file its name, and those that the first rank has written beside it theirs.
    pub(super) fn finish(self, team: &dyn Team, beside: Option<Output>) -> Result<()> {
        let outputs = [self.output].into_iter().chain(beside);
        team.agree(if team.rank() == 0 { finish_all(outputs.collect()) } else { Ok(()) })
    }
}

fn generate_packed(team: &dyn Team, options: &GenerateOptions) -> Result<String> {
    let cities = options.recipe.cities;
    let target = Target::create(team, &options.output, options.force)?;
    let name_bytes = if options.with_names { 1 + cities.ilog10() as u64 } else { 0 };
    let needed = cities.saturating_mul(SPOOL_BYTES_PER_CITY + name_bytes);
    team.agree(target.output.require_room(needed))?;
    let need = Need { bytes: needed, cities };
    let room = room_for(team, need, options.memory_bytes, target.room.clone())?;
    let part = part_of(cities as usize, team.rank(), team.ranks());
    let rows = part.start as u64..part.end as u64;
    let spool = Spool::new(&room, cities, team.ranks()).and_then(|mut spool| {
        generate::batches(options.recipe, rows.clone(), options.with_names, &mut |batch| {
            spool.take(batch)
        })?;
        Ok(spool)
    });
    let spool = team.agree(spool)?;
    let spools = spool.share(team, rows.end - rows.start)?;
    arrange(team, &spools, &target.out, Checksums::Made)?;
    target.finish(team, None)?;
    Ok(generated_text(options))
}

fn generate_text(options: &GenerateOptions) -> Result<String> {
    let places = Places::new(options.recipe);
    let GenerateOptions { output, with_names, force, .. } = options;
    let with_names = *with_names;
    write_file(output, *force, |out| match options.form {
        FileForm::Delimited(delimiter) => {
            let name = if with_names { format!("{delimiter}name") } else { String::new() };
            writeln!(out, "lat{delimiter}lon{name}")?;
            generate::write_text(places, delimiter, with_names, out)
        }
        _ => generate::write_text(places, ' ', with_names, out),
    })?;
    Ok(generated_text(options))
}

/// What was generated.
fn generated_text(options: &GenerateOptions) -> String {
    let facts = [
        ("generated", report::printable(&options.output.to_string_lossy())),
        ("cities", options.recipe.cities.to_string()),
    ];
    let planted = Places::new(options.recipe).planted();
    let planted = planted.map(|planted| planted_text(planted, options.with_names));
    report::key_values(&facts) + &planted.unwrap_or_default()
}

fn planted_text(Planted { places, rows }: Planted, with_names: bool) -> String {
    let [p, q] = places.map(|place| place.coordinates());
    let vector = |c: Coordinates| unit_vector(c.lat_deg(), c.lon_deg());
    let distance_km = distance_km(vector(p), vector(q));
    let line = |row: u64, c: Coordinates| {
        let name = if with_names { format!(", {}", generate::name(row)) } else { String::new() };
        format!("row {row}{name} ({}, {})", c.lat_deg(), c.lon_deg())
    };
    report::key_values(&[
        ("planted first", line(rows[0], p)),
        ("planted second", line(rows[1], q)),
        ("distance", format!("{distance_km:.9} km")),
    ])
}
