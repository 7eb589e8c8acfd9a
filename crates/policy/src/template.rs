//! Starter files for `policy new TABLE --template …`.
//!
//! A template grants the columns by name, so a column that is added later stays invisible until
//! somebody lists it, and it leaves out what looks like a secret.

use std::fmt::Write as _;

use postern_catalog::{Column, Generated, Relation};

use crate::lint::looks_secret;
use crate::predicate::TypeName;
use crate::toml_text::{array, quoted};

/// What a table is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Template {
    /// Each user has rows of their own.
    Owner,
    /// Rows belong to the team that the token names.
    Team,
    /// Everybody reads; owners write.
    PublicRead,
    /// Nobody but the service key.
    Private,
    /// Signed-in users append, nobody reads back.
    InsertOnly,
    /// Signed-in users read.
    ReadOnly,
    /// Users whose token says that they are admins.
    AdminOnly,
    /// Everybody does everything.
    Public,
}

impl Template {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Owner,
        Self::Team,
        Self::PublicRead,
        Self::Private,
        Self::InsertOnly,
        Self::ReadOnly,
        Self::AdminOnly,
        Self::Public,
    ];

    /// Reads the name of a template.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == name)
    }

    /// The template's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Team => "team",
            Self::PublicRead => "public-read",
            Self::Private => "private",
            Self::InsertOnly => "insert-only",
            Self::ReadOnly => "read-only",
            Self::AdminOnly => "admin-only",
            Self::Public => "public",
        }
    }
}

const OWNERS: &[&str] = &["user_id", "owner_id", "author_id", "created_by", "owner"];
const TEAMS: &[&str] = &[
    "team_id",
    "organization_id",
    "org_id",
    "tenant_id",
    "workspace_id",
    "group_id",
];
const ANYBODY: &[&str] = &["anon", "authenticated"];
const USERS: &[&str] = &["authenticated"];
const ADMIN: &str = "auth.jwt() #>> '{app_metadata,role}' = 'admin'";

/// Writes a policy file for the relation; `None` when it has no column that the template needs.
pub fn template(kind: Template, relation: &Relation) -> Option<String> {
    let owner = find(relation, OWNERS, |it| it.ty.operator_name() == "uuid");
    let mut draft = Draft::new(relation, owner);
    match kind {
        Template::Owner => {
            let condition = format!("{} = auth.uid()", owner?.name);
            draft.allow(
                "own rows",
                USERS,
                &["select", "insert", "update", "delete"],
                &condition,
            );
        }
        Template::Team => {
            let team = find(relation, TEAMS, |it| TypeName::parse(&it.ty.name).is_some())?;
            let condition = team_condition(team)?;
            let name = &team.name;
            let _ = write!(
                draft.text,
                "# The token's app_metadata names the team. With a table of members:\n\
                 # where = \"{name} IN (SELECT m.{name} FROM public.members m \
                 WHERE m.user_id = auth.uid())\"\n",
            );
            draft.kept_from_update = Some(team.name.as_str());
            draft.allow(
                "own team",
                USERS,
                &["select", "insert", "update", "delete"],
                &condition,
            );
        }
        Template::PublicRead => {
            draft.allow("everybody reads", ANYBODY, &["select"], "true");
            if let Some(owner) = owner {
                let condition = format!("{} = auth.uid()", owner.name);
                draft.allow(
                    "owners write",
                    USERS,
                    &["insert", "update", "delete"],
                    &condition,
                );
            }
        }
        Template::Private => {
            draft.text += "# No rules: the table exists for the service key only.\n";
        }
        Template::InsertOnly => draft.allow("append", USERS, &["insert"], "true"),
        Template::ReadOnly => draft.allow("everybody signed in", USERS, &["select"], "true"),
        Template::AdminOnly => {
            draft.allow(
                "admins",
                USERS,
                &["select", "insert", "update", "delete"],
                ADMIN,
            );
        }
        Template::Public => {
            draft.allow(
                "everybody",
                ANYBODY,
                &["select", "insert", "update", "delete"],
                "true",
            );
        }
    }
    Some(draft.finish())
}

/// The file as far as it is written: the head in `text`, then what `finish` puts together.
struct Draft<'r> {
    relation: &'r Relation,
    owner: Option<&'r Column>,
    /// A column that decides who sees the row, besides the owner.
    kept_from_update: Option<&'r str>,
    text: String,
    rules: String,
    /// Which roles need columns for which verb.
    needed: Vec<(&'static str, &'static str)>,
}

