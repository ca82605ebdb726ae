// Folds messages one after the other, and keeps where it stands. Message n of the stream is event n of the ledger: one
// that came already is passed over. A stream may hold only some events, so a gap shows in the count of deliveries, which
// the server keeps for each consumer from 1 on: a number left out is a doubt that the reader must settle.

import { readCheckpoint, writeCheckpoint } from "./checkpoint.mjs";
import { fold, noFigures } from "./figures.mjs";

export class GapInStream extends Error {
  constructor(delivery, next) {
    super(`after delivery ${delivery} comes delivery ${next}: something between them was lost`);
  }
}

export class Follower {
  #path;
  #saved;
  #saving = Promise.resolve();
  #delivery = 0;

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

  // Says that another consumer delivers from here on, right after the position.
  beginAgain() {
    this.#delivery = 0;
  }

  take(message) {
    if (message.seq <= this.position) return;
    const { deliverySequence } = message.info;
    if (deliverySequence !== this.#delivery + 1) throw new GapInStream(this.#delivery, deliverySequence);
    this.#delivery = deliverySequence;
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
