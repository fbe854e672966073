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
use crate::metric::Metric;
use crate::pairs::Pairing;
use crate::points::Points;
use crate::sphere::UnitVector;
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
            let of_hop = HopFrom { field, metric: *finalists.metric(), kernel, of, position };
            let (there, far_km) = of_hop.farthest(&trees);
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

/// The city at `position` of the first list (0) or the second (1), from where to hop.
struct HopFrom<'a> {
    field: Field<'a>,
    metric: Metric,
    kernel: Kernel,
    of: usize,
    position: usize,
}

impl HopFrom<'_> {
    /// The farthest city from it: one of the other list, or another one of the same; and its distance in kilometres.
    fn farthest(&self, trees: &[Tree<'_>; 2]) -> (usize, f64) {
        let HopFrom { field, metric, kernel, of, position } = *self;
        let (points, tree) = (field.points()[1 - of], &trees[1 - of]);
        let p = metric.of_geodetic(field.points()[of].vector(position));
        let itself = (field.pairing() == Pairing::Within).then_some(position);
        // Any other city will do to begin with, even one at the same place.
        let other = if itself == Some(0) { 1 } else { 0 };
        let far_km = metric.distance_km(p, metric.of_geodetic(points.vector(other)));
        let best = (other, far_km);
        let shortfall = hop_beyond(&metric, far_km);
        let mut hop = Hop { points, tree, kernel, metric, p, itself, best, shortfall };
        hop.visit(tree.root());
        hop.best
    }
}

/// The limits of cities worth a hop: farther by a micrometre, so that among many that are equally far
/// quick vectors, which cannot tell them apart, need not be looked at one by one. On the sphere exact limits do,
/// for a hop may miss a city by less than that; on ellipsoids they are blunt, and those of quick vectors cost little.
fn hop_beyond(metric: &Metric, far_km: f64) -> Shortfall {
    let exact = metric.shortfall(far_km + HOP_KM);
    if matches!(metric, Metric::Sphere) { exact } else { metric.quick(&exact) }
}

/// What a hop must gain.
const HOP_KM: f64 = 1e-9;

struct Hop<'a> {
    points: &'a Points<'a>,
    tree: &'a Tree<'a>,
    kernel: Kernel,
    metric: Metric,
    /// Of the metric, as all vectors here are.
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
        let to = |node| self.metric.box_of_geodetic(self.tree.corners(node));
        let least = |node| self.shortfall.of_city(p, to(node));
        let mut children: Vec<(f64, Node)> =
            self.tree.children(node).map(|child| (least(child), child)).collect();
        children.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (_, child) in children {
            // The limit may have fallen since, and the sign with it have changed.
            let corners = self.metric.box_of_geodetic(self.tree.corners(child));
            if self.shortfall.of_city(p, corners) <= self.shortfall.limit {
                self.visit(child);
            }
        }
    }

    fn visit_tile(&mut self, node: Node) {
        let (measure, limit) = (self.shortfall.measure(), self.shortfall.limit);
        let places = self.tree.places(node);
        let tile = super::quick_tile(self.points, self.tree, self.kernel, node);
        let tile = super::tile_of_metric(&self.metric, tile);
        let marked = self.kernel.mark_far(self.p, &tile, measure, limit);
        for lane in lanes(marked).filter(|&lane| lane < places.len()) {
            let there = self.tree.position(places.start + lane);
            if Some(there) != self.itself {
                self.look_at(there);
            }
        }
    }

    fn look_at(&mut self, there: usize) {
        let q = self.metric.of_geodetic(self.points.vector(there));
        let (_, best_km) = self.best;
        if self.metric.most_km(self.p, q, best_km).is_some_and(|most_km| most_km <= best_km) {
            return;
        }
        let far_km = self.metric.distance_km(self.p, q);
        if far_km > best_km {
            self.best = (there, far_km);
            self.shortfall = hop_beyond(&self.metric, far_km);
        }
    }
}
