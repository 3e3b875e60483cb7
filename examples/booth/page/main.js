// The voter's page.

import { App } from "./app.js";
import { scriptURL } from "./audit.js";
import { fetchChecked } from "./files.js";
import { Roll } from "./roll.js";
import { openElection } from "./voting.js";
import { remembered } from "./storage.js";
import { find } from "./screens/find.js";
import { second } from "./screens/second.js";
import { start } from "./screens/start.js";
import { verify } from "./screens/verify.js";
import { opening } from "./screens/welcome.js";
import { load } from "./voter/index.js";

const app = new App();
app.places = [["placeVote", opening], ["placeFind", find], ["placeSecond", second], ["placeVerify", verify]];

const module = load(fetchChecked("voter/tabella_voter.wasm"));
await app.begin(app.isKiosk ? start : opening);
app.tabella = await module;

if (app.isKiosk) {
  app.hash ??= remembered("kiosk");
  // A station must be able to load its page without a network.
  navigator.serviceWorker?.register(scriptURL("installed.js")).catch(() => null);
}
if (app.hash) {
  await openElection(app);
  if (app.isKiosk) app.roll = await Roll.open(app);
  // A link with a tracker is for the second device of a challenge.
  if (app.election && app.given.tracker && !app.isKiosk) app.show(second);
}
document.documentElement.dataset.loaded = "yes";
