//! Names where anyone would see them, and what is none.

use crate::EntityType;
use crate::detectors::testing::finds;

const PERSON: EntityType = EntityType::Person;

#[test]
fn persons_are_found_where_the_text_says_so() {
    finds(PERSON, "my name is Jane Miller", &["Jane Miller"]);
    finds(PERSON, "Dear Mr. Schmidt,", &["Schmidt"]);
    finds(PERSON, "Best regards,\nMaria Rossi", &["Maria Rossi"]);
    finds(PERSON, "From: Peter Jones <peter@example.com>", &["Peter Jones"]);
    finds(PERSON, r#"{"firstName": "Anna", "lastName": "Kowalska"}"#, &["Anna", "Kowalska"]);
    finds(PERSON, "Sehr geehrte Frau Wagner,", &["Wagner"]);
}

#[test]
fn code_and_products_are_no_persons() {
    for text in [
        "let client = Client::new(config);",
        "use std::collections::HashMap;",
        "We compared GPT-4 and Gemini 1.5 Pro.",
        "PostgreSQL, MySQL and Redis are supported.",
        "https://example.com/john/smith",
        "The request was refused.",
        "aGVsbG8gd29ybGQgaGVsbG8gd29ybGQ=",
        "550e8400-e29b-41d4-a716-446655440000",
    ] {
        finds(PERSON, text, &[]);
    }
}

#[test]
fn what_is_no_text_has_no_names() {
    finds(PERSON, "\u{1}\u{2}Jane Miller\u{3}", &[]);
}
