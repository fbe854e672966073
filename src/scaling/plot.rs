//! A study as a picture: time, speedup and efficiency of the search over the ranks, with every sample, and
//! where the time of the whole goes.
//!
//! The colours are those of Okabe and Ito (Color Universal Design, 2008), which people with any
//! colour vision tell apart; shapes differ too (dots, line with bars, dashes), so that print in grey
//! shows the same. Ranks are logarithmic in every panel, as they double from run to run; so are times and speedups,
//! where perfect scaling is then a straight line. An axis that is logarithmic says so.

use std::io;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::report::printable;

use super::axis::Axis;
use super::rows::Row;
use super::runs::{Kind, Scale};
use super::table::facts;
use super::{Study, phases};

const BLUE: RGBColor = RGBColor(0, 114, 178);
const VERMILLION: RGBColor = RGBColor(213, 94, 0);
const GREY: RGBColor = RGBColor(90, 90, 90);
pub(super) const MESH: RGBColor = RGBColor(225, 225, 225);

pub(super) const PANEL_WIDTH: u32 = 420;
const PANEL_HEIGHT: u32 = 400;
const WIDTH: u32 = (PANELS.len() as u32 + 1) * PANEL_WIDTH;
const LEGEND_HEIGHT: u32 = 44;
pub(super) const LABELS_LEFT: u32 = 62;
pub(super) const LABELS_BELOW: u32 = 48;
pub(super) const MARGIN: u32 = 14;
const LINE_HEIGHT: u32 = 18;
/// Sizes are those of the plotting library: 1.24 times the font's own.
pub(super) const FONT: (&str, i32) = ("sans-serif", 16);
/// As many characters of that font as surely fit into a line of the caption.
const CAPTION_CHARACTERS: usize = 200;

/// What the axis below every panel says.
pub(super) const RANKS: &str = "ranks (logarithmic)";
const SAMPLE_RADIUS: i32 = 3;

pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<Axis, Axis>>;

/// What a panel shows of a row at some time: the time of a sample, or of an end of an interval.
struct Panel {
    title: &'static str,
    unit: &'static str,
    has_log_values: bool,
    value: fn(&Row, f64) -> f64,
    /// The value of perfect scaling at so many times the ranks of the base.
    ideal: fn(&Study, f64) -> f64,
}

const PANELS: [Panel; 3] = [
    Panel {
        title: "Time of the search",
        unit: "seconds (logarithmic)",
        has_log_values: true,
        value: |_, time_s| time_s,
        ideal: |study, more_ranks| {
            let base_s = study.base().median_s();
            match (study.kind, study.scale) {
                (Kind::Strong, _) => base_s / more_ranks,
                (Kind::Weak, Some(Scale::Memory)) => base_s * more_ranks,
                (Kind::Weak, _) => base_s,
            }
        },
    },
    Panel {
        title: "Speedup",
        unit: "times the base (logarithmic)",
        has_log_values: true,
        value: |row, time_s| row.speedup * row.median_s() / time_s,
        ideal: |_, more_ranks| more_ranks,
    },
    Panel {
        title: "Efficiency",
        unit: "share of the ideal",
        has_log_values: false,
        value: |row, time_s| row.efficiency * row.median_s() / time_s,
        ideal: |_, _| 1.0,
    },
];

/// The picture as SVG.
///
/// # Errors
/// What the plotting library says.
pub fn svg(study: &Study) -> io::Result<String> {
    let caption = caption(study);
    let height = LEGEND_HEIGHT + PANEL_HEIGHT + LINE_HEIGHT * (caption.len() as u32 + 1);
    let mut text = String::new();
    {
        let root = SVGBackend::with_string(&mut text, (WIDTH, height)).into_drawing_area();
        draw(study, &caption, &root).map_err(|error| io::Error::other(error.to_string()))?;
    }
    Ok(text)
}

pub(super) type Drawn = Result<(), DrawingAreaErrorKind<io::Error>>;

fn draw(study: &Study, caption: &[String], root: &Area<'_>) -> Drawn {
    root.fill(&WHITE)?;
    let (legend, below) = root.split_vertically(LEGEND_HEIGHT);
    let (panels, text) = below.split_vertically(PANEL_HEIGHT);
    draw_legend(study, &legend)?;
    let areas = panels.split_evenly((1, PANELS.len() + 1));
    for (panel, area) in PANELS.iter().zip(&areas) {
        draw_panel(study, panel, area)?;
    }
    phases::draw(study, &areas[PANELS.len()])?;
    for (line, row) in caption.iter().zip(0..) {
        let place = (LABELS_LEFT as i32, row * LINE_HEIGHT as i32 + 8);
        text.draw(&Text::new(line.clone(), place, FONT.into_font()))?;
    }
    root.present()
}

fn draw_legend(study: &Study, area: &Area<'_>) -> Drawn {
    let style = FONT.into_text_style(area).pos(Pos::new(HPos::Left, VPos::Center));
    let y = LEGEND_HEIGHT as i32 / 2;
    let word = |text: &str, x: i32| Text::new(text.to_string(), (x, y), style.clone());
    area.draw(&Circle::new((65, y), SAMPLE_RADIUS, sample_style()))?;
    area.draw(&word("each run", 78))?;
    let dashes = DashedLineSeries::new([(190, y), (230, y)], 6, 4, ideal_style());
    dashes.into_iter().try_for_each(|dash| area.draw(&dash))?;
    area.draw(&word("perfect scaling", 240))?;
    area.draw(&PathElement::new([(390, y), (430, y)], median_style()))?;
    area.draw(&PathElement::new([(410, y - 7), (410, y + 7)], median_style()))?;
    area.draw(&word(interval_name(study), 440))?;
    phases::draw_legend(study, area, (PANELS.len() as u32 * PANEL_WIDTH) as i32, y)
}

