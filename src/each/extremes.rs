//! The greatest distance of a city to its farthest one, which is that of the farthest pair; and the least, which is
//! that of the centre: from nowhere else among the cities is the farthest one so near.
//!
//! Architecture Invariant: it compares answers, and measures nothing.

use crate::ranking::FarPair;
use crate::search::Field;
use crate::search::each::Far;

/// Both, of some cities.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Extremes {
    ends: Option<[FarPair; 2]>,
}

impl Extremes {
    /// The pair that is farthest, as `farthest pair` has it: of several those of the lowest rows.
    pub fn greatest(&self) -> Option<FarPair> {
        self.ends.map(|[greatest, _]| greatest)
    }

    /// The centre, and then its farthest city; of several centres the one with the lowest row.
    pub fn centre(&self) -> Option<FarPair> {
        self.ends.map(|[_, centre]| centre)
    }

    /// Takes the answer of the city at a position of a field into account.
    pub fn see(&mut self, field: &Field<'_>, position: usize, answer: &Far) {
        let km = answer.distance_km;
        // Rows are looked up for few.
        if self
            .ends
            .is_some_and(|[greatest, centre]| centre.distance_km < km && km < greatest.distance_km)
        {
            return;
        }
        let positions = [position, answer.position as usize];
        let centre =
            FarPair::new(km, field.rows(positions), positions.map(|position| position as u64));
        let both = field.far_pair(positions, km).zip(centre);
        let both = both.map(|(greatest, centre)| [greatest, centre]);
        *self = self.with(Extremes { ends: both });
    }

    /// Those of both.
    pub fn with(self, other: Extremes) -> Extremes {
        let (Some(mine), Some(theirs)) = (self.ends, other.ends) else {
            return Extremes { ends: self.ends.or(other.ends) };
        };
        let [mine_is_farther, mine_is_nearer] = [
            mine[0].compare(&theirs[0]).is_ge(),
            (mine[1].distance_km, mine[1].rows) <= (theirs[1].distance_km, theirs[1].rows),
        ];
        let greatest = if mine_is_farther { mine[0] } else { theirs[0] };
        let centre = if mine_is_nearer { mine[1] } else { theirs[1] };
        Extremes { ends: Some([greatest, centre]) }
    }

    /// As numbers, for a message; none of no city.
    pub fn to_words(self) -> Vec<u64> {
        self.ends.iter().flatten().flat_map(|pair| pair.to_keys()).collect()
    }

    /// From the numbers of [`Extremes::to_words`].
    pub fn from_words(words: &[u64]) -> Extremes {
        let (keys, _) = words.as_chunks::<5>();
        let ends = <[[u64; 5]; 2]>::try_from(keys).ok();
        Extremes { ends: ends.map(|ends| ends.map(FarPair::from_keys)) }
    }
}
