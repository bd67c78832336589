//! Certificates that are made, and the authorities that make them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod support;

use core::num::NonZeroUsize;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use support::*;
use tls::LeafFacts;
use tls::keys::{FileKey, KeyError, KeyKind, KeySource};
use tls::mint::{Authority, AuthorityError, Busy, CaCurve, MintError, Minted, Minter, Pool, Ticket, create_ca};
use x509_parser::prelude::{FromDer, X509Certificate};

fn parsed(minted: &Minted) -> X509Certificate<'_> {
    X509Certificate::from_der(minted.certificate()).unwrap().1
}

fn validity(minted: &Minted) -> (u64, u64) {
    let facts = LeafFacts::read(minted.certificate()).unwrap();
    (facts.not_before, facts.not_after)
}

#[test]
fn a_minted_certificate_says_the_name_and_what_it_is_for() {
    let (authority, _) = authority();
    let long = format!("{}.{}.example.com", "a".repeat(60), "b".repeat(60));
    for host in [NAME, &long] {
        let minted = minted(&authority, host);
        let certificate = parsed(&minted);
        let names = certificate.subject_alternative_name().unwrap().unwrap().value;
        assert_eq!(names.general_names, [x509_parser::extensions::GeneralName::DNSName(host)]);
        let purpose = certificate.extended_key_usage().unwrap().unwrap().value;
        assert!(purpose.server_auth && !purpose.client_auth && !purpose.any);
        assert!(!certificate.is_ca());
        assert!(certificate.subject().iter().count() > 0, "a subject");
        assert_eq!(certificate.public_key().subject_public_key.data.len(), 65, "P-256");
        let serial = certificate.raw_serial();
        assert!(serial.len() == 16 && serial[0] & 0x80 == 0, "{serial:?}");
    }
}

#[test]
fn serials_differ_and_the_leaf_key_does_not() {
    let (authority, _) = authority();
    let [one, two] = ["a.example", "b.example"].map(|host| minted(&authority, host));
    assert_ne!(parsed(&one).raw_serial(), parsed(&two).raw_serial());
    assert_eq!(parsed(&one).public_key().raw, parsed(&two).public_key().raw);
    assert_ne!(one.id(), two.id());
}

#[test]
fn a_minted_certificate_is_valid_for_a_week_at_most_and_within_the_real_one() {
    let (authority, _) = authority();
    let mint = |not_before, not_after| {
        let real = LeafFacts { not_before, not_after, sha256: [0; 32] };
        authority.mint(&name(NAME), &real, NOW).map(|minted| validity(&minted))
    };
    assert_eq!(mint(0, NOW + 90 * DAY), Ok((NOW - DAY, NOW + 6 * DAY - 1)));
    assert_eq!(mint(NOW - 5, NOW + 90 * DAY), Ok((NOW - 5, NOW - 5 + 7 * DAY - 1)));
    assert_eq!(mint(0, NOW + 10), Ok((NOW - DAY, NOW + 10)));
    assert_eq!(mint(NOW, NOW), Ok((NOW, NOW)));
    assert_eq!(mint(NOW + 1, NOW + DAY), Err(MintError::Validity));
    assert_eq!(mint(0, NOW - 1), Err(MintError::Validity));
}

#[test]
fn authorities_of_all_kinds_of_keys_mint_what_clients_take() {
    let kinds = [
        (&rcgen::PKCS_ECDSA_P256_SHA256, KeyKind::EcdsaP256),
        (&rcgen::PKCS_ECDSA_P384_SHA384, KeyKind::EcdsaP384),
        (&rcgen::PKCS_ED25519, KeyKind::Ed25519),
        (&rcgen::PKCS_RSA_SHA256, KeyKind::Rsa),
    ];
    for (algorithm, kind) in kinds {
        let pair = rcgen::KeyPair::generate_for(algorithm).unwrap();
        let certificate = ca_params("authority").self_signed(&pair).unwrap();
        let key = FileKey::of_pem(&pair.serialize_pem()).unwrap();
        assert_eq!(key.kind(), kind);
        let authority = Authority::new(certificate.pem().as_bytes(), Box::new(key), NOW).unwrap();
        let config = client_config(&certificate.pem(), &[], rustls::ALL_VERSIONS, None);
        let mut side = downstream().accept(KEY, &minted(&authority, NAME), None).unwrap();
        let exchanged = exchange(&mut side, &mut client(&config, NAME), 4096);
        assert_eq!((exchanged.our_error, exchanged.their_error), (None, None), "{kind:?}");
    }
}

