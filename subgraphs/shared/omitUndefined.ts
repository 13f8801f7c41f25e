/** The fields that a client gave: Prisma refuses undefined, and what was left out stays as it is. */
export function omitUndefined<Input extends object>(
  input: Input,
): { [Key in keyof Input]: Exclude<Input[Key], undefined> } {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as never;
}
