import { nodeProgram } from './node-program.ts';

/** The services of the specimen: the argument says which. */
export const specimen = nodeProgram('lab/specimen', 'specimen/services/main');
