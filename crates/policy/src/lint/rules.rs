//! Lints on single rules.

use postern_base::RoleName;
use postern_catalog::RelationKind;

use super::{Subject, row_columns};
use crate::bind::Rule;
use crate::file::RuleKind;
use crate::report::Report;
use crate::{Expr, Verb};

/// Runs them.
pub(super) fn lint(subject: &Subject<'_>, report: &mut Report<'_>) {
    foreign_rows(subject, report);
    for rule in &subject.table.rules {
        constant(rule, report);
        user_metadata(rule, report);
        anonymous_write(subject, rule, report);
        implicit_check(subject, rule, report);
    }
    subsumed(subject, report);
}

/// Views and foreign tables show rows whose own tables' policies do not apply.
fn foreign_rows(subject: &Subject<'_>, report: &mut Report<'_>) {
    let relation = subject.table.relation;
    let what = match relation.kind {
        RelationKind::View if !relation.security_invoker => "a view",
        RelationKind::MaterializedView => "a materialised view",
        RelationKind::Foreign => "a foreign table",
        RelationKind::Table | RelationKind::Partitioned | RelationKind::View => return,
    };
    if subject.table.file.note.is_none() {
        report.warning(
            &subject.table.file.table.site,
            "view-without-note",
            format!(
                "`{}` is {what}: the policies of the tables behind it do not apply",
                relation.name
            ),
            "see that its rules here are enough, and say so with `note = \"…\"`",
        );
    }
}

/// A rule whose outcome does not depend on anything.
fn constant(rule: &Rule<'_>, report: &mut Report<'_>) {
    let (never, always) = match &rule.condition {
        // A deny rule is kept as `when IS FALSE`.
        Expr::Is { expr, .. } if rule.entry.kind == RuleKind::Deny => {
            (expr.is_true(), expr.is_false())
        }
        other => (
            other.is_false() && rule.check.is_false(),
            other.is_true() && rule.check.is_true(),
        ),
    };
    let (message, help) = match rule.entry.kind {
        RuleKind::Allow if never => ("never holds, so the rule opens nothing", "remove it"),
        // A demand on the sign-in has no condition that could hold.
        RuleKind::Require if rule.assurance().is_some() => return,
        RuleKind::Require | RuleKind::Deny if always => {
            ("always holds, so the rule restricts nothing", "remove it")
        }
        RuleKind::Require | RuleKind::Deny if never => (
            "never holds, so nobody can do anything by these verbs",
            "remove the allow rules instead, which says the same more plainly",
        ),
        _ => return,
    };
    report.warning(
        Subject::condition_site(rule),
        "dead-rule",
        format!("the condition of `{}` {message}", rule.entry.name),
        help,
    );
}

/// An allow rule next to one that opens the same rows, or all of them, to the same roles.
fn subsumed(subject: &Subject<'_>, report: &mut Report<'_>) {
    let allows = |rule: &&Rule<'_>| rule.entry.kind == RuleKind::Allow;
    let rules: Vec<_> = subject.table.rules.iter().filter(allows).collect();
    for (index, narrow) in rules.iter().enumerate() {
        let wider = rules.iter().enumerate().find(|(other, wide)| {
            let opens = |wide: &Expr, narrow: &Expr| wide.is_true() || wide == narrow;
            let twins = opens(&narrow.condition, &wide.condition)
                && opens(&narrow.check, &wide.check)
                && covers(subject, narrow, wide);
            // Of two equal rules the later one is told of.
            index != *other
                && opens(&wide.condition, &narrow.condition)
                && opens(&wide.check, &narrow.check)
                && covers(subject, wide, narrow)
                && !(twins && *other > index)
        });
        if let Some((_, wide)) = wider {
            report.warning(
                Subject::condition_site(narrow),
                "dead-rule",
                format!(
                    "`{}` opens nothing that `{}` does not",
                    narrow.entry.name, wide.entry.name
                ),
                "remove it, or narrow the other one",
            );
        }
    }
}

/// Whether `wide` speaks of every verb and role of `narrow`.
fn covers(subject: &Subject<'_>, wide: &Rule<'_>, narrow: &Rule<'_>) -> bool {
    let verbs = Verb::ALL.into_iter().filter(|it| narrow.entry.covers(*it));
    verbs.into_iter().all(|verb| {
        subject.roles.all().iter().all(|role| {
            let chain = subject.roles.chain(role);
            wide.applies(&chain, verb) || !narrow.applies(&chain, verb)
        })
    })
}

fn user_metadata(rule: &Rule<'_>, report: &mut Report<'_>) {
    if reads_user_metadata(&rule.condition) || reads_user_metadata(&rule.check) {
        report.warning(
            Subject::condition_site(rule),
            "user-metadata",
            format!(
                "`{}` depends on `user_metadata`, which users write themselves",
                rule.entry.name
            ),
            "use `app_metadata`, which only the service key writes",
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

fn anonymous_write(subject: &Subject<'_>, rule: &Rule<'_>, report: &mut Report<'_>) {
    let anon = RoleName::new(RoleName::ANON);
    let chain = std::slice::from_ref(&anon);
    let verbs = [Verb::Insert, Verb::Update, Verb::Delete];
    let written = verbs
        .into_iter()
        .find(|verb| rule.applies(chain, *verb) && subject.access(&anon, *verb).is_some());
    if let Some(verb) = written.filter(|_| rule.entry.kind == RuleKind::Allow) {
        let (name, verb) = (&rule.entry.name, verb.as_str());
        report.warning(
            &rule.entry.site,
            "anon-write",
            format!("`{name}` lets everybody {verb} without signing in"),
            "remove `anon`, or limit what it may do by `check` and by its columns",
        );
    }
}

/// The same condition judges the old and the new row, and the caller may change what it reads.
fn implicit_check(subject: &Subject<'_>, rule: &Rule<'_>, report: &mut Report<'_>) {
    if rule.entry.kind != RuleKind::Allow || rule.entry.check.is_some() {
        return;
    }
    let read = row_columns(&rule.condition);
    let changeable = subject.roles.all().into_iter().find_map(|role| {
        if !rule.applies(std::slice::from_ref(&role), Verb::Update) {
            return None;
        }
        let access = subject.access(&role, Verb::Update)?;
        read.iter()
            .find(|it| access.columns.iter().any(|column| column == *it))
    });
    if let Some(column) = changeable {
        report.warning(
            Subject::condition_site(rule),
            "implicit-check",
            format!(
                "`{}` reads `{column}`, which may be updated, and has no `check`: the new row is \
                 judged by the same condition",
                rule.entry.name
            ),
            "write `check` to say what the new row may be, even if it is the same",
        );
    }
}
