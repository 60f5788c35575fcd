"""Certificates of address (地址证明): the document, its paper, and whether one is genuine."""
