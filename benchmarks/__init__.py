"""How long grading takes, against nbgrader, Otter-Grader and the bare cells: `make bench`, docs/performance.md."""
