//! The worked examples of the policy format, word for word.

use expect_test::expect;

use super::{access, loaded, show};
use crate::{Counts, OnConflict, Verb};

pub(super) const SHARED: &str = r#"
[predicates]
is_owner       = { on = "row",  args = ["col uuid"], sql = "col = auth.uid()" }
member_of      = { args = ["team int8"], sql = "team IN (SELECT m.team_id FROM public.members m WHERE m.user_id = auth.uid())" }
team_admin     = { args = ["team int8"], sql = "EXISTS (SELECT 1 FROM public.members m WHERE m.team_id = team AND m.user_id = auth.uid() AND m.role = 'admin')" }
[roles.admin]            # a role is a condition on the verified token; never user_metadata (linter error)
inherits = "authenticated"
when     = "auth.jwt() #>> '{app_metadata,role}' = 'admin'"
"#;

pub(super) const TODOS: &str = r#"
table = "public.todos"
[columns.authenticated]
select = ["id", "user_id", "title", "done", "created_at", "updated_at"]
insert = ["title", "done"]
update = ["title", "done"]
[preset.insert]
user_id = "auth.uid()"          # client value refused (or accepted if equal: on_conflict = "same")
[preset.update]
updated_at = "now()"
[limits.authenticated]
rows = 1000
count = ["exact"]               # planned/estimated leak statistics; opt in
aggregates = false
max_affected = 500              # update/delete larger than this rolls back
[[allow]]
name = "own rows"
roles = ["authenticated"]
for = ["select", "insert", "update", "delete"]
where = "predicates.is_owner(user_id)"
"#;

pub(super) const DOCUMENTS: &str = r#"
table = "public.documents"
[columns.authenticated]
select = "*"                    # expanded at load; the lock file pins (name, attnum, type); new columns are NOT granted until re-locked
insert = ["team_id", "title", "body"]
update = ["title", "body", "archived"]
[references]
team_id = "visible"             # FK target must be readable by the caller (RLS cannot do this; stops FK probing)
[[allow]]
name = "team reads"
roles = ["authenticated"]
for = ["select"]
where = "predicates.member_of(team_id)"
[[allow]]
name = "team admins write"
roles = ["authenticated"]
for = ["insert", "update", "delete"]
where = "predicates.team_admin(team_id)"
[[require]]
name = "mfa for writes"
for = ["insert", "update", "delete"]
where = "auth.jwt() ->> 'aal' = 'aal2'"
[select_check]
update = false                  # allow a row to leave the caller's view (soft delete) when return=minimal
"#;

const POSTS: &str = r#"
table = "public.posts"
allow = [
  { name = "published",  roles = ["anon", "authenticated"], for = ["select"], where = "published_at <= now()" },
  { name = "author",     roles = ["authenticated"], for = ["select", "insert", "update", "delete"], where = "predicates.is_owner(author_id)" },
  { name = "moderators", roles = ["admin"], for = ["select", "delete"], where = "true" },
]
[columns]
anon          = { select = ["id", "author_id", "title", "body", "published_at"] }
authenticated = { inherits = "anon", insert = ["title", "body", "published_at"], update = ["title", "body", "published_at"] }
[preset.insert]
author_id = "auth.uid()"
"#;

const PROFILES: &str = r#"
table = "public.profiles"
allow = [
  { name = "directory", roles = ["authenticated"], for = ["select"], where = "true" },
  { name = "self",      roles = ["authenticated"], for = ["update"], where = "id = auth.uid()" },
]
[columns.authenticated]
select = ["id", "username", "avatar_url", "email", "phone"]
update = ["username", "avatar_url", "phone"]
[mask.authenticated]            # computed inside the projection subquery => filter/order/aggregate see the MASKED value
email = { unless = "id = auth.uid()", value = "NULL" }
phone = { unless = "id = auth.uid()", value = "'***' || right(phone, 2)" }
"#;

