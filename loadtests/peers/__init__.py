"""The servers that a team would write instead, and a run that puts them and Parley to one load."""
