//! A reader of the log written from `docs/audit-format.md` alone, held against the writer and
//! against the page's own example. It shares no code with the crate.

#[cfg(test)]
mod independent {
    use audit::{CertificateVerdict, CipherSuite, Interception, TlsVersion};
    use audit::{Finding, LogConfig, Record, RecordKind, SegmentWriter, Text, UsageSource, WallClock};
    use ed25519_dalek::{Signature, SigningKey, VerifyingKey};
    use net::Timestamp;
    use policy::{Reason, Verdict};
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use std::fmt::Write;
    use std::net::SocketAddr;

    /// The page.
    const PAGE: &str = include_str!("../../../docs/audit-format.md");

    /// An entry's kind, and the values of its fields by tag.
    type Entry = (u8, BTreeMap<u16, Vec<Vec<u8>>>);

    fn crc32c(bytes: &[u8]) -> u32 {
        let mut crc = u32::MAX;
        for byte in bytes {
            crc ^= u32::from(*byte);
            for _ in 0..8 {
                crc = if crc & 1 == 1 { crc >> 1 ^ 0x82f6_3b78 } else { crc >> 1 };
            }
        }
        !crc
    }

    fn blake3(parts: &[&[u8]]) -> [u8; 32] {
        *blake3::hash(&parts.concat()).as_bytes()
    }

