"""The judge of the chaos run, itself judged: each planted error must be found."""
