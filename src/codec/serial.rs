//! serde: a text for formats that people read, and canonical bytes for all others.
//!
//! Only the one text is read back that would be written, although people may type some of them more freely.

use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::{fmt, marker::PhantomData};
use serde::{
    Deserializer, Serializer,
    de::{Error, Visitor},
};

/// A value in its two forms. The macro [`serial`] implements it with serde's traits.
pub(crate) trait Serial: Sized {
    /// What it is, with its article.
    const WHAT: &'static str;
    fn serial_text(&self) -> String;
    fn serial_bytes(&self) -> Vec<u8>;
    /// Any text that is read as one.
    fn of_text(text: &str) -> Result<Self, String>;
    fn of_bytes(bytes: &[u8]) -> Result<Self, String>;
}

/// Writes a value in one of two forms.
pub(crate) fn write<S: Serializer>(
    serializer: S,
    text: impl FnOnce() -> String,
    bytes: impl FnOnce() -> Vec<u8>,
) -> Result<S::Ok, S::Error> {
    match serializer.is_human_readable() {
        true => serializer.serialize_str(&text()),
        false => serializer.serialize_bytes(&bytes()),
    }
}

/// Reads a value in one of two forms.
pub(crate) fn read<'de, T: Serial, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    match deserializer.is_human_readable() {
        true => deserializer.deserialize_str(Reader(PhantomData)),
        false => deserializer.deserialize_bytes(Reader(PhantomData)),
    }
}

struct Reader<T>(PhantomData<T>);

impl<T: Serial> Visitor<'_> for Reader<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::WHAT)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        let wrong = |reason: String| E::custom(format!("{}: {reason}", T::WHAT));
        let value = T::of_text(text).map_err(wrong)?;
        match value.serial_text() == text {
            true => Ok(value),
            false => Err(wrong("not its canonical text, in which it is written".into())),
        }
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<T, E> {
        T::of_bytes(bytes).map_err(|reason| E::custom(format!("{}: {reason}", T::WHAT)))
    }
}

/// Reads bytes as text, of a value that has no other.
pub(crate) fn of_hex<T: Serial>(text: &str) -> Result<T, String> {
    let bytes = hex::decode(text);
    T::of_bytes(&bytes.map_err(|error| format!("hexadecimal digits expected: {error}"))?)
}

/// Reads text as bytes, of a value that has no others.
pub(crate) fn of_utf8<T: Serial>(bytes: &[u8]) -> Result<T, String> {
    let value = T::of_text(core::str::from_utf8(bytes).map_err(reason)?)?;
    match value.serial_bytes() == bytes {
        true => Ok(value),
        false => Err("not its canonical text, in which it is written".into()),
    }
}

/// What an error says.
pub(crate) fn reason(error: impl fmt::Display) -> String {
    error.to_string()
}

/// serde for types with canonical bytes, each with what it is called. As text they have their `text`; or `hex`, without one. Those
/// that are `text alone` have it as bytes, too.
macro_rules! serial {
    (text: $($type:ty, $what:literal;)*) => {
        $($crate::codec::serial::serial! {
            $type, $what, alloc::string::ToString::to_string, $crate::codec::Encode::to_bytes,
            |text: &str| text.parse().map_err($crate::codec::serial::reason),
            |bytes| $crate::codec::Decode::from_bytes(bytes).map_err($crate::codec::serial::reason)
        })*
    };
    (hex: $($type:ty, $what:literal;)*) => {
        $($crate::codec::serial::serial! {
            $type, $what, |value| hex::encode($crate::codec::Encode::to_bytes(value)), $crate::codec::Encode::to_bytes,
            $crate::codec::serial::of_hex,
            |bytes| $crate::codec::Decode::from_bytes(bytes).map_err($crate::codec::serial::reason)
        })*
    };
    (text alone: $($type:ty, $what:literal;)*) => {
        $($crate::codec::serial::serial! {
            $type, $what, alloc::string::ToString::to_string, |value| alloc::string::ToString::to_string(value).into_bytes(),
            |text: &str| text.parse().map_err($crate::codec::serial::reason),
            $crate::codec::serial::of_utf8
        })*
    };
    ($type:ty, $what:literal, $text:expr, $bytes:expr, $of_text:expr, $of_bytes:expr) => {
        impl $crate::codec::serial::Serial for $type {
            const WHAT: &'static str = $what;

            fn serial_text(&self) -> alloc::string::String {
                let text: fn(&Self) -> alloc::string::String = $text;
                text(self)
            }

            fn serial_bytes(&self) -> alloc::vec::Vec<u8> {
                let bytes: fn(&Self) -> alloc::vec::Vec<u8> = $bytes;
                bytes(self)
            }

            fn of_text(text: &str) -> Result<Self, alloc::string::String> {
                let of_text: fn(&str) -> Result<Self, alloc::string::String> = $of_text;
                of_text(text)
            }

            fn of_bytes(bytes: &[u8]) -> Result<Self, alloc::string::String> {
                let of_bytes: fn(&[u8]) -> Result<Self, alloc::string::String> = $of_bytes;
                of_bytes(bytes)
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use $crate::codec::serial::{Serial, write};
                write(serializer, || self.serial_text(), || self.serial_bytes())
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::codec::serial::read(deserializer)
            }
        }
    };
}
pub(crate) use serial;
