//! `postern policy new`: a starter file made of the table's own columns.

use std::fmt::Write as _;

use postern_base::RelationName;
use postern_catalog::{Catalog, Column, Generated, Relation, nearest};

/// The templates, each with what it does.
pub const TEMPLATES: &[(&str, &str)] = &[
    ("owner", "everybody reads and writes their own rows"),
    ("team", "members of a team read and write its rows"),
    ("public-read", "everybody reads, owners write"),
    ("read-only", "everybody reads, no client writes"),
    ("append-only", "everybody signed in appends, nobody reads"),
];

const OWNER_COLUMNS: &[&str] = &[
    "user_id",
    "owner_id",
    "author_id",
    "created_by",
    "profile_id",
];
const TEAM_COLUMNS: &[&str] = &[
    "team_id",
    "org_id",
    "organization_id",
    "group_id",
    "tenant_id",
];
/// Columns that the database fills in by itself.
const FILLED_COLUMNS: &[&str] = &["created_at", "updated_at", "inserted_at"];

/// Writes the starter of a table.
pub(super) fn starter(
    catalog: &Catalog,
    default_schema: &str,
    table: &str,
    template: &str,
) -> Result<(RelationName, String), String> {
    let relation = find(catalog, default_schema, table)?;
    let draft = Draft { catalog, relation };
    let text = match template {
        "owner" => draft.owner(&["authenticated"])?,
        "public-read" => draft.owner(&["anon", "authenticated"])?,
        "team" => draft.team()?,
        "read-only" => draft.read_only(),
        "append-only" => draft.append_only(),
        other => return Err(no_template(other)),
    };
    Ok((relation.name.clone(), text))
}

fn find<'a>(catalog: &'a Catalog, schema: &str, table: &str) -> Result<&'a Relation, String> {
    let (schema, name) = table.split_once('.').unwrap_or((schema, table));
    let wanted = RelationName::new(schema, name);
    catalog.relation(&wanted).ok_or_else(|| {
        let names: Vec<_> = catalog.relations().map(|it| it.name.to_string()).collect();
        let near = nearest(&wanted.to_string(), names.iter().map(String::as_str));
        let hint = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        format!("there is no table `{wanted}`{hint}")
    })
}

fn no_template(name: &str) -> String {
    let list = TEMPLATES
        .iter()
        .map(|(name, about)| format!("\n  {name:<12} {about}"))
        .collect::<String>();
    format!("there is no template `{name}`; there are:{list}")
}

struct Draft<'a> {
    catalog: &'a Catalog,
    relation: &'a Relation,
}

