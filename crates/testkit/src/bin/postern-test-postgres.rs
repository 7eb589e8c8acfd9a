//! Starts a throw-away Postgres, prints how to reach it, and stops it when standard input closes.
//!
//! `cargo xtask test` runs it: first line the superuser's address, second line the gateway's,
//! third line the auth service's.

#![expect(clippy::print_stdout, reason = "its output is its interface")]

use std::io::{Read, stdin};

use anyhow::Result;
use postern_db::managed::{Cluster, ClusterConfig, Login};

#[tokio::main]
async fn main() -> Result<()> {
    let cluster =
        Cluster::start(&ClusterConfig::throwaway(), |notice| eprintln!("{notice}")).await?;
    println!("{}", cluster.url(Login::Owner).expose());
    println!("{}", cluster.url(Login::Gateway).expose());
    println!("{}", cluster.url(Login::Auth).expose());
    let mut ignored = Vec::new();
    // Blocking is fine: nothing else runs here.
    stdin().read_to_end(&mut ignored)?;
    cluster.stop().await?;
    Ok(())
}
