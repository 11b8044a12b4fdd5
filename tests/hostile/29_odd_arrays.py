"""Answers with arrays of odd kinds: masked, so that nothing is compared; structured; of objects. They earn nothing."""

FAMILY = {
    "masked": {"plain": "def plain(x, centre):\n    return np.ma.masked_all(x.shape)"},
    "structured": {"value": "value = np.zeros(2, dtype=[('score', float), ('state', object)])"},
    "objects": {"value": "value = np.array([check, value := None, X, 10**400, 'graded'], dtype=object)"},
}
SCORE = 8.0
STATE = "graded"
