// Elements from names. Texts are only ever set as text, so that nothing from outside can become markup.

const SVG = "http://www.w3.org/2000/svg";

// What is an attribute, and what is a property of the element.
const PROPERTIES = new Set(["value", "checked", "disabled", "hidden", "textContent", "htmlFor", "className", "tabIndex"]);

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "data") Object.assign(element.dataset, value);
    else if (PROPERTIES.has(name) && name in element) element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** An element of this name: `on…` are listeners, `data` the data attributes, children elements or texts. */
export const el = (name, attributes = {}, ...children) => fill(document.createElement(name), attributes, children);

/** The same in SVG. */
export const svg = (name, attributes = {}, ...children) => {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
};

let made = 0;
/** An id that no other element has. */
export const fresh = (prefix) => `${prefix}-${(made += 1)}`;

/** A button. It submits nothing. */
export const button = (text, onclick, attributes = {}) => el("button", { type: "button", onclick, ...attributes }, text);

/** Text in another direction than its surroundings, such as a name in Latin letters within Arabic. */
export const isolated = (text, attributes = {}) => el("bdi", attributes, text);
