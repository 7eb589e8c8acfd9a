//! Texts of a column that is `text` in our tables and an enum in those that Supabase made.

use std::error::Error;

use tokio_postgres::types::{FromSql, Kind, Type};

/// Such a text, read from either.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label(pub String);

impl<'a> FromSql<'a> for Label {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        // An enum travels as its label, which is what a text travels as.
        Ok(Self(std::str::from_utf8(raw)?.to_owned()))
    }

    fn accepts(kind: &Type) -> bool {
        <&str as FromSql>::accepts(kind) || matches!(kind.kind(), Kind::Enum(_))
    }
}

#[cfg(test)]
mod tests {
    use super::{FromSql, Kind, Label, Type};

    #[test]
    fn texts_and_enums_are_read_alike() {
        let labels = vec!["aal1".to_owned(), "aal2".to_owned()];
        let own = Type::new(
            "aal_level".into(),
            99_999,
            Kind::Enum(labels),
            "auth".into(),
        );

        for kind in [&Type::TEXT, &Type::VARCHAR, &own] {
            assert!(Label::accepts(kind), "{kind}");
            let read = Label::from_sql(kind, b"aal2").expect("a text");
            assert_eq!(read, Label("aal2".into()));
        }
        assert!(!Label::accepts(&Type::INT4));
        assert!(Label::from_sql(&own, b"\xff").is_err());
    }
}