    fn number(bytes: &[u8]) -> u64 {
        bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    fn check_signature(key: &[u8], label: &str, hash: [u8; 32], signature: &[u8]) {
        let key = VerifyingKey::from_bytes(key.try_into().unwrap()).unwrap();
        let message = [label.as_bytes(), &hash].concat();
        key.verify_strict(&message, &Signature::from_slice(signature).unwrap()).unwrap();
    }

    /// Reads the first segment of a log and checks all that the page says of it.
    fn read_segment(file: &[u8]) -> (String, Vec<Entry>) {
        let header = &file[..512];
        assert_eq!(&header[..8], b"SVNAUDIT");
        assert_eq!(number(&header[8..10]), 1);
        assert_eq!(number(&header[16..24]), file.len() as u64);
        assert_eq!((number(&header[24..32]), number(&header[32..40])), (1, 1));
        assert_eq!(header[48..80], [0; 32]);
        let gateway_len = usize::try_from(number(&header[112..114])).unwrap();
        let gateway = String::from_utf8(header[116..116 + gateway_len].to_vec()).unwrap();
        for reserved in [10..16, 114..116, 116 + gateway_len..444] {
            assert!(header[reserved].iter().all(|byte| *byte == 0));
        }
        let key = &header[80..112];
        let signed = blake3(&[&[0; 32], &header[..444]]);
        check_signature(key, "sovereign-audit-header-1", signed, &header[444..508]);
        assert_eq!(number(&header[508..]), u64::from(crc32c(&header[..508])));

        let mut head = blake3(&[&[0; 32], &header[..508]]);
        let mut place = 512;
        let mut entries = Vec::new();
        while number(&file[place..place + 4]) != 0 {
            let len = usize::try_from(number(&file[place..place + 4])).unwrap();
            let entry = &file[place..place + len];
            assert_eq!(number(&entry[len - 4..]), u64::from(crc32c(&entry[..len - 4])));
            let before = head;
            head = blake3(&[&before, &entry[..len - 36]]);
            assert_eq!(entry[len - 36..len - 4], head);
            assert_eq!(entry[5..8], [0; 3]);
            let fields = read_fields(&entry[8..len - 36]);
            if entry[4] >= 16 {
                check_mark(entry, &fields, key, &before, place, &entries);
            } else {
                let records = entries.iter().filter(|(kind, _): &&Entry| *kind < 16).count();
                assert_eq!(number(&fields[&1][0]), records as u64 + 1);
            }
            entries.push((entry[4], fields));
            place += len;
        }
        assert!(file[place..].iter().all(|byte| *byte == 0));
        (gateway, entries)
    }

    fn read_fields(mut bytes: &[u8]) -> BTreeMap<u16, Vec<Vec<u8>>> {
        let mut fields = BTreeMap::<u16, Vec<Vec<u8>>>::new();
        while !bytes.is_empty() {
            let tag = u16::try_from(number(&bytes[..2])).unwrap();
            let len = usize::try_from(number(&bytes[2..4])).unwrap();
            assert!(fields.last_key_value().is_none_or(|(last, _)| *last <= tag), "tags ascend");
            fields.entry(tag).or_default().push(bytes[4..4 + len].to_vec());
            bytes = &bytes[4 + len..];
        }
        fields
    }

    fn check_mark(
        entry: &[u8],
        fields: &BTreeMap<u16, Vec<Vec<u8>>>,
        key: &[u8],
        before: &[u8; 32],
        place: usize,
        entries: &[Entry],
    ) {
        let records = entries.iter().filter(|(kind, _)| *kind < 16).count();
        assert_eq!(number(&fields[&64][0]), records as u64);
        assert_eq!(fields[&65][0], before);
        assert!(number(&fields[&66][0]) <= place as u64);
        let signed = blake3(&[before, &entry[..entry.len() - 104]]);
        check_signature(key, "sovereign-audit-signed-1", signed, &fields[&65535][0]);
    }

    fn text(fields: &BTreeMap<u16, Vec<Vec<u8>>>, tag: u16) -> &str {
        fields.get(&tag).map_or("", |values| std::str::from_utf8(&values[0]).unwrap())
    }

    fn optional(fields: &BTreeMap<u16, Vec<Vec<u8>>>, tag: u16) -> Option<u64> {
        fields.get(&tag).map(|values| number(&values[0]))
    }

    fn address(value: &[u8]) -> SocketAddr {
        let port = u16::from_le_bytes([value[value.len() - 2], value[value.len() - 1]]);
        match value.len() {
            6 => (<[u8; 4]>::try_from(&value[..4]).unwrap(), port).into(),
            18 => (<[u8; 16]>::try_from(&value[..16]).unwrap(), port).into(),
            len => panic!("an address of {len} bytes"),
        }
    }

    const CLOCK: WallClock = WallClock { worker: Timestamp::ZERO, unix_ns: 1_767_225_600_000_000_000 };

    /// The record of the page's example.
    fn example_record() -> Record {
        let finding = Finding { entity: Text::new("SECRET"), rule: Text::new("aws-access-key-id"), count: 2 };
        Record {
            kind: RecordKind::Flow,
            exchange: 7,
            at: Timestamp::from_nanos(1),
            client: SocketAddr::from(([10, 0, 0, 7], 50123)),
            server: SocketAddr::from(([192, 0, 2, 9], 443)),
            silo: Text::new("guests"),
            verdict: Verdict::Block,
            reason: Some(Reason::ProtocolUnknown),
            findings: [finding].into_iter().collect(),
            request_bytes: 517,
            policy_version: Text::new("lab-1"),
            ..Record::blank(RecordKind::Flow)
        }
    }

    fn write_log(records: &[Record]) -> Vec<u8> {
        let key = SigningKey::from_bytes(&std::array::from_fn(|place| u8::try_from(place).unwrap()));
        let config = LogConfig::new("lab-1", 4096, 0).unwrap();
        let mut bytes = Vec::new();
        let mut writer = SegmentWriter::create(config, key, CLOCK.unix_ns, &mut bytes);
        for record in records {
            writer.append(record, &CLOCK, &mut bytes).unwrap();
        }
        writer.close(CLOCK.unix_ns + 2, &mut bytes);
        bytes.resize(4096, 0);
        bytes
    }

    /// A dump without lines that are all zero.
    fn dump(bytes: &[u8]) -> String {
        let mut lines = String::new();
        for (place, line) in bytes.chunks(16).enumerate() {
            if line.iter().any(|byte| *byte != 0) {
                write!(lines, "{:04x} ", place * 16).unwrap();
                line.iter().for_each(|byte| write!(lines, " {byte:02x}").unwrap());
                lines.push('\n');
            }
        }
        lines
    }

    fn page_dump() -> &'static str {
        PAGE.split("```hexdump\n").nth(1).unwrap().split("```").next().unwrap()
    }

