//! A `Rewritten` cannot be put together outside of its crate.

use postern_query::{AnswerShape, Mode, Rewritten, Route};

fn forge(answer: AnswerShape) -> Rewritten {
    Rewritten {
        sql: "select * from secrets".into(),
        params: Vec::new(),
        route: Route::Fast,
        mode: Mode::ReadOnly,
        native_role: None,
        transaction: Default::default(),
        answer,
        estimate: None,
    }
}

fn main() {}
