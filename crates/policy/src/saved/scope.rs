//! What names mean at one point of a saved query.
//!
//! Every column is bound here: a name that is no column of a source in scope is refused, so that
//! neither a whole row (`select t from todos t`) nor a function in disguise (`t.secret` where
//! `secret(todos)` exists) reaches the database.

use std::collections::HashMap;

use postern_base::{RelationName, RoleName};
use postern_catalog::{Catalog, Relation};
use sqlparser::ast::Ident;
use sqlparser::tokenizer::Span;

use super::{DEPTH_MAX, NODES_MAX, Refusal, SavedParam, Term};
use crate::{Access, Bundle, Verb};

/// Where tables and columns are named.
pub(super) type Places = HashMap<(RelationName, String), Span>;

/// The state of lowering one query.
#[derive(Debug)]
pub(super) struct Lowering<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) default_schema: &'a str,
    pub(super) params: &'a [SavedParam],
    /// The parameters that were used.
    pub(super) used: Vec<String>,
    pub(super) reads: Vec<(RelationName, Vec<String>)>,
    /// The sources of the SELECTs around this point, innermost last.
    pub(super) scopes: Vec<Scope>,
    /// The named subqueries in force, the nearest last.
    pub(super) ctes: Vec<Cte>,
    /// How many expressions stand around this query; outputs there need no name.
    pub(super) inner: usize,
    /// Where each table and column is first named; the column is empty for the table itself.
    pub(super) places: Places,
    /// The nearest place that is known.
    pub(super) place: Span,
    granted: Granted<'a>,
    aliases: usize,
    nodes: usize,
    depth: usize,
}

/// What `*` stands for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Granted<'a> {
    /// The policies; without any the database decides, and `*` is every column.
    pub(super) bundle: Option<&'a Bundle>,
    pub(super) roles: &'a [RoleName],
}

impl Granted<'_> {
    /// The columns that each of the roles may read.
    fn columns(&self, relation: &Relation) -> Vec<String> {
        let all = relation.columns.iter().map(|it| it.name.clone());
        let Some(bundle) = self.bundle else {
            return all.collect();
        };
        let accesses: Vec<_> = self
            .roles
            .iter()
            .map(|role| bundle.access(&relation.name, role, Verb::Select))
            .collect();
        all.filter(|column| {
            let grants = |it: &&Access| it.columns.contains(column);
            accesses.iter().all(|it| it.as_ref().is_some_and(grants))
        })
        .collect()
    }
}

/// The sources of one SELECT.
#[derive(Debug, Default)]
pub(super) struct Scope {
    pub(super) sources: Vec<Source>,
    /// The columns that JOIN … USING has made one of several.
    pub(super) merged: Vec<Merged>,
}

/// A column of several sources that counts as one.
#[derive(Clone, Debug)]
pub(super) struct Merged {
    pub(super) name: String,
    pub(super) term: Term,
    /// The aliases of those sources.
    pub(super) of: Vec<String>,
}

/// What a bare name may mean.
#[derive(Clone, Debug)]
pub(super) enum Meaning {
    Merged(Merged),
    Column(Source),
}

impl Scope {
    /// Everything that a bare name may mean among these sources.
    pub(super) fn meanings(&self, name: &str, sources: &[Source]) -> Vec<Meaning> {
        let is_here = |it: &&Merged| {
            it.name == name
                && it
                    .of
                    .iter()
                    .all(|of| sources.iter().any(|it| it.alias == *of))
        };
        let merged: Vec<&Merged> = self.merged.iter().filter(is_here).collect();
        let is_merged = |it: &Source| merged.iter().any(|one| one.of.contains(&it.alias));
        let columns = sources
            .iter()
            .filter(|it| it.columns.iter().any(|column| column == name) && !is_merged(it));
        let columns: Vec<_> = columns.cloned().map(Meaning::Column).collect();
        let merged = merged.into_iter().cloned().map(Meaning::Merged);
        merged.chain(columns).collect()
    }
}

/// A source in scope.
#[derive(Clone, Debug)]
pub(super) struct Source {
    /// The author's alias, or the relation's name.
    pub(super) qualifier: String,
    /// Our alias.
    pub(super) alias: String,
    pub(super) columns: Vec<String>,
    /// What `*` stands for.
    pub(super) shown: Vec<String>,
    /// The relation that the columns are read from.
    pub(super) relation: Option<RelationName>,
}

/// A named subquery.
#[derive(Clone, Debug)]
pub(super) struct Cte {
    pub(super) name: String,
    pub(super) alias: String,
    pub(super) columns: Vec<String>,
}

