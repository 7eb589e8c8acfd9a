//! The catalogue as it is read from a real database.

use std::time::Duration;

use postern_base::{FunctionName, RelationName};
use postern_catalog::{
    Cardinality, Catalog, Function, Generated, Relation, RelationKind, Relationship, Returns,
    TypeKind, Volatility,
};
use postern_db::managed::Login;
use postern_db::{Db, DbConfig};

use super::server::Database;

async fn read(schema: &str) -> Catalog {
    let database = Database::with(schema).await;
    let config = DbConfig::new(database.url(Login::Gateway).await);
    let db = Db::connect(&config).await.expect("connects");
    db.introspect(&["public"], &["private"])
        .await
        .expect("reads")
}

fn relation<'a>(catalog: &'a Catalog, name: &str) -> &'a Relation {
    let name = RelationName::new("public", name);
    catalog.relation(&name).expect("the relation is there")
}

fn function<'a>(catalog: &'a Catalog, name: &str) -> &'a Function {
    let overloads = catalog.overloads(&FunctionName::new("public", name));
    overloads.first().expect("the function is there")
}

#[tokio::test]
async fn columns_have_types_defaults_and_comments() {
    let catalog = read(
        "create type mood as enum ('sad', 'glad');
         create domain small as int not null; create domain tiny as small;
         create table t (
           id bigint generated always as identity primary key,
           name varchar(20) not null default 'x', tags text[], m mood, d tiny,
           up text generated always as (upper(name)) stored, gone int);
         alter table t drop column gone;
         comment on table t is 'things'; comment on column t.name is 'a name'",
    )
    .await;

    let table = relation(&catalog, "t");
    let column = |name: &str| table.column(name).expect("the column is there");

    assert_eq!(table.kind, RelationKind::Table);
    assert_eq!(table.comment.as_deref(), Some("things"));
    assert_eq!(table.columns.len(), 6);
    assert_eq!(column("id").generated, Generated::IdentityAlways);
    assert_eq!(column("up").generated, Generated::Stored);
    assert_eq!(column("up").default, None);
    assert_eq!(column("name").ty.sql, "character varying(20)");
    assert_eq!(
        column("name").default.as_deref(),
        Some("'x'::character varying")
    );
    assert_eq!(column("name").comment.as_deref(), Some("a name"));
    assert!(!column("name").nullable);
    assert_eq!(column("tags").ty.kind, TypeKind::Array("text".into()));
    assert_eq!(
        column("m").ty.kind,
        TypeKind::Enum(vec!["sad".into(), "glad".into()])
    );
    assert_eq!(column("m").ty.sql, "public.mood");
    assert_eq!(column("d").ty.kind, TypeKind::Domain("int4".into()));
    assert_eq!(table.primary_key, ["id"]);
}

#[tokio::test]
async fn keys_make_relationships() {
    let catalog = read(
        "create table people (id int primary key, email text unique, nick text);
         create unique index on people (lower(nick));
         create unique index people_nick on people (nick) where nick is not null;
         create table teams (id int primary key);
         create table members (
           team_id int references teams, person_id int references people,
           primary key (team_id, person_id));
         create index on members (person_id);
         create table profiles (person_id int primary key references people)",
    )
    .await;

    let people = relation(&catalog, "people");
    let keys: Vec<_> = people
        .unique_keys
        .iter()
        .map(|it| it.name.as_str())
        .collect();
    assert_eq!(keys, ["people_pkey", "people_email_key"]);
    assert_eq!(
        relation(&catalog, "members").indexed,
        ["team_id", "person_id"]
    );
    let ways: Vec<_> = catalog
        .relationships(&people.name)
        .iter()
        .map(|it| (it.far.name.as_str(), it.cardinality))
        .collect();
    assert!(ways.contains(&("teams", Cardinality::ManyToMany)));
    assert!(ways.contains(&("members", Cardinality::OneToMany)));
    assert!(ways.contains(&("profiles", Cardinality::OneToOne)));
}

