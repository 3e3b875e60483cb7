//! A client of JSON-RPC, as Ethereum's nodes speak it.

use serde_json::{Value, json};
use std::{error::Error, fmt, time::Duration};

/// The longest answer that is read, in bytes.
const MAX_ANSWER: u64 = 4 << 20;
/// How much of a node's words is shown, in characters.
const MAX_MESSAGE: usize = 300;

/// Asks one node.
#[derive(Clone, Debug)]
pub struct Client {
    agent: ureq::Agent,
    url: String,
}

/// Why there is no answer. The node's URL is not in it, since it may hold a key.
#[derive(Debug)]
pub enum RpcError {
    /// The URL needs what this program was built without.
    NoTls,
    /// The node cannot be reached, or does not speak JSON-RPC.
    Away {
        /// What was asked.
        method: String,
        /// What happened.
        reason: String,
    },
    /// The node says no.
    Refused {
        /// What was asked.
        method: String,
        /// Why, in the node's words.
        message: String,
    },
    /// The answer is not of the form that the method has.
    Malformed {
        /// What was asked.
        method: String,
    },
}

impl fmt::Display for RpcError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Away { method, reason } => {
                write!(f, "the node does not answer {method}: {reason}")
            }
            Self::NoTls => f.write_str(
                "the node's URL begins with https, but this program was built without it; build it with --features https",
            ),
            Self::Refused { method, message } => {
                write!(f, "the node refuses {method}: {message:?}")
            }
            Self::Malformed { method } => {
                write!(f, "the node's answer to {method} has another form than it should")
            }
        }
    }
}

impl Error for RpcError {}

impl Client {
    /// For the node at this URL, which may take so long for each answer.
    pub fn new(url: &str, patience: Duration) -> Result<Self, RpcError> {
        if url.starts_with("https:") && !cfg!(feature = "https") {
            return Err(RpcError::NoTls);
        }
        let config = ureq::Agent::config_builder().timeout_global(Some(patience));
        let config = config.http_status_as_error(false).max_redirects(0).build();
        Ok(Self { agent: config.into(), url: url.into() })
    }

    /// The node's answer.
    pub fn ask(&self, method: &str, params: &Value) -> Result<Value, RpcError> {
        let away = |error: &dyn fmt::Display| RpcError::Away {
            method: method.into(),
            reason: error.to_string(),
        };
        let body =
            json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
        let request = self.agent.post(&self.url).header("Content-Type", "application/json");
        let mut response = request.send(body).map_err(|error| away(&error))?;
        let status = response.status();
        let read = response.body_mut().with_config().limit(MAX_ANSWER).read_to_vec();
        let answer: Result<Value, _> = serde_json::from_slice(&read.map_err(|error| away(&error))?);
        let Ok(Value::Object(mut answer)) = answer else {
            return Err(away(&format_args!("no JSON, with the status {status}")));
        };
        if let Some(error) = answer.get("error").filter(|error| !error.is_null()) {
            let message = error.get("message").and_then(Value::as_str).unwrap_or_default();
            let message = message.chars().take(MAX_MESSAGE).collect();
            return Err(RpcError::Refused { method: method.into(), message });
        }
        answer.remove("result").ok_or_else(|| RpcError::Malformed { method: method.into() })
    }

    /// The same, read by this function.
    pub fn read<T>(
        &self,
        method: &str,
        params: &Value,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<T, RpcError> {
        read(&self.ask(method, params)?)
            .ok_or_else(|| RpcError::Malformed { method: method.into() })
    }
}

/// The bytes of a text like `0x00ff`.
pub fn bytes_of(value: &Value) -> Option<Vec<u8>> {
    hex::decode(value.as_str()?.strip_prefix("0x")?).ok()
}

/// The number in a text like `0xff`.
pub fn number_of(value: &Value) -> Option<u64> {
    let digits = value.as_str()?.strip_prefix("0x")?;
    // A sign is no digit.
    digits
        .bytes()
        .all(|digit| digit.is_ascii_hexdigit())
        .then(|| u64::from_str_radix(digits, 16).ok())?
}
