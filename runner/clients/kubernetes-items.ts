const [quote, backslash, comma, colon, openBrace, closeBrace, openBracket, closeBracket] = Array.from(String.raw`"\,:{}[]`, (letter) => letter.charCodeAt(0));
const itemsBegin = /"items"\s*:\s*\[$/;
/** Of the key and the space around its colon. */
const longestKey = 40;

export interface ItemsOptions {
  /** Gets what stands before the items as soon as they begin; not called where there are none. */
  readonly head?: ((head: unknown) => void) | undefined;
  /**
   * Lists under these names, at any depth of an item, may be left empty: half of a pod's text is in lists that nobody reads
   * here. Only lists: a label may have such a name, too.
   */
  readonly unread?: readonly string[] | undefined;
}

/**
 * Reads the JSON of a list while it arrives and gives its items one at a time, so that a page of hundreds of large
 * objects is never in memory whole: parsed at once, a page is garbage that lives long enough to make the process large.
 *
 * @param bytes the answer, cut anywhere
 * @param eachItem gets each object or list in the top level's `items`
 * @returns all the rest of the answer, its `items` empty where there were some
 * @throws SyntaxError when it is not JSON
 */
export async function readItems(bytes: AsyncIterable<Uint8Array>, eachItem: (item: unknown) => void, options: ItemsOptions = {}): Promise<unknown> {
  const reader = new ItemsReader(eachItem, options);
  for await (const chunk of bytes) reader.read(chunk);
  return JSON.parse(reader.rest());
}

class ItemsReader {
  readonly #eachItem: (item: unknown) => void;
  readonly #head: (head: unknown) => void;
  /** As they stand before a list, written without spaces as API servers do: `"name":`. */
  readonly #unread: readonly Uint8Array[];
  readonly #rest = new Text();
  /** The beginning of an item that goes on in the next chunk. */
  readonly #item = new Text();
  #depth = 0;
  /** The depth of the list that is left empty, as it is inside it; 0 when everything is read. */
  #leftOut = 0;
  #inString = false;
  #escaped = false;
  #inItems = false;

  constructor(eachItem: (item: unknown) => void, { head = () => {}, unread = [] }: ItemsOptions) {
    this.#eachItem = eachItem;
    this.#head = head;
    this.#unread = unread.map((name) => new TextEncoder().encode(`"${name}":`));
  }

  read(chunk: Uint8Array): void {
    let from = 0;
    // Megabytes go through here byte by byte: local variables are worth it.
    let [depth, leftOut, inString, escaped, inItems] = [this.#depth, this.#leftOut, this.#inString, this.#escaped, this.#inItems];
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at];
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === backslash) escaped = true;
        else if (byte === quote) inString = false;
      } else if (byte === quote) inString = true;
      else if (byte === openBrace || byte === openBracket) {
        depth += 1;
        if (leftOut > 0) continue;
        if (depth === 2 && byte === openBracket) {
          this.#rest.add(chunk, from, at + 1);
          from = at + 1;
          inItems = itemsBegin.test(this.#rest.text().slice(-longestKey));
          if (inItems) this.#head(JSON.parse(`${this.#rest.text()}]}`));
        } else if (depth === 3 && inItems) {
          this.#rest.add(chunk, from, at);
          from = at;
        } else if (depth > 3 && inItems && byte === openBracket && this.#isUnread(chunk, at)) {
          this.#item.add(chunk, from, at + 1);
          leftOut = depth;
        }
      } else if (byte === closeBrace || byte === closeBracket) {
        if (depth === leftOut) {
          leftOut = 0;
          from = at;
        }
        depth -= 1;
        if (leftOut > 0) continue;
        if (depth === 2 && inItems) {
          this.#item.add(chunk, from, at + 1);
          from = at + 1;
          this.#eachItem(JSON.parse(this.#item.take()));
        } else if (depth === 1) inItems = false;
      } else if (byte === comma && depth === 2 && inItems) {
        this.#rest.add(chunk, from, at);
        from = at + 1;
      }
    }
    [this.#depth, this.#leftOut, this.#inString, this.#escaped, this.#inItems] = [depth, leftOut, inString, escaped, inItems];
    if (leftOut > 0) return;
    (inItems && depth > 2 ? this.#item : this.#rest).add(chunk, from, chunk.length);
  }

  rest(): string {
    return this.#rest.text() + this.#item.text();
  }

  /** Whether the list that begins there may be left out: its name stands before it, in the same chunk. */
  #isUnread(chunk: Uint8Array, at: number): boolean {
    if (chunk[at - 1] !== colon) return false;
    return this.#unread.some((name) => {
      const start = at - name.length;
      return start >= 0 && name.every((byte, index) => chunk[start + index] === byte);
    });
  }
}

/** Text that comes in pieces of bytes, cut anywhere. */
class Text {
  #bytes = Buffer.allocUnsafe(16 * 1024);
  #length = 0;

  add(bytes: Uint8Array, from: number, to: number): void {
    const length = this.#length + to - from;
    if (length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, 2 * this.#bytes.length));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    this.#bytes.set(bytes.subarray(from, to), this.#length);
    this.#length = length;
  }

  text(): string {
    return this.#bytes.toString('utf8', 0, this.#length);
  }

  take(): string {
    const text = this.text();
    this.#length = 0;
    return text;
  }
}