impl<'a> Lowering<'a> {
    pub(super) fn new(
        catalog: &'a Catalog,
        default_schema: &'a str,
        params: &'a [SavedParam],
        granted: Granted<'a>,
    ) -> Self {
        Self {
            catalog,
            default_schema,
            params,
            used: Vec::new(),
            reads: Vec::new(),
            scopes: Vec::new(),
            ctes: Vec::new(),
            inner: 0,
            places: Places::default(),
            place: Span::empty(),
            granted,
            aliases: 0,
            nodes: 0,
            depth: 0,
        }
    }

    /// A new alias of ours.
    pub(super) fn alias(&mut self) -> String {
        self.aliases += 1;
        format!("i{}", self.aliases)
    }

    /// Counts a node and goes one level down; [`Lowering::up`] comes back.
    pub(super) fn down(&mut self, span: Span) -> Result<(), Refusal> {
        self.at(span);
        self.nodes += 1;
        self.depth += 1;
        if self.nodes > NODES_MAX || self.depth > DEPTH_MAX {
            let message = "the query is too large or nested too deeply";
            return Err(Refusal::new(span, message, "split it into several queries"));
        }
        Ok(())
    }

    /// Notes where the author is, if it can be told.
    pub(super) fn at(&mut self, span: Span) {
        if span != Span::empty() {
            self.place = span;
        }
    }

    /// The columns of a relation that `*` stands for.
    pub(super) fn shown(&self, relation: &Relation) -> Vec<String> {
        self.granted.columns(relation)
    }

    pub(super) fn up(&mut self) {
        self.depth -= 1;
    }

    /// Binds a bare name.
    pub(super) fn bare(&mut self, ident: &Ident) -> Result<Term, Refusal> {
        let name = folded(ident);
        for index in (0..self.scopes.len()).rev() {
            let scope = &self.scopes[index];
            let mut found = scope.meanings(&name, &scope.sources);
            match (found.pop(), found.is_empty()) {
                (Some(meaning), true) => return Ok(self.meant(meaning, name)),
                (Some(_), false) => {
                    let message = format!("column `{name}` is in several sources");
                    return Err(Refusal::new(ident.span, message, "write `source.column`"));
                }
                (None, _) => {}
            }
        }
        let is_source = |it: &Source| it.qualifier == name;
        if self.scopes.iter().flat_map(|it| &it.sources).any(is_source) {
            let help = "name its columns one by one";
            return Err(Refusal::construct(ident.span, "a whole row", help));
        }
        let message = format!("no source has a column `{name}`");
        Err(Refusal::new(
            ident.span,
            message,
            "name a column of a table in FROM",
        ))
    }

    /// Binds `source.column`.
    pub(super) fn qualified(&mut self, parts: &[Ident]) -> Result<Term, Refusal> {
        let [qualifier, column] = parts else {
            let span = parts.first().map_or(Span::empty(), |it| it.span);
            let help = "write `source.column`, with an alias of FROM";
            return Err(Refusal::construct(span, "a name of this many parts", help));
        };
        let (wanted, name) = (folded(qualifier), folded(column));
        for scope in self.scopes.iter().rev() {
            let found = scope.sources.iter().find(|it| it.qualifier == wanted);
            let Some(source) = found else {
                continue;
            };
            if !source.columns.contains(&name) {
                let message = format!("`{wanted}` has no column `{name}`");
                let help = "calls are written as `function(value)`, and only listed ones";
                return Err(Refusal::new(column.span, message, help));
            }
            let source = source.clone();
            return Ok(self.column(&source, name));
        }
        let message = format!("there is no source `{wanted}` here");
        Err(Refusal::new(
            qualifier.span,
            message,
            "use an alias of FROM",
        ))
    }

    /// The value of a bare name.
    pub(super) fn meant(&mut self, meaning: Meaning, name: String) -> Term {
        match meaning {
            Meaning::Merged(merged) => merged.term,
            Meaning::Column(source) => self.column(&source, name),
        }
    }

    pub(super) fn column(&mut self, source: &Source, name: String) -> Term {
        if let Some(relation) = &source.relation {
            self.read(relation, Some(&name));
        }
        Term::Column(source.alias.clone(), name)
    }

    /// Notes that a relation, and a column of it, is read.
    pub(super) fn read(&mut self, relation: &RelationName, column: Option<&String>) {
        let place = (relation.clone(), column.cloned().unwrap_or_default());
        self.places.entry(place).or_insert(self.place);
        let index = match self.reads.iter().position(|(it, _)| it == relation) {
            Some(index) => index,
            None => {
                self.reads.push((relation.clone(), Vec::new()));
                self.reads.len() - 1
            }
        };
        let columns = &mut self.reads[index].1;
        if let Some(column) = column
            && !columns.contains(column)
        {
            columns.push(column.clone());
        }
    }
}

/// A name as Postgres reads it: in lower case unless it is quoted.
pub(super) fn folded(ident: &Ident) -> String {
    match ident.quote_style {
        None => ident.value.to_lowercase(),
        Some(_) => ident.value.clone(),
    }
}
