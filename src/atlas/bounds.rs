//! The bounds of an atlas that is written but for them, each rank those of its part of the tiles.
//!
//! A tile may have cities of two ranks, so that this comes behind all of them.
//!
//! Architecture Invariant: bounds are made of what is in the file.

use std::ops::Range;

use super::arrange::{Plan, at_first};
use super::layout::Section;
use super::view::sites_in;
use crate::error::Result;
use crate::order::{TileFacts, hull, middle};
use crate::sphere::UnitVector;
use crate::team::Team;
use crate::tiles::{Bounds, TILE_CITIES, group_bounds, level_lengths};
use crate::unnamed::Unnamed;

/// Tiles between two times that pages which were looked at are given back.
const TILES_BETWEEN_RELEASES: usize = 1 << 14;

/// Writes the bounds of all levels, each rank those of its part of the tiles. Returns their origin.
pub(super) fn write_bounds(team: &dyn Team, plan: &Plan, out: &Unnamed) -> Result<UnitVector> {
    let (header, table) = plan;
    let part = team.part((header.shape.cities as usize).div_ceil(TILE_CITIES));
    let facts = look_at_tiles(part.clone(), plan, out);
    let (facts, hulls) = team.tell(facts, |facts| {
        let corners: Vec<[UnitVector; 2]> = facts.iter().map(|facts| facts.corners).collect();
        vec![hull(&corners)]
    })?;
    let origin = middle(&hulls.concat());
    let bounds: Vec<Bounds> = facts.iter().map(|facts| facts.bounds(origin)).collect();
    let at =
        |node: usize| table[Section::Bounds as usize].offset + (node * size_of::<Bounds>()) as u64;
    team.agree(out.write_at(bytemuck::cast_slice(&bounds), at(part.start)))?;
    // The levels above have a third of the nodes, all of them together.
    let above = at_first(team.rank() == 0, || {
        let map = out.map()?;
        let sites = sites_in(&map, header, table);
        let tiles = level_lengths(sites.len()).first().copied().unwrap_or(0);
        let section = &map[at(0) as usize..at(tiles) as usize];
        let tile_bounds: Vec<Bounds> = bytemuck::cast_slice(section).to_vec();
        let all = group_bounds(tile_bounds, |i, j| sites.are_one_place(i, j));
        out.write_at(bytemuck::cast_slice(&all[tiles..]), at(tiles))
    });
    team.agree(above)?;
    Ok(origin)
}

/// What some tiles hold.
fn look_at_tiles(
    tiles: Range<usize>,
    (header, table): &Plan,
    out: &Unnamed,
) -> Result<Vec<TileFacts>> {
    let map = out.map()?;
    let sites = sites_in(&map, header, table);
    let mut facts = Vec::with_capacity(tiles.len());
    for tile in tiles {
        let members = tile * TILE_CITIES..sites.len().min((tile + 1) * TILE_CITIES);
        facts.push(TileFacts::of(&sites, members, |at| at));
        if facts.len().is_multiple_of(TILES_BETWEEN_RELEASES) {
            map.release();
        }
    }
    Ok(facts)
}
