"""Fake Kubernetes API for Helm's engine to install into.

It stores, validates, merges and rejects objects like the real one, and simulates the controllers
that Helm waits for. It runs no containers.
"""
