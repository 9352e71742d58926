/** Options for a text: feature maps, which are no plain data, by what they say of themselves. */
export function plainOptions<Options>(options: Options): Options {
  const { features } = (options ?? {}) as { readonly features?: unknown }
  if (features == null) return options
  const each: readonly ({ toString(): string } | null | undefined)[] = [features].flat()
  const texts = each.map((one) => one?.toString() ?? 'none')
  return { ...options, features: texts.join('/') }
}
