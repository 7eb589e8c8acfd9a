//! The same operations where the database decides: roles, grants and row-level security.
//!
//! Both servers take on the caller's role in a transaction of its own. `--only native` runs this
//! part alone.

use anyhow::Result;

use crate::arguments::Arguments;
use crate::operation::Operation;
use crate::report::Row;
use crate::run::measure_pair;
use crate::seed::SeededDatabase;
use crate::servers::Server;
use crate::tokens::Tokens;

/// The rules of the policy files, as the database's own.
const RULES: &str = "
alter table tasks alter column owner_id set default auth.uid();
grant select on profiles to authenticated;
grant select, insert on tasks to authenticated;
alter table profiles enable row level security;
alter table tasks enable row level security;
create policy own on profiles to authenticated using (id = (select auth.uid()));
create policy own on tasks to authenticated
  using (owner_id = (select auth.uid())) with check (owner_id = (select auth.uid()));
";

/// Puts the rules into the database, and measures every operation on both servers in turn.
pub(crate) async fn measure(
    arguments: &Arguments,
    database: &SeededDatabase,
    tokens: &Tokens,
) -> Result<Vec<Row>> {
    println!("where the database decides");
    database.run(RULES).await?;
    let url = database.gateway_url();
    let floor = Server::floor_with_roles(&url).await?;
    let gateway = Server::native_gateway(&arguments.gateway, &url).await?;
    let servers = [&floor, &gateway];
    measure_pair(arguments, database, tokens, (servers, &Operation::ALL)).await
}
