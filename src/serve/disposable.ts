/** Lets `using` close objects of a class, in runtimes that have it. */
export function disposable(type: { readonly prototype: { close: () => void } }): void {
  const symbol = (Symbol as { dispose?: symbol }).dispose
  if (symbol !== undefined) Object.defineProperty(type.prototype, symbol, { value: type.prototype.close })
}
