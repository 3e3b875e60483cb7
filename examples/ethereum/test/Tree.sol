// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// The definitions of RFC 9162, section 2.1, word for word and without any thought of gas, over the entries 0, 1, 2 and so on, each
/// as eight bytes. A test can forge some of them.
contract Tree {
    uint64[3] private forged = [type(uint64).max, type(uint64).max, type(uint64).max];

    function check(bool holds, string memory otherwise) internal pure {
        require(holds, otherwise);
    }

    // ---- Forged entries.

    function change(uint64 index) internal {
        forged[0] = index;
    }

    function swap(uint64 index, uint64 other) internal {
        (forged[1], forged[2]) = (index, other);
    }

    /// All later entries move up.
    function drop(uint64 index) internal {
        (forged[1], forged[2]) = (index, type(uint64).max);
    }

    function restore() internal {
        forged = [type(uint64).max, type(uint64).max, type(uint64).max];
    }

    function entry(uint256 index) internal view returns (bytes memory) {
        uint256 most = type(uint64).max;
        uint256 shown = index;
        if (forged[1] != most && forged[2] == most) shown = index >= forged[1] ? index + 1 : index;
        else if (index == forged[1]) shown = forged[2];
        else if (index == forged[2]) shown = forged[1];
        return index == forged[0] ? bytes("forged") : abi.encodePacked(uint64(shown));
    }

    // ---- Hashes.

    function leafHash(uint256 index) internal view returns (bytes32) {
        return sha256(abi.encodePacked(bytes1(0x00), entry(index)));
    }

    /// MTH(D[start:end])
    function mth(uint256 start, uint256 end) internal view returns (bytes32) {
        if (end - start == 1) return leafHash(start);
        uint256 middle = start + _split(end - start);
        return sha256(abi.encodePacked(bytes1(0x01), mth(start, middle), mth(middle, end)));
    }

    /// The largest power of two below n.
    function _split(uint256 n) private pure returns (uint256 k) {
        k = 1;
        while (k * 2 < n) k *= 2;
    }

    // ---- Proofs.

    /// PATH(index, D[size])
    function inclusion(uint256 index, uint256 size) internal view returns (bytes32[] memory) {
        return _path(index, 0, size);
    }

    function _path(uint256 m, uint256 start, uint256 end) private view returns (bytes32[] memory proof) {
        if (end - start == 1) return proof;
        uint256 k = _split(end - start);
        if (m < k) return _push(_path(m, start, start + k), mth(start + k, end));
        return _push(_path(m - k, start + k, end), mth(start, start + k));
    }

    /// PROOF(old, D[size])
    function consistency(uint256 old, uint256 size) internal view returns (bytes32[] memory) {
        return _subproof(old, 0, size, true);
    }

    function _subproof(uint256 m, uint256 start, uint256 end, bool b) private view returns (bytes32[] memory proof) {
        if (m == end - start) return b ? proof : _push(proof, mth(start, end));
        uint256 k = _split(end - start);
        if (m <= k) return _push(_subproof(m, start, start + k, b), mth(start + k, end));
        return _push(_subproof(m - k, start + k, end, false), mth(start, start + k));
    }

    /// On which side each hash of that proof stands.
    function shape(uint256 old, uint256 size) internal pure returns (bytes memory) {
        return _shape(old, size, true);
    }

    function _shape(uint256 m, uint256 n, bool b) private pure returns (bytes memory) {
        if (m == n) return b ? bytes("") : bytes("=");
        uint256 k = _split(n);
        if (m <= k) return abi.encodePacked(_shape(m, k, b), "r");
        return abi.encodePacked(_shape(m - k, n - k, false), "l");
    }

    // ---- Lists of hashes.

    function _push(bytes32[] memory hashes, bytes32 hash) private pure returns (bytes32[] memory) {
        return with(hashes, hashes.length, hash);
    }

    function with(bytes32[] memory hashes, uint256 place, bytes32 hash) internal pure returns (bytes32[] memory more) {
        more = new bytes32[](hashes.length + 1);
        for (uint256 i = 0; i < more.length; i++) {
            more[i] = i == place ? hash : hashes[i < place ? i : i - 1];
        }
    }

    function without(bytes32[] memory hashes, uint256 place) internal pure returns (bytes32[] memory fewer) {
        fewer = new bytes32[](hashes.length - 1);
        for (uint256 i = 0; i < fewer.length; i++) {
            fewer[i] = hashes[i < place ? i : i + 1];
        }
    }

    function same(bytes32[] memory a, bytes32[] memory b) internal pure returns (bool) {
        return keccak256(abi.encode(a)) == keccak256(abi.encode(b));
    }
}
