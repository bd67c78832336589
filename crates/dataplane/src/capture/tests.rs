use super::*;

const FRAME: [u8; 61] = [7; 61];

/// A capture with one frame, of which so many bytes were captured of so many, behind a header with this limit and this link
/// field.
fn capture(is_little: bool, snaplen: u32, link: u32, captured: usize, original: u32) -> Vec<u8> {
    let number = |value: u32| if is_little { value.to_le_bytes() } else { value.to_be_bytes() };
    let half = |value: u16| if is_little { value.to_le_bytes() } else { value.to_be_bytes() };
    let header = [&number(0xa1b2_c3d4)[..], &half(2), &half(4), &[0; 8], &number(snaplen), &number(link)].concat();
    let packet = [number(1), number(2), number(captured as u32), number(original)].concat();
    [&header[..], &packet, &FRAME[..captured]].concat()
}

/// The lengths of the frames that are replayed.
fn lengths(capture: &[u8]) -> Result<Vec<usize>, CaptureError> {
    let mut device = CaptureDevice::new(capture, Vec::new())?;
    let mut lengths = Vec::new();
    while !device.is_finished() {
        device.step();
        let mut burst = Burst::new();
        device.rx_burst(Side::Inside, &mut burst);
        lengths.extend(burst.iter().map(Buffer::len));
    }
    device.finish().map(|_| lengths)
}

#[test]
fn a_header_without_a_limit_limits_nothing() {
    for is_little in [false, true] {
        assert_eq!(lengths(&capture(is_little, 0, 1, 61, 61)).unwrap(), [61]);
        assert_eq!(lengths(&capture(is_little, 61, 1, 61, 61)).unwrap(), [61]);
        assert!(lengths(&capture(is_little, 60, 1, 61, 61)).is_err());
    }
}

#[test]
fn a_frame_check_sequence_is_no_part_of_the_frame() {
    // Two words behind each frame, and the bit that says so.
    const CHECKED: u32 = 0x2400_0001;
    for is_little in [false, true] {
        let of = |link, captured, original| lengths(&capture(is_little, 65_535, link, captured, original)).unwrap();
        assert_eq!(of(CHECKED, 61, 61), [57]);
        assert_eq!(of(0x2000_0001, 61, 61), [61], "a length that is not said to be one");
        assert_eq!(of(CHECKED, 60, 62), [58], "half of it was captured");
        assert_eq!(of(CHECKED, 40, 100), [40], "nothing of it was captured");
    }
    let mut udp = testkit::udp(&testkit::Ends::new(testkit::Family::V4, 40_000, 53), true, b"whole");
    let captured = |frame: &[u8]| {
        let mut file = capture(true, 65_535, CHECKED, 0, 0);
        file.truncate(24 + 8);
        file.extend([frame.len() as u32; 2].map(u32::to_le_bytes).concat());
        file.extend(frame);
        lengths(&file).unwrap()
    };
    assert_eq!(captured(&udp), [udp.len()], "one that was announced and left out");
    udp.extend([1, 2, 3, 4]);
    assert_eq!(captured(&udp), [udp.len() - 4]);
    let wireless = lengths(&capture(true, 65_535, 0x2400_0000 | 105, 61, 61)).unwrap_err();
    assert!(wireless.to_string().contains("only Ethernet"), "{wireless}");
}

#[test]
fn gaps_pass_in_pieces_and_frames_come_at_their_own_time() {
    const SECOND: u64 = 1_000_000_000;
    let mut file = capture(true, 65_535, 1, 0, 0);
    file.truncate(24);
    let seconds = [1000, 1000, 1040, 1039, 30_000, 9_000_000];
    for (at, micros) in seconds.into_iter().zip([0, 5000, 500_000, 0, 0, 0]) {
        file.extend([at, micros, 61, 61].map(u32::to_le_bytes).concat());
        file.extend(FRAME);
    }
    let mut device = CaptureDevice::new(&file[..], Vec::new()).unwrap();
    let (mut polls, mut frames, mut before) = (0, Vec::new(), None);
    while !device.is_finished() {
        device.step();
        let now = device.now();
        let mut burst = Burst::new();
        device.rx_burst(Side::Inside, &mut burst);
        assert_eq!(device.now(), now, "it passes by steps alone");
        if let Some(before) = before {
            let passed = now.nanos_since(before);
            assert!(passed <= 30 * SECOND || frames.len() >= 4, "{passed}");
            assert!(burst.is_empty() || passed <= 8_000_000, "timers come first");
        }
        if !burst.is_empty() {
            frames.push(now.as_nanos());
        }
        polls += 1;
        before = Some(now);
    }
    let expected = [1000 * SECOND, 1000 * SECOND + 5_000_000, 1040 * SECOND + SECOND / 2, 1040 * SECOND + SECOND / 2];
    assert_eq!(frames[..4], expected);
    assert_eq!(frames[4..], [30_000 * SECOND, 9_000_000 * SECOND]);
    assert!(polls < 5_000, "years pass at once: {polls}");
}
