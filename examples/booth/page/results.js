// The result as tables with bars: what a bar shows stands beside it as a number.

import { el } from "./dom.js";

export function results(app, data) {
  const t = app.texts;
  const { result } = data;
  return [
    el("h2", {}, t.t("result")),
    turnout(result.turnout, app),
    el("div", { class: "results" }, result.contests.map((contest) => one(app, contest))),
  ];
}

/** The manifest's contest, for its names in the page's language. */
function named(app, id) {
  const contest = app.election.manifest.contests.find((one) => one.id === id);
  const options = new Map(contest.options.map((option) => {
    if (typeof option === "string") return [option, option];
    const name = app.text(option.name ?? option.id);
    const detail = app.text(option.detail);
    return [option.id ?? app.texts.of(option.name, app.election.languages.slice(0, 1)), detail ? `${name} (${detail})` : name];
  }));
  const marks = new Map((contest.marks ?? []).map((mark) => (typeof mark === "string" ? [mark, mark] : [mark.id, app.text(mark.name ?? mark.id)])));
  const grades = (contest.grades ?? []).map((grade) => app.text(grade));
  return { contest, title: app.text(contest.title), option: (option) => options.get(option) ?? option, mark: (mark) => marks.get(mark) ?? mark, grades };
}

/** Rows with a bar for each number. */
export function bars(caption, rows, texts, { columns, total } = {}) {
  const most = Math.max(1, ...rows.map((row) => Number(row.value)));
  return el("div", { class: "scroll" }, el("table", {},
    el("caption", {}, caption),
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, columns[0]), el("th", { scope: "col", class: "number" }, columns[1]), total ? el("th", { scope: "col", class: "number" }, texts.t("share")) : null, el("td", {}))),
    el("tbody", {}, rows.map((row) => {
      const meter = el("span", {});
      meter.style.setProperty("--share", `${(100 * Number(row.value)) / most}%`);
      return el("tr", { class: row.elected ? "elected" : "", data: row.id ? { row: row.id } : {} },
        el("th", { scope: "row" }, el("bdi", {}, row.name), row.elected ? ` ✓ ${row.elected}` : ""),
        el("td", { class: "number" }, row.text ?? texts.n(row.value)),
        total ? el("td", { class: "number" }, row.apart ? "" : texts.percent(Number(row.value) / total)) : null,
        el("td", { class: "bar" }, el("span", { class: "meter", "aria-hidden": "true" }, meter)));
    }))));
}

function turnout(turnout, app) {
  const t = app.texts;
  const name = (id, fallback) => app.text(app.election.manifest.districts?.find((district) => district.id === id)?.name ?? fallback);
  const rows = turnout.districts.map((district) => ({ name: name(district.id, district.name), value: district.ballots, text: t.t("ofMany", { n: district.ballots, all: district.on_roll }) }));
  return el("section", { class: "sheet" },
    el("p", {}, t.t("turnoutText", { n: turnout.ballots, all: turnout.on_roll })),
    bars(t.t("turnoutTitle"), rows, t, { columns: [t.t("district"), t.t("ballots")] }));
}

