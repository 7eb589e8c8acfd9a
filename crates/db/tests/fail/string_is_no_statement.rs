//! A text does not run, however it is passed.

use postern_db::{Caller, Db};

async fn reach_user_data(db: &Db, caller: &Caller<'_>) {
    let _ = db.run("select * from secrets", caller).await;
}

fn main() {}
