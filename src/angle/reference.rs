//! The reference system that stands before WKT: `SRID=4326`, or an address in angle brackets.
//!
//! WGS 84 with the longitude first is taken, all others are refused by name. As an address, EPSG 4326 is
//! refused too: GeoSPARQL has the latitude first there, many programs write the longitude first, and
//! nothing in the text tells which.

use super::shown;

/// How a system is converted to the one that is read.
const REMEDY: &str = "convert it to EPSG:4326: ogr2ogr -f GeoJSON /vsistdout/ FILE -dialect sqlite -sql \
                      'select ST_Transform(GeomFromEWKT(COLUMN), 4326), * from LAYER' | farthest pack - \
                      OUT.cities (ogrinfo FILE lists the layers)";

/// Refuses every reference system but WGS 84 with the longitude first. Where none is said, it is that
/// one.
pub(super) fn require_wgs84(system: &[u8]) -> Result<(), String> {
    match system {
        [] => Ok(()),
        [b'<', address @ .., b'>'] => require_address(address),
        _ => require_srid(system),
    }
}

fn require_srid(system: &[u8]) -> Result<(), String> {
    let number = system.iter().position(|&byte| byte == b'=').map(|at| &system[at + 1..]);
    match number.map(<[u8]>::trim_ascii) {
        // The second is the first with a height.
        Some(b"4326" | b"4979") => Ok(()),
        Some(b"0") => {
            Err("expected SRID=4326, found SRID=0, which names no reference system; if it is \
                           EPSG:4326, say so with ST_SetSRID"
                .into())
        }
        _ => Err(format!(
            "expected SRID=4326, found {}, which is another reference system; {REMEDY}",
            shown(system)
        )),
    }
}

fn require_address(address: &[u8]) -> Result<(), String> {
    let parts: Vec<&[u8]> = address.split(|byte| matches!(byte, b'/' | b':')).collect();
    // What an address names stands at its end; its beginning would take all the room of a message.
    let tail = shown(&parts[parts.len().saturating_sub(3)..].join(&b'/'));
    match parts[..] {
        [.., b"crs", b"OGC", _, b"CRS84" | b"CRS84h"] => Ok(()),
        // The Earth, among the bodies that Wikidata has places on.
        [.., b"www.wikidata.org", b"entity", b"Q2"] => Ok(()),
        [.., b"crs", b"EPSG", _, b"4326"] => Err(format!(
            "expected the reference system OGC CRS84, found {tail}, under which some programs write the \
             latitude first and others the longitude; write CRS84 and the longitude first"
        )),
        _ => Err(format!(
            "expected the reference system OGC CRS84, found {tail}, which is another reference system \
             or another globe; convert it to EPSG:4326 where it comes from, or leave such rows out"
        )),
    }
}
