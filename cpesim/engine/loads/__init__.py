"""
What starts sessions beside the CPEs' own timers.

Rule: a load says what is due and for whom; engine/fleet.py has the places and gives
them. A new kind of load is one file, and one line in made.py.
"""
