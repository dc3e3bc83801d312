const [quote, backslash, comma, openBrace, closeBrace, openBracket, closeBracket] = Array.from(String.raw`"\,{}[]`, (letter) => letter.charCodeAt(0));
const itemsBegin = /"items"\s*:\s*\[$/;
/** Of the key and the space around its colon. */
const longestKey = 40;

/**
 * Reads the JSON of a list while it arrives and gives its items one at a time, so that a page of hundreds of large
 * objects is never in memory whole: parsed at once, a page is garbage that lives long enough to make the process large.
 *
 * @param bytes the answer, cut anywhere
 * @param eachItem gets each object or list in the top level's `items`
 * @param head gets what stands before those as soon as they begin; not called where there are none
 * @returns all the rest of the answer, its `items` empty where there were some
 * @throws SyntaxError when it is not JSON
 */
export async function readItems(bytes: AsyncIterable<Uint8Array>, eachItem: (item: unknown) => void, head?: (head: unknown) => void): Promise<unknown> {
  const reader = new ItemsReader(eachItem, head);
  for await (const chunk of bytes) reader.read(chunk);
  return JSON.parse(reader.rest());
}

class ItemsReader {
  readonly #eachItem: (item: unknown) => void;
  readonly #head: (head: unknown) => void;
  readonly #decoder = new TextDecoder();
  #rest = '';
  /** The beginning of an item that goes on in the next chunk. */
  #item = '';
  #depth = 0;
  #inString = false;
  #escaped = false;
  #inItems = false;

  constructor(eachItem: (item: unknown) => void, head: (head: unknown) => void = () => {}) {
    this.#eachItem = eachItem;
    this.#head = head;
  }

  read(chunk: Uint8Array): void {
    let from = 0;
    // Megabytes go through here byte by byte: local variables are worth it.
    let [depth, inString, escaped, inItems] = [this.#depth, this.#inString, this.#escaped, this.#inItems];
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at];
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === backslash) escaped = true;
        else if (byte === quote) inString = false;
      } else if (byte === quote) inString = true;
      else if (byte === openBrace || byte === openBracket) {
        depth += 1;
        if (depth === 2 && byte === openBracket) {
          this.#keep(chunk.subarray(from, at + 1));
          from = at + 1;
          inItems = itemsBegin.test(this.#rest.slice(-longestKey));
          if (inItems) this.#head(JSON.parse(`${this.#rest}]}`));
        } else if (depth === 3 && inItems) {
          this.#keep(chunk.subarray(from, at));
          from = at;
        }
      } else if (byte === closeBrace || byte === closeBracket) {
        depth -= 1;
        if (depth === 2 && inItems) {
          this.#end(chunk.subarray(from, at + 1));
          from = at + 1;
        } else if (depth === 1) inItems = false;
      } else if (byte === comma && depth === 2 && inItems) {
        this.#keep(chunk.subarray(from, at));
        from = at + 1;
      }
    }
    [this.#depth, this.#inString, this.#escaped, this.#inItems] = [depth, inString, escaped, inItems];
    const left = chunk.subarray(from);
    if (inItems && depth > 2) this.#item += this.#decoder.decode(left, { stream: true });
    else this.#keep(left);
  }

  rest(): string {
    return this.#rest + this.#item + this.#decoder.decode();
  }

  #end(bytes: Uint8Array): void {
    const text = this.#item + this.#decoder.decode(bytes, { stream: true });
    this.#item = '';
    this.#eachItem(JSON.parse(text));
  }

  #keep(bytes: Uint8Array): void {
    this.#rest += this.#decoder.decode(bytes, { stream: true });
  }
}
