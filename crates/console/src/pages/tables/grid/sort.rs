//! The order of the rows as it stands in the address: `sort=city.asc,name.desc`.
//!
//! A column that is not there (dropped, renamed, of another table) sorts nothing, and the page
//! shows it as one that can be taken out. A comma in a name has a backslash in front.

use postern_catalog::Relation;

use crate::pages::tables::key;

/// Most columns of an order; more tell no rows apart that these do not.
const TERMS_MAX: usize = 8;

/// The direction of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Rising,
    Falling,
}

impl Way {
    /// As the grammar spells it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Rising => "asc",
            Self::Falling => "desc",
        }
    }

    /// The other one.
    pub(crate) fn reversed(self) -> Self {
        match self {
            Self::Rising => Self::Falling,
            Self::Falling => Self::Rising,
        }
    }

    /// What the grammar spells so.
    pub(crate) fn read(text: &str) -> Option<Self> {
        [Self::Rising, Self::Falling]
            .into_iter()
            .find(|it| it.as_str() == text)
    }
}

/// The columns that rows are sorted by, the first one first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sort(Vec<Term>);

/// One column of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Term {
    /// All of it, as the address has it.
    pub(crate) raw: String,
    pub(crate) column: String,
    /// Its direction; none where there is no such column, or no such direction.
    pub(crate) way: Option<Way>,
}

impl Sort {
    /// Reads the first of these texts that says anything.
    pub(crate) fn read(texts: &[&str], relation: &Relation) -> Self {
        let given = texts.iter().find(|it| !it.is_empty());
        let parts = given.and_then(|it| key::parts(it)).unwrap_or_default();
        let mut sort = Self::default();
        for part in parts.into_iter().filter(|it| !it.is_empty()) {
            let term = Term::read(&part, relation);
            let is_known = sort.0.iter().any(|it| it.column == term.column);
            if !is_known && sort.0.len() < TERMS_MAX {
                sort.0.push(term);
            }
        }
        sort
    }

    /// As the address has it; none where the key alone gives the order.
    pub(crate) fn text(&self) -> Option<String> {
        let raw = self.0.iter().map(|it| it.raw.as_str());
        (!self.0.is_empty()).then(|| key::joined(raw))
    }

    /// All of its columns, broken ones included.
    pub(crate) fn all(&self) -> &[Term] {
        &self.0
    }

    /// The columns that sort, and their directions.
    pub(crate) fn terms(&self) -> impl Iterator<Item = (&str, Way)> {
        let terms = self.0.iter();
        terms.filter_map(|it| Some((it.column.as_str(), it.way?)))
    }

    /// Where a column stands in the order, counted from one, and its direction.
    pub(crate) fn place(&self, column: &str) -> Option<(usize, Way)> {
        let mut terms = self.terms().enumerate();
        let found = terms.find(|(_, (name, _))| *name == column);
        found.map(|(place, (_, way))| (place + 1, way))
    }

    /// By one column alone: upwards, then downwards, then by the key again.
    pub(crate) fn by(&self, column: &str) -> Self {
        match self.0.as_slice() {
            [sole] if sole.column == column => self.also_by(column),
            _ => Self(vec![Term::new(column, Way::Rising)]),
        }
    }

    /// By a column more, behind the others: upwards, then downwards, then without it again.
    pub(crate) fn also_by(&self, column: &str) -> Self {
        match self.place(column) {
            None => self.with(column, Way::Rising),
            Some((_, Way::Rising)) => self.with(column, Way::Falling),
            Some((_, Way::Falling)) => self.without(column),
        }
    }

    /// With a column in this direction: where it stands, or behind the others.
    pub(crate) fn with(&self, column: &str, way: Way) -> Self {
        let mut terms = self.0.clone();
        let new = Term::new(column, way);
        match terms.iter_mut().find(|it| it.column == column) {
            Some(term) => *term = new,
            None => terms.push(new),
        }
        terms.truncate(TERMS_MAX);
        Self(terms)
    }

    /// Without a column.
    pub(crate) fn without(&self, column: &str) -> Self {
        let others = self.0.iter().filter(|it| it.column != column);
        Self(others.cloned().collect())
    }
}

impl Term {
    fn new(column: &str, way: Way) -> Self {
        Self {
            raw: format!("{column}.{}", way.as_str()),
            column: column.to_owned(),
            way: Some(way),
        }
    }

    fn read(raw: &str, relation: &Relation) -> Self {
        let (column, way) = raw.rsplit_once('.').unwrap_or((raw, ""));
        let is_there = relation.column(column).is_some();
        Self {
            raw: raw.to_owned(),
            column: column.to_owned(),
            way: Way::read(way).filter(|_| is_there),
        }
    }
}
