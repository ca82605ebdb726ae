// The follower counts each event once, whatever comes twice, is missing, or is killed. Without any network.

import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { Follower, GapInStream } from "../src/follower.mjs";
import { figures, readAgain, stream } from "./samples.mjs";

let folder;
let path;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "follower-"));
  path = join(folder, "checkpoint.json");
});

afterEach(() => rm(folder, { recursive: true }));

test("every request counts once, on its channel", async () => {
  const follower = await Follower.open(path);

  for (const message of stream) follower.take(message);

  assert.deepEqual(follower.figures, figures);
  assert.equal(follower.position, 9);
});

test("a message that comes again counts once", async () => {
  const follower = await Follower.open(path);

  for (const message of [...stream, ...stream.slice(2), ...readAgain(0)]) follower.take(message);

  assert.deepEqual(follower.figures, figures);
});

test("a follower goes on exactly where its checkpoint stands", async () => {
  const before = await Follower.open(path);
  for (const message of stream.slice(0, 3)) before.take(message);
  await before.save();

  const after = await Follower.open(path);
  assert.equal(after.position, 3);
  for (const message of readAgain(after.position)) after.take(message);

  assert.deepEqual(after.figures, figures);
});

test("what was counted after the last checkpoint is counted again, and not twice", async () => {
  const killed = await Follower.open(path);
  for (const message of stream.slice(0, 2)) killed.take(message);
  await killed.save();
  for (const message of stream.slice(2)) killed.take(message);

  const after = await Follower.open(path);
  for (const message of readAgain(after.position)) after.take(message);

  assert.deepEqual(after.figures, figures);
});

test("a gap is a doubt, and changes nothing", async () => {
  const follower = await Follower.open(path);
  follower.take(stream[0]);

  assert.throws(() => follower.take(stream[2]), GapInStream);

  assert.equal(follower.position, 1);
});

test("a consumer of its own is missing nothing only from its first delivery on", async () => {
  const follower = await Follower.open(path);
  for (const message of stream.slice(0, 3)) follower.take(message);
  follower.beginAgain();

  assert.throws(() => follower.take(readAgain(3)[1]), GapInStream);

  follower.beginAgain();
  for (const message of readAgain(3)) follower.take(message);
  assert.deepEqual(follower.figures, figures);
});

test("positions that this stream does not hold are no gap", async () => {
  const follower = await Follower.open(path);

  for (const message of stream.slice(0, 4)) follower.take(message);

  assert.equal(follower.position, 5);
});

test("a checkpoint is whole, or the one before", async () => {
  await writeFile(`${path}.new`, '{"position": 9');
  const follower = await Follower.open(path);
  assert.equal(follower.position, 0);

  for (const message of stream) follower.take(message);
  await Promise.all([follower.save(), follower.save()]);

  assert.deepEqual(JSON.parse(await readFile(path, "utf8")), { position: 9, figures });
  assert.deepEqual(await readdir(folder), ["checkpoint.json"]);
});

test("a checkpoint that cannot be read stops the follower, rather than counting from the beginning", async () => {
  await writeFile(path, "not JSON");

  await assert.rejects(Follower.open(path), SyntaxError);
});
