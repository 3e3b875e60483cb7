// Writes contracts/BulletinBoard.json from what forge built: the ABI, the selectors, and the bytes that make the contract.
// With `--check` it compares instead, and also the selectors that the Rust programs have.
import { readFileSync, writeFileSync } from "node:fs";

const built = JSON.parse(readFileSync("target/forge/BulletinBoard.sol/BulletinBoard.json", "utf8"));
const { abi, methodIdentifiers: selectors, bytecode } = built;
const artifact = JSON.stringify({ abi, selectors, bytecode: bytecode.object }, null, 1) + "\n";
const path = "contracts/BulletinBoard.json";

if (process.argv[2] !== "--check") {
    writeFileSync(path, artifact);
    process.exit(0);
}

const wrong = [];
if (readFileSync(path, "utf8") !== artifact) wrong.push(`${path} is not what the compiler makes: npm run artifact`);

const selector = (name) => Object.entries(selectors).find(([signature]) => signature.startsWith(`${name}(`))[1];
const views = readFileSync("../../cli/src/ethereum/contract.rs", "utf8");
for (const [name, constant] of [["manifestHash", "MANIFEST_HASH"], ["operator", "OPERATOR"], ["resultHash", "RESULT_HASH"],
                                ["last", "LAST"], ["heads", "HEADS"]]) {
    const line = `const ${constant}: &str = "0x${selector(name)}";`;
    if (!views.includes(line)) wrong.push(`cli/src/ethereum/contract.rs has no line ${line}`);
}
const publisher = readFileSync("src/publish.rs", "utf8");
for (const name of ["append", "close"]) {
    const bytes = selector(name).match(/../g).map((byte) => `0x${byte}`).join(", ");
    const line = `const ${name.toUpperCase()}: [u8; 4] = [${bytes}];`;
    if (!publisher.includes(line)) wrong.push(`src/publish.rs has no line ${line}`);
}
wrong.forEach((line) => console.error(line));
process.exit(wrong.length === 0 ? 0 : 1);
