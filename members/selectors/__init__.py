"""Reads of the members app that join several models. All start at the gate."""
