//! Which kind of GeoJSON a text is, if it is any, by the first object in it.
//!
//! A word in a member `type` does not decide it alone: a flat record may have a column of that name.
//! The members that the type needs must be there too. They may stand in any order; no more of the text
//! is looked at than decides it, which is little unless a long member comes first.

use crate::error::Result;
use crate::formats::json::{Cursor, KEYS_MOST};

/// What the text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One object with an array of features.
    Collection,
    /// Features or geometries: one, an array of them, or one after the other.
    Items,
    /// TopoJSON.
    Topology,
    /// The JSON of Esri's servers.
    Esri,
}

/// What the text at the cursor is; `None` if it is no GeoJSON, or none that can be told.
pub fn of(cursor: Cursor<'_>) -> Option<Kind> {
    of_first_object(cursor).ok().flatten()
}

/// What the members seen so far of an object are.
#[derive(Default)]
struct Seen {
    kind: Vec<u8>,
    /// An array `coordinates` or `geometries`.
    coordinates: bool,
    /// An object, or null, `geometry` or `properties`.
    parts: bool,
    /// `objects` or `arcs`.
    arcs: bool,
    /// An object `attributes`.
    attributes: bool,
}

impl Seen {
    fn see(&mut self, key: &[u8], cursor: &mut Cursor<'_>) -> Result<()> {
        let first = cursor.peek();
        match key {
            b"type" => self.kind = cursor.value()?.string().unwrap_or_default().into_owned(),
            b"coordinates" | b"geometries" => self.coordinates |= first == Some(b'['),
            b"geometry" | b"properties" => self.parts |= matches!(first, Some(b'{' | b'n')),
            b"objects" | b"arcs" => self.arcs |= matches!(first, Some(b'{' | b'[')),
            b"attributes" => self.attributes |= first == Some(b'{'),
            _ => {}
        }
        Ok(())
    }

    fn kind(&self) -> Option<Kind> {
        match &self.kind[..] {
            b"FeatureCollection" => Some(Kind::Collection),
            b"Feature" if self.parts => Some(Kind::Items),
            b"Topology" if self.arcs => Some(Kind::Topology),
            kind if self.coordinates && super::geometry::is_type(kind) => Some(Kind::Items),
            _ => None,
        }
    }
}

fn of_first_object(mut cursor: Cursor<'_>) -> Result<Option<Kind>> {
    cursor.skip_separators();
    let is_array = cursor.enter(b'[');
    if !cursor.enter(b'{') {
        return Ok(None);
    }
    let (mut seen, mut is_first) = (Seen::default(), true);
    for _ in 0..KEYS_MOST {
        let Some(key) = cursor.member(&mut is_first)? else { break };
        let mut value = cursor;
        seen.see(&key, &mut value)?;
        let kind = match &*key {
            b"features" => {
                seen.kind().map_or_else(|| of_features(cursor), |kind| Ok(Some(kind)))?
            }
            _ => seen.kind(),
        };
        match kind {
            Some(Kind::Collection) if is_array => return Ok(Some(Kind::Items)),
            Some(kind) => return Ok(Some(kind)),
            None => drop(cursor.value()?),
        }
    }
    Ok(None)
}

/// What an array of features is whose object has not said its type yet; hotels have features too.
fn of_features(mut cursor: Cursor<'_>) -> Result<Option<Kind>> {
    if !cursor.enter(b'[') || !cursor.enter(b'{') {
        return Ok(None);
    }
    let (mut seen, mut is_first) = (Seen::default(), true);
    for _ in 0..KEYS_MOST {
        let Some(key) = cursor.member(&mut is_first)? else { break };
        seen.see(&key, &mut { cursor })?;
        if seen.attributes {
            return Ok(Some(Kind::Esri));
        }
        cursor.value()?;
    }
    let is_feature = seen.kind() == Some(Kind::Items);
    Ok(is_feature.then_some(Kind::Collection))
}
