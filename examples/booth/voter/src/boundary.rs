//! The boundary to JavaScript: memory, calls, random numbers, and what happens if all fails. The only place with unsafe code.
//!
//! A caller asks for room with [`room`], fills it, and gives it away with a call. What the call gives stands at [`output`] until
//! [`done`]. One thread alone can be here, as the module has no shared memory.

use crate::{
    calls::{Calls, Given, Taken},
    fault::{Fault, Result},
};
use alloc::{string::String, vec::Vec};
use core::{
    alloc::{GlobalAlloc, Layout},
    cell::RefCell,
    sync::atomic::{Ordering, compiler_fence},
};
use dlmalloc::GlobalDlmalloc;
use tabella::rand_core::{CryptoRng, Error, RngCore};

/// Memory that is erased when it is given back: secrets that were text or JSON on their way leave nothing behind.
struct Erasing(GlobalDlmalloc);

// SAFETY: all of it is that of the allocator inside; the memory that is erased is still the caller's.
unsafe impl GlobalAlloc for Erasing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        unsafe { self.0.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        unsafe { self.0.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        unsafe {
            at.write_bytes(0, layout.size());
            compiler_fence(Ordering::SeqCst);
            self.0.dealloc(at, layout);
        }
    }
}

#[global_allocator]
static MEMORY: Erasing = Erasing(GlobalDlmalloc);

#[link(wasm_import_module = "page")]
unsafe extern "C" {
    /// Fills memory with random bytes; 0 if it did.
    fn random(at: *mut u8, length: usize) -> u32;
}

/// The page's source of random numbers, which is the system's.
struct Page;

impl CryptoRng for Page {}

impl RngCore for Page {
    fn next_u32(&mut self) -> u32 {
        let mut bytes = [0; 4];
        self.fill_bytes(&mut bytes);
        u32::from_le_bytes(bytes)
    }

    fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.fill_bytes(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        if self.try_fill_bytes(bytes).is_err() {
            // There is nothing else to do without random numbers.
            core::arch::wasm32::unreachable();
        }
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> core::result::Result<(), Error> {
        // SAFETY: the page writes exactly these bytes.
        match unsafe { random(bytes.as_mut_ptr(), bytes.len()) } {
            0 => Ok(()),
            _ => Err(core::num::NonZeroU32::MIN.into()),
        }
    }
}

struct Instance {
    calls: RefCell<Option<Calls<Page>>>,
    output: RefCell<Vec<u8>>,
}

// SAFETY: there is one thread.
unsafe impl Sync for Instance {}

static INSTANCE: Instance =
    Instance { calls: RefCell::new(None), output: RefCell::new(Vec::new()) };

/// Room for so many bytes, to be filled and given away with a call; 0 if there is none.
#[unsafe(no_mangle)]
extern "C" fn room(length: usize) -> *mut u8 {
    let mut bytes = Vec::<u8>::new();
    if length == 0 || bytes.try_reserve_exact(length).is_err() {
        return core::ptr::null_mut();
    }
    bytes.leak().as_mut_ptr()
}

/// Gives room back that no call took.
#[unsafe(no_mangle)]
extern "C" fn give_back(at: *mut u8, length: usize) {
    drop(taken(at, length));
}

/// The bytes in room that was filled.
fn taken(at: *mut u8, length: usize) -> Vec<u8> {
    if at.is_null() || length == 0 {
        return Vec::new();
    }
    // SAFETY: the room is of exactly this length, and nobody else has it any more.
    unsafe { Vec::from_raw_parts(at, length, length) }
}

/// Where the output stands.
#[unsafe(no_mangle)]
extern "C" fn output() -> *const u8 {
    INSTANCE.output.borrow().as_ptr()
}

/// How many bytes it has.
#[unsafe(no_mangle)]
extern "C" fn output_length() -> usize {
    INSTANCE.output.borrow().len()
}

/// Erases the output.
#[unsafe(no_mangle)]
extern "C" fn done() {
    INSTANCE.output.replace(Vec::new());
}

/// 0 if the call gave what stands in the output, 1 if that says why not.
fn call(
    (object, text, bytes): (u32, Vec<u8>, Vec<u8>),
    call: fn(&mut Calls<Page>, u32, Taken) -> Result<Given>,
) -> u32 {
    let given = String::from_utf8(text).map_err(|error| Fault::text("a text", error));
    let given = given.and_then(|text| {
        let mut calls = INSTANCE.calls.borrow_mut();
        call(calls.get_or_insert_with(|| Calls::new(Page)), object, Taken { text, bytes })
    });
    let (code, given) = match given {
        Ok(given) => (0, given),
        Err(fault) => (1, Given::Json(fault.json())),
    };
    let output = match given {
        Given::Bytes(bytes) => bytes,
        // Only maps with keys that are no text could not be written.
        Given::Json(json) => serde_json::to_vec(&json).unwrap_or_default(),
    };
    INSTANCE.output.replace(output);
    code
}

macro_rules! exports {
    ($($name:ident)*) => {$(
        #[unsafe(no_mangle)]
        extern "C" fn $name(object: u32, text: *mut u8, length: usize, bytes: *mut u8, count: usize) -> u32 {
            call((object, taken(text, length), taken(bytes, count)), Calls::$name)
        }
    )*};
}

exports! {
    version free new_credential voter_key open_manifest open_bundle form register check encrypt cast spoil request open_spoiled
    check_receipt check_receipt_inclusion check_opening check_ballot check_checkpoint check_inclusion check_consistency
    check_published to_text from_text describe
}

#[cfg(feature = "audit")]
exports! { audit audit_add audit_advance audit_report }

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
