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
use super::{Damage, Field};
use crate::bound::Shortfall;
use crate::kernel::{Kernel, lanes};
use crate::pairs::Pairing;
use crate::points::Points;
use crate::sphere::{UnitVector, distance_km};
use crate::tiles::{Node, Tree};

/// Cities to hop from. From 16 the tree had as many pairs left to look at on the sets of benches/hard_sets.py,
/// within a hundredth, but for a hundred places, where it had a tenth less; and the hops took up to two fifths
/// of the search, in a cap of 3000 km.
const STARTS: usize = 4;

/// Offers the farthest pair of all hops, where there is a pair, and where many are wanted the pairs around it.
pub(super) fn hop(finalists: &mut Finalists<'_>, kernel: Kernel) -> Result<(), Damage> {
    let field = finalists.field();
    let trees = field.points().map(|points| points.tree());
    let cities = field.points()[0].len();
    let starts = STARTS.min(cities);
    for start in 0..starts {
        // A city of one list, then one of the other, if there are two.
        let mut here = (0, trees[0].position(start * (cities / starts)));
        let mut reached_km = -1.0;
        loop {
            let (of, position) = here;
            let (there, far_km) = farthest_from(&field, &trees, kernel, of, position);
            let [i, j] = if of == 0 { [position, there] } else { [there, position] };
            finalists.consider(i, j)?;
            // No distance at all, as in a damaged file, is no growth either.
            let has_grown = far_km > reached_km;
            if !has_grown {
                break;
            }
            (here, reached_km) = ((1 - of, there), far_km);
        }
    }
    offer_around(finalists, &trees)
}

/// Offers the pairs of cities around those of the farthest pair, twice as many as are wanted.
fn offer_around(finalists: &mut Finalists<'_>, trees: &[Tree<'_>; 2]) -> Result<(), Damage> {
    let most = finalists.ranking().most();
    let Some(best) = finalists.ranking().best().filter(|_| most > 1) else { return Ok(()) };
    let mut around = |of: usize, width: usize| -> Vec<usize> {
        let cities = finalists.field().points()[of].len();
        let width = width.min(cities);
        let place =
            (0..cities).find(|&place| trees[of].position(place) as u64 == best.positions[of]);
        let begin = place.unwrap_or(0).saturating_sub(width / 2).min(cities - width);
        let positions = (begin..cities).map(|place| trees[of].position(place));
        positions.filter(|&position| finalists.counts(of, position)).take(width).collect()
    };
    let first = around(0, (2 * most).isqrt() + 1);
    let second = around(1, 2 * most / first.len().max(1) + 1);
    for i in first {
        for &j in &second {
            finalists.consider(i, j)?;
        }
    }
    Ok(())
}

/// The farthest city from the one at `position` of the first list (0) or the second (1): one of the other list, or
/// another one of the same; and its distance in kilometres.
fn farthest_from(
    field: &Field<'_>,
    trees: &[Tree<'_>; 2],
    kernel: Kernel,
    of: usize,
    position: usize,
) -> (usize, f64) {
    let (points, tree) = (field.points()[1 - of], &trees[1 - of]);
    let p = field.points()[of].vector(position);
    let itself = (field.pairing() == Pairing::Within).then_some(position);
    // Any other city will do to begin with, even one at the same place.
    let other = if itself == Some(0) { 1 } else { 0 };
    let far_km = distance_km(p, points.vector(other));
    let best = (other, far_km);
    let shortfall = hop_beyond(far_km);
    let mut hop = Hop { points, tree, kernel, p, itself, best, shortfall };
    hop.visit(tree.root());
    hop.best
}

/// The limits of cities worth a hop: farther by a micrometre, so that among many that are equally far
/// quick vectors, which cannot tell them apart, need not be looked at one by one.
fn hop_beyond(far_km: f64) -> Shortfall {
    Shortfall::of(far_km + 1e-9)
}

struct Hop<'a> {
    points: &'a Points<'a>,
    tree: &'a Tree<'a>,
    kernel: Kernel,
    p: UnitVector,
    /// The position of the city that the hop begins at, if it is one of these.
    itself: Option<usize>,
    best: (usize, f64),
    /// The limits of a city that is farther than the best.
    shortfall: Shortfall,
}

impl Hop<'_> {
    fn visit(&mut self, node: Node) {
        // Copies of a city are as far as it is.
        if self.tree.bounds(node).is_one_place() {
            let places = self.tree.places(node);
            let other =
                places.map(|place| self.tree.position(place)).find(|&p| Some(p) != self.itself);
            return other.into_iter().for_each(|other| self.look_at(other));
        }
        if node.level == 0 {
            return self.visit_tile(node);
        }
        let p = self.p;
        let least = |node| self.shortfall.of_city(p, self.tree.corners(node));
        let mut children: Vec<(f64, Node)> =
            self.tree.children(node).map(|child| (least(child), child)).collect();
        children.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (_, child) in children {
            // The limit may have fallen since, and the sign with it have changed.
            if self.shortfall.of_city(p, self.tree.corners(child)) <= self.shortfall.limit {
                self.visit(child);
            }
        }
    }

    fn visit_tile(&mut self, node: Node) {
        let (measure, limit) = (self.shortfall.measure(), self.shortfall.limit);
        let places = self.tree.places(node);
        let tile = super::quick_tile(self.points, self.tree, self.kernel, node);
        let marked = self.kernel.mark_far(self.p, &tile, measure, limit);
        for lane in lanes(marked).filter(|&lane| lane < places.len()) {
            let there = self.tree.position(places.start + lane);
            if Some(there) != self.itself {
                self.look_at(there);
            }
        }
    }

    fn look_at(&mut self, there: usize) {
        let far_km = distance_km(self.p, self.points.vector(there));
        if far_km > self.best.1 {
            self.best = (there, far_km);
            self.shortfall = hop_beyond(far_km);
        }
    }
}
