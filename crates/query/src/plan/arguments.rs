//! The arguments of a call as the request has them.

use std::sync::Arc;

use postern_base::codes;

use crate::Error;
use crate::request::{ApiRequest, Method, Payload, Whole, WholeMedia};

/// Where the arguments of a call come from.
#[derive(Debug)]
pub(crate) enum Arguments {
    /// The keys of one JSON object.
    Json { body: Arc<str>, names: Vec<String> },
    /// The query string or a form: each name with its texts; only a variadic argument takes more
    /// than the last.
    Texts(Vec<(String, Vec<String>)>),
    /// The body itself is the one argument, which has no name.
    Whole(Arc<str>),
}

impl Arguments {
    pub(crate) fn names(&self) -> Vec<String> {
        match self {
            Self::Json { names, .. } => names.clone(),
            Self::Texts(pairs) => pairs.iter().map(|(name, _)| name.clone()).collect(),
            Self::Whole(_) => Vec::new(),
        }
    }
}

/// What a request gives a function, in both forms that it may be taken in.
pub(super) struct Given {
    /// By name, for functions whose arguments have names; the refusal where there are none.
    pub(super) named: Result<Arguments, Error>,
    /// As one value, for functions with a single unnamed argument.
    pub(super) whole: Option<Whole>,
}

impl Given {
    pub(super) fn of(request: &ApiRequest) -> Self {
        if matches!(request.method, Method::Get | Method::Head) {
            return Self::texts(&request.query.arguments);
        }
        match &request.payload {
            Payload::None => Self::texts(&[]),
            Payload::Form(fields) => Self::texts(fields),
            Payload::Whole(whole) => Self {
                named: match whole.media {
                    WholeMedia::Json => Err(one_object()),
                    WholeMedia::Text | WholeMedia::Xml | WholeMedia::Bytes => {
                        Ok(Arguments::Texts(Vec::new()))
                    }
                },
                whole: Some(whole.clone()),
            },
            Payload::Json(payload) => Self {
                named: if payload.rows == 1 {
                    Ok(Arguments::Json {
                        body: payload.array.clone(),
                        names: payload.keys.clone(),
                    })
                } else {
                    Err(one_object())
                },
                whole: Some(Whole {
                    media: WholeMedia::Json,
                    text: payload.whole.clone(),
                }),
            },
        }
    }

    fn texts(pairs: &[(String, String)]) -> Self {
        let mut grouped: Vec<(String, Vec<String>)> = Vec::new();
        for (name, value) in pairs {
            match grouped.iter_mut().find(|(known, _)| known == name) {
                Some((_, values)) => values.push(value.clone()),
                None => grouped.push((name.clone(), vec![value.clone()])),
            }
        }
        Self {
            named: Ok(Arguments::Texts(grouped)),
            whole: None,
        }
    }

    /// Whether the body can be nothing but one value.
    pub(super) fn is_one_value(&self) -> bool {
        self.whole
            .as_ref()
            .is_some_and(|it| it.media != WholeMedia::Json)
    }
}

fn one_object() -> Error {
    Error::new(&codes::BODY, "The arguments must be one JSON object")
}
