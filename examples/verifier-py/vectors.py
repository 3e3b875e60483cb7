"""Vectors of single parts: files of `tests/vectors` by their names, and what judges each.

A function takes what the file holds and gives how many vectors there are and what differs.
"""

FILES = {}
