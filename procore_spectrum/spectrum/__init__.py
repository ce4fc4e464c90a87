"""Spectrum's web services: clients, calls, and the source of records for the engine."""
