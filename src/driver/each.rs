//! The loop over one rank's blocks of cities that ask for the farthest one.
//!
//! Architecture Invariant: it does not know how a block is settled, nor what becomes of its answers.

use crate::each::Extremes;
use crate::error::{Error, Result};
use crate::map::is_torn;
use crate::pairs::Share;
use crate::pause::{self, Place};
use crate::search::each::{BLOCK_CITIES, Each, Far};
use crate::search::{Damage, Field};

/// Settles the blocks of a share, gives each with its number to `take`, and tells their extremes. `damaged` makes an
/// error of what is wrong with the cities. Where a file was cut short it ends early: the command has the error.
///
/// # Errors
/// Those of `take` and of [`Each::settle`].
pub fn answer(
    search: &mut Each<'_>,
    field: &Field<'_>,
    share: Share,
    damaged: &dyn Fn(Damage) -> Error,
    take: &mut dyn FnMut(u64, &[Far]) -> Result<()>,
) -> Result<Extremes> {
    let mut extremes = Extremes::default();
    for block in share {
        if is_torn() {
            break;
        }
        let found = search.settle(block).map_err(damaged)?;
        pause::at(Place::Settled);
        // In an atlas the places along the curve are the positions.
        for (position, far) in (block as usize * BLOCK_CITIES..).zip(found) {
            extremes.see(field, position, far);
        }
        take(block, found)?;
    }
    Ok(extremes)
}
