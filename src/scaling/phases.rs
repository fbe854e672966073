//! The panel of a plot that tells where the time goes: of each number of ranks one bar, which is the total
//! of the medians of the phases, each as its share.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::Study;
use super::axis::Axis;
use super::plot::{Area, Drawn, FONT, LABELS_BELOW, LABELS_LEFT, MARGIN, MESH, PANEL_WIDTH, RANKS};
use super::rows::Row;

/// The colours of Okabe and Ito again, for the phases in their order. Reading as a whole, of older reports,
/// has that of parsing.
const COLOURS: [(&str, RGBColor); 7] = [
    ("open", RGBColor(0, 0, 0)),
    ("parse", RGBColor(230, 159, 0)),
    ("order", RGBColor(0, 158, 115)),
    ("share", RGBColor(204, 121, 167)),
    ("read", RGBColor(230, 159, 0)),
    ("search", RGBColor(86, 180, 233)),
    ("reduce", RGBColor(213, 94, 0)),
];

/// Bars are as wide as this share of the way to the nearest other, and never wider than this factor.
const WIDTH_OF_GAP: f64 = 0.7;
const MOST_WIDTH: f64 = 1.4;

fn colour(phase: &str) -> RGBColor {
    COLOURS.iter().find(|(name, _)| *name == phase).map_or(BLACK, |&(_, colour)| colour)
}

/// A square and the name of each phase, side by side.
pub(super) fn draw_legend(study: &Study, area: &Area<'_>, left: i32, y: i32) -> Drawn {
    const CHARACTER: i32 = 8;
    let style = FONT.into_text_style(area).pos(Pos::new(HPos::Left, VPos::Center));
    let mut x = left;
    for (name, _) in study.base().parts_s() {
        area.draw(&Rectangle::new([(x, y - 5), (x + 10, y + 5)], colour(name).filled()))?;
        area.draw(&Text::new(name.to_string(), (x + 14, y), style.clone()))?;
        x += 22 + CHARACTER * name.len() as i32;
    }
    Ok(())
}

pub(super) fn draw(study: &Study, area: &Area<'_>) -> Drawn {
    let ranks: Vec<u64> = study.rows.iter().map(|row| row.ranks).collect();
    let pixels = PANEL_WIDTH - LABELS_LEFT - 2 * MARGIN;
    let mut chart = ChartBuilder::on(area)
        .margin(MARGIN)
        .caption("Where the time goes", ("sans-serif", 20))
        .x_label_area_size(LABELS_BELOW)
        .y_label_area_size(LABELS_LEFT)
        .build_cartesian_2d(Axis::ranks(&ranks, pixels as i32), Axis::linear(&[1.0]))?;
    chart
        .configure_mesh()
        .bold_line_style(MESH)
        .light_line_style(TRANSPARENT)
        .label_style(FONT)
        .axis_desc_style(FONT)
        .x_desc(RANKS)
        .y_desc("share of reading, search and reduction")
        .draw()?;
    let half = half_width(&ranks);
    for row in &study.rows {
        let bars = shares(row).into_iter().map(|(name, [low, high])| {
            let ranks = row.ranks as f64;
            let corners = [(ranks / half, low), (ranks * half, high)];
            Rectangle::new(corners, colour(name).filled())
        });
        chart.draw_series(bars)?;
    }
    Ok(())
}

/// Half of the width of a bar, as a factor, since the axis is logarithmic.
fn half_width(ranks: &[u64]) -> f64 {
    let gaps = ranks.windows(2).map(|pair| pair[1] as f64 / pair[0] as f64);
    gaps.fold(MOST_WIDTH, f64::min).powf(WIDTH_OF_GAP / 2.0)
}

/// Where each phase begins and ends in the bar of its ranks, from 0 to 1.
fn shares(row: &Row) -> Vec<(&'static str, [f64; 2])> {
    let parts = row.parts_s();
    // Phases that a clock of its steps saw none of have no bar.
    let whole = parts.iter().map(|(_, time_s)| time_s).sum::<f64>().max(f64::MIN_POSITIVE);
    let share = |end: &mut f64, (name, time_s): (&'static str, f64)| {
        let begin = *end;
        *end += time_s / whole;
        Some((name, [begin, *end]))
    };
    parts.into_iter().scan(0.0, share).collect()
}
