"""Prints the picture of the README: `python docs/worked.py > docs/worked.svg`."""

from course import WORKED, diagram

picture = diagram.draw(WORKED, row=0, path="w2_22").svg
# On its own the picture needs a background: the page around it may be dark.
print(picture.replace('style="', 'style="background:#fff;', 1))
