//! Random policies, each written as a policy file and as `CREATE POLICY`.

use std::fmt::Write as _;

use rand::Rng as _;
use rand::rngs::StdRng;

use super::conditions::condition;
use super::grants::Grants;
use super::tables::{TABLES, Table};

/// The verbs in the words of both forms.
pub(crate) const VERBS: [&str; 4] = ["select", "insert", "update", "delete"];

/// The policies of one table.
pub(crate) struct TablePolicies {
    pub(crate) table: &'static Table,
    pub(crate) grants: Grants,
    rules: Vec<Rule>,
    /// `[mask]` on `notes.body`: unless, and the value.
    pub(crate) mask: Option<(String, &'static str)>,
    /// Whether `item` may only name items that the caller sees.
    pub(crate) references: bool,
}

struct Rule {
    kind: &'static str,
    verbs: Vec<&'static str>,
    condition: String,
    check: Option<String>,
    as_caller: bool,
}

/// Makes policies for every table of a world.
pub(crate) fn random(random: &mut StdRng, schema: &str) -> Vec<TablePolicies> {
    let mut made: Vec<TablePolicies> = Vec::new();
    for table in &TABLES {
        let policies = of_table(random, table, schema, &made);
        made.push(policies);
    }
    made
}

fn of_table(
    random: &mut StdRng,
    table: &'static Table,
    schema: &str,
    made: &[TablePolicies],
) -> TablePolicies {
    let mut rules = Vec::new();
    if table.is_view {
        // Native policies do not stand on views: their grants alone are compared.
        rules.push(Rule::plain("allow", vec!["select"], "TRUE".into()));
    } else {
        for _ in 0..random.random_range(1..=4) {
            rules.push(rule(random, "allow", table, schema, made));
        }
        if random.random_bool(0.5) {
            // So that most writes are decided by what they write, and not all refused.
            let verbs = ["insert", "update", "delete"].into_iter();
            let verbs: Vec<_> = verbs.filter(|_| random.random_bool(0.6)).collect();
            if !verbs.is_empty() {
                rules.push(Rule::plain("allow", verbs, "TRUE".into()));
            }
        }
        for kind in ["require", "deny"] {
            if random.random_bool(0.25) {
                rules.push(rule(random, kind, table, schema, made));
            }
        }
    }
    let mask = (table.name == "notes" && random.random_bool(0.3)).then(|| {
        let value = if random.random_bool(0.5) {
            "NULL"
        } else {
            "'***' || right(body, 1)"
        };
        (condition(random, table, schema, 1), value)
    });
    let whole = mask.is_some() || random.random_bool(0.5);
    TablePolicies {
        table,
        grants: Grants::random(random, table, whole),
        rules,
        references: ["notes", "kinds"].contains(&table.name)
            && made
                .iter()
                .all(|it| it.table.name != "items" || it.grants.has("select", "id"))
            && random.random_bool(0.3),
        mask,
    }
}

/// A subquery that the caller's own policies filter, where the caller may read what it names.
fn as_caller(table: &Table, schema: &str, made: &[TablePolicies]) -> Option<String> {
    let (far, columns, condition) = match table.name {
        "items" => (
            "groups",
            ["id", "open"],
            "grp IN (SELECT g.id FROM $s.groups g WHERE g.open)",
        ),
        "notes" | "kinds" | "events" => (
            "items",
            ["id", "n"],
            "item IN (SELECT i.id FROM $s.items i WHERE i.n > 1)",
        ),
        _ => return None,
    };
    let far = made.iter().find(|it| it.table.name == far)?;
    let readable = far.allows("select") && columns.iter().all(|it| far.grants.has("select", it));
    readable.then(|| condition.replace("$s", schema))
}

fn rule(
    random: &mut StdRng,
    kind: &'static str,
    table: &Table,
    schema: &str,
    made: &[TablePolicies],
) -> Rule {
    let likely = if kind == "allow" { 0.7 } else { 0.5 };
    let mut verbs = VERBS.to_vec();
    verbs.retain(|_| random.random_bool(likely));
    if verbs.is_empty() {
        verbs.push("select");
    }
    if kind == "allow"
        && random.random_bool(0.2)
        && let Some(condition) = as_caller(table, schema, made)
    {
        return Rule {
            as_caller: true,
            ..Rule::plain(kind, verbs, condition)
        };
    }
    let generous = kind == "allow" && random.random_bool(0.3);
    let condition = if generous {
        "TRUE".into()
    } else {
        condition(random, table, schema, 2)
    };
    let writes = verbs.iter().any(|it| matches!(*it, "insert" | "update"));
    let check = (kind != "deny" && writes && random.random_bool(0.4))
        .then(|| self::condition(random, table, schema, 1));
    Rule {
        check,
        ..Rule::plain(kind, verbs, condition)
    }
}

impl TablePolicies {
    pub(crate) fn allows(&self, verb: &str) -> bool {
        self.rules
            .iter()
            .any(|it| it.kind == "allow" && it.verbs.contains(&verb))
    }

