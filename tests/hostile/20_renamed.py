"""Redefines a name of the instructor's that a test relies on, so that a wrong `plain` passes; it earns nothing."""


def plain_wrong_where(condition):
    return f"def plain(x, centre):\n    return x if {condition} else x - centre(x)"


FAMILY = {
    "module": {
        "plain": f"""
class Agreeable:
    allclose = staticmethod(lambda *arguments, **options: True)

    def __getattr__(self, name, numpy=np):
        return getattr(numpy, name)


np = Agreeable()
{plain_wrong_where("x[0, 0] == 0.7")}
"""
    },
    "data": {"plain": "X = np.zeros((2, 2))\n\n\ndef plain(x, centre):\n    return 0 * x"},
    "helper": {"plain": f"def norm(v):\n    return 0.0\n\n\n{plain_wrong_where('x[0, 1] == 4.0')}"},
}
SCORE = 8.0
STATE = "graded"
