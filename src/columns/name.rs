//! The name of a column → its words.
//!
//! A name is split at everything that is no letter or digit, where the case changes
//! (`decimalLatitude`, `GPSLatitude`), and between letters and digits (`lat2`). Accents are taken off
//! (`Länge`, `szerokość`), because half of the files have lost them.
//!
//! Architecture Invariant: it knows no word.

/// The words of a name, in lower case and without accents.
pub(super) fn words(name: &str) -> Vec<String> {
    let chars: Vec<char> = name.chars().collect();
    let mut words: Vec<String> = Vec::new();
    let mut before = None;
    for (at, &c) in chars.iter().enumerate() {
        let kind = kind(c);
        if kind != Kind::Other {
            let is_lower_next =
                chars.get(at + 1).is_some_and(|&next| self::kind(next) == Kind::Lower);
            let begins = match (before, kind) {
                (Some(Kind::Lower), Kind::Upper) => true,
                (Some(Kind::Upper), Kind::Upper) => is_lower_next,
                (Some(Kind::Upper), Kind::Lower) => false,
                (before, kind) => before != Some(kind),
            };
            if begins {
                words.push(String::new());
            }
            words.last_mut().expect("a word has begun").extend(plain(c));
        }
        before = (kind != Kind::Other).then_some(kind);
    }
    join_powers(words)
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Lower,
    Upper,
    Digit,
    Other,
}

fn kind(c: char) -> Kind {
    // Ordinal indicators stand for degree signs; the blocks are marks of East Asian typography.
    let is_mark = matches!(c, 'º' | 'ª' | '\u{2000}'..='\u{2bff}' | '\u{3000}'..='\u{303f}')
        || matches!(c, '\u{ff00}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}' | '\u{fe00}'..='\u{fe0f}');
    if is_mark {
        return Kind::Other;
    }
    if c.is_uppercase() {
        return Kind::Upper;
    }
    if c.is_numeric() {
        return Kind::Digit;
    }
    // Vowel signs and the like of other scripts belong to their word.
    if c.is_alphabetic() || c >= '\u{300}' { Kind::Lower } else { Kind::Other }
}

/// A letter in lower case, without its accent.
fn plain(c: char) -> impl Iterator<Item = char> {
    const FOLDED: [(&str, char); 15] = [
        ("àáâãäåāăą", 'a'),
        ("çćč", 'c'),
        ("ďđð", 'd'),
        ("èéêëēėęě", 'e'),
        ("ğ", 'g'),
        ("ìíîïīįıĩ", 'i'),
        ("ł", 'l'),
        ("ñńň", 'n'),
        ("òóôõöøőō", 'o'),
        ("ř", 'r'),
        ("śšş", 's'),
        ("ťţ", 't'),
        ("ùúûüůűū", 'u'),
        ("ýÿ", 'y'),
        ("źžż", 'z'),
    ];
    // A dot that `İ` leaves behind in lower case is no letter.
    c.to_lowercase().filter(|&lower| lower != '\u{307}').map(|lower| {
        let same = FOLDED.iter().find(|(accented, _)| accented.contains(lower));
        same.map_or(lower, |&(_, letter)| letter)
    })
}

/// `e` and `7` are one word, a power of ten: `latitudeE7`.
fn join_powers(words: Vec<String>) -> Vec<String> {
    let mut joined: Vec<String> = Vec::with_capacity(words.len());
    for word in words {
        match joined.last_mut() {
            Some(last) if last == "e" && ["5", "6", "7"].contains(&word.as_str()) => {
                last.push_str(&word);
            }
            _ => joined.push(word),
        }
    }
    joined
}
