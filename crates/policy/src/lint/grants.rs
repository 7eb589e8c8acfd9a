//! Lints on what columns tell.

use postern_base::RoleName;

use super::{Subject, row_columns};
use crate::file::{ColumnList, RuleKind};
use crate::report::{Report, Site};
use crate::{Access, Verb};

/// Parts of names that belong to what nobody else should read.
const SECRETS: &[&str] = &[
    "password",
    "passwd",
    "secret",
    "token",
    "api_key",
    "apikey",
    "private_key",
    "credential",
    "salt",
    "otp",
    "ssn",
];

/// Runs them.
pub(super) fn lint(subject: &Subject<'_>, report: &mut Report<'_>) {
    missing_half(subject, report);
    for role in subject.roles.all() {
        // Whoever inherits would be told the same again.
        if subject.roles.chain(&role).len() > 1 {
            continue;
        }
        if let Some(select) = subject.access(&role, Verb::Select) {
            open_secrets(subject, &role, select, report);
            soft_delete(subject, &role, select, report);
        }
        hidden_keys(subject, &role, report);
    }
}

/// Whether a column's name says that it is nobody's business.
pub fn looks_secret(column: &str) -> bool {
    let lower = column.to_ascii_lowercase();
    SECRETS.iter().any(|it| lower.contains(it))
}

/// Rules without columns and columns without rules: neither opens anything alone.
fn missing_half(subject: &Subject<'_>, report: &mut Report<'_>) {
    if subject.table.closed {
        return;
    }
    for grant in &subject.table.file.grants {
        let role = RoleName::new(&grant.role.value);
        for (verb, _) in &grant.lists {
            let covered = subject.roles.all().iter().any(|it| {
                let inherits = subject.roles.chain(it).contains(&role);
                inherits && subject.access(it, *verb).is_some()
            });
            if !covered && !subject.roles.chain(&role).is_empty() {
                report.warning(
                    &grant.role.site,
                    "grant-without-rule",
                    format!(
                        "`{role}` has {0} columns, but no rule allows it to {0}",
                        verb.as_str()
                    ),
                    "add an `[[allow]]` rule for the verb, or remove the columns",
                );
            }
        }
    }
    let allowing = subject.table.rules.iter();
    for rule in allowing.filter(|it| it.entry.kind == RuleKind::Allow) {
        for verb in [Verb::Select, Verb::Insert, Verb::Update] {
            for role in subject.roles.all() {
                let named = rule.applies(std::slice::from_ref(&role), verb);
                if named && subject.access(&role, verb).is_none() {
                    report.warning(
                        &rule.entry.site,
                        "rule-without-columns",
                        format!(
                            "`{}` lets `{role}` {1}, but no columns are granted for it",
                            rule.entry.name,
                            verb.as_str()
                        ),
                        format!("add `{} = [\"…\"]` to `[columns.{role}]`", verb.as_str()),
                    );
                }
            }
        }
    }
}

fn open_secrets(subject: &Subject<'_>, role: &RoleName, select: &Access, report: &mut Report<'_>) {
    if !select.filter.is_true() {
        return;
    }
    for column in &select.columns {
        if looks_secret(column) && !select.masks.contains_key(column) {
            report.warning(
                &grant_site(subject, Verb::Select, column),
                "open-secret",
                format!("every `{role}` can read `{column}` of every row"),
                "remove the column, mask it, or narrow the select rule",
            );
        }
    }
}

/// An update that makes a row invisible is refused, as by Postgres; soft deletes run into it.
fn soft_delete(subject: &Subject<'_>, role: &RoleName, select: &Access, report: &mut Report<'_>) {
    let Some(update) = subject.access(role, Verb::Update) else {
        return;
    };
    let marks = |name: &str| {
        let lower = name.to_ascii_lowercase();
        ["delet", "archiv", "hidden"]
            .iter()
            .any(|it| lower.contains(it))
    };
    let read = row_columns(&select.filter);
    let trap = update
        .columns
        .iter()
        .find(|it| read.contains(&it.as_str()) && marks(it));
    if let Some(column) = trap.filter(|_| update.select_check) {
        report.warning(
            &grant_site(subject, Verb::Update, column),
            "soft-delete",
            format!(
                "setting `{column}` can make the row invisible to `{role}`, and such an update is \
                 refused"
            ),
            "set `update = false` in `[select_check]` to let rows leave the caller's view",
        );
    }
}

/// A unique key tells by its conflict that a value exists, visible or not.
fn hidden_keys(subject: &Subject<'_>, role: &RoleName, report: &mut Report<'_>) {
    let select = subject.access(role, Verb::Select);
    let visible = |column: &String| select.is_some_and(|it| it.columns.contains(column));
    for verb in [Verb::Insert, Verb::Update] {
        let Some(access) = subject.access(role, verb) else {
            continue;
        };
        for key in &subject.table.relation.unique_keys {
            let written = key.columns.iter().find(|it| access.columns.contains(it));
            let hidden = key.columns.iter().find(|it| !visible(it));
            if let (Some(written), Some(hidden)) = (written, hidden) {
                report.warning(
                    &grant_site(subject, verb, written),
                    "hidden-key",
                    format!(
                        "`{role}` can find out by trial which `{hidden}` exist: unique key `{}` \
                         refuses them",
                        key.name
                    ),
                    "grant the column for select, or make the key start with the owner's column",
                );
            }
        }
    }
}

/// Where a column is granted: its name, else the `"*"`, else the table.
fn grant_site(subject: &Subject<'_>, verb: Verb, column: &str) -> Site {
    let lists = subject.table.file.grants.iter().flat_map(|it| &it.lists);
    let mut star = None;
    for (_, list) in lists.filter(|(of, _)| *of == verb) {
        match list {
            ColumnList::All(site) => star = star.or(Some(site)),
            ColumnList::Names(names) => {
                if let Some(name) = names.iter().find(|it| it.value == column) {
                    return name.site.clone();
                }
            }
        }
    }
    star.unwrap_or(&subject.table.file.table.site).clone()
}
