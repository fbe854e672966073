//! The finalists: pairs that a filter let through, decided by the one distance function.
//!
//! Three questions, each dearer than the one before. Can a pair be farther at all, or are its rows lower?
//! At an exactly antipodal incumbent that is all: a million exact ties are a million comparisons of
//! rows. Is it far enough by its shortfall, which costs a tenth of the distance and is nearly as sharp? Of
//! pairs that tie with the incumbent only those with lower rows go further, so that a million ties are not
//! a million arc sines. And at last the distance; where that is dear, as on an ellipsoid, a bound of this very
//! pair is asked before it. Exact vectors are computed for it, and kept for the next pair, which often has one of
//! the two cities.
//!
//! # Vectors
//!
//! Points have geodetic vectors, and so have places, regions and boxes. What a filter sees of them is told by
//! [`Finalists::converts`]: those of the metric for near pairs on an ellipsoid, else geodetic ones. All vectors and
//! boxes of one comparison must be of one kind. Once those of the metric were taken they stay right, for the limits
//! that come later hold for them too.
//!
//! Architecture Invariant: whatever a filter lets through is offered to the ranking through here.

use super::reach::FARTHEST;
use super::vectors::ExactVectors;
use super::{Counted, Damage, Field, Wanted};
use crate::bound::{Reach, Shortfall};
use crate::metric::Metric;
use crate::pairs::Pairing;
use crate::quick::QUICK_ERROR;
use crate::ranking::{FarPair, Ranking};
use crate::sphere::UnitVector;
use crate::tiles::{Node, Tile, Tree};

/// The ranking of one rank, with the limits of its threshold at hand.
pub(super) struct Finalists<'a> {
    field: Field<'a>,
    metric: Metric,
    ranking: Ranking,
    is_distinct: bool,
    counted: Counted<'a>,
    exact: Shortfall,
    quick: Shortfall,
    /// Of two lists those of each.
    vectors: [ExactVectors; 2],
}

impl<'a> Finalists<'a> {
    /// No finalist yet.
    pub(super) fn new(field: Field<'a>, wanted: Wanted) -> Finalists<'a> {
        let Wanted { pairs, is_distinct, metric } = wanted;
        let exact = metric.shortfall(0.0);
        let quick = metric.quick(&exact);
        let vectors = [(); 2].map(|()| ExactVectors::new(metric));
        let ranking = Ranking::new(pairs);
        let counted = Counted::new(field, wanted);
        Finalists { field, metric, ranking, is_distinct, counted, exact, quick, vectors }
    }

    /// What the pairs are of.
    pub(super) fn field(&self) -> Field<'a> {
        self.field
    }

    /// What a distance is.
    pub(super) fn metric(&self) -> &Metric {
        &self.metric
    }

    /// The farthest pairs so far.
    pub(super) fn ranking(&self) -> &Ranking {
        &self.ranking
    }

    /// The pair that another one must be farther than; `None` as long as any will do.
    pub(super) fn threshold(&self) -> Option<FarPair> {
        self.ranking.threshold()
    }

    /// Its distance in kilometres, 0 where there is none.
    pub(super) fn distance_km(&self) -> f64 {
        self.threshold().map_or(0.0, |threshold| threshold.distance_km)
    }

    /// Whether of cities at one place the one with the lowest row stands for all: no pair of the others can be one
    /// of those that are wanted.
    pub(super) fn take_one_of_copies(&self) -> bool {
        self.is_distinct || self.ranking.most() == 1
    }

    /// Whether the city at a position of the points that stand first in pairs (0), or second (1), counts.
    pub(super) fn counts(&mut self, of: usize, position: usize) -> bool {
        self.counted.has(of, position)
    }

    /// The distance of the threshold as limits of the shortfall.
    pub(super) fn exact(&self) -> Shortfall {
        self.exact
    }

    /// The same for what a filter sees: quick vectors, geodetic or of the metric ([`Finalists::converts`]).
    pub(super) fn quick(&self) -> Shortfall {
        self.quick
    }

    /// Whether the threshold is so nearly antipodal that the join could work with it.
    pub(super) fn are_near_antipodes(&self) -> bool {
        self.exact.sign > 0.0 && self.reach(1.0) <= FARTHEST
    }

    /// The greatest |p + q| of geodetic vectors of a pair that could win, of which one city is no farther than so from
    /// the axis of the Earth; where the threshold is far.
    pub(super) fn reach(&self, from_axis: f64) -> f64 {
        self.metric.reach(self.distance_km(), from_axis)
    }

    /// Whether a filter has to look at vectors of the metric, and not at geodetic ones as they are.
    pub(super) fn converts(&self) -> bool {
        !self.metric.filters_geodetic(&self.exact)
    }

    /// The box of a node as a filter sees it.
    pub(super) fn filter_box(&self, corners: [UnitVector; 2], converts: bool) -> [UnitVector; 2] {
        if converts { self.metric.box_of_geodetic(corners) } else { corners }
    }

    /// The exact vector at a position as a filter sees it.
    pub(super) fn filter_vector(&mut self, of: usize, position: usize) -> UnitVector {
        if self.converts() || matches!(self.metric, Metric::Sphere) {
            return self.vector(of, position);
        }
        self.field.points()[of].vector(position)
    }

    /// A tile of geodetic vectors as a filter sees it.
    pub(super) fn filter_tile(&self, tile: Tile) -> Tile {
        if self.converts() { super::tile_of_metric(&self.metric, tile) } else { tile }
    }

    /// The greatest shortfall of exact vectors, or of quick ones, at which a pair whose rows are no lower
    /// than these two could win.
    pub(super) fn limit(&self, rows: [u64; 2], are_exact: bool) -> f64 {
        let Shortfall { limit, limit_beyond, .. } = if are_exact { self.exact } else { self.quick };
        if self.are_lower(rows) { limit } else { limit_beyond }
    }

