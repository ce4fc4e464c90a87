"""Toolkit for talking HTTP without doing I/O: messages, flows, retry, paging, rate budget, auth."""
