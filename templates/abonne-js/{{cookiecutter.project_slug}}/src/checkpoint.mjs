// Where the subscriber stands: the position reached and the figures up to there, in one file that is replaced whole.
// So the two never disagree, whatever is killed: at worst some events are read again, from an older file.

import { open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";

export async function readCheckpoint(path) {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    if (error.code === "ENOENT") return null;
    throw error;
  }
}

export async function writeCheckpoint(path, checkpoint) {
  const fresh = `${path}.new`;
  await written(fresh, "w", (file) => file.writeFile(`${JSON.stringify(checkpoint, null, 2)}\n`));
  await rename(fresh, path);
  // The new name is durable once its folder is.
  await written(dirname(path), "r", () => {});
}

async function written(path, flags, work) {
  const file = await open(path, flags);
  try {
    await work(file);
    await file.sync();
  } finally {
    await file.close();
  }
}
