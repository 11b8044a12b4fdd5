"""What instructors and learners read after grading."""
