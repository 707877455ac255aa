"""Making list records of QuickBooks active again because a person wants it."""