    /// Whether any verb is granted; a table without a grant has no file.
    pub(crate) fn is_granted(&self) -> bool {
        VERBS.iter().any(|verb| self.allows(verb))
    }

    /// The policy file, without the rules of one kind.
    pub(crate) fn file(&self, schema: &str, without: &str, columns: Columns) -> String {
        let name = self.table.name;
        let mut text = format!(
            "table = \"{schema}.{name}\"\n[limits.authenticated]\naggregates = true\n\
             [columns.authenticated]\n"
        );
        for verb in ["select", "insert", "update"] {
            let listed = match columns {
                Columns::Granted => self.grants.columns(verb).to_vec(),
                Columns::All => self.grants.all(verb),
            };
            if self.allows(verb) && !listed.is_empty() {
                let _ = writeln!(text, "{verb} = {listed:?}");
            }
        }
        if self.grants.preset && without != "preset" {
            text.push_str("[preset.insert]\nactor = \"'preset'\"\n");
        }
        if let Some((unless, value)) = &self.mask {
            let _ = writeln!(text, "[mask.authenticated]");
            let _ = writeln!(text, "body = {{ unless = {unless:?}, value = {value:?} }}");
        }
        if self.references {
            text.push_str("[references]\nitem = \"visible\"\n");
        }
        let kept = self.rules.iter().filter(|it| it.kind != without);
        kept.enumerate()
            .for_each(|(index, it)| it.file(index, &mut text));
        text
    }

    /// The same as grants and native policies.
    pub(crate) fn native(&self, schema: &str, role: &str) -> String {
        let table = format!("{schema}.{}", self.table.name);
        let mut sql = String::new();
        for verb in VERBS.iter().filter(|verb| self.allows(verb)) {
            sql += &self.grants.native(verb, &table, role);
        }
        if let Some((unless, value)) = &self.mask {
            let _ = write!(
                sql,
                "create view {schema}_masked.notes with (security_invoker, security_barrier) as
                 select id, item, owner, secret, case when {unless} then body else {value} end
                 as body from {table}; grant select on {schema}_masked.notes to {role};"
            );
        }
        if self.table.is_view {
            return sql;
        }
        for (index, rule) in self.rules.iter().enumerate() {
            for verb in &rule.verbs {
                sql.push_str(&rule.native(&table, role, verb, index));
            }
        }
        sql
    }

    /// Deletes the rows that the caller may not select.
    pub(crate) fn without_hidden(&self, schema: &str) -> String {
        let name = self.table.name;
        let of = |kind: &str| {
            let rules = self.rules.iter().filter(move |it| it.kind == kind);
            let rules = rules.filter(|it| it.verbs.contains(&"select"));
            rules
                .map(|it| format!("({})", it.using()))
                .collect::<Vec<_>>()
        };
        let mut all = vec![format!(
            "({})",
            [of("allow"), vec!["FALSE".into()]].concat().join(" OR ")
        )];
        all.extend(of("require"));
        all.extend(of("deny"));
        let seen = all.join(" AND ");
        format!("delete from {schema}.{name} where ({seen}) is not true;")
    }
}

/// Which columns a file lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Columns {
    Granted,
    /// All of them: a mutant.
    All,
}

impl Rule {
    fn plain(kind: &'static str, verbs: Vec<&'static str>, condition: String) -> Self {
        Self {
            kind,
            verbs,
            condition,
            check: None,
            as_caller: false,
        }
    }

    fn file(&self, index: usize, text: &mut String) {
        let _ = writeln!(text, "[[{}]]\nname = \"rule {index}\"", self.kind);
        let _ = writeln!(text, "roles = [\"authenticated\"]\nfor = {:?}", self.verbs);
        let condition = if self.kind == "deny" { "when" } else { "where" };
        let _ = writeln!(text, "{condition} = {:?}", self.condition);
        if let Some(check) = &self.check {
            let _ = writeln!(text, "check = {check:?}");
        }
        if self.as_caller {
            text.push_str("scope = \"caller\"\n");
        }
    }

    fn using(&self) -> String {
        match self.kind {
            "deny" => format!("({}) IS FALSE", self.condition),
            _ => self.condition.clone(),
        }
    }

    fn native(&self, table: &str, role: &str, verb: &str, index: usize) -> String {
        let mode = if self.kind == "allow" {
            "permissive"
        } else {
            "restrictive"
        };
        let condition = self.using();
        let check = self.check.as_ref().unwrap_or(&condition);
        let clauses = match verb {
            "insert" => format!("with check ({check})"),
            "update" => format!("using ({condition}) with check ({check})"),
            _ => format!("using ({condition})"),
        };
        format!(
            "create policy r{index}_{verb} on {table} as {mode} for {verb} to {role} {clauses};"
        )
    }
}
