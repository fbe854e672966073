//! Cities and the farthest pairs of them → a picture of the Earth, as SVG or PNG.
//!
//! | file | what it has |
//! | --- | --- |
//! | `lattice`, `census` | cities → how many in each bin: all that a picture knows of them |
//! | `scene` | what is to be drawn |
//! | `projection` | places → a plane |
//! | `land` | the land of the Earth, as rings on any map |
//! | `view`, `cut` | a map on the page, and what is cut at its edge |
//! | `page`, `title`, `hemispheres`, `region` | what stands where |
//! | `background`, `density`, `marks`, `names`, `legend` | the parts |
//! | `labels` | where words beside marks are over nothing else |
//! | `words`, `colors`, `paths`, `svg`, `png` | how all is written |
//!
//! Each rank counts its part of the cities, and one makes the picture of the sums. Sines and roots are those of `libm`
//! or correctly rounded, and cities are counted in whole numbers: the bytes do not depend on the machine, on the number
//! of ranks, nor on whether a list is packed. Only words in a script that the embedded font lacks are, in a PNG, as the
//! fonts of the machine have them.
//!
//! SVG is written here: a plotting library would know axes, and no projection, no cut at the antimeridian, and no place
//! for a label; what is left of it is a function for a path and one for a word.
//!
//! Architecture Invariant: it draws what was found, and finds nothing.

mod background;
mod census;
mod colors;
mod cut;
mod density;
mod hemispheres;
mod labels;
mod land;
mod lattice;
mod legend;
mod marks;
mod names;
mod page;
mod paths;
mod png;
mod projection;
mod region;
mod scene;
mod svg;
mod title;
mod view;
pub mod words;

pub use census::{Census, What};
pub use land::around as land_around;
pub use lattice::Lattice;
pub use projection::{Azimuthal, Place, True, WORLD_REACH, antipode, equal_earth};
pub use scene::{Listed, Question, Scene, region_of};

/// A form of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Shapes and words.
    Svg,
    /// Pixels.
    Png,
}

/// Draws a scene.
///
/// # Errors
/// What the renderer of PNG says.
pub fn draw(scene: &Scene<'_>, form: Form) -> Result<Vec<u8>, String> {
    let svg = page::draw(scene);
    match form {
        Form::Svg => Ok(svg.into_bytes()),
        Form::Png => png::png(&svg),
    }
}
