//! Which field of a file goes into which column.

use postern_catalog::{Column, Generated, Relation};

/// For each field of the file its column; none leaves the field out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mapping(pub(crate) Vec<Option<String>>);

impl Mapping {
    /// What the names say: those that are the same but for case and what is no letter or digit.
    pub(crate) fn guess(header: &[String], relation: &Relation) -> Self {
        let mut taken: Vec<&str> = Vec::new();
        let guess = header.iter().map(|name| {
            let mut columns = relation.columns.iter().filter(|it| is_writable(it));
            let found = columns
                .find(|it| plain(&it.name) == plain(name) && !taken.contains(&it.name.as_str()))?;
            taken.push(&found.name);
            Some(found.name.clone())
        });
        Self(guess.collect())
    }

    /// The columns that get a value.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flatten().map(String::as_str)
    }

    /// A column that two fields go into.
    pub(crate) fn twice(&self) -> Option<&str> {
        let columns: Vec<_> = self.columns().collect();
        let mut places = columns.iter().enumerate();
        let found = places.find(|(place, it)| columns[..*place].contains(it));
        found.map(|(_, it)| *it)
    }
}

/// Whether a column takes a value at all.
pub(crate) fn is_writable(column: &Column) -> bool {
    !matches!(
        column.generated,
        Generated::Stored | Generated::IdentityAlways
    )
}

/// Whether somebody must give it a value.
pub(crate) fn is_needed(column: &Column) -> bool {
    !column.nullable && column.default.is_none() && column.generated == Generated::No
}

/// Whether a mapping gives every column a value that needs one; else those that lack it.
pub(crate) fn fits(mapping: &Mapping, relation: &Relation) -> Result<(), Vec<String>> {
    let given: Vec<_> = mapping.columns().collect();
    let lacking = relation
        .columns
        .iter()
        .filter(|it| is_needed(it) && !given.contains(&it.name.as_str()));
    let lacking: Vec<_> = lacking.map(|it| it.name.clone()).collect();
    match lacking.is_empty() {
        true => Ok(()),
        false => Err(lacking),
    }
}

fn plain(name: &str) -> String {
    let letters = name.chars().filter(|it| it.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}
