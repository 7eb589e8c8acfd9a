//! `[[allow]]`, `[[require]]` and `[[deny]]`, in the long and the compact form.

use crate::file::node::{Content, Node};
use crate::file::reader::{Reader, parse_assurance};
use crate::predicate::near;
use crate::report::{Report, Site, Spanned};
use crate::{Assurance, Verb};

/// Which list a rule stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleKind {
    /// Permissive: any of them opens.
    Allow,
    /// Restrictive: each must be TRUE.
    Require,
    /// Restrictive: each must be FALSE.
    Deny,
}

impl RuleKind {
    /// The key in the file.
    pub fn key(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Require => "require",
            Self::Deny => "deny",
        }
    }
}

/// One rule as written.
#[derive(Clone, Debug)]
pub(crate) struct RuleEntry {
    pub(crate) kind: RuleKind,
    pub(crate) name: String,
    /// The whole rule's place.
    pub(crate) site: Site,
    /// The roles; `None` stands for all of them (never for allow).
    pub(crate) roles: Option<Vec<Spanned<String>>>,
    pub(crate) verbs: Vec<Verb>,
    /// `where`, or a deny rule's `when`.
    pub(crate) condition: Option<Spanned<String>>,
    pub(crate) check: Option<Spanned<String>>,
    /// What a require rule demands of the sign-in, in place of a condition.
    pub(crate) assurance: Option<Assurance>,
    /// Whether opaque functions may be called.
    pub(crate) native: bool,
    /// Whether subqueries are filtered by the caller's own policies.
    pub(crate) as_caller: bool,
}

impl RuleEntry {
    /// Whether the rule speaks of this verb.
    pub(crate) fn covers(&self, verb: Verb) -> bool {
        self.verbs.contains(&verb)
    }
}

/// Reads all three lists.
pub(crate) fn read(file: &Reader<'_>, report: &mut Report<'_>) -> Vec<RuleEntry> {
    let mut rules = Vec::new();
    for kind in [RuleKind::Allow, RuleKind::Require, RuleKind::Deny] {
        if let Some(node) = file.get(kind.key()).filter(|it| is_demand(kind, it)) {
            rules.extend(demand(node, report));
            continue;
        }
        for (index, node) in file.tables(kind.key(), report).iter().enumerate() {
            rules.extend(rule(kind, index + 1, node, report));
        }
    }
    rules
}

/// Whether a list is one text instead: `require = "aal2 within 5m"`.
fn is_demand(kind: RuleKind, node: &Node) -> bool {
    kind == RuleKind::Require && matches!(node.content, Content::Text(_))
}

/// The short form of one demand on the sign-in, for every role and verb.
fn demand(node: &Node, report: &mut Report<'_>) -> Option<RuleEntry> {
    let assurance = parse_assurance(node, RuleKind::Require.key(), report)?;
    Some(RuleEntry {
        kind: RuleKind::Require,
        name: assurance.to_string(),
        site: node.site.clone(),
        roles: None,
        verbs: Verb::ALL.to_vec(),
        condition: None,
        check: None,
        assurance: Some(assurance),
        native: false,
        as_caller: false,
    })
}

fn rule(kind: RuleKind, number: usize, node: &Node, report: &mut Report<'_>) -> Option<RuleEntry> {
    let known: &[&str] = match kind {
        RuleKind::Allow | RuleKind::Require => &[
            "name",
            "roles",
            "for",
            "where",
            "check",
            "assurance",
            "native",
            "scope",
        ],
        RuleKind::Deny => &[
            "name",
            "roles",
            "for",
            "when",
            "assurance",
            "native",
            "scope",
        ],
    };
    let reader = Reader::new(node, "rule", known, report)?;
    let name = reader.text("name", report).map(|it| it.value);
    let condition_key = match kind {
        RuleKind::Allow | RuleKind::Require => "where",
        RuleKind::Deny => "when",
    };
    let entry = RuleEntry {
        kind,
        name: name.unwrap_or_else(|| format!("{} {number}", kind.key())),
        site: node.site.clone(),
        roles: roles(kind, &reader, report),
        verbs: verbs(kind, &reader, report),
        condition: reader.text(condition_key, report),
        check: reader.text("check", report),
        assurance: assurance(kind, &reader, report)?,
        native: reader.bool("native", report).unwrap_or(false),
        as_caller: scope(&reader, report),
    };
    check_conditions(&entry, condition_key, report);
    Some(entry)
}

