//! An excellent incumbent to begin with, found in a moment.
//!
//! From a city hop to the farthest city from it, from there to the farthest from that, and on
//! while the distance grows; a few hops reach two cities that are each other's farthest. The same
//! from a number of cities spread along the curve gives a pair that most groups cannot match. All
//! ranks that hop begin with the same cities and so find the same pair, without a message.
//!
//! The farthest city from one is found in the tree, nearest corner of the boxes first. It is the start
//! where cities have no antipodes near them; where they have, the join finds a better one sooner.
//!
//! Architecture Invariant: what is found here only makes the search shorter.

use super::finalists::Finalists;
use crate::bound::Separation;
use crate::kernel::{Kernel, lanes};
use crate::points::Points;
use crate::sphere::{UnitVector, distance_km};
use crate::tiles::{Node, Tree};

/// Cities to hop from. From 16 the tree had as many pairs left to look at on the sets of benches/hard_sets.py,
/// within a hundredth, but for a hundred places, where it had a tenth less; and the hops took up to two fifths
/// of the search, in a cap of 3000 km.
const STARTS: usize = 4;

/// Offers the farthest pair of all hops, of two cities or more, and where many are wanted the pairs around it.
pub(super) fn hop(finalists: &mut Finalists<'_>, kernel: Kernel) -> Result<(), String> {
    let points = finalists.points();
    let cities = points.len();
    let tree = points.tree();
    let starts = STARTS.min(cities);
    for start in 0..starts {
        let mut here = tree.position(start * (cities / starts));
        let mut reached_km = -1.0;
        loop {
            let (there, far_km) = farthest_from(points, &tree, kernel, here);
            finalists.consider(here, there)?;
            // No distance at all, as in a damaged file, is no growth either.
            let has_grown = far_km > reached_km;
            if !has_grown {
                break;
            }
            (here, reached_km) = (there, far_km);
        }
    }
    offer_around(finalists, &tree)
}

/// Offers the pairs of cities around those of the farthest pair, twice as many as are wanted.
fn offer_around(finalists: &mut Finalists<'_>, tree: &Tree<'_>) -> Result<(), String> {
    let (most, cities) = (finalists.ranking().most(), finalists.points().len());
    let Some(best) = finalists.ranking().best().filter(|_| most > 1) else { return Ok(()) };
    let width = ((2 * most).isqrt() + 1).min(cities);
    let [first, second] = best.positions.map(|position| {
        let place = (0..cities).find(|&place| tree.position(place) as u64 == position);
        let begin = place.unwrap_or(0).saturating_sub(width / 2).min(cities - width);
        begin..begin + width
    });
    for i in first {
        for j in second.clone() {
            finalists.consider(tree.position(i), tree.position(j))?;
        }
    }
    Ok(())
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
    let separation = hop_beyond(far_km);
    let mut hop = Hop { points, tree, kernel, p, position, best, separation };
    hop.visit(tree.root());
    hop.best
}

/// The limits of cities worth a hop: farther by a micrometre, so that among many that are equally far
/// quick vectors, which cannot tell them apart, need not be looked at one by one.
fn hop_beyond(far_km: f64) -> Separation {
    Separation::of(far_km + 1e-9)
}

struct Hop<'a> {
    points: &'a Points<'a>,
    tree: &'a Tree<'a>,
    kernel: Kernel,
    p: UnitVector,
    position: usize,
    best: (usize, f64),
    /// The limits of a city that is farther than the best.
    separation: Separation,
}

impl Hop<'_> {
    fn visit(&mut self, node: Node) {
        // Copies of a city are as far as it is.
        if self.tree.bounds(node).is_one_place() {
            let places = self.tree.places(node);
            let other = places.map(|place| self.tree.position(place)).find(|&p| p != self.position);
            return other.into_iter().for_each(|other| self.look_at(other));
        }
        if node.level == 0 {
            return self.visit_tile(node);
        }
        let p = self.p;
        let least = |node| self.separation.of_city(p, self.tree.corners(node));
        let mut children: Vec<(f64, Node)> =
            self.tree.children(node).map(|child| (least(child), child)).collect();
        children.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (_, child) in children {
            // The limit may have fallen since, and the sign with it have changed.
            if self.separation.of_city(p, self.tree.corners(child)) <= self.separation.limit {
                self.visit(child);
            }
        }
    }

    fn visit_tile(&mut self, node: Node) {
        let Separation { sign, limit, .. } = self.separation;
        let places = self.tree.places(node);
        let tile = super::quick_tile(self.points, self.tree, self.kernel, node);
        let marked = self.kernel.mark_near(self.p, &tile, sign, limit);
        for lane in lanes(marked).filter(|&lane| lane < places.len()) {
            let there = self.tree.position(places.start + lane);
            if there != self.position {
                self.look_at(there);
            }
        }
    }

    fn look_at(&mut self, there: usize) {
        let far_km = distance_km(self.p, self.points.vector(there));
        if far_km > self.best.1 {
            self.best = (there, far_km);
            self.separation = hop_beyond(far_km);
        }
    }
}
