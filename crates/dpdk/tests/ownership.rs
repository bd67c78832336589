//! What the compiler refuses: to use an mbuf after it went, to have it twice, to share it.

#[test]
fn misuse_does_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
