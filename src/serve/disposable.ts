/** `[Symbol.dispose]` where the library of types knows it: declared outright, it would make ES2022 users name a later library. */
type Disposing = SymbolConstructor extends { readonly dispose: infer Dispose extends symbol }
  ? { readonly [K in Dispose]: () => void }
  : { close(): void }

abstract class Base {
  abstract close(): void
}

const symbol = (Symbol as { readonly dispose?: symbol }).dispose
if (symbol !== undefined) {
  Object.defineProperty(Base.prototype, symbol, {
    value(this: Base) {
      this.close()
    },
  })
}

/** What `using` closes, in runtimes that have it: a class with `close()`. */
export const Closable = Base as unknown as new () => Disposing
