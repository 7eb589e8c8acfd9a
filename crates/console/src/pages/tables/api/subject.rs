//! What there is to say about a table, for whoever may do most of it without signing in.

use postern_base::{Identity, RoleName};
use postern_catalog::{Cardinality, Column, Generated, Relation};
use postern_policy::Verb;
use postern_query::{Grant, View};
use postern_rest::{Enforce, RestSettings};
use serde_json::Value;

use crate::pages::tables::row::is_comparable;
use crate::pages::tables::table::Table;
use crate::snippets::sample::{self, Which};
use crate::snippets::{Deletes, Field, Neighbour, Step, Subject, is_selectable};

/// Most columns that a snippet reads.
const COLUMNS_MAX: usize = 6;
/// Most columns of a neighbour that it reads.
const NEIGHBOUR_COLUMNS_MAX: usize = 3;
/// A new row has so many columns where it needs fewer.
const INSERT_COLUMNS: usize = 4;

/// Who may run a snippet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Audience {
    /// Anybody who has the publishable key.
    Anybody,
    /// Users who are signed in.
    Users,
    /// Nobody: no policy says so.
    Nobody,
    /// Whom the database lets.
    Database,
}

impl Audience {
    /// Icon, tint and words.
    pub(super) fn mark(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Anybody => ("allow", "allow", t!("table_api.anybody")),
            Self::Users => ("person", "info", t!("table_api.users")),
            Self::Nobody => ("deny", "deny", t!("table_api.nobody")),
            Self::Database => ("database", "info", t!("table_api.database")),
        }
    }
}

/// The table as each audience has it, the widest first.
pub(super) struct Subjects(Vec<(Audience, Subject)>);

impl Subjects {
    /// Of a table that is served.
    pub(super) fn new(table: &Table, settings: &RestSettings) -> Self {
        let snapshot = table.snapshot();
        let (catalog, bundle) = (&*snapshot.catalog, &*snapshot.bundle);
        let (nobody, service) = (Identity::anonymous(), Identity::service());
        let role = |role| View::of_role(catalog, bundle, &nobody, RoleName::new(role));
        let whole = View::new(catalog, bundle, &service).ok();
        let views = match settings.enforce {
            Enforce::Native => vec![(Audience::Database, whole)],
            Enforce::Rewrite | Enforce::Both => vec![
                (Audience::Anybody, Some(role(RoleName::ANON))),
                (Audience::Users, Some(role(RoleName::AUTHENTICATED))),
                (Audience::Nobody, whole),
            ],
        };
        let first = settings.schemas.first().map_or("", String::as_str);
        let subject = |view: View<'_>| {
            let relation = catalog.relation(table.name())?;
            Some(Said { view, relation }.subject(first))
        };
        let subjects = views.into_iter();
        Self(
            subjects
                .filter_map(|(who, view)| Some((who, subject(view?)?)))
                .collect(),
        )
    }

    /// Who may do this, and with what.
    pub(super) fn of(&self, step: Step) -> Option<(Audience, &Subject)> {
        let found = self.0.iter().find(|(_, it)| it.offers(step));
        found.map(|(audience, subject)| (*audience, subject))
    }

    /// Whether requests can name the table.
    pub(super) fn is_addressable(&self) -> bool {
        self.0.iter().all(|(_, it)| it.is_addressable())
    }
}

/// A table through the eyes of one role.
struct Said<'v> {
    view: View<'v>,
    relation: &'v Relation,
}

impl<'v> Said<'v> {
    fn subject(&self, first_schema: &str) -> Subject {
        let name = &self.relation.name;
        let readable = self.readable(self.relation);
        let key = self.key(&readable);
        let sorts = |it: &&&str| self.relation.column(it).is_some_and(is_comparable);
        let order = key.first().map(|it| it.name.clone());
        let order = order.or_else(|| readable.iter().find(sorts).map(|it| (*it).to_owned()));
        let is_key = |it: &&&str| key.iter().any(|field| field.name == **it);
        let (keys, others): (Vec<&str>, Vec<&str>) = readable.iter().partition(is_key);
        let columns = keys
            .into_iter()
            .chain(others)
            .take(COLUMNS_MAX.max(key.len()));
        Subject {
            schema: (name.schema != first_schema).then(|| name.schema.clone()),
            table: name.name.clone(),
            columns: columns.map(ToOwned::to_owned).collect(),
            order,
            neighbour: self.neighbour(),
            insert: self.insert(),
            update: self.update(&key),
            deletes: match self.grant(Verb::Delete) {
                Some(_) if self.relation.deletable => Deletes::Yes,
                _ => Deletes::No,
            },
            key,
        }
    }

