//! Types with a size, and lists of them, as Postgres spells them: `numeric(10,2)`,
//! `timestamp(3) with time zone`, `character varying(20)[]`.

/// Longest text or bit string that a type can be cut to.
const LENGTH_MAX: u32 = 10_485_760;
/// Most digits of a number, before and behind its point.
const DIGITS_MAX: u32 = 1_000;
/// Most digits of a second.
const PLACES_MAX: u32 = 6;

/// The types that are cut to a length.
const LENGTHS: [&str; 4] = ["character varying", "character", "bit varying", "bit"];
/// The types that count the digits of a second.
const PLACES: [&str; 5] = [
    "timestamp with time zone",
    "timestamp without time zone",
    "time with time zone",
    "time without time zone",
    "interval",
];
const NUMBER: &str = "numeric";

/// A type taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::pages::schema) struct Sized {
    pub(in crate::pages::schema) base: String,
    pub(in crate::pages::schema) size: String,
    pub(in crate::pages::schema) is_list: bool,
}

impl Sized {
    /// Takes a type apart; one that takes no size is its own base.
    pub(in crate::pages::schema) fn read(ty: &str) -> Self {
        let (ty, is_list) = match ty.strip_suffix("[]") {
            Some(element) => (element, true),
            None => (ty, false),
        };
        let parts = ty.split_once('(').and_then(|(before, rest)| {
            let (size, behind) = rest.split_once(')')?;
            let base = format!("{}{behind}", before.trim_end());
            takes_size(&base).then(|| (base, size.to_owned()))
        });
        let (base, size) = parts.unwrap_or_else(|| (ty.to_owned(), String::new()));
        Self {
            base,
            size,
            is_list,
        }
    }

    /// Puts it together, as Postgres spells it.
    pub(in crate::pages::schema) fn spelt(&self) -> String {
        let size: String = self.size.split_whitespace().collect();
        let size = match self.base.as_str() {
            _ if size.is_empty() => size,
            NUMBER if !size.contains(',') => format!("({size},0)"),
            _ => format!("({size})"),
        };
        let list = if self.is_list { "[]" } else { "" };
        // The size of a time stands behind its first word.
        match self.base.split_once(' ') {
            Some((word, rest)) if PLACES.contains(&self.base.as_str()) => {
                format!("{word}{size} {rest}{list}")
            }
            _ => format!("{}{size}{list}", self.base),
        }
    }

    /// The same without its size: values are cast to it without being cut.
    pub(in crate::pages::schema) fn unsized_one(&self) -> String {
        let size = String::new();
        Self {
            size,
            ..self.clone()
        }
        .spelt()
    }

    /// Whether the size is one that the base can have.
    pub(in crate::pages::schema) fn fits(&self) -> bool {
        if self.size.is_empty() {
            return true;
        }
        let base = self.base.as_str();
        let mut numbers = self.size.split(',').map(|it| {
            let is_plain = it.bytes().all(|it| it.is_ascii_digit());
            it.parse::<u32>().ok().filter(|_| is_plain)
        });
        let (first, second) = (numbers.next().flatten(), numbers.next());
        let is_over = numbers.next().is_some();
        let within = |from: u32, to: u32| first.is_some_and(|it| (from..=to).contains(&it));
        match second {
            _ if is_over => false,
            None if LENGTHS.contains(&base) => within(1, LENGTH_MAX),
            None if PLACES.contains(&base) => within(0, PLACES_MAX),
            Some(scale) if base == NUMBER => {
                within(1, DIGITS_MAX) && scale.is_some_and(|it| Some(it) <= first)
            }
            None if base == NUMBER => within(1, DIGITS_MAX),
            _ => false,
        }
    }
}

fn takes_size(base: &str) -> bool {
    LENGTHS.contains(&base) || PLACES.contains(&base) || base == NUMBER
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_taken_apart_as_postgres_spells_them() {
        for (ty, base, size, is_list) in [
            ("text", "text", "", false),
            ("text[]", "text", "", true),
            ("numeric(10,2)", "numeric", "10,2", false),
            ("character varying(20)[]", "character varying", "20", true),
            (
                "timestamp(3) with time zone",
                "timestamp with time zone",
                "3",
                false,
            ),
            (
                "geo.geometry(Point,4326)",
                "geo.geometry(Point,4326)",
                "",
                false,
            ),
        ] {
            let read = Sized::read(ty);
            let expected = (base, size, is_list);
            assert_eq!(
                (read.base.as_str(), read.size.as_str(), read.is_list),
                expected
            );
            assert_eq!(read.spelt(), ty);
        }
    }

    #[test]
    fn sizes_are_numbers_within_bounds() {
        let fits = |base: &str, size: &str| {
            let (base, size) = (base.to_owned(), size.to_owned());
            let is_list = false;
            Sized {
                base,
                size,
                is_list,
            }
            .fits()
        };
        for (base, size) in [
            ("character varying", "1"),
            ("numeric", "10,2"),
            ("numeric", "1000"),
            ("interval", "0"),
            ("text", ""),
        ] {
            assert!(fits(base, size), "{base} {size}");
        }
        for (base, size) in [
            ("character varying", "0"),
            ("character varying", "20,2"),
            ("character varying", "+20"),
            ("numeric", "2,3"),
            ("numeric", "1,2,3"),
            ("numeric", "10,-2"),
            ("interval", "7"),
            ("text", "20"),
            ("bit", "1) default (1"),
        ] {
            assert!(!fits(base, size), "{base} {size}");
        }
    }
}
