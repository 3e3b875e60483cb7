//! Puts the contract on the chain.

use crate::{
    Node,
    account::{Account, made_by},
    ethereum,
    failure::{Failure, Result, say, tell},
    record::Record,
    send::Sender,
};
use clap::Args;
use serde_json::{Value, json};
use std::{
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

/// The contract as the compiler made it: its ABI and its bytes. `check` compares it with what the compiler makes now.
const ARTIFACT: &str = include_str!("../contracts/BulletinBoard.json");

#[derive(Args)]
pub struct Options {
    /// The record's folder, in which the manifest is the first entry
    record: PathBuf,
    /// The file with the secret of the account that will be the only sender of heads
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    #[command(flatten)]
    node: Node,
    /// The most that a unit of gas may cost, in gwei
    #[arg(long, value_name = "GWEI", default_value_t = 200)]
    max_fee: u64,
    /// How many seconds it may take until the contract is there
    #[arg(long, value_name = "SECONDS", default_value = "300", value_parser = crate::seconds)]
    patience: Duration,
}

/// The bytes that make the contract.
fn creation(manifest: &[u8; 32], operator: &ethereum::Address) -> Result<Vec<u8>> {
    let artifact: Option<Value> = serde_json::from_str(ARTIFACT).ok();
    let code =
        artifact.as_ref().and_then(|artifact| ethereum::rpc::bytes_of(&artifact["bytecode"]));
    let mut code =
        code.ok_or_else(|| Failure::Wrong("contracts/BulletinBoard.json has no bytecode".into()))?;
    code.extend(manifest);
    code.extend([0; 12]);
    code.extend(operator.0);
    Ok(code)
}

pub fn run(options: &Options) -> Result<()> {
    let manifest = Record::open(&options.record)?.manifest();
    let account = Account::read(&options.key)?;
    let sender = Sender::new(options.node.client()?, account, options.max_fee, options.node.chain)?;
    let operator = sender.account.address;
    let counts = sender.counts(&json!("latest"))?;
    if counts.pending != counts.mined {
        return Err(Failure::Wrong(format!(
            "the account {operator} has {} transactions that are not mined yet",
            counts.pending.abs_diff(counts.mined)
        )));
    }
    let contract = made_by(operator, counts.mined);
    let code = creation(manifest.as_bytes(), &operator)?;
    let hash = sender.send(counts.mined, None, &code, 0)?;
    tell(format_args!("sent {hash}, which makes the contract {contract}"));
    let clock = Instant::now();
    loop {
        let found = ethereum::read(&sender.client, contract, "latest");
        match found {
            Ok(found) if (found.manifest, found.operator) == (manifest, operator) => {
                tell(found);
                say(contract);
                return Ok(());
            }
            Ok(_) => {
                return Err(Failure::Wrong(format!(
                    "at {contract} there is a contract of another election"
                )));
            }
            Err(error) if clock.elapsed() > options.patience => return Err(error.into()),
            Err(_) => thread::sleep(Duration::from_millis(500)),
        }
    }
}