    /// Whether two rows are lower than those of the threshold.
    fn are_lower(&self, rows: [u64; 2]) -> bool {
        let rows = self.field.in_order(rows);
        self.threshold().is_none_or(|threshold| rows < threshold.rows)
    }

    /// Whether pairs whose shortfall means that, with rows no lower than these two, could win.
    fn can_win(&self, means: Reach, rows: [u64; 2]) -> bool {
        match means {
            Reach::Short => false,
            Reach::Beyond => true,
            Reach::Equal => self.are_lower(rows),
        }
    }

    /// Whether a pair of a city of one node and a city of another could win. Where the cities of each are at
    /// one place, their distance is known, and a tie is seen as one wherever it lies.
    pub(super) fn boxes_can_win(&mut self, trees: &[Tree<'_>; 2], nodes: [Node; 2]) -> bool {
        let lowest_rows = lowest_rows(trees, nodes);
        let converts = self.converts();
        let [a, b] = [0, 1].map(|of| self.filter_box(trees[of].corners(nodes[of]), converts));
        let means = self.quick.reach(self.quick.of_boxes(a, b));
        let can_win = self.can_win(means, lowest_rows);
        if !(can_win
            && trees.iter().zip(nodes).all(|(tree, node)| tree.bounds(node).is_one_place()))
        {
            return can_win;
        }
        let [p, q] = [0, 1].map(|of| {
            let first = trees[of].places(nodes[of]).start;
            self.vector(of, trees[of].position(first))
        });
        let distance_km = self.metric.distance_km(p, q);
        distance_km > self.distance_km()
            || distance_km == self.distance_km() && self.are_lower(lowest_rows)
    }

    /// Decides the pair of two positions that are cities, unless its quick vectors rule it out: for pairs that were
    /// found by their places alone.
    pub(super) fn consider_at_places(&mut self, [i, j]: [usize; 2]) -> Result<(), Damage> {
        let Shortfall { mut limit, limit_beyond, .. } = self.quick;
        // Where ties alone are left, rows tell more than vectors, and are nearer at hand.
        if limit_beyond == f64::NEG_INFINITY {
            limit = self.limit(self.field.rows([i, j]), false);
        }
        if limit == f64::NEG_INFINITY {
            return Ok(());
        }
        let [a, b] = self.field.points();
        let (p, q) = (a.sites().quick_vector(i), b.sites().quick_vector(j));
        match self.quick.of_cities(p, q) > limit || self.are_too_near([p, q], false) {
            true => Ok(()),
            false => self.consider(i, j),
        }
    }

    /// Whether the bound for one pair rules out two quick vectors that a filter saw; `converts` says of which kind they
    /// are ([`Finalists::converts`]). On an ellipsoid that spares most pairs their exact vectors; on the sphere a
    /// filter is as sharp.
    #[inline]
    pub(super) fn are_too_near(&self, vectors: [UnitVector; 2], converts: bool) -> bool {
        let of_metric = |v| if converts { v } else { self.metric.of_geodetic(v) };
        let [p, q] = vectors.map(of_metric);
        // Each is off by 2ε at most (`metric`), and no way is longer than by what its ends have moved.
        let moved_km = 5.0 * QUICK_ERROR * self.metric.radius_km();
        let least_km = self.distance_km();
        let most_km = self.metric.most_km(p, q, least_km - 2.0 * moved_km);
        most_km.is_some_and(|most_km| most_km + moved_km < least_km)
    }

    /// Decides the pair of two positions; those that are no pair of cities are passed over.
    pub(super) fn consider(&mut self, i: usize, j: usize) -> Result<(), Damage> {
        let (field, positions) = (self.field, [i, j]);
        if field.pair_of(positions).is_none() {
            return Ok(());
        }
        let rows = field.rows(positions);
        let limit = self.limit(rows, true);
        if limit == f64::NEG_INFINITY {
            return Ok(());
        }
        if !self.counted.has_both(positions) {
            return Ok(());
        }
        let [p, q] = [0, 1].map(|of| self.vector(of, positions[of]));
        // Written so that what is no number goes on, to be called damaged.
        if self.exact.of_cities(p, q) > limit {
            return Ok(());
        }
        if let Some(most_km) = self.metric.most_km(p, q, self.distance_km())
            && self.is_out_of_reach(most_km, rows)
        {
            return Ok(());
        }
        let distance_km = self.metric.distance_km(p, q);
        if super::offer(&field, &mut self.ranking, positions, distance_km)? {
            self.exact = self.metric.shortfall(self.distance_km());
            self.quick = self.metric.quick(&self.exact);
        }
        Ok(())
    }

    /// Whether a pair of these rows that is no farther apart than so cannot win; of what is no number that is not
    /// said.
    fn is_out_of_reach(&self, most_km: f64, rows: [u64; 2]) -> bool {
        let least_km = self.distance_km();
        most_km < least_km || most_km == least_km && !self.are_lower(rows)
    }

    /// The exact vector of the metric at a position of the points that stand first in pairs (0), or second (1).
    pub(super) fn vector(&mut self, of: usize, position: usize) -> UnitVector {
        let of = if self.field.pairing() == Pairing::Within { 0 } else { of };
        self.vectors[of].get(self.field.points()[of], position)
    }
}

/// The lowest row of each of two nodes, one of each tree.
pub(super) fn lowest_rows(trees: &[Tree<'_>; 2], nodes: [Node; 2]) -> [u64; 2] {
    [0, 1].map(|of| trees[of].bounds(nodes[of]).lowest_row())
}
