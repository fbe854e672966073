//! SVG → PNG, two pixels for each of the page, so that words are sharp in print.
//!
//! Words are in DejaVu Sans, which is embedded and has the scripts of Europe and the Near East. Only where a picture
//! has words in others are the fonts of the system looked for; what none of them has shows as a box.
//!
//! Architecture Invariant: it draws what is written, and knows no map.

use std::sync::Arc;

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

use super::words::are_in_font;

/// Pixels of one of the page.
const SCALE: f32 = 2.0;

/// The picture as PNG.
///
/// # Errors
/// What the renderer says.
pub fn png(svg: &str) -> Result<Vec<u8>, String> {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(dejavu::sans::regular().to_vec());
    fonts.set_sans_serif_family("DejaVu Sans");
    if !are_in_font(svg) {
        fonts.load_system_fonts();
    }
    let options = Options {
        font_family: "DejaVu Sans".into(),
        fontdb: Arc::new(fonts),
        ..Options::default()
    };
    let tree = Tree::from_str(svg, &options).map_err(|error| error.to_string())?;
    let size = tree.size().to_int_size();
    let [width, height] = [size.width(), size.height()].map(|pixels| pixels * SCALE as u32);
    let mut pixels = Pixmap::new(width, height).ok_or("a picture without pixels")?;
    resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| error.to_string())
}