#[test]
fn an_authority_below_a_root_sends_what_leads_there() {
    let root = Issuing::new("root");
    let pair = rcgen::KeyPair::generate().unwrap();
    let below = ca_params("below").signed_by(&pair, &root.issuer).unwrap();
    let key = FileKey::of_pem(&pair.serialize_pem()).unwrap();
    let authority = Authority::new(below.pem().as_bytes(), Box::new(key), NOW).unwrap();
    let config = client_config(&root.pem, &[], rustls::ALL_VERSIONS, None);
    let mut side = downstream().accept(KEY, &minted(&authority, NAME), None).unwrap();
    assert_eq!(exchange(&mut side, &mut client(&config, NAME), 4096).their_error, None);
}

#[test]
fn an_authority_that_is_none_is_refused_with_the_reason() {
    let reason = |change: fn(&mut rcgen::CertificateParams), is_own_key: bool| {
        let pair = rcgen::KeyPair::generate().unwrap();
        let mut params = ca_params("authority");
        change(&mut params);
        let pem = params.self_signed(&pair).unwrap().pem();
        let key = if is_own_key { pair } else { rcgen::KeyPair::generate().unwrap() };
        Authority::new(pem.as_bytes(), Box::new(FileKey::of_pem(&key.serialize_pem()).unwrap()), NOW).err()
    };
    assert!(reason(|_| {}, true).is_none());
    assert!(matches!(reason(|_| {}, false), Some(AuthorityError::KeyMismatch)));
    assert!(matches!(reason(|params| params.not_after = date(NOW - 1), true), Some(AuthorityError::Expired)));
    assert!(matches!(reason(|params| params.not_before = date(NOW + 1), true), Some(AuthorityError::NotYetValid)));
    assert!(matches!(reason(|params| params.is_ca = rcgen::IsCa::NoCa, true), Some(AuthorityError::NotCa)));
    assert!(matches!(reason(|params| params.is_ca = rcgen::IsCa::ExplicitNoCa, true), Some(AuthorityError::NotCa)));
    let usage = |params: &mut rcgen::CertificateParams| params.key_usages = vec![rcgen::KeyUsagePurpose::CrlSign];
    assert!(matches!(reason(usage, true), Some(AuthorityError::MayNotSign)));
    let key = || Box::new(FileKey::of_pem(&rcgen::KeyPair::generate().unwrap().serialize_pem()).unwrap());
    assert!(matches!(Authority::new(b"nothing", key(), NOW), Err(AuthorityError::Certificate(_))));
}

#[test]
fn a_key_that_others_may_read_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ca.key");
    let ca = create_ca("x", CaCurve::P384, NOW).unwrap();
    std::fs::write(&path, &*ca.key).unwrap();
    let user = rustix::process::geteuid().as_raw();
    let open = |mode| {
        std::fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        FileKey::open(&path, user)
    };
    assert_eq!(open(0o600).unwrap().kind(), KeyKind::EcdsaP384);
    for mode in [0o640, 0o604, 0o620, 0o700, 0o644] {
        let error = open(mode).unwrap_err();
        assert_eq!(error.to_string(), format!("its mode is {mode:04o}, and has to be 0600"));
    }
    assert!(open(0o600).is_ok());
    assert!(matches!(FileKey::open(&path, user + 1), Err(KeyError::Owner { .. })));
    assert!(matches!(FileKey::open(dir.path(), user), Err(KeyError::NotAFile)));
    assert!(matches!(FileKey::open(&dir.path().join("none"), user), Err(KeyError::Read(_))));
    std::fs::write(&path, "no key").unwrap();
    assert!(matches!(FileKey::open(&path, user), Err(KeyError::Unsupported)));
}

#[test]
fn a_new_authority_signs_leaves_only() {
    for curve in [CaCurve::P256, CaCurve::P384] {
        let ca = create_ca("Example", curve, NOW).unwrap();
        let key = FileKey::of_pem(&ca.key).unwrap();
        let authority = Authority::new(ca.certificate.as_bytes(), Box::new(key), NOW).unwrap();
        let description = authority.description();
        assert_eq!(description.subject, "CN=Example");
        assert_eq!(tls::mint::Description::read(ca.certificate.as_bytes()).as_ref(), Some(description));
        let text = description.to_string();
        assert!(text.starts_with("subject      CN=Example\nvalid from   2026-01-01 00:00:00 UTC\n"), "{text}");
        assert_eq!(description.facts.not_after - description.facts.not_before, 3652 * DAY);
        assert!(ca.key.starts_with("-----BEGIN PRIVATE KEY-----"), "PKCS#8");
        let (_, pem) = x509_parser::pem::parse_x509_pem(ca.certificate.as_bytes()).unwrap();
        let constraints = pem.parse_x509().unwrap().basic_constraints().unwrap().unwrap().value.clone();
        assert_eq!((constraints.ca, constraints.path_len_constraint), (true, Some(0)));
    }
    for wrong in ["", "a\nb", &"a".repeat(65)] {
        assert!(create_ca(wrong, CaCurve::P256, NOW).is_err(), "{wrong:?}");
    }
}

