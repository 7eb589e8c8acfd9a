//! The converters of domains, by the domain's schema and name.

use std::collections::BTreeMap;

use postern_base::FunctionName;
use postern_catalog::{Converter, Representation};
use tokio_postgres::Row;

use super::get;
use crate::Error;

/// The representations of domains, by schema and name.
pub(super) type Representations = BTreeMap<(String, String), Representation>;

/// Reads all converters.
pub(super) fn read(rows: &[Row]) -> Result<Representations, Error> {
    let mut all = Representations::new();
    for row in rows {
        let of_domain = all.entry((get(row, 0)?, get(row, 1)?)).or_default();
        let converter = Converter {
            function: FunctionName::new(get::<&str>(row, 3)?, get::<&str>(row, 4)?),
            immutable: get(row, 5)?,
        };
        match get::<&str>(row, 2)? {
            "to_json" => of_domain.to_json = Some(converter),
            "to_text" => of_domain.to_text = Some(converter),
            "from_json" => of_domain.from_json = Some(converter),
            _ => of_domain.from_text = Some(converter),
        }
    }
    Ok(all)
}
