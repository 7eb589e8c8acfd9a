//! Parameters in text format.

use bytes::BytesMut;
use postern_query::Param;
use tokio_postgres::types::{Format, IsNull, ToSql, Type};

/// A parameter in text format, whatever type the server infers.
#[derive(Debug)]
pub(super) struct TextParam<'p>(pub(super) &'p Param);

impl ToSql for TextParam<'_> {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        let text = match self.0 {
            Param::Null => return Ok(IsNull::Yes),
            Param::Text(text) => text.as_str(),
            Param::Shared(text) => text,
        };
        out.extend_from_slice(text.as_bytes());
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
    }

    tokio_postgres::types::to_sql_checked!();
}