const STORAGE: &str = r#"
table = "storage.objects"
[columns.authenticated]
select = ["id", "bucket_id", "name", "metadata"]
insert = ["bucket_id", "name", "metadata"]
update = ["name", "metadata"]
[[allow]]
name = "own folder"
roles = ["authenticated"]
for = ["select", "insert", "update", "delete"]
where = "bucket_id = 'avatars' AND (storage.foldername(name))[1] = auth.uid()::text"
[[require]]
name = "size and type"
for = ["insert", "update"]
where = "(metadata ->> 'size')::int8 <= 5242880 AND metadata ->> 'mimetype' IN ('image/png', 'image/jpeg')"
"#;

const CHANNELS: &str = r#"
[[channel]]
topic = "team:{team_id:int8}"
allow = [
  { for = ["join", "presence", "broadcast.receive"], roles = ["authenticated"], where = "predicates.member_of(topic.team_id)" },
]
"#;

const FUNCTIONS: &str = r#"
[function."public.search_posts(text)"]
roles = ["anon", "authenticated"]
mode = "native"
returns = "public.posts"
[function."public.transfer(int8, bigint, numeric)"]
roles = ["authenticated"]
mode = "trusted"
where = "arg.amount > 0 AND predicates.member_of(arg.from_team)"
"#;

const AUDIT_LOG: &str = r#"
table = "public.audit_log"
[columns.authenticated]
insert = ["event", "payload"]
[preset.insert]
actor = "auth.uid()"
[[allow]]
name = "append"
roles = ["authenticated"]
for = ["insert"]
check = "true"
"#;

pub(super) const ALL: &[(&str, &str)] = &[
    ("_shared.toml", SHARED),
    ("public.todos.toml", TODOS),
    ("public.documents.toml", DOCUMENTS),
    ("public.posts.toml", POSTS),
    ("public.profiles.toml", PROFILES),
    ("storage.objects.toml", STORAGE),
    ("realtime.channels.toml", CHANNELS),
    ("functions.toml", FUNCTIONS),
    ("public.audit_log.toml", AUDIT_LOG),
];

#[test]
fn all_examples_load_together() {
    let loaded = loaded(ALL);

    assert_eq!(loaded.bundle.hash.len(), 64);
    let codes: Vec<_> = loaded.warnings.iter().map(|it| it.code).collect();
    assert!(
        codes.contains(&"not-enforced"),
        "{}",
        show(&loaded.warnings)
    );
    assert!(
        codes.contains(&"unlocked-star"),
        "{}",
        show(&loaded.warnings)
    );
}

