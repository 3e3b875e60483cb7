// The page's state and its frame. Each screen is a function of this state, so that it can be drawn again in another language.

import { Server } from "./api.js";
import { button, el, svg } from "./dom.js";
import { Queue } from "./queue.js";
import { direction, LANGUAGES, load as loadTexts, preferred, SHORT } from "./texts.js";
import { Kiosk } from "./kiosk.js";

export class App {
  constructor() {
    const query = new URLSearchParams(location.search);
    this.station = query.get("kiosk");
    this.askedLanguage = query.get("lang");
    const fragment = new URLSearchParams(location.hash.slice(1));
    // What the link brought leaves the address and the history at once.
    if (location.hash) history.replaceState(null, "", location.pathname + location.search);
    // A link that is opened where the page is open already begins anew.
    addEventListener("hashchange", () => location.reload());
    this.hash = fragment.get("e")?.toLowerCase() ?? null;
    this.given = { credential: fragment.get("c") ?? "", tracker: fragment.get("t") ?? "", key: fragment.get("k") ?? "" };
    this.server = new Server(new URL(".", location.href));
    this.election = null;
    this.forget();
  }

  /** Forgets the voter, and nothing of the election. */
  forget() {
    this.sealed?.free?.();
    this.voter = null;
    this.choices = {};
    this.step = 0;
    this.sealed = null;
    this.cast = null;
    this.challenge = null;
  }

  async begin(first) {
    await this.speak(preferred(this.askedLanguage, navigator.languages));
    this.queue = await Queue.open(this);
    this.kiosk = this.station === null ? null : new Kiosk(this);
    this.main = document.querySelector("main");
    this.show(first);
    document.documentElement.dataset.ready = "yes";
  }

  async speak(language) {
    this.texts = await loadTexts(language);
    document.documentElement.lang = language;
    document.documentElement.dir = direction(language);
  }

  t(key, parameters) {
    return this.texts.t(key, parameters);
  }

  /** Shows a screen: a function of this object that gives its elements, the first of them or one inside being a heading. */
  show(screen) {
    this.screen = screen;
    this.draw();
    const heading = this.main.querySelector("h1");
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
    scrollTo(0, 0);
    this.kiosk?.shown();
  }

  draw() {
    this.frame();
    this.main.className = "";
    this.main.replaceChildren(...[this.screen(this)].flat(Infinity).filter(Boolean));
    this.main.dataset.screen = this.screen.name;
    const heading = this.main.querySelector("h1");
    document.title = heading ? `${heading.textContent} · ${this.t("name")}` : this.t("name");
  }

  /** The language of the manifest in which its texts are shown. */
  get inManifest() {
    const { languages } = this.election;
    return languages.includes(this.texts.language) ? this.texts.language : languages[0];
  }

  text(text) {
    return this.texts.of(text, this.election?.languages);
  }

  /** Whether voting with this page can be begun: in a kiosk there is nothing else. */
  get isKiosk() {
    return this.station !== null;
  }

  frame() {
    const languages = Object.entries(LANGUAGES).map(([tag, name]) =>
      button(SHORT[tag], async () => {
        await this.speak(tag);
        this.draw();
        document.querySelector(`[data-language="${tag}"]`)?.focus();
      }, { lang: tag, "aria-label": name, title: name, "aria-pressed": `${tag === this.texts.language}`, data: { language: tag } }));
    const places = this.isKiosk || !this.election ? [] : this.places ?? [];
    document.querySelector("header.top").replaceChildren(
      el("div", { class: "brand" }, logo(), el("span", {}, this.election ? el("bdi", {}, this.text(this.election.manifest.title)) : this.t("name"))),
      places.length > 0 ? el("nav", { "aria-label": this.t("places") }, places.map(([key, screen]) => button(this.t(key), () => this.leave(screen), { data: { place: key } }))) : "",
      el("div", { class: "languages", role: "group", "aria-label": this.t("language") }, languages),
    );
    document.querySelector(".skip").textContent = this.t("skip");
    document.querySelector("footer.bottom").replaceChildren(
      el("span", {}, this.t("footer")),
      this.station !== null ? el("span", {}, this.t("stationIs", { name: this.station })) : "",
    );
    this.waiting();
  }

  /** The line that says what is kept on this device and not sent. */
  waiting() {
    const banner = document.querySelector(".banner");
    const { unsent = 0, refused = 0 } = this.queue?.counts ?? {};
    banner.hidden = unsent + refused === 0;
    banner.replaceChildren(unsent ? el("span", {}, this.t("unsent", { n: unsent })) : "", " ", refused ? el("span", {}, this.t("refusedLater", { n: refused })) : "");
  }

  /** Leaves the ballot, after a question if one is begun. */
  leave(screen) {
    const begun = this.sealed || Object.values(this.choices).some((answer) => answer !== null);
    if (!begun) return this.show(screen);
    this.ask(this.t("leaveQuestion"), this.t("leave"), () => {
      this.forget();
      this.show(screen);
    });
  }

  /** A question before something that cannot be undone. */
  ask(question, yes, then) {
    const box = el("dialog", { "aria-label": question },
      el("p", {}, question),
      el("div", { class: "buttons" },
        button(yes, () => { box.close(); then(); }, { class: "main" }),
        button(this.t("cancel"), () => box.close(), { class: "plain" })));
    box.addEventListener("close", () => box.remove());
    document.body.append(box);
    box.showModal();
  }
}

/** A wax tablet with two lines on it. */
const logo = () => svg("svg", { viewBox: "0 0 32 32", "aria-hidden": "true", focusable: "false" },
  svg("rect", { x: 3, y: 5, width: 26, height: 22, rx: 3, class: "frame" }),
  svg("rect", { x: 7, y: 9, width: 18, height: 14, rx: 1, class: "wax" }),
  svg("path", { d: "M11 14h10M11 18h6", class: "line" }));
