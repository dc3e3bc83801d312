export async function emitCommand(_file: string, _options: object): Promise<number> { return 0; }
