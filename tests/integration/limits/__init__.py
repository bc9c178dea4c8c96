"""Every limit at its edge: what it allows is done, one more is refused with the code named.

A test begins with the name of its limit; `test_none_is_dead` holds that each has one.
"""
