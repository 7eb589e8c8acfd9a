//! Random catalogues and random predicates over them.

use arbitrary::{Result, Unstructured};
use postern_base::RelationName;
use postern_catalog::{PgType, Relation};
use postern_policy::{
    Arithmetic, Claim, Comparison, Expr, FromItem, JsonOperator, Source, Subquery, Truth,
};

use crate::world;

/// Deepest nesting of a grown predicate.
const DEPTH_MAX: usize = 7;

const TYPES: [&str; 12] = [
    "int8",
    "int4",
    "text",
    "uuid",
    "bool",
    "numeric",
    "jsonb",
    "timestamptz",
    "_text",
    "date",
    "float8",
    "varchar",
];

const CASTS: [&str; 22] = [
    "int2",
    "int4",
    "int8",
    "numeric",
    "float4",
    "float8",
    "text",
    "varchar",
    "bool",
    "uuid",
    "date",
    "time",
    "timestamp",
    "timestamptz",
    "interval",
    "json",
    "jsonb",
    "inet",
    "text[]",
    "int4[]",
    "int8[]",
    "uuid[]",
];

/// Names that a careless printer would stumble over.
const NAMES: [&str; 24] = [
    "id", "name", "owner", "Owner", "order", "select", "user", "a b", "a\"b", "a'b", "a\\b", "\"",
    "a--b", "a/*b", "$1", "1a", "a.b", "été", "ns::x", ";", "pol_1", "b0", "null", "ctid",
];

const NUMBERS: [&str; 12] = [
    "0",
    "1",
    "2",
    "42",
    "007",
    "2147483647",
    "2147483648",
    "1.5",
    ".5",
    "5.",
    "1e3",
    "1.5E-3",
];

const TEXTS: [&str; 16] = [
    "",
    "a",
    "it's",
    "\\",
    "\\'",
    "'; drop table x; --",
    "$1",
    "$$",
    "a\nb",
    "%_",
    "été",
    "E'",
    "/*",
    "\u{202e}",
    "{1,2}",
    "5 minutes",
];

/// Functions that a policy may call, with a number of arguments that they take.
const CALLS: [(&str, usize); 24] = [
    ("abs", 1),
    ("array_length", 2),
    ("btrim", 2),
    ("cardinality", 1),
    ("ceil", 1),
    ("coalesce", 2),
    ("concat", 3),
    ("current_date", 0),
    ("date_trunc", 2),
    ("floor", 1),
    ("greatest", 2),
    ("jsonb_typeof", 1),
    ("least", 3),
    ("left", 2),
    ("length", 1),
    ("lower", 1),
    ("now", 0),
    ("nullif", 2),
    ("replace", 3),
    ("round", 1),
    ("split_part", 3),
    ("substring", 3),
    ("to_jsonb", 1),
    ("upper", 1),
];

/// A name that a column can have: not empty, without NUL, and not longer than Postgres keeps.
pub fn name(u: &mut Unstructured<'_>) -> Result<String> {
    if u.ratio(3, 4)? {
        return Ok((*u.choose(&NAMES)?).to_owned());
    }
    let mut name: String = u
        .arbitrary::<&str>()?
        .chars()
        .filter(|it| *it != '\0')
        .collect();
    while name.len() > 60 {
        name.pop();
    }
    Ok(if name.is_empty() { "x".into() } else { name })
}

/// A few relations with a few columns each.
pub fn relations(u: &mut Unstructured<'_>) -> Result<Vec<Relation>> {
    let mut relations = Vec::new();
    for index in 0..u.int_in_range(1..=3)? {
        let mut columns: Vec<(String, PgType)> = Vec::new();
        for _ in 0..u.int_in_range(1..=5)? {
            let name = name(u)?;
            let ty = PgType::builtin(u.choose(&TYPES)?);
            if columns.iter().all(|(it, _)| *it != name) {
                columns.push((name, ty));
            }
        }
        let columns: Vec<_> = columns
            .iter()
            .map(|(name, ty)| (name.as_str(), ty.clone()))
            .collect();
        let name = RelationName::new("public", format!("t{index}"));
        relations.push(world::relation(name, &columns));
    }
    Ok(relations)
}

