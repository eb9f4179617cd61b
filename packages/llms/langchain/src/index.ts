export { langchain } from './langchain.ts';
export { type LangchainOptions } from './langchain-options.ts';
