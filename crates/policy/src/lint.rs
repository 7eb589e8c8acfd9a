//! Warnings: policies that load, and that their author should look at once more.

use postern_catalog::RelationKind;

use crate::Expr;
use crate::bind::Table;
use crate::report::Report;

/// Looks at a bound table.
pub(crate) fn lint(table: &Table<'_>, report: &mut Report<'_>) {
    foreign_rows(table, report);
}

/// Views and foreign tables show rows whose own tables' policies do not apply.
fn foreign_rows(table: &Table<'_>, report: &mut Report<'_>) {
    let what = match table.relation.kind {
        RelationKind::View if !table.relation.security_invoker => "a view",
        RelationKind::MaterializedView => "a materialised view",
        RelationKind::Foreign => "a foreign table",
        RelationKind::Table | RelationKind::Partitioned | RelationKind::View => return,
    };
    if table.file.note.is_none() {
        report.warning(
            &table.file.table.site,
            "view-without-note",
            format!(
                "`{}` is {what}: the policies of the tables behind it do not apply",
                table.relation.name
            ),
            "see that its rules here are enough, and say so with `note = \"…\"`",
        );
    }
}

/// Whether a tree reads what users write about themselves.
pub(crate) fn reads_user_metadata(expr: &Expr) -> bool {
    let mut found = false;
    expr.walk(&mut |node| {
        if let Expr::Text(text) = node {
            found |= text.contains("user_metadata") || text.contains("raw_user_meta_data");
        }
    });
    found
}
