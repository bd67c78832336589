//! United States bank account numbers: 6 to 17 digits without any structure (NACHA Operating Rules allow 17),
//! so a word must stand right before them.

use super::checks::is_varied;
use super::{Forms, Id, Kind, bare, grouped, unchecked};
use crate::context::Words;
use crate::entity::EntityType;

/// The detector.
pub(super) static ID: Id = Id {
    entity: EntityType::UsBankNumber,
    rule: "us-bank-account",
    about: unchecked("6 to 17 digits; the word right before", "NACHA Operating Rules", WORDS),
    kind: Kind::Forms(&FORMS),
};

static FORMS: Forms = Forms {
    forms: &[
        bare(&[6], 0),
        bare(&[7], 0),
        bare(&[8], 0),
        bare(&[9], 0),
        bare(&[10], 0),
        bare(&[11], 0),
        bare(&[12], 0),
        bare(&[13], 0),
        bare(&[14], 0),
        bare(&[15], 0),
        bare(&[16], 0),
        bare(&[17], 0),
        grouped(&[4, 4], b"=", 0),
        grouped(&[4, 4, 2], b"=", 0),
        grouped(&[4, 4, 4], b"=", 0),
        grouped(&[3, 3, 4], b"-", 0),
        grouped(&[3, 6], b"-", 0),
        grouped(&[3, 7], b"-", 0),
    ],
    valid: is_varied,
    words: WORDS,
    unchecked: true,
};

const WORDS: &Words = &Words::new(&[
    b"account number*",
    b"account no*",
    b"account num*",
    b"account #*",
    b"account:",
    b"account_number*",
    b"accountnumber*",
    b"account_no*",
    b"acct",
    b"accts",
    b"acct.",
    b"a/c",
    b"bank account*",
    b"bank acct*",
    b"bankaccount*",
    b"bank_account*",
    b"checking account*",
    b"checking acct*",
    b"checking #*",
    b"checking no*",
    b"savings account*",
    b"deposit account*",
    b"account is",
    b"beneficiary account*",
    b"beneficiary acc*",
    b"dda",
    b"dda#",
    b"demand deposit*",
    b"account ending",
    b"acct_*",
    b"acctnum*",
    b"acctno*",
    b"routing and account",
]);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::{finds, finds_whole, passes};

    const BANK: EntityType = EntityType::UsBankNumber;

    #[test]
    fn numbers_are_found_right_behind_a_word() {
        finds(BANK, "Account number: 000123456789", &["000123456789"]);
        finds(BANK, "wire it to bank account 12345678 please", &["12345678"]);
        finds(BANK, "beneficiary account 123456789 and DDA 123456789", &["123456789", "123456789"]);
        finds(BANK, "routing 021000021, account no. 9876543210", &["9876543210"]);
        finds(BANK, "{\"accountNumber\": \"1234567890\"}", &["1234567890"]);
    }

    #[test]
    fn numbers_are_found_before_what_says_that_they_are_one() {
        finds(BANK, "I think 45484758 was her account number", &["45484758"]);
        finds(BANK, "45484758 is my bank account", &["45484758"]);
        finds(BANK, "bank account question? call (312) 445-1500", &[]);
        finds(BANK, "bank account number, not that of the phone I have here: 45484758", &["45484758"]);
        finds(BANK, "ticket 45484758 was closed, account number unknown", &[]);
    }

    #[test]
    fn near_misses_pass() {
        passes(
            BANK,
            &["12345678", "000123456789", "order 12345678", "AWS_ACCOUNT_ID=123456789012", "\"accountId\": 123456789"],
        );
        passes(BANK, &["checking macros. Copyright (C) 2012-2022"]);
        finds(BANK, "account number 12345", &[]);
        finds(BANK, "make a/c status more prominent (bug #701031)", &[]);
        finds(BANK, "ACCT_UNLOCK\n- Add default port to auditd.conf (#1455598)", &[]);
        finds(BANK, "account number pending, order 1 of 12345678", &[]);
        finds_whole(BANK, &[]);
    }
}
