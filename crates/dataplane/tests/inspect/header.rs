//! Headers of TCP: nothing travels in what no receiver reads.

use crate::lab::{Lab, POLICY, contains};
use net::Side;
use testkit::{Conversation, Ends, Family, Tcp};
#[test]
fn nothing_travels_in_what_is_no_payload() {
    const SECRET: &str = "536-90-4399";
    let mut lab = Lab::new(POLICY);
    let mut conversation = lab.open(Family::V4, 40_000, 80);
    let mut seen = Vec::new();
    let reset = Tcp { rst: true, ..conversation.from_client(0, SECRET.as_bytes()) };
    let trailer = [conversation.client_frame(&conversation.from_client(0, b"")), SECRET.as_bytes().to_vec()].concat();
    for frame in [trailer, conversation.client_frame(&reset)] {
        lab.device.inject(Side::Inside, &frame);
        lab.run();
        while let Some(frame) = lab.device.take(Side::Outside) {
            seen.extend(&frame);
            conversation.reach_server(&frame);
        }
    }
    let other = Conversation::new(Ends::new(Family::V4, 40_001, 80));
    lab.device.inject(Side::Inside, &[other.syn(), SECRET.as_bytes().to_vec()].concat());
    lab.run();
    seen.extend(lab.device.take(Side::Outside).unwrap());
    assert!(!contains(&seen, SECRET));
    assert_eq!(lab.leaked(), 0);
}

/// The checksum over the TCP segment of an IPv4 frame without options; zero if the one that it carries is right.
fn tcp_sum(frame: &[u8]) -> u16 {
    let end = 14 + usize::from(u16::from_be_bytes([frame[16], frame[17]]));
    let mut covered = frame[26..34].to_vec();
    covered.extend([0, 6]);
    covered.extend(u16::try_from(end - 34).unwrap().to_be_bytes());
    covered.extend(&frame[34..end]);
    covered.resize(covered.len().next_multiple_of(2), 0);
    let sum = covered.chunks(2).fold(0, |sum: u32, word| sum + u32::from(u16::from_be_bytes([word[0], word[1]])));
    let folded = (sum & 0xffff) + (sum >> 16);
    !u16::try_from((folded & 0xffff) + (folded >> 16)).unwrap()
}

