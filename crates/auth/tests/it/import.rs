//! Imports: exports of other systems as files, and the users who sign in afterwards.

use std::sync::Arc;

use postern_auth::audit::AuditLog;
use postern_auth::import::{Event, FileKind, HashConfig, Importer, Mode, Records, Report, Source};
use postern_base::{Secret, SystemClock};
use postern_db::own::{OwnDb, OwnDbConfig};
use postern_testkit::{Reply, TestApp};
use postern_vault::{MasterKey, SystemRandom, Vault};
use serde_json::{Value, json};

use super::kit::app;

/// bcrypt of `a-password-from-elsewhere`, made by another program.
const BCRYPT: &str = "$2b$10$4zs3TP5ZuvQqTQPWnong/O3mbWGM5xj3vT99zEZSm5TGPxWZ7Xw9i";
const ELSEWHERE: &str = "a-password-from-elsewhere";

/// What an import said, and the lines that it refused.
struct Said {
    report: Report,
    rejected: Vec<(u64, String)>,
}

async fn import(app: &TestApp, source: &Source, mode: Mode, file: (&str, FileKind)) -> Said {
    let config = OwnDbConfig::new(Secret::new(app.database().auth_url()));
    let key = MasterKey::parse(&Secret::new(app.master_key().to_owned())).expect("as arranged");
    let vault = Arc::new(Vault::new(&key, Arc::new(SystemRandom)));
    let db = OwnDb::new(&config).expect("as arranged");
    let importer = Importer::new(db.clone(), Arc::clone(&vault), Arc::new(SystemClock));
    let mut rejected = Vec::new();
    let mut tell = |event: Event<'_>| {
        if let Event::Rejected(place, reason) = event {
            rejected.push((place.line, reason.to_owned()));
        }
    };
    let records = Records::new(file.0.as_bytes(), file.1).expect("as arranged");
    let report = importer
        .run(records, source, mode, &mut tell)
        .await
        .expect("as arranged");
    let log = AuditLog::new(db, vault)
        .verify(None)
        .await
        .expect("as arranged");
    assert!(log.is_sound(), "{:?}", log.faults);
    Said { report, rejected }
}

fn counts(report: &Report) -> [u64; 5] {
    let Report {
        read,
        created,
        updated,
        unchanged,
        rejected,
    } = *report;
    [read, created, updated, unchanged, rejected]
}

async fn sign_in(app: &TestApp, email: &str, password: &str) -> Reply {
    let body = json!({ "email": email, "password": password });
    let path = "/auth/v1/token?grant_type=password";
    app.anon().post(path, &body).send().await
}

async fn user(app: &TestApp, email: &str) -> Value {
    let path = format!("/auth/v1/admin/users?filter={email}");
    let list = app
        .service()
        .get(&path)
        .send()
        .await
        .expect_status(200)
        .json();
    assert_eq!(
        list["users"].as_array().expect("as arranged").len(),
        1,
        "{list}"
    );
    list["users"][0].clone()
}

fn supabase() -> String {
    let ann = json!({
        "id": "11111111-1111-4111-8111-111111111111", "instance_id": null, "aud": "authenticated",
        "role": "authenticated", "email": "Ann@Example.com", "encrypted_password": BCRYPT,
        "email_confirmed_at": "2023-01-01 12:00:00.123+00", "created_at": "2023-01-01T11:00:00Z",
        "raw_app_meta_data": { "provider": "email", "providers": ["email"], "plan": "gold" },
        "raw_user_meta_data": { "nick": "Zo" }, "is_sso_user": false, "phone": null,
        "identities": [{ "id": "g-1", "provider": "google", "provider_id": "g-1",
            "identity_data": { "sub": "g-1", "email": "ann@example.com" } }]
    });
    let bob = json!({ "id": "22222222-2222-4222-8222-222222222222", "role": "service_role",
        "email": "bob@example.com" });
    let cay = json!({ "id": "33333333-3333-4333-8333-333333333333", "email": "cay@example.com",
        "encrypted_password": "$md5$abc", "raw_user_meta_data": "{\"a\": 1}" });
    let dan = json!({ "id": "not-an-id", "email": "dan@example.com" });
    let eve = json!({ "id": "44444444-4444-4444-8444-444444444444", "email": "ann@example.com" });
    let fay = json!({ "id": "55555555-5555-4555-8555-555555555555", "email": "fay@example.com",
        "raw_user_meta_data": { "nul": "a\u{0}b" } });
    let gus = json!({ "id": "66666666-6666-4666-8666-666666666666", "phone": "15550002001",
        "phone_confirmed_at": "2023-01-01 12:00:00+00", "banned_until": "2999-01-01 00:00:00+00" });
    format!("[{ann},\n{bob},\n{cay},\n{dan},\n{eve},\n{fay},\n{gus}]\n")
}

