// Folds messages one after the other, and keeps where it stands. Message n of the stream is event n of the ledger, so
// the next message is known: one that came already is passed over, and a gap is a doubt that the reader must settle.

import { readCheckpoint, writeCheckpoint } from "./checkpoint.mjs";
import { fold, noFigures } from "./figures.mjs";

export class GapInStream extends Error {
  constructor(position, next) {
    super(`after event ${position} comes event ${next}: the stream must be read again from ${position + 1}`);
  }
}

export class Follower {
  #path;
  #saved;
  #saving = Promise.resolve();

  static async open(path) {
    const { position, figures } = (await readCheckpoint(path)) ?? { position: 0, figures: noFigures() };
    return new Follower(path, position, figures);
  }

  constructor(path, position, figures) {
    this.#path = path;
    this.#saved = position;
    this.position = position;
    this.figures = figures;
  }

  take(message) {
    if (message.seq <= this.position) return;
    if (message.seq !== this.position + 1) throw new GapInStream(this.position, message.seq);
    this.figures = fold(this.figures, message.json());
    this.position = message.seq;
  }

  // Writes what is new, one writing after the other.
  save() {
    this.#saving = this.#saving.then(async () => {
      const { position, figures } = this;
      if (position === this.#saved) return;
      await writeCheckpoint(this.#path, { position, figures });
      this.#saved = position;
    });
    return this.#saving;
  }
}
