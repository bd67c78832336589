//! Payment card numbers that letters are joined to: a network's name, or what begins the first track of a magnetic stripe
//! (ISO/IEC 7813 section 6.2). All others are the [other search](crate::detectors::credit_card)'s.

use super::{Id, Kind, Token, lengths};
use crate::detectors::about::About;
use crate::detectors::credit_card;
use crate::entity::EntityType;
use crate::window::{Checked, Match, Window};

/// The detector.
pub(super) static ID: Id = Id {
    entity: EntityType::CreditCard,
    rule: "credit-card-joined",
    about: About::new(
        "Luhn; range and length of an issuer; a network's name or a track's mark joined to it",
        "ISO/IEC 7812-1, ISO/IEC 7813",
    ),
    kind: Kind::Token(lengths(&[14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29]), check),
};

/// Digits of the shortest number that is looked for.
const DIGITS_MIN: usize = 13;

/// Names of networks as they are joined to a number.
const NETWORKS: &[&[u8]] = &[b"visa", b"mastercard", b"amex", b"discover", b"maestro", b"card", b"cc"];

fn check(window: &Window<'_>, token: &Token) -> Checked {
    let text = token.text(window);
    let letters = text.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let Some((name, number)) = text.split_at_checked(letters) else { return Ok(None) };
    if number.len() < DIGITS_MIN || !number.iter().all(u8::is_ascii_digit) {
        return Ok(None);
    }
    let is_track = || name.eq_ignore_ascii_case(b"b") && window.before(token.start) == b'%';
    let is_named = NETWORKS.iter().any(|network| name.eq_ignore_ascii_case(network));
    let accepted = (is_named || is_track()) && credit_card::is_plain(number);
    Ok(accepted.then_some(Match::new(token.start + letters, token.end, 0, 90)))
}

#[cfg(test)]
mod tests {
    use crate::EntityType;
    use crate::detectors::testing::finds;

    const CARD: EntityType = EntityType::CreditCard;

    #[test]
    fn tracks_of_a_stripe_and_names_of_networks_hide_no_number() {
        finds(CARD, "%B4111111111111111^DOE/JOHN^25121010000000000000?", &["4111111111111111"]);
        finds(CARD, ";4111111111111111=25121010000000000000?", &["4111111111111111"]);
        finds(CARD, "VISA4111111111111111, amex378282246310005.", &["4111111111111111", "378282246310005"]);
    }

    #[test]
    fn other_letters_make_it_another_token() {
        finds(CARD, "B4111111111111111, advisa4111111111111111, visa4111111111111112, %Bx4111111111111111", &[]);
    }
}
