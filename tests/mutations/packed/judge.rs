//! The judge of a packed file: it reads numbers as `FORMAT.md` says and goes through all pairs.

use std::collections::HashSet;

use farthest::sphere::{UnitVector, distance_km, unit_vector};

use super::file::*;

/// What a file says of degrees, read byte by byte.
pub fn degrees_of(file: &File) -> Vec<[f64; 2]> {
    let (range, width) = (file.section(DEGREES), file.width(DEGREES));
    let base = file.number(48, 8) as i64;
    let degrees = |at: usize| match width {
        8 => {
            let [lat, lon] = [at, at + 4].map(|at| i64::from(file.number(at, 4) as i32));
            [lat as f64 / 1e7, (i128::from(lon) + i128::from(base)) as f64 / 1e7]
        }
        _ => [at, at + 8].map(|at| f64::from_bits(file.number(at, 8))),
    };
    range.step_by(width).map(degrees).collect()
}

pub fn rows_of(file: &File) -> Vec<u64> {
    let (range, width) = (file.section(ROWS), file.width(ROWS));
    range.step_by(width).map(|at| file.number(at, width)).collect()
}

/// Why a file is no list of cities.
pub fn invalid(file: &File) -> Option<String> {
    let (degrees, rows) = (degrees_of(file), rows_of(file));
    let source_rows = file.number(24, 8);
    let is_place =
        |[lat, lon]: &[f64; 2]| (-90.0..=90.0).contains(lat) && (-180.0..=360.0).contains(lon);
    if let Some(city) = degrees.iter().position(|place| !is_place(place)) {
        return Some(format!("no place; {:?}", degrees[city]));
    }
    let mut seen = HashSet::new();
    if let Some(row) = rows.iter().find(|&&row| row >= source_rows || !seen.insert(row)) {
        return Some(format!("a row again, or beyond the last; {row}"));
    }
    names(file).err().map(String::from)
}

/// All names are there, one behind the other, and begin where they are said to.
fn names(file: &File) -> Result<(), &'static str> {
    let [starts, names] = [NAME_STARTS, NAMES].map(|section| file.section(section));
    if names.is_empty() {
        return Ok(());
    }
    let mut at = names.start;
    for city in 0..file.cities() {
        let start = file.number(starts.start + city / 64 * 8, 8);
        if city % 64 == 0 && start != (at - names.start) as u64 {
            return Err("names that begin elsewhere");
        }
        let (mut length, mut shift) = (0_u128, 0);
        loop {
            let byte = *file.bytes()[..names.end].get(at).ok_or("no more names")?;
            at += 1;
            length |= u128::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                break;
            }
            if shift > 63 {
                return Err("a length without an end");
            }
        }
        at = usize::try_from(length)
            .ok()
            .and_then(|length| at.checked_add(length))
            .ok_or("a name too long")?;
    }
    if at == names.end { Ok(()) } else { Err("names behind the last city") }
}

/// The farthest pair of all, by a plain loop: its distance and rows.
pub fn farthest(degrees: &[[f64; 2]], rows: &[u64]) -> (f64, [u64; 2]) {
    let vectors: Vec<UnitVector> =
        degrees.iter().map(|&[lat, lon]| unit_vector(lat, lon)).collect();
    let squared = |p: UnitVector, q: UnitVector, sign: f64| -> f64 {
        let [x, y, z] = [0, 1, 2].map(|axis| p[axis] + sign * q[axis]);
        x * x + y * y + z * z
    };
    // Roots of the least |p + q|² and of the greatest |p − q|². Only pairs that come within 1e-13 of one of
    // them can be the farthest: the distance resolves 5e-15 rad, and this is twenty times that.
    let (mut least_sum, mut greatest_difference) = (f64::INFINITY, 0.0_f64);
    for (i, &p) in vectors.iter().enumerate() {
        for &q in &vectors[i + 1..] {
            least_sum = least_sum.min(squared(p, q, 1.0));
            greatest_difference = greatest_difference.max(squared(p, q, -1.0));
        }
    }
    let sum_limit = (least_sum.sqrt() + 1e-13).powi(2);
    let difference_limit = (greatest_difference.sqrt() - 1e-13).max(0.0).powi(2);
    let mut best = (f64::NEG_INFINITY, [0; 2]);
    for (i, &p) in vectors.iter().enumerate() {
        for (j, &q) in vectors.iter().enumerate().skip(i + 1) {
            if squared(p, q, 1.0) > sum_limit && squared(p, q, -1.0) < difference_limit {
                continue;
            }
            let pair = [rows[i].min(rows[j]), rows[i].max(rows[j])];
            let distance_km = distance_km(p, q);
            if distance_km > best.0 || distance_km == best.0 && pair < best.1 {
                best = (distance_km, pair);
            }
        }
    }
    best
}
