//! The given receipts, as HTML.

use super::text::{Escaped, Groups, Number};
use crate::{
    audit::KeptReceipt,
    ballot::Header,
    board::{Found, Posted},
};
use alloc::string::ToString;
use core::fmt::{self, Formatter};

pub(super) fn receipts(f: &mut Formatter<'_>, receipts: &[KeptReceipt]) -> fmt::Result {
    if receipts.is_empty() {
        return Ok(());
    }
    f.write_str(
        r#"<section>
<h2 id="receipts">Receipts</h2>
<p>The board kept what these say. <strong>A ballot with another key than your own is not yours</strong>, whatever you were shown.</p>
<div class="scroll" role="region" aria-label="Receipts" tabindex="0"><table>
<thead><tr><th scope="col">Receipt</th><th scope="col">Ballot</th><th scope="col">Entry</th><th scope="col">Key of its voter</th><th scope="col">Style</th><th scope="col">Number</th><th scope="col">Later</th></tr></thead>
<tbody>
"#,
    )?;
    for KeptReceipt { place, found, compared } in receipts {
        let Found { entry, posted, replaced_by, opened_by } = found;
        let Posted { fate, voter, tracker: _, header } = posted;
        let compared = if *compared { "the key that was given" } else { "not compared" };
        write!(
            f,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{} <strong>{compared}</strong></td>",
            Number(*place as u64),
            Escaped(fate),
            Number(*entry),
            Groups(&voter.to_string())
        )?;
        match header {
            Some(Header { style, sequence, .. }) => {
                write!(f, "<td>{style}</td><td>{}</td><td>", Number((*sequence).into()))?;
            }
            None => f.write_str("<td>–</td><td>–</td><td>")?,
        }
        match (replaced_by, opened_by) {
            (Some(by), _) => write!(f, "replaced by entry {}", Number(*by))?,
            (_, Some(by)) => write!(f, "opened by entry {}", Number(*by))?,
            _ => f.write_str("–")?,
        }
        f.write_str("</td></tr>\n")?;
    }
    f.write_str("</tbody>\n</table></div>\n</section>\n")
}
