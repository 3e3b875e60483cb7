// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {BulletinBoard} from "../contracts/BulletinBoard.sol";
import {Tree} from "./Tree.sol";

/// The part of forge that these tests use.
interface Vm {
    function assume(bool holds) external pure;
    function expectEmit() external;
    function expectRevert(bytes calldata reason) external;
    function prank(address sender) external;
    function readFileBinary(string calldata path) external view returns (bytes memory);
}

contract BulletinBoardTest is Tree {
    Vm private constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    address private constant OPERATOR = address(0x0badc0de);
    bytes32 private constant MANIFEST = bytes32(uint256(1));
    bytes32 private constant RESULT = bytes32(uint256(2));
    bytes32[] private none;

    // ---- Proofs that the library made, for all pairs of sizes up to 64.

    /// `tabella-ethereum proofs` writes them: roots, then consistency proofs, then inclusion proofs, each after its length.
    string private constant PROOFS = "target/proofs.bin";
    uint64 private constant MOST = 64;

    function testAllProofsOfTheLibrary() external {
        uint256 place = (MOST + 1) * 32;
        // Each in a call of its own, whose memory is free again behind it.
        for (uint64 old = 1; old <= MOST; old++) {
            place = this.consistencyFrom(old, place);
        }
        for (uint64 size = 1; size <= MOST; size++) {
            place = this.inclusionIn(size, place);
        }
        check(place == VM.readFileBinary(PROOFS).length, "there are more proofs");
    }

    function consistencyFrom(uint64 old, uint256 place) external returns (uint256) {
        bytes memory proofs = VM.readFileBinary(PROOFS);
        check(_word(proofs, old * 32) == mth(0, old), "the library's root is another");
        bytes32[] memory proof;
        for (uint64 size = old + 1; size <= MOST; size++) {
            (proof, place) = _proof(proofs, place);
            check(same(proof, consistency(old, size)), "the library's consistency proof is another");
            BulletinBoard board = _board(old);
            bytes32 root = mth(0, size);
            _everyHashMatters(board, size, root, proof);
            _append(board, size, proof);
            check(board.isTaken(size, root), "it was not taken");
        }
        return place;
    }

    /// A proof with a bit of any hash changed, or without it, is refused.
    function _everyHashMatters(BulletinBoard board, uint64 size, bytes32 root, bytes32[] memory proof) private {
        for (uint256 i = 0; i < proof.length; i++) {
            _refused(board, size, root, without(proof, i));
            proof[i] ^= bytes32(1 << (uint256(keccak256(abi.encode(size, i))) % 256));
            _refused(board, size, root, proof);
            proof[i] ^= bytes32(1 << (uint256(keccak256(abi.encode(size, i))) % 256));
        }
    }

    function inclusionIn(uint64 size, uint256 place) external returns (uint256) {
        bytes memory proofs = VM.readFileBinary(PROOFS);
        BulletinBoard board = _board(size);
        bytes32[] memory proof;
        for (uint64 index = 0; index < size; index++) {
            (proof, place) = _proof(proofs, place);
            check(same(proof, inclusion(index, size)), "the library's inclusion proof is another");
            board.verifyInclusion(leafHash(index), index, size, proof);
        }
        return place;
    }

    function _word(bytes memory proofs, uint256 place) private pure returns (bytes32 word) {
        assembly ("memory-safe") {
            word := mload(add(add(proofs, 32), place))
        }
    }

    function _proof(bytes memory proofs, uint256 place) private pure returns (bytes32[] memory proof, uint256 next) {
        proof = new bytes32[](uint8(proofs[place]));
        next = place + 1;
        for (uint256 i = 0; i < proof.length; i++) {
            proof[i] = _word(proofs, next);
            next += 32;
        }
    }

    // ---- Any sizes up to 300.

    function testFuzz_ABoardThatGrowsIsTaken(uint64 a, uint64 b, uint64 c) external {
        (uint64 old, uint64 size) = _sizes(a, b);
        BulletinBoard board = _board(old);
        bytes32 expected = mth(0, size);
        VM.expectEmit();
        emit BulletinBoard.Appended(size, expected);
        _append(board, size, consistency(old, size));
        uint64 larger = size + 1 + c % 100;
        _append(board, larger, consistency(size, larger));
        (uint256 count, uint64 last, bytes32 root) = board.last();
        check(count == 3 && last == larger && root == mth(0, larger), "last");
        (uint64[] memory ofSize, bytes32[] memory ofRoot) = board.heads(1);
        check(ofSize.length == 2 && ofSize[0] == size && ofRoot[0] == mth(0, size), "heads");
        check(ofSize[1] == larger && ofRoot[1] == root, "heads");
        (ofSize,) = board.heads(3);
        check(ofSize.length == 0, "no more heads");
        (ofSize,) = board.heads(type(uint256).max);
        check(ofSize.length == 0, "no more heads");
        check(!board.isTaken(size, root) && !board.isTaken(larger + 1, 0), "heads that were not taken");
    }

    function testFuzz_ARewrittenBoardIsRefused(uint64 a, uint64 b, uint64 c, uint8 way) external {
        (uint64 old, uint64 size) = _sizes(a, b);
        BulletinBoard board = _board(old);
        // The proof is that of the forged board, so only what the contract remembers stands against it.
        uint64 entry = c % old;
        if (way % 3 == 0) change(entry);
        else if (way % 3 == 1) swap(entry, (entry + 1) % (old + 1));
        else drop(entry);
        _refused(board, size, mth(0, size), consistency(old, size));
        // Nor does the honest proof help.
        bytes32 forged = mth(0, size);
        restore();
        _refused(board, size, forged, consistency(old, size));
    }

    function testFuzz_EveryMutationOfAProofIsRefused(uint64 a, uint64 b, uint256 c, uint256 bit) external {
        (uint64 old, uint64 size) = _sizes(a, b);
        BulletinBoard board = _board(old);
        bytes32 root = mth(0, size);
        bytes32[] memory proof = consistency(old, size);
        uint256 place = c % proof.length;
        // A hash changed, dropped, added, swapped.
        proof[place] ^= bytes32(1 << (bit % 256));
        _refused(board, size, root, proof);
        proof = consistency(old, size);
        _refused(board, size, root, without(proof, place));
        _refused(board, size, root, with(proof, c % (proof.length + 1), keccak256(abi.encode(bit))));
        _refused(board, size, root, with(proof, place, proof[place]));
        if (proof.length > 1) {
            uint256 other = (place + 1 + (bit % (proof.length - 1))) % proof.length;
            (proof[place], proof[other]) = (proof[other], proof[place]);
            _refused(board, size, root, proof);
        }
        // Another root.
        _refused(board, size, root ^ bytes32(1 << (bit % 256)), consistency(old, size));
        _refused(board, size, 0, consistency(old, size));
        check(!board.isTaken(size, root), "nothing was taken");
        _append(board, size, consistency(old, size));
    }

    /// A root does not say how many entries it covers: two sizes whose proofs have the same shape cannot be told apart by hashes.
    function testFuzz_AnotherSizeIsRefusedUnlessItsProofsLookTheSame(uint64 a, uint64 b, uint64 c) external {
        (uint64 old, uint64 size) = _sizes(a, b);
        uint64 other = old + 1 + c % 400;
        VM.assume(other != size);
        BulletinBoard board = _board(old);
        bool taken = _try(board, other, mth(0, size), consistency(old, size));
        check(taken == (keccak256(shape(old, other)) == keccak256(shape(old, size))), "a size that no proof fits");
    }

    function testFuzz_NoSmallerAndNoEqualSize(uint64 a, uint64 b, bytes32 root) external {
        (uint64 small, uint64 size) = _sizes(a, b);
        BulletinBoard board = _board(size);
        (bytes32 right, bytes32 earlier, bytes32[] memory proof) = (mth(0, size), mth(0, small), consistency(small, size));
        VM.expectRevert(abi.encodeWithSelector(BulletinBoard.NotLarger.selector, size, small));
        VM.prank(OPERATOR);
        board.append(small, earlier, proof);
        for (uint256 i = 0; i < 2; i++) {
            VM.expectRevert(abi.encodeWithSelector(BulletinBoard.NotLarger.selector, size, size));
            VM.prank(OPERATOR);
            board.append(size, i == 0 ? root : right, none);
        }
        VM.expectRevert(abi.encodeWithSelector(BulletinBoard.NotLarger.selector, size, 0));
        VM.prank(OPERATOR);
        board.append(0, root, none);
    }

    function testFuzz_NobodyElseSends(address sender, uint64 a, uint64 b) external {
        VM.assume(sender != OPERATOR);
        (uint64 old, uint64 size) = _sizes(a, b);
        BulletinBoard board = _board(old);
        (bytes32 root, bytes32[] memory proof) = (mth(0, size), consistency(old, size));
        VM.expectRevert(abi.encodeWithSelector(BulletinBoard.NotOperator.selector, sender));
        VM.prank(sender);
        board.append(size, root, proof);
        VM.expectRevert(abi.encodeWithSelector(BulletinBoard.NotOperator.selector, sender));
        VM.prank(sender);
        board.close(size, root, proof, RESULT);
    }

    // ---- The close.

    function testFuzz_NothingFollowsTheClose(uint64 a, uint64 b, bool taken) external {
        (uint64 old, uint64 size) = _sizes(a, b);
        BulletinBoard board = _board(old);
        bytes32[] memory proof = consistency(old, size);
        if (taken) {
            _append(board, size, proof);
            proof = none;
        }
        bytes32 root = mth(0, size);
        if (!taken) {
            VM.expectEmit();
            emit BulletinBoard.Appended(size, root);
        }
        VM.expectEmit();
        emit BulletinBoard.Closed(size, root, RESULT);
        VM.prank(OPERATOR);
        board.close(size, root, proof, RESULT);
        check(board.resultHash() == RESULT && board.isTaken(size, root), "it is not closed");
        bytes memory reason = abi.encodeWithSelector(BulletinBoard.AlreadyClosed.selector);
        proof = consistency(size, size + 1);
        root = mth(0, size + 1);
        VM.expectRevert(reason);
        VM.prank(OPERATOR);
        board.append(size + 1, root, proof);
        VM.expectRevert(reason);
        VM.prank(OPERATOR);
        board.close(size + 1, root, proof, RESULT);
        root = mth(0, size);
        VM.expectRevert(reason);
        VM.prank(OPERATOR);
        board.close(size, root, none, RESULT);
    }

    function testFuzz_AFalseCloseIsRefused(uint64 a, uint64 b, bytes32 root) external {
        (uint64 old, uint64 size) = _sizes(a, b);
        bytes32 right = mth(0, size);
        VM.assume(root != right);
        BulletinBoard board = _board(size);
        _notClosed(board, size, root, none, RESULT);
        _notClosed(board, size, right, with(none, 0, right), RESULT);
        _notClosed(board, size, right, none, 0);
        _notClosed(board, old, mth(0, old), none, RESULT);
        _notClosed(board, old, mth(0, old), consistency(old, size), RESULT);
        _notClosed(board, size + 1, root, consistency(size, size + 1), RESULT);
        _notClosed(board, 0, 0, none, RESULT);
    }

    function testAnEmptyBoardIsNotClosed() external {
        BulletinBoard board = new BulletinBoard(MANIFEST, OPERATOR);
        _notClosed(board, 0, 0, none, RESULT);
        _notClosed(board, 0, sha256(""), none, RESULT);
    }

    // ---- Inclusion.

    function testFuzz_EveryMutationOfAnInclusionProofIsRefused(uint64 a, uint64 b, uint256 c, uint256 bit) external {
        (uint64 index, uint64 size) = _sizes(a, b);
        BulletinBoard board = _board(size);
        bytes32[] memory proof = inclusion(index, size);
        board.verifyInclusion(board.leafHash(entry(index)), index, size, proof);
        bytes32 leaf = leafHash(index);
        _notIncluded(board, leaf ^ bytes32(1 << (bit % 256)), index, size, proof);
        _notIncluded(board, leaf, uint64(c % index), size, proof);
        _notIncluded(board, leafHash(c % index), index, size, proof);
        uint256 place = c % proof.length;
        _notIncluded(board, leaf, index, size, without(proof, place));
        _notIncluded(board, leaf, index, size, with(proof, place, proof[place]));
        _notIncluded(board, leaf, index, size, with(proof, proof.length, leaf));
        proof[place] ^= bytes32(1 << (bit % 256));
        _notIncluded(board, leaf, index, size, proof);
        proof = inclusion(index, size);
        VM.expectRevert(abi.encodeWithSelector(BulletinBoard.UnknownSize.selector, size + 1));
        board.verifyInclusion(leaf, index, size + 1, proof);
        VM.expectRevert(abi.encodeWithSelector(BulletinBoard.NoSuchEntry.selector, size, size));
        board.verifyInclusion(leaf, size, size, proof);
        // The root itself is no entry.
        _notIncluded(board, mth(0, size), 0, size, none);
    }

    // ---- What the contract is made with, and errors by name.

    function testItIsMadeForOneElectionAndOneOperator() external {
        VM.expectEmit();
        emit BulletinBoard.Opened(MANIFEST, OPERATOR);
        BulletinBoard board = new BulletinBoard(MANIFEST, OPERATOR);
        check(board.manifestHash() == MANIFEST && board.operator() == OPERATOR, "made for another");
        (uint256 count, uint64 size, bytes32 root) = board.last();
        check(count == 0 && size == 0 && root == 0 && board.resultHash() == 0, "not empty");
        VM.expectRevert(abi.encodeWithSelector(BulletinBoard.Missing.selector));
        new BulletinBoard(0, OPERATOR);
        VM.expectRevert(abi.encodeWithSelector(BulletinBoard.Missing.selector));
        new BulletinBoard(MANIFEST, address(0));
    }

    function testErrorsSayWhatIsWrong() external {
        BulletinBoard board = _board(3);
        (bytes32 root, bytes32[] memory proof) = (mth(0, 5), consistency(3, 5));
        VM.expectRevert(abi.encodeWithSelector(BulletinBoard.WrongLength.selector, 0));
        VM.prank(OPERATOR);
        board.append(5, root, none);
        VM.expectRevert(abi.encodeWithSelector(BulletinBoard.WrongRoot.selector, root, MANIFEST));
        VM.prank(OPERATOR);
        board.append(5, MANIFEST, proof);
        change(0);
        (root, proof) = (mth(0, 5), consistency(3, 5));
        bytes32 forged = mth(0, 3);
        restore();
        bytes32 right = mth(0, 3);
        VM.expectRevert(abi.encodeWithSelector(BulletinBoard.WrongOldRoot.selector, forged, right));
        VM.prank(OPERATOR);
        board.append(5, root, proof);
    }

    function testTheLargestSizesHaveABound() external {
        uint64 most = type(uint64).max;
        BulletinBoard board = new BulletinBoard(MANIFEST, OPERATOR);
        VM.prank(OPERATOR);
        board.append(most - 1, MANIFEST, none);
        bytes32[] memory proof = new bytes32[](1_000);
        uint256 gas = gasleft();
        _refused(board, most, RESULT, proof);
        check(gas - gasleft() < 3_000_000, "the loop has no bound");
    }

    function testHeadsComeInPages() external {
        BulletinBoard board = _board(1);
        for (uint64 size = 2; size <= 260; size++) {
            _append(board, size, consistency(size - 1, size));
        }
        (uint64[] memory ofSize,) = board.heads(0);
        check(ofSize.length == 256 && ofSize[255] == 256, "the first page");
        (ofSize,) = board.heads(256);
        check(ofSize.length == 4 && ofSize[3] == 260, "the second page");
    }

    // ---- Help.

    /// 1 <= old < size <= 300.
    function _sizes(uint64 a, uint64 b) private pure returns (uint64 old, uint64 size) {
        size = 2 + b % 299;
        old = 1 + a % (size - 1);
    }

    /// A contract that took the head of this size.
    function _board(uint64 size) private returns (BulletinBoard board) {
        board = new BulletinBoard(MANIFEST, OPERATOR);
        _append(board, size, none);
    }

    function _append(BulletinBoard board, uint64 size, bytes32[] memory proof) private {
        bytes32 root = mth(0, size);
        VM.prank(OPERATOR);
        board.append(size, root, proof);
    }

    function _try(BulletinBoard board, uint64 size, bytes32 root, bytes32[] memory proof) private returns (bool taken) {
        VM.prank(OPERATOR);
        try board.append(size, root, proof) {
            taken = true;
        } catch (bytes memory reason) {
            check(reason.length >= 4 && bytes4(reason) != bytes4(0x4e487b71), "a panic, not an error");
        }
    }

    function _refused(BulletinBoard board, uint64 size, bytes32 root, bytes32[] memory proof) private {
        check(!_try(board, size, root, proof), "a forged head was taken");
    }

    function _notClosed(BulletinBoard board, uint64 size, bytes32 root, bytes32[] memory proof, bytes32 result) private {
        VM.prank(OPERATOR);
        try board.close(size, root, proof, result) {
            revert("a false close was taken");
        } catch {}
        check(board.resultHash() == 0, "it is closed");
    }

    function _notIncluded(BulletinBoard board, bytes32 leaf, uint64 index, uint64 size, bytes32[] memory proof) private view {
        try board.verifyInclusion(leaf, index, size, proof) {
            revert("a false inclusion proof is accepted");
        } catch {}
    }
}
