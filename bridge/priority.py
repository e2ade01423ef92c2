"""Who goes first: a person who waits, then new subjects, then refreshes."""

PERSON, NEW, REFRESH = 0, 1, 2
