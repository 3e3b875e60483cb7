// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title The heads of one election's board, which nobody can take back.
/// @notice The board is the log of RFC 9162 with SHA-256, which the election's operator keeps elsewhere. A head of it, size and root, is
/// taken only with a proof that the head taken last is its beginning, so a board that was rewritten is refused. The contract knows no
/// votes and judges none: that is for an audit of the record.
/// @dev Nobody owns it: no upgrade, no pause, no other operator, no money. Verifiers revert, so that no caller can overlook an answer.
contract BulletinBoard {
    /// @notice The hash of the election's manifest, which identifies the election.
    bytes32 public immutable manifestHash;
    /// @notice The only sender of heads.
    address public immutable operator;
    /// @notice The root of the board when it had so many entries; zero if that head was not taken.
    mapping(uint64 size => bytes32 root) public rootAt;
    /// @notice SHA-256 of the record's file `result.json`; zero until the close.
    bytes32 public resultHash;
    /// The sizes of all heads, ascending.
    uint64[] private sizes;

    /// The most heads in one answer of `heads`.
    uint256 private constant PAGE = 256;

    /// @notice The contract is made for this election and this operator.
    event Opened(bytes32 indexed manifestHash, address indexed operator);
    /// @notice A head was taken, of which the one before is the beginning.
    event Appended(uint64 indexed size, bytes32 root);
    /// @notice The head taken last is that of the whole board, with the result. Nothing follows.
    event Closed(uint64 indexed size, bytes32 root, bytes32 resultHash);

    /// @notice The contract needs a manifest hash and an operator, a head a root, the close a result.
    error Missing();
    /// @notice Only the operator sends heads.
    error NotOperator(address sender);
    /// @notice Nothing follows the close.
    error AlreadyClosed();
    /// @notice A head must have more entries than the one taken last.
    error NotLarger(uint64 last, uint64 size);
    /// @notice The proof has too few or too many hashes for these sizes.
    error WrongLength(uint256 found);
    /// @notice The proof does not lead to the root of the head taken last: its entries were changed.
    error WrongOldRoot(bytes32 found, bytes32 expected);
    /// @notice The proof does not lead to the root of the new head, or of the head of this size.
    error WrongRoot(bytes32 found, bytes32 expected);
    /// @notice No head of this size was taken.
    error UnknownSize(uint64 size);
    /// @notice A board of this size has no such entry, counted from 0.
    error NoSuchEntry(uint64 index, uint64 size);

    constructor(bytes32 manifest, address sender) {
        if (manifest == 0 || sender == address(0)) revert Missing();
        manifestHash = manifest;
        operator = sender;
        emit Opened(manifest, sender);
    }

    /// @notice Takes a head of the board.
    /// @param size How many entries it has, more than the head taken last.
    /// @param root The root over them.
    /// @param proof The consistency proof from the head taken last (RFC 9162, section 2.1.4.1); empty for the first head.
    function append(uint64 size, bytes32 root, bytes32[] calldata proof) external {
        _onlyOperatorBeforeClose();
        _append(size, root, proof);
    }

    /// @notice Takes the head of the whole board, with the result as its last entry, and nothing afterwards.
    /// @param size How many entries it has. It may be the head taken last; the proof is then empty.
    /// @param root The root over them.
    /// @param proof As for `append`.
    /// @param result SHA-256 of the record's file `result.json`.
    function close(uint64 size, bytes32 root, bytes32[] calldata proof, bytes32 result) external {
        _onlyOperatorBeforeClose();
        if (result == 0) revert Missing();
        if (size == 0 || size != _lastSize() || root != rootAt[size]) {
            _append(size, root, proof);
        } else if (proof.length != 0) {
            revert WrongLength(proof.length);
        }
        resultHash = result;
        emit Closed(size, root, result);
    }

    /// @notice How many heads were taken, and the one taken last; size and root are zero if there is none.
    function last() external view returns (uint256 count, uint64 size, bytes32 root) {
        (count, size) = (sizes.length, _lastSize());
        root = rootAt[size];
    }

    /// @notice The heads from number `from`, counted from 0, in the order in which they were taken: at most 256 of them.
    function heads(uint256 from) external view returns (uint64[] memory ofSize, bytes32[] memory ofRoot) {
        uint256 count = from < sizes.length ? sizes.length - from : 0;
        if (count > PAGE) count = PAGE;
        (ofSize, ofRoot) = (new uint64[](count), new bytes32[](count));
        for (uint256 i = 0; i < count; i++) {
            ofSize[i] = sizes[from + i];
            ofRoot[i] = rootAt[ofSize[i]];
        }
    }

    /// @notice Whether this head was taken.
    function isTaken(uint64 size, bytes32 root) external view returns (bool) {
        return root != 0 && rootAt[size] == root;
    }

    /// @notice The hash of an entry as a leaf of the board.
    function leafHash(bytes calldata entry) external pure returns (bytes32) {
        return sha256(abi.encodePacked(bytes1(0x00), entry));
    }

    /// @notice Reverts unless the entry with this leaf hash stands at `index`, from 0, on the board of `size` entries that was taken.
    /// @param proof The inclusion proof (RFC 9162, section 2.1.3.1), from the leaf up.
    function verifyInclusion(bytes32 leaf, uint64 index, uint64 size, bytes32[] calldata proof) external view {
        bytes32 root = rootAt[size];
        if (root == 0) revert UnknownSize(size);
        if (index >= size) revert NoSuchEntry(index, size);
        // Section 2.1.3.2.
        uint64 fn = index;
        uint64 sn = size - 1;
        for (uint256 i = 0; i < proof.length; i++) {
            if (sn == 0) revert WrongLength(proof.length);
            if (fn & 1 == 1 || fn == sn) {
                leaf = _node(proof[i], leaf);
                while (fn & 1 == 0 && fn != 0) (fn, sn) = (fn >> 1, sn >> 1);
            } else {
                leaf = _node(leaf, proof[i]);
            }
            (fn, sn) = (fn >> 1, sn >> 1);
        }
        if (sn != 0) revert WrongLength(proof.length);
        if (leaf != root) revert WrongRoot(leaf, root);
    }

    function _onlyOperatorBeforeClose() private view {
        if (msg.sender != operator) revert NotOperator(msg.sender);
        if (resultHash != 0) revert AlreadyClosed();
    }

    function _lastSize() private view returns (uint64) {
        return sizes.length == 0 ? 0 : sizes[sizes.length - 1];
    }

    function _append(uint64 size, bytes32 root, bytes32[] calldata proof) private {
        uint64 old = _lastSize();
        if (size <= old) revert NotLarger(old, size);
        if (root == 0) revert Missing();
        if (old != 0) {
            _verifyConsistency(old, rootAt[old], size, root, proof);
        } else if (proof.length != 0) {
            revert WrongLength(proof.length);
        }
        sizes.push(size);
        rootAt[size] = root;
        emit Appended(size, root);
    }

    /// RFC 9162, section 2.1.4.2, for 0 < old < size. Each hash takes a bit off `sn`, so no loop is longer than 64.
    function _verifyConsistency(uint64 old, bytes32 oldRoot, uint64 size, bytes32 root, bytes32[] calldata proof) private pure {
        uint64 fn = old - 1;
        uint64 sn = size - 1;
        while (fn & 1 == 1) (fn, sn) = (fn >> 1, sn >> 1);
        // If the old tree is a whole subtree of the new one, its root is the first hash, and the proof does not repeat it.
        uint256 next = 0;
        bytes32 fr = oldRoot;
        if (fn != 0) {
            if (proof.length == 0) revert WrongLength(0);
            fr = proof[next++];
        }
        bytes32 sr = fr;
        for (; next < proof.length; next++) {
            if (sn == 0) revert WrongLength(proof.length);
            bytes32 hash = proof[next];
            if (fn & 1 == 1 || fn == sn) {
                fr = _node(hash, fr);
                sr = _node(hash, sr);
                while (fn & 1 == 0 && fn != 0) (fn, sn) = (fn >> 1, sn >> 1);
            } else {
                sr = _node(sr, hash);
            }
            (fn, sn) = (fn >> 1, sn >> 1);
        }
        if (sn != 0) revert WrongLength(proof.length);
        if (fr != oldRoot) revert WrongOldRoot(fr, oldRoot);
        if (sr != root) revert WrongRoot(sr, root);
    }

    function _node(bytes32 left, bytes32 right) private pure returns (bytes32) {
        return sha256(abi.encodePacked(bytes1(0x01), left, right));
    }
}