function one(app, contest) {
  const t = app.texts;
  const names = named(app, contest.id);
  const elected = new Set(contest.count?.elected ?? []);
  const parts = [];
  const electedText = (id) => (elected.has(id) ? t.t("elected") : null);
  if (contest.votes) {
    const rows = contest.options.map((id, place) => ({ id, name: names.option(id), value: contest.votes[place], elected: electedText(id) }));
    const total = contest.votes.reduce((sum, votes) => sum + Math.max(0, votes), 0);
    parts.push(bars(t.t("votes"), rows, t, { columns: [t.t("option"), t.t("votes")], total: total || undefined }));
  }
  if (contest.grades) parts.push(gradeTable(contest, names, t));
  if (contest.count?.rounds) parts.push(rounds(contest, names, t, electedText));
  else if (contest.count && !contest.votes && !contest.grades) {
    const scores = contest.count.scores ?? contest.count.candidates.map((_, place) => contest.count.preferences?.[place]?.reduce((sum, one) => sum + one, 0) ?? 0);
    const rows = contest.count.candidates.map((id, place) => ({ id, name: names.option(id), value: Number(scores[place]), elected: electedText(id) }));
    parts.push(bars(t.t(contest.count.scores ? "pointsColumn" : "preferences"), rows, t, { columns: [t.t("option"), t.t("pointsColumn")] }));
  } else if (contest.count && contest.votes) {
    const written = contest.count.candidates.map((id, place) => ({ id, place })).filter(({ id }) => !contest.options.includes(id));
    if (written.length > 0) {
      const rows = written.map(({ id, place }) => ({ id, name: id, value: Number(contest.count.scores?.[place] ?? 0), elected: electedText(id) }));
      parts.push(bars(t.t("writtenInNames"), rows, t, { columns: [t.t("option"), t.t("votes")] }));
    }
  }
  const marks = (contest.marks ?? []).map((count, place) => ({ name: names.mark(contest.mark_ids[place]), value: count }));
  if (contest.not_given !== null && contest.not_given !== undefined) marks.push({ name: t.t("notGiven"), value: contest.not_given });
  if (marks.length > 0) parts.push(el("p", { class: "quiet" }, marks.map((mark) => `${mark.name}: ${t.n(mark.value)}`).join(" · ")));
  if (contest.others?.length > 0) parts.push(others(contest, t));
  if (contest.votes === null && !contest.count && !contest.grades) parts.push(el("p", { class: "note" }, t.t("notOpened", { n: contest.ballots })));
  if (contest.pass) parts.push(el("p", { class: contest.pass.passes ? "note good" : "note" }, t.t(contest.pass.passes ? "passes" : "passesNot")));
  for (const { option, reason } of contest.withdrawn ?? []) parts.push(el("p", { class: "note warn" }, t.t("withdrawn", { name: names.option(option), reason })));
  return el("section", { class: "sheet", data: { result: contest.id } }, el("h3", {}, el("bdi", {}, names.title)), el("p", { class: "quiet small" }, t.t("ballotsHere", { n: contest.ballots })), parts);
}

/** What is summed besides votes, such as votes against; named by the library. */
function others(contest, t) {
  return el("details", {}, el("summary", {}, t.t("others")),
    bars(t.t("others"), contest.others.map(({ of, total }) => ({ name: of, value: total })), t, { columns: [t.t("option"), t.t("total")] }));
}

function gradeTable(contest, names, t) {
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": names.title }, el("table", {},
    el("caption", {}, t.t("grades")),
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, t.t("option")), names.grades.map((grade) => el("th", { scope: "col", class: "number" }, grade)))),
    el("tbody", {}, contest.options.map((id, place) => el("tr", { class: contest.count?.elected.includes(id) ? "elected" : "" },
      el("th", { scope: "row" }, names.option(id)), contest.grades[place].map((count) => el("td", { class: "number" }, t.n(count))))))));
}

/** The totals of each round, as in a protocol of a count. */
function rounds(contest, names, t, electedText) {
  const { candidates, rounds: all } = contest.count;
  const last = all.at(-1);
  const rows = candidates.map((id, place) => ({ id, name: names.option(id), value: Number(all[0].totals[place]), elected: electedText(id) }));
  return [
    bars(t.t("firstRound"), rows, t, { columns: [t.t("option"), t.t("votes")] }),
    last !== all[0] && el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": t.t("rounds") }, el("table", {},
      el("caption", {}, t.t("rounds")),
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, t.t("option")), all.map((_, round) => el("th", { scope: "col", class: "number" }, t.n(round + 1))))),
      el("tbody", {}, candidates.map((id, place) => el("tr", { class: electedText(id) ? "elected" : "" }, el("th", { scope: "row" }, el("bdi", {}, names.option(id))),
        all.map((round) => el("td", { class: "number" }, t.n(Number(round.totals[place]))))))))),
  ];
}
