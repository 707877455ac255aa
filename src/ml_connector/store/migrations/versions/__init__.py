"""One file a step, `v` and four digits first. A step that was released is never edited."""
