//! Unfiltered lookups as functions with their owner's rights.
//!
//! A subquery of a policy sees other tables as their policies leave them, and can run in circles.
//! Policy files look into other tables unfiltered; a definer function does the same.

use std::cell::RefCell;

use postern_catalog::{Catalog, Relation};
use postern_policy::{Claim, Expr, Lookup, Names, Source, Subquery, describe_query, identifier};

use super::SCHEMA;

/// The functions made so far.
pub(super) struct Lookups<'e> {
    catalog: &'e Catalog,
    made: RefCell<Vec<Made>>,
}

struct Made {
    /// Everything after the name.
    definition: String,
    number: usize,
    arguments: String,
}

impl<'e> Lookups<'e> {
    pub(super) fn new(catalog: &'e Catalog) -> Self {
        Self {
            catalog,
            made: RefCell::default(),
        }
    }

    /// The statements that make the functions; `{roles}` stands for who may call them.
    pub(super) fn functions(&self) -> Vec<String> {
        let statement = |it: &Made| {
            let (number, arguments) = (it.number, &it.arguments);
            let name = format!("{SCHEMA}.lookup_{number}({arguments})");
            format!(
                "create or replace function {name} {}\n\
                 revoke all on function {name} from public;\n\
                 grant execute on function {name} to {{roles}};\n",
                it.definition
            )
        };
        self.made.borrow().iter().map(statement).collect()
    }

    /// Makes the function of a subquery; says its number.
    fn make(&self, arguments: &str, definition: String) -> usize {
        let mut made = self.made.borrow_mut();
        let same = |it: &&Made| it.definition == definition && it.arguments == arguments;
        if let Some(known) = made.iter().find(same) {
            return known.number;
        }
        let number = made.len() + 1;
        made.push(Made {
            definition,
            number,
            arguments: arguments.to_owned(),
        });
        number
    }
}

/// How a policy's names are written where it stands on a table.
pub(super) struct OfTable<'n, 'e> {
    pub(super) lookups: &'n Lookups<'e>,
    pub(super) relation: &'n Relation,
    /// What columns of the row are qualified with.
    pub(super) row: String,
}

impl Names for OfTable<'_, '_> {
    fn row_column(&self, name: &str) -> String {
        format!("{}.{}", self.row, identifier(name))
    }

    fn claim(&self, claim: Claim) -> String {
        format!("(select {})", InFunction(&[]).claim(claim))
    }

    fn lookup(&self, query: &Subquery, wanted: Lookup) -> Option<String> {
        if query.as_caller {
            return None;
        }
        let mut columns = Vec::new();
        collect(&query.select, &mut columns);
        collect(&query.condition, &mut columns);
        let types = columns.iter().map(|it| self.type_of_row(it));
        let types: Vec<_> = types.collect();
        let value = match wanted {
            Lookup::Exists => "boolean".to_owned(),
            Lookup::Values | Lookup::Value => self.type_of(&query.select, query),
        };
        let body = describe_query(query, &InFunction(&columns));
        let (returns, body) = match wanted {
            Lookup::Exists => (value, format!("select exists ({body})")),
            Lookup::Values => (format!("{value}[]"), format!("select array({body})")),
            Lookup::Value => (value, body),
        };
        let tag = free_tag(&body);
        let definition = format!(
            "returns {returns}\n  language sql stable security definer set search_path = '' as \
             {tag} {body} {tag};"
        );
        let number = self.lookups.make(&types.join(", "), definition);
        let given = columns.iter().map(|it| self.row_column(it));
        let given: Vec<_> = given.collect();
        let call = format!("{SCHEMA}.lookup_{number}({})", given.join(", "));
        Some(match (wanted, columns.is_empty()) {
            // Called once for the statement, not once for each row.
            (Lookup::Values, true) => format!("(select {call})::{returns}"),
            (_, true) => format!("(select {call})"),
            (_, false) => call,
        })
    }
}

impl OfTable<'_, '_> {
    fn type_of_row(&self, column: &str) -> String {
        let column = self.relation.column(column);
        column.map_or_else(|| "text".into(), |it| it.ty.sql.clone())
    }

    /// The type of what a subquery selects.
    fn type_of(&self, select: &Expr, query: &Subquery) -> String {
        match select {
            Expr::Column {
                source: Source::Alias(alias),
                name,
            } => {
                let mut items = query.from.iter();
                let item = items.find(|it| it.alias == *alias);
                let relation = item.and_then(|it| self.lookups.catalog.relation(&it.relation));
                let column = relation.and_then(|it| it.column(name));
                column.map_or_else(|| "text".into(), |it| it.ty.sql.clone())
            }
            Expr::Column {
                source: Source::Row,
                name,
            } => self.type_of_row(name),
            Expr::Cast { ty, .. } => (*ty).to_owned(),
            Expr::Claim(Claim::Uid) => "uuid".into(),
            Expr::Claim(Claim::Jwt) => "jsonb".into(),
            Expr::Number(_) => "numeric".into(),
            Expr::Bool(_) => "boolean".into(),
            _ => "text".into(),
        }
    }
}

/// The names inside of a function: columns of the row are its arguments.
struct InFunction<'c>(&'c [String]);

impl Names for InFunction<'_> {
    fn row_column(&self, name: &str) -> String {
        let index = self.0.iter().position(|it| it == name);
        format!("${}", index.map_or(0, |it| it + 1))
    }
}

/// The columns of the row that a tree reads, subqueries within it included.
fn collect(expr: &Expr, columns: &mut Vec<String>) {
    expr.walk(&mut |node| {
        if let Expr::Column {
            source: Source::Row,
            name,
        } = node
            && !columns.contains(name)
        {
            columns.push(name.clone());
        }
    });
}

/// A dollar quote that the text does not hold.
fn free_tag(body: &str) -> String {
    let mut tag = String::from("$rls$");
    while body.contains(&tag) {
        tag.insert(1, 'x');
    }
    tag
}
