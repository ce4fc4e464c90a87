"""Carrying out a plan: the executor, its journal and its report."""