#[tokio::test]
async fn users_of_supabase_come_with_id_password_and_identities() {
    let app = app().start().await;
    let file = supabase();
    let file = (file.as_str(), FileKind::Json);

    let dry = import(&app, &Source::Supabase, Mode::DryRun, file).await;
    let rows = "select count(*) from auth.users";
    let after_dry: i64 = app.sql().await.query_one(rows, &[]).await.unwrap().get(0);
    let said = import(&app, &Source::Supabase, Mode::Add, file).await;
    let again = import(&app, &Source::Supabase, Mode::Add, file).await;

    assert_eq!(counts(&dry.report), [7, 2, 0, 0, 5]);
    assert_eq!(after_dry, 0);
    assert_eq!(counts(&said.report), [7, 2, 0, 0, 5]);
    assert_eq!(counts(&again.report), [7, 0, 0, 2, 5]);
    for (line, part) in [
        (2, "service_role cannot be given"),
        (3, "no known kind"),
        (4, "`id` is no UUID"),
        (5, "another user has the e-mail address"),
        (6, "the database refuses it"),
    ] {
        let found = said.rejected.iter().find(|it| it.0 == line).unwrap();
        assert!(found.1.contains(part), "{found:?}");
    }
    let ann = user(&app, "ann@example.com").await;
    assert_eq!(ann["id"], "11111111-1111-4111-8111-111111111111");
    assert!(
        ann["created_at"]
            .as_str()
            .unwrap()
            .starts_with("2023-01-01T11:00:00")
    );
    assert_eq!(ann["app_metadata"]["plan"], "gold");
    assert_eq!(ann["app_metadata"]["providers"], json!(["google", "email"]));
    assert_eq!(ann["identities"].as_array().unwrap().len(), 2);
    for _ in 0..2 {
        sign_in(&app, "ann@example.com", ELSEWHERE)
            .await
            .expect_status(200);
    }
    sign_in(&app, "ann@example.com", "another")
        .await
        .expect_status(400);
    let gus = user(&app, "15550002001").await;
    assert!(gus["banned_until"].as_str().unwrap().starts_with("2999"));
    let audit = app
        .service()
        .get("/auth/v1/admin/audit?query=action:users_imported");
    let audit = audit.send().await.expect_status(200).json();
    assert_eq!(audit[0]["payload"]["actor_username"], "command line");
}

#[tokio::test]
async fn an_update_brings_users_up_to_the_file_and_keeps_their_passwords() {
    let app = app().start().await;
    let row = |email: &str, plan: &str| {
        json!({ "id": "11111111-1111-4111-8111-111111111111", "email": email,
            "encrypted_password": BCRYPT, "email_confirmed_at": "2023-01-01T00:00:00Z",
            "raw_app_meta_data": { "plan": plan } })
        .to_string()
    };
    let run = async |text: String, mode| {
        import(&app, &Source::Supabase, mode, (&text, FileKind::Json))
            .await
            .report
    };
    run(row("ann@example.com", "gold"), Mode::Add).await;
    let change = json!({ "password": "a-newer-good-password", "app_metadata": { "own": 1 } });
    let path = "/auth/v1/admin/users/11111111-1111-4111-8111-111111111111";
    app.service()
        .put(path, &change)
        .send()
        .await
        .expect_status(200);

    let unasked = run(row("anna@example.com", "iron"), Mode::Add).await;
    let asked = run(row("anna@example.com", "iron"), Mode::Update).await;
    let twice = run(row("anna@example.com", "iron"), Mode::Update).await;

    assert_eq!(counts(&unasked), [1, 0, 0, 1, 0]);
    assert_eq!(counts(&asked), [1, 0, 1, 0, 0]);
    assert_eq!(counts(&twice), [1, 0, 0, 1, 0]);
    let ann = user(&app, "anna@example.com").await;
    assert_eq!(ann["app_metadata"]["plan"], "iron");
    assert_eq!(ann["app_metadata"]["own"], 1);
    sign_in(&app, "anna@example.com", "a-newer-good-password")
        .await
        .expect_status(200);
    sign_in(&app, "anna@example.com", ELSEWHERE)
        .await
        .expect_status(400);
}

