// The whole record, counted again in this page.

import { auditRecord } from "../audit.js";
import { button, el } from "../dom.js";
import { results } from "../results.js";
import * as show from "../show.js";

export function verify(app) {
  const t = app.texts;
  app.main.className = "wide";
  const { audit } = app;
  return [
    el("h1", {}, t.t("verifyTitle")),
    el("p", {}, t.t("verifyText")),
    !audit?.running && el("div", { class: "buttons" }, button(t.t(audit ? "verifyAgain" : "verifyNow"), () => run(app), { class: audit ? "plain" : "main", data: { do: "verify" } })),
    audit?.running && progress(app, audit),
    audit?.error && show.problem(t, audit.error),
    audit?.report && report(app, audit.report),
  ];
}

async function run(app) {
  const audit = { running: true, report: null, error: null, now: { step: "fetching", share: 0, n: 0 } };
  app.audit = audit;
  app.draw();
  try {
    audit.report = await auditRecord(app, (now) => {
      audit.now = now;
      audit.tell?.();
    });
  } catch (error) {
    audit.error = error;
  }
  audit.running = false;
  if (app.screen === verify) {
    app.draw();
    app.main.querySelector("[data-verdict], [role=alert]")?.focus?.();
  }
}

function progress(app, audit) {
  const t = app.texts;
  const bar = el("progress", { max: 1, "aria-label": t.t("verifyTitle") });
  const said = el("p", { class: "quiet", role: "status" });
  audit.tell = () => {
    bar.value = audit.now.share;
    const text = t.t(audit.now.step, { n: audit.now.n, all: audit.now.all ?? 0 });
    // A screen reader is told each step once, and not each number.
    if (said.dataset.step !== audit.now.step) said.textContent = t.t(`${audit.now.step}Now`);
    said.dataset.step = audit.now.step;
    count.textContent = text;
  };
  const count = el("p", { class: "small quiet", "aria-hidden": "true" });
  audit.tell();
  return el("section", { class: "sheet" }, bar, said, count);
}

function report(app, report) {
  const t = app.texts;
  const data = JSON.parse(report.json);
  const key = report.verdict.replaceAll(" ", "-");
  const failed = data.checks.filter((check) => check.status === "failed");
  return [
    el("section", { class: "sheet", tabindex: "-1", data: { verdict: report.verdict } },
      el("p", { class: `verdict ${report.accepted ? "good" : "bad"}` }, t.t(`verdict.${key}`)),
      el("p", {}, t.t(`verdict.${key}Text`)),
      el("dl", { class: "figures" },
        figure(t.t("entries"), t.n(data.size)),
        figure(t.t("ballotsCounted"), t.n(data.ballots)),
        figure(t.t("ballotsReplaced"), t.n(data.replaced)),
        figure(t.t("ballotsChallenged"), t.n(data.spoiled))),
      report.known > 0 && el("p", { class: "quiet" }, t.t("comparedSeen")),
      report.chain && el("p", { class: "quiet", data: { chain: report.chain.away ? "away" : report.chain.heads.length } }, chainText(t, report.chain)),
      report.receipt && el("p", { class: "quiet" }, t.t("comparedReceipt")),
      failed.length > 0 && el("ul", {}, data.findings.map((finding) => el("li", {}, el("bdi", { lang: "en" }, `${finding.check} ${finding.name}${finding.entry === null ? "" : `, entry ${finding.entry}`}: ${finding.reason}`)))),
      el("details", {},
        el("summary", {}, t.t("checksOfAudit", { n: data.checks.filter((check) => check.status === "passed").length })),
        el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": t.t("checksTable") }, el("table", {},
          el("thead", {}, el("tr", {}, el("th", { scope: "col" }, t.t("number")), el("th", { scope: "col" }, t.t("check")), el("th", { scope: "col" }, t.t("outcome")))),
          el("tbody", {}, data.checks.map((check) => el("tr", {}, el("td", {}, t.n(check.number)), el("td", { lang: "en", dir: "ltr" }, check.meaning), el("td", {}, t.t(`status.${check.status.replaceAll(" ", "-")}`))))))),
        el("p", {}, t.t("rootIs")), show.hash(data.root)),
      el("div", { class: "buttons" },
        show.save(t.t("saveReport"), "report.html", report.html),
        show.save(t.t("saveJson"), "report.json", report.json))),
    data.result ? results(app, data) : el("p", { class: "note" }, t.t("noResultYet")),
  ];
}

function chainText(t, { away, heads, result }) {
  if (away) return t.t("chainAwayAudit");
  return `${t.t("comparedChain", { n: heads.length })} ${t.t(result ? "chainClosed" : "chainOpen")}`;
}

const figure = (name, value) => el("div", {}, el("dt", {}, name), el("dd", {}, value));
