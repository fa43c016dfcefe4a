/** A number as a French operator reads and dials it: «06 39 98 12 34»; a foreign one keeps its prefix. The server has
 * the same rule (locale/render.py). */
export function phone(number: string): string {
  const bare = number.replace(/[\s.]/g, "");
  const french = /^\+33([1-9])(\d{8})$/.exec(bare);
  if (french) {
    return `0${french[1] ?? ""} ${(french[2] ?? "").replace(/(\d\d)(?=\d)/g, "$1 ")}`;
  }
  return bare.startsWith("+")
    ? bare.replace(
        /(\+\d{2})(\d+)/,
        (_, a: string, b: string) => `${a} ${b.replace(/(\d{2})(?=\d)/g, "$1 ")}`,
      )
    : number;
}
