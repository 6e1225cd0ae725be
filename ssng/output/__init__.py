"""Cells and objects to bytes on stdout."""
