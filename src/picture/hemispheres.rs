//! A pair seen from one of its cities: the hemisphere around it, the other one, and what is around its antipode.
//!
//! Distances from the middle of each disc are true, and so are directions. In the first the first city is in the
//! middle, in the second its antipode, near which the other city is, if the pair is as far as it can be. In the third,
//! where that is near enough, both are to be told apart, with a bar for the length of a kilometre.
//!
//! Architecture Invariant: it draws one pair.

use std::f64::consts::PI;

use super::background;
use super::colors::{BLACK, EDGE, GREY, MESH};
use super::density::Shade;
use super::labels::Room;
use super::legend::{draw_bar, round_length};
use super::marks::Marks;
use super::page::{INNER, MARGIN, draw_cities};
use super::projection::{Azimuthal, Place, True, antipode};
use super::scene::{Scene, name_of, places};
use super::svg::{Anchor, Face, Point, Rect, Sheet, data};
use super::view::View;
use super::words::{fitted, width};
use crate::report::RankedPair;

const RADIUS: f64 = 168.0;
const WORDS: f64 = 15.0;
const COLUMN: f64 = INNER / 3.0;

/// The antipode is shown larger if the other city is not farther from it, as an angle.
const NEAR: f64 = 0.5;

/// What is nearer to an antipode than a metre is there.
const LEAST_APART_KM: f64 = 0.001;

/// A lens of a smaller angle has no land, whose outline is not exact enough.
const LEAST_WITH_LAND: f64 = 0.04;

/// Draws the discs of a pair, and returns where they end.
pub fn draw(
    sheet: &mut Sheet,
    scene: &Scene<'_>,
    (marks, shades): (&Marks<'_>, &[Shade<'_>]),
    pair: &RankedPair,
    top: f64,
) -> f64 {
    let [first, other] = places(pair);
    let behind = antipode(first);
    let names = pair.pair.each_ref().map(name_of);
    let offset_km = scene.offset_km(pair);
    let column = |at: usize| [MARGIN + COLUMN * (at as f64 + 0.5), top + 62.0 + RADIUS];
    let discs = [
        ("Hemisphere around", names[0].clone(), first),
        ("Hemisphere around the antipode of", names[0].clone(), behind),
    ];
    for (at, (above, name, middle)) in discs.into_iter().enumerate() {
        caption(sheet, column(at), above, &name);
        let map = Azimuthal::new(middle, True::Distances);
        let view = View::disc(map, 0.5 * PI, column(at), RADIUS);
        background::draw(sheet, &view);
        draw_cities(sheet, &view, scene, shades);
        background::draw_above(sheet, &view, true);
        let mut room = Room::new(view.frame);
        marks.draw_ways(sheet, &view);
        marks.draw_dots(sheet, &view, &mut room);
        marks.spare_ways(&view, &mut room);
        draw_rings(sheet, scene, &view, &mut room);
        if at == 1 {
            cross(sheet, column(1));
        }
    }
    let apart = scene.length(offset_km);
    let angle = offset_km / scene.earth_km();
    let [x, y] = column(2);
    if offset_km >= LEAST_APART_KM && angle <= NEAR {
        caption(sheet, column(2), &format!("{apart} from the antipode:"), &names[1]);
        draw_lens(sheet, scene, ((behind, other), marks.color()), &names, column(2));
    } else {
        let words = match offset_km < LEAST_APART_KM {
            true => ["Antipodes:".to_string(), "no two places are farther apart.".into()],
            false => {
                [fitted(&names[1], WORDS, COLUMN - 30.0), format!("is {apart} from the antipode.")]
            }
        };
        for (line, words) in words.iter().enumerate() {
            let base = [x, y - 8.0 + 22.0 * line as f64];
            sheet.words(words, base, &Face::new(WORDS, BLACK).at(Anchor::Middle));
        }
    }
    top + 62.0 + 2.0 * RADIUS + 14.0
}

fn caption(sheet: &mut Sheet, [x, y]: Point, above: &str, name: &str) {
    let face = Face::new(WORDS, BLACK).at(Anchor::Middle);
    let top = y - RADIUS - 62.0;
    sheet.words(above, [x, top + 22.0], &Face { color: GREY, ..face });
    sheet.words(&fitted(name, WORDS, COLUMN - 24.0), [x, top + 43.0], &face);
}