fn interval_name(study: &Study) -> &'static str {
    match study.rows.iter().all(|row| row.interval_s.is_confident()) {
        true => "median with its 95 % interval",
        false => "median with its 95 % interval (least to greatest below 6 runs)",
    }
}

fn median_style() -> ShapeStyle {
    VERMILLION.stroke_width(2)
}

fn sample_style() -> ShapeStyle {
    BLUE.mix(0.7).filled()
}

fn ideal_style() -> ShapeStyle {
    GREY.stroke_width(1)
}

fn draw_panel(study: &Study, panel: &Panel, area: &Area<'_>) -> Drawn {
    let (x, y) = axes(study, panel);
    let mut chart = ChartBuilder::on(area)
        .margin(MARGIN)
        .caption(panel.title, ("sans-serif", 20))
        .x_label_area_size(LABELS_BELOW)
        .y_label_area_size(LABELS_LEFT)
        .build_cartesian_2d(x, y)?;
    chart
        .configure_mesh()
        .bold_line_style(MESH)
        .light_line_style(TRANSPARENT)
        .label_style(FONT)
        .axis_desc_style(FONT)
        .x_desc(RANKS)
        .y_desc(panel.unit)
        .draw()?;
    draw_ideal(study, panel, &mut chart)?;
    draw_rows(study, panel, &mut chart)
}

fn axes(study: &Study, panel: &Panel) -> (Axis, Axis) {
    let ranks: Vec<u64> = study.rows.iter().map(|row| row.ranks).collect();
    let pixels = PANEL_WIDTH - LABELS_LEFT - 2 * MARGIN;
    let samples = study.rows.iter().flat_map(|row| {
        row.times_s.samples().iter().map(move |&time_s| (panel.value)(row, time_s))
    });
    let ideals = study.rows.iter().map(|row| (panel.ideal)(study, more_ranks(study, row)));
    let values: Vec<f64> = samples.chain(ideals).collect();
    let y = if panel.has_log_values { Axis::log(&values) } else { Axis::linear(&values) };
    (Axis::ranks(&ranks, pixels as i32), y)
}

fn more_ranks(study: &Study, row: &Row) -> f64 {
    row.ranks as f64 / study.base().ranks as f64
}

fn draw_ideal(study: &Study, panel: &Panel, chart: &mut Chart<'_, '_>) -> Drawn {
    // Straight on these axes; a single number of ranks has no line.
    let [first, last] = [study.base(), &study.rows[study.rows.len() - 1]].map(|row| {
        let ideal = (panel.ideal)(study, more_ranks(study, row));
        (row.ranks as f64, ideal)
    });
    if study.rows.len() > 1 {
        chart.draw_series(DashedLineSeries::new([first, last], 6, 4, ideal_style()))?;
    }
    Ok(())
}

fn draw_rows(study: &Study, panel: &Panel, chart: &mut Chart<'_, '_>) -> Drawn {
    let place = |row: &Row, time_s: f64| (row.ranks as f64, (panel.value)(row, time_s));
    let rows = &study.rows;
    let medians = rows.iter().map(|row| place(row, row.median_s()));
    chart.draw_series(LineSeries::new(medians, median_style()))?;
    for row in rows {
        let ends = [row.interval_s.low, row.interval_s.high].map(|time_s| place(row, time_s));
        chart.draw_series([PathElement::new(ends, median_style())])?;
        chart.draw_series(ends.map(|end| {
            EmptyElement::at(end) + PathElement::new([(-5, 0), (5, 0)], median_style())
        }))?;
        let samples = row.times_s.samples().iter();
        chart.draw_series(
            samples.map(|&time_s| Circle::new(place(row, time_s), SAMPLE_RADIUS, sample_style())),
        )?;
    }
    Ok(())
}

/// The facts of the study and the command of its first run, in lines that fit.
fn caption(study: &Study) -> Vec<String> {
    let mut parts: Vec<String> =
        facts(study).into_iter().map(|(key, value)| format!("{key}: {value}")).collect();
    let command = study.counted().next().map_or(&[][..], |(run, _)| &run.line.command);
    let words: Vec<String> = command.iter().map(|word| quoted(&printable(word))).collect();
    parts.push(format!("command of the first run: {}", words.join(" ")));
    let lines: Vec<String> =
        parts.iter().flat_map(|part| packed(part.split(' ').map(str::to_string), " ")).collect();
    packed(lines.into_iter(), " | ")
}

/// A word as a shell reads it again.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./:=,+@%".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_string();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// Pieces, joined to as few lines as fit the caption; a piece that is too long for one is cut.
fn packed(pieces: impl Iterator<Item = String>, between: &str) -> Vec<String> {
    let length = |text: &str| text.chars().count();
    let mut lines: Vec<String> = Vec::new();
    for piece in pieces {
        let characters: Vec<char> = piece.chars().collect();
        for part in characters.chunks(CAPTION_CHARACTERS) {
            let part: String = part.iter().collect();
            match lines.last_mut() {
                Some(line)
                    if length(line) + length(between) + length(&part) <= CAPTION_CHARACTERS =>
                {
                    line.push_str(between);
                    line.push_str(&part);
                }
                _ => lines.push(part),
            }
        }
    }
    lines
}