/// What the rule demands of the sign-in; only a require rule may, and then nothing else.
///
/// The outer `None` is an error: a rule whose demand is lost must not load as one without it.
#[expect(
    clippy::option_option,
    reason = "absent and wrong are different answers"
)]
fn assurance(
    kind: RuleKind,
    reader: &Reader<'_>,
    report: &mut Report<'_>,
) -> Option<Option<Assurance>> {
    let Some(node) = reader.get("assurance") else {
        return Some(None);
    };
    if kind != RuleKind::Require {
        report.error(
            &node.site,
            "misplaced-assurance",
            format!("`assurance` has no place in {} rules", kind.key()),
            "write a [[require]] rule of its own for the same verbs",
        );
        return None;
    }
    let beside = ["where", "check", "native", "scope"];
    if let Some(key) = beside.into_iter().find(|key| reader.get(key).is_some()) {
        report.error(
            &node.site,
            "misplaced-assurance",
            format!("`assurance` and `{key}` cannot be in one rule"),
            "it is decided before any row is looked at; write two rules",
        );
        return None;
    }
    parse_assurance(node, "assurance", report).map(Some)
}

/// Roles: an allow rule must name them, the others hold for everybody (`None`) by default.
///
/// After an error the list is empty: the rule is still looked at, so that its other errors show.
fn roles(
    kind: RuleKind,
    reader: &Reader<'_>,
    report: &mut Report<'_>,
) -> Option<Vec<Spanned<String>>> {
    let missing = reader.get("roles").is_none();
    if missing && kind != RuleKind::Allow {
        return None;
    }
    let roles = reader.texts("roles", report);
    if missing || roles.as_ref().is_some_and(Vec::is_empty) {
        report.error(
            reader.site(),
            "missing-roles",
            format!("this {} rule names no roles", kind.key()),
            "add `roles = [\"authenticated\"]`, and `\"anon\"` if everybody may",
        );
    }
    Some(roles.unwrap_or_default())
}

/// Verbs: an allow rule must name them, the others hold for all by default.
fn verbs(kind: RuleKind, reader: &Reader<'_>, report: &mut Report<'_>) -> Vec<Verb> {
    let missing = reader.get("for").is_none();
    if missing && kind != RuleKind::Allow {
        return Verb::ALL.to_vec();
    }
    let words = reader.texts("for", report);
    if missing || words.as_ref().is_some_and(Vec::is_empty) {
        report.error(
            reader.site(),
            "missing-verbs",
            format!("this {} rule names no verbs", kind.key()),
            "add `for = [\"select\"]` with the verbs that it is about",
        );
    }
    let mut verbs = Vec::new();
    for word in words.unwrap_or_default() {
        match Verb::parse(&word.value) {
            Some(verb) => verbs.push(verb),
            None => report.error(
                &word.site,
                "unknown-verb",
                format!("unknown verb `{}`", word.value),
                near(&word.value, &Verb::ALL.map(Verb::as_str), "verbs are"),
            ),
        }
    }
    verbs
}

fn scope(reader: &Reader<'_>, report: &mut Report<'_>) -> bool {
    let Some(scope) = reader.text("scope", report) else {
        return false;
    };
    match scope.value.as_str() {
        "caller" => true,
        "definer" => false,
        other => {
            report.error(
                &scope.site,
                "unknown-value",
                format!("`scope` cannot be `{other}`"),
                "write `caller` (subqueries see what the caller sees) or leave it out",
            );
            true
        }
    }
}

/// Each verb of the rule needs the condition that it will be judged by.
fn check_conditions(rule: &RuleEntry, condition_key: &str, report: &mut Report<'_>) {
    let writes = rule.covers(Verb::Insert) || rule.covers(Verb::Update);
    if let Some(check) = &rule.check
        && !writes
    {
        report.error(
            &check.site,
            "useless-check",
            "`check` judges new rows, but the rule is neither for insert nor for update",
            "remove `check`, or add the verb to `for`",
        );
    }
    if rule.condition.is_some() || rule.assurance.is_some() || rule.verbs.is_empty() {
        return;
    }
    let reads = [Verb::Select, Verb::Delete]
        .into_iter()
        .chain((rule.kind == RuleKind::Allow).then_some(Verb::Update))
        .any(|verb| rule.covers(verb));
    if reads || rule.check.is_none() {
        report.error(
            &rule.site,
            "missing-condition",
            format!(
                "`{condition_key}` is missing in {} rule `{}`",
                rule.kind.key(),
                rule.name
            ),
            format!("add `{condition_key} = '…'`; a rule for every row says `true`"),
        );
    }
}
