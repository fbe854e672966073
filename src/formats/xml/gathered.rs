//! The text of one element, which comes in pieces.

/// Collects the text inside an element, that of elements inside it included. CDATA, references and
/// comments split a text into pieces.
#[derive(Default)]
pub struct Gathered {
    text: String,
    /// Depth of the element that is open, 0 if none is.
    depth: usize,
    /// How many elements were opened since [`Gathered::clear`].
    found: usize,
}

impl Gathered {
    /// Forgets the text, but keeps the memory for the next.
    pub fn clear(&mut self) {
        self.text.clear();
        (self.depth, self.found) = (0, 0);
    }

    /// The element at this depth begins.
    pub fn open(&mut self, depth: usize) {
        self.depth = depth;
        self.found += 1;
    }

    /// A piece of text, which counts if the element is open.
    pub fn add(&mut self, piece: &str) {
        if self.is_open() {
            self.text.push_str(piece);
        }
    }

    /// Some element ends, at this depth.
    pub fn close(&mut self, depth: usize) {
        if depth == self.depth {
            self.depth = 0;
        }
    }

    /// Whether the element is open.
    pub fn is_open(&self) -> bool {
        self.depth > 0
    }

    /// How many such elements there were.
    pub fn found(&self) -> usize {
        self.found
    }

    /// All of the text, without white space at its ends.
    pub fn text(&self) -> &str {
        self.text.trim_ascii()
    }
}