/// Grows predicates on the first of some relations.
pub struct Grower<'r> {
    /// What there is; the predicate is on a row of the first.
    relations: &'r [Relation],
    /// The relations of the subqueries around, with their aliases.
    scopes: Vec<(String, &'r Relation)>,
    aliases: usize,
}

impl<'r> Grower<'r> {
    /// Starts with some relations, of which there is at least one.
    pub fn new(relations: &'r [Relation]) -> Self {
        Self {
            relations,
            scopes: Vec::new(),
            aliases: 0,
        }
    }

    /// Grows a predicate.
    ///
    /// # Errors
    /// When the random bytes are used up in an odd place.
    pub fn expr(&mut self, u: &mut Unstructured<'_>) -> Result<Expr> {
        self.at(u, 0)
    }

    fn boxed(&mut self, u: &mut Unstructured<'_>, depth: usize) -> Result<Box<Expr>> {
        self.at(u, depth + 1).map(Box::new)
    }

    fn several(
        &mut self,
        u: &mut Unstructured<'_>,
        depth: usize,
        least: usize,
    ) -> Result<Vec<Expr>> {
        let count = u.int_in_range(least..=3)?;
        (0..count).map(|_| self.at(u, depth + 1)).collect()
    }

    fn at(&mut self, u: &mut Unstructured<'_>, depth: usize) -> Result<Expr> {
        if depth >= DEPTH_MAX || u.is_empty() {
            return self.leaf(u);
        }
        match u.int_in_range(0..=9)? {
            0 | 1 => self.leaf(u),
            2 => Ok(Expr::Not(self.boxed(u, depth)?)),
            3 => Ok(Expr::And(self.several(u, depth, 2)?)),
            4 => Ok(Expr::Or(self.several(u, depth, 2)?)),
            5 => Ok(Expr::Compare {
                op: *u.choose(&COMPARISONS)?,
                left: self.boxed(u, depth)?,
                right: self.boxed(u, depth)?,
            }),
            6 => self.condition(u, depth),
            7 => self.subquery_node(u, depth),
            _ => self.value(u, depth),
        }
    }

    fn leaf(&mut self, u: &mut Unstructured<'_>) -> Result<Expr> {
        Ok(match u.int_in_range(0..=7)? {
            0 => Expr::Bool(u.arbitrary()?),
            1 => Expr::Null,
            2 => Expr::Number((*u.choose(&NUMBERS)?).into()),
            3 => Expr::Text((*u.choose(&TEXTS)?).into()),
            4 => Expr::Claim(*u.choose(&[Claim::Uid, Claim::Role, Claim::Email, Claim::Jwt])?),
            5 => {
                let text: &str = u.arbitrary()?;
                Expr::Text(text.replace('\0', ""))
            }
            _ => self.column(u)?,
        })
    }

    fn column(&mut self, u: &mut Unstructured<'_>) -> Result<Expr> {
        let index = u.int_in_range(0..=self.scopes.len())?;
        let (source, relation) = match self.scopes.get(index) {
            Some((alias, relation)) => (Source::Alias(alias.clone()), *relation),
            None => (Source::Row, &self.relations[0]),
        };
        let name = u.choose(&relation.columns)?.name.clone();
        Ok(Expr::Column { source, name })
    }

    fn condition(&mut self, u: &mut Unstructured<'_>, depth: usize) -> Result<Expr> {
        let negated = u.arbitrary()?;
        let expr = self.boxed(u, depth)?;
        Ok(match u.int_in_range(0..=4)? {
            0 => Expr::Is {
                expr,
                truth: *u.choose(&[Truth::Null, Truth::True, Truth::False, Truth::Unknown])?,
                negated,
            },
            1 => Expr::InList {
                expr,
                list: self.several(u, depth, 1)?,
                negated,
            },
            2 => Expr::Between {
                expr,
                low: self.boxed(u, depth)?,
                high: self.boxed(u, depth)?,
                negated,
            },
            3 => Expr::Like {
                expr,
                pattern: self.boxed(u, depth)?,
                ignore_case: u.arbitrary()?,
                negated,
            },
            _ => Expr::AnyOf {
                expr,
                // `IS DISTINCT FROM ANY` is no SQL.
                op: *u.choose(&COMPARISONS[..6])?,
                array: self.boxed(u, depth)?,
            },
        })
    }

