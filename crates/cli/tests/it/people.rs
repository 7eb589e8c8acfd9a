//! What operators do to users, admins, keys and the audit log.

use std::process::Command;

use postern_testkit::{Database, database};

use super::binary::{Said, postern, run_command};
use super::folder::Folder;

const MASTER_KEY: &str = "6b1f0c8e5a7d4293b0e1f2a3c4d5968778695a4b3c2d1e0f9f8e7d6c5b4a3921";

/// A project folder beside a database that is somebody else's, as in production.
struct Site {
    folder: Folder,
    database: Database,
}

impl Site {
    async fn new() -> Self {
        let folder = Folder::new();
        folder.write("postern.toml", "");
        let database = database("").await;
        Self { folder, database }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = postern(arguments);
        command
            .current_dir(self.folder.root())
            .env("DATABASE_URL", self.database.url())
            .env("POSTERN_KEYS_MASTER_KEY", MASTER_KEY);
        command
    }

    fn run(&self, arguments: &[&str]) -> Said {
        run_command(&mut self.command(arguments))
    }

    async fn sql(&self, statement: &str) {
        let client = self.database.client().await;
        client.batch_execute(statement).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_imported_and_what_cannot_be_is_named() {
    let site = Site::new().await;
    site.folder.write(
        "users.json",
        "{\"user_id\": \"auth0|1\", \"email\": \"ann@example.com\"}\n\
         {\"user_id\": \"auth0|2\", \"email\": \"nobody\"}\n\
         nonsense\n",
    );
    let good = "{\"user_id\": \"auth0|3\", \"email\": \"bob@example.com\"}\n";
    site.folder.write("good.json", good);
    let import = |more: &[&str]| {
        let words = ["users", "import", "--from", "auth0"];
        site.run(&[&words[..], more].concat())
    };

    let dry = import(&["users.json", "--dry-run"]);
    let said = import(&["users.json"]);
    let good = import(&["good.json"]);
    let again = import(&["good.json", "--update"]);
    let missing = import(&["nothing.json"]);

    assert!(
        dry.out.contains("dry run: 3 read: 1 created"),
        "{}{}",
        dry.out,
        dry.err
    );
    assert!(!said.success);
    let counts = "3 read: 1 created, 0 updated, 0 unchanged, 2 rejected";
    assert!(said.out.contains(counts), "{}{}", said.out, said.err);
    for part in [
        "record 2 (line 2): the e-mail address",
        "record 3 (line 3): it is no JSON",
    ] {
        assert!(said.err.contains(part), "{}", said.err);
    }
    assert!(good.success, "{}", good.err);
    assert!(
        again.out.contains("0 created, 0 updated, 1 unchanged"),
        "{}",
        again.out
    );
    assert!(
        missing.err.contains("cannot read `nothing.json`"),
        "{}",
        missing.err
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_taken_along_with_what_they_sign_in_with() {
    let (here, there) = (Site::new().await, Site::new().await);
    here.folder.write(
        "users.json",
        r#"[{"id": "0b8d4e1a-4c55-4a53-9d0e-2f6a6f3c1a10", "email": "ann@example.com",
            "encrypted_password": "$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
            "email_confirmed_at": "2026-01-02T03:04:05Z", "raw_user_meta_data": {"n": "Ä"},
            "identities": [{"provider": "github", "provider_id": "77", "identity_data": {}}]},
            {"id": "1b8d4e1a-4c55-4a53-9d0e-2f6a6f3c1a10", "phone": "491700000001"}]"#,
    );
    let import = ["users", "import", "--from", "supabase", "users.json"];
    let imported = here.run(&import);
    assert!(imported.success, "{}{}", imported.out, imported.err);

    let bare = here.run(&["users", "export"]);
    let whole = here.run(&["users", "export", "whole.json", "--hashes"]);
    let again = here.run(&["users", "export", "whole.json"]);
    let text = std::fs::read_to_string(here.folder.root().join("whole.json")).unwrap();
    there.folder.write("users.json", &text);
    let moved = there.run(&import);
    let twice = there.run(&["users", "export", "--hashes"]);

    assert_eq!(bare.out.lines().count(), 2, "{}{}", bare.out, bare.err);
    assert!(!bare.out.contains("$2b$"), "{}", bare.out);
    assert!(whole.err.contains("2 users written"), "{}", whole.err);
    assert!(text.contains("$2b$10$N9qo8uLOickgx2ZMRZoMye"), "{text}");
    assert!(
        again.err.contains("cannot make `whole.json`"),
        "{}",
        again.err
    );
    assert!(
        moved.out.contains("2 created"),
        "{}{}",
        moved.out,
        moved.err
    );
    assert_eq!(twice.out, text);
}

#[tokio::test(flavor = "multi_thread")]
async fn admins_are_added_listed_and_kept_out() {
    let site = Site::new().await;

    let added = site.run(&["admin", "create", "Ann@Example.com"]);
    let twice = site.run(&["admin", "create", "ann@example.com"]);
    let viewer = site.run(&["admin", "create", "bob@example.com", "--role", "viewer"]);
    let odd = site.run(&["admin", "create", "cay@example.com", "--role", "god"]);
    let last = site.run(&["admin", "ban", "ann@example.com"]);
    let banned = site.run(&["admin", "ban", "bob@example.com"]);
    let list = site.run(&["admin", "list"]);
    let lifted = site.run(&["admin", "ban", "bob@example.com", "--lift"]);
    let nobody = site.run(&["admin", "ban", "dan@example.com"]);

    let password = added
        .out
        .lines()
        .find_map(|it| it.strip_prefix("password "));
    assert_eq!(
        password.map(str::len),
        Some(24),
        "{}{}",
        added.out,
        added.err
    );
    assert!(
        twice.err.contains("There is such an admin"),
        "{}",
        twice.err
    );
    assert!(viewer.success && banned.success && lifted.success);
    assert!(odd.err.contains("owner, editor or viewer"), "{}", odd.err);
    assert!(last.err.contains("Nobody would be left"), "{}", last.err);
    assert!(
        list.out.contains("owner   ann@example.com\n"),
        "{}",
        list.out
    );
    assert!(
        list.out.contains("viewer  bob@example.com  banned"),
        "{}",
        list.out
    );
    assert!(!list.out.contains("argon2"), "{}", list.out);
    assert!(!nobody.success);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_who_lost_every_factor_is_helped_at_the_machine() {
    let site = Site::new().await;
    for email in ["ann@example.com", "bob@example.com"] {
        assert!(site.run(&["admin", "create", email]).success);
    }
    site.sql(
        "insert into postern.admin_factors (id, admin_id, kind, name, created_at, verified_at) \
         select gen_random_uuid(), id, 'totp', 'phone', now(), now() from postern.admins; \
         insert into postern.admin_recovery_codes (admin_id, code_mac) \
         select id, code from postern.admins, unnest(array['a'::bytea, 'b']) code; \
         insert into postern.admin_sessions (id, admin_id, mac, created_at, seen_at, proved_at, \
         ip_address, user_agent) select gen_random_uuid(), id, id::text::bytea, now(), now(), \
         now(), '', '' from postern.admins",
    )
    .await;

    let reset = site.run(&["admin", "reset-factors", "Ann@example.com"]);
    let nobody = site.run(&["admin", "reset-factors", "dan@example.com"]);

    assert!(reset.success, "{}", reset.err);
    let told = "1 factors and 2 recovery codes are gone, 1 sessions ended";
    assert!(reset.out.contains(told), "{}", reset.out);
    assert!(!nobody.success);
    assert!(nobody.err.contains("no such admin"), "{}", nobody.err);
    let client = site.database.client().await;
    let left = "select (select count(*) from postern.admin_factors) \
                + (select count(*) from postern.admin_recovery_codes) \
                + (select count(*) from postern.admin_sessions), \
                (select count(*) from auth.audit_log_entries where payload ->> 'action' = \
                'admin_factors_reset' and payload ->> 'actor_username' = 'command line' \
                and payload -> 'traits' ->> 'admin_email' = 'ann@example.com')";
    let row = client.query_one(left, &[]).await.unwrap();
    // Bob's are still there, and the log says who was helped, and from where.
    assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1)), (4, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_log_is_verified_by_its_mark() {
    let site = Site::new().await;
    assert!(site.run(&["admin", "create", "ann@example.com"]).success);

    let sound = site.run(&["audit", "verify"]);
    site.sql("update auth.audit_log_entries set ip_address = '10.0.0.1'")
        .await;
    let edited = site.run(&["audit", "verify"]);
    let odd = site.run(&["audit", "verify", "--mark", "x"]);

    assert!(sound.success, "{}", sound.err);
    assert!(
        sound.out.contains("0 entries sealed, 1 waiting"),
        "{}",
        sound.out
    );
    assert!(!edited.success);
    assert!(
        edited
            .err
            .contains("was edited or written by somebody else"),
        "{}",
        edited.err
    );
    assert!(odd.err.contains("the mark is none"), "{}", odd.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_keys_are_rotated() {
    let site = Site::new().await;
    let line_of = |said: &Said, state: &str| -> String {
        let line = said.out.lines().find(|it| it.contains(state));
        line.unwrap_or_default()
            .split(' ')
            .next()
            .unwrap()
            .to_owned()
    };

    let first = site.run(&["keys", "rotate"]);
    let second = site.run(&["keys", "rotate"]);
    let previous = line_of(&second, " previous ");
    let revoked = site.run(&["keys", "revoke", &previous]);
    let current = site.run(&["keys", "revoke", &line_of(&second, " current ")]);
    let list = site.run(&["keys", "list"]);

    assert!(first.success, "{}", first.err);
    assert_eq!(line_of(&second, " current "), line_of(&first, " standby "));
    assert_eq!(previous, line_of(&first, " current "));
    assert!(revoked.success, "{}", revoked.err);
    assert!(
        current.err.contains("rotate before revoking"),
        "{}",
        current.err
    );
    assert_eq!(line_of(&list, " revoked "), previous);
    assert!(
        !list.out.contains("pe1."),
        "no private half is shown: {}",
        list.out
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_sealed_anew_under_a_replaced_master_key() {
    let site = Site::new().await;
    let first = site.run(&["keys", "rotate"]);
    let replaced = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f1";
    let reseal = |older: &str| {
        let mut command = site.command(&["keys", "rotate", "--reencrypt"]);
        command.env("POSTERN_KEYS_MASTER_KEY", replaced);
        if !older.is_empty() {
            command.env("POSTERN_KEYS_OLDER_MASTER_KEYS", older);
        }
        run_command(&mut command)
    };

    let lost = reseal("");
    let done = reseal(MASTER_KEY);
    let again = reseal(MASTER_KEY);

    assert!(first.success, "{}", first.err);
    assert!(!lost.success);
    assert!(lost.err.contains("were left as they are"), "{}", lost.err);
    assert!(done.success, "{}", done.err);
    let line = |said: &Said| said.out.lines().next().unwrap_or_default().to_owned();
    assert!(!line(&done).contains("  0 "), "{}", done.out);
    assert_eq!(line(&again), "signing keys  0 sealed anew");
}

#[test]
fn without_a_database_or_master_key_the_way_out_is_named() {
    let folder = Folder::new();
    let path = folder.path("app").display().to_string();
    assert!(super::binary::run(&["new", &path]).success);

    let no_key = super::binary::run(&["keys", "list", &path]);
    let mut command = postern(&["audit", "verify", &path]);
    command.env("POSTERN_KEYS_MASTER_KEY", MASTER_KEY);
    let no_database = run_command(&mut command);

    assert!(no_key.err.contains("`keys.master_key`"), "{}", no_key.err);
    assert!(
        no_database.err.contains("start `postern dev` first"),
        "{}",
        no_database.err
    );
}