    fn grant(&self, verb: Verb) -> Option<Grant<'v>> {
        self.view.grant(&self.relation.name, verb)
    }

    /// The columns that lists can name.
    fn readable(&self, relation: &'v Relation) -> Vec<&'v str> {
        let columns = self.view.columns(relation, Verb::Select);
        columns.into_iter().filter(|it| is_selectable(it)).collect()
    }

    /// The columns that are written, but for those that the gateway or the database fills.
    fn writable(&self, verb: Verb) -> Vec<&'v Column> {
        let preset = |name: &str| match self.grant(verb) {
            Some(Grant::Rules(access)) => access.presets.contains_key(name),
            _ => false,
        };
        let names = self.view.columns(self.relation, verb).into_iter();
        let columns = names.filter_map(|it| self.relation.column(it));
        columns
            .filter(|it| !is_made(it) && !preset(&it.name))
            .collect()
    }

    /// The key of one row: the primary one, or the first that is unique and always there.
    fn key(&self, readable: &[&str]) -> Vec<Field> {
        let relation = self.relation;
        let column = |name: &String| {
            relation
                .column(name)
                .filter(|_| readable.contains(&&**name))
        };
        let unique = relation.unique_keys.iter().map(|it| &it.columns);
        let keys = std::iter::once(&relation.primary_key).chain(unique);
        let fields = keys.filter_map(|key| {
            let columns: Option<Vec<_>> = key.iter().map(column).collect();
            let is_whole = |it: &&Column| {
                let is_there = !it.nullable || relation.primary_key.contains(&it.name);
                is_there && is_comparable(it) && is_plain(&sample::of(&it.ty, Which::First))
            };
            let columns = columns.filter(|it| !it.is_empty() && it.iter().all(is_whole))?;
            Some(
                columns
                    .into_iter()
                    .map(|it| field(it, Which::First))
                    .collect(),
            )
        });
        fields.into_iter().next().unwrap_or_default()
    }

    /// A new row: everything that it needs, and a little more.
    fn insert(&self) -> Option<Vec<Field>> {
        self.grant(Verb::Insert)
            .filter(|_| self.relation.insertable)?;
        let columns = self.writable(Verb::Insert);
        let preset = |name: &str| match self.grant(Verb::Insert) {
            Some(Grant::Rules(access)) => access.presets.contains_key(name),
            _ => false,
        };
        let needed =
            |it: &&Column| !it.nullable && it.default.is_none() && it.generated == Generated::No;
        let mut all = self.relation.columns.iter().filter(needed);
        if !all.all(|it| preset(&it.name) || columns.contains(&it)) {
            return None;
        }
        let refers = |it: &Column| {
            let mut keys = self.relation.foreign_keys.iter();
            keys.any(|key| key.columns.contains(&it.name))
        };
        // A view does not say how its table counts its keys up.
        let is_key = |it: &Column| self.relation.primary_key.contains(&it.name);
        let spare = |it: &Column| it.generated == Generated::No && !refers(it) && !is_key(it);
        let least = columns.iter().filter(|it| needed(it)).count();
        let mut room = INSERT_COLUMNS.saturating_sub(least);
        let chosen = columns.into_iter().filter(|it| {
            let is_extra = !needed(it) && spare(it) && it.default.is_none() && room > 0;
            room -= usize::from(is_extra);
            needed(it) || is_extra
        });
        Some(chosen.map(|it| field(it, Which::First)).collect())
    }

    /// What of a row is changed: a column that is neither key nor reference, a text before others.
    fn update(&self, key: &[Field]) -> Option<Field> {
        self.grant(Verb::Update)
            .filter(|_| self.relation.updatable)?;
        let relation = self.relation;
        let is_bound = |it: &Column| {
            let refers = relation
                .foreign_keys
                .iter()
                .any(|key| key.columns.contains(&it.name));
            let is_unique = relation
                .unique_keys
                .iter()
                .any(|key| key.columns.contains(&it.name));
            refers || is_unique || key.iter().any(|field| field.name == it.name)
        };
        let columns = self.writable(Verb::Update);
        let free = || columns.iter().filter(|it| !is_bound(it));
        let column = free()
            .find(|it| it.ty.is_text())
            .or_else(|| free().next())?;
        Some(field(column, Which::Last))
    }

    /// A table beside this one: what it refers to before what refers to it.
    fn neighbour(&self) -> Option<Neighbour> {
        let all = self.view.relationships(self.relation);
        let schema = &self.relation.name.schema;
        let mut found: Vec<_> = all
            .iter()
            .filter(|it| it.function.is_none() && it.junction.is_none() && !it.is_self())
            .filter(|it| it.far.schema == *schema)
            .collect();
        found.sort_by_key(|it| match it.cardinality {
            Cardinality::ManyToOne => 0,
            Cardinality::OneToOne => 1,
            _ => 2,
        });
        found.into_iter().find_map(|it| {
            let far = self.view.relation(&it.far)?;
            let columns = self.readable(far).into_iter().take(NEIGHBOUR_COLUMNS_MAX);
            let columns: Vec<_> = columns.map(ToOwned::to_owned).collect();
            let is_alone = all.iter().filter(|other| other.far == it.far).count() == 1;
            (!columns.is_empty() && is_selectable(&it.far.name)).then(|| Neighbour {
                table: it.far.name.clone(),
                by: (!is_alone).then(|| it.constraint.clone()),
                columns,
            })
        })
    }
}

fn field(column: &Column, which: Which) -> Field {
    Field {
        name: column.name.clone(),
        value: sample::of(&column.ty, which),
    }
}

/// Whether the database alone fills a column.
fn is_made(column: &Column) -> bool {
    matches!(
        column.generated,
        Generated::Stored | Generated::IdentityAlways
    )
}

/// Whether a value can stand in a filter.
fn is_plain(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Array(_) | Value::Object(_))
}
