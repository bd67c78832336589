#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sovereign_fuzz::dns(bytes));
