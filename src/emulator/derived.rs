//! Identifiers that look random and are not: each follows from the seed and from what it names.
//!
//! So requests that arrive in another order, and a restarted emulator, still get the same ids.

use sha2::{Digest, Sha256};

fn digest(seed: u64, parts: &[&str]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(seed.to_le_bytes());
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// A GUID for what `parts` name.
pub(super) fn guid(seed: u64, parts: &[&str]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(36);
    for (index, byte) in digest(seed, parts).iter().take(16).enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        let byte = match index {
            6 => (byte & 0x0f) | 0x40,
            8 => (byte & 0x3f) | 0x80,
            _ => *byte,
        };
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// What the `sig` of a SAS token looks like, percent-encoded; nobody can verify it.
pub(super) fn signature(seed: u64, parts: &[&str]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(60);
    let first = digest(seed, parts);
    let second = digest(seed ^ 1, parts);
    for byte in first.iter().chain(&second).take(43) {
        match ALPHABET[usize::from(byte & 0x3f)] {
            b'+' => text.push_str("%2B"),
            b'/' => text.push_str("%2F"),
            plain => text.push(char::from(plain)),
        }
    }
    text.push_str("%3D");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_and_name_give_the_same_id_and_others_give_others() {
        insta::assert_snapshot!(guid(7, &["contoso", "vm"]), @"283d89d3-0b11-42db-855a-0a2530e9ebcf");
        assert_ne!(guid(7, &["contoso", "vm"]), guid(8, &["contoso", "vm"]));
        assert_ne!(guid(7, &["contoso", "vm"]), guid(7, &["contosov", "m"]));
        assert!(signature(7, &["x"]).ends_with("%3D"));
    }
}
