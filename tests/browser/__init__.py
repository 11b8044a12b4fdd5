"""Lessons, the learner's way and the formgrader in a real JupyterLab, driven through Chromium."""
