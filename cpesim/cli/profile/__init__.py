"""`cpesim profile`: what profiles there are, and what is in them."""
