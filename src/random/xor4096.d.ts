declare module 'seedrandom/lib/xor4096.js' {
  const xor4096: (seed: string) => { readonly double: () => number }
  export default xor4096
}
