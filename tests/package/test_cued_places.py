"""Where two digits and a cue may stand, each rule counted out on small pictures."""

from collections import Counter

import numpy
import pytest

from cbam_teach.cued_places import apart, edges, far_from, pick


@pytest.mark.parametrize("size", [(9, 9), (8, 13), (12, 9)])
def test_two_squares_reach_every_place_and_never_meet(size):
    chance = numpy.random.default_rng(0).random((5, 4000))
    chance[:, :2] = [0, 1 - 2**-53]
    sides = numpy.random.default_rng(1).integers(3, 5, (2, 4000))
    (top, left), (other_top, other_left) = apart(size, sides, chance)
    for start, other, length in zip((top, left), (other_top, other_left), size, strict=True):
        assert start.min() == other.min() == 0
        for k, found in enumerate((start, other)):
            assert set(length - sides[k] - found) == set(range(length - 2))
    above = (top + sides[0] <= other_top, other_top + sides[1] <= top)
    beside = (left + sides[0] <= other_left, other_left + sides[1] <= left)
    assert numpy.logical_or.reduce(above + beside).all()
    counts = [found.sum() for found in above + beside]
    assert min(counts) >= 900
    assert not numpy.logical_or.reduce(above).all()


@pytest.mark.parametrize(("side", "distance"), [(1, 0), (2, 0), (2, 3), (3, 1)])
def test_far_means_as_many_pixels_between(side, distance):
    corners, sides = numpy.array([[0, 3, 5], [4, 2, 7]]), numpy.array([4, 3, 2])
    found = far_from((10, 12), corners, sides, side, distance)
    assert found.shape == (3, 11 - side, 13 - side)
    for n, row, column in numpy.ndindex(found.shape):
        (top, left), length = corners[:, n], sides[n]
        rows = max(top - (row + side), row - (top + length))
        columns = max(left - (column + side), column - (left + length))
        assert found[n, row, column] == (max(rows, columns) >= distance)


def test_edges_are_counted():
    assert edges((5, 6), 2, "corner").astype(int).tolist() == [
        [1, 0, 0, 0, 1],
        [0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0],
        [1, 0, 0, 0, 1],
    ]
    border = numpy.ones((4, 5), bool)
    border[1:-1, 1:-1] = False
    assert numpy.array_equal(edges((5, 6), 2, "border"), border)
    assert edges((5, 6), 2, "anywhere").all()


def test_every_free_place_is_as_likely_and_no_other_is_taken():
    free = numpy.zeros((60, 3, 4), bool)
    free[:, [0, 0, 1, 2, 2], [1, 3, 0, 2, 3]] = True
    free[30:, 0] = False
    even = numpy.tile((numpy.arange(30) + 0.5) / 30, 2)
    taken = pick(free, even).T.tolist()
    assert Counter(map(tuple, taken[:30])) == {
        (0, 1): 6,
        (0, 3): 6,
        (1, 0): 6,
        (2, 2): 6,
        (2, 3): 6,
    }
    assert Counter(map(tuple, taken[30:])) == {(1, 0): 10, (2, 2): 10, (2, 3): 10}


def test_a_size_that_is_allowed_always_leaves_two_corners():
    """The worst places of the digits, all tried, in the smallest picture that is allowed."""
    side, cue, distance = 4, 1, 2
    length = max(2 * side, side + 2 * (cue + distance))
    places = numpy.array(list(numpy.ndindex((length - side + 1,) * 4))).T  # (4, n)
    top, left, other_top, other_left = places
    kept = (abs(top - other_top) >= side) | (abs(left - other_left) >= side)

    def least(length: int, places: numpy.ndarray) -> int:
        sides, corners = numpy.full(places.shape[1], side), edges((length,) * 2, cue, "corner")
        for square in (places[:2], places[2:]):
            corners = corners & far_from((length,) * 2, square, sides, cue, distance)
        return int(corners.sum(axis=(1, 2)).min())

    assert least(length, places[:, kept]) == 2
    assert least(2 * side, numpy.array([[0], [2], [4], [2]])) == 0  # smaller: none is left


def test_two_squares_stand_where_chance_puts_them():
    """Sides 3 and 4 in a picture of 9 × 11: the free room is 2 rows below, 4 columns beside."""
    end = 1 - 2**-53
    chance = numpy.array([[0, 0.25, 0.5, 0.75], [end] * 4, [0] * 4, [end] * 4, [0] * 4])
    found = apart((9, 11), numpy.array([[3] * 4, [4] * 4]), chance)
    first, second = found.transpose(0, 2, 1).tolist()  # rows and columns
    assert first == [[6, 0], [6, 8], [0, 8], [6, 8]]
    assert second == [[0, 7], [0, 0], [5, 0], [0, 0]]
