//! The token with which the operator's page asks.

use crate::failure::{Failure, at};
use rand_core::{OsRng, RngCore};
use std::{
    fmt,
    fs::{self, OpenOptions},
    io::{ErrorKind, Write},
    path::Path,
};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// 32 random bytes in hexadecimal digits.
pub struct Token(Zeroizing<String>);

impl Token {
    /// The token in this file, which is made if it is not there. On Unix only its owner can read it.
    pub fn keep(path: &Path) -> Result<Self, Failure> {
        match fs::read_to_string(path) {
            Ok(text) => {
                let text = Zeroizing::new(text);
                let token = text.trim();
                match token.len() == 64 && token.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                    true => Ok(Self(Zeroizing::new(token.to_owned()))),
                    false => Err(Failure::of(
                        path,
                        "not a token of 64 hexadecimal digits; remove the file to get a new one",
                    )),
                }
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Self::make(path),
            Err(error) => at(path, Err(error)),
        }
    }

    fn make(path: &Path) -> Result<Self, Failure> {
        let mut bytes = Zeroizing::new([0; 32]);
        OsRng.try_fill_bytes(&mut *bytes).map_err(Failure::new)?;
        let token = Self(Zeroizing::new(hex::encode(*bytes)));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = at(path, options.open(path))?;
        at(path, writeln!(file, "{}", *token.0).and_then(|()| file.sync_all()))?;
        Ok(token)
    }

    /// Whether this is it, in a time that does not tell how much of it is right.
    pub fn is(&self, found: &str) -> bool {
        self.0.as_bytes().ct_eq(found.as_bytes()).into()
    }

    /// The token, to be printed.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("board.token");
        let token = Token::keep(&path).unwrap().expose().to_owned();
        let again = Token::keep(&path).unwrap();
        assert!(again.is(&token));
        for wrong in ["", &token[1..], &token.replace(&token[..1], "g"), &format!("{token}0")] {
            assert!(!again.is(wrong), "{wrong}");
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        fs::write(&path, "short").unwrap();
        assert!(Token::keep(&path).unwrap_err().to_string().contains("64 hexadecimal digits"));
    }
}
