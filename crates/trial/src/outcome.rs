//! What came of a case's request, in the terms of the wire.

use postern_db::Answer;
use postern_query::{AnswerKind, Rewritten};
use serde_json::Value;

/// What came of a request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// The HTTP status.
    pub status: u16,
    /// The code of a refusal.
    pub code: Option<String>,
    /// The words of a refusal.
    pub message: Option<String>,
    /// The rows of the answer.
    pub rows: Option<Vec<Value>>,
    /// How many rows were written, by a write.
    pub affected: Option<u64>,
    /// Whether something came of it: rows that were seen or written, a function that ran.
    pub effective: bool,
}

impl Outcome {
    /// A refusal.
    pub(crate) fn refused(status: u16, code: &str, message: &str) -> Self {
        Self {
            status,
            code: Some(code.to_owned()),
            message: Some(message.to_owned()),
            ..Self::default()
        }
    }

    /// A refusal by the gateway; the anonymous are asked to sign in.
    pub(crate) fn of_refusal(error: &postern_query::Error, anonymous: bool) -> Self {
        let status = match (error.code.status, anonymous) {
            (403, true) => 401,
            (status, _) => status,
        };
        Self::refused(status, error.code.code, &error.message)
    }

    /// A refusal by the database.
    pub(crate) fn of_rejection(error: &postern_db::Error, anonymous: bool) -> Self {
        let status = match (error.status(), anonymous) {
            (403, true) => 401,
            (status, _) => status,
        };
        Self::refused(status, error.code(), error.message())
    }

    /// An answer.
    pub(crate) fn of_answer(rewritten: &Rewritten, answer: &Answer) -> Self {
        let shape = rewritten.answer();
        let writes = matches!(
            shape.kind,
            AnswerKind::Insert | AnswerKind::Upsert | AnswerKind::Update | AnswerKind::Delete
        );
        let status = match shape.kind {
            AnswerKind::Insert => 201,
            AnswerKind::Upsert if answer.inserted_rows > 0 => 201,
            AnswerKind::Update | AnswerKind::Delete if !shape.returns_rows => 204,
            AnswerKind::RpcVoid => 204,
            _ => 200,
        };
        let rows = match answer.body.as_deref().map(serde_json::from_str) {
            Some(Ok(Value::Array(rows))) if shape.returns_rows => Some(rows),
            Some(Ok(value)) if shape.returns_rows => Some(vec![value]),
            _ => None,
        };
        Self {
            status,
            code: None,
            message: None,
            rows,
            affected: writes.then_some(answer.page_rows),
            effective: match shape.kind {
                AnswerKind::RpcVoid | AnswerKind::RpcValue => true,
                _ => answer.page_rows > 0,
            },
        }
    }
}
