// Questions that answer in the page. cbam_teach.quiz.ask wrote each with its options, its answer and every reply;
// this makes a form of it. Without a script the options stay a list, and the answer stands in a fold.
"use strict";
(() => {
  const LANGUAGE = document.documentElement.lang;
  const BLANKS = /[\s\u00a0\u202f]+/g;

  // What was typed, as a value: {kind, value, whole} ------------------------------------------------
  const number = (text, whole) => {
    let written = text.replace(BLANKS, "").replace("−", "-").replace("+", "");
    const groups = LANGUAGE === "tr" ? /^-?\d{1,3}(\.\d{3})+$/ : /^-?\d{1,3}(,\d{3})+$/;
    if (whole && groups.test(written)) written = written.replace(/[.,]/g, "");
    const [above, below, ...more] = written.replaceAll(",", ".").split("/");
    const isNumber = (part) => /^-?(\d+\.?\d*|\.\d+)(e-?\d+)?$/i.test(part);
    if (more.length || !isNumber(above) || (below !== undefined && !isNumber(below))) return null;
    const value = below === undefined ? Number(above) : Number(above) / Number(below);
    return Number.isFinite(value) ? { kind: "number", value, whole: /^-?\d+$/.test(written) } : null;
  };
  const list = (text) => {
    const inside = text.trim().replace(/^(torch\.Size)?\s*[([{]*/i, "").replace(/[)\]}]*$/, "").trim();
    const between = inside.includes(";") ? ";" : /[,×x\s]+/i;
    const parts = inside.replace(/[,;]\s*$/, "").split(between).filter((part) => part !== "");
    const values = parts.map((part) => number(part, false));
    return values.includes(null) ? null : { kind: "list", value: values };
  };
  const read = (text, asked) => {
    const other = { kind: "text", value: text };
    if (asked.kind === "number") return number(text, asked.whole) || list(text) || other;
    return (asked.kind === "list" && list(text)) || other;
  };

  // Whether it says the same, as cbam_teach.equal.same has it ----------------------------------------
  const near = (one, two, asked) => {
    if (asked.whole && one.whole) return one.value === two;
    const far = Math.abs(one.value - two);
    return far <= Math.max(asked.tolerance, asked.tolerance * Math.max(Math.abs(one.value), Math.abs(two)));
  };
  const fold = (text) => text.replace(/[İı]/g, "i").trim().split(BLANKS).join(" ").toLowerCase();
  const same = (given, value, asked) => {
    const kind = Array.isArray(value) ? "list" : typeof value === "string" ? "text" : "number";
    if (given.kind !== kind) return false;
    if (kind === "number") return near(given, value, asked);
    if (kind === "text") return fold(given.value) === fold(value);
    return given.value.length === value.length && given.value.every((part, at) => near(part, value[at], asked));
  };
  const replyTo = (text, asked, none) => {
    if (!text.trim()) return none;
    const given = read(text, asked);
    if (same(given, asked.value, asked)) return asked.right;
    const because = asked.because.find(([value]) => same(given, value, asked));
    const reply = because ? because[1] : given.kind === asked.kind ? asked.wrong : asked.other[given.kind];
    return reply.replace("{answer}", () => text.trim());
  };

  // The form -----------------------------------------------------------------------------------------
  const make = (name, properties, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };
  const question = (quiz) => {
    // The paragraph that asks: the last one before the cell.
    const cell = quiz.closest(".cell") || quiz;
    const before = cell.previousElementSibling;
    if (!before || before.tagName !== "P") return null;
    if (!before.id) before.id = `${quiz.id}-asks`;
    return before.id;
  };
  const choices = (quiz, answered) => [...quiz.querySelectorAll("ul > li")].map((item, at) => {
    const radio = make("input", { type: "radio", name: quiz.id, id: `${quiz.id}-${at + 1}`, autocomplete: "off" });
    radio.addEventListener("change", () => answered(item.dataset.reply));
    return make("label", { className: "cbam-quiz-choice" }, radio, make("span", {}, ...item.childNodes));
  });
  const field = (quiz, answered) => {
    const asked = JSON.parse(quiz.dataset.typed);
    const text = make("input", { type: "text", id: `${quiz.id}-text`, autocomplete: "off", spellcheck: false });
    const button = make("button", { type: "submit", textContent: quiz.dataset.send });
    const form = make("div", { className: "cbam-quiz-field" }, text, button);
    const check = () => answered(replyTo(text.value, asked, quiz.dataset.none));
    return { form, text, check };
  };
  document.querySelectorAll(".cbam-quiz").forEach((quiz, index) => {
    quiz.id = `quiz-${index + 1}`;
    const reply = make("p", { className: "cbam-quiz-reply" });
    reply.setAttribute("role", "status");
    const answered = (text) => {
      reply.textContent = text;
      reply.dataset.sign = text.slice(0, 1);
    };
    const form = make("form", {});
    const asks = question(quiz);
    if (quiz.dataset.typed) {
      const { form: box, text, check } = field(quiz, answered);
      form.append(make("label", { htmlFor: text.id, textContent: quiz.dataset.yours }), box, reply);
      if (asks) text.setAttribute("aria-describedby", asks);
      form.addEventListener("submit", (event) => { event.preventDefault(); check(); });
      quiz.prepend(form);
      return;
    }
    const set = make("fieldset", {}, make("legend", { textContent: quiz.dataset.choose }), ...choices(quiz, answered));
    if (asks) set.setAttribute("aria-describedby", asks);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.append(set, reply);
    quiz.replaceChildren(form);
  });
})();
