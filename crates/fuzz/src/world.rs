//! A small database as plain data, its policies, and those who ask.

use std::sync::OnceLock;

use postern_base::{Claims, FunctionName, Identity, RelationName, Trust};
use postern_catalog::{
    Argument, Catalog, CatalogParts, Column, ForeignKey, Function, Generated, Leakproof, PgType,
    Relation, RelationKind, Returns, SessionNeeds, Triggers, TypeKind, UniqueKey, Volatility,
};
use postern_policy::{Bundle, SourceFile, load};

/// The policy files of the world, as the policy target's seeds have them too.
pub const FILES: [(&str, &str); 5] = [
    ("_shared.toml", include_str!("world/shared.toml")),
    ("functions.toml", include_str!("world/functions.toml")),
    ("public.todos.toml", include_str!("world/todos.toml")),
    ("public.people.toml", include_str!("world/people.toml")),
    ("public.members.toml", include_str!("world/members.toml")),
];

/// The world.
pub struct World {
    /// What exists.
    pub catalog: Catalog,
    /// Who may do what with it.
    pub bundle: Bundle,
}

impl World {
    /// The one world, made on first use.
    pub fn get() -> &'static Self {
        static WORLD: OnceLock<World> = OnceLock::new();
        WORLD.get_or_init(|| {
            let catalog = catalog();
            let files = FILES.map(|(name, text)| SourceFile {
                path: format!("policies/{name}"),
                text: text.into(),
            });
            match load(&files, &catalog, None) {
                Ok(loaded) => Self {
                    bundle: loaded.bundle,
                    catalog,
                },
                Err(found) => panic!("the world's policies do not load: {found:#?}"),
            }
        })
    }
}

/// The caller of this name: `anon`, `user`, `editor`, `service`; anybody else is anonymous.
pub fn caller(name: &str) -> Identity {
    let mut claims = serde_json::json!({
        "sub": "00000000-0000-4000-8000-000000000001",
        "role": "authenticated",
        "email": "a@example.org",
        "aal": "aal2",
    });
    match name {
        "user" => {}
        "editor" => claims["app_metadata"] = serde_json::json!({ "role": "editor" }),
        "service" => return Identity::service(),
        _ => return Identity::anonymous(),
    }
    let claims = claims.as_object().expect("INVARIANT: made as one").clone();
    Identity::from_verified(Claims::new(claims), Trust::Project).expect("INVARIANT: a user")
}

/// A relation from `name type, name type`; the first column is the primary key.
pub fn relation(name: RelationName, columns: &[(&str, PgType)]) -> Relation {
    let columns: Vec<Column> = columns
        .iter()
        .zip(1..)
        .map(|((name, ty), attnum)| Column {
            name: (*name).into(),
            attnum,
            ty: ty.clone(),
            nullable: true,
            default: None,
            generated: Generated::No,
            comment: None,
        })
        .collect();
    let key: Vec<String> = columns.iter().take(1).map(|it| it.name.clone()).collect();
    Relation {
        unique_keys: vec![UniqueKey {
            name: format!("{}_pkey", name.name),
            columns: key.clone(),
        }],
        name,
        oid: 1,
        kind: RelationKind::Table,
        columns,
        indexed: key.clone(),
        primary_key: key,
        foreign_keys: Vec::new(),
        insertable: true,
        updatable: true,
        deletable: true,
        triggers: Triggers::default(),
        session: SessionNeeds::default(),
        security_invoker: false,
        comment: None,
    }
}

fn public(name: &str, columns: &str) -> Relation {
    let columns: Vec<_> = columns
        .split(", ")
        .filter_map(|it| it.split_once(' '))
        .map(|(name, ty)| (name, PgType::builtin(ty)))
        .collect();
    relation(RelationName::new("public", name), &columns)
}

fn refers(mut relation: Relation, column: &str, target: &str) -> Relation {
    relation.foreign_keys.push(ForeignKey {
        name: format!("{}_{column}_fkey", relation.name.name),
        columns: vec![column.into()],
        target: RelationName::new("public", target),
        target_columns: vec!["id".into()],
    });
    relation
}

fn relations() -> Vec<Relation> {
    let mut todos = public(
        "todos",
        "id int8, owner_id uuid, parent_id int8, title text, done bool, tags _text, meta jsonb, \
         span int4range, words tsvector, made_at timestamptz, secret text",
    );
    todos.columns[0].generated = Generated::IdentityByDefault;
    todos.columns[9].default = Some("now()".into());
    let mut people = public("people", "id uuid, name text, email text, Odd\"Name text");
    people.unique_keys.push(UniqueKey {
        name: "people_email_key".into(),
        columns: vec!["email".into()],
    });
    let mut members = public("members", "todo_id int8, person_id uuid, rank int4");
    members.primary_key.push("person_id".into());
    members.unique_keys[0].columns.push("person_id".into());
    members.triggers.before_update = true;
    vec![
        refers(refers(todos, "owner_id", "people"), "parent_id", "todos"),
        people,
        refers(refers(members, "todo_id", "todos"), "person_id", "people"),
        public("hidden", "id int8, owner_id uuid, name text"),
    ]
}

fn function(name: &str, arguments: &[(&str, PgType)], returns: Returns) -> Function {
    let argument = |(name, ty): &(&str, PgType)| Argument {
        name: (*name).into(),
        ty: ty.clone(),
        has_default: false,
        variadic: false,
    };
    Function {
        name: FunctionName::new("public", name),
        oid: 1,
        arguments: arguments.iter().map(argument).collect(),
        returns_set: matches!(returns, Returns::Relation(_)),
        returns,
        volatility: Volatility::Stable,
        security_definer: false,
        settings: Default::default(),
        one_row: false,
        fixed_search_path: false,
        comment: None,
    }
}

fn functions() -> Vec<Function> {
    let todos = RelationName::new("public", "todos");
    let (text, int4) = (PgType::builtin("text"), PgType::builtin("int4"));
    let row = PgType {
        schema: "public".into(),
        kind: TypeKind::Composite,
        ..PgType::builtin("todos")
    };
    let mut many = function(
        "many",
        &[("items", PgType::builtin("_text"))],
        Returns::Void,
    );
    many.arguments[0].variadic = true;
    let whole = [("", PgType::builtin("jsonb"))];
    let mut headline = function("headline", &[("todo", row)], Returns::Scalar(text.clone()));
    headline.returns_set = false;
    vec![
        function("search", &[("query", text)], Returns::Relation(todos)),
        function(
            "sum_of",
            &[("a", int4.clone()), ("b", int4.clone())],
            Returns::Scalar(int4),
        ),
        function("whole", &whole, Returns::Scalar(PgType::builtin("jsonb"))),
        many,
        headline,
    ]
}

fn catalog() -> Catalog {
    let leakproof = ["int8", "uuid", "bool"].map(|ty| ("=".into(), ty.into(), ty.into()));
    Catalog::new(CatalogParts {
        relations: relations(),
        functions: functions(),
        leakproof: Leakproof::new(leakproof),
        server_version: 150_000,
        version: 1,
        ..CatalogParts::default()
    })
}
