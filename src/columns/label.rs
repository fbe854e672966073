//! The name of a column → what it says of the column.
//!
//! Architecture Invariant: it sees one name at a time.

use super::name::words;
use super::stops::{self, Stop};
use super::words::{self, Part};
use crate::angle::Axis;

/// What the name of a column says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Label {
    /// A latitude or a longitude, or a part of one.
    Angle(AngleLabel),
    /// Something else; the words of the name.
    Other(Vec<String>),
}

/// A latitude or a longitude.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct AngleLabel {
    pub axis: Axis,
    /// Which words it is said with; those of one style belong together.
    pub style: usize,
    /// What else the name says, equal on both columns of a pair: `pickup`, `stop`, nothing.
    pub qualifier: String,
    /// Minutes, seconds or a hemisphere; else degrees.
    pub part: Option<Part>,
    /// Why they are no degrees.
    pub stop: Option<Stop>,
}

impl Label {
    pub fn of(name: &str) -> Label {
        let all = words(name);
        let range = in_brackets(name).map_or(Vec::new(), words);
        let is_told = |word: &&String| !(words::is_of_range(word) && range.contains(*word));
        let told: Vec<String> = all.iter().filter(is_told).cloned().collect();
        let Some(mut label) = angle_label(&told) else { return Label::Other(all) };
        // What stands in brackets is a unit; one that is not known may be any.
        let is_strange = |inside: &str| {
            let all = words(inside);
            let is_sign = |c: char| " ()[]{}（）［］°º˚'\"′″±+-−–/.,".contains(c);
            // A number belongs to the system before it, and 2154 to none that is known.
            all.iter().any(|word| !is_known(word, label.axis))
                || (all.is_empty() && !inside.chars().all(is_sign))
        };
        if label.stop.is_none() && in_brackets(name).is_some_and(is_strange) {
            label.stop = Some(Stop::Unit);
        }
        Label::Angle(label)
    }

    pub fn angle(&self) -> Option<&AngleLabel> {
        match self {
            Label::Angle(label) => Some(label),
            Label::Other(_) => None,
        }
    }

    pub fn angle_mut(&mut self) -> Option<&mut AngleLabel> {
        match self {
            Label::Angle(label) => Some(label),
            Label::Other(_) => None,
        }
    }
}

/// What stands in brackets in a name, from the first to the last of them.
fn in_brackets(name: &str) -> Option<&str> {
    let open = |c: char| matches!(c, '(' | '[' | '{' | '（' | '［');
    let close = |c: char| matches!(c, ')' | ']' | '}' | '）' | '］');
    let rest = &name[name.find(open)?..];
    Some(&rest[..rest.rfind(close).unwrap_or(rest.len())])
}

/// Whether a word beside an angle is one whose meaning is known.
fn is_known(word: &str, axis: Axis) -> bool {
    words::changes_nothing(word)
        || words::is_of_system(word, "wgs")
        || words::is_direction_of(word, axis)
        || words::part(word).is_some()
        || words::role(word).is_some()
        || words::is_of_range(word)
        || word == "grad"
}

/// A word that says latitude or longitude, and what is left of it.
struct Role {
    at: usize,
    style: usize,
    axis: Axis,
    /// What is glued in front of it, which is a qualifier.
    before: String,
    /// What is glued behind it, which is a word of its own.
    behind: String,
}

fn angle_label(all: &[String]) -> Option<AngleLabel> {
    let role = find_role(all)?;
    let mut label = AngleLabel {
        axis: role.axis,
        style: role.style,
        qualifier: role.before,
        part: None,
        stop: None,
    };
    // Some letters before a whole word make an index, a difference, or another system of it.
    label.stop = match (label.qualifier.as_str(), label.axis) {
        ("i~" | "j~" | "n~" | "d~" | "r~", _) => Some(Stop::Derived),
        ("g~" | "m~", _) => Some(Stop::Sky),
        ("w~", Axis::Longitude) => Some(Stop::Mirrored),
        _ => None,
    };
    for (at, word) in all.iter().enumerate() {
        let is_role = at == role.at || words::role(word).is_some_and(|(_, axis)| axis == role.axis);
        let is_of_system = at > 0 && words::is_of_system(word, &all[at - 1]);
        if word == "d" && at < role.at {
            // Behind it stand degrees (lat_d), before it a destination (o_lat and d_lat) or something else.
            label.qualify(word);
        } else if !is_of_system && (!is_role || (word == "y" || word == "x") && at != role.at) {
            label.add(word);
        }
    }
    if !role.behind.is_empty() {
        label.add(&role.behind);
    }
    Some(label)
}

impl AngleLabel {
    /// Takes in a word beside the one that says latitude or longitude.
    fn add(&mut self, word: &str) {
        // "Grad" is a degree in German and a gon elsewhere.
        let is_grad = word == "grad";
        let is_german = self.style > 1;
        if words::is_direction_of(word, self.axis)
            || words::changes_nothing(word)
            || (is_grad && is_german)
        {
            return;
        }
        if is_grad {
            self.stop = Some(Stop::Unit);
        } else if let Some(stop) = stops::beside(word, self.axis) {
            self.stop = Some(stop);
        } else if self.style == words::PLANE && word == "m" {
            self.stop = Some(Stop::Projected);
        } else if let Some(part) = words::part(word) {
            self.part = Some(part);
        } else {
            self.qualify(word);
        }
    }

    /// Takes in a word that tells this pair of coordinates from others.
    fn qualify(&mut self, word: &str) {
        if !self.qualifier.is_empty() {
            self.qualifier.push(' ');
        }
        self.qualifier.push_str(word);
    }
}

/// The word that says latitude or longitude. A name with words for both is that of a column that
/// holds both, and `x` and `y` count where nothing better stands.
fn find_role(all: &[String]) -> Option<Role> {
    let named = |at: usize, style: usize, axis: Axis, before: &str, behind: &str| {
        let (before, behind) = (before.to_string(), behind.to_string());
        Some(Role { at, style, axis, before, behind })
    };
    let whole = |at: usize, word: &str| match words::role(word) {
        Some((style, axis)) => named(at, style, axis, "", ""),
        None => {
            let (behind, style, axis) = words::unglued(word)?;
            named(at, style, axis, "", behind)
        }
    };
    let roles: Vec<Role> =
        all.iter().enumerate().filter_map(|(at, word)| whole(at, word)).collect();
    let (planes, angles): (Vec<Role>, Vec<Role>) =
        roles.into_iter().partition(|role| role.style == words::PLANE);
    let pick = |mut roles: Vec<Role>| {
        let is_clear = !roles.is_empty() && roles.iter().all(|role| role.axis == roles[0].axis);
        is_clear.then(|| roles.swap_remove(0))
    };
    if !angles.is_empty() {
        return pick(angles);
    }
    let glued = all.iter().enumerate().find_map(|(at, word)| {
        let (before, style, axis) = words::glued(word)?;
        named(at, style, axis, &format!("{before}~"), "")
    });
    glued.or_else(|| pick(planes))
}