impl<'r> Draft<'r> {
    fn new(relation: &'r Relation, owner: Option<&'r Column>) -> Self {
        Self {
            relation,
            owner,
            kept_from_update: None,
            text: format!("table = {}\n", quoted(&relation.name.to_string())),
            rules: String::new(),
            needed: Vec::new(),
        }
    }

    /// Adds a rule for those of the verbs that have columns to work on.
    fn allow(
        &mut self,
        name: &str,
        roles: &[&'static str],
        verbs: &[&'static str],
        condition: &str,
    ) {
        let possible = |verb: &str| verb == "delete" || !self.columns(verb).is_empty();
        let verbs: Vec<_> = verbs.iter().copied().filter(|it| possible(it)).collect();
        if verbs.is_empty() {
            return;
        }
        let key = if verbs == ["insert"] {
            "check"
        } else {
            "where"
        };
        let _ = write!(
            self.rules,
            "\n[[allow]]\nname = {}\nroles = {}\nfor = {}\n{key} = {}\n",
            quoted(name),
            array(roles),
            array(&verbs),
            quoted(condition),
        );
        for role in roles {
            self.needed.extend(verbs.iter().map(|verb| (*role, *verb)));
        }
    }

    fn finish(mut self) -> String {
        for role in ANYBODY {
            let grants: Vec<_> = ["select", "insert", "update"]
                .into_iter()
                .filter(|verb| self.needed.contains(&(*role, *verb)))
                .map(|verb| format!("{verb} = {}\n", array(&self.columns(verb))))
                .collect();
            if !grants.is_empty() {
                let _ = write!(self.text, "\n[columns.{role}]\n{}", grants.concat());
            }
        }
        self.presets();
        self.text + &self.rules
    }

    fn presets(&mut self) {
        let writes = |verb: &str| self.needed.iter().any(|(_, it)| *it == verb);
        if let Some(owner) = self.owner.filter(|_| writes("insert")) {
            let _ = write!(
                self.text,
                "\n[preset.insert]\n{} = \"auth.uid()\"\n",
                owner.name
            );
        }
        if let Some(column) = find(self.relation, &["updated_at"], is_time)
            && writes("update")
        {
            let _ = write!(
                self.text,
                "\n[preset.update]\n{} = \"now()\"\n",
                column.name
            );
        }
    }

    fn columns(&self, verb: &str) -> Vec<&'r str> {
        let (relation, possible) = match verb {
            "insert" => (self.relation, self.relation.insertable),
            "update" => (self.relation, self.relation.updatable),
            _ => (self.relation, true),
        };
        let columns = relation.columns.iter().filter(|_| possible);
        columns
            .filter(|column| match verb {
                "select" => !looks_secret(&column.name),
                _ => self.is_given(column, verb),
            })
            .map(|column| column.name.as_str())
            .collect()
    }

    /// Whether a client may give the column a value.
    fn is_given(&self, column: &Column, verb: &str) -> bool {
        let generated = matches!(
            column.generated,
            Generated::Stored | Generated::IdentityAlways | Generated::IdentityByDefault
        );
        let is_key = self.relation.primary_key.contains(&column.name);
        let is_owner = self.owner.is_some_and(|it| it.name == column.name);
        let stamp = is_time(column) && ["created_at", "updated_at"].contains(&&*column.name);
        if generated || is_owner || stamp {
            return false;
        }
        match verb {
            "insert" => !(is_key && column.default.is_some()),
            _ => !is_key && self.kept_from_update != Some(column.name.as_str()),
        }
    }
}

/// The first of these names that the relation has and that fits.
fn find<'r>(
    relation: &'r Relation,
    names: &[&str],
    fits: impl Fn(&Column) -> bool,
) -> Option<&'r Column> {
    names
        .iter()
        .filter_map(|name| relation.column(name))
        .find(|it| fits(it))
}

fn is_time(column: &Column) -> bool {
    matches!(
        column.ty.operator_name(),
        "timestamptz" | "timestamp" | "date"
    )
}

fn team_condition(team: &Column) -> Option<String> {
    let claim = format!("(auth.jwt() #>> '{{app_metadata,{}}}')", team.name);
    let ty = TypeName::parse(&team.ty.name)?.sql();
    Some(format!("{} = {claim}::{ty}", team.name))
}
