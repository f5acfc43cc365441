// Numbers, slider places and what is said about a map.
import assert from "node:assert/strict";
import test from "node:test";
import * as numbers from "../../cbam_teach/live/front/numbers.js";
import * as statistics from "../../cbam_teach/live/front/statistics.js";
import { filled, sayer } from "../../cbam_teach/live/front/words.js";
import { byHand, gate, mix, row, temperature } from "./spec.mjs";

test("numbers are written as the reader writes them", () => {
  const [tr, en] = [numbers.numberWriter("tr"), numbers.numberWriter("en")];
  assert.equal(tr(0.5, 2), "0,50");
  assert.equal(en(0.5, 2), "0.50");
  assert.equal(tr(1234.5678), "1230");
  assert.equal(tr(0.00012345), "0,000123");
  assert.equal(en(-0.0001, 2), "0.00");
  assert.equal(en(Infinity, 2), "∞");
  assert.equal(en(NaN, 2), "NaN");
  assert.equal(numbers.percentWriter("tr")(0.042), "%4,2");
  assert.equal(numbers.percentWriter("en")(0.042), "4.2%");
});

test("a value is brought to one that the control can take", () => {
  assert.equal(numbers.snapped(0.1 + 0.2, mix), 0.3);
  assert.equal(numbers.snapped(99, mix), 1);
  assert.equal(numbers.snapped(0.10499, temperature), 0.1);
  assert.equal(numbers.snapped(4.4, row), 4);
});

test("places of a slider and values go both ways", () => {
  assert.equal(numbers.placeOf(1, temperature), numbers.PLACES / 2);
  for (const value of [0.1, 0.37, 1, 2.5, 10]) {
    assert.equal(numbers.valueAt(numbers.placeOf(value, temperature), temperature), value);
  }
  assert.equal(numbers.valueAt(0, temperature), 0.1);
  assert.equal(numbers.valueAt(numbers.PLACES, temperature), 10);
  assert.equal(numbers.valueAt(7, row), 7);
});

test("what comes from outside is refused or brought within its bounds", () => {
  assert.equal(numbers.allowed("1e9", temperature), 10);
  assert.equal(numbers.allowed(-1, temperature), 0.1);
  assert.equal(numbers.allowed(0.333, temperature), 0.333); // as Python computes it, between two steps
  for (const bad of ["abc", "", null, undefined, NaN, {}]) assert.equal(numbers.allowed(bad, mix), null);
  assert.equal(numbers.allowed(1, gate), 1);
  for (const bad of [-1, 2, 0.5]) assert.equal(numbers.allowed(bad, gate), null);
  assert.equal(numbers.allowed(true, byHand), 1);
});

test("the numbers of a map", () => {
  const map = Float32Array.of(0, 0.5, 1, 0.5);
  assert.equal(statistics.meanOf(map), 0.5);
  assert.deepEqual(statistics.extremes(Float32Array.of(NaN, 2, -3, Infinity)), { least: -3, most: 2 });
  assert.equal(statistics.saturatedShare(map), 0.5);
  assert.ok(Math.abs(statistics.maskEntropy(map) - Math.LN2 / 2) < 1e-12);
  assert.ok(Math.abs(statistics.maskEntropy(Float32Array.of(0.25)) - 0.5623351) < 1e-6);
});

test("shares are known by their sum, and their entropy is that of K parts", () => {
  const alike = new Float32Array(3 * 4).fill(1 / 3);
  assert.ok(statistics.areShares(alike, 3));
  assert.ok(!statistics.areShares(alike, 1));
  assert.ok(!statistics.areShares(Float32Array.of(0.5, 0.6), 2));
  assert.ok(!statistics.areShares(Float32Array.of(1.5, -0.5), 2));
  assert.ok(Math.abs(statistics.sharesEntropy(alike, 3) - Math.log(3)) < 1e-6);
  assert.equal(statistics.sharesEntropy(Float32Array.of(1, 0), 2), 0);
});

test("a histogram's shares sum to 1, its ends hold what lies beyond", () => {
  const shares = statistics.histogramOf(Float32Array.of(-1, 0, 0.24, 0.25, 1, 7), 0, 1, 4);
  assert.deepEqual([...shares].map((share) => Math.round(share * 6)), [3, 1, 0, 2]);
  assert.equal(statistics.histogramOf(Float32Array.of(NaN), 0, 1, 4).reduce((a, b) => a + b), 0);
});

test("a scale that stands still", () => {
  const cases = [[0.3, 0.5], [0.5, 0.5], [0.011, 0.02], [7, 10], [0, 0.001], [NaN, 0.001]];
  for (const [given, wanted] of cases) assert.equal(statistics.roundUp(given), wanted);
});

test("the last two axes are rows and columns", () => {
  assert.deepEqual(statistics.mapShape([1, 3, 4, 5]), { count: 3, height: 4, width: 5 });
  assert.deepEqual(statistics.mapShape([5]), { count: 1, height: 1, width: 5 });
});

test("words are filled, and a missing one shows its key", () => {
  assert.equal(filled("{a} {b} {c}", { a: 1, b: "{a}" }), "1 {a} {c}");
  assert.equal(sayer({ words: { "live.ui.x": "X {n}" } })("x", { n: 2 }), "X 2");
  assert.equal(sayer({})("y"), "y");
});
