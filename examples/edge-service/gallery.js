import { readSafetensors } from 'collimate/io'

/** The items that are searched, each with its latent in every modality. */
export class Gallery {
  #latents
  #ids
  #digits

  /** @param {Uint8Array} bytes - gallery.safetensors, as build.js writes it: unit rows, so that products are cosines */
  constructor(bytes) {
    const { tensors, metadata } = readSafetensors(bytes)
    /** Their names, by number. */
    this.modalities = JSON.parse(metadata.modalities)
    this.#latents = this.modalities.map((_, modality) => tensors.get(`latents.${modality}`).data)
    this.#ids = tensors.get('ids').data
    this.#digits = tensors.get('digits').data
  }

  get size() {
    return this.#ids.length
  }

  /**
   * The k items of a modality whose latents are nearest to one of unit length, the nearest first. A plain loop: the package's `nearest` is
   * for many queries at a time, between which it shares the way of the gallery into WebAssembly memory.
   */
  nearest(latent, modality, k) {
    const rows = this.#latents[modality]
    const found = []
    for (let i = 0, at = 0; i < this.size; i++) {
      let similarity = 0
      for (const value of latent) similarity += value * rows[at++]
      if (found.length < k || similarity > found[k - 1].similarity) insert(found, { i, similarity }, k)
    }
    return found.map(({ i, similarity }) => ({ id: this.#ids[i], digit: this.#digits[i], similarity }))
  }
}

/** Puts an item where it belongs among at most k by falling similarity. */
function insert(found, item, k) {
  let place = found.length
  while (place > 0 && found[place - 1].similarity < item.similarity) place--
  found.splice(place, 0, item)
  if (found.length > k) found.pop()
}
