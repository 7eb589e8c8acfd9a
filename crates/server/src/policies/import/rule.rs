//! One policy of the database as a rule.

use postern_base::RelationName;
use postern_db::survey::RowPolicy;
use postern_policy::{Verb, toml_quoted};

use super::Facts;

/// A rule, and whether it can be said.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    name: String,
    permissive: bool,
    roles: Vec<String>,
    verbs: Vec<Verb>,
    condition: Option<String>,
    check: Option<String>,
    /// It calls functions that only the database knows.
    pub(super) native: bool,
    /// Why it cannot be said.
    pub(super) refused: Option<String>,
}

/// The rules of a relation. Roles with different rights get rules of their own, since a verb
/// without a right would be a rule without columns.
pub(super) fn rules(facts: &Facts<'_>) -> Vec<Rule> {
    if !facts.rls {
        let open = RowPolicy {
            relation: facts.relation.name.clone(),
            name: "row-level security is off".into(),
            permissive: true,
            command: "all",
            roles: vec!["public".into()],
            using: Some("true".into()),
            check: None,
            columns: Vec::new(),
        };
        return of_policy(&open, facts);
    }
    let policies = facts.policies.iter();
    let mut rules: Vec<Rule> = policies.flat_map(|it| of_policy(it, facts)).collect();
    rules.extend(empty(facts, &rules));
    rules
}

/// Rules without a row for verbs that are granted and that no policy speaks of: such a table is
/// empty, which is another answer than one that is not there.
fn empty(facts: &Facts<'_>, rules: &[Rule]) -> Vec<Rule> {
    let nothing = RowPolicy {
        relation: facts.relation.name.clone(),
        name: "no policy, no rows".into(),
        permissive: true,
        command: "all",
        roles: Vec::new(),
        using: Some("false".into()),
        check: None,
        columns: Vec::new(),
    };
    let bare = |role: &&String| {
        let name = facts.roles.policy_name(role).to_owned();
        let covered = |verb: &Verb| {
            let mut allow = rules.iter().filter(|it| it.permissive);
            allow.any(|it| it.roles.contains(&name) && it.verbs.contains(verb))
        };
        let verbs: Vec<_> = facts
            .verbs(role)
            .into_iter()
            .filter(|it| !covered(it))
            .collect();
        (!verbs.is_empty()).then(|| rule(&nothing, verbs, name.clone()))
    };
    facts
        .roles
        .names
        .iter()
        .filter_map(|role| bare(&role))
        .collect()
}

fn of_policy(policy: &RowPolicy, facts: &Facts<'_>) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    let public = policy.roles.iter().any(|it| it == "public");
    let roles = facts.roles.names.iter();
    for role in roles.filter(|it| public || policy.roles.contains(it)) {
        let verbs = verbs(policy, facts, role);
        if verbs.is_empty() {
            continue;
        }
        let name = facts.roles.policy_name(role).to_owned();
        match rules.iter_mut().find(|it| it.verbs == verbs) {
            Some(rule) => rule.roles.push(name),
            None => rules.push(rule(policy, verbs, name)),
        }
    }
    let several = rules.len() > 1;
    for rule in rules.iter_mut().filter(|_| several) {
        rule.name = format!("{} ({})", policy.name, rule.roles.join(", "));
    }
    rules
}

fn verbs(policy: &RowPolicy, facts: &Facts<'_>, role: &str) -> Vec<Verb> {
    let granted = facts.verbs(role).into_iter();
    let named = |verb: &Verb| policy.command == "all" || policy.command == verb.as_str();
    // Without USING a policy lets no row through; it only checks what is written.
    let speaks = |verb: &Verb| {
        policy.using.is_some()
            || *verb == Verb::Insert
            || (*verb == Verb::Update && !policy.permissive)
    };
    granted.filter(named).filter(speaks).collect()
}

fn rule(policy: &RowPolicy, verbs: Vec<Verb>, role: String) -> Rule {
    let inserts_only = verbs == [Verb::Insert];
    let checks = verbs.contains(&Verb::Insert) || verbs.contains(&Verb::Update);
    // Without WITH CHECK the other one is used for both, here as there.
    let check = policy.check.clone().filter(|_| checks);
    let condition = policy.using.clone();
    Rule {
        name: policy.name.clone(),
        permissive: policy.permissive,
        roles: vec![role],
        check: check.or_else(|| condition.clone().filter(|_| inserts_only)),
        condition: condition.filter(|_| !inserts_only),
        verbs,
        native: false,
        refused: None,
    }
}

impl Rule {
    /// What the author should know about it.
    pub(super) fn note(&self, relation: &RelationName) -> Option<String> {
        if let Some(reason) = &self.refused {
            return Some(format!(
                "{relation}: `{}` cannot be said: {reason}",
                self.name
            ));
        }
        self.native.then(|| {
            format!(
                "{relation}: `{}` calls functions of the database (`native = true`): they run with \
                 the gateway's rights, on the slower session path",
                self.name
            )
        })
    }

    /// The rule as TOML; one that cannot be said is a comment, and a restrictive one closes.
    pub(super) fn to_toml(&self) -> String {
        let Some(reason) = &self.refused else {
            return self.table(self.condition.as_deref(), self.check.as_deref());
        };
        let mut text = format!(
            "\n# This policy cannot be said here: {}\n",
            one_line(reason)
        );
        for line in self
            .table(self.condition.as_deref(), self.check.as_deref())
            .trim()
            .lines()
        {
            text.push_str(&format!("# {line}\n"));
        }
        if !self.permissive {
            text.push_str("# It narrows others, so its verbs are closed until it is written anew.");
            let inserts_only = self.verbs == [Verb::Insert];
            let closed = Some("false");
            text.push_str(&if inserts_only {
                self.table(None, closed)
            } else {
                self.table(closed, None)
            });
        }
        text
    }

    fn table(&self, condition: Option<&str>, check: Option<&str>) -> String {
        let kind = if self.permissive { "allow" } else { "require" };
        let roles: Vec<_> = self.roles.iter().map(|it| toml_quoted(it)).collect();
        let verbs: Vec<_> = self
            .verbs
            .iter()
            .map(|it| toml_quoted(it.as_str()))
            .collect();
        let mut text = format!(
            "\n[[{kind}]]\nname = {}\nroles = [{}]\nfor = [{}]\nscope = \"caller\"\n",
            toml_quoted(&self.name),
            roles.join(", "),
            verbs.join(", ")
        );
        if self.native {
            text.push_str("native = true\n");
        }
        for (key, sql) in [("where", condition), ("check", check)] {
            if let Some(sql) = sql {
                text.push_str(&format!("{key} = {}\n", toml_quoted(&one_line(sql))));
            }
        }
        text
    }
}

/// Postgres breaks subqueries into lines; what stands in quotes is left as it is.
fn one_line(sql: &str) -> String {
    let mut line = String::with_capacity(sql.len());
    let mut quoted = false;
    for it in sql.trim().chars() {
        quoted ^= matches!(it, '\'' | '"');
        if quoted || !it.is_whitespace() {
            line.push(it);
        } else if !line.ends_with(' ') {
            line.push(' ');
        }
    }
    line
}
