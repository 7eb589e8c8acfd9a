//! The managed server: first start, restart, crashes of either side, wrong versions.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use postern_db::managed::{self, Cluster, ClusterConfig, Durability, Error, Login, Notice};

use super::server::{Database, connect};

struct Folder(std::path::PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("postern-it-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }

    fn config(&self) -> ClusterConfig {
        ClusterConfig::new(&self.0)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn pid(data_dir: &Path) -> u32 {
    let text = std::fs::read_to_string(data_dir.join("postmaster.pid")).expect("a lock file");
    let line = text.lines().next().expect("a line");
    line.trim().parse().expect("a number")
}

fn is_running(pid: u32) -> bool {
    Path::new(&format!("/proc/{pid}")).exists()
}

async fn wait_until_gone(pid: u32) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while is_running(pid) {
        assert!(Instant::now() < deadline, "process {pid} is still there");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn keeps_data_and_address_over_a_restart() {
    let folder = Folder::new("restart");
    let first = Cluster::start(&folder.config(), |_| {})
        .await
        .expect("starts");
    let port = first.port();
    let client = connect(&first.url(Login::Owner)).await;
    client
        .batch_execute("create table kept (n int); insert into kept values (7)")
        .await
        .expect("runs");
    drop(client);
    let server = pid(first.data_dir());
    first.stop().await.expect("stops");
    assert!(!is_running(server));

    let mut notices = Vec::new();
    let second = Cluster::start(&folder.config(), |it| notices.push(it))
        .await
        .expect("starts again");

    let gateway = connect(&second.url(Login::Gateway)).await;
    let row = gateway
        .query_one("select n from kept", &[])
        .await
        .expect("reads");
    assert_eq!(row.get::<_, i32>(0), 7);
    assert_eq!(second.port(), port);
    assert!(
        !notices
            .iter()
            .any(|it| matches!(it, Notice::Initialising(_)))
    );
    second.stop().await.expect("stops");
    managed::reset(&folder.0).await.expect("resets");
    assert!(!folder.0.join("pgdata").exists());
}

#[tokio::test]
async fn refuses_a_second_start_in_the_same_folder() {
    let folder = Folder::new("twice");
    let first = Cluster::start(&folder.config(), |_| {})
        .await
        .expect("starts");

    let second = Cluster::start(&folder.config(), |_| {}).await;

    assert!(matches!(second, Err(Error::InUse { .. })), "{second:?}");
    assert!(matches!(
        managed::reset(&folder.0).await,
        Err(Error::InUse { .. })
    ));
    first.stop().await.expect("stops");
}

#[tokio::test]
async fn the_server_ends_when_its_owner_is_dropped() {
    let folder = Folder::new("dropped");
    let cluster = Cluster::start(&folder.config(), |_| {})
        .await
        .expect("starts");
    let server = pid(cluster.data_dir());

    drop(cluster);

    wait_until_gone(server).await;
}

/// The name of the variable that turns the test below into a process to be killed.
const VICTIM: &str = "POSTERN_TEST_VICTIM_DIR";

/// Holds a server until it is killed, when the test after it says so; nothing otherwise.
#[tokio::test]
async fn a_process_that_waits_to_be_killed() {
    let Ok(dir) = std::env::var(VICTIM) else {
        return;
    };
    let _cluster = Cluster::start(&ClusterConfig::new(dir), |_| {})
        .await
        .expect("starts");
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn the_server_ends_when_its_owner_is_killed() {
    let folder = Folder::new("killed");
    let mut owner = Command::new(std::env::current_exe().expect("this binary"))
        .args(["--exact", "it::managed::a_process_that_waits_to_be_killed"])
        .env(VICTIM, &folder.0)
        .spawn()
        .expect("runs");
    let deadline = Instant::now() + Duration::from_secs(60);
    // The state is written once the server is ready.
    while !std::fs::read_to_string(folder.0.join("postgres.json"))
        .is_ok_and(|text| !text.contains("\"port\": null"))
    {
        assert!(Instant::now() < deadline, "the owner has not started");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let server = pid(&folder.0.join("pgdata"));

    owner.kill().expect("kills");
    owner.wait().expect("ends");

    wait_until_gone(server).await;
}

#[tokio::test]
async fn data_goes_elsewhere_when_the_servers_account_cannot_reach_the_project() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new("unreachable");
    std::fs::create_dir_all(&folder.0).expect("made");
    std::fs::set_permissions(&folder.0, std::fs::Permissions::from_mode(0o700)).expect("closed");
    let dir = folder.0.join("project").join(".postern");
    let mut notices = Vec::new();

    let cluster = Cluster::start(&ClusterConfig::new(&dir), |it| notices.push(it))
        .await
        .expect("starts");

    let data_dir = cluster.data_dir().to_owned();
    cluster.stop().await.expect("stops");
    let is_root = notices.iter().any(|it| matches!(it, Notice::RunsAs(_)));
    assert_eq!(is_root, !data_dir.starts_with(&folder.0));
    assert_eq!(
        is_root,
        notices.contains(&Notice::DataElsewhere(data_dir.clone()))
    );
    managed::reset(&dir).await.expect("resets");
    assert!(!data_dir.exists());
}

#[tokio::test]
async fn comes_back_after_a_crash_of_the_server() {
    let folder = Folder::new("crash");
    let first = Cluster::start(&folder.config(), |_| {})
        .await
        .expect("starts");
    let server = pid(first.data_dir());
    Command::new("sh")
        .args(["-c", &format!("kill -9 {server}")])
        .status()
        .expect("kills");
    let deadline = Instant::now() + Duration::from_secs(60);
    while !first.has_ended() && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(first.has_ended());
    first.stop().await.expect("nothing left to stop");

    let mut notices = Vec::new();
    let second = Cluster::start(&folder.config(), |it| notices.push(it))
        .await
        .expect("starts again");

    assert!(notices.contains(&Notice::StaleLockRemoved), "{notices:?}");
    second.stop().await.expect("stops");
}

#[tokio::test]
async fn refuses_data_of_another_major_version() {
    let folder = Folder::new("version");
    let data_dir = folder.0.join("pgdata");
    std::fs::create_dir_all(&data_dir).expect("made");
    std::fs::write(data_dir.join("PG_VERSION"), "9\n").expect("written");

    let refused = Cluster::start(&folder.config(), |_| {}).await;

    let error = refused.expect_err("another version");
    assert!(
        matches!(error, Error::OtherVersion { data: 9, .. }),
        "{error}"
    );
    assert!(error.to_string().contains("pg_upgrade"), "{error}");
}

#[tokio::test]
async fn says_what_to_install_when_there_is_no_server() {
    let folder = Folder::new("nothing");
    let config = ClusterConfig {
        bin_dir: Some("/nonexistent".into()),
        durability: Durability::Throwaway,
        ..folder.config()
    };

    let error = Cluster::start(&config, |_| {})
        .await
        .expect_err("no binaries");

    assert!(
        error.to_string().contains("apt-get install postgresql"),
        "{error}"
    );
}

#[tokio::test]
async fn the_gateway_reaches_what_migrations_make_and_is_no_superuser() {
    let database = Database::with("create schema app; create table app.t (id serial, n int)").await;

    let gateway = connect(&database.url(Login::Gateway).await).await;

    gateway
        .execute("insert into app.t (n) values (1)", &[])
        .await
        .expect("may insert");
    let row = gateway
        .query_one(
            "select rolsuper, rolbypassrls from pg_roles where rolname = current_user",
            &[],
        )
        .await
        .expect("reads");
    assert_eq!((row.get(0), row.get(1)), (false, true));
    assert!(
        gateway
            .execute("delete from postern.support", &[])
            .await
            .is_err()
    );
}

#[tokio::test]
async fn support_functions_answer_for_claims() {
    let database = Database::with("").await;
    let client = database.client().await;
    let ask = "select auth.uid()::text, auth.role(), auth.email(), auth.jwt()::text";

    let nobody = client.query_one(ask, &[]).await.expect("asks");
    client
        .batch_execute(
            r#"set request.jwt.claims = '{"sub":"not-a-uuid","role":"anon","email":"a@b.c"}'"#,
        )
        .await
        .expect("sets");
    let somebody = client.query_one(ask, &[]).await.expect("asks");

    assert_eq!(nobody.get::<_, Option<String>>(0), None);
    assert_eq!(nobody.get::<_, Option<String>>(3), None);
    assert_eq!(somebody.get::<_, Option<String>>(0), None);
    assert_eq!(
        somebody.get::<_, Option<String>>(1).as_deref(),
        Some("anon")
    );
    assert_eq!(
        somebody.get::<_, Option<String>>(2).as_deref(),
        Some("a@b.c")
    );
}

#[tokio::test]
async fn deny_and_refuse_raise_the_given_code() {
    let database = Database::with("").await;
    let client = database.client().await;

    let denied = client.query("select postern.deny('no', 1)", &[]).await;
    let refused = client
        .query("select postern.refuse('PT116', '3', null::text)", &[])
        .await;

    let denied = denied.expect_err("denied");
    assert_eq!(denied.code().map(|it| it.code()), Some("42501"));
    let refused = refused.expect_err("refused");
    assert_eq!(refused.code().map(|it| it.code()), Some("PT116"));
}
