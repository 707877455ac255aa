"""The command line of the twins. All but `serve` and `generate` talk to running twins through their control interface."""
