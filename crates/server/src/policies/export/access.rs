//! One role's rights by one verb: a grant and a policy.

use postern_base::RoleName;
use postern_catalog::{Generated, Relation};
use postern_policy::{Access, Expr, Verb, describe_with, identifier};

use super::lookups::OfTable;
use super::{Export, sql_relation};

/// What a caller with a role of the database may do: as a role of the policy files that a
/// condition on the token gives, or as none of them.
struct Case<'c> {
    when: Option<&'c Expr>,
    access: Option<&'c Access>,
}

impl Export<'_> {
    /// The grant and the policy of a role by a verb.
    pub(super) fn granted(&self, relation: &Relation, role: &str, verb: Verb) -> String {
        let cases = self.cases(relation, role, verb);
        let allowed: Vec<&Access> = cases.iter().filter_map(|it| it.access).collect();
        if allowed.is_empty() {
            return String::new();
        }
        let table = sql_relation(&relation.name);
        let (word, to) = (verb.as_str(), identifier(role));
        let mut text = if verb == Verb::Delete {
            format!("grant delete on {table} to {to};\n")
        } else {
            let columns = self.columns(relation, verb, &allowed);
            if columns.is_empty() {
                return String::new();
            }
            let columns: Vec<_> = columns.iter().map(|it| identifier(it)).collect();
            format!(
                "grant {word} ({}) on {table} to {to};\n",
                columns.join(", ")
            )
        };
        if verb == Verb::Insert {
            text.push_str(&sequences(relation, &to));
        }
        self.note_limits(relation, role, &allowed);
        let using = (verb != Verb::Insert).then(|| {
            format!(
                " using ({})",
                self.condition(relation, &cases, |it| &it.filter)
            )
        });
        let check = matches!(verb, Verb::Insert | Verb::Update).then(|| {
            format!(
                " with check ({})",
                self.condition(relation, &cases, |it| &it.check)
            )
        });
        let name = identifier(&format!("postern {word} {role}"));
        text.push_str(&format!(
            "drop policy if exists {name} on {table};\n\
             create policy {name} on {table} for {word} to {to}{}{};\n",
            using.unwrap_or_default(),
            check.unwrap_or_default()
        ));
        text
    }

    /// What a role of the database can mean, in the order in which the gateway tries it.
    fn cases(&self, relation: &Relation, role: &str, verb: Verb) -> Vec<Case<'_>> {
        let access = |name: &RoleName| self.bundle.access(&relation.name, name, verb);
        let mut cases = Vec::new();
        for (name, definition) in self.bundle.roles() {
            if name.as_str() == role {
                break;
            }
            let chain = self.bundle.role_chain(name);
            let inherits = chain.iter().any(|it| it.as_str() == role);
            if let Some(when) = &definition.when
                && (role == RoleName::AUTHENTICATED || inherits)
            {
                cases.push(Case {
                    when: Some(when),
                    access: access(name),
                });
            }
        }
        cases.push(Case {
            when: None,
            access: access(&RoleName::new(role)),
        });
        cases
    }

    fn condition(
        &self,
        relation: &Relation,
        cases: &[Case<'_>],
        of: impl Fn(&Access) -> &Expr,
    ) -> String {
        let names = OfTable {
            lookups: &self.lookups,
            relation,
            row: identifier(&relation.name.name),
        };
        let text = |case: &Case<'_>| match case.access {
            // A sign-in that is sure or recent enough is nothing that a row can be asked for.
            Some(access) if access.assurance.is_none() => describe_with(of(access), &names),
            _ => "false".to_owned(),
        };
        let texts: Vec<_> = cases.iter().map(text).collect();
        let Some((last, rest)) = texts.split_last() else {
            return "false".into();
        };
        if rest.iter().all(|it| it == last) {
            return last.clone();
        }
        let mut whole = String::from("case");
        for (case, then) in cases.iter().zip(rest) {
            let when = case.when.map(|it| describe_with(it, &names));
            whole += &format!(" when {} then {then}", when.unwrap_or_default());
        }
        format!("{whole} else {last} end")
    }

    /// The columns that every case grants; a mask is none that a grant can say.
    fn columns<'r>(&self, relation: &'r Relation, verb: Verb, allowed: &[&Access]) -> Vec<&'r str> {
        let all = relation.columns.iter();
        let all = all.filter(|it| verb == Verb::Select || it.generated != Generated::Stored);
        let in_every = |name: &&str| {
            let mut it = allowed.iter();
            it.all(|it| it.columns.iter().any(|column| column == name))
        };
        let in_any = |name: &&str| {
            let mut it = allowed.iter();
            it.any(|it| it.columns.iter().any(|column| column == name))
        };
        let names: Vec<&str> = all.map(|it| it.name.as_str()).collect();
        for name in names.iter().filter(|it| in_any(it) && !in_every(it)) {
            let what = format!("`{name}` is granted by a role with a condition only");
            self.problem(&relation.name, &what);
        }
        let masked = |name: &&str| allowed.iter().any(|it| it.masks.contains_key(*name));
        for name in names.iter().filter(|it| masked(it)) {
            let what = format!("the mask of `{name}`; the column is not granted");
            self.problem(&relation.name, &what);
        }
        names
            .into_iter()
            .filter(in_every)
            .filter(|it| !masked(it))
            .collect()
    }

    fn note_limits(&self, relation: &Relation, role: &str, allowed: &[&Access]) {
        for access in allowed {
            let limits = &access.limits;
            if limits.rows.is_some() || limits.max_affected.is_some() {
                self.problem(&relation.name, &format!("the limits of `{role}`"));
            }
            for column in &access.references {
                let what = format!("`{column} = \"visible\"`; keys may point to hidden rows");
                self.problem(&relation.name, &what);
            }
            if !access.computed.is_empty() {
                let what = format!("`computed` of `{role}`; the functions' own grants decide");
                self.problem(&relation.name, &what);
            }
            if access.assurance.is_some() {
                let what = format!("what `{role}` must prove; its verbs are closed");
                self.problem(&relation.name, &what);
            }
            if !access.select_check {
                let what = "rows that leave the caller's view; such updates are refused";
                self.problem(&relation.name, what);
            }
        }
    }
}

/// Rights on the sequences that defaults draw from.
fn sequences(relation: &Relation, role: &str) -> String {
    let defaults = relation
        .columns
        .iter()
        .filter_map(|it| it.default.as_deref());
    let drawn = defaults.filter_map(|it| it.strip_prefix("nextval('")?.split('\'').next());
    drawn
        .map(|it| format!("grant usage on sequence {it} to {role};\n"))
        .collect()
}
