"""`python -m servers` lists the catalogue."""

from servers import catalogue

print(catalogue)