#[tokio::test]
async fn csv_and_identities_of_their_own_file_are_read() {
    let app = app().start().await;
    let users = format!(
        "id,email,encrypted_password,email_confirmed_at,raw_user_meta_data,is_anonymous\n\
         11111111-1111-4111-8111-111111111111,ann@example.com,{BCRYPT},2023-01-01 12:00:00+00,\
         \"{{\"\"nick\"\": \"\"Zo, the \"\"}}\",f\n\
         22222222-2222-4222-8222-222222222222,,,,,t\n\
         33333333-3333-4333-8333-333333333333,cay@example.com\n"
    );
    let identities = "provider_id,user_id,identity_data,provider\n\
         g-1,11111111-1111-4111-8111-111111111111,\"{\"\"sub\"\": \"\"g-1\"\"}\",github\n\
         g-2,99999999-9999-4999-8999-999999999999,{},github\n";

    let first = import(&app, &Source::Supabase, Mode::Add, (&users, FileKind::Csv)).await;
    let source = Source::SupabaseIdentities;
    let second = import(&app, &source, Mode::Add, (identities, FileKind::Csv)).await;
    let again = import(&app, &source, Mode::Add, (identities, FileKind::Csv)).await;

    assert_eq!(counts(&first.report), [3, 2, 0, 0, 1]);
    assert_eq!(first.rejected[0].0, 4);
    assert_eq!(counts(&second.report), [2, 1, 0, 0, 1]);
    assert!(
        second.rejected[0].1.contains("no user"),
        "{:?}",
        second.rejected
    );
    assert_eq!(counts(&again.report), [2, 0, 0, 1, 1]);
    let ann = user(&app, "ann@example.com").await;
    assert_eq!(ann["user_metadata"]["nick"], "Zo, the ");
    assert_eq!(ann["app_metadata"]["providers"], json!(["email", "github"]));
    sign_in(&app, "ann@example.com", ELSEWHERE)
        .await
        .expect_status(200);
}

#[tokio::test]
async fn users_of_auth0_come_by_either_kind_of_hash() {
    let app = app().start().await;
    let lines = [
        json!({ "user_id": "auth0|5f7c8ec7c33c6c004bbafe82", "email": "ann@example.com",
            "email_verified": true, "passwordHash": BCRYPT, "name": "Ann", "created_at":
            "2020-10-06T15:35:35.123Z", "user_metadata": { "nick": "Zo" },
            "app_metadata": { "plan": "gold" }, "identities": [
                { "provider": "auth0", "user_id": "5f7c8ec7c33c6c004bbafe82" },
                { "provider": "google-oauth2", "user_id": "1234", "isSocial": true }] }),
        json!({ "_id": { "$oid": "60425dc43519d90068f82973" }, "email": "bob@example.com",
            "email_verified": true, "custom_password_hash": { "algorithm": "scrypt",
            "hash": { "value": "bHXojks4sm1uMH4CDw9EcLZ/muyLxbYYc9xGzvNAnuQ=",
                "encoding": "base64" },
            "salt": { "value": "saltsaltsaltsalt", "encoding": "utf8" },
            "cost": 1024, "blockSize": 8, "parallelization": 1, "keylen": 32 } }),
        json!({ "user_id": "auth0|c", "email": "cay@example.com", "custom_password_hash":
            { "algorithm": "md5", "hash": { "value": "abc" } } }),
        json!({ "user_id": "auth0|d", "email": "dan@example.com", "blocked": true }),
        json!({ "email": "nobody@example.com" }),
    ];
    let text: String = lines.iter().map(|it| format!("{it}\n")).collect();
    let file = (text.as_str(), FileKind::Json);

    let said = import(&app, &Source::Auth0, Mode::Add, file).await;
    let again = import(&app, &Source::Auth0, Mode::Update, file).await;

    assert_eq!(counts(&said.report), [5, 3, 0, 0, 2]);
    assert!(said.rejected[0].1.contains("`md5`"), "{:?}", said.rejected);
    assert!(
        said.rejected[1].1.contains("`user_id`"),
        "{:?}",
        said.rejected
    );
    assert_eq!(
        counts(&again.report),
        [5, 0, 0, 3, 2],
        "the ids are the same"
    );
    let ann = user(&app, "ann@example.com").await;
    assert_eq!(ann["app_metadata"]["providers"], json!(["google", "email"]));
    assert_eq!(ann["user_metadata"]["full_name"], "Ann");
    sign_in(&app, "ann@example.com", ELSEWHERE)
        .await
        .expect_status(200);
    assert!(user(&app, "dan@example.com").await["banned_until"].is_string());
    let bob = user(&app, "bob@example.com").await;
    assert!(bob["email_confirmed_at"].is_string());
}

