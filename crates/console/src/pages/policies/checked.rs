//! What a check of the draft says: findings at their places, what changes for whom, the SQL.

use askama::Template;
use postern_base::RoleName;
use postern_policy::{Diagnostic, Severity, Stand, diff};

use super::draft::{Draft, Outcome, may_edit, with_bundle};
use super::matrix::roles;
use super::sql::{self, VerbSql};
use crate::answer::{Answer, page};
use crate::place::Place;
use crate::visit::Visit;

/// Most differences that are listed.
const CHANGES_MAX: usize = 40;

/// The part of the bench below the editor.
#[derive(Template)]
#[template(path = "policy_checked.html")]
pub(crate) struct Checked {
    pub(crate) errors: usize,
    pub(crate) warnings: usize,
    /// Why nobody could look.
    unavailable: Option<String>,
    findings: Vec<Finding>,
    /// Whether whoever looks may change the text.
    may_mend: bool,
    pub(crate) changes: Vec<Change>,
    /// How many more changes there are.
    more: usize,
    is_changed: bool,
    roles: Vec<(String, bool)>,
    statements: Vec<VerbSql>,
    file: String,
    file_name: String,
}

/// A finding in words.
struct Finding {
    is_error: bool,
    code: &'static str,
    line: usize,
    column: usize,
    length: usize,
    message: String,
    help: String,
    /// The file, where it is another one than the draft.
    elsewhere: Option<(String, Place)>,
    mend: Option<Mend>,
}

/// An edit of the draft that takes a finding away.
struct Mend {
    /// Names the finding to whoever posts it.
    mark: String,
    /// Where, in the units of a browser's texts.
    from: usize,
    to: usize,
    old: String,
    new: String,
}

/// What somebody may do that they could not, or the other way round.
pub(crate) struct Change {
    pub(crate) icon: &'static str,
    pub(crate) tint: &'static str,
    pub(crate) word: &'static str,
    pub(crate) subject: String,
    pub(crate) part: String,
    pub(crate) before: String,
    pub(crate) after: String,
}

/// `POST /console/policies/{file}/check`: changes nothing.
pub(crate) async fn check(visit: &Visit) -> Answer {
    let mut draft = Draft::read(visit).await?;
    if visit.form.has("mend") {
        mend(visit, &mut draft).await;
    }
    if visit.wants_part() {
        let outcome = draft.check(visit).await;
        return page(&Checked::of(visit, &draft, &outcome));
    }
    super::bench::page_of(visit, draft).await
}

/// Makes the edit that a finding of the text asks for; one that is gone asks for nothing.
async fn mend(visit: &Visit, draft: &mut Draft) {
    let (outcome, path) = (draft.check(visit).await, draft.path());
    let wanted = visit.form.text("mend");
    let mut found = outcome.diagnostics().iter();
    let found = found.find(|it| it.file == path && mark_of(it) == wanted);
    let fix = found.and_then(|it| it.fix.as_ref());
    if let Some(text) = fix.and_then(|it| it.apply(&draft.text)) {
        draft.text = text;
    }
}

/// What tells a finding from the others of a text.
fn mark_of(found: &Diagnostic) -> String {
    format!("{}:{}:{}", found.code, found.line, found.column)
}

impl Checked {
    /// What came of a check.
    pub(crate) fn of(visit: &Visit, draft: &Draft, outcome: &Outcome) -> Self {
        let path = draft.path();
        // What is only advice about other files is told where they are open.
        let is_ours = |it: &&Diagnostic| it.file == path || it.severity == Severity::Error;
        let found: Vec<_> = outcome.diagnostics().iter().filter(is_ours).collect();
        let live = visit.console.rest.snapshot();
        let bundle = outcome.bundle();
        let mut changes: Vec<_> = match bundle {
            Some(bundle) if draft.is_changed() => changes(&live.bundle, bundle),
            _ => Vec::new(),
        };
        let more = changes.len().saturating_sub(CHANGES_MAX);
        changes.truncate(CHANGES_MAX);
        let all = roles(bundle.unwrap_or(&live.bundle));
        let wanted = visit.form.text("sql_role");
        let role = all.iter().find(|it| it.as_str() == wanted);
        let role = role.or_else(|| all.get(1)).cloned();
        let role = role.unwrap_or_else(|| RoleName::new(RoleName::ANON));
        let statements = match (bundle, &draft.relation) {
            (Some(bundle), Some(relation)) => {
                let snapshot = with_bundle(&live, bundle);
                let limits = &visit.console.rest.settings().limits;
                sql::of_role(&snapshot, relation, &role, limits)
            }
            _ => Vec::new(),
        };
        let errors = outcome.errors();
        Self {
            errors,
            warnings: found.len() - errors,
            unavailable: match outcome {
                Outcome::Unavailable(message) => Some(message.clone()),
                Outcome::Fine(_) | Outcome::Wrong(_) => None,
            },
            findings: found.iter().map(|it| Finding::of(it, draft)).collect(),
            may_mend: may_edit(visit),
            changes,
            more,
            is_changed: draft.is_changed(),
            roles: all.iter().map(|it| (it.to_string(), *it == role)).collect(),
            statements,
            file: path,
            file_name: draft.file.clone(),
        }
    }
}

impl Finding {
    fn of(found: &Diagnostic, draft: &Draft) -> Self {
        let path = draft.path();
        let is_cut = found.text.ends_with('…');
        let name = super::files::file_name(&found.file).to_owned();
        let place = Place::Policy(name, "");
        Self {
            is_error: found.severity == Severity::Error,
            code: found.code,
            line: found.line,
            column: found.column,
            length: if is_cut {
                0
            } else {
                found.text.chars().count()
            },
            message: found.message.clone(),
            help: found.help.clone(),
            mend: Mend::of(found, &draft.text).filter(|_| found.file == path),
            elsewhere: (found.file != path).then(|| (found.file.clone(), place)),
        }
    }
}

impl Mend {
    fn of(found: &Diagnostic, text: &str) -> Option<Self> {
        let fix = found.fix.as_ref()?;
        let units = |to: usize| Some(text.get(..to)?.encode_utf16().count());
        Some(Self {
            mark: mark_of(found),
            from: units(fix.span.start)?,
            to: units(fix.span.end)?,
            old: fix.old.clone(),
            new: fix.new.clone(),
        })
    }
}

/// What differs between two bundles, what is wider first.
pub(crate) fn changes(old: &postern_policy::Bundle, new: &postern_policy::Bundle) -> Vec<Change> {
    let mut all = diff(old, new);
    let rank = |stand| match stand {
        Stand::Widened => 0,
        Stand::Undecided => 1,
        Stand::Narrowed => 2,
    };
    all.sort_by_key(|it| rank(it.stand));
    all.into_iter()
        .map(|it| {
            let (icon, tint, word) = match it.stand {
                Stand::Widened => ("up", "warn", t!("policies.widened")),
                Stand::Undecided => ("info", "info", t!("policies.undecided")),
                Stand::Narrowed => ("down", "", t!("policies.narrowed")),
            };
            Change {
                icon,
                tint,
                word,
                subject: it.subject.to_string(),
                part: it.part.to_string(),
                before: it.before,
                after: it.after,
            }
        })
        .collect()
}
