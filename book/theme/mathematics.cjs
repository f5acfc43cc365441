// Typesets formulas at build time, so that a page needs neither a script nor a font for them.
// One request per line on stdin: [[tex, display], …]. One answer per line: {html: […], defs, errors: […]}.
"use strict";
const readline = require("node:readline");

const packages = ["base", "ams", "newcommand", "boldsymbol", "textmacros"];
const settings = {
  loader: { load: ["input/tex", "[tex]/boldsymbol", "[tex]/textmacros", "output/svg", "a11y/assistive-mml"] },
  tex: { packages, formatError: (jax, error) => { throw error; } },
  svg: { fontCache: "global" },
};

// Attributes that MathJax's own tools read and that no page needs; a table's rules are drawn through its one.
const NOISE = / data-c="[^"]*"| data-mml-node="(?!mtable)[^"]*"| data-mjx-texclass="[^"]*"| focusable="false"/g;

require(process.argv[2]).init(settings).then((MathJax) => {
  const adaptor = MathJax.startup.adaptor;
  const cache = () => MathJax.startup.output.fontCache;
  readline.createInterface({ input: process.stdin }).on("line", (line) => {
    cache().clearCache();
    const answer = { html: [], errors: [], defs: "" };
    for (const [tex, display] of JSON.parse(line)) {
      try {
        const node = MathJax.tex2svg(tex, { display, em: 16, ex: 8, containerWidth: 1280 });
        answer.html.push(adaptor.outerHTML(node).replace(NOISE, ""));
      } catch (error) {
        answer.html.push("");
        answer.errors.push(`${error.message} in: ${tex}`);
      }
    }
    if (answer.html.length) answer.defs = adaptor.outerHTML(cache().getCache());
    process.stdout.write(JSON.stringify(answer) + "\n");
  });
}).catch((error) => { console.error(error); process.exit(1); });
