//! An account: a key of secp256k1, and transactions signed with it (EIP-1559).

use crate::{
    ethereum::Address,
    failure::{Failure, Result, say},
};
use alloy_rlp::{Encodable, Header};
use k256::ecdsa::SigningKey;
use rand_core::OsRng;
use sha3::{Digest, Keccak256};
use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::Path,
};
use zeroize::Zeroizing;

/// The byte in front of a transaction of EIP-1559.
const DYNAMIC_FEE: u8 = 2;

/// Whoever holds this key sends in its name. The key is erased when it is dropped.
pub struct Account {
    key: SigningKey,
    /// The last 20 bytes of the public key's hash.
    pub address: Address,
}

/// What is signed. Amounts of ether are none, since the contract takes none.
pub struct Transaction<'a> {
    pub chain: u64,
    pub nonce: u64,
    /// What the block's proposer gets for a unit of gas, in wei.
    pub tip: u128,
    /// The most that a unit of gas may cost, in wei.
    pub max_fee: u128,
    pub gas: u64,
    /// `None` makes a contract.
    pub to: Option<Address>,
    pub data: &'a [u8],
}

impl Account {
    fn of(key: SigningKey) -> Self {
        let public = key.verifying_key().to_encoded_point(false);
        // Without the byte that says that it is not compressed.
        let hash = keccak256(public.as_bytes().get(1..).unwrap_or_default());
        Self { key, address: end_of(&hash) }
    }

    /// Reads the secret: 64 hexadecimal digits, with or without `0x`.
    pub fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).map_err(|e| Failure::File(path.into(), e))?;
        let text = Zeroizing::new(text);
        let mut secret = Zeroizing::new([0; 32]);
        let digits = text.trim();
        let digits = digits.strip_prefix("0x").unwrap_or(digits);
        let key = hex::decode_to_slice(digits, secret.as_mut());
        let key = key.ok().and_then(|()| SigningKey::from_slice(secret.as_ref()).ok());
        key.map(Self::of).ok_or_else(|| {
            Failure::Wrong(format!(
                "{path:?}: no secret of an account; expected 64 hexadecimal digits"
            ))
        })
    }

    /// The transaction's bytes with the signature, and its hash.
    pub fn sign(&self, transaction: &Transaction<'_>) -> Result<(Vec<u8>, [u8; 32])> {
        let digest = keccak256(&transaction.bytes(None));
        let signed = self.key.sign_prehash_recoverable(&digest);
        let (signature, recovery) =
            signed.map_err(|error| Failure::Wrong(format!("nothing was signed: {error}")))?;
        let (r, s) = signature.split_bytes();
        let bytes = transaction.bytes(Some((recovery.is_y_odd(), r.into(), s.into())));
        let hash = keccak256(&bytes);
        Ok((bytes, hash))
    }
}

impl Transaction<'_> {
    fn bytes(&self, signature: Option<(bool, [u8; 32], [u8; 32])>) -> Vec<u8> {
        let Self { chain, nonce, tip, max_fee, gas, to, data } = self;
        let mut fields = Vec::new();
        chain.encode(&mut fields);
        nonce.encode(&mut fields);
        tip.encode(&mut fields);
        max_fee.encode(&mut fields);
        gas.encode(&mut fields);
        to.as_ref().map_or(&[][..], |to| &to.0).encode(&mut fields);
        0_u64.encode(&mut fields); // ether
        data.encode(&mut fields);
        Header { list: true, payload_length: 0 }.encode(&mut fields); // no list of accesses
        if let Some((odd, r, s)) = signature {
            odd.encode(&mut fields);
            number(&r).encode(&mut fields);
            number(&s).encode(&mut fields);
        }
        let mut bytes = vec![DYNAMIC_FEE];
        Header { list: true, payload_length: fields.len() }.encode(&mut bytes);
        bytes.extend(fields);
        bytes
    }
}

/// A number without leading zeros, as RLP wants it.
fn number(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.get(zeros..).unwrap_or_default()
}

pub fn keccak256(bytes: &[u8]) -> [u8; 32] {
    Keccak256::digest(bytes).into()
}

/// Addresses are the end of a hash.
fn end_of(hash: &[u8; 32]) -> Address {
    let mut address = [0; 20];
    address.copy_from_slice(&hash[12..]);
    Address(address)
}

/// Where a contract stands that this account makes with this nonce.
pub fn made_by(account: Address, nonce: u64) -> Address {
    let mut fields = Vec::new();
    account.0[..].encode(&mut fields);
    nonce.encode(&mut fields);
    let mut bytes = Vec::new();
    Header { list: true, payload_length: fields.len() }.encode(&mut bytes);
    bytes.extend(fields);
    end_of(&keccak256(&bytes))
}

/// Makes an account in a new file, and prints its address.
pub fn create(path: &Path) -> Result<()> {
    let account = Account::of(SigningKey::random(&mut OsRng));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let secret = Zeroizing::new(hex::encode(Zeroizing::new(account.key.to_bytes())));
    let write = || {
        let mut file = options.open(path)?;
        file.write_all(secret.as_bytes())?;
        file.sync_all()
    };
    write().map_err(|error| Failure::File(path.into(), error))?;
    say(account.address);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first account of the mnemonic that all test nodes know, and its first contract.
    #[test]
    fn addresses_are_those_that_are_known() {
        let secret = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
        let key = SigningKey::from_slice(&hex::decode(secret).unwrap()).unwrap();
        let account = Account::of(key);
        let address = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";
        assert_eq!(account.address.to_string(), address);
        let contract = "0x5fbdb2315678afecb367f032d93f642f64180aa3";
        assert_eq!(made_by(account.address, 0).to_string(), contract);
    }

    #[test]
    fn a_secret_is_stored_once_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        create(&path).unwrap();
        let account = Account::read(&path).unwrap();
        assert!(matches!(create(&path), Err(Failure::File(..))));
        assert_eq!(Account::read(&path).unwrap().address, account.address);
        for wrong in ["", "0x", "00", &"00".repeat(32), &"ff".repeat(32), &"xx".repeat(32)] {
            fs::write(&path, wrong).unwrap();
            assert!(matches!(Account::read(&path), Err(Failure::Wrong(_))), "{wrong}");
        }
    }
}
