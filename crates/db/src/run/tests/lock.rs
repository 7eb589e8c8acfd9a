//! A lock that a statement waits for: slow for as long as the test wants, on every machine.

use super::*;

/// Held until it is given back or dropped.
pub(super) struct Lock {
    client: tokio_postgres::Client,
}

impl Bench {
    pub(super) async fn lock(&self) -> Lock {
        let (client, connection) =
            tokio_postgres::connect(self.owner.expose(), tokio_postgres::NoTls)
                .await
                .expect("connects");
        tokio::spawn(connection);
        let lock = Lock { client };
        lock.run("select pg_advisory_lock(7)").await;
        lock
    }
}

impl Lock {
    /// Waits until somebody waits for it.
    pub(super) async fn wait_until_blocked(&self) {
        let waiting = "select 1 from pg_stat_activity where datname = current_database() \
                       and wait_event = 'advisory'";
        while self
            .client
            .query_opt(waiting, &[])
            .await
            .expect("reads")
            .is_none()
        {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub(super) async fn release(&self) {
        self.run("select pg_advisory_unlock(7)").await;
    }

    async fn run(&self, sql: &str) {
        self.client.batch_execute(sql).await.expect("runs");
    }
}
