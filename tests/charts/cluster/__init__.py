"""A small Kubernetes API for Helm's engine to install into: it stores, validates, merges and refuses like the real one, and
plays the controllers that Helm waits for. It runs no containers."""