#[tokio::test]
async fn partitions_are_reached_through_their_root() {
    let catalog = read(
        "create table owners (id int primary key);
         create table events (id int, at date, owner int references owners, primary key (id, at))
           partition by range (at);
         create table events_2026 partition of events
           for values from ('2026-01-01') to ('2027-01-01');
         create table notes (event int, at date, foreign key (event, at) references events)",
    )
    .await;

    assert_eq!(relation(&catalog, "events").kind, RelationKind::Partitioned);
    assert!(
        catalog
            .relation(&RelationName::new("public", "events_2026"))
            .is_none()
    );
    assert_eq!(relation(&catalog, "events").foreign_keys.len(), 1);
    assert_eq!(relation(&catalog, "notes").foreign_keys.len(), 1);
}

#[tokio::test]
async fn views_say_what_can_be_written() {
    let catalog = read(
        "create table t (a int);
         create view plain with (security_invoker) as select a from t;
         create view sums as select sum(a) from t;
         create materialized view stored as select a from t;
         create function put() returns trigger language plpgsql as $$ begin return new; end $$;
         create trigger put instead of insert on sums for each row execute function put();
         create trigger check_it before update on t for each row execute function put()",
    )
    .await;

    let writable = |name: &str| {
        let it = relation(&catalog, name);
        (it.insertable, it.updatable, it.deletable)
    };
    assert_eq!(writable("t"), (true, true, true));
    assert_eq!(writable("plain"), (true, true, true));
    assert_eq!(writable("sums"), (true, false, false));
    assert_eq!(writable("stored"), (false, false, false));
    assert!(relation(&catalog, "plain").security_invoker);
    assert!(relation(&catalog, "sums").triggers.before_insert);
    let triggers = relation(&catalog, "t").triggers;
    assert!(triggers.before_update && !triggers.before_insert);
}

#[tokio::test]
async fn views_carry_the_keys_of_the_columns_that_they_show() {
    let catalog = read(
        "create table teams (id int primary key, name text);
         create table tasks (id int primary key, team_id int references teams, title text unique);
         create view open_tasks as select id, title as \"the title\", team_id as \"in team\" from tasks;
         create view named as select t.title, m.name, t.team_id
           from tasks t join teams m on m.id = t.team_id;
         create view nested as select \"in team\" as team from open_tasks;
         create view counted as select team_id, count(*) from tasks group by team_id;
         create view either as select team_id from tasks union select id from teams;
         create view titles as select title from tasks;
         create view doubled as select id, team_id, id as again, team_id as \"also in\" from tasks",
    )
    .await;

    let keys = |name: &str| {
        let it = relation(&catalog, name);
        let columns: Vec<_> = it
            .foreign_keys
            .iter()
            .map(|it| it.columns.join(","))
            .collect();
        (it.primary_key.join(","), columns.join(" "))
    };
    assert_eq!(keys("open_tasks"), ("id".into(), "in team".into()));
    assert_eq!(keys("named"), (String::new(), "team_id".into()));
    assert_eq!(keys("nested"), (String::new(), "team".into()));
    assert_eq!(keys("counted"), (String::new(), "team_id".into()));
    assert_eq!(keys("either"), (String::new(), String::new()));
    assert_eq!(keys("titles"), (String::new(), String::new()));
    assert_eq!(keys("doubled"), ("id".into(), "team_id also in".into()));
    let unique = &relation(&catalog, "open_tasks").unique_keys;
    assert!(unique.iter().any(|it| it.columns == ["the title"]));
    let ways: Vec<_> = catalog
        .relationships(&RelationName::new("public", "open_tasks"))
        .iter()
        .map(|it| (it.far.name.as_str(), it.cardinality))
        .collect();
    assert_eq!(ways, [("teams", Cardinality::ManyToOne)]);
}

