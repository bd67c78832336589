mod answers;
mod blocks;
mod credentials;
#[expect(clippy::cast_possible_truncation, reason = "a generator of tests")]
#[path = "../../../detect/tests/disguises/mod.rs"]
mod disguises;
mod inlays;
mod lab;
mod pipeline;
mod records;
mod shapes;
mod splits;
mod types;
mod usage;
mod views;
