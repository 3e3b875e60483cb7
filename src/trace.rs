//! Events for operators, with the feature `tracing`. None of them has a secret, or what a voter chose.

/// An event of the crate `tracing` under the target `tabella`; nothing without the feature.
macro_rules! event {
    ($level:ident, $($rest:tt)*) => {{
        #[cfg(feature = "tracing")]
        tracing::$level!(target: "tabella", $($rest)*);
    }};
}
pub(crate) use event;