impl Draft<'_> {
    fn owner(&self, readers: &[&str]) -> Result<String, String> {
        let owner = self.column_of(OWNER_COLUMNS, "an owner: a uuid column such as `user_id`")?;
        let condition = format!("{owner} = auth.uid()");
        let mut text = self.head("Rows belong to whoever made them.");
        for reader in readers.iter().filter(|it| **it == "anon") {
            let _ = writeln!(text, "[columns.{reader}]\nselect = {}\n", self.all());
        }
        text.push_str(&self.columns("authenticated", &[owner]));
        let _ = writeln!(text, "[preset.insert]\n{owner} = \"auth.uid()\"\n");
        if readers.len() > 1 {
            text.push_str(&rule("everybody reads", readers, &["select"], "true"));
            let verbs = ["insert", "update", "delete"];
            text.push_str(&rule(
                "owners write",
                &["authenticated"],
                &verbs,
                &condition,
            ));
        } else {
            let verbs = ["select", "insert", "update", "delete"];
            text.push_str(&rule("own rows", readers, &verbs, &condition));
        }
        Ok(text)
    }

    fn team(&self) -> Result<String, String> {
        let team = self.column_of(TEAM_COLUMNS, "a team: a column such as `team_id`")?;
        let (members, user) = self.membership(team).ok_or_else(|| {
            format!(
                "the template `team` needs a table of members, with the columns `{team}` and \
                 `user_id`; there is none"
            )
        })?;
        let condition =
            format!("{team} IN (SELECT m.{team} FROM {members} m WHERE m.{user} = auth.uid())");
        let mut text = self.head("Members of a team read and write its rows.");
        text.push_str(&self.columns_with("authenticated", &[], &[team]));
        let verbs = ["select", "insert", "update", "delete"];
        text.push_str(&rule(
            "team members",
            &["authenticated"],
            &verbs,
            &condition,
        ));
        Ok(text)
    }

    fn read_only(&self) -> String {
        let mut text = self.head("Everybody reads; migrations and the secret key write.");
        let _ = writeln!(text, "[columns.anon]\nselect = {}\n", self.all());
        text.push_str("[columns.authenticated]\ninherits = \"anon\"\n\n");
        let readers = ["anon", "authenticated"];
        text.push_str(&rule("everybody reads", &readers, &["select"], "true"));
        text
    }

    fn append_only(&self) -> String {
        let owner = self.find_column(OWNER_COLUMNS);
        let mut text = self.head("Everybody signed in appends; nobody reads it back.");
        let insert = self.writable(owner.as_slice());
        let _ = writeln!(
            text,
            "[columns.authenticated]\ninsert = {}\n",
            list(&insert)
        );
        if let Some(owner) = owner {
            let _ = writeln!(text, "[preset.insert]\n{owner} = \"auth.uid()\"\n");
        }
        text.push_str(
            "[[allow]]\nname = \"append\"\nroles = [\"authenticated\"]\nfor = [\"insert\"]\n\
             check = \"true\"\n",
        );
        text
    }

    fn head(&self, about: &str) -> String {
        format!(
            "# {about}\n# Look the columns over: what is in no list does not exist for clients.\n\
             table = \"{}\"\n\n",
            self.relation.name
        )
    }

    fn columns(&self, role: &str, preset: &[&str]) -> String {
        self.columns_with(role, preset, &[])
    }

    /// The column lists; `fixed` columns are set at insert and not changed later.
    fn columns_with(&self, role: &str, preset: &[&str], fixed: &[&str]) -> String {
        let insert = self.writable(preset);
        let update: Vec<_> = insert
            .iter()
            .copied()
            .filter(|name| !fixed.contains(name))
            .collect();
        format!(
            "[columns.{role}]\nselect = {}\ninsert = {}\nupdate = {}\n\n",
            self.all(),
            list(&insert),
            list(&update),
        )
    }

    fn all(&self) -> String {
        let names: Vec<_> = self.names(|_| true);
        list(&names)
    }

    /// What clients may send: neither keys nor what the database or the gateway fills in.
    fn writable(&self, preset: &[&str]) -> Vec<&str> {
        self.names(|column| {
            let name = column.name.as_str();
            let own_key = self.relation.primary_key == [name.to_owned()]
                && (column.default.is_some() || column.generated != Generated::No);
            column.generated == Generated::No
                && !own_key
                && !FILLED_COLUMNS.contains(&name)
                && !preset.contains(&name)
        })
    }

    fn names(&self, wanted: impl Fn(&Column) -> bool) -> Vec<&str> {
        let columns = self.relation.columns.iter();
        columns
            .filter(|column| wanted(column))
            .map(|column| column.name.as_str())
            .collect()
    }

    fn find_column(&self, candidates: &[&'static str]) -> Option<&'static str> {
        let mut candidates = candidates.iter().copied();
        candidates.find(|name| self.relation.column(name).is_some())
    }

    fn column_of(&self, candidates: &[&'static str], what: &str) -> Result<&'static str, String> {
        self.find_column(candidates).ok_or_else(|| {
            format!(
                "`{}` has no column for {what}; choose another template, or start from a file of \
                 the starter library in policies/",
                self.relation.name
            )
        })
    }

    /// The table that says who is in which team, and its user column.
    fn membership(&self, team: &str) -> Option<(RelationName, &'static str)> {
        self.catalog
            .relations()
            .filter(|it| it.name != self.relation.name && it.column(team).is_some())
            .find_map(|it| {
                let user = ["user_id", "member_id", "profile_id"];
                let user = user.into_iter().find(|name| it.column(name).is_some())?;
                Some((it.name.clone(), user))
            })
    }
}

fn list(names: &[&str]) -> String {
    format!("{names:?}")
}

fn rule(name: &str, roles: &[&str], verbs: &[&str], condition: &str) -> String {
    format!(
        "[[allow]]\nname = \"{name}\"\nroles = {roles:?}\nfor = {verbs:?}\nwhere = \"{condition}\"\n\n"
    )
}
