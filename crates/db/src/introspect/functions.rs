//! Functions: their arguments and what they return.

use postern_base::{FunctionName, RelationName};
use postern_catalog::{
    Argument, Function, FunctionSettings, PgType, ReturnColumn, Returns, TypeKind, Volatility,
};
use tokio_postgres::Row;

use super::get;
use super::types::Types;
use crate::Error;

/// Reads all functions.
pub(super) fn read(rows: &[Row], types: &Types) -> Result<Vec<Function>, Error> {
    rows.iter().map(|row| function(row, types)).collect()
}

fn function(row: &Row, types: &Types) -> Result<Function, Error> {
    let parameters = parameters(row, types)?;
    let returned = types.get(get(row, 6)?, get(row, 7)?)?;
    Ok(Function {
        name: FunctionName::new(get::<&str>(row, 1)?, get::<&str>(row, 2)?),
        oid: get(row, 0)?,
        arguments: arguments(&parameters, get(row, 12)?),
        returns: returns(row, &parameters, returned, types)?,
        returns_set: get(row, 5)?,
        one_row: get(row, 22)?,
        volatility: match get::<&str>(row, 3)? {
            "i" => Volatility::Immutable,
            "s" => Volatility::Stable,
            _ => Volatility::Volatile,
        },
        security_definer: get(row, 4)?,
        fixed_search_path: get(row, 13)?,
        comment: get(row, 14)?,
        settings: settings(get(row, 21)?),
    })
}

fn settings(config: Option<Vec<String>>) -> FunctionSettings {
    let config = config.unwrap_or_default();
    FunctionSettings::read(config.iter().map(String::as_str))
}

/// One entry of the parameter list, whatever its direction.
struct Parameter {
    mode: Mode,
    name: String,
    ty: PgType,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    In,
    Variadic,
    InOut,
    /// OUT, or a column of TABLE.
    Out,
}

impl Mode {
    fn is_input(self) -> bool {
        self != Self::Out
    }

    fn is_output(self) -> bool {
        matches!(self, Self::InOut | Self::Out)
    }
}

fn parameters(row: &Row, types: &Types) -> Result<Vec<Parameter>, Error> {
    let oids: Vec<u32> = get(row, 8)?;
    let sql: Option<Vec<String>> = get(row, 9)?;
    let modes: Option<Vec<String>> = get(row, 10)?;
    let names: Option<Vec<String>> = get(row, 11)?;
    let sql = sql.unwrap_or_default();
    oids.iter()
        .zip(&sql)
        .enumerate()
        .map(|(index, (oid, sql))| {
            let mode = modes.as_ref().and_then(|it| it.get(index));
            let name = names.as_ref().and_then(|it| it.get(index));
            Ok(Parameter {
                mode: match mode.map(String::as_str) {
                    Some("v") => Mode::Variadic,
                    Some("b") => Mode::InOut,
                    Some("o" | "t") => Mode::Out,
                    _ => Mode::In,
                },
                name: name.cloned().unwrap_or_default(),
                ty: types.get(*oid, sql)?,
            })
        })
        .collect()
}

/// The input arguments; defaults belong to the last ones.
fn arguments(parameters: &[Parameter], defaults: i32) -> Vec<Argument> {
    let inputs: Vec<_> = parameters.iter().filter(|it| it.mode.is_input()).collect();
    let required = inputs
        .len()
        .saturating_sub(usize::try_from(defaults).unwrap_or(0));
    inputs
        .iter()
        .enumerate()
        .map(|(index, parameter)| Argument {
            name: parameter.name.clone(),
            ty: parameter.ty.clone(),
            has_default: index >= required,
            variadic: parameter.mode == Mode::Variadic,
        })
        .collect()
}

/// COMPAT(postgrest 14): any OUT argument makes the result a row, even a single one.
fn returns(
    row: &Row,
    parameters: &[Parameter],
    returned: PgType,
    types: &Types,
) -> Result<Returns, Error> {
    let outputs: Vec<_> = parameters
        .iter()
        .filter(|it| it.mode.is_output())
        .map(|it| ReturnColumn {
            name: it.name.clone(),
            ty: it.ty.clone(),
        })
        .collect();
    if !outputs.is_empty() {
        return Ok(Returns::Columns(outputs));
    }
    Ok(match (get::<Option<&str>>(row, 17)?, &returned.kind) {
        (Some("c"), _) => Returns::Columns(composite(row, types)?),
        (Some(_), _) => Returns::Relation(RelationName::new(
            get::<&str>(row, 15)?,
            get::<&str>(row, 16)?,
        )),
        (None, TypeKind::Pseudo) if returned.name == "void" => Returns::Void,
        (None, TypeKind::Pseudo) if returned.name == "record" => Returns::Record,
        (None, _) => Returns::Scalar(returned),
    })
}

fn composite(row: &Row, types: &Types) -> Result<Vec<ReturnColumn>, Error> {
    let names: Option<Vec<String>> = get(row, 18)?;
    let oids: Option<Vec<u32>> = get(row, 19)?;
    let sql: Option<Vec<String>> = get(row, 20)?;
    let (names, oids, sql) = (
        names.unwrap_or_default(),
        oids.unwrap_or_default(),
        sql.unwrap_or_default(),
    );
    names
        .into_iter()
        .zip(oids.into_iter().zip(sql))
        .map(|(name, (oid, sql))| {
            Ok(ReturnColumn {
                name,
                ty: types.get(oid, &sql)?,
            })
        })
        .collect()
}
