//! Segments that stand for what a reader can meet: a corpus for fuzzing, replayed by every test run.
//!
//! They are made anew by `WRITE_SEEDS=1 cargo test -p audit --test seeds`.

#[cfg(test)]
mod seeds {
    use audit::{CertificateVerdict, CipherSuite, Interception, TlsVersion};
    use audit::{
        Finding, FlawKind, LogConfig, Record, RecordKind, SegmentReader, SegmentWriter, Text, UsageSource, Verifier,
        VerifyOptions, WallClock, recover,
    };
    use ed25519_dalek::SigningKey;
    use net::Timestamp;
    use policy::{Reason, Verdict};
    use std::path::PathBuf;

    const BYTES: usize = 4096;
    const NOW: u64 = 1_767_225_600_000_000_000;
    const CLOCK: WallClock = WallClock { worker: Timestamp::ZERO, unix_ns: NOW };

    fn key() -> SigningKey {
        SigningKey::from_bytes(&[0x5e; 32])
    }

    fn config() -> LogConfig {
        LogConfig::new("seed", BYTES as u64, 0).unwrap()
    }

    fn record() -> Record {
        let finding = Finding { entity: Text::new("EMAIL_ADDRESS"), rule: Text::new("email"), count: 3 };
        Record {
            kind: RecordKind::Final,
            exchange: 1,
            at: Timestamp::ZERO,
            client: "[2001:db8::1]:40000".parse().unwrap(),
            server: "192.0.2.1:80".parse().unwrap(),
            silo: Text::new("silo"),
            user: Text::new("user"),
            server_name: Text::new("api.example"),
            method: Text::new("POST"),
            path: Text::new("/v1/messages"),
            provider: Text::new("anthropic"),
            operation: Text::new("chat"),
            model: Text::new("modèle"),
            credential: Some([7; 16]),
            stream: true,
            status: 200,
            tokens_in: Some(1),
            tokens_out: Some(2),
            usage_source: Some(UsageSource::Stream),
            latency_ns: 3,
            overhead_ns: 4,
            verdict: Verdict::Redact,
            reason: Some(Reason::Finding),
            findings: [finding; 2].into_iter().collect(),
            request_bytes: 5,
            response_bytes: 6,
            policy_version: Text::new("v1"),
            ..Record::blank(RecordKind::Final)
        }
    }

    /// The same with the fields that came later.
    fn intercepted() -> Vec<u8> {
        let record = Record {
            queue_ns: 1,
            handshake_ns: 2,
            scan_ns: 3,
            rewrite_ns: 4,
            interception: Some(Interception::Intercepted),
            tls_version_client: Some(TlsVersion::Tls12),
            tls_version_server: Some(TlsVersion::Tls13),
            cipher: Some(CipherSuite(0x1301)),
            certificate: Some(CertificateVerdict::Valid),
            ..record()
        };
        let mut bytes = Vec::new();
        let mut writer = SegmentWriter::create(config(), key(), NOW, &mut bytes);
        writer.append(&record, &CLOCK, &mut bytes).unwrap();
        writer.close(NOW, &mut bytes);
        bytes
    }

    /// A segment with two committed records, its writer, and where each group ends.
    fn committed() -> (SegmentWriter, Vec<u8>) {
        let mut bytes = Vec::new();
        let mut writer = SegmentWriter::create(config(), key(), NOW, &mut bytes);
        for _ in 0..2 {
            writer.append(&record(), &CLOCK, &mut bytes).unwrap();
            writer.checkpoint(NOW, &mut bytes);
            writer.set_synced(writer.position());
        }
        (writer, bytes)
    }

    fn closed() -> Vec<u8> {
        let (writer, mut bytes) = committed();
        writer.close(NOW, &mut bytes);
        bytes
    }

    fn sealed() -> Vec<u8> {
        let (writer, mut bytes) = committed();
        let _ = writer.seal(NOW, &mut bytes);
        bytes
    }

    fn unsigned() -> Vec<u8> {
        let (mut writer, mut bytes) = committed();
        writer.append(&record(), &CLOCK, &mut bytes).unwrap();
        bytes
    }

    fn torn() -> Vec<u8> {
        let mut bytes = unsigned();
        bytes.truncate(bytes.len() - 50);
        bytes
    }

    fn damaged() -> Vec<u8> {
        let mut bytes = closed();
        bytes[700] ^= 1;
        bytes
    }

    /// What verify says of each seed, and whether the log can be gone on with.
    fn seeds() -> Vec<(&'static str, Vec<u8>, Option<FlawKind>, bool)> {
        let mut seeds = vec![
            ("closed", closed(), None, true),
            ("intercepted", intercepted(), None, true),
            ("sealed", sealed(), Some(FlawKind::LaterMissing), true),
            ("unsigned", unsigned(), Some(FlawKind::UnsignedEnd(1)), true),
            ("torn", torn(), Some(FlawKind::Torn), true),
            ("damaged", damaged(), Some(FlawKind::Damaged), false),
            ("blank", Vec::new(), Some(FlawKind::Magic), false),
        ];
        seeds.iter_mut().for_each(|(_, bytes, ..)| bytes.resize(BYTES, 0));
        seeds
    }

    fn path(name: &str) -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/seeds").join(name).with_extension("audit")
    }

    #[test]
    fn the_seeds_in_the_tree_are_the_ones_made_here() {
        for (name, bytes, ..) in seeds() {
            if std::env::var_os("WRITE_SEEDS").is_some() {
                std::fs::create_dir_all(path(name).parent().unwrap()).unwrap();
                std::fs::write(path(name), &bytes).unwrap();
            }
            assert!(std::fs::read(path(name)).unwrap() == bytes, "{name}");
        }
    }

    #[test]
    fn verify_and_recovery_tell_the_seeds_apart() {
        for (name, bytes, flaw, recovers) in seeds() {
            let verified = Verifier::new(VerifyOptions::default()).last_segment(1, &bytes);
            assert_eq!(verified.err().map(|flaw| flaw.kind), flaw, "{name}");
            let recovered = recover(1, &bytes, config(), key());
            assert_eq!(recovered.is_ok(), recovers, "{name}");
            assert_eq!(SegmentReader::new(1, &bytes).is_err(), name == "blank", "{name}");
        }
    }
}
