import { stripVTControlCharacters } from 'node:util'

/** A text from a service or a log without what would move the cursor, ring, or colour the terminal. */
export const printable = (text: string): string => stripVTControlCharacters(text).replace(/[^\P{Cc}\t]/gu, '')
