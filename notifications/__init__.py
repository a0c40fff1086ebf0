"""Telling phones to look: promises in an outbox, a sender that keeps them, one file per push provider."""
