//! Reads a body's objects for their keys; their values are skipped.

use std::fmt;

use indexmap::IndexMap;
use serde::Deserializer;
use serde::de::{Deserialize, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// What is known of a body's rows.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// The keys by first appearance, with the number of the last row that had them.
    keys: IndexMap<String, usize>,
    count: usize,
    is_single: bool,
    is_uneven: bool,
    has_other_values: bool,
}

impl Rows {
    /// Whether all rows have the same keys.
    pub(super) fn is_uniform(&self) -> bool {
        !self.is_uneven
    }

    /// Whether all rows are objects.
    pub(super) fn are_objects(&self) -> bool {
        !self.has_other_values
    }

    /// Whether the body is one object.
    pub(super) fn is_single(&self) -> bool {
        self.is_single
    }

    /// How many rows there are.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// The keys in order of first appearance.
    pub(super) fn into_keys(self) -> Vec<String> {
        self.keys.into_keys().collect()
    }

    fn read_row<'de, A: MapAccess<'de>>(&mut self, mut object: A) -> Result<(), A::Error> {
        self.count += 1;
        let mut distinct = 0;
        while let Some(is_repeated) = object.next_key_seed(Key { rows: self })? {
            distinct += usize::from(!is_repeated);
            object.next_value::<IgnoredAny>()?;
        }
        self.is_uneven |= distinct != self.keys.len();
        Ok(())
    }

    /// Notes a key of the current row; `true` when the row had it already.
    fn note(&mut self, key: &str) -> bool {
        let row = self.count;
        if let Some(last) = self.keys.get_mut(key) {
            return std::mem::replace(last, row) == row;
        }
        self.is_uneven |= row > 1;
        self.keys.insert(key.to_owned(), row);
        false
    }
}

impl<'de> Deserialize<'de> for Rows {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Body)
    }
}

struct Body;

impl<'de> Visitor<'de> for Body {
    type Value = Rows;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object or an array of objects")
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Rows, A::Error> {
        let mut rows = Rows {
            is_single: true,
            ..Rows::default()
        };
        rows.read_row(object)?;
        Ok(rows)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Rows, A::Error> {
        let mut rows = Rows::default();
        while array.next_element_seed(Row { rows: &mut rows })?.is_some() {}
        Ok(rows)
    }
}

/// Reads one element of the array.
struct Row<'a> {
    rows: &'a mut Rows,
}

impl<'de> DeserializeSeed<'de> for Row<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Row<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<(), A::Error> {
        self.rows.read_row(object)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<(), A::Error> {
        while array.next_element::<IgnoredAny>()?.is_some() {}
        self.other()
    }

    fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<(), E> {
        self.other()
    }

    fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<(), E> {
        self.other()
    }

    fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<(), E> {
        self.other()
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<(), E> {
        self.other()
    }

    fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<(), E> {
        self.other()
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.other()
    }
}

impl Row<'_> {
    fn other<E>(self) -> Result<(), E> {
        self.rows.count += 1;
        self.rows.has_other_values = true;
        Ok(())
    }
}

/// Reads one key; the value is whether the row had it already.
struct Key<'a> {
    rows: &'a mut Rows,
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = bool;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_str<E: serde::de::Error>(self, key: &str) -> Result<bool, E> {
        if key.contains('\0') {
            return Err(E::custom("a key holds NUL"));
        }
        Ok(self.rows.note(key))
    }
}
