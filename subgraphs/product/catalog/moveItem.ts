/** `list` with `item` moved or inserted at `index`; at the end when `index` is too large. */
export function moveItem<Item>(list: readonly Item[], item: Item, index: number): Item[] {
  const others = list.filter((other) => other !== item);
  return [...others.slice(0, index), item, ...others.slice(index)];
}
