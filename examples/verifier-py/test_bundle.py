"""Bundles for voters' devices: no byte can be changed, and nothing of another election put in."""

import json
import unittest
from pathlib import Path

from bundle import BundleError, bytes_of_text, read_bundle

VECTORS = Path(__file__).parents[2] / "tests" / "vectors" / "bundle.json"


class Bundles(unittest.TestCase):
    def setUp(self):
        items = json.loads(VECTORS.read_text())["valid"]
        self.bundles = [(bytes.fromhex(item["bytes"]), bytes.fromhex(item["expected"])) for item in items]
        self.texts = [item["text"] for item in items]

    def refused(self, data, expected, what):
        with self.assertRaises(BundleError, msg=what):
            read_bundle(data, expected)

    def test_changed_bytes(self):
        for data, expected in self.bundles:
            bundle = read_bundle(data, expected)
            manifest = len(b"tabella/v1 bundle") + 4
            # All behind the manifest, and some of the manifest, whose hash has no parts.
            places = [*range(manifest), *range(manifest, len(data), 97), *range(len(data) - 1500, len(data))]
            for at in places:
                changed = bytearray(data)
                changed[at] ^= 1 << (at % 8)
                self.refused(bytes(changed), expected, f"byte {at}")
            for end in [0, 10, manifest, len(data) // 2, len(data) - 1]:
                self.refused(data[:end], expected, f"{end} bytes")
            self.refused(data + b"\0", expected, "a byte more")
            self.assertEqual(len(bundle.slot_keys), bundle.manifest.slots)

    def test_another_election(self):
        (one, first), (two, second) = self.bundles
        self.refused(one, second, "another hash")
        self.refused(two, first, "another hash")

    def test_text(self):
        for text, (data, _) in zip(self.texts, self.bundles):
            self.assertEqual(bytes_of_text(f"Dear all,\r\n{text}Yours"), data)
            for wrong in [text[:-20], text.replace("BUNDLE", "BALLOT"), text.replace("\n", "\n*", 1), ""]:
                with self.assertRaises(BundleError):
                    bytes_of_text(wrong)


if __name__ == "__main__":
    unittest.main()
