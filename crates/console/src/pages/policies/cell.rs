//! What a role may do with a table by a verb, in a word and a few notes.

use postern_base::RoleName;
use postern_catalog::Relation;
use postern_policy::{Access, Expr, Verb};

/// One field of the matrix.
pub(crate) struct Cell {
    pub(crate) reach: Reach,
    pub(crate) word: &'static str,
    pub(crate) tint: &'static str,
    pub(crate) notes: Vec<String>,
}

/// How many rows somebody reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    None,
    Some,
    All,
}

impl Reach {
    /// Of a condition on rows.
    fn of(condition: &Expr) -> Self {
        if condition.is_false() {
            Self::None
        } else if condition.is_true() {
            Self::All
        } else {
            Self::Some
        }
    }

    /// The drawing beside its word.
    pub(crate) fn icon(self) -> &'static str {
        match self {
            Self::None => "deny",
            Self::Some => "some",
            Self::All => "allow",
        }
    }
}

impl Cell {
    /// The field of an access; none where nothing is granted.
    pub(crate) fn of(
        relation: &Relation,
        role: &RoleName,
        verb: Verb,
        access: Option<&Access>,
    ) -> Self {
        let Some(access) = access else {
            return Self::nothing(verb);
        };
        let reach = match verb {
            Verb::Insert => Reach::of(&access.check),
            Verb::Update => {
                Reach::of(&access.filter).min(Reach::of(&access.check).max(Reach::Some))
            }
            Verb::Select | Verb::Delete => Reach::of(&access.filter),
        };
        let is_open = reach == Reach::All && role.as_str() == RoleName::ANON;
        Self {
            reach,
            word: word(reach, verb),
            tint: match reach {
                Reach::None => "",
                Reach::Some => "info",
                Reach::All if is_open && verb != Verb::Select => "warn",
                Reach::All => "allow",
            },
            notes: notes(relation, verb, access),
        }
    }

    fn nothing(verb: Verb) -> Self {
        Self {
            reach: Reach::None,
            word: word(Reach::None, verb),
            tint: "",
            notes: Vec::new(),
        }
    }
}

/// The word beside the drawing.
fn word(reach: Reach, verb: Verb) -> &'static str {
    match (reach, verb) {
        (Reach::None, _) => t!("policies.none"),
        (Reach::Some, Verb::Insert) => t!("policies.some_new"),
        (Reach::Some, _) => t!("policies.some"),
        (Reach::All, Verb::Insert) => t!("policies.all_new"),
        (Reach::All, _) => t!("policies.all"),
    }
}

fn notes(relation: &Relation, verb: Verb, access: &Access) -> Vec<String> {
    let mut notes = Vec::new();
    let (some, all) = (access.columns.len(), relation.columns.len());
    if verb != Verb::Delete && some < all {
        notes.push(t!("policies.columns", some, all));
    }
    if !access.masks.is_empty() {
        notes.push(t!("policies.masked", access.masks.len()));
    }
    if !access.presets.is_empty() {
        notes.push(t!("policies.presets", access.presets.len()));
    }
    let rows = access.limits.rows.filter(|_| verb == Verb::Select);
    if let Some(rows) = rows {
        notes.push(t!(
            "policies.rows_max",
            number!(i64::try_from(rows).unwrap_or(i64::MAX))
        ));
    }
    let written = matches!(verb, Verb::Update | Verb::Delete);
    if let Some(most) = access.limits.max_affected.filter(|_| written) {
        notes.push(t!(
            "policies.writes_max",
            number!(i64::try_from(most).unwrap_or(i64::MAX))
        ));
    }
    if let Some(assurance) = access.assurance {
        notes.push(t!("policies.sign_in", assurance));
    }
    notes
}
