//! Verified token claims, kept once as a JSON object and once as the text that SQL binds.

use std::sync::Arc;

use serde_json::{Map, Value};
use uuid::Uuid;

/// The claims of a verified token; cheap to clone.
///
/// INVARIANT: only verified claims become a `Claims`; nothing here checks a signature.
#[derive(Clone, Debug)]
pub struct Claims(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    object: Value,
    json: String,
    uid: Option<Uuid>,
}

impl Claims {
    /// Wraps a verified claims object.
    pub fn new(object: Map<String, Value>) -> Self {
        let object = Value::Object(object);
        let uid = object
            .get("sub")
            .and_then(Value::as_str)
            .and_then(|sub| sub.parse().ok());
        Self(Arc::new(Inner {
            json: object.to_string(),
            object,
            uid,
        }))
    }

    /// The claims of a caller who showed no token: `{"role":"anon"}`.
    pub fn anonymous() -> Self {
        Self::with_role("anon")
    }

    /// Claims that hold a role and nothing else.
    pub fn with_role(role: &str) -> Self {
        let mut object = Map::new();
        object.insert("role".into(), Value::String(role.into()));
        Self::new(object)
    }

    /// The same claims with this role, for a token that names none.
    pub(crate) fn as_role(&self, role: &str) -> Self {
        let mut object = self.0.object.as_object().cloned().unwrap_or_default();
        object.insert("role".into(), Value::String(role.into()));
        Self::new(object)
    }

    /// The whole object, as `auth.jwt()` sees it.
    pub fn as_value(&self) -> &Value {
        &self.0.object
    }

    /// The whole object as JSON text.
    pub fn as_json(&self) -> &str {
        &self.0.json
    }

    /// `auth.uid()`: the subject when it is a UUID, else nothing (which denies).
    pub fn uid(&self) -> Option<Uuid> {
        self.0.uid
    }

    /// The subject, whatever its form.
    pub fn sub(&self) -> Option<&str> {
        self.text("sub")
    }

    /// The token's own role claim.
    pub fn role(&self) -> Option<&str> {
        self.text("role")
    }

    /// `auth.email()`.
    pub fn email(&self) -> Option<&str> {
        self.text("email")
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.0.object.get(key).and_then(Value::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::Claims;

    fn claims(json: &serde_json::Value) -> Claims {
        Claims::new(json.as_object().expect("an object").clone())
    }

    #[test]
    fn a_subject_that_is_no_uuid_has_no_uid() {
        assert_eq!(
            claims(&serde_json::json!({ "sub": "1234567890" })).uid(),
            None
        );
        assert_eq!(
            claims(&serde_json::json!({ "sub": "1234567890" })).sub(),
            Some("1234567890")
        );
    }

    #[test]
    fn a_role_that_is_no_string_is_no_role() {
        assert_eq!(
            claims(&serde_json::json!({ "role": ["service_role"] })).role(),
            None
        );
    }
}
