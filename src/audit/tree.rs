//! The Merkle tree of RFC 9162 §2.1: hashes, growth, roots, proofs and their verification. Pure: where nodes are kept
//! is the caller's business.

use sha2::{Digest, Sha256};

/// A SHA-256.
pub type Hash = [u8; 32];

/// A complete subtree: that over the leaves `index << level` up to `(index + 1) << level`, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Node {
    /// Over 2^level leaves; 0 is a leaf.
    pub level: u32,
    /// Which of its level, from the left, from 0.
    pub index: u64,
}

impl Node {
    /// How many leaves the tree has when this node is completed.
    pub fn completed_at(self) -> u64 {
        (self.index + 1) << self.level
    }
}

/// The hash of a leaf.
pub fn leaf_hash(data: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(data).finalize().into()
}

/// The hash of two subtrees side by side.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The root of the tree without leaves.
pub fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

/// Adds a leaf to a tree of `size` leaves: the hash of the leaf and of each complete subtree that it completes, from
/// level 0 upwards. Reads one node a level that is completed, two on average.
///
/// # Errors
/// Those of `read`.
pub fn append<E>(
    size: u64,
    leaf: Hash,
    mut read: impl FnMut(Node) -> Result<Hash, E>,
) -> Result<Vec<Hash>, E> {
    let (mut made, mut last) = (vec![leaf], leaf);
    for level in 0..size.trailing_ones() {
        last = node_hash(&read(Node { level, index: (size >> level) - 1 })?, &last);
        made.push(last);
    }
    Ok(made)
}

/// The root of the first `size` leaves.
///
/// # Errors
/// Those of `read`.
pub fn root<E>(size: u64, mut read: impl FnMut(Node) -> Result<Hash, E>) -> Result<Hash, E> {
    if size == 0 { Ok(empty_root()) } else { subtree(0, size, &mut read) }
}

