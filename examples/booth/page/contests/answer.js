// An answer as the library takes it, taken apart and put together. Numbers beyond what JavaScript counts exactly are digits.

/** A count of the library as an exact number. */
export const exact = (count) => (typeof count === "string" ? BigInt(count) : count);

/** As the library takes it. */
export const given = (count) => (typeof count === "bigint" && count <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(count) : count);

/** The items of an answer, those of one rank too, each as an object. */
export function items(contest, answer) {
  const list = answer === null || answer === undefined ? [] : Array.isArray(answer) ? answer : [answer];
  return list.flat().map((item) => whole(contest, item));
}

function whole(contest, item) {
  if (typeof item !== "string") return item;
  const isOption = contest.options.some((option) => option.id === item) || contest.groups.some((group) => group.id === item);
  return isOption || !contest.marks.some((mark) => mark.id === item) ? { option: item } : { mark: item };
}

/** The votes of each option and list, by its id. */
export function votes(contest, answer) {
  const pairs = items(contest, answer).filter((item) => "option" in item && !("grade" in item));
  return new Map(pairs.map((item) => [item.option, item.votes ?? 1]));
}

export const grades = (contest, answer) => new Map(items(contest, answer).filter((item) => "grade" in item).map((item) => [item.option, item.grade]));

export const marks = (contest, answer) => items(contest, answer).filter((item) => "mark" in item).map((item) => item.mark);

export const names = (contest, answer) => items(contest, answer).filter((item) => "writeIn" in item);

/** The ranks of an answer, the best first, each a list of items. */
export function ranks(contest, answer) {
  const list = Array.isArray(answer) ? answer : [];
  const groups = list.map((rank) => (Array.isArray(rank) ? rank : [rank]).map((item) => whole(contest, item)));
  return groups.map((rank) => rank.filter((item) => !("mark" in item))).filter((rank) => rank.length > 0);
}

/** A mark alone, if one was set. */
export const ofMark = (mark) => [{ mark }];

/** Whether the answer says anything. */
export const isEmpty = (contest, answer) => items(contest, answer).length === 0;

/** Whether the contest can be answered, as far as it goes with an option of another contest. */
export function isOpen(contest, forms, choices) {
  if (!contest.with) return true;
  const at = contest.with.indexOf(":");
  const [id, option] = [contest.with.slice(0, at), contest.with.slice(at + 1)];
  const other = forms.find((form) => form.id === id);
  return Boolean(other) && isOpen(other, forms, choices) && votes(other, choices[id]).has(option);
}
