/**
 * Functions whose source is made while the program runs: in the place of a loop over
 * columns a line for each. Each call in them leads always to the same column, whose code
 * the engine puts in the place of the call.
 *
 * @module
 */

/** Gives a value a name by which the source knows it. */
export type Naming = (value: unknown) => string;

/**
 * Makes a function of these parameters. Its source must be made of names that stand in
 * the program, of numbers, and of names that `sourceOf` has given to values: no text of a
 * column is ever read as code.
 */
export function generated<Made>(
  parameters: string,
  sourceOf: (name: Naming) => string,
): Made {
  const used: unknown[] = [];
  const source = sourceOf((value) => `used${used.push(value) - 1}`);
  const make = new Function(
    ...used.map((_, i) => `used${i}`),
    `return (${parameters}) => {\n${source}\n};`,
  );
  return make(...used);
}
