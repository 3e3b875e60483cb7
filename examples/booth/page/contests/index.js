// All kinds of contests: how each is drawn, what its rule is in words, and how an answer reads.

import { el } from "../dom.js";
import { exact, items, isEmpty, marks, ranks } from "./answer.js";
import * as choose from "./choose.js";
import * as grades from "./grades.js";
import * as lists from "./lists.js";
import * as quadratic from "./quadratic.js";
import * as rank from "./rank.js";
import * as split from "./split.js";
import * as star from "./star.js";

const KINDS = { choose, grades, lists, quadratic, split, star, rank, places: rank, pairs: rank };

/** The contest as a form: its element, and `read` for the answer. `context` has the texts, the voter's weight, and what to call on changes. */
export function draw(contest, answer, context) {
  const kind = KINDS[contest.kind];
  if (!kind) throw new Error(`a contest of the kind '${contest.kind}'`);
  return kind.draw(contest, answer, context);
}

/** What a voter can do in the contest, in sentences. */
export function rules(contest, texts, weight) {
  const count = (key, parameters) => texts.t(`rule.${key}`, parameters);
  const [min, max] = [exact(contest.min), exact(contest.max)];
  const sentences = [];
  if (contest.kind === "choose") {
    const each = contest.options.some((option) => Number(option.max) > 1);
    const kind = each ? "points" : "choose";
    if (!each && Number(max) === 1) sentences.push(count("one"));
    else if (BigInt(min) === BigInt(max)) sentences.push(count(`${kind}Exactly`, { n: max }));
    else if (BigInt(min) > 0n) sentences.push(count(`${kind}Between`, { min, n: max }));
    else sentences.push(count(`${kind}UpTo`, { n: max }));
    if (each && contest.options.every((option) => option.max === contest.options[0].max)) sentences.push(count("each", { n: exact(contest.options[0].max) }));
  }
  if (contest.kind === "rank") sentences.push(BigInt(min) > 0n ? count("rankBetween", { min, n: max }) : count("rankUpTo", { n: max }));
  if (contest.kind === "pairs") sentences.push(count("rankAll"));
  if (contest.kind === "places") sentences.push(count(contest.fewer ? "placesUpTo" : "places", { n: contest.points.length, points: texts.list(contest.points.map((one) => texts.n(one))) }));
  if (contest.ties) sentences.push(count("ties"));
  if (contest.kind === "grades") sentences.push(count("grades"));
  if (contest.kind === "star") sentences.push(count("star", { n: exact(contest.each) }));
  if (contest.kind === "quadratic") sentences.push(count(contest.against ? "quadraticAgainst" : "quadratic", { n: exact(contest.credits) }));
  if (contest.kind === "split") sentences.push(count("split", { n: BigInt(weight) }));
  if (contest.kind === "lists") sentences.push(count("lists", { n: max }));
  if (contest.writeIns) sentences.push(count("writeIns", { n: contest.writeIns.places }));
  return [...sentences, ...contest.limits.map((limit) => limitText(limit, contest, texts))];
}

function limitText(limit, contest, texts) {
  const name = (id) => [...contest.options, ...contest.groups].find((one) => one.id === id)?.name ?? id;
  const names = texts.list(limit.of.map((one) => name(one.option)));
  const costs = limit.of.some((one) => one.cost !== 1);
  const [min, max] = [exact(limit.min), exact(limit.max)];
  if (costs) return texts.t("rule.costs", { n: max, costs: texts.list(limit.of.map((one) => `${name(one.option)} ${texts.n(one.cost)}`)) });
  const key = limit.with ? "limitWith" : BigInt(min) > 0n ? "limitBetween" : "limit";
  return texts.t(`rule.${key}`, { min, n: max, names, with: limit.with ? name(limit.with) : "" });
}

/** An answer in lines, as the review shows it. */
export function shown(contest, answer, texts) {
  if (isEmpty(contest, answer)) return [el("em", { class: "quiet" }, texts.t("noAnswer"))];
  const all = [...contest.options, ...contest.groups];
  const option = (id) => {
    const found = all.find((one) => one.id === id);
    return found.detail ? `${found.name} (${found.detail})` : found.name;
  };
  const line = (item, before = "") => {
    const name = "writeIn" in item ? item.writeIn : "mark" in item ? contest.marks.find((one) => one.id === item.mark).name : option(item.option);
    const behind = "grade" in item ? `: ${contest.grades.find((grade) => grade.id === item.grade).name}`
      : item.votes !== undefined && (contest.kind !== "choose" || Number(contest.each) > 1 || item.votes !== 1) ? `: ${texts.n(exact(item.votes))}` : "";
    return el("span", {}, before, el("bdi", {}, name), behind, "writeIn" in item ? ` (${texts.t("writtenIn")})` : "");
  };
  const ranked = ["rank", "pairs", "places"].includes(contest.kind);
  if (!ranked || marks(contest, answer).length > 0) return items(contest, answer).map((item) => line(item));
  return ranks(contest, answer).flatMap((rank, place) => rank.map((item) => line(item, `${texts.n(place + 1)}. `)));
}

export { isOpen, isEmpty } from "./answer.js";