    fn value(&mut self, u: &mut Unstructured<'_>, depth: usize) -> Result<Expr> {
        Ok(match u.int_in_range(0..=6)? {
            0 => Expr::Arithmetic {
                op: *u.choose(&[
                    Arithmetic::Plus,
                    Arithmetic::Minus,
                    Arithmetic::Times,
                    Arithmetic::Concat,
                ])?,
                left: self.boxed(u, depth)?,
                right: self.boxed(u, depth)?,
            },
            1 => Expr::Json {
                op: *u.choose(&JSON)?,
                left: self.boxed(u, depth)?,
                right: self.boxed(u, depth)?,
            },
            2 => Expr::Cast {
                expr: self.boxed(u, depth)?,
                ty: u.choose(&CASTS)?,
            },
            3 => Expr::Subscript {
                expr: self.boxed(u, depth)?,
                index: self.boxed(u, depth)?,
            },
            4 => Expr::Case {
                operand: match u.arbitrary()? {
                    true => Some(self.boxed(u, depth)?),
                    false => None,
                },
                branches: vec![(self.at(u, depth + 1)?, self.at(u, depth + 1)?)],
                otherwise: match u.arbitrary()? {
                    true => Some(self.boxed(u, depth)?),
                    false => None,
                },
            },
            _ => {
                let (name, count) = *u.choose(&CALLS)?;
                let arguments: Result<Vec<_>> = (0..count).map(|_| self.at(u, depth + 1)).collect();
                Expr::Call {
                    schema: "pg_catalog".into(),
                    function: name.into(),
                    arguments: arguments?,
                }
            }
        })
    }

    fn subquery_node(&mut self, u: &mut Unstructured<'_>, depth: usize) -> Result<Expr> {
        if self.scopes.len() > 2 {
            return self.leaf(u);
        }
        let negated = u.arbitrary()?;
        Ok(match u.int_in_range(0..=2)? {
            0 => Expr::Exists {
                query: Box::new(self.subquery(u, depth)?),
                negated,
            },
            1 => Expr::InQuery {
                expr: self.boxed(u, depth)?,
                query: Box::new(self.subquery(u, depth)?),
                negated,
            },
            _ => Expr::Scalar(Box::new(self.subquery(u, depth)?)),
        })
    }

    fn subquery(&mut self, u: &mut Unstructured<'_>, depth: usize) -> Result<Subquery> {
        let outside = self.scopes.len();
        let mut from = Vec::new();
        for _ in 0..u.int_in_range(1..=2)? {
            let relation = u.choose(self.relations)?;
            self.aliases += 1;
            let alias = format!("pol_{}", self.aliases);
            from.push(FromItem {
                relation: relation.name.clone(),
                alias: alias.clone(),
            });
            self.scopes.push((alias, relation));
        }
        let condition = self.at(u, depth + 1);
        let select = self.at(u, depth + 1);
        self.scopes.truncate(outside);
        Ok(Subquery {
            select: select?,
            from,
            condition: condition?,
            as_caller: false,
        })
    }
}

const COMPARISONS: [Comparison; 8] = [
    Comparison::Eq,
    Comparison::NotEq,
    Comparison::Less,
    Comparison::LessOrEqual,
    Comparison::Greater,
    Comparison::GreaterOrEqual,
    Comparison::IsDistinctFrom,
    Comparison::IsNotDistinctFrom,
];

const JSON: [JsonOperator; 6] = [
    JsonOperator::Get,
    JsonOperator::GetText,
    JsonOperator::Path,
    JsonOperator::PathText,
    JsonOperator::Contains,
    JsonOperator::HasKey,
];
