//! The functions that saved queries may call.
//!
//! SECURITY: an allow list. None of them is volatile, runs text as SQL (`ts_stat`, `query_to_xml`),
//! reads files, settings or system catalogues, or takes names of relations.

/// Name, fewest and most arguments, whether it is an aggregate.
pub(super) const FUNCTIONS: &[(&str, usize, usize, bool)] = &[
    ("abs", 1, 1, false),
    ("array_agg", 1, 1, true),
    ("array_length", 2, 2, false),
    ("avg", 1, 1, true),
    ("bool_and", 1, 1, true),
    ("bool_or", 1, 1, true),
    ("btrim", 1, 2, false),
    ("cardinality", 1, 1, false),
    ("ceil", 1, 1, false),
    ("char_length", 1, 1, false),
    ("coalesce", 1, 32, false),
    ("concat", 1, 32, false),
    ("count", 1, 1, true),
    ("date_trunc", 2, 3, false),
    ("floor", 1, 1, false),
    ("greatest", 1, 32, false),
    ("jsonb_agg", 1, 1, true),
    ("jsonb_array_length", 1, 1, false),
    ("jsonb_build_object", 2, 32, false),
    ("jsonb_typeof", 1, 1, false),
    ("least", 1, 32, false),
    ("left", 2, 2, false),
    ("length", 1, 1, false),
    ("lower", 1, 1, false),
    ("ltrim", 1, 2, false),
    ("max", 1, 1, true),
    ("min", 1, 1, true),
    ("now", 0, 0, false),
    ("nullif", 2, 2, false),
    ("replace", 3, 3, false),
    ("right", 2, 2, false),
    ("round", 1, 2, false),
    ("rtrim", 1, 2, false),
    ("split_part", 3, 3, false),
    ("starts_with", 2, 2, false),
    ("string_agg", 2, 2, true),
    ("substr", 2, 3, false),
    ("sum", 1, 1, true),
    ("to_char", 2, 2, false),
    ("upper", 1, 1, false),
];

/// The listed function of this name.
pub(super) fn find(name: &str) -> Option<(&'static str, usize, usize, bool)> {
    FUNCTIONS.iter().find(|it| it.0 == name).copied()
}

/// The functions that are called with OVER alone: name, fewest and most arguments.
const OVER: &[(&str, usize, usize)] = &[
    ("cume_dist", 0, 0),
    ("dense_rank", 0, 0),
    ("first_value", 1, 1),
    ("lag", 1, 3),
    ("last_value", 1, 1),
    ("lead", 1, 3),
    ("nth_value", 2, 2),
    ("ntile", 1, 1),
    ("percent_rank", 0, 0),
    ("rank", 0, 0),
    ("row_number", 0, 0),
];

/// The listed function of this name that is called with OVER: one of its own, or an aggregate.
pub(super) fn find_over(name: &str) -> Option<(&'static str, usize, usize)> {
    let own = OVER.iter().find(|it| it.0 == name).copied();
    own.or_else(|| {
        let (name, fewest, most, aggregate) = find(name)?;
        aggregate.then_some((name, fewest, most))
    })
}
