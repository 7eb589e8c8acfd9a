// @ts-check
// Keeps a session in the phone's keychain. An entry of the keychain holds about 2,000 bytes and a
// session is longer, so a value is cut into pieces.
//
// A new value gets pieces of its own before the head names them, and the old pieces go last: an
// app that is killed in between finds the old session or the new one, never half of each.

/**
 * What this needs of `expo-secure-store`.
 * @typedef {{
 *   getItemAsync: (key: string) => Promise<string | null>,
 *   setItemAsync: (key: string, value: string) => Promise<void>,
 *   deleteItemAsync: (key: string) => Promise<void>,
 * }} Store
 */

/** Characters of one piece; at most three bytes each once they are UTF-8. */
const PIECE_CHARS = 600;
/** Most pieces of one value; more is no session. */
const PIECES_MAX = 64;

/**
 * A storage for `createClient({ auth: { storage } })` on top of a keychain.
 * @param {Store} store
 */
export function secureStorage(store) {
  /** @type {Promise<unknown>} */
  let last = Promise.resolve();

  /**
   * One after the other: two writers at once would mix their pieces.
   * @template T
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  const inTurn = (work) => {
    const next = last.then(work, work);
    last = next.catch(() => {});
    return next;
  };

  return {
    /** @param {string} key */
    getItem: (key) => inTurn(() => read(store, nameOf(key))),
    /** @param {string} key @param {string} value */
    setItem: (key, value) => inTurn(() => write(store, nameOf(key), value)),
    /** @param {string} key */
    removeItem: (key) => inTurn(() => remove(store, nameOf(key))),
  };
}

/** Keychains take letters, digits, `.`, `-` and `_` in names. @param {string} key */
const nameOf = (key) => key.replace(/[^A-Za-z0-9._-]/g, "_");

/** @param {string} name @param {number} turn @param {number} index */
const pieceOf = (name, turn, index) => `${name}.${turn}.${index}`;

/** @param {Store} store @param {string} name */
async function head(store, name) {
  const text = await store.getItemAsync(name);
  const [, turn, count] = /^(\d+)\/(\d+)$/.exec(text ?? "") ?? [];
  return turn && count ? { turn: Number(turn), count: Number(count) } : null;
}

/** @param {Store} store @param {string} name */
async function read(store, name) {
  const found = await head(store, name);
  if (!found) return null;
  let value = "";
  for (let index = 0; index < found.count; index += 1) {
    const piece = await store.getItemAsync(pieceOf(name, found.turn, index));
    // A piece is gone, perhaps after a restore on another phone: without a session people sign in
    // again, with half a one nothing works.
    if (piece === null) return null;
    value += piece;
  }
  return value;
}

/** @param {Store} store @param {string} name @param {string} value */
async function write(store, name, value) {
  const pieces = value.match(new RegExp(`[\\s\\S]{1,${PIECE_CHARS}}`, "g")) ?? [""];
  if (pieces.length > PIECES_MAX) throw new Error("the value is too long for the keychain");
  const before = await head(store, name);
  const turn = ((before?.turn ?? 0) % 1_000_000) + 1;
  for (const [index, piece] of pieces.entries()) {
    await store.setItemAsync(pieceOf(name, turn, index), piece);
  }
  await store.setItemAsync(name, `${turn}/${pieces.length}`);
  await removePieces(store, name, before);
}

/** @param {Store} store @param {string} name */
async function remove(store, name) {
  const before = await head(store, name);
  await store.deleteItemAsync(name);
  await removePieces(store, name, before);
}

/** @param {Store} store @param {string} name @param {{ turn: number, count: number } | null} old */
async function removePieces(store, name, old) {
  for (let index = 0; old && index < old.count; index += 1) {
    await store.deleteItemAsync(pieceOf(name, old.turn, index));
  }
}