    fn page_bytes() -> Vec<u8> {
        let mut bytes = vec![0; 4096];
        for line in page_dump().lines() {
            let mut numbers = line.split_whitespace();
            let place = usize::from_str_radix(numbers.next().unwrap(), 16).unwrap();
            for (byte, digits) in bytes[place..].iter_mut().zip(numbers) {
                *byte = u8::from_str_radix(digits, 16).unwrap();
            }
        }
        bytes
    }

    #[test]
    fn the_example_of_the_page_is_what_the_writer_writes() {
        let written = dump(&write_log(&[example_record()]));
        assert!(written == page_dump(), "the page should show:\n{written}");
    }

    #[test]
    fn the_example_of_the_page_reads_as_the_page_says() {
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
        let (gateway, entries) = read_segment(&page_bytes());
        let kinds: Vec<_> = entries.iter().map(|(kind, _)| *kind).collect();
        assert_eq!((gateway.as_str(), kinds), ("lab-1", vec![17, 3, 18]));
        let flow = &entries[1].1;
        assert_eq!((number(&flow[&1][0]), number(&flow[&3][0])), (1, 7));
        assert_eq!(address(&flow[&4][0]).to_string(), "10.0.0.7:50123");
        assert_eq!(address(&flow[&5][0]).to_string(), "192.0.2.9:443");
        assert_eq!((text(flow, 6), text(flow, 23)), ("guests", "protocol_unknown"));
        assert_eq!((number(&flow[&22][0]), optional(flow, 25)), (4, Some(517)));
        assert_eq!(flow[&24], [b"\x02\0\0\0\x06SECRETaws-access-key-id".to_vec()]);
        assert_eq!(text(flow, 27), "lab-1");
        assert_eq!(number(&entries[2].1[&64][0]), 1);
    }

    #[test]
    fn the_sizes_on_the_page_are_those_of_the_code() {
        let record = format!("more than {} bytes", audit::RECORD_BYTES_MAX);
        let mark = format!("no mark more than {};", audit::MARK_BYTES_MAX);
        assert!(PAGE.contains(&record) && PAGE.contains(&mark), "{record} and {mark}");
        assert_eq!(audit::segment_file_name(1), "00000000000000000001.audit");
    }

    fn any_text<const N: usize>() -> impl Strategy<Value = Text<N>> {
        proptest::collection::vec(any::<char>(), 0..N).prop_map(|chars| Text::new(&String::from_iter(chars)))
    }

    fn any_version() -> impl Strategy<Value = Option<TlsVersion>> {
        prop::option::of(prop::sample::select(&TlsVersion::ALL[..]))
    }

    fn place<T: PartialEq>(list: &[T], one: Option<T>) -> Option<u64> {
        one.map(|one| list.iter().position(|other| *other == one).unwrap() as u64)
    }