/// Waits for the next answer.
fn answer(minter: &mut Minter) -> (Ticket, Result<Minted, MintError>) {
    for _ in 0..10_000 {
        if let Some(answer) = minter.poll() {
            return answer;
        }
        std::thread::park_timeout(std::time::Duration::from_millis(1));
    }
    panic!("no answer");
}

fn pool(thread_count: usize) -> Pool {
    Pool::start(Arc::new(authority().0), NonZeroUsize::new(thread_count).unwrap()).unwrap()
}

#[test]
fn a_worker_asks_and_goes_on() {
    let pool = pool(2);
    let mut minter = pool.minter();
    let real = real_facts();
    minter.request(Ticket(1), &name("a.example"), &real, NOW).unwrap();
    minter.request(Ticket(2), &name("b.example"), &LeafFacts { not_after: NOW - 1, ..real }, NOW).unwrap();
    let mut answers = [answer(&mut minter), answer(&mut minter)];
    answers.sort_by_key(|(ticket, _)| ticket.0);
    let [(Ticket(1), Ok(first)), (Ticket(2), Err(MintError::Validity))] = &answers else { panic!("{answers:?}") };
    assert!(minter.poll().is_none());
    // What is at hand is there at once.
    minter.request(Ticket(3), &name("a.example"), &real, NOW).unwrap();
    let Some((Ticket(3), Ok(again))) = minter.poll() else { panic!("not at hand") };
    assert_eq!(again.id(), first.id());
}

#[test]
fn workers_share_what_was_made_and_another_real_certificate_means_another_one() {
    let pool = pool(1);
    let mut minters = [pool.minter(), pool.minter()];
    let real = real_facts();
    let mut id = |index: usize, host: &str, real: &LeafFacts, now: u64| {
        minters[index].request(Ticket(9), &name(host), real, now).unwrap();
        answer(&mut minters[index]).1.unwrap().id()
    };
    let first = id(0, NAME, &real, NOW);
    assert_eq!(id(1, NAME, &real, NOW), first);
    assert_ne!(id(0, "other.example", &real, NOW), first);
    let renewed = id(0, NAME, &LeafFacts { sha256: [8; 32], ..real }, NOW);
    assert_ne!(renewed, first);
    // Near its end, and behind it.
    assert_eq!(id(0, NAME, &real, NOW + 5 * DAY), first);
    let later = id(0, NAME, &real, NOW + 6 * DAY - 100);
    assert_ne!(later, first);
    assert_eq!(id(1, NAME, &real, NOW + 6 * DAY), later);
}

/// A key that signs only when it is told to.
#[derive(Debug)]
struct Slow(FileKey, Arc<std::sync::Barrier>, std::sync::atomic::AtomicBool);

impl KeySource for Slow {
    fn kind(&self) -> KeyKind {
        self.0.kind()
    }
    fn public_key(&self) -> &[u8] {
        self.0.public_key()
    }
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        // The first signature is the probe at the start.
        if self.2.swap(true, std::sync::atomic::Ordering::SeqCst) {
            self.1.wait();
            return Err(KeyError::Sign);
        }
        self.0.sign(message)
    }
}

#[test]
fn requests_are_bounded_and_a_key_that_fails_is_told() {
    let ca = create_ca("slow", CaCurve::P256, NOW).unwrap();
    let barrier = Arc::new(std::sync::Barrier::new(2));
    let key = Slow(FileKey::of_pem(&ca.key).unwrap(), Arc::clone(&barrier), Default::default());
    let authority = Authority::new(ca.certificate.as_bytes(), Box::new(key), NOW).unwrap();
    let pool = Pool::start(Arc::new(authority), NonZeroUsize::MIN).unwrap();
    let mut minter = pool.minter();
    let asked = (0..5000).take_while(|number| minter.request(Ticket(*number), &name(NAME), &real_facts(), NOW).is_ok());
    assert_eq!(asked.count(), 1024);
    assert_eq!(minter.request(Ticket(5000), &name(NAME), &real_facts(), NOW), Err(Busy));
    barrier.wait();
    assert!(matches!(answer(&mut minter), (Ticket(0), Err(MintError::Sign(_)))));
    minter.request(Ticket(5001), &name(NAME), &real_facts(), NOW).unwrap();
}
