"""
HTTP between a CPE and its ACS.

Rule: httptools is imported in `http1.py` alone, trio and sockets by those files
alone that `connection.py` gathers.
"""
