//! The cities of a square in the order of the atlas: by regions on either side, and along the curve.
//!
//! Architecture Invariant: it knows cities by their numbers in some columns, and no file.

use super::block::Columns;
use super::jobs::Job;
use crate::deal::{Dealt, SpotList, deal};
use crate::kernel::Kernel;
use crate::order::{compare_places, sort_cells};
use crate::regions::{MOST_CITIES, Place, Region, Regions};
use crate::tiles::TILE_CITIES;

/// The cities of a job in order.
#[derive(Default)]
pub(super) struct Ordered {
    /// The regions of the job; their cities count from the first of each side of it.
    regions: Vec<Region>,
    /// Which city stands at each place, those of side 0 first.
    pub(super) cities: Vec<u32>,
    /// Its place in the region.
    pub(super) places: Vec<Place>,
    /// Where the name of each city ends in the columns.
    pub(super) name_ends: Vec<usize>,
    /// How many cities lie on side 0.
    pub(super) first_side: usize,
    cells: Vec<[u32; 2]>,
    sorted: Vec<u64>,
}

impl Ordered {
    /// Puts the cities of a job in order.
    pub(super) fn order(&mut self, job: &Job, columns: &Columns) {
        self.regions.clear();
        self.cities.clear();
        self.places.clear();
        self.cells.clear();
        columns.name_ends(&mut self.name_ends);
        match columns.len() as u64 <= MOST_CITIES {
            true => self.order_region(job, columns),
            false => self.order_regions(job, columns),
        }
    }

    /// Those of a job that is one region.
    fn order_region(&mut self, job: &Job, columns: &Columns) {
        let kernel = Kernel::best();
        let mut sides = [Vec::new(), Vec::new()];
        for first in (0..columns.len()).step_by(TILE_CITIES) {
            let cities = first..columns.len().min(first + TILE_CITIES);
            let spots = kernel.spots_of(&columns.degrees[cities.clone()]);
            for (lane, city) in cities.enumerate() {
                self.cells.push([spots.cells[0][lane], spots.cells[1][lane]]);
                sides[usize::from(spots.faces[lane] >= 3)].push(city as u32);
            }
        }
        self.first_side = sides[0].len();
        self.regions.push(Region::new(job.square, [0, self.first_side as u64]));
        for side in &sides {
            self.sort(side, job.square.level, columns);
        }
    }

    /// Those of a job that is several regions.
    fn order_regions(&mut self, job: &Job, columns: &Columns) {
        let kernel = Kernel::best();
        let spots = SpotList::within(job.square, columns.len(), |cities| {
            kernel.spots_of(&columns.degrees[cities])
        });
        let dealt: Dealt<u32> = deal(&spots);
        self.first_side = spots.first_side();
        self.cells.extend_from_slice(spots.cells());
        let table = Regions::new(&dealt.regions, columns.len());
        for side in 0..2 {
            for region in 0..table.len() {
                let part = &dealt.order[table.positions(region, side)];
                self.sort(part, table.square(region).level, columns);
            }
        }
        self.regions = dealt.regions;
    }

    /// Adds the cities of one side of a region of a level.
    fn sort(&mut self, part: &[u32], level: u32, columns: &Columns) {
        let degrees = |city: usize| columns.degrees[city];
        let compare = |one, other| compare_places(degrees(one), degrees(other));
        sort_cells(part.iter().copied(), &self.cells, level, compare, &mut self.sorted);
        let place = |&city: &u64| Place::of(self.cells[city as usize], level);
        self.cities.extend(self.sorted.iter().map(|&city| city as u32));
        self.places.extend(self.sorted.iter().map(place));
    }

    /// The regions, with where their cities begin in the atlas.
    pub(super) fn regions(&self, job: &Job) -> impl Iterator<Item = Region> {
        let before = [0, self.first_side as u64];
        self.regions.iter().map(move |region| {
            let starts = [0, 1].map(|side| region.starts[side] - before[side] + job.starts[side]);
            Region { starts, ..*region }
        })
    }
}
