//! The one guarantee, held by the compiler: only rewritten statements reach user tables.

#[test]
fn what_is_not_rewritten_does_not_build() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/fail/*.rs");
}
