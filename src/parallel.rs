//! Work in chunks: on all cores with the `parallel` feature, else one after the other.

use alloc::vec::Vec;

/// Chunks are not made smaller than this for the sake of keeping all cores equally busy.
#[cfg(feature = "parallel")]
const LEAST: usize = 64;

/// Items in a chunk that is handled item by item.
const ITEMS: usize = 256;

/// Calls `work` with each chunk of at most `size` items, and returns what it gives in the order of the items.
pub(crate) fn each<T: Sync, R: Send>(
    items: &[T],
    size: usize,
    work: impl Fn(&[T]) -> Vec<R> + Sync,
) -> Vec<R> {
    if items.is_empty() {
        return Vec::new();
    }
    let mut results = Vec::with_capacity(items.len());
    let count = count(items.len(), size);
    let chunks = items.chunks(items.len().div_ceil(count));
    #[cfg(feature = "parallel")]
    if count > 1 {
        use rayon::prelude::*;
        let chunks: Vec<&[T]> = chunks.collect();
        let parts: Vec<Vec<R>> = chunks.par_iter().map(|chunk| work(chunk)).collect();
        parts.into_iter().for_each(|part| results.extend(part));
        return results;
    }
    for chunk in chunks {
        results.extend(work(chunk));
    }
    results
}

/// What `work` gives for each item, in their order.
pub(crate) fn each_item<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    each(items, ITEMS, |chunk| chunk.iter().map(&work).collect())
}

/// Calls `work` with each item and its `width` places in `out`, which is taken up by all items one after the other.
///
/// Results go where they stay, so that secret ones leave no copy behind.
pub(crate) fn fill<T: Sync, R: Send>(
    items: &[T],
    out: &mut [R],
    width: usize,
    work: impl Fn(&T, &mut [R]) + Sync,
) {
    #[cfg(feature = "parallel")]
    {
        use rayon::prelude::*;
        let items = items.par_iter().with_min_len(LEAST);
        items.zip(out.par_chunks_mut(width.max(1))).for_each(|(item, out)| work(item, out));
    }
    #[cfg(not(feature = "parallel"))]
    for (item, out) in items.iter().zip(out.chunks_mut(width.max(1))) {
        work(item, out);
    }
}

/// How many chunks: as few as `size` allows, but the same number for every core if they do not get small by it.
fn count(items: usize, size: usize) -> usize {
    let count = items.div_ceil(size.max(1));
    #[cfg(feature = "parallel")]
    let count = {
        let even = count.next_multiple_of(rayon::current_num_threads().max(1));
        even.min(items / LEAST).max(count)
    };
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_keep_the_order_and_no_chunk_is_too_large() {
        for items in [0, 1, 63, 64, 129, 1000] {
            let items: Vec<usize> = (0..items).collect();
            for size in [0, 1, 7, 100, 5000] {
                let work = |chunk: &[usize]| {
                    assert!(!chunk.is_empty() && chunk.len() <= size.max(1));
                    chunk.to_vec()
                };
                assert_eq!(each(&items, size, work), items);
            }
        }
    }

    #[test]
    fn every_item_fills_its_own_places() {
        for count in [0, 1, 63, 64, 1000] {
            let items: Vec<usize> = (0..count).collect();
            let mut out = alloc::vec![0; 3 * count];
            fill(&items, &mut out, 3, |item, out| out.fill(*item));
            assert!(out.iter().enumerate().all(|(place, item)| place / 3 == *item));
        }
    }

    #[test]
    #[cfg(feature = "parallel")]
    fn every_core_gets_as_many_chunks_unless_they_get_small() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(4).build().unwrap();
        let count = |items, size| pool.install(|| count(items, size));
        assert_eq!([count(4096, 1000), count(4096, 999)], [8, 8]);
        assert_eq!([count(1024, 5000), count(128, 5000), count(63, 5000)], [4, 2, 1]);
        assert_eq!([count(63, 20), count(1, 5000)], [4, 1]);
    }
}
