// Pictures of every screen, in each language, on a telephone and on a desk, light and dark, to be looked at.
//
//     node pictures.mjs FOLDER

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Booth } from "./booth.mjs";
import { choices } from "./choices.mjs";
import { everybody } from "../demo/election.mjs";
import * as voter from "./voter.mjs";

const folder = process.argv[2];
if (!folder) {
  console.error("node pictures.mjs FOLDER");
  process.exit(2);
}
await mkdir(folder, { recursive: true });

const PHONE = { width: 390, height: 844, hasTouch: true, deviceScaleFactor: 2 };
const DESK = { width: 1280, height: 900 };
const LOOKS = [
  ["en", "phone", "light", "north"], ["en", "desk", "dark", "river"],
  ["ru", "phone", "dark", "hill"], ["ru", "desk", "light", "north"],
  ["ar", "phone", "light", "river"], ["ar", "desk", "dark", "hill"],
];
const device = (language, size, colours) => booth.device({ language, dark: colours === "dark", ...(size === "phone" ? PHONE : DESK) });

const booth = await Booth.open({ north: 4, river: 4, hill: 4 });
const sheets = { north: 0, river: 4, hill: 8 };
for (const [language, size, colours, style] of LOOKS) {
  const shot = (page, name) => page.screenshot({ path: join(folder, `${language}-${size}-${colours}-${name}.png`), fullPage: true });
  const sheet = booth.election.voters[(sheets[style] += 1) - 1];
  const page = await device(language, size, colours);
  await page.goto(booth.url);
  await page.waitForSelector("html[data-loaded]");
  await shot(page, "00-hash");
  await voter.open(page, booth.url, { hash: booth.election.hash, credential: sheet.credential });
  await shot(page, "01-welcome");
  await voter.enter(page);
  let place = 1;
  await voter.fill(page, choices(style, place), (_, id) => shot(page, `02-${(place += 1)}-${id}`));
  await shot(page, "20-review");
  const tracker = await voter.encrypt(page);
  await shot(page, "21-decide");
  await voter.challenge(page);
  await shot(page, "22-challenged");
  const second = await device(language, size, colours);
  await voter.open(second, booth.url, { hash: booth.election.hash, tracker });
  await voter.check(second, tracker, sheet.key);
  await second.click("[data-do=same]");
  await shot(second, "23-second");
  await second.context().close();
  await page.click("[data-do=anew]");
  const again = await voter.encrypt(page);
  await voter.cast(page);
  await shot(page, "24-done");
  await booth.checkpoint();
  await page.click("[data-place=placeFind]");
  await voter.check(page, again, sheet.key);
  await shot(page, "25-find");
  await page.context().close();
  const station = await device(language, size, colours);
  await voter.open(station, booth.url, { hash: booth.election.hash, query: `?kiosk=${style}-1` });
  await shot(station, "30-station");
  await station.context().close();
}

const operator = async (language, size, colours) => {
  const page = await device(language, size, colours);
  await page.goto(`${booth.url}operator.html?lang=${language}`);
  await page.waitForSelector("html[data-loaded]");
  await page.fill("[data-field=token]", booth.token);
  await page.click("main button.main");
  await page.waitForSelector("[data-figure]");
  await page.screenshot({ path: join(folder, `${language}-${size}-${colours}-40-operator.png`), fullPage: true });
  await page.context().close();
};
await fetch(`${booth.url}api/messages`, { method: "POST", headers: { "content-type": "application/octet-stream" }, body: new Uint8Array([7]) });
for (const [language, size, colours] of LOOKS) await operator(language, size, colours);

const send = (text) => booth.api("api/messages", { method: "POST", headers: { "content-type": "text/plain" }, body: text });
await booth.command("freeze");
const { root } = await booth.api("api/status");
await everybody(booth.election, { send, root });
await booth.command("tally");
await everybody(booth.election, { send });
await everybody(booth.election, { send });
await booth.command("publish");
await booth.checkpoint();
for (const [language, size, colours] of LOOKS) {
  const page = await device(language, size, colours);
  await voter.open(page, booth.url, { hash: booth.election.hash });
  await voter.verify(page);
  await page.screenshot({ path: join(folder, `${language}-${size}-${colours}-50-result.png`), fullPage: true });
  await page.context().close();
}
await booth.close();
