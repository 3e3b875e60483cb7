//! The rule of the manifest.

use crate::{
    board::{Kind, Refusal, State, accept::signed::SIGNATURE, keys::Keys},
    keys::Setup,
    manifest::Manifest,
};

impl State {
    pub(in crate::board) fn apply_manifest(
        &mut self,
        body: &[u8],
        seed: &[u8; 32],
    ) -> Result<(), Refusal> {
        use crate::manifest::ManifestReadError::Mistake;

        let content = body.get(..body.len().saturating_sub(SIGNATURE)).unwrap_or_default();
        let manifest = Manifest::from_canonical(content).map_err(Refusal::Manifest)?;
        if let Some(mistake) = manifest.unproven_key_with(seed) {
            return Err(Refusal::Manifest(Mistake(mistake)));
        }
        self.signed(&manifest, Kind::Manifest, body, seed)?;
        self.keys = Keys::begin(Setup::first(&manifest));
        self.manifest = Some(manifest);
        Ok(())
    }
}
