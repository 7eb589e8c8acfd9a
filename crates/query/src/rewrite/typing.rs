//! The body of a probe: every expression of an access, where it would stand.

use postern_catalog::Relation;
use postern_policy::Access;

use super::Statement;
use super::expr::Row;
use crate::Error;

impl Statement<'_, '_> {
    /// Prints a SELECT that holds every predicate, mask and preset of the access.
    pub(crate) fn probe_columns(
        &mut self,
        relation: &Relation,
        access: &Access,
    ) -> Result<(), Error> {
        let row = Row::Stored("b0");
        self.push("SELECT ");
        for (name, mask) in &access.masks {
            self.push("CASE WHEN ");
            self.expr(&mask.unless, row)?;
            self.push(" THEN ");
            self.column("b0", name);
            self.push(" ELSE ");
            self.expr(&mask.value, row)?;
            self.push(" END, ");
        }
        for (name, preset) in &access.presets {
            self.expr(&preset.value, row)?;
            if let Some(column) = relation.column(name) {
                self.push("::");
                self.catalog_sql(&column.ty.sql);
            }
            self.push(", ");
        }
        self.push("1 FROM ");
        self.relation(&relation.name);
        self.push(" AS \"b0\" WHERE ");
        self.expr(&access.filter, row)?;
        self.push(" AND ");
        self.expr(&access.check, row)
    }
}