    prop_compose! {
        fn any_record()(
            kind in prop::sample::select(vec![RecordKind::Admit, RecordKind::Final]),
            (silo, user, server_name, method) in (any_text(), any_text(), any_text(), any_text()),
            (path, provider, operation, model) in (any_text(), any_text(), any_text(), any_text()),
            policy_version in any_text(),
            (client, server) in any::<([u8; 16], [u8; 4])>(),
            numbers in any::<[u64; 5]>(),
            (tokens_in, tokens_out) in any::<(Option<u64>, Option<u64>)>(),
            (credential, stream, status) in any::<(Option<[u8; 16]>, bool, u16)>(),
            usage_source in prop::sample::select(vec![None, Some(UsageSource::Stream)]),
            verdict in prop::sample::select(&Verdict::ALL[..]),
            reason in prop::option::of(prop::sample::select(Reason::ALL)),
            (tls_version_client, tls_version_server) in (any_version(), any_version()),
            cipher in any::<Option<u16>>(),
            certificate in prop::option::of(prop::sample::select(CertificateVerdict::ALL)),
            interception in prop::option::of(prop::sample::select(Interception::ALL)),
            overhead in [0..3u64, 0..3u64, 0..3u64, 0..3u64],
        ) -> Record {
            Record {
                kind, silo, user, server_name, method, path, provider, operation, model,
                policy_version, tokens_in, tokens_out, credential, stream, status, usage_source,
                verdict, reason,
                client: (client, 1).into(),
                server: (server, 2).into(),
                exchange: numbers[0],
                latency_ns: numbers[1],
                overhead_ns: numbers[2],
                request_bytes: numbers[3],
                response_bytes: numbers[4],
                cipher: cipher.map(CipherSuite),
                tls_version_client, tls_version_server, certificate, interception,
                queue_ns: overhead[0],
                handshake_ns: overhead[1],
                scan_ns: overhead[2],
                rewrite_ns: overhead[3],
                ..example_record()
            }
        }
    }

    fn check_record(record: &Record, (kind, fields): &Entry) {
        let texts = [
            (6, record.silo.as_str()),
            (7, record.user.as_str()),
            (8, record.server_name.as_str()),
            (9, record.method.as_str()),
            (10, record.path.as_str()),
            (11, record.provider.as_str()),
            (12, record.operation.as_str()),
            (13, record.model.as_str()),
            (23, record.reason.map_or("", Reason::name)),
            (27, record.policy_version.as_str()),
        ];
        for (tag, expected) in texts {
            assert_eq!(text(fields, tag), expected, "tag {tag}");
        }
        let verdict = Verdict::ALL.iter().position(|verdict| *verdict == record.verdict).unwrap();
        let numbers = [
            (2, Some(CLOCK.unix_ns + record.at.as_nanos())),
            (3, Some(record.exchange)),
            (15, Some(u64::from(record.stream))),
            (16, Some(u64::from(record.status))),
            (17, record.tokens_in),
            (18, record.tokens_out),
            (19, record.usage_source.map(|source| if source == UsageSource::Stream { 2 } else { 1 })),
            (20, Some(record.latency_ns)),
            (21, Some(record.overhead_ns)),
            (22, Some(verdict as u64 + 1)),
            (25, Some(record.request_bytes)),
            (26, Some(record.response_bytes)),
            (28, place(Interception::ALL, record.interception).map(|place| place + 1)),
            (29, place(&TlsVersion::ALL, record.tls_version_client).map(|place| place + 0x0301)),
            (30, place(&TlsVersion::ALL, record.tls_version_server).map(|place| place + 0x0301)),
            (31, record.cipher.map(|suite| u64::from(suite.0))),
            (32, place(CertificateVerdict::ALL, record.certificate).map(|place| place + 1)),
            (33, Some(record.queue_ns).filter(|nanos| *nanos > 0)),
            (34, Some(record.handshake_ns).filter(|nanos| *nanos > 0)),
            (35, Some(record.scan_ns).filter(|nanos| *nanos > 0)),
            (36, Some(record.rewrite_ns).filter(|nanos| *nanos > 0)),
        ];
        for (tag, expected) in numbers {
            assert_eq!(optional(fields, tag), expected, "tag {tag}");
        }
        assert_eq!(*kind, if record.kind == RecordKind::Admit { 1 } else { 2 });
        assert_eq!(address(&fields[&4][0]), record.client);
        assert_eq!(address(&fields[&5][0]), record.server);
        let credential = fields.get(&14).map(|values| values[0].as_slice());
        assert_eq!(credential, record.credential.as_ref().map(<[u8; 16]>::as_slice));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_reader_made_from_the_page_reads_what_the_writer_wrote(record in any_record()) {
            let (_, entries) = read_segment(&write_log(std::slice::from_ref(&record)));
            check_record(&record, &entries[1]);
        }
    }
}
