// Pixels: palettes, maps and pictures painted, the reader's own picture cut and sized.
import assert from "node:assert/strict";
import test from "node:test";
import * as colours from "../../cbam_teach/live/front/colours.js";
import { centreCrop, planes } from "../../cbam_teach/live/front/picture_fit.js";
import { pictureSize } from "../../cbam_teach/live/front/picture_size.js";
import { offered } from "../../cbam_teach/live/front/store.js";

function channels(colour) {
  return [...new Uint8Array(Uint32Array.of(colour).buffer)];
}

test("a palette becomes a table of 256 pixels", () => {
  const table = colours.tableOf(["#000000", "#ff8000"]);
  assert.deepEqual(channels(table[0]), [0, 0, 0, 255]);
  assert.deepEqual(channels(table[255]), [255, 128, 0, 255]);
  assert.deepEqual(channels(table[51]), [51, 26, 0, 255]);
});

test("a map is painted from its own place, with bounded ends and NaN in a colour of its own", () => {
  const table = colours.tableOf(["#000000", "#ffffff"]);
  const pixels = new Uint32Array(4);
  colours.paintMap(pixels, Float32Array.of(9, 9, -5, 0.5, 7, NaN), 2, 0, 1, table);
  assert.deepEqual([...pixels], [table[0], table[128], table[255], colours.NOT_A_NUMBER]);
});

test("pictures of three channels and of one", () => {
  const pixels = new Uint32Array(2);
  colours.paintPicture(pixels, Float32Array.of(1, 0, 0.5, 0, -3, 2), 3);
  assert.deepEqual([...pixels].map(channels), [[255, 128, 0, 255], [0, 0, 255, 255]]);
  colours.paintPicture(pixels, Float32Array.of(0.2, 1), 1);
  assert.deepEqual([...pixels].map(channels), [[51, 51, 51, 255], [255, 255, 255, 255]]);
});

test("a mask smaller than the picture darkens it where the mask is low", () => {
  const pixels = new Uint32Array(8).fill(colours.pixel(200, 100, 50));
  colours.darken(pixels, 4, 2, Float32Array.of(1, 0), { width: 2, height: 1 }, 0, 1);
  assert.deepEqual(channels(pixels[1]), [200, 100, 50, 255]);
  assert.deepEqual(channels(pixels[6]), [24, 12, 6, 255]);
});

test("a picture is cut from its middle to the wanted shape", () => {
  assert.deepEqual(centreCrop(200, 100, { width: 10, height: 10 }), { x: 50, y: 0, width: 100, height: 100 });
  assert.deepEqual(centreCrop(90, 200, { width: 30, height: 20 }), { x: 0, y: 70, width: 90, height: 60 });
});

test("bytes of a canvas become planes; one channel is luminance", () => {
  const bytes = Uint8ClampedArray.of(255, 0, 51, 255, 0, 255, 0, 255);
  assert.deepEqual([...planes(bytes, 3)], [1, 0, 0, 1, ...Float32Array.of(0.2), 0]);
  assert.deepEqual([...planes(bytes, 1)].map((x) => x.toFixed(4)), ["0.3218", "0.5870"]);
});

test("offered pictures, as bytes and as numbers", () => {
  const bytes = Uint8Array.from({ length: 2 * 18 }, (_, i) => i * 5);
  const image = { shape: [1, 3, 2, 3], type: "uint8" };
  const second = offered(bytes, image, 1);
  assert.equal(second[0], Math.fround(90 / 255));
  assert.equal(second[6 + 1], Math.fround(((18 + 3 + 1) * 5) / 255));
  const floats = Float32Array.from({ length: 12 }, (_, i) => i / 7);
  const moved = new Uint8Array(49);
  moved.set(new Uint8Array(floats.buffer), 1);
  const found = offered(moved.subarray(1), { shape: [1, 1, 2, 3], type: "float32" }, 1);
  assert.deepEqual([...found], [...floats.subarray(6)]);
});

function head(parts) {
  const bytes = new Uint8Array(64);
  for (const [at, values] of parts) bytes.set(typeof values === "string" ? new TextEncoder().encode(values) : values, at);
  return bytes;
}

test("the size stands in the first bytes of a file", () => {
  const files = [
    head([[0, [0x89]], [1, "PNG"], [16, [0, 0, 0x27, 0x10, 0, 0, 0x13, 0x88]]]),
    head([[0, "GIF89a"], [6, [0x10, 0x27, 0x88, 0x13]]]),
    head([[0, "BM"], [18, [0x10, 0x27, 0, 0, 0x78, 0xec, 0xff, 0xff]]]),
    head([[0, "RIFF"], [8, "WEBPVP8X"], [24, [0x0f, 0x27, 0, 0x87, 0x13, 0]]]),
    head([[0, "RIFF"], [8, "WEBPVP8L"], [21, [0x0f, 0xe7, 0xe1, 0x04]]]),
    head([[0, "RIFF"], [8, "WEBPVP8 "], [26, [0x10, 0x27, 0x88, 0x13]]]),
    head([[0, [0xff, 0xd8, 0xff, 0xe1, 0, 6, 1, 2, 3, 4, 0xff, 0xff, 0xc4, 0, 3, 9, 0xff, 0xc2, 0, 11, 8, 0x13, 0x88, 0x27, 0x10]]]),
  ];
  for (const file of files) assert.deepEqual(pictureSize(file), { width: 10000, height: 5000 });
  for (const file of [head([]), new Uint8Array(3), head([[0, "hello"]]), head([[0, [0xff, 0xd8, 1]]])]) {
    assert.equal(pictureSize(file), null);
  }
});
