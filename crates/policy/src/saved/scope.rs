//! What names mean at one point of a saved query.
//!
//! Every column is bound here: a name that is no column of a source in scope is refused, so that
//! neither a whole row (`select t from todos t`) nor a function in disguise (`t.secret` where
//! `secret(todos)` exists) reaches the database.

use postern_base::RelationName;
use postern_catalog::Catalog;
use sqlparser::ast::Ident;
use sqlparser::tokenizer::Span;

use super::{DEPTH_MAX, NODES_MAX, Refusal, SavedParam, Term};

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
    pub(super) scopes: Vec<Vec<Source>>,
    /// The named subqueries in force, the nearest last.
    pub(super) ctes: Vec<Cte>,
    /// How many expressions stand around this query; outputs there need no name.
    pub(super) inner: usize,
    aliases: usize,
    nodes: usize,
    depth: usize,
}

/// A source in scope.
#[derive(Clone, Debug)]
pub(super) struct Source {
    /// The author's alias, or the relation's name.
    pub(super) qualifier: String,
    /// Our alias.
    pub(super) alias: String,
    pub(super) columns: Vec<String>,
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
        self.nodes += 1;
        self.depth += 1;
        if self.nodes > NODES_MAX || self.depth > DEPTH_MAX {
            let message = "the query is too large or nested too deeply";
            return Err(Refusal::new(span, message, "split it into several queries"));
        }
        Ok(())
    }

    pub(super) fn up(&mut self) {
        self.depth -= 1;
    }

    /// Binds a bare name.
    pub(super) fn bare(&mut self, ident: &Ident) -> Result<Term, Refusal> {
        let name = folded(ident);
        for scope in self.scopes.iter().rev() {
            let mut found = scope.iter().filter(|it| it.columns.contains(&name));
            match (found.next(), found.next()) {
                (Some(source), None) => {
                    let source = source.clone();
                    return Ok(self.column(&source, name));
                }
                (Some(_), Some(_)) => {
                    let message = format!("column `{name}` is in several sources");
                    return Err(Refusal::new(ident.span, message, "write `source.column`"));
                }
                (None, _) => {}
            }
        }
        let is_source = |it: &Source| it.qualifier == name;
        if self.scopes.iter().flatten().any(is_source) {
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
            let Some(source) = scope.iter().find(|it| it.qualifier == wanted) else {
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

    fn column(&mut self, source: &Source, name: String) -> Term {
        if let Some(relation) = &source.relation {
            self.read(relation, Some(&name));
        }
        Term::Column(source.alias.clone(), name)
    }

    /// Notes that a relation, and a column of it, is read.
    pub(super) fn read(&mut self, relation: &RelationName, column: Option<&String>) {
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
