//! An excellent incumbent to begin with, found in a moment.
//!
//! From a city hop to the farthest city from it, from there to the farthest from that, and on
//! while the distance grows; a few hops reach two cities that are each other's farthest. The same
//! from a number of cities spread along the curve gives a pair that most groups cannot match. All
//! ranks begin with the same cities and so with the same pair, without a message.
//!
//! The farthest city from one is found in the tree, nearest corner of the boxes first.
//!
//! Architecture Invariant: what is found here only makes the search shorter.

use super::finalists::Finalists;
use crate::bound::Separation;
use crate::kernel::{Kernel, lanes};
use crate::points::Points;
use crate::sphere::distance_km;
use crate::tiles::{Node, TILE_CITIES, Tree};

/// Cities to hop from.
const STARTS: usize = 16;

/// The farthest pair of all hops.
pub(super) fn hop<'a>(points: &'a Points<'a>, kernel: Kernel) -> Result<Finalists<'a>, String> {
    let mut finalists = Finalists::new(points);
    let cities = points.len();
    if cities < 2 {
        return Ok(finalists);
    }
    let tree = points.tree();
    let starts = STARTS.min(cities);
    for start in 0..starts {
        let mut here = start * (cities / starts);
        let mut reached_km = -1.0;
        loop {
            let (there, far_km) = farthest_from(points, &tree, kernel, here);
            finalists.consider(here.min(there), here.max(there))?;
            // No distance at all, as in a damaged file, is no growth either.
            let has_grown = far_km > reached_km;
            if !has_grown {
                break;
            }
            (here, reached_km) = (there, far_km);
        }
    }
    Ok(finalists)
}

/// The farthest city from the one at `position`, another one, and its distance in kilometres.
fn farthest_from(
    points: &Points<'_>,
    tree: &Tree<'_>,
    kernel: Kernel,
    position: usize,
) -> (usize, f64) {
    let p = points.vector(position);
    // Any other city will do to begin with, even one at the same place.
    let other = if position == 0 { 1 } else { 0 };
    let far_km = distance_km(p, points.vector(other));
    let best = (other, far_km);
    let mut hop = Hop { points, tree, kernel, position, best, separation: Separation::of(far_km) };
    hop.visit(tree.root());
    hop.best
}

struct Hop<'a> {
    points: &'a Points<'a>,
    tree: &'a Tree<'a>,
    kernel: Kernel,
    position: usize,
    best: (usize, f64),
    separation: Separation,
}

impl Hop<'_> {
    fn visit(&mut self, node: Node) {
        if node.level == 0 {
            return self.visit_tile(node.index);
        }
        let p = self.points.vector(self.position);
        let least = |node| self.separation.of_city(p, self.tree.bounds(node));
        let mut children: Vec<(f64, Node)> =
            self.tree.children(node).map(|child| (least(child), child)).collect();
        children.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (_, child) in children {
            // The limit may have fallen since, and the sign with it have changed.
            if self.separation.of_city(p, self.tree.bounds(child)) <= self.separation.limit_beyond {
                self.visit(child);
            }
        }
    }

    fn visit_tile(&mut self, tile: usize) {
        let p = self.points.vector(self.position);
        let Separation { sign, limit_beyond, .. } = self.separation;
        let marked = self.kernel.mark_near(p, &self.points.tiles()[tile], sign, limit_beyond);
        for there in lanes(marked).map(|lane| tile * TILE_CITIES + lane) {
            if there == self.position || there >= self.points.len() {
                continue;
            }
            let far_km = distance_km(p, self.points.vector(there));
            if far_km > self.best.1 {
                self.best = (there, far_km);
                self.separation = Separation::of(far_km);
            }
        }
    }
}
