//! The beginning of an element: its name, its attributes, its place in the text.

use std::borrow::Cow;

use quick_xml::events::BytesStart;

use super::reference;

/// The beginning of an element.
pub struct Tag<'a> {
    pub start: BytesStart<'a>,
    /// How deep the element is; the root's depth is 1.
    pub depth: usize,
    /// Where it begins in the text.
    pub offset: usize,
}

impl Tag<'_> {
    /// Its name without the prefix.
    pub fn local(&self) -> &str {
        self.start.local_name().into_inner()
    }

    /// The values of the attributes of these names, which have no prefix.
    ///
    /// # Errors
    /// What is wrong with the tag.
    pub fn attributes<const N: usize>(
        &self,
        names: [&str; N],
    ) -> Result<[Option<Cow<'_, str>>; N], String> {
        let wrong = |found: String| {
            format!("expected a tag like <a b=\"c\">, found a fault: {found}; correct the tag")
        };
        let mut values = [const { None }; N];
        for attribute in self.start.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| wrong(error.to_string()))?;
            let Some(at) = names.iter().position(|&name| name == attribute.key.as_ref()) else {
                continue;
            };
            // It was resolved once in the walk, so it can be resolved.
            let value = match attribute.value {
                Cow::Borrowed(raw) => reference::resolve_all(raw)?,
                Cow::Owned(raw) => Cow::Owned(reference::resolve_all(&raw)?.into_owned()),
            };
            if values[at].replace(value).is_some() {
                return Err(wrong(format!("{} stands in it twice", names[at])));
            }
        }
        Ok(values)
    }
}
