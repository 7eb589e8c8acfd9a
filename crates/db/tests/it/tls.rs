//! TLS to the database, its certificate verified. Certificates are made with the `openssl`
//! command; where there is none the test says that it was skipped.

use std::path::Path;
use std::process::{Command, Stdio};

use postern_base::limits::Limits;
use postern_base::{Identity, RoleName, Secret};
use postern_db::managed::{Cluster, ClusterConfig, DATABASE, Login};
use postern_db::{Caller, Complaints, Db, DbConfig, Error, Passthrough, RequestSettings};
use postern_query::View;
use postern_query::request::{Method, RawRequest, Representation, Target};

use super::server::connect;

fn openssl(dir: &Path, arguments: &str) -> bool {
    Command::new("openssl")
        .args(arguments.split(' '))
        .current_dir(dir)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// An authority, and a certificate of its for the name `localhost`.
fn make_certificates(dir: &Path) -> bool {
    std::fs::write(dir.join("names"), "subjectAltName=DNS:localhost").expect("written");
    openssl(
        dir,
        "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout ca.key -out ca.pem",
    ) && openssl(
        dir,
        "req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr",
    ) && openssl(
        dir,
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
         -extfile names -out server.pem",
    )
}

/// Has the server write the files itself, so that they belong to its account.
async fn switch_on(cluster: &Cluster, dir: &Path) {
    let client = connect(&cluster.database_url(Login::Owner, DATABASE)).await;
    let data_dir = cluster.data_dir().display();
    for (file, target) in [("server.key", "postern.key"), ("server.pem", "postern.pem")] {
        let text = std::fs::read_to_string(dir.join(file)).expect("a certificate");
        let sql = format!(
            "copy (select line from unnest(string_to_array('{}', E'\\n')) as line) \
             to program 'umask 077; cat > {data_dir}/{target}'",
            text.trim()
        );
        client.batch_execute(&sql).await.expect("writes");
    }
    for setting in [
        "ssl_cert_file = 'postern.pem'",
        "ssl_key_file = 'postern.key'",
        "ssl = on",
    ] {
        let sql = format!("alter system set {setting}");
        client.batch_execute(&sql).await.expect("sets");
    }
    client
        .batch_execute("select pg_reload_conf()")
        .await
        .expect("reloads");
}

/// A read as the anonymous role itself: what travels with it goes through the same TLS.
async fn read_as_the_caller(cluster: &Cluster, url: String) -> String {
    let owner = connect(&cluster.database_url(Login::Owner, DATABASE)).await;
    let schema = "create table public.t (a int); insert into public.t values (1);
                  grant select on public.t to anon";
    owner.batch_execute(schema).await.expect("made");
    let mut config = DbConfig::new(Secret::new(url));
    config.passthrough = Some(Passthrough {
        resting_role: "anon".into(),
        complaints: Complaints::Whole,
    });
    let db = Db::connect(&config).await.expect("connects");
    let catalog = db.introspect(&["public"], &[]).await.expect("is read");
    let bundle = postern_policy::load(&[], &catalog, None)
        .expect("loads")
        .bundle;
    let identity = Identity::anonymous();
    let view = View::native(&catalog, &bundle, &identity, RoleName::new("anon"));
    let request = RawRequest {
        method: Method::Get,
        target: Target::Relation("t".into()),
        schema: "public",
        query: "",
        prefer: Vec::new(),
        range: None,
        representation: Representation::default(),
        body: None,
    };
    let limits = Limits::default();
    let parsed = postern_query::parse(&request, &limits).expect("is understood");
    let plan = postern_query::plan(parsed, &view, &limits).expect("is planned");
    let rewritten = postern_query::rewrite(&plan, &view).expect("is rewritten");
    let caller = Caller {
        identity: &identity,
        role: "anon",
        request: &RequestSettings::default(),
    };
    let answer = db.run(&rewritten, &caller).await.expect("runs");
    answer.body.expect("a body")
}

#[tokio::test]
async fn the_certificate_and_the_name_are_verified() {
    let dir = std::env::temp_dir().join(format!("postern-tls-{}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("made");
    if !make_certificates(&dir) {
        println!("skipped: there is no `openssl` command");
        return;
    }
    let cluster = Cluster::start(&ClusterConfig::throwaway(), |_| {})
        .await
        .expect("starts");
    switch_on(&cluster, &dir).await;
    let plain = cluster.url(Login::Gateway).expose().clone();
    let attempt = async |host: &str, options: &str| {
        let url = plain.replace("127.0.0.1", host) + options;
        Db::connect(&DbConfig::new(Secret::new(url))).await
    };
    let roots = format!("&sslrootcert={}", dir.join("ca.pem").display());

    let mut trusted = attempt("localhost", &format!("?sslmode=verify-full{roots}")).await;
    for _ in 0..600 {
        if trusted.is_ok() {
            break;
        }
        // The server reads its new settings in its own time.
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        trusted = attempt("localhost", &format!("?sslmode=verify-full{roots}")).await;
    }
    let stranger = attempt("localhost", "?sslmode=require").await;
    let other_name = attempt("127.0.0.1", &format!("?sslmode=verify-full{roots}")).await;

    assert!(trusted.is_ok(), "{trusted:?}");
    let url = plain.replace("127.0.0.1", "localhost") + &format!("?sslmode=verify-full{roots}");
    assert_eq!(read_as_the_caller(&cluster, url).await, r#"[{"a":1}]"#);
    let refused = |result: Result<Db, Error>| {
        matches!(
            result,
            Err(Error::Unreachable { .. } | Error::Address { .. })
        )
    };
    assert!(refused(stranger));
    assert!(refused(other_name));
    cluster.stop().await.expect("stops");
    let _ = std::fs::remove_dir_all(&dir);
}