#[tokio::test]
async fn a_look_at_the_session_is_found_at_any_distance() {
    let catalog = read(
        "create schema private;
         create function private.me() returns uuid language sql stable as 'select auth.uid()';
         create function public.who() returns uuid language sql stable as 'select private.me()';
         create function stamp() returns trigger language plpgsql as
           $$ begin new.by := public.who(); return new; end $$;
         create function touch() returns trigger language plpgsql as
           $$ begin new.at := now(); return new; end $$;
         create function log_it() returns trigger language plpgsql as
           $$ begin insert into private.audit default values; return old; end $$;
         create table private.audit (by uuid default auth.uid());
         create table direct (a int, owner uuid default auth.uid());
         create table by_name (a text default current_user);
         create table by_function (a uuid default public.who());
         create table by_trigger (by uuid);
         create trigger stamp before update on by_trigger
           for each row execute function stamp();
         create table logged (id int primary key);
         create trigger log_it after delete on logged for each row execute function log_it();
         create table parents (id int primary key);
         create table children (id int primary key references parents on delete cascade);
         create trigger log_it after delete on children for each row execute function log_it();
         create table free (id int primary key, at timestamptz default now());
         create trigger touch before update on free for each row execute function touch();
         create view mine as select * from free where public.who() is not null;
         create view nested as select * from mine;
         create view all_free as select * from free",
    )
    .await;

    let needs = |name: &str| {
        let it = &relation(&catalog, name).session;
        [&it.select, &it.insert, &it.update, &it.delete].map(Option::is_some)
    };
    assert_eq!(needs("direct"), [false, true, false, false]);
    assert_eq!(needs("by_name"), [false, true, false, false]);
    assert_eq!(needs("by_function"), [false, true, false, false]);
    assert_eq!(needs("by_trigger"), [false, false, true, false]);
    assert_eq!(needs("logged"), [false, false, false, true]);
    assert_eq!(needs("parents"), [false, false, false, true]);
    assert_eq!(needs("free"), [false; 4]);
    assert_eq!(needs("mine"), [true; 4]);
    assert_eq!(needs("nested"), [true; 4]);
    assert_eq!(needs("all_free"), [false; 4]);
    let why = relation(&catalog, "direct").session.insert.as_deref();
    assert_eq!(why, Some("the default of column `owner` reads the session"));
}

#[tokio::test]
async fn row_level_security_counts_only_when_it_holds_the_gateway() {
    let catalog = read(
        "create table t (a int); alter table t enable row level security;
         alter table t force row level security",
    )
    .await;

    assert_eq!(relation(&catalog, "t").session.select, None);
}

#[tokio::test]
async fn functions_have_arguments_and_results() {
    let catalog = read(
        "create table t (a int);
         create type pair as (x int, y text);
         create function nothing() returns void language sql as '';
         create function one(a int, b text default 'x', c int default 1) returns int
           language sql immutable security definer set search_path = '' as 'select 1';
         create function rows() returns setof t language sql stable as 'select * from t';
         create function tab(a int) returns table (x int, y text) language sql as 'select 1, null';
         create function out_one(out x int) language sql as 'select 1';
         create function pairs() returns setof pair language sql as 'select 1, null';
         create function any_row() returns record language sql as 'select 1, 2';
         create function many(variadic a int[]) returns int language sql as 'select 1';
         create function trig() returns trigger language plpgsql as 'begin return new; end'",
    )
    .await;

    assert_eq!(function(&catalog, "nothing").returns, Returns::Void);
    let one = function(&catalog, "one");
    let defaults: Vec<_> = one.arguments.iter().map(|it| it.has_default).collect();
    assert_eq!(defaults, [false, true, true]);
    assert_eq!(one.volatility, Volatility::Immutable);
    assert!(one.security_definer && one.fixed_search_path && !one.returns_set);
    assert_eq!(one.signature(), "public.one(int4,text,int4)");
    let rows = function(&catalog, "rows");
    assert_eq!(
        rows.returns,
        Returns::Relation(RelationName::new("public", "t"))
    );
    assert!(rows.returns_set);
    for (name, columns) in [("tab", "x y"), ("out_one", "x"), ("pairs", "x y")] {
        let Returns::Columns(found) = &function(&catalog, name).returns else {
            panic!("{name} returns columns");
        };
        let names: Vec<_> = found.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names.join(" "), columns);
    }
    assert_eq!(function(&catalog, "tab").arguments.len(), 1);
    assert_eq!(function(&catalog, "any_row").returns, Returns::Record);
    assert!(function(&catalog, "many").arguments[0].variadic);
    let trigger = FunctionName::new("public", "trig");
    assert!(catalog.overloads(&trigger).is_empty());
}

