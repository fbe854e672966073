//! What colours mean, and how long a kilometre is.
//!
//! Architecture Invariant: it reads numbers from a scale, and makes none of its own.

use super::census::What;
use super::colors::{BLACK, GREY, LEVELS};
use super::density::Shade;
use super::scene::Scene;
use super::svg::{Anchor, Face, Point, Rect, Sheet, data};
use super::words::{fitted, width};
use crate::report::Unit;

/// Size of words in legends.
const WORDS: f64 = 15.0;

/// Width and height of a ramp.
const RAMP: [f64; 2] = [264.0, 13.0];

/// Draws the ramp of a list with the numbers at its ends, below what it is about, and returns its right edge.
pub fn draw_ramp(
    sheet: &mut Sheet,
    scene: &Scene<'_>,
    shade: &Shade<'_>,
    about: &str,
    [x, y]: Point,
) -> f64 {
    sheet.open("legend", "");
    let (title, ends) = meaning(scene, shade);
    let title = fitted(&format!("{about}{title}"), WORDS, 520.0);
    sheet.words(&title, [x, y + 12.0], &Face::new(WORDS, BLACK));
    let mut right = x + width(&title, WORDS);
    if let Some([least, greatest]) = ends {
        let [least, greatest] = [least, greatest].map(|text| text + " ");
        let from = x + width(&least, WORDS) + 4.0;
        let base = y + 34.0;
        sheet.words(least.trim(), [x, base], &Face::new(WORDS, BLACK));
        let step = RAMP[0] / LEVELS as f64;
        for level in 0..LEVELS {
            let rect = Rect::new(from + step * level as f64, base - 12.0, step, RAMP[1]);
            sheet.rect(
                &rect,
                &format!("fill=\"{}\" shape-rendering=\"crispEdges\"", shade.ramp().level(level)),
            );
        }
        let end = from + RAMP[0] + 8.0;
        sheet.words(greatest.trim(), [end, base], &Face::new(WORDS, BLACK));
        right = right.max(end + width(&greatest, WORDS));
    } else {
        let dot = shade.color_of_one();
        sheet.circle([x + 5.0, y + 29.0], 4.0, &format!("fill=\"{dot}\""));
    }
    sheet.close();
    right
}

/// What the numbers of a scale are, and those at its ends.
fn meaning(scene: &Scene<'_>, shade: &Shade<'_>) -> (String, Option<[String; 2]>) {
    let [least, greatest] = shade.ends;
    match (shade.what(), shade.are_dots()) {
        (What::Farthest, _) => {
            let shown = |km: f64| scene.length(km * scene.scale());
            ("how far the farthest is".into(), Some([shown(least), shown(greatest)]))
        }
        (What::Cities, true) if shade.are_single() => ("a dot is a city".into(), None),
        (What::Cities, true) => ("cities at a dot".into(), Some(["1".into(), short(greatest)])),
        (What::Cities, false) => {
            // An area in which there is one at least, wherever there are any.
            let of_km2 = 1.0 / (scene.earth_km() * scene.earth_km());
            let mut km2 = 1.0;
            while least * of_km2 * km2 < 1.0 && km2 < 1e8 {
                km2 *= 10.0;
            }
            let ends = [least, greatest].map(|end| short(end * of_km2 * km2));
            (format!("cities in {km2} km²"), Some(ends))
        }
    }
}

/// A number to two digits.
fn short(number: f64) -> String {
    let digits = libm::log10(number.abs().max(1e-9)).floor() as i32 - 1;
    let unit = 10_f64.powi(digits);
    let number = (number / unit).round() * unit;
    let decimals = (-digits).clamp(0, 9) as usize;
    let text = format!("{number:.decimals$}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_string)
}

/// Draws a bar of a round length, about as long as `most` pixels, and returns its right edge.
pub fn draw_bar(
    sheet: &mut Sheet,
    unit: Unit,
    pixels_per_km: f64,
    most: f64,
    [x, y]: Point,
) -> f64 {
    let (length, words) = round_length(most / pixels_per_km, unit);
    let end = x + length * pixels_per_km;
    let line = vec![[x, y + 6.0], [x, y + 13.0], [end, y + 13.0], [end, y + 6.0]];
    sheet.open("bar", "");
    sheet.path(
        &data(&[line], false),
        &format!("fill=\"none\" stroke=\"{BLACK}\" stroke-width=\"1.5\""),
    );
    let middle = 0.5 * (x + end);
    let half = 0.5 * width(&words, WORDS);
    let middle = middle.max(x + half);
    sheet.words(&words, [middle, y + 31.0], &Face::new(WORDS, BLACK).at(Anchor::Middle));
    sheet.close();
    end.max(middle + half)
}

/// The greatest round length up to some kilometres, in kilometres and in words.
pub fn round_length(most_km: f64, unit: Unit) -> (f64, String) {
    let most = most_km / unit.km();
    let power = libm::log10(most).floor() as i32;
    let ten = 10_f64.powi(power);
    let step = [5.0, 2.0, 1.0].into_iter().find(|step| step * ten <= most).unwrap_or(1.0);
    let decimals = (-power).clamp(0, 9) as usize;
    let length = step * ten;
    (length * unit.km(), format!("{length:.decimals$} {}", unit.symbol()))
}

/// The line below all: where the land is from.
pub fn draw_notice(sheet: &mut Sheet, [x, y]: Point, words: &str) {
    sheet.words(words, [x, y], &Face::new(12.0, GREY));
}
