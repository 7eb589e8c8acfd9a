//! Data representations: values of domains as their converters show and read them.
//!
//! SECURITY: a converter meets values that are granted and shown anyway, or what the client sent;
//! a filter that calls one counts as leaky, since it may raise an error.

use postern_catalog::{Column, Converter};

use super::Statement;
use crate::plan::{BoundField, OutputValue};
use crate::request::Format;

impl Statement<'_, '_> {
    /// The converter that makes what clients get of an output. Lines of CSV hold text, not JSON.
    pub(super) fn shown_by(&self, value: &OutputValue) -> Option<Converter> {
        let field = value.column.as_ref()?;
        if value.aggregate.is_some() || !field.path.is_empty() {
            return None;
        }
        let catalog = self.view.catalog();
        let representation = catalog.representation(&field.ty)?;
        match self.format {
            Format::Csv => representation.to_text.clone(),
            _ => representation.to_json.clone(),
        }
    }

    /// The converter that reads what clients compare a field with.
    pub(super) fn compared_by(&self, field: &BoundField) -> Option<Converter> {
        if !field.path.is_empty() {
            return None;
        }
        let catalog = self.view.catalog();
        catalog.representation(&field.ty)?.from_text.clone()
    }

    /// The converter that reads what clients send for a column.
    fn sent_by(&self, column: &Column) -> Option<Converter> {
        let catalog = self.view.catalog();
        catalog.representation(&column.ty)?.from_json.clone()
    }

    /// Prints `<source> AS "j"("a" type, …)`: what clients send as rows, read by the converters of
    /// domains that have some.
    pub(super) fn record_rows(&mut self, source: &dyn Fn(&mut Self), columns: &[&Column]) {
        let converters: Vec<_> = columns.iter().map(|it| self.sent_by(it)).collect();
        if converters.iter().all(Option::is_none) {
            source(self);
            return self.record_columns("j", columns);
        }
        self.push("(SELECT ");
        for (index, (column, converter)) in columns.iter().zip(&converters).enumerate() {
            if index > 0 {
                self.push(", ");
            }
            if let Some(converter) = converter {
                self.converted(converter);
            }
            self.column("x", &column.name);
            if converter.is_some() {
                self.push(")");
            }
            self.push(" AS ");
            self.ident(&column.name);
        }
        self.push(" FROM ");
        source(self);
        self.record_columns("x", columns);
        self.push(") AS \"j\"");
    }

    /// Prints ` AS "j"("a" type, …)`.
    fn record_columns(&mut self, alias: &str, columns: &[&Column]) {
        self.push(" AS ");
        self.ident(alias);
        self.push("(");
        for (index, column) in columns.iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            self.ident(&column.name);
            self.push(" ");
            match self.sent_by(column) {
                Some(_) => self.push("json"),
                None => self.catalog_sql(&column.ty.sql),
            }
        }
        self.push(")");
    }

    /// Prints the start of a converter's call.
    pub(super) fn converted(&mut self, converter: &Converter) {
        if !converter.immutable {
            self.require_session(|| {
                format!("function {} may read the session", converter.function)
            });
        }
        self.column(&converter.function.schema, &converter.function.name);
        self.push("(");
    }

    /// Prints the client's value for a comparison with the field.
    pub(super) fn compared_value(&mut self, field: &BoundField, value: &str) {
        match self.compared_by(field) {
            None => self.text_param(value),
            Some(converter) => {
                self.converted(&converter);
                self.text_param(value);
                self.push("::text)");
            }
        }
    }

    /// Prints an array of the client's values for a comparison with the field.
    pub(super) fn compared_values(&mut self, field: &BoundField, literal: String) {
        let Some(converter) = self.compared_by(field) else {
            return self.text_param(literal);
        };
        self.push("ARRAY(SELECT ");
        self.converted(&converter);
        self.push("\"v\".\"v\") FROM pg_catalog.unnest(");
        self.text_param(literal);
        self.push("::text[]) AS \"v\"(\"v\"))");
    }
}