#[tokio::test]
async fn users_of_firebase_come_with_the_projects_hash_parameters() {
    let app = app().start().await;
    // The example that Firebase publishes with its scrypt.
    let config = "hash_config {\n  algorithm: SCRYPT,\n  base64_signer_key: jxspr8Ki0RYycVU8zykbd\
        LGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==,\n  \
        base64_salt_separator: Bw==,\n  rounds: 8,\n  mem_cost: 14,\n}";
    let config = HashConfig::parse(config).unwrap();
    let users = json!({ "users": [
        { "localId": "abc123", "email": "ann@example.com", "emailVerified": true,
          "passwordHash": "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZi\
            lo78198JAdRuid5lQ==", "salt": "42xEC+ixf3L2lw==", "displayName": "Ann",
          "createdAt": "1500000000000", "lastSignedInAt": "1600000000000",
          "customAttributes": "{\"plan\":\"gold\"}",
          "providerUserInfo": [{ "providerId": "google.com", "rawId": "g-1" },
            { "providerId": "password", "rawId": "ann@example.com" }] },
        { "localId": "def456", "phoneNumber": "+15550002001", "disabled": true },
        { "localId": "ghi789", "email": "@" },
        { "localId": "anon" }
    ] });
    let text = serde_json::to_string_pretty(&users).unwrap();
    let file = (text.as_str(), FileKind::WrappedJson);

    let without = import(&app, &Source::Firebase(None), Mode::DryRun, file).await;
    let source = Source::Firebase(Some(config));
    let said = import(&app, &source, Mode::Add, file).await;
    let again = import(&app, &source, Mode::Add, file).await;

    assert!(
        without.rejected[0].1.contains("--hash-config"),
        "{:?}",
        without.rejected
    );
    assert_eq!(counts(&said.report), [4, 3, 0, 0, 1], "{:?}", said.rejected);
    assert_eq!(counts(&again.report), [4, 0, 0, 3, 1]);
    let ann = user(&app, "ann@example.com").await;
    assert_eq!(ann["app_metadata"]["plan"], "gold");
    assert!(
        ann["created_at"]
            .as_str()
            .unwrap()
            .starts_with("2017-07-14")
    );
    sign_in(&app, "ann@example.com", "user1password")
        .await
        .expect_status(200);
    assert!(user(&app, "15550002001").await["banned_until"].is_string());
}

#[tokio::test]
async fn a_large_file_is_taken_in_batches() {
    let app = app().start().await;
    let mut text = String::new();
    for number in 0..650 {
        // Every hundredth address is that of the one before.
        let shown = if number % 100 == 99 {
            number - 1
        } else {
            number
        };
        let user = json!({ "user_id": format!("auth0|{number}"), "email":
            format!("user{shown}@example.com") });
        text.push_str(&format!("{user}\n"));
    }

    let said = import(&app, &Source::Auth0, Mode::Add, (&text, FileKind::Json)).await;

    assert_eq!(counts(&said.report), [650, 644, 0, 0, 6]);
    assert_eq!(said.rejected[0].0, 100);
}
