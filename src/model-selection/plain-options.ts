/** Options for a text: feature maps, which are no plain data, by what they say of themselves. */
export function plainOptions<Options>(options: Options): Options {
  const { features } = (options ?? {}) as { readonly features?: unknown }
  if (features == null) return options
  const texts = [features].flat().map((one) => (one == null ? 'none' : String(one as object)))
  return { ...options, features: texts.join('/') }
}
