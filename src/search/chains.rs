//! Cities by the cells that they lie in, for the few of a region that could have a partner.
//!
//! A hash table of chains: some thousand cities of a quarter of a million cells, made anew for each region.
//!
//! Architecture Invariant: a cell is a number, and so is a city.

/// Cities by their cells: a table of chains.
#[derive(Default)]
pub(super) struct Chains {
    heads: Vec<u32>,
    lengths: Vec<u32>,
    /// Cell, number in the region, and the next of the chain; 0 ends it.
    links: Vec<[u32; 3]>,
    longest: u32,
}

impl Chains {
    /// The chains of some cities, each with its cell.
    pub(super) fn fill(&mut self, cities: &[u32], cell: impl Fn(u32) -> u32) {
        self.heads.clear();
        self.lengths.clear();
        let slots = (2 * cities.len()).next_power_of_two().max(64);
        self.heads.resize(slots, 0);
        self.lengths.resize(slots, 0);
        self.links.clear();
        self.links.push([0; 3]);
        self.longest = 0;
        for &city in cities {
            let cell = cell(city);
            let head = self.slot(cell);
            let next = std::mem::replace(&mut self.heads[head], self.links.len() as u32);
            self.links.push([cell, city, next]);
            self.lengths[head] += 1;
            self.longest = self.longest.max(self.lengths[head]);
        }
    }

    /// No cell has more cities.
    pub(super) fn longest(&self) -> u64 {
        u64::from(self.longest)
    }

    /// Number of cities of a cell, or somewhat more.
    pub(super) fn length(&self, cell: u32) -> u64 {
        u64::from(self.lengths[self.slot(cell)])
    }

    fn slot(&self, cell: u32) -> usize {
        cell.wrapping_mul(0x9e37_79b1) as usize >> (32 - self.heads.len().ilog2())
    }

    /// The cities of a cell.
    #[inline(always)]
    pub(super) fn of(&self, cell: u32) -> impl Iterator<Item = u32> {
        let mut link = self.heads[self.slot(cell)];
        std::iter::from_fn(move || {
            while link != 0 {
                let [of, city, next] = self.links[link as usize];
                link = next;
                if of == cell {
                    return Some(city);
                }
            }
            None
        })
    }
}