#[test]
fn own_rows_with_presets_and_limits() {
    let loaded = loaded(&[("_shared.toml", SHARED), ("public.todos.toml", TODOS)]);

    let select = access(&loaded, "todos", "authenticated", Verb::Select).expect("select");
    expect![[r#"
        Compare {
            op: Eq,
            left: Column {
                source: Row,
                name: "user_id",
            },
            right: Claim(
                Uid,
            ),
        }
    "#]]
    .assert_debug_eq(&select.filter);
    assert!(select.check.is_true());
    assert_eq!(select.limits.rows, Some(1000));
    assert_eq!(select.limits.counts, Counts::default());

    let insert = access(&loaded, "todos", "authenticated", Verb::Insert).expect("insert");
    assert!(insert.filter.is_true());
    assert_eq!(insert.check, select.filter);
    assert_eq!(insert.columns, ["title", "done"]);
    assert_eq!(insert.presets["user_id"].on_conflict, OnConflict::Refuse);

    let delete = access(&loaded, "todos", "authenticated", Verb::Delete).expect("delete");
    assert_eq!(delete.columns, select.columns);
    assert!(access(&loaded, "todos", "anon", Verb::Select).is_none());
    assert!(access(&loaded, "todos", "admin", Verb::Update).is_some());
    assert!(access(&loaded, "teams", "admin", Verb::Select).is_none());
}

#[test]
fn membership_is_a_subquery_under_a_unique_alias() {
    let loaded = loaded(&[
        ("_shared.toml", SHARED),
        ("public.documents.toml", DOCUMENTS),
    ]);

    let select = access(&loaded, "documents", "authenticated", Verb::Select).expect("select");
    let shown = format!("{:?}", select.filter);
    assert!(shown.contains("alias: \"pol_"), "{shown}");
    assert!(!shown.contains("\"m\""), "{shown}");

    let update = access(&loaded, "documents", "authenticated", Verb::Update).expect("update");
    assert!(!update.select_check);
    assert_eq!(update.references, ["team_id"]);
    let rules: Vec<_> = update
        .rules
        .iter()
        .map(|it| (it.kind, it.name.as_str()))
        .collect();
    assert_eq!(
        rules,
        [
            ("allow", "team admins write"),
            ("require", "mfa for writes")
        ]
    );
}

#[test]
fn columns_are_inherited_by_section_and_by_role() {
    let loaded = loaded(&[("_shared.toml", SHARED), ("public.posts.toml", POSTS)]);

    let anon = access(&loaded, "posts", "anon", Verb::Select).expect("anon");
    let user = access(&loaded, "posts", "authenticated", Verb::Select).expect("user");
    let admin = access(&loaded, "posts", "admin", Verb::Delete).expect("admin");
    assert_eq!(anon.columns, user.columns);
    assert!(!anon.columns.contains(&"draft_notes".to_owned()));
    assert!(admin.filter.is_true());
    assert!(access(&loaded, "posts", "anon", Verb::Delete).is_none());
}

#[test]
fn masks_reach_those_who_inherit() {
    let loaded = loaded(&[("_shared.toml", SHARED), ("public.profiles.toml", PROFILES)]);

    let admin = access(&loaded, "profiles", "admin", Verb::Select).expect("admin");
    let masked: Vec<_> = admin.masks.keys().collect();
    assert_eq!(masked, ["email", "phone"]);
}

#[test]
fn an_insert_only_table_has_no_other_verb() {
    let loaded = loaded(&[("public.audit_log.toml", AUDIT_LOG)]);

    let insert = access(&loaded, "audit_log", "authenticated", Verb::Insert).expect("insert");
    assert!(insert.check.is_true());
    for verb in [Verb::Select, Verb::Update, Verb::Delete] {
        assert!(access(&loaded, "audit_log", "authenticated", verb).is_none());
    }
}

#[test]
fn functions_are_found_by_canonical_signature() {
    let loaded = loaded(ALL);
    let role = postern_base::RoleName::new("admin");

    let transfer = loaded
        .bundle
        .function("public.transfer(int8,int8,numeric)", &role)
        .expect("listed");
    assert_eq!(transfer.mode, crate::FunctionMode::Trusted);
    assert!(loaded.bundle.function("public.cleanup()", &role).is_none());
}

#[test]
fn comments_and_layout_do_not_change_the_hash() {
    let plain = loaded(&[("_shared.toml", SHARED), ("public.todos.toml", TODOS)]);
    let moved = format!("# a comment\n\n{TODOS}");
    let moved = loaded(&[("public.todos.toml", &moved), ("_shared.toml", SHARED)]);
    let widened = TODOS.replace("predicates.is_owner(user_id)", "true");
    let widened = loaded(&[("_shared.toml", SHARED), ("public.todos.toml", &widened)]);

    assert_eq!(plain.bundle.hash, moved.bundle.hash);
    assert_ne!(plain.bundle.hash, widened.bundle.hash);
}

#[test]
fn a_default_guards_the_keys_towards_governed_tables() {
    let shared = format!("{SHARED}[defaults]\nreferences = \"visible\"\n");
    let silent = DOCUMENTS.replace("team_id = \"visible\"", "");
    let open = DOCUMENTS.replace("team_id = \"visible\"", "team_id = \"any\"");
    let teams = r#"
table = "public.teams"
[columns.authenticated]
select = ["id"]
[[allow]]
name = "all"
roles = ["authenticated"]
for = ["select"]
where = "name <> 'hidden'"
"#;
    let references = |document: &str, with_teams: bool| {
        let mut files = vec![
            ("_shared.toml", &*shared),
            ("public.documents.toml", document),
        ];
        files.extend(with_teams.then_some(("public.teams.toml", teams)));
        let loaded = loaded(&files);
        let access = access(&loaded, "documents", "authenticated", Verb::Insert);
        access.expect("insert").references.clone()
    };

    assert_eq!(references(&silent, true), ["team_id"]);
    assert!(
        references(&open, true).is_empty(),
        "the table's file says otherwise"
    );
    assert!(
        references(&silent, false).is_empty(),
        "nobody can see a table without a file"
    );
}
