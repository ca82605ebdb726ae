// What this telephone keeps, in one database a service: its requests, the drafts of their pages, and the outbox.

const TABLES = {
  cases: { keyPath: "case_id" },
  drafts: { keyPath: ["case_id", "page"] },
  outbox: { keyPath: "rank", autoIncrement: true },
};
const VERSION = 1;

let opened = null;

export function openStore(service) {
  opened = new Promise((resolve, reject) => {
    const request = indexedDB.open(`mobile ${service}`, VERSION);
    request.onupgradeneeded = () => {
      for (const [name, options] of Object.entries(TABLES)) request.result.createObjectStore(name, options);
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

// One transaction: everything that `work` writes is on the disk when the promise resolves, or nothing is.
export async function change(names, work) {
  const database = await opened;
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(names, "readwrite", { durability: "strict" });
    const tables = Object.fromEntries(names.map((name) => [name, transaction.objectStore(name)]));
    let result;
    transaction.oncomplete = () => resolve(result);
    transaction.onabort = () => reject(transaction.error);
    Promise.resolve(work(tables)).then((value) => { result = value; }, (error) => {
      reject(error);
      transaction.abort();
    });
  });
}

export async function all(name) {
  const database = await opened;
  return done(database.transaction(name).objectStore(name).getAll());
}

export async function get(name, key) {
  const database = await opened;
  return done(database.transaction(name).objectStore(name).get(key));
}

export function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
