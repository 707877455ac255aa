"""The demo: the product's main job on two offline twins, run as a user would run it, and proved from the twins' own books."""
