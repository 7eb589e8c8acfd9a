//! Columns and casts by name.

use postern_base::codes;
use postern_catalog::{Relation, Returns};
use postern_policy::Verb;

use super::{BoundField, Planner, is_result};
use crate::Error;
use crate::request::Field;

impl Planner<'_, '_> {
    /// Binds a column that the caller may read, or a function of the row that stands for one.
    pub(super) fn field(&self, relation: &Relation, field: &Field) -> Result<BoundField, Error> {
        let column = relation
            .column(&field.name)
            .filter(|it| self.is_readable(relation, &it.name));
        if let Some(column) = column {
            return Ok(BoundField {
                column: column.name.clone(),
                ty: column.ty.clone(),
                path: field.path.clone(),
                computed: None,
            });
        }
        let home = match self.result_of.get() {
            Some(returned) if is_result(relation) => &returned.name,
            _ => &relation.name,
        };
        let function = self.view.computed(home, &field.name);
        match function.map(|it| (&it.returns, it.returns_set)) {
            Some((Returns::Scalar(ty), false)) if relation.column(&field.name).is_none() => {
                Ok(BoundField {
                    column: field.name.clone(),
                    ty: ty.clone(),
                    path: field.path.clone(),
                    computed: Some(Box::new(home.clone())),
                })
            }
            _ => Err(undefined_column(relation, &field.name)),
        }
    }

    /// The columns that `*` stands for, in table order.
    pub(super) fn readable_columns(&self, relation: &Relation) -> Vec<String> {
        let all = relation.columns.iter().map(|it| it.name.clone());
        all.filter(|name| self.is_readable(relation, name))
            .collect()
    }

    /// Whether the caller may read a column of this name, if there is one.
    pub(super) fn is_readable(&self, relation: &Relation, column: &str) -> bool {
        if is_result(relation) {
            return true;
        }
        match self.view.grant(&relation.name, Verb::Select) {
            None => false,
            Some(crate::view::Grant::Bypass) => true,
            Some(crate::view::Grant::Rules(access)) => access.columns.iter().any(|it| it == column),
        }
    }
}

/// The refusal for a column that is not there for the caller, in Postgres's words.
pub(super) fn undefined_column(relation: &Relation, name: &str) -> Error {
    let message = format!("column {}.{name} does not exist", relation.name.name);
    Error::new(&codes::UNDEFINED_COLUMN, message)
}