/// Circles of equal distance from the middle, each with its length.
fn draw_rings(sheet: &mut Sheet, scene: &Scene<'_>, view: &View, room: &mut Room) {
    let [x, y] = view.frame.middle();
    let quarter_km = 0.5 * PI * scene.earth_km();
    let (step_km, _) = round_length(0.5 * quarter_km, scene.unit);
    sheet.open("rings", "");
    for ring in 1..=9 {
        let km = 0.5 * step_km * f64::from(ring);
        let radius = RADIUS * km / quarter_km;
        if radius >= RADIUS - 1.0 {
            break;
        }
        let dashes = format!(
            "fill=\"none\" stroke=\"{EDGE}\" stroke-width=\"0.8\" stroke-dasharray=\"4 3\""
        );
        sheet.circle([x, y], radius, &dashes);
        let words = format!("{} {}", (km / scene.unit.km()).round(), scene.unit.symbol());
        let (half, face) =
            (0.5 * width(&words, 12.0) + 3.0, Face::new(12.0, BLACK).at(Anchor::Middle).rimmed());
        // Below, or where no way leads.
        for eighths in [2, 6, 1, 3, 5, 7, 0, 4] {
            let (sin, cos) = libm::sincos(f64::from(eighths) * PI / 4.0);
            let [mx, my] = [x + radius * cos, y + radius * sin];
            if room.place_off_lines(Rect::new(mx - half, my - 8.0, 2.0 * half, 15.0)) {
                sheet.words(&words, [mx, my + 4.0], &face);
                break;
            }
        }
    }
    sheet.close();
}

fn cross(sheet: &mut Sheet, [x, y]: Point) {
    let lines = [
        vec![[x - 7.0, y - 7.0], [x + 7.0, y + 7.0]],
        vec![[x - 7.0, y + 7.0], [x + 7.0, y - 7.0]],
    ];
    sheet.path(
        &data(&lines, false),
        &format!("class=\"antipode\" fill=\"none\" stroke=\"{BLACK}\" stroke-width=\"2\""),
    );
}

/// What is around the antipode of the first city, so large that the other one is at half of the radius or farther.
fn draw_lens(
    sheet: &mut Sheet,
    scene: &Scene<'_>,
    ((behind, other), color): ((Place, Place), &str),
    names: &[String; 2],
    middle: Point,
) {
    let map = Azimuthal::new(behind, True::Distances);
    let angle = map.polar(other).0.max(1e-12);
    let rim = 1.8 * angle;
    let view = View::disc(map, rim, middle, RADIUS);
    if rim >= LEAST_WITH_LAND {
        background::draw(sheet, &view);
        background::draw_above(sheet, &view, true);
    } else {
        let outline = data(&[view.outline()], true);
        sheet.path(
            &outline,
            &format!("class=\"outline\" fill=\"#ffffff\" stroke=\"{EDGE}\" stroke-width=\"1\""),
        );
    }
    let Some(at) = view.at(other) else { return };
    let line = data(&[vec![middle, at]], false);
    sheet.path(
        &line,
        &format!("fill=\"none\" stroke=\"{MESH}\" stroke-width=\"1.5\" stroke-dasharray=\"5 4\""),
    );
    cross(sheet, middle);
    sheet.circle(at, 5.5, &format!("fill=\"{color}\" stroke=\"#ffffff\" stroke-width=\"1.5\""));
    let half = 0.5 * COLUMN - 8.0;
    let [x, y] = middle;
    let mut room =
        Room::new(Rect::new(x - half, y - RADIUS + 8.0, 2.0 * half, 2.0 * RADIUS - 16.0));
    room.spare(&[middle, at]);
    room.take(Rect::around(middle, 8.0));
    room.take(Rect::around(at, 7.0));
    let bar = Rect::new(middle[0] - 70.0, middle[1] + RADIUS - 64.0, 140.0, 40.0);
    room.take(bar);
    for (place, words) in [(at, names[1].clone()), (middle, format!("antipode of {}", names[0]))] {
        for most in [220.0, 150.0, 100.0] {
            let words = fitted(&words, WORDS, most);
            if let Some(spot) = room.place(place, [width(&words, WORDS) + 6.0, 20.0]) {
                let [x, _] = spot.rect.middle();
                let face = Face::new(WORDS, BLACK).at(Anchor::Middle).rimmed();
                sheet.words(&words, [x, spot.rect.y + 15.0], &face);
                break;
            }
        }
    }
    let pixels_per_km = view.scale() / scene.earth_km();
    let (km, _) = round_length(100.0 / pixels_per_km, scene.unit);
    let half = 0.5 * km * pixels_per_km;
    draw_bar(sheet, scene.unit, pixels_per_km, 100.0, [middle[0] - half, bar.y]);
}
