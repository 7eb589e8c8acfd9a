//! The body of a probe: one expression of a policy file, where it would stand.

use postern_catalog::{Function, Relation};
use postern_policy::{Expects, Fragment, Owner};

use super::expr::Row;
use super::{Rules, Statement};
use crate::{Error, View};

impl Statement<'_, '_> {
    /// Prints a SELECT that the database accepts exactly when the fragment has its type.
    pub(crate) fn probe(view: &View<'_>, fragment: &Fragment) -> Result<String, Error> {
        let mut statement = Statement::new(view, Rules::ALL);
        match &fragment.owner {
            Owner::Relation(name) => {
                if let Some(relation) = view.catalog().relation(name) {
                    statement.row_probe(relation, fragment)?;
                }
            }
            Owner::Function(signature) => {
                let mut functions = view.catalog().functions();
                if let Some(function) = functions.find(|it| it.signature() == *signature) {
                    statement.argument_probe(function, fragment)?;
                }
            }
        }
        Ok(statement.finish().0)
    }

    fn row_probe(&mut self, relation: &Relation, fragment: &Fragment) -> Result<(), Error> {
        let row = Row::Stored("b0");
        self.push("SELECT ");
        match &fragment.expects {
            Expects::Condition => {
                self.push("1 WHERE EXISTS (SELECT FROM ");
                self.relation(&relation.name);
                self.push(" AS \"b0\" WHERE ");
                self.expr(&fragment.expr, row)?;
                self.push(")");
                return Ok(());
            }
            Expects::Column(name) if fragment.rule.kind == "mask" => {
                self.push("CASE WHEN TRUE THEN ");
                self.column("b0", name);
                self.push(" ELSE ");
                self.expr(&fragment.expr, row)?;
                self.push(" END");
            }
            Expects::Column(name) => {
                self.expr(&fragment.expr, row)?;
                if let Some(column) = relation.column(name) {
                    self.push("::");
                    self.catalog_sql(&column.ty.sql);
                }
            }
        }
        self.push(" FROM ");
        self.relation(&relation.name);
        self.push(" AS \"b0\"");
        Ok(())
    }

    fn argument_probe(&mut self, function: &Function, fragment: &Fragment) -> Result<(), Error> {
        self.push("SELECT 1 FROM (SELECT ");
        for argument in function.arguments.iter().filter(|it| !it.name.is_empty()) {
            self.push("NULL::");
            self.catalog_sql(&argument.ty.sql);
            self.push(" AS ");
            self.ident(&argument.name);
            self.push(", ");
        }
        self.push("1) AS \"j\" WHERE ");
        self.expr(&fragment.expr, Row::Arguments("j"))
    }
}
