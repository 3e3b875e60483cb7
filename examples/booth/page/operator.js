// The operator's page: turnout as it comes in, what is refused and why, what the board waits for, and the operator's commands. The token
// stays in memory. Voters' keys are in none of this.

import { Refused, Server } from "./api.js";
import { App } from "./app.js";
import { bars } from "./results.js";
import { button, el, fresh, svg } from "./dom.js";
import * as show from "./show.js";
import { remembered } from "./storage.js";
import { load } from "./voter/index.js";
import { fetchChecked } from "./files.js";

const EVERY = 5_000;

const app = new App();
app.token = null;
app.said = null;

/** The token, as it was printed when the server started. */
function signIn(app) {
  const t = app.texts;
  const id = fresh("token");
  const trouble = el("div", {});
  const input = el("input", { id, type: "password", class: "code", dir: "ltr", autocomplete: "off", data: { field: "token" } });
  const go = async () => {
    try {
      await app.server.operator(input.value.trim());
      app.token = input.value.trim();
      await refresh();
      app.show(operate);
    } catch (error) {
      trouble.replaceChildren(show.problem(t, error));
      input.focus();
    }
  };
  return [
    el("h1", {}, t.t("op.title")),
    el("form", { class: "tablet", onsubmit: (event) => { event.preventDefault(); go(); } },
      el("label", { class: "field", htmlFor: id }, t.t("op.token")), input,
      el("p", { class: "hint" }, t.t("op.tokenHint")), trouble,
      el("div", { class: "buttons" }, el("button", { class: "main" }, t.t("op.enter")))),
  ];
}

async function refresh() {
  const [turnout, operator] = await Promise.all([app.server.turnout(), app.server.operator(app.token)]);
  Object.assign(app, { turnout, operator, away: false });
}

function operate(app) {
  const t = app.texts;
  app.main.className = "wide";
  const { status } = app.operator;
  const { turnout } = app;
  const name = (list, id) => app.text(list?.find((one) => one.id === id)?.name ?? id);
  const manifest = app.election?.manifest;
  const districts = turnout.districts.map((one) => ({ id: one.id, name: name(manifest?.districts, one.id), value: one.ballots, text: t.t("ofMany", { n: one.ballots, all: one.voters }) }));
  const stations = turnout.stations.map((one) => ({ id: one.id, name: name(manifest?.stations, one.id), value: one.ballots }));
  const columns = (first) => ({ columns: [t.t(first), t.t("ballots")] });
  return [
    el("h1", {}, t.t("op.title")),
    app.away && el("p", { class: "note warn", role: "status" }, t.t("error.unreachable")),
    app.said && el("p", { class: `note ${app.said.state}`, role: "status", data: { said: app.said.state } }, el("bdi", { lang: "en" }, app.said.text)),
    el("dl", { class: "figures" },
      figure(t.t("op.phase"), t.t(`phase.${status.phase}`), "phase"),
      figure(t.t("ballots"), t.n(turnout.ballots), "ballots"),
      figure(t.t("op.turnout"), turnout.voters > 0 ? t.percent(turnout.ballots / turnout.voters) : "–"),
      figure(t.t("op.challenges"), t.n(turnout.spoiled)),
      figure(t.t("entries"), t.n(status.entries))),
    el("section", { class: "sheet" },
      el("h2", {}, t.t("op.waits")),
      status.waits.length > 0 ? el("ul", { data: { waits: "" } }, status.waits.map((wait) => el("li", {}, el("bdi", { lang: "en" }, wait)))) : el("p", {}, t.t("op.waitsNothing")),
      app.operator.commands.length > 0 && el("div", { class: "buttons" }, app.operator.commands.filter((command) => t.has(`command.${command}`)).map((command) => commandButton(command)))),
    el("section", { class: "sheet" },
      el("h2", {}, t.t("turnoutTitle")),
      turnout.history.length > 1 && history(turnout.history, t),
      districts.length > 0 && bars(t.t("op.byDistrict"), districts, t, columns("district")),
      stations.length > 0 && bars(t.t("op.byStation"), [...stations, { id: "remote", name: t.t("op.remote"), value: turnout.remote }], t, columns("op.station"))),
    el("section", { class: "sheet" },
      el("h2", {}, t.t("op.refused")),
      app.operator.refusals.length > 0
        ? el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": t.t("op.refused") }, el("table", { data: { refusals: "" } },
            el("thead", {}, el("tr", {}, ["op.reason", "op.times", "op.last", "op.when"].map((key) => el("th", { scope: "col" }, t.t(key))))),
            el("tbody", {}, app.operator.refusals.map((one) => el("tr", { data: { reason: one.reason } },
              el("th", { scope: "row" }, t.has(`reason.${one.reason}`) ? t.t(`reason.${one.reason}`) : one.reason),
              el("td", { class: "number" }, t.n(one.count)),
              el("td", {}, el("bdi", { lang: "en" }, one.last)),
              el("td", {}, t.time(new Date(one.time * 1000))))))))
        : el("p", {}, t.t("op.refusedNothing"))),
    el("section", { class: "sheet" }, el("h2", {}, t.t("op.board")), el("p", {}, t.t("op.compareRoot", { n: status.entries })), show.hash(status.root)),
  ];
}

const figure = (title, value, data) => el("div", data ? { data: { figure: data } } : {}, el("dt", {}, title), el("dd", {}, value));

function commandButton(command) {
  const t = app.texts;
  return button(t.t(`command.${command}`), () => app.ask(t.t(`command.${command}Text`), t.t(`command.${command}`), async () => {
    app.said = { state: "", text: "…" };
    app.draw();
    try {
      const { done } = await app.server.command(app.token, command);
      app.said = { state: "good", text: done };
    } catch (error) {
      app.said = { state: "bad", text: error.message };
    }
    await refresh().catch(() => null);
    app.draw();
  }), { class: "plain", data: { command } });
}

/** Ballots over time, as bars. The same numbers stand in the tables. */
function history(entries, t) {
  const shown = entries.slice(-120);
  const most = Math.max(1, ...shown.map((one) => one.ballots));
  const width = 600 / shown.length;
  const rows = shown.map((one, place) => svg("rect", { x: place * width, y: 100 - (100 * one.ballots) / most, width: Math.max(1, width - 1), height: (100 * one.ballots) / most }));
  const label = t.t("op.history", { n: shown.at(-1).ballots, from: t.time(new Date(shown[0].time * 1000)), to: t.time(new Date(shown.at(-1).time * 1000)) });
  return el("figure", {}, svg("svg", { viewBox: "0 0 600 100", preserveAspectRatio: "none", class: "sparkline", role: "img", "aria-label": label }, ...rows), el("figcaption", { class: "small quiet" }, label));
}

await app.begin(signIn);
const tabella = await load(fetchChecked("voter/tabella_voter.wasm"));
app.server = new Server(new URL(".", location.href));
// Only for names: the operator knows which election this is.
const hash = app.hash ?? remembered("kiosk") ?? (await app.server.status().catch(() => null))?.manifest;
try {
  app.election = tabella.openBundle(await app.server.bundle(), hash);
  app.frame();
} catch {
  // Before the ceremony there is no bundle: ids stand for names.
}
setInterval(async () => {
  if (!app.token || document.querySelector("dialog[open]") || document.hidden) return;
  try {
    await refresh();
  } catch (error) {
    app.away = !(error instanceof Refused);
  }
  const focused = document.activeElement?.dataset?.command;
  if (app.screen === operate) app.draw();
  if (focused) document.querySelector(`[data-command="${focused}"]`)?.focus();
}, EVERY);
document.documentElement.dataset.loaded = "yes";
