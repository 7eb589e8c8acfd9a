//! How many users there are: counted where that is quick, estimated where it is not.

use postern_db::own;

use super::{Group, statements};
use crate::{AuthService, Context, Result};

/// Up to how many are counted.
const COUNTED_MAX: i64 = 10_000;

/// How many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// So many.
    Exactly(i64),
    /// About so many, as Postgres last estimated.
    About(i64),
    /// More than so many.
    MoreThan(i64),
    /// Nobody counted.
    Unknown,
}

impl AuthService {
    /// How many users Postgres believes there are; none before it first looked.
    pub(super) async fn estimate_of_users(&self) -> Result<i64> {
        let estimate = own!(
            "select greatest(reltuples, 0)::bigint as rows from pg_catalog.pg_class \
             where oid = 'auth.users'::regclass"
        );
        let row = self.db.query_opt(estimate, &[]).await?;
        Ok(row.map_or(0, |row| row.get("rows")))
    }

    /// How many are in a group.
    pub(super) async fn count_group(
        &self,
        group: Group,
        estimate: i64,
        context: &Context,
    ) -> Result<Counted> {
        let limit = COUNTED_MAX + 1;
        let count = statements::count(group);
        let row = self.db.query_opt(count, &[&context.now, &limit]).await?;
        let total: i64 = row.map_or(0, |row| row.get("total"));
        Ok(match group {
            _ if total <= COUNTED_MAX => Counted::Exactly(total),
            Group::All => Counted::About(rounded(estimate.max(total))),
            _ => Counted::MoreThan(COUNTED_MAX),
        })
    }
}

/// An estimate without digits that it does not know.
fn rounded(estimate: i64) -> i64 {
    match estimate {
        ..100_000 => (estimate + 500) / 1_000 * 1_000,
        _ => (estimate + 5_000) / 10_000 * 10_000,
    }
}

#[cfg(test)]
mod tests {
    use super::rounded;

    #[test]
    fn an_estimate_looks_like_one() {
        assert_eq!(rounded(10_001), 10_000);
        assert_eq!(rounded(99_513), 100_000);
        assert_eq!(rounded(1_234_567), 1_230_000);
    }
}
