//! Once warm, a reader allocates nothing, whatever its views find.

use detect::{DetectorSet, Reader};

const TEXT: &str = concat!(
    r"jane\u0040example.com, 536%2d90%2d4399; amFuZUBleGFtcGxlLmNvbQ== and 6a616e65406578616d706c652e636f6d ",
    "４１１１１１１１１１１１１１１１ j a n e @ e x a m p l e . c o m, five three six nine zero four three nine nine, ",
    "jane [at] example (dot) com, YW1GdVpVQmxlR0Z0Y0d4bExtTnZiUT09, jane%2540example.com, falcon; ",
    "61 6d 46 75 5a 55 42 6c 65 47 46 74 63 47 78 6c 4c 6d 4e 76 62 51 3d 3d, ?to=jane+roe&iban=GB82+WEST+1234+5698+7654+32, ",
    "\u{202e}==QbvNmLlxGctFGelBUZuFma\u{202c}, ff14ff15ff13ff19ff15ff11ff16ff18ff11ff12ff13ff14ff15ff16ff17ff13; "
);

#[test]
fn after_the_first_streams_nothing_is_allocated() {
    let set = DetectorSet::builder()
        .enable_all()
        .keywords("k", &["falcon".to_owned()])
        .build()
        .unwrap_or_else(|error| panic!("{error}"));
    let text = TEXT.repeat(20);
    let (mut reader, mut found) = (Reader::new(), Vec::with_capacity(4096));
    let mut stream = || {
        reader.reset();
        for piece in text.as_bytes().chunks(1460) {
            reader.push(piece);
            reader.scan(&set, &mut found);
        }
        reader.boundary();
        reader.scan(&set, &mut found);
        assert!(found.len() >= 100, "{}", found.len());
        found.clear();
    };
    stream();
    stream();
    let counted = allocation_counter::measure(stream);
    assert_eq!(counted.count_total, 0);
}