#[tokio::test]
async fn leakproof_marks_are_postgres_own() {
    let catalog = read("create table t (a int, b text, c jsonb)").await;

    let table = relation(&catalog, "t");
    let ty = |name: &str| &table.column(name).expect("there").ty;
    assert!(catalog.leakproof().is_leakproof("=", ty("a")));
    assert!(catalog.leakproof().is_leakproof("=", ty("b")));
    assert!(!catalog.leakproof().is_leakproof("~~", ty("b")));
    assert!(!catalog.leakproof().is_leakproof("=", ty("c")));
}

#[tokio::test]
async fn equal_schemas_have_equal_versions_and_changes_show() {
    let database = Database::with("create table t (a int)").await;
    let config = DbConfig::new(database.url(Login::Gateway).await);
    let db = Db::connect(&config).await.expect("connects");
    let version = async || {
        let catalog = db.introspect(&["public"], &[]).await.expect("reads");
        catalog.version()
    };

    let (first, second) = (version().await, version().await);
    database.execute("alter table t add b int").await;
    let third = version().await;

    assert_eq!(first, second);
    assert_ne!(second, third);
}

#[tokio::test]
async fn what_goes_away_while_the_catalogue_is_read_is_no_error() {
    let database = Database::with("create table stays (a int)").await;
    let config = DbConfig::new(database.url(Login::Gateway).await);
    let db = Db::connect(&config).await.expect("connects");
    let client = database.client().await;
    let changes = tokio::spawn(async move {
        loop {
            let made = "create table goes (a int primary key default 1);
                        create view seen as select a from goes";
            client.batch_execute(made).await.expect("makes");
            let gone = client.batch_execute("drop table goes cascade").await;
            gone.expect("drops");
            // Migrations pause as well; on a busy machine no read would ever be quick enough.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });

    for _ in 0..60 {
        let catalog = db.introspect(&["public"], &[]).await.expect("reads");
        let stays = RelationName::new("public", "stays");
        assert!(catalog.relation(&stays).is_some());
    }
    assert!(!changes.is_finished(), "tables came and went all the time");
    changes.abort();
}

#[tokio::test]
async fn two_thousand_tables_are_read_quickly() {
    let database = Database::with(
        "do $$ begin for n in 1..2000 loop
           execute format('create table t%s (id int primary key, a text default ''x'', b int)', n);
         end loop; end $$",
    )
    .await;
    let config = DbConfig::new(database.url(Login::Gateway).await);
    let db = Db::connect(&config).await.expect("connects");

    let catalog = db.introspect(&["public"], &[]).await.expect("reads");

    assert_eq!(catalog.relations().count(), 2000);
}

#[tokio::test]
async fn a_view_on_a_junction_is_a_way_of_its_own_name() {
    let catalog = read(
        "create table a (id int primary key);
         create table b (id int primary key);
         create table ab (a int references a, b int references b, primary key (a, b));
         create view ab_view as select * from ab",
    )
    .await;

    let ways = catalog.relationships(&RelationName::new("public", "a"));
    let many: Vec<_> = ways
        .iter()
        .filter(|it| it.cardinality == Cardinality::ManyToMany)
        .collect();
    let by_view = |it: &&Relationship| it.junction.as_ref().is_some_and(|it| it.is_view);
    assert_eq!(
        (many.len(), many.into_iter().filter(by_view).count()),
        (2, 1)
    );
}
