// What a voter does with the page, by what the voter sees and touches.

/** Waits until something is true in the page. The page's policy lets `waitForFunction` evaluate nothing. */
export async function until(page, what, given) {
  for (let turn = 0; turn < 300; turn += 1) {
    if (await page.evaluate(what, given)) return;
    await page.waitForTimeout(100);
  }
  throw new Error(`this did not become true: ${what}`);
}

/** Opens the link that is on a voter's letter. */
export async function open(page, url, { hash, credential, tracker, query = "" } = {}) {
  const fragment = new URLSearchParams();
  if (hash) fragment.set("e", hash);
  if (credential) fragment.set("c", credential);
  if (tracker) fragment.set("t", tracker);
  await page.goto("about:blank");
  await page.goto(`${url}${query}#${fragment}`);
  await page.waitForSelector("html[data-loaded]");
}

/** From the first screen to the first question. */
export async function enter(page, credential) {
  if (credential) await page.fill("[data-field=credential]", credential);
  await page.click("[data-do=enter]");
  await page.waitForSelector("form[data-contest]");
}

const answers = {
  async choose(form, answer) {
    for (const [id, votes] of Object.entries(answer.votes ?? {})) {
      const input = form.locator(`input[data-option="${id}"]`);
      if (await input.count()) await input.check();
      else await points(form, id, votes);
    }
    if (answer.mark) await form.locator(`[data-mark="${answer.mark}"]`).check();
    if (answer.writeIn) await form.locator("[data-writein]").first().fill(answer.writeIn);
  },
  async grades(form, answer) {
    for (const [id, grade] of Object.entries(answer.grades)) await form.locator(`.row[data-option="${id}"] .scale input`).nth(grade).check();
  },
  async rank(form, answer) {
    for (const item of answer.ranks) {
      if (item.startsWith("+")) {
        await form.locator("[data-writein=new]").fill(item.slice(1));
        await form.locator("[data-writein=new]").press("Enter");
      } else {
        await form.locator(`button[data-option="${item}"]`).click();
      }
    }
  },
  async lists(form, answer) {
    await form.locator(`input[data-option="${answer.list}"]`).check();
    for (const [id, votes] of Object.entries(answer.votes)) await points(form, id, votes);
  },
};
for (const kind of ["star", "quadratic", "split"]) answers[kind] = async (form, answer) => {
  for (const [id, votes] of Object.entries(answer.votes)) await points(form, id, votes);
};
for (const kind of ["places", "pairs"]) answers[kind] = answers.rank;

async function points(form, id, votes) {
  const row = form.locator(`.row[data-option="${id}"]`);
  if (await row.locator(".scale").count()) return row.locator(`input[value="${votes}"]`).check();
  await row.locator(".stepper input").fill(`${votes}`);
  await row.locator(".stepper input").press("Tab");
}

/** Answers all questions that come, as far as there are answers, up to the review. `each` is called on every screen. */
export async function fill(page, choices, each = async () => {}) {
  for (;;) {
    const form = page.locator("form[data-contest]");
    const id = await form.getAttribute("data-contest");
    const answer = choices[id];
    if (answer) await answers[await form.getAttribute("data-kind")](form, answer);
    await each(page, id);
    await page.click("[data-do=next]");
    await until(page, (before) => document.querySelector("[data-do=encrypt]") || document.querySelector("form[data-contest]")?.dataset.contest !== before || document.querySelector("form .note.bad"), id);
    if (await page.locator("[data-do=encrypt]").count()) return;
    if (await page.locator("form .note.bad").count()) throw new Error(`${id}: ${await page.locator("form .note.bad").textContent()}`);
  }
}

/** Encrypts, and notes the tracker as a voter writes it down. */
export async function encrypt(page) {
  await page.click("[data-do=encrypt]");
  return (await page.locator("[data-tracker]").getAttribute("data-tracker"));
}

/** Casts, and says what the page shows: `accepted`, `kept`, `refused` or `wrong`. */
export async function cast(page) {
  await page.click("[data-do=cast]");
  await page.waitForSelector("[data-state]:not(li)", { timeout: 30_000 });
  return page.locator("div[data-state]").getAttribute("data-state");
}

export async function challenge(page) {
  await page.click("[data-do=challenge]");
  await page.waitForSelector("[data-do=anew]", { timeout: 30_000 });
}

/** The screen of the second device, from the voter's note and sheet. */
export async function check(page, tracker, key) {
  await page.fill("[data-field=tracker]", tracker);
  await page.fill("[data-field=key]", key);
  await page.click("[data-do=look]");
  await page.waitForSelector("[data-found]", { timeout: 30_000 });
  return page.locator("[data-found]").getAttribute("data-found");
}

/** Verifies the whole record, and says the verdict. */
export async function verify(page) {
  await page.click("[data-place=placeVerify]");
  await page.click("[data-do=verify]");
  await page.waitForSelector("[data-verdict], main [role=alert]", { timeout: 120_000 });
  const verdict = page.locator("[data-verdict]");
  if (await verdict.count()) return verdict.getAttribute("data-verdict");
  throw new Error(await page.locator("main [role=alert]").textContent());
}
