"""nbgrader's settings for this course, read by `nbgrader`, the formgrader and `course`."""

import os
import sys
from pathlib import Path

from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ComputeChecksums,
    GetGrades,
    IncludeHeaderFooter,
    LockCells,
    SaveCells,
)
from nbgrader.server_extensions.formgrader.handlers import template_path

from course.grading.nbgrader_entry import install
from course.release.stubs import NameStubs
from course.report.feedback import TEMPLATES, HideTests

c = get_config()  # noqa: F821

# nbgrader calls `alembic` by name: it is found beside this Python even where the venv is not activated.
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"

c.CourseDirectory.root = str(Path(__file__).resolve().parent)
c.CourseDirectory.course_id = "neural-networks"
# Instructors' files stay out of release/ and of the submissions' folders.
c.CourseDirectory.ignore = [
    ".ipynb_checkpoints", "*.pyc", "__pycache__", ".nbgrader.log", "feedback", ".gitkeep", "mistakes.toml",
]

# nbgrader's own list with NameStubs in the place of ClearSolutions.
c.GenerateAssignment.preprocessors = [
    IncludeHeaderFooter,
    LockCells,
    NameStubs,
    ClearOutput,
    CheckCellMetadata,
    ComputeChecksums,
    SaveCells,
    ClearHiddenTests,
    ClearMarkScheme,
    ComputeChecksums,
    CheckCellMetadata,
]

# `nbgrader autograde`, its API and the formgrader's button grade as `course grade` does: docs/grading.md.
install(workers=os.cpu_count() or 1)

# What one submission may use while it is graded; course/grading/submission.py lists all limits.
c.CourseGrading.cell_seconds = 60
c.CourseGrading.submission_seconds = 300
c.CourseGrading.memory = 1 << 30

# Feedback pages run nothing, load nothing and show no hidden test.
c.GenerateFeedback.exporter_class = "course.report.feedback.FeedbackExporter"
c.GenerateFeedback.preprocessors = [GetGrades, HideTests]
# The formgrader's page of a submission: cleaned as it is shown, MathML in the place of MathJax.
c.HTMLExporter.preprocessors = ["course.report.feedback.clean_before_showing"]
c.HTMLExporter.filters = {"markdown2html": "course.report.feedback.markdown2html"}
c.HTMLExporter.extra_template_basedirs = [TEMPLATES, template_path]