#[test]
fn nothing_travels_in_fields_that_mean_nothing() {
    let mut lab = Lab::new(POLICY);
    let open = lab.open(Family::V4, 40_000, 80);
    let other = Conversation::new(Ends::new(Family::V4, 40_001, 80));
    let reset = Tcp { rst: true, ack: None, ..open.from_client(0, b"") };
    let data = open.client_frame(&open.from_client(0, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    let answer = open.server_frame(&open.from_server(0, b""));
    // What stands behind the header's first byte, in the frame's order: the acknowledgement, reserved bits, the urgent pointer.
    let (ack, reserved, urgent) = (42..46, 46..47, 52..54);
    for (side, frame, fields) in [
        (Side::Inside, other.syn(), &[ack.clone(), reserved.clone(), urgent.clone()][..]),
        (Side::Inside, data, &[reserved.clone(), urgent.clone()]),
        (Side::Outside, answer, &[reserved.clone(), urgent.clone()]),
        (Side::Inside, open.client_frame(&reset), &[ack, reserved, urgent]),
    ] {
        let mut told = frame.clone();
        for field in fields {
            for byte in &mut told[field.clone()] {
                *byte |= 0x0f;
            }
        }
        told[50..52].fill(0);
        let sum = tcp_sum(&told);
        told[50..52].copy_from_slice(&sum.to_be_bytes());
        lab.device.inject(side, &told);
        lab.run();
        let seen = lab.device.take(side.opposite()).unwrap();
        for field in fields {
            assert_eq!(seen[field.clone()], frame[field.clone()], "{field:?} of {}", frame.escape_ascii());
        }
        assert_eq!(tcp_sum(&seen), 0, "{fields:?}");
    }
    assert_eq!(lab.leaked(), 0);
}

/// A frame over IPv4 without options with these options of TCP, of which there are a multiple of four bytes.
fn with_options(frame: &[u8], options: &[u8]) -> Vec<u8> {
    let mut frame = [&frame[..54], options, &frame[54..]].concat();
    let total = u16::from_be_bytes([frame[16], frame[17]]) + u16::try_from(options.len()).unwrap();
    frame[16..18].copy_from_slice(&total.to_be_bytes());
    frame[24..26].fill(0);
    let sum = frame[14..34].chunks(2).fold(0, |sum: u32, word| sum + u32::from(u16::from_be_bytes([word[0], word[1]])));
    let sum = !u16::try_from((sum & 0xffff) + (sum >> 16)).unwrap();
    frame[24..26].copy_from_slice(&sum.to_be_bytes());
    frame[46] = u8::try_from((20 + options.len()) / 4).unwrap() << 4;
    frame[50..52].fill(0);
    let sum = tcp_sum(&frame);
    frame[50..52].copy_from_slice(&sum.to_be_bytes());
    frame
}

#[test]
fn nothing_travels_in_options_that_mean_nothing() {
    const SECRET: &[u8; 32] = b"the number is 536-90-4399, again";
    let mut lab = Lab::new(POLICY);
    let open = lab.open(Family::V4, 40_000, 80);
    let other = Conversation::new(Ends::new(Family::V4, 40_001, 80));
    let plain = |frame: Tcp| open.client_frame(&frame);
    let opening = Tcp { seq: other.client_isn, syn: true, window: 65_000, ..Tcp::default() };
    let syn = other.client_frame(&opening);
    let data = plain(open.from_client(0, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    let reset = plain(Tcp { rst: true, ..open.from_client(27, b"") });
    let sack = [&[1, 1, 5, 34][..], SECRET].concat();
    let mss: Vec<u8> = SECRET.chunks(2).take(9).flat_map(|two| [2, 4, two[0], two[1]]).collect();
    let sacks = [&[1, 1, 5, 10][..], &SECRET[14..22], &[1, 1, 5, 10], &SECRET[18..26]].concat();
    let stamps = [&[1, 1, 8, 10][..], &SECRET[..8], &[1, 1, 8, 10], &SECRET[14..22]].concat();
    for (frame, options) in [
        (&syn, &sack),
        (&syn, &[&[2, 4, 5, 0xb4][..], &mss[4..]].concat()),
        (&data, &sack),
        (&data, &mss),
        (&data, &stamps),
        (&data, &sacks),
        (&reset, &sack),
    ] {
        lab.device.inject(Side::Inside, &with_options(frame, options));
        lab.run();
        let seen = lab.device.take(Side::Outside).unwrap_or_else(|| panic!("{} passes", options.escape_ascii()));
        assert_eq!(tcp_sum(&seen), 0);
        let seen = &seen[54..54 + options.len()];
        assert!(
            !SECRET.windows(2).skip(14).take(9).any(|two| seen.windows(2).any(|other| other == two)),
            "{}",
            seen.escape_ascii()
        );
    }
    assert_eq!(lab.leaked(), 0);
}

#[test]
fn a_selective_acknowledgement_passes_for_what_was_forwarded() {
    let mut lab = Lab::new(POLICY);
    let mut conversation = lab.open(Family::V4, 40_000, 80);
    let request = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    lab.send(&mut conversation, 0, request);
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n";
    lab.answer(&mut conversation, 0, request.len(), head);
    lab.answer(&mut conversation, head.len(), request.len(), &[b'a'; 1000]);
    lab.answer(&mut conversation, head.len() + 1000, request.len(), &[b'b'; 1000]);
    let first = conversation.server_isn.wrapping_add(1);
    let lost = first.wrapping_add(u32::try_from(head.len()).unwrap());
    let (second, end) = (lost.wrapping_add(1000), lost.wrapping_add(2000));
    for (block, passes) in [
        ((second, end), true),
        ((second, end.wrapping_sub(500)), true),
        ((second, end.wrapping_add(1)), false),
        ((end, second), false),
        ((lost, end), false),
        ((lost.wrapping_sub(10), lost), false),
        ((second, second), false),
    ] {
        let acknowledgement = Tcp {
            ack: Some(lost),
            sack: vec![block],
            ..conversation.from_client(u32::try_from(request.len()).unwrap(), b"")
        };
        let frame = conversation.client_frame(&acknowledgement);
        lab.device.inject(Side::Inside, &frame);
        lab.run();
        let seen = lab.device.take(Side::Outside).unwrap();
        assert_eq!(tcp_sum(&seen), 0);
        let [a, b] = [block.0, block.1].map(u32::to_be_bytes);
        let is_there = seen[54..].windows(8).any(|bytes| bytes == [a, b].concat());
        assert_eq!(is_there, passes, "{block:?} of {second} to {end}");
    }
    assert_eq!(lab.leaked(), 0);
}
