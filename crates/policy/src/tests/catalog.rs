//! The catalogue that the examples of the documentation are written for.

use postern_base::{FunctionName, RelationName};
use postern_catalog::{
    Argument, Catalog, CatalogParts, Column, ForeignKey, Function, Generated, PgType, Relation,
    RelationKind, Returns, SessionNeeds, Triggers, TypeKind, UniqueKey, Volatility,
};

/// A relation from `name type` pairs; the first column is the primary key.
pub(crate) fn relation(name: &str, columns: &str) -> Relation {
    let (schema, table) = name.split_once('.').expect("a schema");
    let columns: Vec<Column> = columns
        .split(", ")
        .enumerate()
        .map(|(index, it)| {
            let (name, ty) = it.split_once(' ').expect("a type");
            Column {
                name: name.into(),
                attnum: i16::try_from(index + 1).expect("few columns"),
                ty: PgType::builtin(ty),
                nullable: true,
                default: None,
                generated: Generated::No,
                comment: None,
            }
        })
        .collect();
    let key = columns[0].name.clone();
    Relation {
        name: RelationName::new(schema, table),
        oid: 1,
        kind: RelationKind::Table,
        columns,
        primary_key: vec![key.clone()],
        unique_keys: Vec::new(),
        foreign_keys: Vec::new(),
        indexed: vec![key],
        insertable: true,
        updatable: true,
        deletable: true,
        triggers: Triggers::default(),
        session: SessionNeeds::default(),
        security_invoker: false,
        comment: None,
    }
}

fn references(mut relation: Relation, column: &str, target: &str) -> Relation {
    let (schema, table) = target.split_once('.').expect("a schema");
    relation.foreign_keys.push(ForeignKey {
        name: format!("{}_{column}_fkey", relation.name.name),
        columns: vec![column.into()],
        target: RelationName::new(schema, table),
        target_columns: vec!["id".into()],
    });
    relation
}

fn function(name: &str, arguments: &[(&str, &str)], returns: Returns) -> Function {
    Function {
        name: FunctionName::new("public", name),
        oid: 1,
        arguments: arguments
            .iter()
            .map(|(name, ty)| Argument {
                name: (*name).into(),
                ty: PgType::builtin(ty),
                has_default: false,
                variadic: false,
            })
            .collect(),
        returns,
        returns_set: true,
        volatility: Volatility::Stable,
        security_definer: false,
        settings: Default::default(),
        one_row: false,
        fixed_search_path: false,
        comment: None,
    }
}

/// A function that takes a row of `public.posts`.
fn of_post(name: &str, returns: Returns) -> Function {
    let mut function = function(name, &[("post", "posts")], returns);
    function.returns_set = false;
    for argument in &mut function.arguments {
        argument.ty.kind = TypeKind::Composite;
        argument.ty.schema = "public".into();
    }
    function
}

/// The relations of the examples, and a few odd ones.
pub(crate) fn relations() -> Vec<Relation> {
    let mut generated = relation(
        "public.invoices",
        "id int8, owner_id uuid, net numeric, gross numeric",
    );
    generated.columns[0].generated = Generated::IdentityAlways;
    generated.columns[3].generated = Generated::Stored;
    let mut view = relation("public.active_members", "user_id uuid, team_id int8");
    view.kind = RelationKind::View;
    let mut members = relation(
        "public.members",
        "id int8, team_id int8, user_id uuid, role text",
    );
    members.indexed = vec!["id".into(), "user_id".into(), "team_id".into()];
    let mut accounts = relation(
        "public.accounts",
        "id uuid, email text, password_hash text, api_token text, deleted bool",
    );
    accounts.unique_keys.push(UniqueKey {
        name: "accounts_email_key".into(),
        columns: vec!["email".into()],
    });
    vec![
        relation(
            "public.todos",
            "id int8, user_id uuid, title text, done bool, created_at timestamptz, updated_at timestamptz",
        ),
        references(
            relation(
                "public.documents",
                "id int8, team_id int8, title text, body text, archived bool",
            ),
            "team_id",
            "public.teams",
        ),
        members,
        relation("public.teams", "id int8, name text"),
        relation(
            "public.posts",
            "id int8, author_id uuid, title text, body text, published_at timestamptz, draft_notes text",
        ),
        relation(
            "public.profiles",
            "id uuid, username text, avatar_url text, email text, phone text",
        ),
        relation(
            "public.audit_log",
            "id int8, event text, payload jsonb, actor uuid",
        ),
        relation(
            "storage.objects",
            "id uuid, bucket_id text, name text, owner uuid, metadata jsonb",
        ),
        generated,
        view,
        accounts,
    ]
}

/// The catalogue.
pub(crate) fn catalog() -> Catalog {
    let posts = Returns::Relation(RelationName::new("public", "posts"));
    let transfer = [
        ("from_team", "int8"),
        ("to_team", "int8"),
        ("amount", "numeric"),
    ];
    let mut definer = function("cleanup", &[], Returns::Void);
    definer.security_definer = true;
    Catalog::new(CatalogParts {
        relations: relations(),
        functions: vec![
            function("search_posts", &[("query", "text")], posts),
            function("transfer", &transfer, Returns::Void),
            definer,
            of_post("excerpt", Returns::Scalar(PgType::builtin("text"))),
            of_post(
                "author",
                Returns::Relation(RelationName::new("public", "profiles")),
            ),
            of_post("title", Returns::Scalar(PgType::builtin("text"))),
            of_post("touch", Returns::Void),
        ],
        server_version: 150_000,
        version: 1,
        ..CatalogParts::default()
    })
}
