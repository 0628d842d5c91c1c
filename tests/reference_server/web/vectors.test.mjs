/** Run by `node --test`: SHELL_FOLDER is where the shell lies, VECTORS_FILE holds the vectors. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import { faultsOf } from "./vectors.mjs";

const from = (name) => import(pathToFileURL(`${process.env.SHELL_FOLDER}/${name}`));
const { readFrame } = await from("model/parser.js");
const { reduce } = await from("model/reducers/index.js");
const { NOTHING } = await from("model/state.js");

for (const vector of JSON.parse(readFileSync(process.env.VECTORS_FILE, "utf8"))) {
  test(vector.id, () => assert.deepEqual(faultsOf(vector, { readFrame, reduce, NOTHING }), []));
}
