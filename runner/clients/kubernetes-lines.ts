const newline = 0x0a;

/**
 * The lines of a stream of bytes, as they come; a half line at its end is left out. Takes the next bytes only when the
 * last line has been used, so that a server which is faster than we are has to wait.
 */
export async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  // The beginnings of a line whose end has not come: an object may be long, and comes in many pieces.
  let begun: Uint8Array[] = [];
  for await (const chunk of bytes) {
    let from = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
      const line = Buffer.concat([...begun, chunk.subarray(from, end)]).toString();
      begun = [];
      from = end + 1;
      if (line.trim() !== '') yield line;
    }
    if (from < chunk.length) begun.push(chunk.subarray(from));
  }
}