/// The proof that the leaf `index` (from 0) is in the tree of `size` leaves: at most one hash a level of the tree.
/// Empty when there is no such leaf.
///
/// # Errors
/// Those of `read`.
pub fn inclusion<E>(
    index: u64,
    size: u64,
    mut read: impl FnMut(Node) -> Result<Hash, E>,
) -> Result<Vec<Hash>, E> {
    let mut proof = Vec::new();
    let (mut from, mut to) = (0, size);
    // PATH of RFC 9162 §2.1.3.1, from the root down.
    while index < size && to - from > 1 {
        let middle = from + split(to - from);
        if index < middle {
            proof.push(subtree(middle, to, &mut read)?);
            to = middle;
        } else {
            proof.push(subtree(from, middle, &mut read)?);
            from = middle;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// The proof that the tree of `first` leaves is the beginning of that of `second`. Empty when there is nothing to
/// prove: `first` is 0 or `second`.
///
/// # Errors
/// Those of `read`.
pub fn consistency<E>(
    first: u64,
    second: u64,
    mut read: impl FnMut(Node) -> Result<Hash, E>,
) -> Result<Vec<Hash>, E> {
    let mut proof = Vec::new();
    if first == 0 || first >= second {
        return Ok(proof);
    }
    // SUBPROOF of RFC 9162 §2.1.4.1, from the root down.
    let (mut from, mut to) = (0, second);
    while to != first {
        let middle = from + split(to - from);
        if first <= middle {
            proof.push(subtree(middle, to, &mut read)?);
            to = middle;
        } else {
            proof.push(subtree(from, middle, &mut read)?);
            from = middle;
        }
    }
    // Whoever asks knows the old root itself.
    if from > 0 {
        proof.push(subtree(from, to, &mut read)?);
    }
    proof.reverse();
    Ok(proof)
}

/// Whether `proof` shows that `leaf` is the leaf `index` (from 0) of the tree of `size` leaves with that `root`
/// (RFC 9162 §2.1.3.2).
pub fn verify_inclusion(leaf: Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut at, mut end, mut hash) = (index, size - 1, leaf);
    for step in proof {
        if end == 0 {
            return false;
        }
        if at & 1 == 1 || at == end {
            hash = node_hash(step, &hash);
            climb_past_single_children(&mut at, &mut end);
        } else {
            hash = node_hash(&hash, step);
        }
        at >>= 1;
        end >>= 1;
    }
    end == 0 && hash == *root
}

/// Whether `proof` shows that the tree of `second` leaves begins with that of `first` (RFC 9162 §2.1.4.2).
pub fn verify_consistency(
    (first, first_root): (u64, &Hash),
    (second, second_root): (u64, &Hash),
    proof: &[Hash],
) -> bool {
    if first == 0 || first >= second {
        let told = if first == 0 { *first_root == empty_root() } else { first_root == second_root };
        return first <= second && proof.is_empty() && told;
    }
    let known = first.is_power_of_two().then_some(first_root);
    let mut steps = known.into_iter().chain(proof);
    let Some(start) = steps.next() else { return false };
    let shift = (first - 1).trailing_ones();
    let (mut at, mut end) = ((first - 1) >> shift, (second - 1) >> shift);
    let (mut old, mut new) = (*start, *start);
    for step in steps {
        if end == 0 {
            return false;
        }
        if at & 1 == 1 || at == end {
            old = node_hash(step, &old);
            new = node_hash(step, &new);
            climb_past_single_children(&mut at, &mut end);
        } else {
            new = node_hash(&new, step);
        }
        at >>= 1;
        end >>= 1;
    }
    end == 0 && old == *first_root && new == *second_root
}

/// At the right edge a node without a sibling is its own parent.
fn climb_past_single_children(at: &mut u64, end: &mut u64) {
    while *at & 1 == 0 && *at != 0 {
        *at >>= 1;
        *end >>= 1;
    }
}

/// The largest power of two below `n`; `n` is at least 2.
fn split(n: u64) -> u64 {
    1 << (n - 1).ilog2()
}

/// The hash over the leaves `from..to`, at least one. All that RFC 9162 asks for begin where a subtree begins.
fn subtree<E>(from: u64, to: u64, read: &mut impl FnMut(Node) -> Result<Hash, E>) -> Result<Hash, E> {
    let (mut from, mut complete) = (from, Vec::new());
    while from < to {
        let level = (to - from).ilog2();
        complete.push(read(Node { level, index: from >> level })?);
        from += 1 << level;
    }
    Ok(fold(&complete))
}

/// Joins complete subtrees, the largest first, to the hash over all of them.
fn fold(complete: &[Hash]) -> Hash {
    let joined = complete.iter().rev().copied().reduce(|right, left| node_hash(&left, &right));
    joined.unwrap_or_else(empty_root)
}

/// A tree built anew leaf by leaf, of which only the right edge is held.
#[derive(Debug, Clone, Default)]
pub struct Edge {
    size: u64,
    complete: Vec<Hash>,
}

impl Edge {
    /// Adds a leaf; what [`append`] returns.
    pub fn push(&mut self, leaf: Hash) -> Vec<Hash> {
        let (mut made, mut last) = (vec![leaf], leaf);
        for _ in 0..self.size.trailing_ones() {
            let Some(left) = self.complete.pop() else { break };
            last = node_hash(&left, &last);
            made.push(last);
        }
        self.complete.push(last);
        self.size += 1;
        made
    }

    /// Leaves so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Their root.
    pub fn root(&self) -> Hash {
        fold(&self.complete)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use proptest::prelude::*;

    use super::*;

    /// MTH of RFC 9162 §2.1.1 as it is written there.
    fn mth(leaves: &[Vec<u8>]) -> Hash {
        match leaves {
            [] => empty_root(),
            [one] => leaf_hash(one),
            many => {
                let mut k = 1;
                while k * 2 < many.len() {
                    k *= 2;
                }
                node_hash(&mth(&many[..k]), &mth(&many[k..]))
            }
        }
    }

    /// PATH of §2.1.3.1 as it is written there.
    fn path(m: usize, leaves: &[Vec<u8>]) -> Vec<Hash> {
        if leaves.len() == 1 {
            return Vec::new();
        }
        let k = leaves.len().next_power_of_two() / 2;
        let (mut proof, other) = match m < k {
            true => (path(m, &leaves[..k]), mth(&leaves[k..])),
            false => (path(m - k, &leaves[k..]), mth(&leaves[..k])),
        };
        proof.push(other);
        proof
    }

    /// SUBPROOF of §2.1.4.1 as it is written there.
    fn subproof(m: usize, leaves: &[Vec<u8>], whole: bool) -> Vec<Hash> {
        if m == leaves.len() {
            return if whole { Vec::new() } else { vec![mth(leaves)] };
        }
        let k = leaves.len().next_power_of_two() / 2;
        let (mut proof, other) = match m <= k {
            true => (subproof(m, &leaves[..k], whole), mth(&leaves[k..])),
            false => (subproof(m - k, &leaves[k..], false), mth(&leaves[..k])),
        };
        proof.push(other);
        proof
    }

    /// All that was completed, by size of the tree.
    struct Kept(Vec<Vec<Hash>>);

    impl Kept {
        fn new(leaves: &[Vec<u8>]) -> Self {
            let mut kept = Self(Vec::new());
            for (size, leaf) in leaves.iter().enumerate() {
                let made = append(size as u64, leaf_hash(leaf), |node| kept.read(node)).unwrap();
                kept.0.push(made);
            }
            kept
        }

        fn read(&self, node: Node) -> Result<Hash, Infallible> {
            Ok(self.0[usize::try_from(node.completed_at()).unwrap() - 1][node.level as usize])
        }
    }

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
    }

    fn hash(hex: &str) -> Hash {
        bytes(hex).try_into().unwrap()
    }

    /// The tree that Certificate Transparency implementations test with (google/certificate-transparency,
    /// `merkle_tree_test`).
    const LEAVES: [&str; 8] =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    const ROOTS: [&str; 8] = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    #[test]
    fn the_vectors_of_certificate_transparency_come_out() {
        let leaves: Vec<_> = LEAVES.iter().map(|leaf| bytes(leaf)).collect();
        let kept = Kept::new(&leaves);
        let mut edge = Edge::default();
        assert_eq!(edge.root(), hash("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
        for (size, expected) in (1..).zip(ROOTS) {
            assert_eq!(root(size, |node| kept.read(node)), Ok(hash(expected)));
            edge.push(leaf_hash(&leaves[usize::try_from(size).unwrap() - 1]));
            assert_eq!(edge.root(), hash(expected));
        }
        let first = [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ];
        assert_eq!(inclusion(0, 8, |node| kept.read(node)), Ok(first.map(hash).to_vec()));
        let six_to_eight = [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ];
        assert_eq!(consistency(6, 8, |node| kept.read(node)), Ok(six_to_eight.map(hash).to_vec()));
    }

    #[test]
    fn a_proof_among_ten_million_is_at_most_800_bytes() {
        for size in [10_000_000, 9_999_999, 1 << 23] {
            for index in [0, 1, size / 2, size - 1] {
                let proof = inclusion(index, size, |_| Ok::<_, Infallible>([0; 32])).unwrap();
                assert!(proof.len() * 32 <= 800, "{index} of {size}: {}", proof.len());
            }
        }
    }

    #[test]
    fn every_small_tree_proves_every_leaf_and_every_beginning() {
        let leaves: Vec<Vec<u8>> = (0..40_u8).map(|number| vec![number]).collect();
        let kept = Kept::new(&leaves);
        let read = |node| kept.read(node);
        for size in 0..=leaves.len() {
            let whole = mth(&leaves[..size]);
            for index in 0..size {
                let proof = inclusion(index as u64, size as u64, read).unwrap();
                assert_eq!(proof, path(index, &leaves[..size]));
                let leaf = leaf_hash(&leaves[index]);
                assert!(verify_inclusion(leaf, index as u64, size as u64, &proof, &whole));
            }
            for first in 0..=size {
                let proof = consistency(first as u64, size as u64, read).unwrap();
                let expected = if first == 0 { Vec::new() } else { subproof(first, &leaves[..size], true) };
                assert_eq!(proof, expected, "{first} in {size}");
                let start = mth(&leaves[..first]);
                assert!(verify_consistency((first as u64, &start), (size as u64, &whole), &proof));
                assert!(
                    size == first
                        || !verify_consistency((size as u64, &whole), (first as u64, &start), &proof)
                );
            }
        }
    }

    proptest! {
        /// Trees of any size and content: what is proved verifies, and nothing else does.
        #[test]
        fn proofs_hold_and_changed_ones_do_not(
            leaves in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..6), 1..300),
            pick: (prop::sample::Index, prop::sample::Index, prop::sample::Index), bit in 0..256_usize,
        ) {
            let kept = Kept::new(&leaves);
            let read = |node| kept.read(node);
            let size = leaves.len() as u64;
            let whole = mth(&leaves);
            prop_assert_eq!(root(size, read).unwrap(), whole);
            let index = pick.0.index(leaves.len());
            let leaf = leaf_hash(&leaves[index]);
            let proof = inclusion(index as u64, size, read).unwrap();
            prop_assert!(verify_inclusion(leaf, index as u64, size, &proof, &whole));
            let spoil = |hash: &Hash| {
                let mut other = *hash;
                other[bit / 8] ^= 1 << (bit % 8);
                other
            };
            prop_assert!(!verify_inclusion(spoil(&leaf), index as u64, size, &proof, &whole));
            prop_assert!(!verify_inclusion(leaf, index as u64, size, &proof, &spoil(&whole)));
            prop_assert!(!verify_inclusion(leaf, size, size, &proof, &whole));
            if !proof.is_empty() {
                let mut other = proof.clone();
                let at = pick.1.index(proof.len());
                other[at] = spoil(&other[at]);
                prop_assert!(!verify_inclusion(leaf, index as u64, size, &other, &whole));
                prop_assert!(!verify_inclusion(leaf, index as u64, size, &proof[1..], &whole));
            }
            let first = pick.2.index(leaves.len()) + 1;
            let start = mth(&leaves[..first]);
            let proof = consistency(first as u64, size, read).unwrap();
            let (first, second) = (first as u64, size);
            prop_assert!(verify_consistency((first, &start), (second, &whole), &proof));
            prop_assert!(!verify_consistency((first, &spoil(&start)), (second, &whole), &proof));
            prop_assert!(!verify_consistency((first, &start), (second, &spoil(&whole)), &proof));
        }
    }
}
